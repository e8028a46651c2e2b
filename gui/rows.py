"""Repetitions as rows of the table and bars of the chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gui.usual import band_deg
from gui.view_state import Bar, BarChart, RepRow
from gui.words import clock_text, degrees_text, fault_text, percent_text
from monitor.model.events import Level, LiftOff, Rep
from monitor.model.exercise import Carrier, Exercise
from monitor.pipeline.baseline import Baseline, Measures, measures
from monitor.pipeline.faults import LEAST_COVERAGE
from monitor.pipeline.settings import PipelineSettings


def row_of(rep: Rep, lift_off: LiftOff | None) -> RepRow:
    """Return one line of the table."""
    metrics = rep.metrics
    # A narrow table cuts the end off: what made the level comes first.
    noticed = [fault_text(f) for f in sorted(rep.faults, key=lambda f: f.level is not Level.ALERT)]
    if lift_off is not None:
        noticed.insert(0, f"lift-off {degrees_text(abs(lift_off.peak_rad))}")
    if not is_complete(rep):
        noticed.append(f"not judged: {percent_text(metrics.coverage)} of the samples")
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


def level_of(rep: Rep, lift_off: LiftOff | None) -> Level | None:
    """Return the strongest level of what was noticed in a repetition; None if nothing was."""
    levels = {fault.level for fault in rep.faults}
    if lift_off is not None:
        levels.add(lift_off.level)
    return Level.ALERT if Level.ALERT in levels else next(iter(levels), None)


def chart_of(
    reps: Sequence[Rep],
    base: Baseline | None,
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
    base
        The lifter's usual repetition; None until it is known.
    lift_offs
        Lift-off by repetition.
    exercise, settings
        They decide what is measured and which limits are drawn.
    flexion
        True where lumbar flexion is measured with two sensors.
    """
    shown = _shown(exercise, flexion=flexion)
    bars = []
    for rep in reps:
        value = shown.value(measures(rep))
        if not math.isnan(value):
            level = level_of(rep, lift_offs.get(rep.index))
            bars.append(Bar(rep.index, math.degrees(value), level, is_complete(rep)))
    caution_deg = alert_deg = None
    if exercise.back_supported and not flexion:
        caution_deg, alert_deg = settings.lift_off_caution_deg, settings.lift_off_alert_deg
    elif shown is _TUCK:
        caution_deg, alert_deg = settings.tuck_caution_deg, settings.tuck_alert_deg
    band = None
    if base is not None:
        band = band_deg(exercise, base, shown.value(base.usual), abs(shown.spread(base.spread)))
    return BarChart(shown.title, tuple(bars), band, caution_deg, alert_deg)


class _Shown(NamedTuple):
    title: str
    value: Callable[[Measures], float]
    spread: Callable[[Measures], float]


_FLEXION = _Shown("Peak lumbar flexion, each rep", lambda m: m.flexion_rad, lambda m: m.flexion_rad)
_ROLL = _Shown("Furthest roll off the pad, each rep", lambda m: max(0.0, -m.peak_rad), lambda m: m.peak_rad)
_TUCK = _Shown("Tuck at the bottom, each rep", lambda m: m.tuck_rad, lambda m: m.tuck_rad)
_TILT = _Shown("Peak pelvic tilt, each rep", lambda m: abs(m.peak_rad), lambda m: m.peak_rad)


def _shown(exercise: Exercise, *, flexion: bool) -> _Shown:
    if flexion:
        return _FLEXION
    if exercise.back_supported:
        return _ROLL
    return _TUCK if exercise.carrier is Carrier.TRAVEL else _TILT
