"""When an alignment is over: told from gravity at rest.

A sensor that has slipped, was clipped on anew, or sits otherwise than when it was calibrated feels
gravity from another side in the same posture. Gravity cannot show a turn about the vertical.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from calibration.alignment import Alignment, FloatArray, angle_between, tilt_from

DRIFT_RAD: Final = math.radians(2.5)
"""Two upright stances of one person, breath and sway averaged out, differ by 1 to 2 deg."""
SLIP_RAD: Final = math.radians(5.0)
"""From here on a neutral is wrong by more than the pelvic tilt is known to (sigma 5 deg)."""
REMOUNT_RAD: Final = math.radians(25.0)
"""No clip slips so far and stays on: the sensor was clipped on anew, and its axis is not known."""
RESEAT_RAD: Final = math.radians(5.0)
_ALIKE_RAD: Final = math.radians(4.0)
"""Pelvis and thorax may move so far apart in a change of stance: the hollow of the back varies too."""


class Fit(StrEnum):
    """How the posture at rest fits the calibrated one."""

    FITS = "fits"
    DRIFT = "drift"
    SLIP = "slip"
    REMOUNT = "remount"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well a sensor still sits as it was calibrated.

    Parameters
    ----------
    sensor
        Which one.
    fit, angle_rad
        How, and by how much the direction of up in its frame has moved.
    """

    sensor: str
    fit: Fit
    angle_rad: float

    @property
    def invalid(self) -> bool:
        """True if the neutral, and all that counts from it, no longer holds."""
        return self.fit in (Fit.SLIP, Fit.REMOUNT)

    def text(self) -> str:
        """Return what to tell the lifter; empty where all is well."""
        angle = f"{math.degrees(self.angle_rad):.1f} deg"
        match self.fit:
            case Fit.DRIFT:
                return (
                    f"the {self.sensor} sensor stands {angle} off its calibrated neutral: "
                    "little enough to go on"
                )
            case Fit.SLIP:
                return (
                    f"the {self.sensor} sensor stands {angle} off its calibrated neutral: "
                    "it has slipped, or you stand otherwise"
                )
            case Fit.REMOUNT:
                return f"the {self.sensor} sensor is clipped on {angle} otherwise than when it was calibrated"
        return ""


def told_by_posture(lower: tuple[Alignment, FloatArray], upper: tuple[Alignment, FloatArray]) -> bool:
    """Return whether both sensors have tilted alike: the lifter stands otherwise, neither has slipped.

    Parameters
    ----------
    lower, upper
        Alignment, and direction of up (3,) in the frame of that sensor now.
    """
    tilts = [np.array(tilt_from(up[np.newaxis], alignment)).ravel() for alignment, up in (lower, upper)]
    return float(np.linalg.norm(tilts[0] - tilts[1])) < _ALIKE_RAD


def judge(sensor: str, neutral_up: FloatArray, up: FloatArray) -> Verdict:
    """Return how well a posture at rest fits the calibrated neutral.

    Parameters
    ----------
    sensor
        Its name.
    neutral_up, up
        (3,) direction of up in the sensor frame, then and now, the lifter standing upright.
    """
    angle = angle_between(neutral_up, up)
    if angle < DRIFT_RAD:
        return Verdict(sensor, Fit.FITS, angle)
    if angle < SLIP_RAD:
        return Verdict(sensor, Fit.DRIFT, angle)
    return Verdict(sensor, Fit.SLIP if angle < REMOUNT_RAD else Fit.REMOUNT, angle)
