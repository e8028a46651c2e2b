"""The count of sets done as people do them; the matrix of them all is benchmarks/repetitions.py."""

from __future__ import annotations

import pytest
from repetitions import Count, done

from monitor.analysis import analyze
from monitor.model.events import LiftOffStarted, Rep
from monitor.sensors.simulated.scenario import simulate


def wrong_counts(exercise: str, way: str, seeds: tuple[int, ...]) -> list[str]:
    """Return the sessions that were not counted exactly, with how many were missed and how many too many."""
    count = Count()
    for seed in seeds:
        session = done(exercise, way, seed)
        count.add(session, analyze(session.session.source).of(Rep))
    return list(count.wrong)


@pytest.mark.parametrize(
    ("exercise", "way", "seeds"),
    [("leg_press", "double", (9,)), ("leg_curl", "twenty", (6,)), ("leg_extension", "slow_lowering", (2,))],
)
def test_getting_up_from_a_pad_is_no_repetition(exercise: str, way: str, seeds: tuple[int, ...]) -> None:
    assert wrong_counts(exercise, way, seeds) == []


@pytest.mark.parametrize(("exercise", "seed"), [("leg_press", 23), ("leg_curl", 33)])
def test_shifting_about_on_a_pad_between_sets_is_no_repetition(exercise: str, seed: int) -> None:
    session = simulate(exercise, seed=seed, reps=8, sets=2, rest_s=40.0)
    assert [rep.set_index for rep in analyze(session.source).of(Rep)] == [1] * 8 + [2] * 8


@pytest.mark.parametrize(("exercise", "seed"), [("leg_press", 1004), ("leg_extension", 1005)])
def test_sitting_down_on_a_pad_is_no_repetition(exercise: str, seed: int) -> None:
    assert wrong_counts(exercise, "plain", (seed,)) == []


def test_sitting_up_to_set_a_pin_is_no_repetition() -> None:
    assert wrong_counts("leg_curl", "set_up", (1, 2, 5)) == []


def test_the_first_repetition_after_shifting_about_on_a_pad_is_counted() -> None:
    assert wrong_counts("leg_press", "cluster", (0, 7)) == []


@pytest.mark.parametrize("exercise", ["rdl", "deadlift"])
def test_sitting_down_between_hinges_is_no_repetition(exercise: str) -> None:
    assert wrong_counts(exercise, "sets", (2, 3)) == []


@pytest.mark.parametrize(("way", "seeds"), [("grinding", (901, 902)), ("pause_turn", (1008, 1009))])
def test_a_slow_deadlift_is_not_taken_for_sitting_down(way: str, seeds: tuple[int, ...]) -> None:
    assert wrong_counts("deadlift", way, seeds) == []


def test_repetitions_with_a_long_hold_on_a_pad_are_counted_from_the_first_on() -> None:
    assert wrong_counts("leg_press", "pause_turn", (6, 7)) == []


@pytest.mark.parametrize(
    ("exercise", "seeds"), [("squat", (0, 1)), ("hack_squat", (0, 3, 300, 302, 904)), ("lunge", (1, 61007))]
)
def test_a_way_down_of_four_seconds_is_seen(exercise: str, seeds: tuple[int, ...]) -> None:
    assert wrong_counts(exercise, "slow_lowering", seeds) == []


def test_a_hold_at_the_bottom_of_a_shallow_lunge_is_no_top() -> None:
    session = simulate("lunge", seed=17000006)
    reps = analyze(session.source).of(Rep)
    assert len(reps) == len(session.truth.reps)
    for found, true in zip(reps, session.truth.reps, strict=True):
        assert true.start_s < found.turn_s < true.end_s


def test_getting_up_does_not_end_the_counting() -> None:
    """It leaves a velocity that no rest explains; the next repetitions were lost in it."""
    assert wrong_counts("squat", "sets", (25004011,)) == []


@pytest.mark.parametrize(("exercise", "seeds"), [("lunge", (901, 903)), ("hack_squat", (900,))])
def test_a_way_up_as_steady_as_a_hold_is_counted(exercise: str, seeds: tuple[int, ...]) -> None:
    assert wrong_counts(exercise, "grinding", seeds) == []


@pytest.mark.parametrize(
    ("exercise", "way", "seeds"),
    [
        ("squat", "sets", (4, 6)),
        ("hack_squat", "fast", (4,)),
        ("hack_squat", "absent_5s", (0, 5)),
        ("lunge", "absent_5s", (1,)),
    ],
)
def test_one_repetition_that_was_not_seen_hides_no_other(
    exercise: str, way: str, seeds: tuple[int, ...]
) -> None:
    assert wrong_counts(exercise, way, seeds) == []


def test_a_single_repetition_that_ends_elsewhere_on_the_pad_is_counted() -> None:
    assert wrong_counts("leg_extension", "single", (1,)) == []


def test_lying_back_takes_the_accelerometer_s_offset_anew() -> None:
    # Along the spine it is off by 0.2 m/s2 more than it is across: standing says nothing of lying back.
    session = simulate("hack_squat", seed=7_000_001)
    assert len(analyze(session.source).of(Rep)) == len(session.truth.reps)


def test_who_lies_back_has_a_seat_reference_though_the_accelerometer_is_off_there() -> None:
    session = simulate("hack_squat", seed=10_004_020, cause="lack_of_spinal_support")
    assert len(analyze(session.source).of(LiftOffStarted)) == len(session.truth.lift_offs) == 5
