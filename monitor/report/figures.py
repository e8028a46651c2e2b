"""The rows of the report's tables, as text."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from monitor.certainty import FIGURES, Estimate, estimate
from monitor.compare import LEAST_COVERAGE
from monitor.model.exercise import EXERCISES, exercise
from monitor.report.words import FAULT, cause_words
from monitor.reviewed import Reviewed

Json = dict[str, Any]

MISSING: Final = "\u2013"
TUCKING: Final = frozenset({"squat", "lunge"})
"""Exercises in which the pelvis may tuck at the turn; on a pad it rolls off instead."""
_MOST_SETS: Final = 12
"""More lines than this and the session does not fit on two pages."""
_MOST_EVIDENCE: Final = 3
_LOOSE_DEG: Final = 3.0
"""A flexion less sure than this was not measured between two sensors."""
_RANK: Final = {"alert": 2, "caution": 1}
_SURE: Final = {"high": 3, "medium": 2, "low": 1}


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set, or several of the same exercise and load, as text."""

    number: str
    exercise: str
    load: str
    reps: str
    tilt: str
    tuck: str
    flexion: str
    up: str
    lift_offs: str
    coverage: str
    noticed: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A likely cause over all sets it was found in, as text."""

    cause: str
    level: str
    confidence: str
    where: str
    evidence: tuple[str, ...]
    rivals: str
    cue: str
    verdict: str


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """How sure a figure is, as text."""

    figure: str
    within: str
    same_session: str
    other_session: str


def set_rows(session: Reviewed) -> tuple[list[SetRow], int]:
    """Return the table of sets, and how many did not fit in.

    Sets of the same exercise and load are laid together where there are too many.
    """
    groups: list[list[Json]] = [[s] for s in session.of("set")]
    if len(groups) > _MOST_SETS:
        sets = [s for [s] in groups]
        groups = [list(g) for _, g in itertools.groupby(sets, key=lambda s: (s["exercise"], s["load_kg"]))]
    rows = [_set_row(session, group) for group in groups[:_MOST_SETS]]
    return rows, sum(len(group) for group in groups[_MOST_SETS:])


def _set_row(session: Reviewed, sets: Sequence[Json]) -> SetRow:
    members = {index for s in sets for index in s["reps"]}
    reps = [rep for rep in session.of("rep") if rep["index"] in members]
    sound = [rep for rep in reps if (rep.get("coverage") or 0.0) >= LEAST_COVERAGE]
    means = {key: estimate([rep.get(key) for rep in sound]) for key in FIGURES}
    name, load = sets[0]["exercise"], sets[0]["load_kg"]
    numbers = [s["index"] for s in sets]
    supported = name in EXERCISES and EXERCISES[name].back_supported
    lifted = len({lift["rep"] for lift in session.of("lift_off")} & members)
    return SetRow(
        number=str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}\u2013{numbers[-1]}",
        exercise=str(exercise(name)),
        load=MISSING if load is None else f"{load:g} kg",
        reps=str(len(reps)) if len(sets) == 1 else f"{len(sets)} x {len(reps) / len(sets):.0f}",
        tilt=with_spread(means["tilt_range_deg"], "°"),
        tuck=MISSING if name not in TUCKING else with_spread(means["tuck_deg"], "°"),
        flexion=with_spread(means["peak_flexion_deg"], "°"),
        up=with_spread(means["concentric_s"], " s", 1),
        lift_offs=f"{lifted} of {len(reps)}" if supported else MISSING,
        coverage=_percent([rep.get("coverage") for rep in reps]),
        noticed=", ".join(_noticed(session, numbers, reps)) or "nothing stood out",
    )


def _noticed(session: Reviewed, numbers: Sequence[int], reps: Sequence[Json]) -> list[str]:
    """Return the likely causes of a set or, without any, what was off in single repetitions."""
    causes = [cause_words(f["cause"]).lower() for f in session.findings if f.get("set") in numbers]
    if causes:
        return list(dict.fromkeys(causes))
    kinds = Counter(kind for rep in reps for kind in {fault["kind"] for fault in rep.get("faults", ())})
    return [f"{FAULT.get(kind, kind)} in {count}" for kind, count in kinds.most_common(2)]


def _percent(shares: Iterable[float | None]) -> str:
    known = [share for share in shares if share is not None]
    return f"{100 * sum(known) / len(known):.0f} %" if known else MISSING


def with_spread(made: Estimate, unit: str, digits: int = 0) -> str:
    """Return mean and standard deviation, such as ``23 (2)°``."""
    if not made.count:
        return MISSING
    text = f"{made.mean:.{digits}f}"
    spread = f" ({made.spread:.{max(digits, 0)}f})" if made.count > 1 else ""
    return f"{text}{spread}{unit}".replace("-", "\u2212")


def finding_rows(session: Reviewed) -> list[FindingRow]:
    """Return the likely causes, strongest first; one of several sets is told once."""
    by_cause: dict[str, list[Json]] = {}
    for finding in session.findings:
        by_cause.setdefault(finding["cause"], []).append(finding)
    groups = [sorted(group, key=_strength, reverse=True) for group in by_cause.values()]
    groups.sort(key=lambda group: _strength(group[0]), reverse=True)
    return [_finding_row(group) for group in groups]


def _strength(finding: Json) -> tuple[bool, int, int, int]:
    return (
        finding["cause"] == "underlying_condition",  # what was reported comes before what was measured
        _RANK.get(finding["level"], 0),
        _SURE.get(finding["confidence"], 0),
        len(finding["reps"]),
    )


def _finding_row(group: Sequence[Json]) -> FindingRow:
    first = group[0]
    sets = sorted({f["set"] for f in group if f.get("set") is not None})
    where = f"set {_listed(sets)}" if len(sets) == 1 else f"sets {_listed(sets)}"
    if first["reps"]:
        where += f"; repetitions {_listed(sorted({rep for f in group for rep in f['reps']}))}"
    lines = [(f.get("set") or 0, line.replace(" deg", "°")) for f in group for line in f["evidence"]]
    evidence = [f"set {n}: {line}" if len(sets) > 1 else line for n, line in sorted(lines[:_MOST_EVIDENCE])]
    confirmed = [f["verdict"] for f in group if "verdict" in f]
    return FindingRow(
        cause=cause_words(first["cause"]),
        level=first["level"],
        confidence="" if first["cause"] == "underlying_condition" else first["confidence"],
        where=where,
        evidence=tuple(evidence),
        rivals=", ".join(cause_words(r["cause"]).lower() for r in first.get("rivals", ())),
        cue=first["cue"],
        verdict="confirmed by the athlete" if confirmed else "",
    )


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers with runs shortened: ``1-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(r[0]) if len(r) == 1 else f"{r[0]}\u2013{r[-1]}" for r in runs]
    return ", ".join(shown[:8]) + (" and others" if len(shown) > 8 else "")


def error_rows(session: Reviewed) -> list[ErrorRow]:
    """Return how sure the figures of this session are."""
    names = list(dict.fromkeys(s["exercise"] for s in session.of("set"))) or [session.info.exercise.name]
    known = {key for rep in session.of("rep") for key in FIGURES if rep.get(key) is not None}
    made = []
    for unit, digits, what in (("deg", 0, "Angles"), ("s", 1, "Times down and up")):
        figures = [figure for key, figure in FIGURES.items() if key in known and figure.unit == unit]
        if not figures:
            continue
        worst = max(figures, key=lambda figure: figure.sigma)
        again = sorted({worst.least_change(name, same_wearing=False) for name in names})
        sign = "°" if unit == "deg" else " s"
        made.append(
            ErrorRow(
                what,
                f"±{1.96 * worst.sigma:.{digits}f}{sign}",
                f"{worst.least_change(names[0], same_wearing=True):.{digits}f}{sign}",
                "\u2013".join(f"{value:.{digits}f}" for value in again) + sign,
            )
        )
    absolute = flexion_sigma_deg(session)
    if absolute > _LOOSE_DEG:
        inferred = f"±{1.96 * absolute:.0f}°"
        made.append(ErrorRow("Lumbar flexion as inferred from the pelvis", inferred, MISSING, MISSING))
    return made


def flexion_sigma_deg(session: Reviewed) -> float:
    """Return the usual standard deviation of lumbar flexion in deg; NaN where it was not measured."""
    known = [rep["flexion_sigma_deg"] for rep in session.of("rep") if rep.get("flexion_sigma_deg")]
    return sorted(known)[len(known) // 2] if known else math.nan
