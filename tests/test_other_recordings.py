"""The same movement in another frame, from another moment on, or through another chip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from monitor.model.events import Calibrated, Notice, Rep
from monitor.model.exercise import EXERCISES
from monitor.model.samples import FloatArray, ImuBlock
from monitor.model.session import Delivery, Output
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.settings import PipelineSetup
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

Change = Callable[[ImuBlock], ImuBlock]


def sensed(session: SimulatedSession, sensor: str = "lower") -> ImuBlock:
    """Return all samples of a sensor as one block."""
    blocks = [i.block for i in session.source.items() if isinstance(i, Delivery) and i.block.sensor == sensor]
    return ImuBlock(
        np.concatenate([b.t_s for b in blocks]),
        np.concatenate([b.acc_ms2 for b in blocks]),
        np.concatenate([b.gyr_rads for b in blocks]),
        sensor,
    )


def judged(session: SimulatedSession, *changes: Change) -> Output:
    """Return what the pipeline makes of a session, each sensor changed by its own of `changes`."""
    info = session.source.info
    pipeline = Pipeline(PipelineSetup(EXERCISES[info.exercise.name], info.sensors))
    blocks = [c(sensed(session, s.name)) for s, c in zip(info.sensors, changes, strict=True)]
    made, rest = pipeline.update(blocks), pipeline.finish()
    return Output(made.posture, made.events + rest.events)


def reps(output: Output) -> list[Rep]:
    return [event for event in output.events if isinstance(event, Rep)]


def turned(matrix: FloatArray) -> Change:
    return lambda b: replace(b, acc_ms2=b.acc_ms2 @ matrix.T, gyr_rads=b.gyr_rads @ matrix.T)


def begun(at_s: float) -> Change:
    return lambda b: b[int(np.searchsorted(b.t_s, at_s)) :]


SQUATS = simulate("squat", seed=11, reps=4, sensors=2)
PLAIN = judged(SQUATS, turned(np.eye(3)), turned(np.eye(3)))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seeds=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)))
def test_any_two_ways_round_give_the_same_repetitions_and_angles(seeds: tuple[int, int]) -> None:
    ways = [turned(Rotation.random(random_state=s).as_matrix()) for s in seeds]
    made = judged(SQUATS, *ways)
    assert [(r.start_s, r.end_s) for r in reps(made)] == [(r.start_s, r.end_s) for r in reps(PLAIN)]
    known = np.isfinite(PLAIN.posture.lumbar_flexion_rad)
    for name in ("pelvic_tilt_rad", "lumbar_flexion_rad"):
        apart = getattr(made.posture, name)[known] - getattr(PLAIN.posture, name)[known]
        assert np.degrees(np.abs(apart)).max() < 0.3


def test_a_recording_that_begins_in_the_middle_of_a_repetition_holds_the_others() -> None:
    found = straight = 0
    for seed in range(8):
        session = simulate("squat", seed=seed, reps=4)
        first, *others = session.truth.reps
        made = judged(session, begun((first.start_s + first.end_s) / 2))
        found += sum(any(t.start_s < r.turn_s < t.end_s for r in reps(made)) for t in others)
        axes = [
            next(np.array(e.sensor_to_segment["lower"])[1] for e in m.events if isinstance(e, Calibrated))
            for m in (judged(session, begun(0.0)), made)
        ]
        straight += bool(axes[0] @ axes[1] > 0.9)
    # With the bottom taken for the rest pose 5 were found, and the axis pointed backwards.
    assert found >= 14
    assert straight >= 5


@pytest.mark.parametrize("offset_ms2", [-0.8, 0.8])
def test_an_accelerometer_far_off_hides_no_repetition(offset_ms2: float) -> None:
    for seed in range(4):
        session = simulate("squat", seed=seed, reps=4)
        up = sensed(session).acc_ms2.mean(axis=0)
        off = offset_ms2 * up / np.linalg.norm(up)
        made = judged(session, lambda b, off=off: replace(b, acc_ms2=b.acc_ms2 + off))
        assert len(reps(made)) == 4


@pytest.mark.parametrize("offset_degs", [3.0, -6.0])
def test_a_gyroscope_nobody_calibrated_tilts_no_angle(offset_degs: float) -> None:
    off = np.radians(offset_degs) * np.array([0.6, -0.7, 0.4])
    made = judged(SQUATS, *[lambda b: replace(b, gyr_rads=b.gyr_rads + off)] * 2)
    assert len(reps(made)) == len(reps(PLAIN))
    from_s = SQUATS.truth.sets[0].start_s
    rows = made.posture.t_s >= from_s
    for name in ("pelvic_tilt_rad", "lumbar_flexion_rad"):
        apart = getattr(made.posture, name)[rows] - getattr(PLAIN.posture, name)[rows]
        assert np.degrees(np.sqrt(np.nanmean(apart**2))) < 1.0


def notices(block: ImuBlock) -> str:
    pipeline = Pipeline(PipelineSetup(EXERCISES["squat"], calibration="none"))
    made = [pipeline.update([block[i : i + 7]]) for i in range(0, len(block), 7)] + [pipeline.finish()]
    return " ".join(e.text for m in made for e in m.events if isinstance(e, Notice))


def test_limits_of_a_sensor_are_said_and_only_those() -> None:
    swing = np.sin(np.linspace(0, 60, 3000))
    noise = np.random.default_rng(3).normal(0, 1e-3, (3000, 6))
    acc = np.stack([25.0 * swing, 0 * swing, 9.81 + 0 * swing], axis=1) + noise[:, :3]
    gyr = np.radians(np.stack([200.0 * swing, 0 * swing, 0 * swing], axis=1)) + noise[:, 3:]
    t_s = np.arange(3000) / 104.0
    free = ImuBlock(t_s, acc, gyr)
    assert "at its limit" not in notices(free)
    assert "accelerometer of the lower" in notices(replace(free, acc_ms2=np.clip(acc, -19.6133, 19.6133)))
    most = np.radians(125.0)
    assert "gyroscope of the lower" in notices(replace(free, gyr_rads=np.clip(gyr, -most, most)))
    held = np.maximum.accumulate(np.where(np.arange(3000) % 3 == 0, np.arange(3000), 0))
    assert "at its limit" not in notices(replace(free, acc_ms2=acc[held], gyr_rads=gyr[held]))


def test_sensors_that_begin_one_after_the_other_in_motion_are_both_aligned() -> None:
    first = SQUATS.truth.reps[0]
    at_s = (2 * first.start_s + first.end_s) / 3
    made = judged(SQUATS, begun(at_s), begun(at_s + 0.06))
    found = next(e for e in made.events if isinstance(e, Calibrated))
    assert set(found.sensor_to_segment) == {"lower", "upper"}
