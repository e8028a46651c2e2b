"""The figures of one repetition."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.polynomial.legendre import legfit

from calibration.motion import G_MS2
from monitor.model.events import RepMetrics
from monitor.model.exercise import Carrier, Exercise
from monitor.model.samples import FloatArray, PostureBlock
from monitor.pipeline.cycles import Cycle
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.history import PostureHistory
from monitor.pipeline.posture import CarrierRows
from monitor.pipeline.vertical import HOLD_ROWS, STILL_RATE_RADS

_BEFORE_S: Final = 0.5
"""The top a lean counts from is the smallest tilt of the half second before the start."""
_DT: Final = 1.0 / GRID_HZ
_STILL_MS2: Final = 0.4
_DEEP: Final = 0.3
_LEAST_PHASE_S: Final = 0.3
TOGETHER: Final = frozenset({"squat", "deadlift"})
"""Exercises in which hips and chest are to rise together."""
_RISEN: Final = 1 / 3
"""Fatigue shows in the first 250 ms of a lift of about a second (van Dieen 1998, J Mot Behav 30:20).
Counted in height it is the same place in a slow and in a quick lift, and the integral of a force
finds it better than an instant at which nothing moves."""
_LEGENDRE_DEGREE: Final = 5
_SPARC_CUT_HZ: Final = 10.0
_SPARC_LEAST: Final = 0.05
"""Cut-off and amplitude threshold of Balasubramanian 2015, J NeuroEng Rehabil 12:112."""


def measure(cycle: Cycle, history: PostureHistory, exercise: Exercise) -> RepMetrics:
    """Return the figures of `cycle` from the posture of its time."""
    rows, carriers = history.between(cycle.start_s, cycle.end_s)
    sway = carriers.sway_rads
    before, _ = history.between(cycle.start_s - _BEFORE_S, cycle.start_s)
    whole = history.between(cycle.start_s - _BEFORE_S, cycle.end_s)
    effort, _ = history.between(cycle.turn_s, cycle.end_s)
    tilt = rows.pelvic_tilt_rad
    flexion = rows.lumbar_flexion_rad
    deepest = None if np.isnan(flexion).all() else int(np.nanargmax(flexion))
    return RepMetrics(
        tilt_range_rad=float(np.nanmax(tilt) - np.nanmin(tilt)),
        peak_tilt_rad=float(np.nanmax(tilt) if exercise.turn_sign > 0 else np.nanmin(tilt)),
        lean_rad=float(np.nanmax(tilt) - np.nanmin(before.pelvic_tilt_rad)),
        tuck_rad=_tuck(cycle, rows, exercise),
        peak_flexion_rad=None if deepest is None else float(flexion[deepest]),
        flexion_sigma_rad=None if deepest is None else float(rows.lumbar_flexion_sigma_rad[deepest]),
        side_tilt_rad=_largest(rows.side_tilt_rad - rows.side_tilt_rad[0]),
        twist_rad=_largest(_twist(rows)),
        to_and_fro=_to_and_fro(rows),
        smoothness_sparc=sparc(
            np.abs(np.gradient(effort.pelvic_tilt_rad)) if len(effort) > 1 else np.empty(0)
        ),
        depth_m=cycle.depth if exercise.carrier is Carrier.TRAVEL else None,
        coverage=float(rows.present.mean()),
        roll_under_rad=_roll_under(cycle, rows),
        double_hump_rad=_double_hump(cycle, rows),
        bottom_s=_known(cycle.bottom_s),
        descent_ms=_known(cycle.descent_ms),
        hips_first_rad=_hips_first(*whole) if exercise.name in TOGETHER else None,
        peak_extension_rad=None if deepest is None else -float(np.nanmin(flexion)),
        sway_rads=float(np.sqrt(np.nanmean(sway**2))),
    )


def hips_turn_s(cycle: Cycle, history: PostureHistory, exercise: Exercise) -> float:
    """Return when the hips turned, which is before the tilt does where the trunk stays behind."""
    if exercise.name not in TOGETHER or exercise.carrier is Carrier.TRAVEL:
        return cycle.turn_s
    rows, carriers = history.between(cycle.start_s - _BEFORE_S, cycle.end_s)
    tipped_rad = _hips_first(rows, carriers)
    if tipped_rad is None or tipped_rad < 0.0:
        return cycle.turn_s
    first, last, _ = _rise(carriers)
    turn_s = float(rows.t_s[first] + rows.t_s[last]) / 2
    return turn_s if cycle.start_s + _LEAST_PHASE_S <= turn_s < cycle.turn_s else cycle.turn_s


def _hips_first(rows: PostureBlock, carriers: CarrierRows) -> float | None:
    """Return how much further forward the trunk is tipped once the hips are up by a third.

    Against its largest tilt until the hips began to rise: a pelvis that tucked under at the turn and
    comes back is no further forward than it was. The trunk is the upper sensor's segment, with
    one sensor the pelvis.
    """
    tilt = rows.pelvic_tilt_rad if np.isnan(rows.upper_tilt_rad).all() else rows.upper_tilt_rad
    _, low, risen = _rise(carriers)
    if np.isnan(tilt[: low + 1]).all():
        return None
    return _known(float(tilt[risen] - np.nanmax(tilt[: low + 1])))


def _rise(carriers: CarrierRows) -> tuple[int, int, int]:
    """Return from which to which row the hips were lowest, and in which they are up by a third.

    The last row is as high as the first, which is at rest: what is missing there is the offset of the
    accelerometer, integrated. Where the turn is held the speed is known to be zero, and the offset.
    """
    above = np.nan_to_num(carriers.force_ms2 - G_MS2)
    height = np.cumsum(np.cumsum(above)) / GRID_HZ**2
    height -= height[-1] * np.linspace(0.0, 1.0, len(height)) ** 2
    first = last = int(np.argmin(height))
    held = _held(carriers, height)
    if held is not None:
        first, last = held.start, held.stop
        above = above[last:] - np.mean(above[held])
        height[last:] = height[last] + np.cumsum(np.cumsum(above)) / GRID_HZ**2
    third = height[last] + _RISEN * (height[-1] - height[last])
    return first, last, last + int(np.argmax(height[last:] >= third))


def _held(carriers: CarrierRows, height: FloatArray) -> slice | None:
    """Return the last rows at rest well below the top; None if the turn was not held."""
    still = (carriers.rate_rads < STILL_RATE_RADS) & (np.abs(carriers.force_ms2 - G_MS2) < _STILL_MS2)
    edges = np.flatnonzero(np.diff(still, prepend=False, append=False)).reshape(-1, 2).tolist()
    long = [slice(a, b) for a, b in edges if b - a >= HOLD_ROWS and b < len(still)]
    deep = [s for s in long if np.mean(height[s]) < _DEEP * np.min(height)]
    return deep[-1] if deep else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _roll_under(cycle: Cycle, rows: PostureBlock) -> float | None:
    """Return how far the tilt falls over the last tenth of the way down; None without a way."""
    if math.isnan(cycle.low_from_s):
        return None
    before, at_turn = np.interp([cycle.low_from_s, cycle.turn_s], rows.t_s, rows.pelvic_tilt_rad)
    return _known(float(before - at_turn))


def _double_hump(cycle: Cycle, rows: PostureBlock) -> float:
    """Return how much of the tilt is two humps with the turn between them.

    The fourth Legendre coefficient of the tilt over the phase, -1 at the start, 0 at the turn and 1
    at the end; its sign is turned, so that two humps are positive.
    """
    t = rows.t_s - cycle.turn_s
    phase = np.clip(np.where(t < 0, t / max(-t[0], _DT), t / max(t[-1], _DT)), -1.0, 1.0)
    known = np.isfinite(rows.pelvic_tilt_rad)
    if known.sum() <= _LEGENDRE_DEGREE:
        return 0.0
    fitted = legfit(phase[known], rows.pelvic_tilt_rad[known], _LEGENDRE_DEGREE)
    return -float(fitted[4])


def _tuck(cycle: Cycle, rows: PostureBlock, exercise: Exercise) -> float:
    """Return the posterior reversal: on a pad past the reference, else from the descent's largest tilt."""
    tilt = rows.pelvic_tilt_rad
    if exercise.back_supported:
        return max(0.0, -float(np.nanmin(tilt)))
    fallen = np.fmax.accumulate(tilt) - tilt
    deep = (rows.t_s >= cycle.deep_from_s) & (rows.t_s <= cycle.turn_s)
    return float(np.nanmax(fallen[deep], initial=0.0))


