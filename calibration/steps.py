"""The steps of a guided calibration: what is asked, what counts, what is refused and in which words.

Here are those at rest; the movements are in `movements`.

A step takes one row after another; it knows nothing of time but the rows it has seen. When it is
done, or when what it has seen does not do, `settle` says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import numpy as np

from calibration.alignment import Alignment, FloatArray
from calibration.motion import QUIET_RATE_RADS, MotionRows, Vector, angle, mean_direction
from calibration.sensor import add_pose, fit_accelerometer, missing_sides

ROWS_HZ: Final = 100.0
"""Rate of the rows a step takes."""
STILL_S: Final = 3.0
_STEADY_RAD: Final = math.radians(2.5)
"""Breath and sway of somebody who stands still."""
_SMOOTHED: Final = 0.03
"""Share of a new row in the mean: a third of a second."""
_TELL_AFTER: Final = round(1.0 * ROWS_HZ)
_TELL_AGAIN: Final = round(6.0 * ROWS_HZ)
_SEATED_RAD: Final = math.radians(8.0)
_HANDLED_RAD: Final = math.radians(30.0)
"""A sensor that is taken off and clipped on is turned in the hand by more than this."""
_SETTLED_ROWS: Final = round(0.5 * ROWS_HZ)
_POSE_ROWS: Final = round(1.2 * ROWS_HZ)
_POSE_RAD: Final = math.radians(1.0)


class Row(NamedTuple):
    """One row of the worn sensors; `accs` holds the specific force of each."""

    number: int
    up: Vector
    upper_up: Vector | None
    accs: tuple[Vector, ...]
    quiet: bool
    rate_rads: float


@dataclass(slots=True)
class Body:
    """What is known so far; keys are the places ``"lower"``, ``"upper"`` and ``"t12"``."""

    rows: Callable[[str, int, int], MotionRows]
    """Rows [start, stop) of the sensor ``"lower"`` or ``"upper"``."""
    two_sensors: bool = False
    neutral: dict[str, FloatArray] = field(default_factory=dict)
    alignment: dict[str, Alignment] = field(default_factory=dict)
    axis_share: dict[str, float] = field(default_factory=dict)
    seat: dict[str, FloatArray] = field(default_factory=dict)
    peaks_rad: dict[str, list[float]] = field(default_factory=dict)
    """Largest values of what was done: bend, back_bend, flexion, extension, arch, tuck, t12 ..."""
    still: list[tuple[int, int]] = field(default_factory=list)
    """Spans of rows at rest on the body."""
    lying: list[tuple[int, int]] = field(default_factory=list)
    """Spans of rows at rest on a table."""
    accelerometer: dict[str, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    spread_rad: float = 0.0

    @property
    def worn(self) -> tuple[str, ...]:
        """Names of the sensors."""
        return ("lower", "upper") if self.two_sensors else ("lower",)


class Step(Protocol):
    """One thing that is asked of the lifter."""

    prompt: str
    hint: str
    """What is wrong just now; empty if nothing is."""
    skipped: str
    """What stays unknown if the step is left out; empty if it cannot be."""

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        ...

    def take(self, row: Row, body: Body) -> str:
        """Take a row; return something to tell, or nothing."""
        ...

    def settle(self, body: Body) -> bool:
        """Return whether the step is done; CalibrationError if it has to be repeated, and why."""
        ...


class _Level:
    """Whether gravity keeps its direction, since a first row.

    From the accelerometer alone: an attitude filter that does not know its gyroscope yet drifts by
    a degree a second where nothing moves.
    """

    def __init__(self, acc: Vector) -> None:
        self._first = self._slow = acc
        self._rows = 1

    def holds(self, acc: Vector) -> bool:
        """Take the next row; return whether the direction, sway and noise averaged out, is the first's."""
        self._rows += 1
        share = max(_SMOOTHED, 1.0 / self._rows)
        x, y, z = (s + share * (a - s) for s, a in zip(self._slow, acc, strict=True))
        self._slow = (x, y, z)
        if share > _SMOOTHED:
            self._first = self._slow
        return angle(_unit(self._slow), _unit(self._first)) < _STEADY_RAD


