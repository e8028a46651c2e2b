"""The last seconds of posture, written by the session's thread and read by the screen's."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from monitor.model.samples import FloatArray, PostureBlock

GAP_S = 0.1
"""A step in time longer than this is a hole: ten rows of the 100 Hz grid."""

_COLUMNS = (
    "t_s",
    "pelvic_tilt_rad",
    "pelvic_tilt_sigma_rad",
    "lumbar_flexion_rad",
    "lumbar_flexion_sigma_rad",
    "upper_tilt_rad",
)
_TILT = _COLUMNS.index("pelvic_tilt_rad")
_STEP_S = 0.01
JUMP_RAD = 0.1
"""More in one row than a pelvis turns (10 rad/s): a new reference, not a movement."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A copy of the newest rows; a hole is a row of NaN angles.

    Parameters
    ----------
    t_s
        (N,) session time in s, increasing.
    pelvic_tilt_rad, pelvic_tilt_sigma_rad
        (N,) sagittal tilt of the lower segment and its standard deviation in rad.
    lumbar_flexion_rad, lumbar_flexion_sigma_rad
        (N,) flexion and its standard deviation in rad; NaN where no estimator applies.
    upper_tilt_rad
        (N,) sagittal tilt of the upper segment in rad; NaN without an upper sensor.
    """

    t_s: FloatArray
    pelvic_tilt_rad: FloatArray
    pelvic_tilt_sigma_rad: FloatArray
    lumbar_flexion_rad: FloatArray
    lumbar_flexion_sigma_rad: FloatArray
    upper_tilt_rad: FloatArray

    def __len__(self) -> int:
        """Return the number of rows N."""
        return len(self.t_s)


class PostureRing:
    """A ring of posture rows, stored twice in a row so that the newest N are always one slice.

    Parameters
    ----------
    capacity
        Rows kept; one minute of the 100 Hz grid by default.
    """

    def __init__(self, capacity: int = 6000) -> None:
        if capacity < 1:
            raise ValueError(f"a ring of {capacity} rows holds nothing")
        self._capacity = capacity
        self._rows = np.full((len(_COLUMNS), 2 * capacity), np.nan)
        self._next = 0
        self._count = 0
        self._last = np.full(len(_COLUMNS), np.nan)
        self._lock = threading.Lock()

    def extend(self, block: PostureBlock) -> None:
        """Append the rows of `block`; a step back in time replaces what is there from then on."""
        if len(block) == 0:
            return
        values = np.vstack([getattr(block, name) for name in _COLUMNS])
        with self._lock:
            if values[0, 0] <= self._last[0]:
                self._rewind(float(values[0, 0]))
            self._write(_with_holes(values, self._last))
            self._last = values[:, -1].copy()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._forget()

    def snapshot(self, window_s: float = np.inf) -> Snapshot:
        """Return a copy of the rows of the last `window_s` seconds, oldest first."""
        with self._lock:
            end = self._next + self._capacity
            view = self._rows[:, end - self._count : end]
            first = 0
            if self._count:
                first = int(np.searchsorted(view[0], view[0, -1] - window_s))
            rows = view[:, first:].copy()
        return Snapshot(*rows)

    def _rewind(self, before_s: float) -> None:
        """Forget the rows from `before_s` on."""
        end = self._next + self._capacity
        kept = int(np.searchsorted(self._rows[0, end - self._count : end], before_s))
        self._next = (self._next - (self._count - kept)) % self._capacity
        self._count = kept
        end = self._next + self._capacity
        self._last = self._rows[:, end - 1].copy() if kept else np.full(len(_COLUMNS), np.nan)

    def _forget(self) -> None:
        self._count = 0
        self._last = np.full(len(_COLUMNS), np.nan)

    def _write(self, values: FloatArray) -> None:
        values = values[:, -self._capacity :]
        rows = values.shape[1]
        before_wrap = min(rows, self._capacity - self._next)
        for copy in (0, self._capacity):
            at = copy + self._next
            self._rows[:, at : at + before_wrap] = values[:, :before_wrap]
            self._rows[:, copy : copy + rows - before_wrap] = values[:, before_wrap:]
        self._next = (self._next + rows) % self._capacity
        self._count = min(self._capacity, self._count + rows)


def _with_holes(values: FloatArray, last: FloatArray) -> FloatArray:
    """Return `values` (C, N) with a row of NaN in front of every row that does not join on to `last`."""
    steps = np.diff(values[0], prepend=last[0] if np.isfinite(last[0]) else values[0, 0])
    jumps = np.abs(np.diff(values[_TILT], prepend=last[_TILT]))
    # A jump is NaN beside an unknown angle: that is a break already.
    after = np.flatnonzero((steps > GAP_S) | (jumps > JUMP_RAD))
    if len(after) == 0:
        return values
    holes = np.full((len(values), len(after)), np.nan)
    # The hole begins right after the last row before it.
    holes[0] = values[0, after] - steps[after] + np.minimum(_STEP_S, steps[after]) / 2
    return np.insert(values, after, holes, axis=1)
