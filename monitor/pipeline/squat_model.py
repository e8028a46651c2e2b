"""Lean, tuck or short: a linear model of how a squat differs from the lifter's own usual one.

A softmax over five ways a squat was done, of nine differences to the personal baseline. Fitted
to 400 squats of four people with acted faults, one sensor on the lower back; what it reaches on a
person it was not fitted to is in VALIDATION.md. Knees falling inwards change tempo and tilt too,
but nothing that could be named from the back: the model knows them in order NOT to take them for
something else.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from monitor.model.events import FaultKind, Rep
from monitor.model.samples import FloatArray
from monitor.pipeline.baseline import Baseline, measures

CLASSES: Final = ("usual", "unnamed", FaultKind.LEAN, FaultKind.TUCK, FaultKind.SHORT_REP)
FEATURES: Final = (
    "peak_rad",
    "lean_rad",
    "roll_under_rad",
    "double_hump_rad",
    "depth_m",
    "eccentric_s",
    "concentric_s",
    "bottom_s",
    "descent_ms",
)
_AS_SHARE: Final = frozenset({"depth_m", "eccentric_s", "concentric_s"})
_IN_DEGREES: Final = frozenset({"peak_rad", "lean_rad", "roll_under_rad", "double_hump_rad"})

MOST_BOTTOM_S: Final = 0.6
"""A long pause at the bottom says no more of the pelvis than a short one."""
LEAST_LEAN_DEG: Final = 3.0
LEAST_TUCK_DEG: Final = 0.5
LEAST_ROLL_DEG: Final = 2.0
"""Who always turns back a little may do it later: rolling under at the very bottom is a tuck as well."""
LEAST_SHORT: Final = 0.08
"""No odds make a lean of who does not lean."""

# tests/benchmarks/squat_faults.py prints these three.
WEIGHTS: Final = np.array(
    [
        [-0.06957, 0.0001433, -0.03821, -0.03397, 0.1126, -0.5074, -0.7115, 0.01206, 1.052],
        [-0.03112, -0.0456, 0.006441, -0.01185, 0.9215, -0.7425, 4.226, -2.005, 4.148],
        [0.1019, 0.07146, -0.05782, -0.01734, 0.1099, 0.5937, -0.4517, 1.928, -0.4916],
        [-0.001368, -0.02213, 0.1873, 0.1048, 1.885, 1.727, 0.7512, 2.49, -0.7199],
        [0.0001614, -0.003868, -0.09768, -0.04166, -3.029, -1.071, -3.814, -2.426, -3.989],
    ]
)
OFFSETS: Final = np.array([1.374, 0.635, -1.107, -0.51, -0.392])
LIMITS: Final = np.array([0.73, -0.46, -1.33, -1.0, -0.98])


def relative(rep: Rep, base: Baseline) -> FloatArray:
    """Return how a repetition differs from the usual one, (9,): degrees, seconds, and shares."""
    now = measures(rep)
    made = []
    for name in FEATURES:
        usual, value = getattr(base.usual, name), getattr(now, name)
        if name in _AS_SHARE:
            made.append((value - usual) / usual)
        else:
            made.append(math.degrees(value - usual) if name in _IN_DEGREES else value - usual)
        if name == "bottom_s":
            made[-1] = min(max(made[-1], -MOST_BOTTOM_S), MOST_BOTTOM_S)
    return np.array(made)


def log_odds(
    features: FloatArray, weights: FloatArray = WEIGHTS, offsets: FloatArray = OFFSETS
) -> FloatArray:
    """Return the log-odds of each class against all others, (N, 5) for features (N, 9)."""
    score = features @ weights.T + offsets
    share = score - np.logaddexp.reduce(score, axis=1, keepdims=True)
    return share - np.log(-np.expm1(np.minimum(share, -1e-12)))


def shown(rep: Rep, base: Baseline) -> dict[FaultKind, bool]:
    """Return of each fault whether what gives it its name is there at all."""
    now, usual = measures(rep), base.usual
    tucked_deg = math.degrees(now.tuck_rad - usual.tuck_rad)
    rolled_deg = math.degrees(now.roll_under_rad - usual.roll_under_rad)
    return {
        FaultKind.LEAN: math.degrees(now.peak_rad - usual.peak_rad) >= LEAST_LEAN_DEG,
        FaultKind.TUCK: tucked_deg >= LEAST_TUCK_DEG or rolled_deg >= LEAST_ROLL_DEG,
        FaultKind.SHORT_REP: now.depth_m <= (1.0 - LEAST_SHORT) * usual.depth_m,
    }


def named_faults(rep: Rep, base: Baseline) -> list[FaultKind]:
    """Return what is told of a squat: the faults whose log-odds pass their limit, most likely first."""
    features = relative(rep, base)
    odds, there = log_odds(features[None])[0], shown(rep, base)
    past = {k: odds[CLASSES.index(k)] - LIMITS[CLASSES.index(k)] for k in there if there[k]}
    return sorted((k for k in past if past[k] > 0), key=lambda k: -past[k])