def _twist(rows: PostureBlock) -> FloatArray:
    """Return the twist (N,) in rad since the first row."""
    made: FloatArray = np.cumsum(np.nan_to_num(rows.twist_rate_rads)) / GRID_HZ
    return made


def _to_and_fro(rows: PostureBlock) -> float | None:
    side, twist = rows.side_tilt_rad[np.isfinite(rows.side_tilt_rad)], _twist(rows)
    if not len(side):
        return None
    way = sum(float(np.abs(np.diff(angle)).sum()) for angle in (side, twist))
    return way / max(2.0 * float(np.ptp(side) + np.ptp(twist)), _DT)


def _largest(deviation: FloatArray) -> float:
    """Return the deviation of largest size, with its sign."""
    return float(deviation[np.nanargmax(np.abs(deviation))])


def sparc(speed: FloatArray) -> float | None:
    """Return the spectral arc length of a speed profile (N,) at the grid's rate; None if too short.

    Dimensionless, at most 0 and nearer 0 the smoother. Valid on angular rates, unlike on
    velocities integrated from an accelerometer (Melendez-Calderon 2021).
    """
    speed = np.nan_to_num(speed)
    if len(speed) < round(0.2 * GRID_HZ) or not speed.any():
        return None
    size = 2 ** (math.ceil(math.log2(len(speed))) + 4)
    spectrum = np.abs(np.fft.rfft(speed, size))
    spectrum /= spectrum.max()
    frequency = np.arange(len(spectrum)) * GRID_HZ / size
    spectrum = spectrum[frequency <= _SPARC_CUT_HZ]
    above = np.flatnonzero(spectrum >= _SPARC_LEAST)
    spectrum = spectrum[above[0] : above[-1] + 1]
    if len(spectrum) < 2:
        return None
    step = 1.0 / (len(spectrum) - 1)
    return -float(np.hypot(step, np.diff(spectrum)).sum())
