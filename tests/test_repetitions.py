"""Repetitions, lift-offs, tucks and sets, against the truth of simulated sessions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from accuracy import analyzed

from monitor.analysis import Analysis, analyze
from monitor.model.events import Alert, Cause, FaultKind, LiftOff, LiftOffStarted, Rep, SetSummary
from monitor.scoring import Matches, match_onsets
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

SEEDS = range(20)


def every_rep_once(session: SimulatedSession, made: Analysis) -> bool:
    reps = made.of(Rep)
    hits = [sum(t.start_s < r.turn_s < t.end_s for r in reps) for t in session.truth.reps]
    return hits == [1] * len(reps)


@pytest.mark.parametrize("exercise", ["squat", "leg_press", "rdl", "deadlift", "hip_thrust"])
def test_all_repetitions_are_found(exercise: str) -> None:
    wrong = []
    for seed in SEEDS:
        session = simulate(exercise, seed=seed)
        made = analyze(session.source)
        if not every_rep_once(session, made):
            wrong.append(seed)
        assert all(rep.decided_s - rep.end_s <= 0.3 for rep in made.of(Rep))
    assert wrong == []


@pytest.mark.parametrize("exercise", ["lunge", "hack_squat"])
def test_most_sessions_of_the_others_are_exact(exercise: str) -> None:
    exact = 0
    for seed in SEEDS:
        session = simulate(exercise, seed=seed)
        exact += every_rep_once(session, analyze(session.source))
    assert exact >= 18


def test_lift_offs_of_a_cheap_sensor() -> None:
    """Twenty leg presses with lift-offs: found, timed, and told in time."""
    truths = found = hits = 0
    late: list[float] = []
    errors: list[float] = []
    for seed in SEEDS:
        session = simulate("leg_press", seed=seed, cause="lack_of_spinal_support")
        made = analyze(session.source)
        true = [event.start_s for event in session.truth.lift_offs]
        lifted = made.of(LiftOff)
        matches = match_onsets(true, [event.start_s for event in lifted])
        truths, found, hits = truths + len(true), found + len(lifted), hits + len(matches.pairs)
        errors += [abs(true[i] - lifted[j].start_s) for i, j in matches.pairs]
        late += [lifted[j].decided_s - true[i] - 0.2 for i, j in matches.pairs]
        assert len(made.of(LiftOffStarted)) == len(lifted)
        assert {f.cause for f in made.findings} == {Cause.LACK_OF_SPINAL_SUPPORT}
    assert Matches(tuple((k, k) for k in range(hits)), truths, found).f1 >= 0.95
    assert np.median(errors) <= 0.10
    assert np.median(late) <= 0.15


def test_a_clean_leg_press_raises_nothing() -> None:
    for seed in SEEDS:
        made = analyze(simulate("leg_press", seed=seed).source)
        assert made.of(LiftOff) == []
        assert made.of(Alert) == []


def test_tucked_squats_are_named_with_their_angle() -> None:
    session = simulate("squat", seed=2, cause="improper_form")
    made = analyze(session.source)
    named = {r.index for r in made.of(Rep) if any(f.kind is FaultKind.TUCK for f in r.faults)}
    tucked = {t.index for t in session.truth.reps if t.tuck_deg > 11}
    assert tucked <= named
    for rep in made.of(Rep):
        true = session.truth.reps[rep.index - 1].tuck_deg
        assert np.degrees(rep.metrics.tuck_rad) == pytest.approx(true, abs=5)


def test_a_rest_closes_a_set_and_the_load_follows() -> None:
    session = simulate("squat", seed=4, sets=2, reps=4, rest_s=25.0)
    made = analyze(session.source)
    sets = made.of(SetSummary)
    assert [s.reps for s in sets] == [(1, 2, 3, 4), (5, 6, 7, 8)]
    assert sets[0].decided_s == pytest.approx(sets[0].end_s + 15.0, abs=0.5)


def test_real_squats_are_counted_exactly(datasets: Path) -> None:
    for path in sorted((datasets / "squats").glob("*_1.csv")):
        assert len(analyzed(path, "squat").of(Rep)) == 10, path.name


@pytest.mark.parametrize("seed", [5_200_000, 5_200_005, 5_200_012])
def test_the_last_slow_repetitions_of_a_heavy_set_are_counted(seed: int) -> None:
    # Three seconds on the way up: the velocity drifts by more than the hips move.
    session = simulate("squat", seed=seed, athlete_seed=seed, sensors=2, cause="too_much_weight")
    reps = analyze(session.source).of(Rep)
    assert len(reps) == len(session.truth.reps)
    for true, rep in zip(session.truth.reps, reps, strict=True):
        assert true.start_s < rep.turn_s < true.end_s
