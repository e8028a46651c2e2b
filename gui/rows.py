"""Repetitions as rows of the table and bars of the chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from gui.usual import band_deg
from gui.view_state import Bar, BarChart, RepRow
from gui.words import clock_text, degrees_text, fault_text
from monitor.model.events import Level, LiftOff, Rep
from monitor.model.exercise import Carrier, Exercise
from monitor.pipeline.settings import PipelineSettings

LEAST_COVERAGE = 0.8
"""A repetition with fewer of its samples is not judged; evidence model, 'when to speak'."""


def row_of(rep: Rep, lift_off: LiftOff | None) -> RepRow:
    """Return one line of the table."""
    metrics = rep.metrics
    noticed = [fault_text(fault) for fault in rep.faults]
    if lift_off is not None:
        noticed.insert(0, f"lift-off {degrees_text(abs(lift_off.peak_rad))}")
    if not is_complete(rep):
        noticed.append(f"not judged: {metrics.coverage:.0%} of the samples".replace("%", " %"))
    return RepRow(
        index=rep.index,
        set_index=rep.set_index,
        time=clock_text(rep.turn_s),
        tempo=f"{rep.eccentric_s:.1f} / {rep.concentric_s:.1f}",
        tilt_range=degrees_text(metrics.tilt_range_rad),
        tuck=degrees_text(metrics.tuck_rad),
        flexion=degrees_text(metrics.peak_flexion_rad),
        noticed=", ".join(noticed),
        level=level_of(rep, lift_off),
        complete=is_complete(rep),
    )


def is_complete(rep: Rep) -> bool:
    """Return whether enough of the samples were received to judge the repetition."""
    return rep.metrics.coverage >= LEAST_COVERAGE


def comfortable(reps: Sequence[Rep], lift_offs: Mapping[int, LiftOff]) -> list[Rep]:
    """Return the repetitions that say what is usual: complete, and nothing noticed in them."""
    return [rep for rep in reps if is_complete(rep) and level_of(rep, lift_offs.get(rep.index)) is None]


def level_of(rep: Rep, lift_off: LiftOff | None) -> Level | None:
    """Return the strongest level of what was noticed in a repetition; None if nothing was."""
    levels = {fault.level for fault in rep.faults}
    if lift_off is not None:
        levels.add(lift_off.level)
    return Level.ALERT if Level.ALERT in levels else next(iter(levels), None)


def chart_of(
    reps: Sequence[Rep],
    earlier: Sequence[Rep],
    lift_offs: Mapping[int, LiftOff],
    exercise: Exercise,
    settings: PipelineSettings,
    *,
    flexion: bool,
) -> BarChart:
    """Return the bars of one set.

    Parameters
    ----------
    reps
        Repetitions of the set.
    earlier
        All repetitions of the exercise so far, oldest first: they make the usual band.
    lift_offs
        Lift-off by repetition.
    exercise, settings
        They decide what is measured and which limits are drawn.
    flexion
        True where lumbar flexion is measured with two sensors.
    """
    title, measure = _measure(exercise, flexion=flexion)
    known = [value for value in map(measure, comfortable(earlier, lift_offs)) if value is not None]
    bars = []
    for rep in reps:
        value = measure(rep)
        if value is not None and not math.isnan(value):
            level = level_of(rep, lift_offs.get(rep.index))
            bars.append(Bar(rep.index, math.degrees(value), level, is_complete(rep)))
    caution_deg = alert_deg = None
    if exercise.back_supported and not flexion:
        caution_deg, alert_deg = settings.lift_off_caution_deg, settings.lift_off_alert_deg
    elif measure is _tuck:
        caution_deg, alert_deg = settings.tuck_caution_deg, settings.tuck_alert_deg
    return BarChart(title, tuple(bars), band_deg(exercise, known), caution_deg, alert_deg)


def _measure(exercise: Exercise, *, flexion: bool) -> tuple[str, Callable[[Rep], float | None]]:
    if flexion:
        return "Peak lumbar flexion, each rep", _flexion
    if exercise.back_supported:
        return "Furthest roll off the pad, each rep", _roll
    if exercise.carrier is Carrier.TRAVEL:
        return "Tuck at the bottom, each rep", _tuck
    return "Peak pelvic tilt, each rep", _tilt


def _flexion(rep: Rep) -> float | None:
    return rep.metrics.peak_flexion_rad


def _roll(rep: Rep) -> float | None:
    return max(0.0, -rep.metrics.peak_tilt_rad)


def _tuck(rep: Rep) -> float | None:
    return rep.metrics.tuck_rad


def _tilt(rep: Rep) -> float | None:
    return abs(rep.metrics.peak_tilt_rad)
