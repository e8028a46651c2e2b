"""Print the figures of VALIDATION.md, in its order, but for those that name another command.

Usage: python tests/benchmarks/validation.py [DATASETS] [--seed SEED]

DATASETS is described in VALIDATION.md; without it only the simulated part is printed. SEED is where
the simulated sessions begin: take one that was never looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import accuracy
import causes
import squat_faults
from squat_sets import found_sets

ANNOUNCED = 100
PER_CAUSE = 50
CLEAN = 100


def lines(datasets: Path | None, seed: int) -> Iterator[str]:
    if datasets is not None:
        yield from accuracy.squats(datasets / "squats")
        yield from accuracy.daily(datasets / "daily")
        yield from accuracy.seated_trunk(datasets / "seated_trunk")
        yield from squat_faults.figures(squat_faults.rows(found_sets(datasets / "squats")))
    yield from chain(accuracy.simulated_reps(seed), accuracy.simulated_lift_off(seed))
    yield from chain(
        causes.warnings(ANNOUNCED, seed), causes.causes(PER_CAUSE, seed), causes.clean(CLEAN, seed)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=1000)
    told = parser.parse_args()
    for line in lines(told.datasets, told.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
