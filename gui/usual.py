"""The lifter's own range, from the first repetitions, and the limits drawn around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median, pstdev

from gui.view_state import Zone
from monitor.model.exercise import Carrier, Exercise
from monitor.pipeline.settings import PipelineSettings

LEAST_REPS = 3
"""Below this a median says nothing about what is usual."""
BASELINE_REPS = 6
"""The first comfortable repetitions make the baseline."""
MDC_TRAVEL_DEG = 6.0
MDC_HINGE_DEG = 8.0
"""Least detectable change, squat-type and hinge."""

_SEATED_AXIS = (-30.0, 15.0)
_TRAVEL_AXIS = (-20.0, 60.0)
_HINGE_AXIS = (-20.0, 90.0)
_THRUST_AXIS = (-60.0, 40.0)
_FLEXION_AXIS = (-20.0, 60.0)


def zone_for(
    exercise: Exercise,
    peaks_rad: Sequence[float],
    settings: PipelineSettings,
    *,
    flexion: bool,
    judged: bool,
) -> Zone:
    """Return the gauge for one exercise.

    Parameters
    ----------
    exercise
        The exercise under way.
    peaks_rad
        Peak of every repetition so far in rad, oldest first.
    settings
        Limits of the lift-off.
    flexion
        True where the big number is lumbar flexion, False where it is pelvic tilt.
    judged
        False while no calibration allows limits on absolute angles.
    """
    low, high = _axis(exercise, flexion=flexion)
    if not judged:
        return Zone(low, high)
    first = _first_deg(peaks_rad)
    usual = None
    if len(first) >= LEAST_REPS:
        middle = median(first)
        usual = (min(0.0, middle), max(0.0, middle))
    if exercise.back_supported and not flexion:
        return Zone(low, high, usual, -settings.lift_off_caution_deg, -settings.lift_off_alert_deg)
    if usual is None:
        return Zone(low, high)
    sign = 1 if flexion else exercise.turn_sign
    return Zone(low, high, usual, median(first) + sign * _change_deg(exercise, first))


def usual_deg(values_rad: Sequence[float]) -> float | None:
    """Return the median of the first repetitions in deg; None until there are enough."""
    first = _first_deg(values_rad)
    return median(first) if len(first) >= LEAST_REPS else None


def band_deg(exercise: Exercise, values_rad: Sequence[float]) -> tuple[float, float] | None:
    """Return the band around the usual value in deg; None until there are enough repetitions."""
    first = _first_deg(values_rad)
    if len(first) < LEAST_REPS:
        return None
    half = _change_deg(exercise, first)
    return median(first) - half, median(first) + half


def _first_deg(values_rad: Sequence[float]) -> list[float]:
    return [math.degrees(v) for v in values_rad[:BASELINE_REPS] if not math.isnan(v)]


def _change_deg(exercise: Exercise, first_deg: list[float]) -> float:
    least = MDC_TRAVEL_DEG if exercise.carrier is Carrier.TRAVEL else MDC_HINGE_DEG
    return max(least, 2 * pstdev(first_deg))


def _axis(exercise: Exercise, *, flexion: bool) -> tuple[float, float]:
    if flexion:
        return _FLEXION_AXIS
    if exercise.back_supported:
        return _SEATED_AXIS
    if exercise.carrier is Carrier.TRAVEL:
        return _TRAVEL_AXIS
    return _THRUST_AXIS if exercise.name == "hip_thrust" else _HINGE_AXIS
