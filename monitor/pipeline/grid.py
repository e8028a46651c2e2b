"""One sensor's samples on the pipeline's uniform time grid.

A fixed 100 Hz grid for every sensor: filters and gates are designed for one rate, and two
sensors meet on equal indices. Short gaps are filled so that the orientation filter keeps its time step -
with 1 % of samples lost, ignoring gaps costs ten times the error of bridging them - and stay marked;
long ones stay empty.

A line cuts off what the body did within a gap. In recorded squats and daily movement a cubic through
the samples around it leaves a sixth to a half less of the angle unaccounted for up to 0.07 s, and no more
of the velocity; at 0.1 s it is no better, beyond it is worse. Samples 0.02 s apart need none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.motion import G_MS2
from monitor.model.events import Gap
from monitor.model.samples import BoolArray, FloatArray, ImuBlock

GRID_HZ = 100.0
"""Rate of the grid. Against 286 Hz, 100 Hz costs a 6-axis VQF under 0.05 deg; 50 Hz doubles its error."""

LONGEST_FILL_S = 0.5
"""A longer gap is not bridged: the body may have moved anywhere meanwhile."""

_LINE_S = 0.025
"""Two samples this close are joined by a line."""
_CURVE_S = 0.07
"""Two samples up to this far apart are joined by a cubic; farther ones by a line again."""
_ALIKE_S = 1e-9
"""A sample and a row this close are at the same time: seconds in binary are rounded."""
_UNKNOWN_RATE_HZ = 50.0
_FULL_SCALES_RADS = np.radians([125.0, 245.0, 250.0, 500.0, 1000.0, 2000.0])
_FLAT_TOP_RADS = math.radians(240.0)
"""Readings this large seldom repeat by chance: two alike at a full scale are clipping, three anywhere."""
_TAIL_ROWS = 3
_FULL_SCALES_MS2 = G_MS2 * np.array([2.0, 4.0, 8.0, 16.0])


@dataclass(frozen=True, slots=True, eq=False)
class GridRows:
    """Rows `first` to `first + N` of the grid; row k is at k / GRID_HZ seconds.

    Parameters
    ----------
    first
        Index of the first row.
    acc_ms2, gyr_rads
        (N, 3) specific force in m/s2 and angular rate in rad/s; NaN inside a long gap.
    present
        (N,) False where no sample was received nearby.
    clipped, acc_clipped
        (N,) True where the gyroscope, or the accelerometer, was at its limit.
    """

    first: int
    acc_ms2: FloatArray
    gyr_rads: FloatArray
    present: BoolArray
    clipped: BoolArray
    acc_clipped: BoolArray


class UniformGrid:
    """Put the blocks of one sensor on the grid.

    Parameters
    ----------
    sensor
        Name that the gaps are reported under.
    rate_hz
        Announced rate, to count what is missing; None if unknown.
    gyr_range_rads
        Full scale of the gyroscope; None if unknown (then flat tops and the usual full scales tell).
    """

    def __init__(
        self, sensor: str, rate_hz: float | None = None, gyr_range_rads: float | None = None
    ) -> None:
        self.samples = 0
        self.lost = 0
        self._sensor = sensor
        self._rate_hz = rate_hz
        # 1.75 periods: one lost sample is a gap, the jitter of a clock in whole milliseconds is not.
        self._longest_step_s = 1.75 / (rate_hz or _UNKNOWN_RATE_HZ)
        self._limits = np.array([gyr_range_rads]) if gyr_range_rads else _FULL_SCALES_RADS
        self._tail: ImuBlock | None = None
        self._largest = np.zeros(2)
        self._next = 0

    @property
    def reached(self) -> float:
        """Time in s up to which rows have been made; -inf before the first sample."""
        return -math.inf if self._tail is None else float(self._tail.t_s[-1])

    def push(self, block: ImuBlock) -> tuple[GridRows, tuple[Gap, ...]]:
        """Return the rows that `block` completes and the gaps it closes.

        Samples that are not later than the last one are dropped. The rows of a gap that a cubic bridges
        wait for the sample after it.
        """
        block = _ordered(block, self.reached)
        self.samples += len(block)
        if len(block) == 0:
            return _NO_ROWS, ()
        if self._tail is None:
            self._next = math.ceil((block.t_s[0] - _ALIKE_S) * GRID_HZ)
            joined, fresh = block, 0
        else:
            joined, fresh = _join(self._tail, block), len(self._tail)
        clipped, acc_clipped = self._clipping(joined)
        steps = np.diff(joined.t_s)
        gaps = self._count_missing(joined, steps, max(fresh - 1, 0), block.lost_before)
        rows = self._interpolate(joined, steps, clipped, acc_clipped)
        self._tail = joined[max(len(joined) - _TAIL_ROWS, 0) :]
        return rows, gaps

    def _count_missing(
        self, joined: ImuBlock, steps: FloatArray, first_step: int, announced: int
    ) -> tuple[Gap, ...]:
        gaps = []
        counted = 0
        for i in np.flatnonzero(steps[first_step:] > self._longest_step_s) + first_step:
            counted += round(steps[i] * self._rate_hz) - 1 if self._rate_hz else 0
            start, end = float(joined.t_s[i]), float(joined.t_s[i + 1])
            gaps.append(Gap(self._sensor, start, end, end))
        self.lost += max(counted, announced)
        return tuple(gaps)

    def _clipping(self, joined: ImuBlock) -> tuple[BoolArray, BoolArray]:
        """Return for each row whether the gyroscope and the accelerometer are at their limit.

        A full scale is never exceeded: what has been is none. A row that repeats all six readings is
        one that was sent twice.
        """
        gyr, acc = np.abs(joined.gyr_rads), np.abs(joined.acc_ms2)
        alike_gyr, alike_acc = np.zeros_like(gyr, np.bool_), np.zeros_like(acc, np.bool_)
        alike_gyr[1:], alike_acc[1:] = gyr[1:] == gyr[:-1], acc[1:] == acc[:-1]
        again = (alike_gyr & alike_acc).all(axis=1, keepdims=True)
        alike_gyr, alike_acc = alike_gyr & ~again, alike_acc & ~again
        thrice_gyr, thrice_acc = alike_gyr.copy(), alike_acc.copy()
        thrice_gyr[1:] &= alike_gyr[:-1]
        thrice_acc[1:] &= alike_acc[:-1]
        tops = [np.maximum.accumulate(v.max(axis=1)) for v in (gyr, acc)]
        top_gyr, top_acc = (np.maximum(top, seen) for top, seen in zip(tops, self._largest, strict=True))
        before_tail = len(joined) - _TAIL_ROWS - 1
        if before_tail >= 0:
            self._largest = np.array([top_gyr[before_tail], top_acc[before_tail]])
        large = gyr > _FLAT_TOP_RADS
        at_scale = _at_scale(gyr, self._limits, top_gyr) & ((alike_gyr & large) | thrice_gyr)
        at_force_scale = _at_scale(acc, _FULL_SCALES_MS2, top_acc) & thrice_acc
        clipped = np.asarray((at_scale | (thrice_gyr & large)).any(axis=1))
        return clipped, np.asarray(at_force_scale.any(axis=1))

    def _interpolate(
        self, joined: ImuBlock, steps: FloatArray, clipped: BoolArray, acc_clipped: BoolArray
    ) -> GridRows:
        first = self._next
        waits = _bent(steps[-1:]).any()
        last = math.floor((joined.t_s[-2 if waits else -1] + _ALIKE_S) * GRID_HZ)
        if last < first:
            return _NO_ROWS
        self._next = last + 1
        t = np.arange(first, last + 1) / GRID_HZ
        right = np.minimum(np.searchsorted(joined.t_s, t - _ALIKE_S), len(joined) - 1)
        left = np.maximum(right - 1, 0)
        step = joined.t_s[right] - joined.t_s[left]
        share = np.clip((t - joined.t_s[left]) / np.maximum(step, _ALIKE_S), 0.0, 1.0)[:, None]
        both = np.hstack([joined.acc_ms2, joined.gyr_rads])
        made = both[left] * (1 - share) + both[right] * share
        bent = _bent(step)
        if bent.any():
            made[bent] += _bend(steps[:, None], both, left[bent], share[bent])
        acc, gyr = made[:, :3], made[:, 3:]
        empty = step > LONGEST_FILL_S
        acc[empty] = gyr[empty] = np.nan
        limited = [np.asarray(c[left] | c[right]) for c in (clipped, acc_clipped)]
        return GridRows(first, acc, gyr, step <= self._longest_step_s, limited[0], limited[1])


def _at_scale(size: FloatArray, scales: FloatArray, largest: FloatArray) -> BoolArray:
    """Return which of the readings (N, 3) are at a full scale that none, `largest` (N,) so far, exceeds."""
    near = np.abs(size[..., None] - scales) < 0.003 * scales
    return np.asarray((near & (largest[:, None, None] < 1.003 * scales)).any(axis=2))


def _bent(step_s: FloatArray) -> BoolArray:
    """Return which steps from one sample to the next are bridged by a cubic."""
    return (step_s > _LINE_S) & (step_s <= _CURVE_S)


def _bend(step: FloatArray, values: FloatArray, left: npt.NDArray[np.intp], share: FloatArray) -> FloatArray:
    """Return (N, M) how far a cubic is from the line, at `share` (N, 1) of the way from the samples `left`.

    The cubic of Hermite; its slope at a sample is that of the parabola through it and its neighbours.
    `step` (K - 1, 1) are the times between the `values` (K, M).
    """
    slope = np.diff(values, axis=0) / step
    middle = (slope[:-1] * step[1:] + slope[1:] * step[:-1]) / (step[:-1] + step[1:])
    at = np.concatenate([slope[:1], middle, slope[-1:]])
    before, after = at[left] - slope[left], slope[left] - at[left + 1]
    made: FloatArray = step[left] * share * (1 - share) * (before * (1 - share) + after * share)
    return made


def _ordered(block: ImuBlock, after_s: float) -> ImuBlock:
    later = np.maximum.accumulate(np.concatenate([[after_s], block.t_s]))
    keep = block.t_s > later[:-1]
    if keep.all():
        return block
    return ImuBlock(
        block.t_s[keep], block.acc_ms2[keep], block.gyr_rads[keep], block.sensor, block.lost_before
    )


def _join(tail: ImuBlock, block: ImuBlock) -> ImuBlock:
    return ImuBlock(
        np.concatenate([tail.t_s, block.t_s]),
        np.concatenate([tail.acc_ms2, block.acc_ms2]),
        np.concatenate([tail.gyr_rads, block.gyr_rads]),
        block.sensor,
    )


_NONE = np.empty(0, np.bool_)
_NO_ROWS = GridRows(0, np.empty((0, 3)), np.empty((0, 3)), _NONE, _NONE, _NONE)