class Stand:
    """Hold still; the mean direction of up is the neutral of `place`.

    Parameters
    ----------
    prompt, place
        What is asked, and ``"lower"`` (with ``"upper"`` if worn), ``"t12"`` or ``"seat"``.
    after_handling
        Wait until the sensor has been taken off and clipped on again.
    """

    def __init__(self, prompt: str, place: str = "lower", *, after_handling: bool = False) -> None:
        self.prompt, self.hint, self.skipped = prompt, "", ""
        self._place = place
        self._handled = not after_handling
        self._settled: Vector | None = None
        self._start = 0
        self._run = 0
        self._levels: list[_Level] = []
        patient = after_handling or place == "seat"
        self._since_told = _TELL_AGAIN - round((10.0 if patient else 3.0) * ROWS_HZ)

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(1.0, self._run / (STILL_S * ROWS_HZ))

    def take(self, row: Row, body: Body) -> str:
        """Take a row; return something to tell, or nothing."""
        if not self._handled:
            self._watch_hands(row)
            return ""
        if self._place == "seat" and angle(row.up, vector(body.neutral["lower"])) < _SEATED_RAD:
            self._run, self.hint = 0, ""
            return ""
        self._since_told += 1
        held = self._run
        levels = zip(self._levels, row.accs, strict=True) if row.quiet and held else ()
        steady = [level.holds(acc) for level, acc in levels]  # each has to see every row
        if steady and all(steady):
            self._run, self.hint = held + 1, ""
            return ""
        self._run, self._start = int(row.quiet), row.number
        self._levels = [_Level(acc) for acc in row.accs]
        if not row.quiet:
            self.hint = "you are moving: hold still"
        if held >= _TELL_AFTER or (self._since_told >= _TELL_AGAIN and not row.quiet):
            self._since_told = 0
            return f"you moved: hold still for {STILL_S:.0f} seconds, breathe calmly"
        return ""

    def _watch_hands(self, row: Row) -> None:
        """See whether the sensor is turned in the hand, once the movement before is over."""
        if self._settled is not None:
            self._handled = angle(row.up, self._settled) > _HANDLED_RAD
            self._run = 0
            return
        self._run = self._run + 1 if row.quiet else 0
        if self._run >= _SETTLED_ROWS:
            self._settled = row.up

    def settle(self, body: Body) -> bool:
        """Return whether it is done; CalibrationError if it has to be repeated."""
        if self._run < STILL_S * ROWS_HZ:
            return False
        start, stop = self._start, self._start + self._run
        body.still.append((start, stop))
        for name in body.worn:
            # Not the filter's attitude: it may still be learning the gyroscope's offset.
            up = mean_direction(body.rows(name, start, stop).acc_ms2)
            if self._place == "seat":
                body.seat[name] = up
            else:
                body.neutral[self._place if name == "lower" else name] = up
        return True


class SixPoses:
    """Lay the sensors on each of their six sides, in any order."""

    def __init__(self, prompt: str) -> None:
        self.prompt, self.hint, self.skipped = prompt, "", ""
        self._run = 0
        self._first: Row | None = None
        self._poses: dict[str, list[FloatArray]] = {}
        self._missing = 6

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return 1.0 - self._missing / 6

    def take(self, row: Row, body: Body) -> str:
        """Take a row; return something to tell, or nothing."""
        # Gravity is what is calibrated here, so it cannot tell whether the sensor is at rest.
        rests = row.rate_rads < QUIET_RATE_RADS
        if not (rests and self._first is not None and angle(row.up, self._first.up) < _POSE_RAD):
            self._run, self._first = 0, row if rests else None
            return ""
        self._run += 1
        if self._run != _POSE_ROWS:
            return ""
        before = self._missing
        body.lying.append((row.number - _POSE_ROWS + 1, row.number + 1))
        for name in body.worn:
            acc = body.rows(name, row.number - _POSE_ROWS + 1, row.number + 1).acc_ms2
            # The sensors do not begin in the same row, and one may have lost some.
            known = acc[np.isfinite(acc[:, 0])]
            if len(known) > len(acc) // 2:
                self._poses[name] = add_pose(self._poses.get(name, []), known.mean(axis=0))
        self._missing = max(len(missing_sides(self._poses.get(name, []))) for name in body.worn)
        if self._missing >= before:
            self.hint = "that side was there already, or lies askew: lay it on another"
            return ""
        self.hint = ""
        return f"side {6 - self._missing} of 6"

    def settle(self, body: Body) -> bool:
        """Return whether it is done; CalibrationError if it has to be repeated."""
        if self._missing:
            return False
        poses, self._poses, self._missing = self._poses, {}, 6
        for name in body.worn:
            body.accelerometer[name] = fit_accelerometer(np.array(poses[name]))
        return True


def vector(values: FloatArray) -> Vector:
    """Return (3,) as plain numbers."""
    return float(values[0]), float(values[1]), float(values[2])


def _unit(v: Vector) -> Vector:
    length = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    return v[0] / length, v[1] / length, v[2] / length
