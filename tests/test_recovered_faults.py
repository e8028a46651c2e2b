"""What was put into a simulated repetition comes back as its figure, within a fifth, and is told."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from guided_runs import guided

from calibration.profile import Profile
from monitor.analysis import Analysis, analyze
from monitor.engine import EngineOptions
from monitor.model.events import Cause, FaultKind, Finding, Rep
from monitor.pipeline.baseline import baseline
from monitor.pipeline.metrics import sparc
from monitor.sensors.simulated.guided import calibrated_wearing, calibration
from monitor.sensors.simulated.scenario import SimulatedSession, simulate
from monitor.sensors.simulated.wearing import SAME_CHIP

SEEDS = range(840, 843)
WORN = 2
FIGURES = {
    "tuck": ("tuck_rad", "tuck_deg"),
    "rounding": ("peak_flexion_rad", "peak_flexion_deg"),
    "overextension": ("peak_extension_rad", "peak_extension_deg"),
    "side_tilt": ("side_tilt_rad", "side_tilt_deg"),
    "twist": ("twist_rad", "twist_deg"),
}


@cache
def profile() -> Profile:
    return guided(calibration(WORN))[0]


def session(exercise: str, sensors: int, seed: int, cause: str) -> tuple[SimulatedSession, Analysis]:
    # A lean to the same side in every repetition is told from a sensor worn askew by a calibration alone.
    worn: dict[str, Any] = {"spec": SAME_CHIP, "wearing": calibrated_wearing(WORN)} if "side" in cause else {}
    options = EngineOptions(profile()) if worn else EngineOptions()

    def lifts(seed: int, athlete: int, cause: str | None) -> SimulatedSession:
        return simulate(exercise, cause=cause, sensors=sensors, seed=seed, athlete_seed=athlete, **worn)

    usual = baseline(analyze(lifts(seed + 500, seed, None).source, options).of(Rep))
    made = lifts(seed, seed, cause)
    return made, analyze(made.source, replace(options, baselines={exercise: usual}))


@pytest.mark.parametrize(
    ("exercise", "sensors", "fault"),
    [
        ("squat", 1, "tuck"),
        ("squat", 2, "rounding"),
        ("deadlift", 2, "rounding"),
        ("hip_thrust", 2, "overextension"),
        ("squat", 1, "side_tilt"),
        ("rdl", 1, "side_tilt"),
        ("squat", 1, "twist"),
        ("rdl", 1, "twist"),
    ],
)
def test_a_fault_comes_back_as_large_as_it_was_put_in_and_is_told(
    exercise: str, sensors: int, fault: str
) -> None:
    figure, truth = FIGURES[fault]
    shares, told, causes = [], [], set()
    for seed in SEEDS:
        made, result = session(exercise, sensors, seed, f"improper_form:{fault}")
        for true in made.truth.reps:
            found = [rep for rep in result.of(Rep) if true.start_s < rep.turn_s < true.end_s]
            for rep in found if true.causes else ():
                shares.append(math.degrees(getattr(rep.metrics, figure)) / getattr(true, truth))
                told.append(any(f.kind is FaultKind(fault) for f in rep.faults))
        causes |= {finding.cause for finding in result.of(Finding)}
    assert len(shares) >= 15
    assert np.mean(np.abs(np.array(shares) - 1.0) <= 0.2) >= 0.9
    assert np.mean(told) >= 0.8
    assert Cause.IMPROPER_FORM in causes
    assert Cause.POOR_CORE_ENGAGEMENT not in causes


@pytest.mark.parametrize("exercise", ["squat", "rdl"])
def test_smoothness_is_that_of_the_true_motion(exercise: str) -> None:
    true: dict[str | None, list[float]] = {None: [], "poor_core_engagement": []}
    shares = []
    for cause, values in true.items():
        for seed in SEEDS:
            made = simulate(exercise, cause=cause, seed=seed, athlete_seed=seed)
            angles = made.truth.angles
            for rep in analyze(made.source).of(Rep):
                up = slice(*np.searchsorted(angles.t_s, (rep.turn_s, rep.end_s)).tolist())
                value = sparc(np.abs(np.gradient(np.radians(angles.pelvic_tilt_deg[up]))))
                assert value is not None
                assert rep.metrics.smoothness_sparc is not None
                values.append(value)
                shares.append(rep.metrics.smoothness_sparc / value)
    assert np.mean(np.abs(np.array(shares) - 1.0) <= 0.2) >= 0.8
    assert np.median(true["poor_core_engagement"]) < np.median(true[None])
