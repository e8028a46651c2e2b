"""Repetitions on one phase: the mean is the mean, the band the spread, and noise is no change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis import analyze
from monitor.compare import POINTS, SetOf, changes, curve, difference, one_phase, partners
from monitor.model.samples import FloatArray, PostureBlock
from monitor.reviewed import events_of
from monitor.sensors.simulated.scenario import simulate

HZ = 100.0


def session(tilt_rad: FloatArray, present: FloatArray | None = None) -> PostureBlock:
    rows = len(tilt_rad)
    nothing = np.full(rows, np.nan)
    return PostureBlock(
        t_s=np.arange(rows) / HZ,
        pelvic_tilt_rad=tilt_rad,
        pelvic_tilt_sigma_rad=np.full(rows, 0.02),
        side_tilt_rad=np.zeros(rows),
        twist_rate_rads=np.zeros(rows),
        lumbar_flexion_rad=nothing,
        lumbar_flexion_sigma_rad=nothing,
        lower_up=np.full((rows, 3), np.nan),
        upper_up=np.full((rows, 3), np.nan),
        upper_tilt_rad=nothing,
        present=np.ones(rows, np.bool_) if present is None else present.astype(np.bool_),
    )


def repetitions(
    peaks_deg: list[float], down_s: list[float], up_s: list[float]
) -> tuple[PostureBlock, list[dict[str, float]]]:
    """Return triangles one after the other, and where they are."""
    parts, reps, at = [], [], 0
    for index, (peak, down, up) in enumerate(zip(peaks_deg, down_s, up_s, strict=True), 1):
        there, back = round(down * HZ), round(up * HZ)
        reps.append(
            {
                "index": index,
                "start_s": at / HZ,
                "turn_s": (at + there) / HZ,
                "end_s": (at + there + back) / HZ,
            }
        )
        parts.append(
            np.radians(
                np.concatenate([np.linspace(0, peak, there, False), np.linspace(peak, 0, back, False)])
            )
        )
        at += there + back
    parts.append(np.zeros(10))
    return session(np.concatenate(parts)), reps


@given(st.floats(0.5, 4.0), st.floats(0.5, 4.0))
def test_the_turn_is_in_the_middle_however_long_the_halves_take(down_s: float, up_s: float) -> None:
    posture, [rep] = repetitions([30.0], [down_s], [up_s])
    course = one_phase(posture, rep, "pelvic_tilt_rad")
    assert course is not None
    assert len(course) == POINTS
    assert math.degrees(course[POINTS // 2]) == pytest.approx(30.0, abs=0.5)
    assert math.degrees(course[POINTS // 4]) == pytest.approx(15.0, abs=0.7)
    assert np.degrees(course[[0, -1]]) == pytest.approx([0.0, 0.0], abs=0.7)


def test_mean_band_and_count() -> None:
    posture, reps = repetitions([20.0, 30.0, 40.0], [1.0, 2.0, 1.5], [1.0, 1.0, 2.5])
    made = curve(posture, reps, "pelvic_tilt_rad")
    assert (made.reps, made.left_out, made.coverage) == ((1, 2, 3), (), 1.0)
    assert math.degrees(made.mean_rad[50]) == pytest.approx(30.0, abs=0.3)
    assert math.degrees(made.spread_rad[50]) == pytest.approx(10.0, abs=0.3)
    low, high = made.band_rad
    assert np.degrees([low[50], high[50]]) == pytest.approx([20.0, 40.0], abs=0.6)


def test_what_was_hardly_received_is_left_out_and_named() -> None:
    posture, reps = repetitions([20.0, 30.0], [1.0, 1.0], [1.0, 1.0])
    missing = posture.present.copy()
    missing[30:80] = False
    made = curve(session(posture.pelvic_tilt_rad, missing.astype(np.float64)), reps, "pelvic_tilt_rad")
    assert (made.reps, made.left_out) == ((2,), (1,))
    unknown = curve(posture, reps, "lumbar_flexion_rad")
    assert (unknown.count, unknown.left_out) == (0, (1, 2))
    assert np.isnan(unknown.mean_rad).all()


def test_a_change_smaller_than_the_error_is_none() -> None:
    posture, reps = repetitions([30.0, 30.4, 33.0, 33.4, 45.0, 45.4], [1.0] * 6, [1.0] * 6)
    first, second, third = (curve(posture, reps[i : i + 2], "pelvic_tilt_rad") for i in (0, 2, 4))
    assert not difference(first, second, "squat", same_wearing=True).real.any()
    large = difference(first, third, "squat", same_wearing=True)
    assert large.real[50]
    assert not large.real[[0, -1]].any()
    assert math.degrees(large.delta_rad[50]) == pytest.approx(15.0, abs=0.5)
    with pytest.raises(ValueError, match="different channels"):
        difference(first, curve(posture, reps, "side_tilt_rad"), "squat", same_wearing=True)


@pytest.mark.parametrize(
    ("exercise", "same_wearing", "least"), [("squat", True, 4.16), ("squat", False, 6.0), ("rdl", False, 8.0)]
)
def test_a_sensor_put_on_again_needs_more(exercise: str, same_wearing: bool, least: float) -> None:
    for shift, real in ((-0.1, False), (0.1, True)):
        before = [{"tilt_range_deg": 30.0, "coverage": 1.0}] * 3
        after = [{"tilt_range_deg": 30.0 + least + shift, "coverage": 1.0}] * 3
        [made] = changes(before, after, exercise, same_wearing=same_wearing)
        assert made.real is real
        assert made.delta == pytest.approx(least + shift)


def test_scattered_repetitions_need_more_too() -> None:
    before = [{"tilt_range_deg": v, "coverage": 1.0} for v in (20.0, 30.0, 40.0)]
    after = [{"tilt_range_deg": v + 8, "coverage": 1.0} for v in (20.0, 30.0, 40.0)]
    [made] = changes(before, after, "squat", same_wearing=True)
    assert not made.real
    assert made.before.spread == pytest.approx(10.0)
    assert changes(before, [{"tilt_range_deg": 50.0, "coverage": 0.5}], "squat", same_wearing=True) == []


def test_times_grow_surer_with_every_repetition() -> None:
    one = [{"concentric_s": 1.0, "coverage": 1.0}]
    slower = [{"concentric_s": 1.5, "coverage": 1.0}]
    [few] = changes(one, slower, "squat", same_wearing=True)
    [many] = changes(one * 9, slower * 9, "squat", same_wearing=True)
    assert (few.real, many.real) == (False, True)


def test_partners_are_of_the_same_exercise_and_equal_load_comes_first() -> None:
    mine = SetOf("today", 2, "squat", 80.0, "2026-03-03")
    others = [
        SetOf("today", 1, "squat", 60.0, "2026-03-03"),
        SetOf("old", 1, "squat", 80.0, "2026-01-01"),
        SetOf("last", 3, "squat", 80.0, "2026-02-28"),
        SetOf("last", 2, "squat", None, "2026-02-28"),
        SetOf("last", 1, "rdl", 80.0, "2026-02-28"),
        mine,
    ]
    assert [(s.session, s.index) for s in partners(mine, others)] == [
        ("last", 3),
        ("old", 1),
        ("today", 1),
        ("last", 2),
    ]


def test_a_simulated_set_against_another_lifters() -> None:
    deep, same = (simulate("squat", seed=s, reps=5, athlete_seed=3).source for s in (1, 2))
    sessions = [analyze(source) for source in (deep, same)]
    curves = []
    for made in sessions:
        reps = [e for e in events_of(made) if e["type"] == "rep"]
        curves.append(curve(made.posture, reps, "pelvic_tilt_rad"))
    assert [c.count for c in curves] == [5, 5]
    again = difference(*curves, "squat", same_wearing=False)
    assert again.real.mean() < 0.2, "the same lifter in another session is no change"
