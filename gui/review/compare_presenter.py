"""The compare page: two sets laid over each other, in words and figures. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gui.review.words import share_cell, when_text
from gui.words import MINUS, MISSING, load_text, whole_degrees
from monitor.certainty import Change
from monitor.compare import (
    CHANNELS,
    Curve,
    Difference,
    SetOf,
    changes,
    curve,
    difference,
    one_phase,
    partners,
)
from monitor.model.exercise import EXERCISES
from monitor.model.samples import FloatArray
from monitor.reviewed import Reviewed
from monitor.wording import capital, counted

Json = dict[str, Any]

CHANNEL_WORDS = {
    "pelvic_tilt_rad": "Pelvic tilt",
    "lumbar_flexion_rad": "Lumbar flexion",
    "side_tilt_rad": "Side tilt",
}
COLUMNS = ("Figure", "Before", "Now", "Change", "From")


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Everything the page shows of two sets.

    Parameters
    ----------
    before, after
        Mean and band of each.
    reps_before, reps_after
        (R, 101) single repetitions in rad.
    difference
        After minus before, and where it is more than the error.
    titles
        What each set is, in words: before, after.
    about
        How many repetitions and samples each rests on, in words: before, after.
    rows
        Figures in the order of `COLUMNS`.
    real
        Which of the rows are more than the measurement's error.
    remark
        What to bear in mind.
    """

    before: Curve
    after: Curve
    reps_before: FloatArray
    reps_after: FloatArray
    difference: Difference
    titles: tuple[str, str]
    about: tuple[str, str]
    rows: tuple[tuple[str, ...], ...]
    real: tuple[bool, ...]
    remark: str


def sets_of(session: Reviewed) -> list[SetOf]:
    """Return the sets of a session."""
    return [
        SetOf(session.name, s["index"], s["exercise"], s.get("load_kg"), session.info.started_at)
        for s in session.of("set")
    ]


def ordered(of: SetOf, among: Sequence[SetOf]) -> list[SetOf]:
    """Return what `of` may be compared with, best first: equal load, then the same session."""
    found = partners(of, among)
    equal = [s for s in found if s.load_kg == of.load_kg]
    return sorted(equal, key=lambda s: s.session != of.session) + [
        s for s in found if s.load_kg != of.load_kg
    ]


def set_words(one: SetOf, here: str) -> str:
    """Return a set in words; that of another session with its date."""
    where = "this session" if one.session == here else when_text(one.started_at).partition(",")[0]
    if where == MISSING:
        where = one.session
    load = "" if one.load_kg is None else f", {load_text(one.load_kg)}"
    return f"Set {one.index}{load}, {where}"


def channels(session: Reviewed) -> list[str]:
    """Return the channels that are known in a session."""
    return [c for c in CHANNELS if np.isfinite(getattr(session.posture, c)).any()]


def overlay(
    one: tuple[Reviewed, SetOf], other: tuple[Reviewed, SetOf], channel: str, here: str = ""
) -> Overlay:
    """Lay two sets of the same exercise over each other; the earlier one is "before".

    Parameters
    ----------
    one, other
        A session and a set of it.
    channel
        One of `CHANNELS`.
    here
        Name of the session that is open.
    """
    (before_in, before_set), (after_in, after_set) = sorted(
        (one, other), key=lambda pair: (pair[1].started_at, pair[1].session, pair[1].index)
    )
    same = before_set.session == after_set.session
    reps = [_reps(s, of) for s, of in ((before_in, before_set), (after_in, after_set))]
    before, after = curve(before_in.posture, reps[0], channel), curve(after_in.posture, reps[1], channel)
    done = after_set.exercise
    made = changes(reps[0], reps[1], done, same_wearing=same)
    return Overlay(
        before=before,
        after=after,
        reps_before=_phases(before_in, reps[0], before),
        reps_after=_phases(after_in, reps[1], after),
        difference=difference(before, after, done, same_wearing=same),
        titles=(set_words(before_set, here), set_words(after_set, here)),
        about=(_about(before), _about(after)),
        rows=tuple(_row(change) for change in made),
        real=tuple(change.real for change in made),
        remark=_remark(before_set, after_set, same=same),
    )


def summary(shown: Overlay) -> str:
    """Return what the comparison amounts to, in a sentence."""
    if not shown.before.count or not shown.after.count:
        return "Nothing to compare: no repetition of one of the sets was received well enough."
    real = [row for row, is_real in zip(shown.rows, shown.real, strict=True) if is_real]
    if not real:
        return "No change is larger than the measurement's error."
    return "More than the measurement's error: " + "; ".join(f"{row[0]} {row[3]}" for row in real) + "."


def phase_words() -> list[tuple[float, str]]:
    """Return the ticks of the phase axis."""
    return [(0.0, "start"), (25.0, ""), (50.0, "turn"), (75.0, ""), (100.0, "end")]


def _reps(session: Reviewed, one: SetOf) -> list[Json]:
    members = {i for s in session.of("set") if s["index"] == one.index for i in s["reps"]}
    return [rep for rep in session.of("rep") if rep["index"] in members]


def _phases(session: Reviewed, reps: Sequence[Json], mean: Curve) -> FloatArray:
    made = [one_phase(session.posture, rep, mean.channel) for rep in reps if rep["index"] in mean.reps]
    known = [phase for phase in made if phase is not None]
    return np.stack(known) if known else np.empty((0, len(mean.mean_rad)))


def _about(made: Curve) -> str:
    if not made.count:
        return "no repetition received well enough"
    words = f"{counted(made.count, 'rep')}, {share_cell(made.coverage)} received"
    if made.left_out:
        words += f", {len(made.left_out)} left out"
    return words


def _row(made: Change) -> tuple[str, ...]:
    unit = made.figure.unit
    return (
        capital(made.figure.words),
        _value(made.before.mean, unit),
        _value(made.after.mean, unit),
        _signed(made.delta, unit),
        _value(made.least, unit),
    )


def _value(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return MISSING
    return whole_degrees(value) if unit == "deg" else f"{value:.1f} s"


def _signed(value: float, unit: str) -> str:
    text = _value(abs(value), unit)
    if text == MISSING or not any(c in text for c in "123456789"):
        return text
    return f"+{text}" if value > 0 else f"{MINUS}{text}"


def _remark(before: SetOf, after: SetOf, *, same: bool) -> str:
    parts = []
    if before.load_kg != after.load_kg:
        loads = f"{load_text(before.load_kg)} and {load_text(after.load_kg)}"
        parts.append(f"The loads differ ({loads}): part of a change may be the load.")
    if not same:
        parts.append("The sensor was taken off in between: a change counts only from the larger limit.")
    name = EXERCISES.get(after.exercise, after.exercise)
    return " ".join(parts) or f"Same session, same load, {name}: the sensor stayed where it was."
