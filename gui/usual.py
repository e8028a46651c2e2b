"""The lifter's own range as the engine knows it, and the limits drawn around it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gui.view_state import Zone
from monitor.model.events import Rep
from monitor.model.exercise import Carrier, Exercise
from monitor.pipeline.baseline import Baseline, BaselineKeeper
from monitor.pipeline.faults import personal_change_rad
from monitor.pipeline.settings import PipelineSettings

_SEATED_AXIS = (-30.0, 15.0)
_TRAVEL_AXIS = (-20.0, 60.0)
_HINGE_AXIS = (-20.0, 90.0)
_THRUST_AXIS = (-60.0, 40.0)
_FLEXION_AXIS = (-20.0, 60.0)


def usual_of(reps: Iterable[Rep], given: Baseline | None) -> Baseline | None:
    """Return the usual repetition of an exercise as the engine keeps it.

    Parameters
    ----------
    reps
        The repetitions of the exercise so far, oldest first.
    given
        The usual one of an earlier session, where the engine was given one.
    """
    keeper = BaselineKeeper(given)
    for rep in reps:
        keeper.add(rep)
    return keeper.now


def zone_for(
    exercise: Exercise, base: Baseline | None, settings: PipelineSettings, *, flexion: bool, judged: bool
) -> Zone:
    """Return the gauge for one exercise.

    Parameters
    ----------
    exercise
        The exercise under way.
    base
        The lifter's usual repetition of it; None until it is known.
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
    middle, spread = _peak(base, flexion=flexion)
    usual = None if math.isnan(middle) else (min(0.0, math.degrees(middle)), max(0.0, math.degrees(middle)))
    if exercise.back_supported and not flexion:
        return Zone(low, high, usual, -settings.lift_off_caution_deg, -settings.lift_off_alert_deg)
    band = band_deg(exercise, base, middle, spread)
    if band is None:
        return Zone(low, high)
    forward = flexion or exercise.turn_sign > 0
    return Zone(low, high, usual, band[1] if forward else band[0])


def band_deg(
    exercise: Exercise, base: Baseline | None, middle_rad: float, spread_rad: float
) -> tuple[float, float] | None:
    """Return the range in deg in which nothing is told of a measure; None where it is not known."""
    if base is None or math.isnan(middle_rad):
        return None
    half = personal_change_rad(exercise, spread_rad, same_session=base.same_session)
    return math.degrees(middle_rad - half), math.degrees(middle_rad + half)


def _peak(base: Baseline | None, *, flexion: bool) -> tuple[float, float]:
    if base is None:
        return math.nan, math.nan
    if flexion:
        return base.usual.flexion_rad, base.spread.flexion_rad
    return base.usual.peak_rad, base.spread.peak_rad


def _axis(exercise: Exercise, *, flexion: bool) -> tuple[float, float]:
    if flexion:
        return _FLEXION_AXIS
    if exercise.back_supported:
        return _SEATED_AXIS
    if exercise.carrier is Carrier.TRAVEL:
        return _TRAVEL_AXIS
    return _THRUST_AXIS if exercise.name == "hip_thrust" else _HINGE_AXIS
