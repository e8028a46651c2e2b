"""Lean, tuck or short: a linear model of how a squat differs from the lifter's own usual one.

A softmax over five ways a squat was done, of eight differences to the personal baseline. Fitted
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
    "tuck_rad",
    "hump_s",
    "depth_m",
    "eccentric_s",
    "concentric_s",
    "wide_s",
)
_AS_SHARE: Final = frozenset({"depth_m", "eccentric_s", "concentric_s"})
_IN_DEGREES: Final = frozenset({"peak_rad", "lean_rad", "tuck_rad"})

LEAST_LEAN_DEG: Final = 3.0
LEAST_TUCK_DEG: Final = 0.5
LEAST_SHORT: Final = 0.08
"""No odds make a lean of who does not lean."""

# tests/benchmarks/squat_faults.py --fit prints these three.
WEIGHTS: Final = np.array(
    [
        [-7.237e-02, -1.751e-03, -5.400e-02, -5.058e-01, 1.255, -4.067e-01, -9.992e-01, 1.529e-01],
        [-3.937e-02, -6.039e-02, -5.605e-04, 3.062e-01, 1.444, -1.401, 3.508, 2.962e-01],
        [1.051e-01, 7.476e-02, -3.394e-02, 1.108e-01, 2.196e-01, 1.140, -3.349e-01, 2.325e-01],
        [8.467e-03, -8.938e-03, 1.247e-01, 1.187, 9.405e-01, 1.819, 1.198, 1.251],
        [-1.809e-03, -3.684e-03, -3.617e-02, -1.098, -3.860, -1.152, -3.373, -1.932],
    ]
)
OFFSETS: Final = np.array([1.366, 0.588, -1.058, -0.576, -0.321])
LIMITS: Final = np.array([0.92, -0.17, -1.13, -0.77, -0.50])


def relative(rep: Rep, base: Baseline) -> FloatArray:
    """Return how a repetition differs from the usual one, (8,): degrees, seconds, and shares."""
    now = measures(rep)
    made = []
    for name in FEATURES:
        usual, value = getattr(base.usual, name), getattr(now, name)
        if name in _AS_SHARE:
            made.append((value - usual) / usual)
        else:
            made.append(math.degrees(value - usual) if name in _IN_DEGREES else value - usual)
    return np.array(made)


def log_odds(
    features: FloatArray, weights: FloatArray = WEIGHTS, offsets: FloatArray = OFFSETS
) -> FloatArray:
    """Return the log-odds of each class against all others, (N, 5) for features (N, 8)."""
    score = features @ weights.T + offsets
    share = score - np.logaddexp.reduce(score, axis=1, keepdims=True)
    return share - np.log(-np.expm1(np.minimum(share, -1e-12)))


def shown(features: FloatArray) -> dict[FaultKind, bool]:
    """Return of each fault whether the difference (8,) that gives it its name is there at all."""
    at = dict(zip(FEATURES, features.tolist(), strict=True))
    return {
        FaultKind.LEAN: at["peak_rad"] >= LEAST_LEAN_DEG,
        FaultKind.TUCK: at["tuck_rad"] >= LEAST_TUCK_DEG,
        FaultKind.SHORT_REP: at["depth_m"] <= -LEAST_SHORT,
    }


def named_faults(rep: Rep, base: Baseline) -> list[FaultKind]:
    """Return what is told of a squat: the faults whose log-odds pass their limit, most likely first."""
    features = relative(rep, base)
    odds, there = log_odds(features[None])[0], shown(features)
    past = {k: odds[CLASSES.index(k)] - LIMITS[CLASSES.index(k)] for k in there if there[k]}
    return sorted((k for k in past if past[k] > 0), key=lambda k: -past[k])
