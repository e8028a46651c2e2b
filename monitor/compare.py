"""Repetitions laid over each other: one phase, mean and band, and which differences are real."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from monitor.certainty import FIGURES, Change, change, estimate
from monitor.model.samples import BoolArray, FloatArray, PostureBlock

Json = dict[str, Any]

POINTS: Final = 101
"""Points of a phase: one a percent, the turn in the middle."""
LEAST_COVERAGE: Final = 0.8
"""Nothing is judged with more of a repetition missing."""
_LIMITED_BY: Final = {
    "pelvic_tilt_rad": "tilt_range_deg",
    "lumbar_flexion_rad": "peak_flexion_deg",
    "side_tilt_rad": "side_tilt_deg",
}
"""Channels that can be laid over each other, and the figure whose error is theirs."""
CHANNELS: Final = tuple(_LIMITED_BY)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The mean course of a channel over some repetitions.

    Parameters
    ----------
    channel
        One of `CHANNELS`.
    mean_rad, spread_rad
        (101,) mean and standard deviation between repetitions in rad; point 50 is the turn.
        The spread of one repetition is 0.
    reps
        Indices of the repetitions it rests on.
    left_out
        Indices of those left out: too little received, or the channel unknown.
    coverage
        Mean share of samples received in those it rests on; NaN if there are none.
    """

    channel: str
    mean_rad: FloatArray
    spread_rad: FloatArray
    reps: tuple[int, ...]
    left_out: tuple[int, ...]
    coverage: float

    @property
    def count(self) -> int:
        """Repetitions it rests on."""
        return len(self.reps)

    @property
    def band_rad(self) -> tuple[FloatArray, FloatArray]:
        """(101,) lower and upper edge of the band, one standard deviation to each side."""
        return self.mean_rad - self.spread_rad, self.mean_rad + self.spread_rad


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """One curve minus another.

    Parameters
    ----------
    delta_rad
        (101,) after minus before in rad.
    least_rad
        (101,) what it must exceed.
    """

    delta_rad: FloatArray
    least_rad: FloatArray

    @property
    def real(self) -> BoolArray:
        """(101,) True where the difference is more than the measurement's error."""
        return np.asarray(np.abs(self.delta_rad) > self.least_rad, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set to compare, by what decides whether that makes sense.

    Parameters
    ----------
    session
        Name of its recording.
    index
        Its number there.
    """

    session: str
    index: int
    exercise: str
    load_kg: float | None = None
    started_at: str = ""


def one_phase(posture: PostureBlock, rep: Json, channel: str) -> FloatArray | None:
    """Return (101,) a channel over one repetition, start to turn to end; None where it is not known.

    Parameters
    ----------
    posture
        Rows of the session.
    rep
        A repetition of the public JSON: `start_s`, `turn_s`, `end_s`.
    channel
        One of `CHANNELS`.
    """
    start_s, turn_s, end_s = rep["start_s"], rep["turn_s"], rep["end_s"]
    rows = _rows(posture, start_s, end_s)
    if len(rows) < 3 or not start_s < turn_s < end_s:
        return None
    values: FloatArray = getattr(rows, channel)
    if not np.isfinite(values).all():
        return None
    half = POINTS // 2
    at_s = np.concatenate([np.linspace(start_s, turn_s, half + 1), np.linspace(turn_s, end_s, half + 1)[1:]])
    course: FloatArray = np.interp(at_s, rows.t_s, values)
    return course


def _rows(posture: PostureBlock, start_s: float, end_s: float) -> PostureBlock:
    first, last = np.searchsorted(posture.t_s, (start_s - 1e-9, end_s + 1e-9))
    return posture[slice(int(first), int(last))]


def curve(posture: PostureBlock, reps: Iterable[Json], channel: str) -> Curve:
    """Return the mean course of `channel` over `reps`.

    Repetitions of which less than 80 % was received, and those in which the channel is not known
    throughout, are left out and named.
    """
    rows, used, left_out, shares = [], [], [], []
    for rep in reps:
        present = _rows(posture, rep["start_s"], rep["end_s"]).present
        share = float(present.mean()) if len(present) else 0.0
        course = one_phase(posture, rep, channel) if share >= LEAST_COVERAGE else None
        if course is None:
            left_out.append(int(rep["index"]))
            continue
        rows.append(course)
        used.append(int(rep["index"]))
        shares.append(share)
    if not rows:
        nothing = np.full(POINTS, math.nan)
        return Curve(channel, nothing, nothing, (), tuple(left_out), math.nan)
    table = np.stack(rows)
    spread = table.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(POINTS)
    return Curve(channel, table.mean(axis=0), spread, tuple(used), tuple(left_out), float(np.mean(shares)))


def difference(before: Curve, after: Curve, exercise: str, *, same_wearing: bool) -> Difference:
    """Return `after` minus `before`, and what that must exceed point by point.

    Parameters
    ----------
    exercise
        Decides how small a change can be shown.
    same_wearing
        Both are of one session, the sensor stayed on.
    """
    if before.channel != after.channel:
        raise ValueError(f"{before.channel} and {after.channel} are different channels")
    limit = FIGURES[_LIMITED_BY[before.channel]].least_change(exercise, same_wearing=same_wearing)
    chance = 1.96 * np.sqrt(
        before.spread_rad**2 / max(before.count, 1) + after.spread_rad**2 / max(after.count, 1)
    )
    return Difference(after.mean_rad - before.mean_rad, np.fmax(math.radians(limit), chance))


def changes(
    before: Sequence[Json], after: Sequence[Json], exercise: str, *, same_wearing: bool
) -> list[Change]:
    """Return what became of each figure from some repetitions to others; those unknown are absent.

    Parameters
    ----------
    before, after
        Repetitions of the public JSON.
    """
    made = []
    for key, figure in FIGURES.items():
        then, now = (estimate([rep.get(key) for rep in _sound(reps)]) for reps in (before, after))
        if then.count and now.count:
            made.append(change(figure, then, now, exercise, same_wearing=same_wearing))
    return made


def _sound(reps: Sequence[Json]) -> list[Json]:
    return [rep for rep in reps if (rep.get("coverage") or 0.0) >= LEAST_COVERAGE]


def partners(of: SetOf, among: Iterable[SetOf]) -> list[SetOf]:
    """Return the sets that `of` may be compared with, best first.

    Only those of the same exercise; equal load first, then the nearest one, then the newest.
    """
    fit = [s for s in among if s.exercise == of.exercise and (s.session, s.index) != (of.session, of.index)]
    newest = sorted(fit, key=lambda s: (s.started_at, s.index), reverse=True)
    return sorted(newest, key=lambda s: _apart(s.load_kg, of.load_kg))


def _apart(one: float | None, other: float | None) -> float:
    if one is None or other is None:
        return 0.0 if one is other else math.inf
    return abs(one - other)
