"""The lifter's own range, from the first repetitions, and the limits drawn around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median, pstdev

from gui.view_state import Zone
from monitor.model.exercise import Carrier, Exercise

SEAT_CAUTION_DEG = 8.0
SEAT_ALERT_DEG = 12.0
"""Posterior tilt past the seat reference; table of limits in the evidence model."""
LEAST_REPS = 3
"""Below this a median says nothing about what is usual."""
BASELINE_REPS = 6
"""The first comfortable repetitions make the baseline."""
MDC_TRAVEL_DEG = 6.0
MDC_HINGE_DEG = 8.0
"""Least detectable change, squat-type and hinge."""

_SEATED_AXIS = (-25.0, 15.0)
_TRAVEL_AXIS = (-20.0, 60.0)
_HINGE_AXIS = (-20.0, 90.0)
_THRUST_AXIS = (-60.0, 40.0)
_FLEXION_AXIS = (-20.0, 60.0)


def zone_for(exercise: Exercise, peaks_rad: Sequence[float], *, flexion: bool, judged: bool) -> Zone:
    """Return the gauge for one exercise.

    Parameters
    ----------
    exercise
        The exercise under way.
    peaks_rad
        Peak of every repetition so far in rad, oldest first.
    flexion
        True where the big number is lumbar flexion, False where it is pelvic tilt.
    judged
        False while no calibration allows limits on absolute angles.
    """
    low, high = _axis(exercise, flexion=flexion)
    if not judged:
        return Zone(low, high)
    first = [math.degrees(p) for p in peaks_rad[:BASELINE_REPS] if not math.isnan(p)]
    usual = None
    if len(first) >= LEAST_REPS:
        middle = median(first)
        usual = (min(0.0, middle), max(0.0, middle))
    if exercise.back_supported and not flexion:
        return Zone(low, high, usual, -SEAT_CAUTION_DEG, -SEAT_ALERT_DEG)
    if usual is None:
        return Zone(low, high)
    change = MDC_TRAVEL_DEG if exercise.carrier is Carrier.TRAVEL else MDC_HINGE_DEG
    sign = 1 if flexion else exercise.turn_sign
    return Zone(low, high, usual, median(first) + sign * max(change, 2 * pstdev(first)))


def _axis(exercise: Exercise, *, flexion: bool) -> tuple[float, float]:
    if flexion:
        return _FLEXION_AXIS
    if exercise.back_supported:
        return _SEATED_AXIS
    if exercise.carrier is Carrier.TRAVEL:
        return _TRAVEL_AXIS
    return _THRUST_AXIS if exercise.name == "hip_thrust" else _HINGE_AXIS
