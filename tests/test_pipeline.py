"""Posture, gaps and calibration: what goes in as motion comes out as angles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motion import bending, leaning, still_then_bends

from calibration.alignment import Alignment, align, rotation_axis, tilt_from, transferred_axis
from monitor.analysis import analyze
from monitor.engine import Engine, EngineOptions
from monitor.model.events import Calibrated, Gap, Notice, Rep
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER, ImuBlock, SensorInfo, join_posture
from monitor.model.session import Annotation, Delivery, Output, SessionInfo, SourceItem
from monitor.pipeline.grid import UniformGrid
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.settings import PipelineSetup
from monitor.sensors.simulated.scenario import leg_day, simulate

AS_MOUNTED = PipelineSetup(EXERCISES["other"], (SensorInfo(LOWER, rate_hz=100.0),), calibration="none")
FOUND = PipelineSetup(EXERCISES["other"], (SensorInfo(LOWER, rate_hz=100.0),))


def run(setup: PipelineSetup, *blocks: ImuBlock) -> Output:
    pipeline = Pipeline(setup)
    made = [pipeline.update(blocks), pipeline.finish()]
    return Output(join_posture([o.posture for o in made]), tuple(e for o in made for e in o.events))


def rotated(axis: tuple[float, float, float], angle_deg: float) -> np.ndarray:
    """Return the rotation about `axis` by `angle_deg` (Rodrigues)."""
    k = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    a = np.radians(angle_deg)
    return np.eye(3) + np.sin(a) * cross + (1 - np.cos(a)) * cross @ cross


def test_forward_bending_is_positive_pelvic_tilt() -> None:
    made = run(AS_MOUNTED, bending(still_then_bends((40.0,))))
    assert np.degrees(np.nanmax(made.posture.pelvic_tilt_rad)) == pytest.approx(40.0, abs=1.0)
    assert np.degrees(np.nanmin(made.posture.pelvic_tilt_rad)) == pytest.approx(0.0, abs=1.0)


def test_leaning_right_is_positive_side_tilt() -> None:
    made = run(AS_MOUNTED, leaning(still_then_bends((20.0,))))
    assert np.degrees(np.nanmax(made.posture.side_tilt_rad)) == pytest.approx(20.0, abs=1.0)
    assert np.degrees(np.abs(made.posture.pelvic_tilt_rad).max()) < 1.0


def test_turning_left_is_a_positive_twist_rate() -> None:
    count = 300
    gyr = np.tile([0.0, 0.0, 0.5], (count, 1))
    acc = np.tile([0.0, 0.0, 9.81], (count, 1))
    made = run(AS_MOUNTED, ImuBlock(np.arange(count) / 100, acc, gyr))
    assert made.posture.twist_rate_rads[:50].mean() == pytest.approx(0.5, abs=0.02)


def test_upper_minus_lower_is_flexion() -> None:
    both = (SensorInfo(LOWER, rate_hz=100.0), SensorInfo(UPPER, rate_hz=100.0))
    lower = bending(still_then_bends((30.0, 30.0)))
    upper = bending(still_then_bends((50.0, 50.0)), sensor=UPPER)
    made = run(PipelineSetup(EXERCISES["other"], both), lower, upper)
    assert np.degrees(np.nanmax(made.posture.lumbar_flexion_rad)) == pytest.approx(20.0, abs=1.5)
    assert np.isfinite(made.posture.lumbar_flexion_sigma_rad).all()


@settings(max_examples=15, deadline=None)
@given(
    axis=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda a: np.linalg.norm(a) > 0.1),
    angle_deg=st.floats(0, 180),
)
def test_any_mounting_gives_the_same_tilt(axis: tuple[float, float, float], angle_deg: float) -> None:
    tilt = still_then_bends((45.0, 45.0))
    made = run(FOUND, bending(tilt, mounting=rotated(axis, angle_deg)))
    error = np.degrees(made.posture.pelvic_tilt_rad - tilt)
    assert np.abs(error).max() < 1.5


def test_a_mounting_turned_by_thirty_degrees_is_given_back() -> None:
    mounting = rotated((0, 0, 1), 30.0)
    made = run(FOUND, bending(still_then_bends((45.0, 45.0)), mounting=mounting))
    calibrated = next(e for e in made.events if isinstance(e, Calibrated))
    assert calibrated.quality == "good"
    found = np.array(calibrated.sensor_to_segment[LOWER])
    assert (np.trace(found @ mounting) - 1) / 2 > np.cos(np.radians(1.5))


def test_no_stillness_is_said() -> None:
    tilt = still_then_bends((40.0, 40.0, 40.0), still_s=0.0, bend_s=1.8)
    made = run(FOUND, bending(tilt))
    assert any(isinstance(e, Notice) and "nothing was still" in e.text for e in made.events)


def test_without_a_bend_no_angle_is_judged() -> None:
    made = run(FOUND, bending(np.zeros(500)))
    assert np.isnan(made.posture.pelvic_tilt_rad).all()
    assert any(isinstance(e, Notice) and "no angle is judged" in e.text for e in made.events)


def test_opening_bends_are_a_calibration_and_hold_no_repetition() -> None:
    tilt = still_then_bends((70.0, 70.0, 70.0, 60.0, 60.0), bend_s=3.0)
    setup = PipelineSetup(EXERCISES["rdl"], (SensorInfo(LOWER, rate_hz=100.0),), calibrate_until_s=12.0)
    made = run(setup, bending(tilt))
    reps = [e for e in made.events if isinstance(e, Rep)]
    assert [e.kind for e in made.events if isinstance(e, Calibrated)] == ["opening"]
    assert [round(r.start_s) for r in reps] == [12, 15]


def without(block: ImuBlock, start_s: float, end_s: float) -> ImuBlock:
    keep = (block.t_s < start_s) | (block.t_s >= end_s)
    return ImuBlock(block.t_s[keep], block.acc_ms2[keep], block.gyr_rads[keep])


def test_a_gap_is_counted_and_marked() -> None:
    block = without(bending(still_then_bends((40.0, 40.0))), 4.0, 4.3)
    pipeline = Pipeline(AS_MOUNTED)
    made = [pipeline.update([block]), pipeline.finish()]
    gaps = [e for o in made for e in o.events if isinstance(e, Gap)]
    posture = join_posture([o.posture for o in made])
    assert [(round(g.start_s, 2), round(g.end_s, 2)) for g in gaps] == [(3.99, 4.3)]
    assert pipeline.lost_samples == 30
    assert 29 <= np.count_nonzero(~posture.present) <= 31
    assert np.isfinite(posture.pelvic_tilt_rad).all(), "a short gap is bridged"
    inside = ~posture.present
    before = posture.pelvic_tilt_sigma_rad[posture.t_s < 3.9]
    assert posture.pelvic_tilt_sigma_rad[inside].max() > 1.5 * before.max(), "and less sure"


def test_bridging_a_gap_keeps_the_angle() -> None:
    tilt = still_then_bends((40.0, 40.0, 40.0))
    gappy = bending(tilt)
    for start_s in np.arange(3.2, 8.0, 0.6):
        gappy = without(gappy, start_s, start_s + 0.08)
    made = run(AS_MOUNTED, gappy)
    true = np.interp(made.posture.t_s, np.arange(len(tilt)) / 100, tilt)
    assert np.degrees(np.sqrt(np.mean((made.posture.pelvic_tilt_rad - true) ** 2))) < 1.0


def test_samples_lost_where_a_bend_is_quickest_cost_no_angle() -> None:
    sensors = (SensorInfo(LOWER, rate_hz=50.0),)
    setup = PipelineSetup(EXERCISES["other"], sensors, calibration="none")
    block = bending(still_then_bends((70.0,) * 6, bend_s=0.9, rate_hz=50.0), rate_hz=50.0)
    quickest = np.flatnonzero(block.gyr_rads[:, 1] > 0.97 * block.gyr_rads[:, 1].max())
    kept = np.delete(np.arange(len(block)), quickest[:: len(quickest) // 6])
    whole = run(setup, block).posture
    gappy = run(setup, ImuBlock(block.t_s[kept], block.acc_ms2[kept], block.gyr_rads[kept])).posture
    np.testing.assert_array_equal(gappy.t_s, whole.t_s)
    assert np.degrees(np.abs(gappy.pelvic_tilt_rad - whole.pelvic_tilt_rad).max()) < 0.05


def test_a_long_gap_is_not_bridged_and_tilt_comes_back() -> None:
    tilt = np.concatenate([still_then_bends((40.0,)), np.full(1000, np.radians(25.0))])
    made = run(AS_MOUNTED, without(bending(tilt), 5.5, 9.0))
    posture = made.posture
    assert np.isnan(posture.pelvic_tilt_rad[(posture.t_s > 5.6) & (posture.t_s < 8.9)]).all()
    assert np.degrees(posture.pelvic_tilt_rad[-1]) == pytest.approx(25.0, abs=1.5)


def test_a_clipped_gyroscope_is_said_and_less_sure() -> None:
    limit = np.radians(250.0)
    block = bending(still_then_bends((80.0, 80.0), bend_s=0.9))
    clipped = ImuBlock(block.t_s, block.acc_ms2, np.clip(block.gyr_rads, -limit, limit))
    assert np.abs(block.gyr_rads).max() > limit
    made = run(AS_MOUNTED, clipped)
    assert any(isinstance(e, Notice) and "at its limit" in e.text for e in made.events)
    assert np.degrees(made.posture.pelvic_tilt_sigma_rad.max()) > 5.0


def chunks(items: list[SourceItem], size: int) -> list[list[SourceItem]]:
    """Return the same samples and annotations, `size` samples of each sensor at a time."""
    made: list[list[SourceItem]] = []
    for item in items:
        if not isinstance(item, Delivery):
            made.append([item])
            continue
        starts = range(0, len(item.block), size)
        made += [[Delivery(item.block[start : start + size])] for start in starts]
    return made


def outcome(info: SessionInfo, batches: list[list[SourceItem]]) -> Output:
    engine = Engine(info, EngineOptions())
    made = [engine.feed(batch) for batch in batches] + [engine.finish()]
    return Output(join_posture([o.posture for o in made]), tuple(e for o in made for e in o.events))


@pytest.mark.parametrize(("exercise", "sensors"), [("squat", 1), ("leg_press", 2), ("day", 1)])
def test_the_result_does_not_depend_on_how_the_data_are_cut(exercise: str, sensors: int) -> None:
    session = (
        leg_day(sensors=sensors)
        if exercise == "day"
        else simulate(exercise, sensors=sensors, reps=3, seed=3, loss=0.01, cause=_fault(exercise))
    )
    items = [item for item in session.source.items() if isinstance(item, Delivery | Annotation)]
    info = session.source.info
    at_once = outcome(info, [items])
    assert any(isinstance(event, Rep) for event in at_once.events)
    for size in (1, 7):
        cut = outcome(info, chunks(items, size))
        assert cut.events == at_once.events
        for name in ("t_s", "pelvic_tilt_rad", "lumbar_flexion_rad", "lower_up", "upper_up"):
            np.testing.assert_allclose(getattr(cut.posture, name), getattr(at_once.posture, name), atol=1e-9)
    whole = analyze(session.source)
    assert whole.events == at_once.events


@settings(max_examples=60, deadline=None)
@given(
    steps_s=st.lists(
        st.sampled_from([0.0096, 0.01, 0.02, 0.03, 0.05, 0.07, 0.2, 0.6]), min_size=2, max_size=40
    ),
    ends=st.lists(st.integers(1, 40), max_size=6),
)
def test_rows_do_not_depend_on_how_samples_with_gaps_are_cut(steps_s: list[float], ends: list[int]) -> None:
    readings = np.random.default_rng(len(steps_s)).normal(size=(len(steps_s), 6))
    block = ImuBlock(np.cumsum(steps_s), readings[:, :3], readings[:, 3:])

    def made(parts: list[ImuBlock]) -> dict[str, np.ndarray]:
        grid = UniformGrid(LOWER, 50.0)
        rows = [r for r, _ in map(grid.push, parts) if len(r.present)]
        names = ("acc_ms2", "gyr_rads", "present")
        at = np.concatenate([r.first + np.arange(len(r.present)) for r in rows]) if rows else np.empty(0)
        return {"row": at} | {n: np.concatenate([getattr(r, n) for r in rows]) for n in names if rows}

    at_once, bounds = made([block]), [0, *sorted(ends), len(block)]
    for parts in ([block[a:b] for a, b in pairwise(bounds)], [block[i : i + 1] for i in range(len(block))]):
        cut = made(parts)
        assert cut.keys() == at_once.keys()
        for name, values in at_once.items():
            np.testing.assert_allclose(cut[name], values, atol=1e-12)


def _fault(exercise: str) -> str:
    return "lack_of_spinal_support" if exercise == "leg_press" else "improper_form"


def test_the_two_alignments_agree_on_a_shared_axis() -> None:
    rng = np.random.default_rng(1)
    mounting, other = rotated((1, 2, 3), 50), rotated((0, 1, 1), -100)
    rate = rng.normal(size=(500, 3)) * [0.2, 1.0, 0.3]
    left, agreement = transferred_axis(
        mounting @ [0, 1, 0], rate @ mounting.T, mounting @ [0, 0, 1], rate @ other.T, other @ [0, 0, 1]
    )
    np.testing.assert_allclose(left, other @ [0, 1, 0], atol=1e-9)
    assert agreement == pytest.approx(1.0)


def test_an_axis_along_the_vertical_is_refused() -> None:
    with pytest.raises(ValueError, match="bend forward"):
        align(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.05, 1.0]))


def test_rotation_axis_names_its_share() -> None:
    gyr = np.zeros((200, 3))
    gyr[:, 1] = np.sin(np.linspace(0, 6, 200))
    axis, share = rotation_axis(gyr, np.array([0.0, 0.0, 1.0]))
    assert abs(axis[1]) == pytest.approx(1.0)
    assert share == pytest.approx(1.0)
    tilt, side = tilt_from(np.array([[0.0, 0.0, 1.0]]), Alignment(np.eye(3)))
    assert (tilt[0], side[0]) == (0.0, 0.0)
