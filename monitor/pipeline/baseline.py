"""What is usual for this lifter in this exercise: the measure of every change.

Absolute limits fail - good lifters use 25 to 70 % of their lumbar range - so a repetition is
compared with the lifter's own comfortable ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from statistics import fmean, median, pstdev
from typing import Final

from monitor.model.events import Rep

FEWEST_REPS: Final = 5
"""Lean and tuck are told as well from 5 repetitions as from 10 (baselines of 3 / 5 / 10: .95/.94/.94 AUC)."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One repetition in the numbers a baseline is made of; rad, s and m, NaN where unknown."""

    peak_rad: float
    lean_rad: float
    tuck_rad: float
    range_rad: float
    flexion_rad: float
    extension_rad: float
    side_rad: float
    twist_rad: float
    roll_under_rad: float
    double_hump_rad: float
    bottom_s: float
    descent_ms: float
    eccentric_s: float
    concentric_s: float
    depth_m: float
    sway_rads: float
    hips_first_rad: float = math.nan


def measures(rep: Rep) -> Measures:
    """Return the measures of a repetition."""
    m = rep.metrics
    return Measures(
        peak_rad=m.peak_tilt_rad,
        lean_rad=m.lean_rad,
        tuck_rad=m.tuck_rad,
        range_rad=m.tilt_range_rad,
        flexion_rad=_nan(m.peak_flexion_rad),
        extension_rad=_nan(m.peak_extension_rad),
        side_rad=m.side_tilt_rad,
        twist_rad=m.twist_rad,
        roll_under_rad=_nan(m.roll_under_rad),
        double_hump_rad=m.double_hump_rad,
        bottom_s=_nan(m.bottom_s),
        descent_ms=_nan(m.descent_ms),
        eccentric_s=rep.eccentric_s,
        concentric_s=rep.concentric_s,
        depth_m=_nan(m.depth_m),
        sway_rads=m.sway_rads,
        hips_first_rad=_nan(m.hips_first_rad),
    )


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


@dataclass(frozen=True, slots=True)
class Baseline:
    """The usual repetition: median and standard deviation of each measure over `count` repetitions.

    `same_session` is False where the sensors were taken off and put on again since.
    """

    usual: Measures
    spread: Measures
    count: int
    same_session: bool = False


def baseline(reps: Sequence[Rep]) -> Baseline:
    """Return the baseline of at least one repetition."""
    return baseline_of([measures(rep) for rep in reps])


def baseline_of(rows: Sequence[Measures]) -> Baseline:
    """Return the baseline of the measures of at least one repetition."""
    columns = {f.name: [getattr(row, f.name) for row in rows] for f in fields(Measures)}
    return Baseline(
        Measures(**{name: median(values) for name, values in columns.items()}),
        Measures(**{name: _spread(values) for name, values in columns.items()}),
        len(rows),
    )


def _spread(values: list[float]) -> float:
    return math.nan if math.isnan(fmean(values)) else pstdev(values)


class BaselineKeeper:
    """The baseline of the exercise going on: one that was given, else the session's first repetitions."""

    def __init__(self, given: Baseline | None) -> None:
        self._given = given
        self._first: list[Rep] = []
        self._own: Baseline | None = None

    @property
    def now(self) -> Baseline | None:
        """The baseline in force; None until there are enough repetitions."""
        return self._given or self._own

    def add(self, rep: Rep) -> None:
        """Take a repetition; the first ones without an alert make the session's own baseline."""
        if self._own is None and self._given is None and not any(f.level == "alert" for f in rep.faults):
            self._first.append(rep)
            if len(self._first) >= FEWEST_REPS:
                self._own = replace(baseline(self._first), same_session=True)
