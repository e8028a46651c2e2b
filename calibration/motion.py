"""Rows of motion that a guided procedure watches, and the shapes it looks for in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from calibration.alignment import FloatArray

G_MS2: Final = 9.80665
"""Standard gravity (CGPM 1901)."""
QUIET_RATE_RADS: Final = 0.20
_QUIET_ACC_MS2: Final = 0.8
"""Standing sway stays below 0.1 rad/s; a cheap accelerometer's own offset reaches 0.5 m/s2."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class MotionRows:
    """Consecutive rows of one sensor with their attitude.

    Parameters
    ----------
    t_s
        (N,) time in s.
    up
        (N, 3) unit up-vector in the sensor frame; NaN where unknown.
    acc_ms2, gyr_rads
        (N, 3) specific force in m/s2 and angular rate in rad/s, sensor frame.
    """

    t_s: FloatArray
    up: FloatArray
    acc_ms2: FloatArray
    gyr_rads: FloatArray

    def __len__(self) -> int:
        """Return the number of rows N."""
        return len(self.t_s)

    def __getitem__(self, rows: slice) -> MotionRows:
        """Return a slice by rows."""
        return MotionRows(self.t_s[rows], self.up[rows], self.acc_ms2[rows], self.gyr_rads[rows])

    def quiet(self) -> list[bool]:
        """Return for each row whether the sensor is at rest but for sway; unknown is not."""
        rest = at_rest(self.acc_ms2, self.gyr_rads) & np.isfinite(self.up[:, 0])
        made: list[bool] = rest.tolist()
        return made


def at_rest(acc_ms2: FloatArray, gyr_rads: FloatArray) -> npt.NDArray[np.bool_]:
    """Return for each row (N, 3) of force in m/s2 and rate in rad/s whether it is rest but for sway."""
    rate = np.sqrt(np.einsum("ij,ij->i", gyr_rads, gyr_rads))
    force = np.sqrt(np.einsum("ij,ij->i", acc_ms2, acc_ms2))
    made: npt.NDArray[np.bool_] = (rate < QUIET_RATE_RADS) & (np.abs(force - G_MS2) < _QUIET_ACC_MS2)
    return made


def join_motion(blocks: list[MotionRows]) -> MotionRows:
    """Return consecutive blocks as one; at least one is needed."""
    return MotionRows(
        np.concatenate([b.t_s for b in blocks]),
        np.concatenate([b.up for b in blocks]),
        np.concatenate([b.acc_ms2 for b in blocks]),
        np.concatenate([b.gyr_rads for b in blocks]),
    )


def mean_direction(vectors: FloatArray) -> FloatArray:
    """Return the mean unit vector (3,) of the finite rows of (N, 3)."""
    mean = np.nanmean(vectors, axis=0)
    made: FloatArray = mean / np.linalg.norm(mean)
    return made


def angle(a: Vector, b: Vector) -> float:
    """Return the angle in rad between two unit vectors; NaN if one is unknown."""
    dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return math.acos(max(-1.0, min(1.0, dot))) if not math.isnan(dot) else math.nan


class Excursion(NamedTuple):
    """A way out and back: rows [start, stop), largest value and where it was."""

    start: int
    stop: int
    peak_row: int
    peak: float


class Excursions:
    """Find the ways out and back in a series of angles.

    Parameters
    ----------
    leave_rad
        Rise above the lowest value since the last one that begins an excursion.
    back
        It is over once the value has fallen below this share of its peak.
    """

    def __init__(self, leave_rad: float, back: float = 0.4) -> None:
        self._leave_rad = leave_rad
        self._back = back
        self._low = math.inf
        self._start = -1
        self._peak = 0.0
        self._peak_row = 0

    @property
    def out(self) -> bool:
        """True between leaving and coming back."""
        return self._start >= 0

    def step(self, row: int, value: float) -> Excursion | None:
        """Take one value in rad; return an excursion that has come back in it."""
        if math.isnan(value):
            self._low, self._start = math.inf, -1
            return None
        if self._start < 0:
            self._low = min(self._low, value)
            if value > self._low + self._leave_rad:
                self._start, self._peak, self._peak_row = row, value, row
            return None
        if value > self._peak:
            self._peak, self._peak_row = value, row
        if value > self._back * self._peak:
            return None
        made = Excursion(self._start, row + 1, self._peak_row, self._peak)
        self._start, self._low = -1, value
        return made


class Turns:
    """Find the extremes of a series that swings to and fro, once it has come back by `least_rad`."""

    def __init__(self, least_rad: float) -> None:
        self._least_rad = least_rad
        self._high = -math.inf
        self._low = math.inf
        self._rising: bool | None = None
        self.highs: list[float] = []
        self.lows: list[float] = []

    def step(self, value: float) -> bool:
        """Take one value in rad; return whether it shows that an extreme has been passed."""
        if math.isnan(value):
            return False
        self._high, self._low = max(self._high, value), min(self._low, value)
        if self._rising is not False and value < self._high - self._least_rad:
            # The first way down is no evidence of an extreme: it began at rest.
            if self._rising is not None:
                self.highs.append(self._high)
            self._rising, self._low = False, value
            return True
        if self._rising is not True and value > self._low + self._least_rad:
            if self._rising is not None:
                self.lows.append(self._low)
            self._rising, self._high = True, value
            return True
        return False
