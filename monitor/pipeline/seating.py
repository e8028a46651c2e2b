"""The seat reference on a pad: the posture held still, from which lift-off counts."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from calibration.alignment import Alignment, align, angle_between
from calibration.motion import G_MS2, mean_direction
from monitor.model.samples import FloatArray
from monitor.pipeline.posture import PostureEstimator
from monitor.pipeline.recent import RecentRows
from monitor.pipeline.reps import RepCounter
from monitor.pipeline.stillness import LONGEST_HOLD_ROWS, STILL_ROWS

_RESEAT_RAD: Final = math.radians(2.0)
_FARTHEST_ROLL_RAD: Final = math.radians(26.0)
_SEAT_RAD: Final = math.radians(10.0)
"""Less far back than this from standing there is no seat."""
_FEW_REPS: Final = 1
"""Sitting down may have been taken for one."""
_ASKEW_RAD: Final = math.radians(45.0)
_STEADY_RAD: Final = math.radians(1.0)
_SWAY_RAD: Final = math.radians(1.5)


class Seating:
    """Take the seat reference anew where the lifter rests on the pad.

    Parameters
    ----------
    posture
        Holds the alignments; a new reference is put in force there.
    """

    def __init__(self, posture: PostureEstimator) -> None:
        self.ever = False
        """True once there was a seat reference."""
        self._posture = posture

    def rested(self, recent: RecentRows, reps: RepCounter, now_s: float) -> bool:
        """Take the last second, a still one, unless a repetition or a set is going on.

        Parameters
        ----------
        recent
            The last rows; `now_s` is the time of the last of them.
        reps
            What is going on; a repetition in progress is given up with the old reference.

        Returns
        -------
        bool
            Whether there is a new reference worth telling.
        """
        lower, upper = recent.last(STILL_ROWS)
        held = self._posture.lower
        if held is None or (lower.up @ lower.up[-1]).min() < math.cos(_STEADY_RAD):
            return False  # nothing to count from, or slowly on its way
        up = mean_direction(lower.up)
        turned = angle_between(up, held.sensor_to_segment[2])
        farther = _SEAT_RAD if reps.count <= _FEW_REPS else _FARTHEST_ROLL_RAD
        # Lying back shows another offset of the accelerometer, which looks like sinking.
        if (not reps.rests and turned < _SEAT_RAD) or (reps.in_set and turned < farther):
            return False
        worn = upper is not None and np.isfinite(upper.up).all()
        upper_up = mean_direction(upper.up) if upper is not None and worn else None
        held = self._by_sitting(held, up, upper_up, reps.count)
        exercising = reps.busy and (reps.travels or reps.lift_off.seated)
        if exercising and turned < _FARTHEST_ROLL_RAD and not _settled(recent):
            return False  # a hold at depth is no new seat
        self._posture.lower = held.with_neutral(up)
        if upper_up is not None and self._posture.upper is not None:
            self._posture.upper = self._posture.upper.with_neutral(upper_up)
        reps.reset(now_s)
        if turned > _SEAT_RAD:
            # At rest the force is gravity: what is more is the accelerometer's, another one lying back.
            reps.expect(float(lower.force_ms2.mean()) - G_MS2)
        reps.lift_off.sit()
        if self.ever and turned < _RESEAT_RAD:
            return False
        self.ever = True
        return True

    def _by_sitting(
        self, held: Alignment, up: FloatArray, upper_up: FloatArray | None, reps: int
    ) -> Alignment:
        """Return the lower alignment, with the axis from sitting down where that shows it to be another.

        Whoever sits down leans back. Before the set that says more of the axis than a small movement that was
        taken for a repetition on the pad.
        """
        leant, upper = _leant_back(held, up), self._posture.upper
        if leant is held or reps > _FEW_REPS:
            return held
        self._posture.lower = leant
        if upper is not None and upper_up is not None:
            self._posture.upper = _leant_back(upper, upper_up)
        return leant


def _leant_back(held: Alignment, up: FloatArray) -> Alignment:
    """Return an alignment with the axis about which leaning back brought `up` (3,), if it is another."""
    neutral, left = held.sensor_to_segment[2], np.cross(held.sensor_to_segment[2], up)
    if angle_between(up, neutral) < _SEAT_RAD or angle_between(left, held.sensor_to_segment[1]) < _ASKEW_RAD:
        return held
    return align(neutral, left)


def _settled(recent: RecentRows) -> bool:
    """Return whether the posture has been the same for longer than any hold at depth."""
    up = recent.last(LONGEST_HOLD_ROWS)[0].up
    return len(up) >= LONGEST_HOLD_ROWS and bool((up @ up[-1]).min() > math.cos(_SWAY_RAD))
