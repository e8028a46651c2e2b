"""The values under the cursor, and the side view they make. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gui.review.session_data import Curves
from gui.view_state import Headline, Phase, Standing, ViewState, Zone
from monitor.model.exercise import Exercise


@dataclass(frozen=True, slots=True)
class Reading:
    """The values under the cursor in deg, deg/s and share; NaN where unknown."""

    tilt: float
    flexion: float
    sigma: float
    tilt_rate: float
    twist_rate: float
    coverage: float


def reading_at(curves: Curves, time_s: float) -> Reading:
    """Return the values at a time."""
    row = int(np.searchsorted(curves.t_s, time_s + 1e-9)) - 1
    if row < 0 or time_s - curves.t_s[row] > 1.0:
        return Reading(math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)
    place = int(np.searchsorted(curves.bin_s, time_s, side="right")) - 1
    share = curves.coverage[place] if 0 <= place < len(curves.coverage) else math.nan
    return Reading(
        tilt=float(curves.tilt[row]),
        flexion=float(curves.flexion[row]),
        sigma=float(curves.flexion_sigma[row]),
        tilt_rate=float(curves.tilt_rate[row]),
        twist_rate=float(curves.twist_rate[row]),
        coverage=float(share),
    )


def pose_of(now: Reading, now_s: float, done: Exercise, *, lifted: bool, thorax_measured: bool) -> ViewState:
    """Return the side view of a moment; `lifted` is off the pad, two sensors measure the thorax, too."""
    return ViewState(
        now_s=now_s,
        phase=Phase.ENDED,
        exercise=str(done),
        back_supported=done.back_supported,
        load="",
        set_index=0,
        reps_in_set=0,
        rest_s=None,
        calibration="",
        calibration_ok=True,
        seat_ok=True,
        headline=Headline("", "", None, None, "", Standing.ALERT if lifted else Standing.UNKNOWN, Zone(0, 1)),
        tilt_rad=None if math.isnan(now.tilt) else math.radians(now.tilt),
        flexion_rad=None if math.isnan(now.flexion) else math.radians(now.flexion),
        thorax_measured=thorax_measured,
        lifted_off=lifted,
    )
