"""The sets of real squats: whose they are, how done, and the usual repetitions each is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from accuracy import analyzed

from monitor.model.events import Rep
from monitor.pipeline.baseline import Baseline, baseline


class SetName(NamedTuple):
    """What the name of a file tells, as in s1_butt_wink_2.csv."""

    person: str
    execution: str
    number: int


class Compared(NamedTuple):
    """A set beside the usual repetitions of the same person's correct set number `base`."""

    name: SetName
    reps: list[Rep]
    base: int
    usual: Baseline


Sets = dict[SetName, list[Rep]]


def set_name(path: Path) -> SetName:
    person, _, rest = path.stem.partition("_")
    execution, _, number = rest.rpartition("_")
    return SetName(person, execution, int(number))


def found_sets(folder: Path) -> Sets:
    return {set_name(path): analyzed(path, "squat").of(Rep) for path in sorted(folder.glob("*.csv"))}


def compared(sets: Sets) -> Iterator[Compared]:
    """Yield every set but the baseline: each person's first correct set is it, then, swapped, the second."""
    usual = {name: baseline(reps) for name, reps in sets.items() if name.execution == "correct" and reps}
    for base in (1, 2):
        for name, reps in sets.items():
            own = name._replace(execution="correct", number=base)
            if name != own and own in usual:
                yield Compared(name, reps, base, usual[own])
