"""Calibration without a procedure: neutral from stillness, medio-lateral axis from the first bend.

Rows wait here until the axis is known, then go on together: the first repetition is judged like
every other one, and a live run, a replay and an analysis see the same rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.alignment import Alignment, align, angle_between, rotation_axis, transferred_axis
from calibration.motion import G_MS2, mean_direction
from monitor.model.exercise import Carrier, Exercise
from monitor.model.samples import FloatArray
from monitor.pipeline.frames import Frame
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.orientation import OrientedRows, rows_between
from monitor.pipeline.stillness import STILL_ROWS, quiet_rows
from monitor.pipeline.travel import TravelCycles, TravelGates

_PAUSE_ROWS: Final = round(0.3 * GRID_HZ)
_SHORTEST_BEND_ROWS: Final = round(0.8 * GRID_HZ)
_CALM_ACC_MS2: Final = 0.9
"""RMS of |specific force| about gravity: walking is above 1.5, a seated repetition below 0.7."""
_LEAST_SHARE: Final = 0.7
_LEAST_AGREEMENT: Final = 0.3
_CLEAR_SHARE: Final = 0.85
_ROLL_RAD: Final = math.radians(15.0)
"""A larger change of posture on a machine is sitting down or getting up, not a repetition."""
_BEFORE_SEAT_S: Final = 1.0
"""A repetition that rolls off the pad by as much has begun that long before."""
_FARTHEST_ROLL_RAD: Final = math.radians(26.0)
_RISES_M: Final = 0.05
_STAYS_M: Final = 0.08
_OFFSET_MS2: Final = 0.5
"""Zero-g offset of a cheap chip: 50 to 80 mg an axis (MPU-6050, data sheet)."""
_LEARNED_MS2: Final = 0.2
"""Less than this the repetitions themselves show, and better; more would hide the first."""
_END_VELOCITY_MS: Final = 0.3
_ANY_VELOCITY_MS: Final = 1.0
_SETTLED_ROWS: Final = round(8.0 * GRID_HZ)


@dataclass(frozen=True, slots=True)
class AutoResult:
    """What the automatic calibration found.

    Parameters
    ----------
    lower, upper
        Alignments; `upper` is None if that sensor is not worn or did not turn with the bend.
    quality
        ``"good"``, ``"fair"`` (neutral from less than a still second, or an axis that is not
        clear-cut) or ``"poor"`` (nothing was still: no absolute angle is judged).
    row
        Index on the grid of the last row it needed.
    kind
        ``"auto"``, or ``"opening"`` where the opening seconds were a calibration.
    judge_from_s
        No repetition is looked for before this time.
    acc_offset_ms2
        How much more than gravity the lower accelerometer seems to read along the vertical, as far as
        the rows tell.
    """

    lower: Alignment
    upper: Alignment | None
    quality: str
    row: int
    kind: str = "auto"
    judge_from_s: float = -math.inf
    acc_offset_ms2: float = 0.0

    @property
    def decided_s(self) -> float:
        """Session time in s of the last row it needed."""
        return self.row / GRID_HZ


@dataclass(slots=True)
class _Bend:
    """An excursion from the base posture while it lasts; rows counted from the first one seen."""

    start: int
    base: tuple[int, int]
    peak_rad: float = 0.0
    peak_row: int = 0


class AutoCalibration:
    """Find neutral and axis in the rows of one or two sensors.

    Parameters
    ----------
    exercise
        The way its turn tilts the pelvis gives the axis its sign.
    until_s
        The opening seconds up to here are a calibration: still, then slow bends forward. None if
        the recording begins with the exercise.
    """

    def __init__(self, exercise: Exercise, until_s: float | None = None) -> None:
        self._until_s = until_s
        self._exercise = exercise
        # On machines the back lies on a pad and only the pelvis rolls, by a few degrees.
        self._seated = until_s is None and exercise.back_supported and exercise.carrier is Carrier.TILT
        self._leave_rad = math.radians(2.0 if self._seated else 4.0)
        self._least_peak_rad = math.radians(3.0 if self._seated else 12.0)
        self._lower: list[OrientedRows] = []
        self._upper: list[OrientedRows] = []
        self._seen = 0
        self._quiet_run = 0
        self._still = False
        self._base: tuple[int, int] | None = None
        self._base_up: FloatArray | None = None
        self._bend: _Bend | None = None
        self._best: _Bend | None = None
        # Where the trunk leans little (lunges), travel shows the first repetition all the same.
        self._travels = until_s is None and exercise.carrier is Carrier.TRAVEL
        self._travel = TravelCycles(TravelGates()) if self._travels else None

    def update(self, frame: Frame) -> tuple[int, AutoResult | None]:
        """Take the next rows; return how many were needed, and the calibration once it is found."""
        lower, upper = frame
        self._lower.append(lower)
        if upper is not None:
            self._upper.append(upper)
        force, rate = lower.force_ms2.tolist(), lower.rate_rads.tolist()
        for i, (up, quiet) in enumerate(zip(lower.up, quiet_rows(lower), strict=True)):
            self._seen += 1
            bend = self._step(up, quiet) or self._travelled(up, force[i], rate[i])
            if self._until_s is not None:
                opening_over = (lower.first + i) / GRID_HZ >= self._until_s
                found = self.finish() if opening_over else None
            else:
                found = None if bend is None else self._result(bend)
            if found is not None:
                return i + 1, found
        return len(lower), None

    def finish(self) -> AutoResult | None:
        """Return what the largest bend gives, though it was small, askew or has not come back."""
        bends = [b for b in (self._best, self._bend) if b is not None]
        for bend in sorted(bends, key=lambda b: -b.peak_rad):
            found = self._result(bend, least_share=0.0)
            if found is not None:
                return found
        return None

    def _step(self, up: FloatArray, quiet: bool) -> _Bend | None:
        """Take one row; return a bend that has come back in it and was large enough."""
        now = self._seen - 1
        if math.isnan(up[0]):
            self._quiet_run, self._bend = 0, None
            return None
        self._quiet_run = self._quiet_run + 1 if quiet else 0
        self._rebase(now)
        if self._base is None or self._base_up is None:
            self._base, self._base_up = (now, now + 1), up
        angle = angle_between(up, self._base_up)
        if self._bend is None:
            if angle > self._leave_rad:
                self._bend = _Bend(now, self._base, angle, now)
            return None
        if angle > self._bend.peak_rad:
            self._bend.peak_rad, self._bend.peak_row = angle, now
        if angle > 0.6 * self._bend.peak_rad:
            return None
        bend, self._bend = self._bend, None
        if self._best is None or bend.peak_rad > self._best.peak_rad:
            self._best = bend
        if bend.peak_rad < self._least_peak_rad or now - bend.start < _SHORTEST_BEND_ROWS:
            return None
        return bend

    def _travelled(self, up: FloatArray, force_ms2: float, rate_rads: float) -> _Bend | None:
        """Return the lean of a repetition that its travel has shown to be one."""
        if self._travel is None or self._base is None or self._base_up is None or math.isnan(force_ms2):
            return None
        now = self._seen - 1
        lean = angle_between(up, self._base_up)
        cycle = self._travel.step(now / GRID_HZ, force_ms2, rate_rads, rate_rads, lean)
        if cycle is None:
            return None
        start = round(cycle.start_s * GRID_HZ)
        rows = rows_between(self._lower, start, self._seen)
        angles = np.arccos(np.clip(rows.up @ self._base_up, -1.0, 1.0))
        peak = int(np.nanargmax(angles))
        return _Bend(start, self._base, float(angles[peak]), start + peak)

    def _rebase(self, now: int) -> None:
        """Take the posture just held as the one bends are counted from, where that is right."""
        run, bend = self._quiet_run, self._bend
        if run >= STILL_ROWS and run % STILL_ROWS == 0:
            if not self._seated:
                if self._still:
                    return  # neutral is the FIRST still second
            elif bend is not None and bend.peak_rad < _ROLL_RAD and now - bend.start < _SETTLED_ROWS:
                return  # a hold at depth is no new seat
            self._still = True
            self._set_base(now - STILL_ROWS + 1, now + 1)
        elif run >= _PAUSE_ROWS and not self._still and bend is None:
            self._set_base(now - _PAUSE_ROWS + 1, now + 1)

    def _set_base(self, start: int, stop: int) -> None:
        self._base = (start, stop)
        self._base_up = _held_up(rows_between(self._lower, start, stop))
        self._bend = None

    def _result(self, bend: _Bend, least_share: float = _LEAST_SHARE) -> AutoResult | None:
        made = self._align(bend)
        if made is None or made[1] < least_share:
            return None
        lower, share = made
        length = bend.base[1] - bend.base[0]
        quality = "good" if length >= STILL_ROWS and share > _CLEAR_SHARE else "fair"
        if length < _PAUSE_ROWS:
            quality = "poor"
        return AutoResult(
            lower,
            self._beside(lower, self._neutral(bend)),
            quality,
            self._lower[0].first + self._seen - 1,
            "auto" if self._until_s is None else "opening",
            self._judge_from_s(bend),
            self._acc_offset_ms2(bend.peak_row, _END_VELOCITY_MS if quality != "poor" else _ANY_VELOCITY_MS),
        )

    def _judge_from_s(self, bend: _Bend) -> float:
        """Return where repetitions begin: on a pad not before one has sat down there."""
        if self._until_s is not None:
            return self._until_s
        if not self._seated or bend.peak_rad < _ROLL_RAD:
            return -math.inf
        return (self._lower[0].first + bend.start) / GRID_HZ - _BEFORE_SEAT_S

    def _acc_offset_ms2(self, turn: int, velocity_ms: float) -> float:
        """Return what the vertical force up to the turn of the bend tells of the accelerometer's offset.

        Whoever begins and turns at rest has felt gravity on average, but for the velocity that is not
        quite zero at either end: the shorter the time, the less it tells.
        """
        rows = rows_between(self._lower, 0, turn + 1)
        unsure_ms2 = velocity_ms * GRID_HZ / len(rows)
        seen = float(np.nanmean(rows.force_ms2) - G_MS2) * _OFFSET_MS2**2 / (_OFFSET_MS2**2 + unsure_ms2**2)
        return math.copysign(max(abs(seen) - _LEARNED_MS2, 0.0), seen)

    def _align(self, bend: _Bend) -> tuple[Alignment, float] | None:
        """Return the alignment of the lower sensor, and the share of its axis in the bend."""
        base = _held_up(rows_between(self._lower, *bend.base))
        neutral = _held_up(rows_between(self._lower, *self._neutral(bend)))
        rows = rows_between(self._lower, bend.start, self._seen)
        peak = rows.up[bend.peak_row - bend.start]
        gyr = rows.gyr_rads[np.isfinite(rows.gyr_rads[:, 0])]
        force = np.linalg.norm(rows.acc_ms2, axis=1) - G_MS2
        small = self._seated and bend.peak_rad < _ROLL_RAD
        if small and math.sqrt(float(np.nanmean(force**2))) > _CALM_ACC_MS2:
            return None
        axis, share = rotation_axis(gyr, base)
        forward = float(np.cross(peak, base) @ axis) * self._direction(bend)
        if forward == 0.0:
            return None
        return align(neutral, axis * math.copysign(1.0, forward)), share

    def _neutral(self, bend: _Bend) -> tuple[int, int]:
        """Return the rows of the neutral: those before the bend, or its end if it began low."""
        return (bend.peak_row, bend.peak_row + 1) if self._began_low(bend) else bend.base

    def _began_low(self, bend: _Bend) -> bool:
        """Return whether the first pose was the bottom of a repetition, and the bend is its way up.

        Height is counted from the line between the ends of the bend: the velocity at which the rows
        began does not matter then.
        """
        if not self._travels or bend.base[1] - bend.base[0] >= _PAUSE_ROWS:
            return False
        rows = rows_between(self._lower, bend.base[0], self._seen)
        force = np.nan_to_num(rows.force_ms2 - G_MS2)
        height = np.cumsum(np.cumsum(force)) / GRID_HZ**2
        at = bend.peak_row - bend.base[0]
        return bool(height[at] - height[-1] * at / len(height) > _RISES_M)

    def _beside(self, lower: Alignment, base: tuple[int, int]) -> Alignment | None:
        """Return the alignment of the upper sensor, from how it turned with the lower one so far."""
        if not self._upper:
            return None
        below, above = (rows_between(blocks, 0, self._seen) for blocks in (self._lower, self._upper))
        # Both do not begin in the same row: where the base is the first, the upper one's may be the next.
        rows = rows_between(self._upper, base[0], min(base[1] + _PAUSE_ROWS, self._seen))
        known = np.flatnonzero(np.isfinite(rows.up[:, 0]))
        both = np.isfinite(below.gyr_rads[:, 0]) & np.isfinite(above.gyr_rads[:, 0])
        if not both.any() or not len(known):
            return None
        up = _held_up(rows[int(known[0]) : int(known[0]) + base[1] - base[0]])
        left, up_below = lower.sensor_to_segment[1:]
        axis, agreement = transferred_axis(left, below.gyr_rads[both], up_below, above.gyr_rads[both], up)
        return align(up, axis) if agreement > _LEAST_AGREEMENT else None

    def _direction(self, bend: _Bend) -> int:
        """Return whether the bend went forward (+1) or backward (-1).

        Nobody bends far backward but in a hip thrust, where the hips rise with it; on a pad the
        pelvis rolls with the exercise while the seat stays where it is.
        """
        sign = self._exercise.turn_sign
        if self._began_low(bend):
            return -1
        if sign > 0 or self._until_s is not None:
            return +1
        rise_m = self._rise_m(bend)
        stays = self._seated and bend.peak_rad < _FARTHEST_ROLL_RAD and abs(rise_m) < _STAYS_M
        rolled = bend.peak_rad < _ROLL_RAD or stays
        exercising = rolled if self._exercise.back_supported else rise_m > _RISES_M
        return sign if exercising else +1

    def _rise_m(self, bend: _Bend) -> float:
        """Return how far the lower sensor went up from the start of the bend to its peak, in m."""
        held = rows_between(self._lower, *bend.base)
        rows = rows_between(self._lower, bend.start, bend.peak_row + 1)
        still = float(held.force_ms2.mean())
        velocity = np.cumsum(rows.force_ms2 - still) / GRID_HZ
        seconds = len(velocity) / GRID_HZ
        # Velocity is zero at both ends: what is left of it at the peak is drift.
        return float(velocity.sum() / GRID_HZ - velocity[-1] * seconds / 2)


def _held_up(rows: OrientedRows) -> FloatArray:
    """Return up (3,) in a posture that was held: over a still second gravity's own direction.

    The filter may still be learning the offset of its gyroscope then.
    """
    return mean_direction(rows.acc_ms2 if len(rows) >= STILL_ROWS else rows.up)
