"""The seat reference on a pad: the posture held still, from which lift-off counts."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from calibration.alignment import Alignment, angle_between, tilt_from
from monitor.model.samples import FloatArray
from monitor.pipeline.orientation import mean_up
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
        up = mean_up(lower)
        turned = angle_between(up, held.sensor_to_segment[2])
        if reps.in_set and turned < _FARTHEST_ROLL_RAD:
            return False
        held = self._right_way_round(held, up, turned, reps.count)
        exercising = reps.busy and (reps.travels or reps.lift_off.seated)
        if exercising and turned < _FARTHEST_ROLL_RAD and not _settled(recent):
            return False  # a hold at depth is no new seat
        self._posture.lower = held.with_neutral(up)
        if upper is not None and self._posture.upper is not None and np.isfinite(upper.up).all():
            self._posture.upper = self._posture.upper.with_neutral(mean_up(upper))
        reps.reset(now_s)
        reps.lift_off.sit()
        if self.ever and turned < _RESEAT_RAD:
            return False
        self.ever = True
        return True

    def _right_way_round(self, held: Alignment, up: FloatArray, turned: float, reps: int) -> Alignment:
        """Return the lower alignment in force, turned about where sitting down shows it to be backwards.

        Whoever sits down leans back: what the axis was taken from was no repetition on the pad.
        """
        anterior = tilt_from(up[None], held)[0][0] > 0
        if turned < _SEAT_RAD or not anterior or reps > _FEW_REPS:
            return held
        self._posture.lower = held.turned_about()
        if self._posture.upper is not None:
            self._posture.upper = self._posture.upper.turned_about()
        return self._posture.lower


def _settled(recent: RecentRows) -> bool:
    """Return whether the posture has been the same for longer than any hold at depth."""
    up = recent.last(LONGEST_HOLD_ROWS)[0].up
    return len(up) >= LONGEST_HOLD_ROWS and bool((up @ up[-1]).min() > math.cos(_SWAY_RAD))
