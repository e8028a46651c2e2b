"""The movements of a guided calibration: full bends, back bends, pelvic tilts."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from calibration.alignment import Alignment, FloatArray, align, rotation_axis, tilt_from
from calibration.errors import CalibrationError
from calibration.motion import Excursion, Excursions, Turns, Vector, angle
from calibration.steps import Body, Row, vector

MOST_SPREAD_RAD: Final = math.radians(8.0)
"""Bends of one person repeat to a few degrees; further apart they are no measure of a range."""
LEAST_AXIS_SHARE: Final = 0.7
_FULL_BEND_RAD: Final = math.radians(25.0)
"""A full bend tilts the pelvis by 59 +- 15 deg (Laird 2018)."""
_BACK_BEND_RAD: Final = math.radians(6.0)
_TILT_RAD: Final = math.radians(4.0)


class Bends:
    """Bend forward as far as it goes and come back; the axis, and the range of `place`.

    Parameters
    ----------
    prompt, place, count
        What is asked, ``"lower"`` (with ``"upper"`` if worn) or ``"t12"``, and how often.
    """

    def __init__(self, prompt: str, place: str = "lower", count: int = 3) -> None:
        self.prompt, self.hint, self.skipped = prompt, "", ""
        self._place = place
        self._count = count
        self._excursions = Excursions(math.radians(10.0))
        self._found: list[Excursion] = []

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(1.0, len(self._found) / self._count)

    def take(self, row: Row, body: Body) -> str:
        """Take a row; return something to tell, or nothing."""
        found = self._excursions.step(row.number, angle(row.up, vector(body.neutral[self._place])))
        if found is None:
            return ""
        if found.peak < _FULL_BEND_RAD:
            self.hint = f"that was {math.degrees(found.peak):.0f} deg: bend as far as is comfortable"
            return self.hint
        self.hint = ""
        self._found.append(found)
        return f"bend {len(self._found)} of {self._count}: {math.degrees(found.peak):.0f} deg"

    def settle(self, body: Body) -> bool:
        """Return whether it is done; CalibrationError if it has to be repeated."""
        if len(self._found) < self._count:
            return False
        found, self._found = self._found, []
        made = {name: self._aligned(body, name, found) for name in body.worn}
        peaks = {name: _largest_tilts(body, name, a, found) for name, (a, _) in made.items()}
        spread = max(max(p) - min(p) for p in peaks.values())
        if spread > MOST_SPREAD_RAD:
            told = ", ".join(f"{math.degrees(p):.0f}" for p in peaks["lower"])
            if body.two_sensors:
                told += " at the lower and " + ", ".join(f"{math.degrees(p):.0f}" for p in peaks["upper"])
            raise CalibrationError(
                f"the bends went to {told} deg, more than {math.degrees(MOST_SPREAD_RAD):.0f} deg apart: "
                f"{self._count} more please, each as far as is comfortable"
            )
        if body.two_sensors and np.mean(peaks["upper"]) < np.mean(peaks["lower"]):
            raise CalibrationError(
                "the upper sensor tilted less than the lower one: swap them, stand still and begin again"
            )
        body.spread_rad = max(body.spread_rad, spread)
        for name, (alignment, share) in made.items():
            place = self._place if name == "lower" else name
            body.alignment[place], body.axis_share[place] = alignment, share
        # A single bend only shows the axis of a sensor that was clipped on anew.
        if self._count > 1:
            body.peaks_rad["t12" if self._place == "t12" else "bend"] = peaks["lower"]
        if body.two_sensors:
            body.peaks_rad["t12"] = peaks["upper"]
            body.peaks_rad["flexion"] = [max(_flexion(body, e)) for e in found]
        return True

    def _aligned(self, body: Body, name: str, found: list[Excursion]) -> tuple[Alignment, float]:
        neutral = body.neutral[self._place if name == "lower" else name]
        parts = [body.rows(name, e.start, e.stop) for e in found]
        gyr = np.concatenate([p.gyr_rads for p in parts])
        axis, share = rotation_axis(gyr[np.isfinite(gyr[:, 0])], neutral)
        if share < LEAST_AXIS_SHARE:
            raise CalibrationError("the bends leaned or turned: bend straight forward, and again")
        deepest = body.rows(name, found[0].peak_row, found[0].peak_row + 1).up[0]
        return align(neutral, axis * math.copysign(1.0, float(np.cross(deepest, neutral) @ axis))), share


class BackBends:
    """Bend backward; own extension."""

    def __init__(self, prompt: str, count: int = 2) -> None:
        self.prompt, self.hint = prompt, ""
        self.skipped = "own extension"
        self._count = count
        self._excursions = Excursions(math.radians(4.0))
        self._found: list[Excursion] = []

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(1.0, len(self._found) / self._count)

    def take(self, row: Row, body: Body) -> str:
        """Take a row; return something to tell, or nothing."""
        # The upper sensor sees more of it: bending back is lumbar for the most part.
        tilt = _tilt(row.upper_up or row.up, body.alignment["upper" if row.upper_up else "lower"])
        found = self._excursions.step(row.number, max(0.0, -tilt) if not math.isnan(tilt) else tilt)
        if tilt > _FULL_BEND_RAD:
            self.hint = "that was forward: bend backward"
        if found is None or found.peak < _BACK_BEND_RAD:
            return ""
        self.hint = ""
        self._found.append(found)
        return f"back bend {len(self._found)} of {self._count}: {math.degrees(found.peak):.0f} deg"

    def settle(self, body: Body) -> bool:
        """Return whether it is done; CalibrationError if it has to be repeated."""
        if len(self._found) < self._count:
            return False
        found, self._found = self._found, []
        if max(e.peak for e in found) - min(e.peak for e in found) > MOST_SPREAD_RAD:
            told = " and ".join(f"{math.degrees(e.peak):.0f}" for e in found)
            raise CalibrationError(f"the back bends went to {told} deg: again, each as far as is comfortable")
        body.peaks_rad["back_bend"] = [
            -float(np.nanmin(_tilts(body, "lower", body.alignment["lower"], e))) for e in found
        ]
        if body.two_sensors:
            body.peaks_rad["extension"] = [-min(_flexion(body, e)) for e in found]
        return True


class PelvicTilts:
    """Arch and tuck; the reach of the pelvis, standing or against a pad."""

    def __init__(self, prompt: str, *, seated: bool = False, count: int = 3) -> None:
        self.prompt, self.hint = prompt, ""
        self.skipped = "own arch and tuck on the pad" if seated else "own arch and tuck"
        self._seated = seated
        self._count = count
        self._turns = Turns(_TILT_RAD)
        self._told = 0

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(1.0, self._done / self._count)

    @property
    def _done(self) -> int:
        return min(len(self._turns.highs), len(self._turns.lows))

    def take(self, row: Row, body: Body) -> str:
        """Take a row; return something to tell, or nothing."""
        alignment = body.alignment["lower"]
        if self._seated:
            alignment = alignment.with_neutral(body.seat["lower"])
        self._turns.step(_tilt(row.up, alignment))
        if self._done <= self._told:
            return ""
        self._told = self._done
        span = math.degrees(self._turns.highs[-1] - self._turns.lows[-1])
        return f"pelvic tilt {self._told} of {self._count}: {span:.0f} deg from arch to tuck"

    def settle(self, body: Body) -> bool:
        """Return whether it is done; CalibrationError if it has to be repeated."""
        if self._done < self._count:
            return False
        where = "seated_" if self._seated else ""
        body.peaks_rad[where + "arch"] = self._turns.highs[: self._count]
        body.peaks_rad[where + "tuck"] = [-low for low in self._turns.lows[: self._count]]
        return True


def _tilt(up: Vector, alignment: Alignment) -> float:
    return float(tilt_from(np.array([up]), alignment)[0][0])


def _tilts(body: Body, name: str, alignment: Alignment, span: Excursion) -> FloatArray:
    return tilt_from(body.rows(name, span.start, span.stop).up, alignment)[0]


def _largest_tilts(body: Body, name: str, alignment: Alignment, found: list[Excursion]) -> list[float]:
    return [float(np.nanmax(_tilts(body, name, alignment, e))) for e in found]


def _flexion(body: Body, span: Excursion) -> list[float]:
    """Return the lumbar flexion in rad of the rows of `span`, where both sensors are known."""
    made = _tilts(body, "upper", body.alignment["upper"], span)
    made = made - _tilts(body, "lower", body.alignment["lower"], span)
    known: list[float] = made[np.isfinite(made)].tolist()
    return known or [math.nan]
