"""A tuck is announced while the lifter is still on the way down."""

from __future__ import annotations

import pytest

from monitor.analysis import analyze
from monitor.model.events import Approaching, FaultKind
from monitor.sensors.simulated.scenario import simulate

TUCK_DEG = 12.0


@pytest.mark.parametrize(("exercise", "least_share"), [("squat", 0.9), ("lunge", 0.5)])
def test_a_tuck_is_announced_before_the_turn(exercise: str, least_share: float) -> None:
    tucks, ahead_s = 0, []
    for seed in range(61_000, 61_004):
        session = simulate(exercise, seed=seed, cause="improper_form:tuck")
        told = analyze(session.source).of(Approaching)
        assert all(event.fault is FaultKind.TUCK for event in told)
        # The first repetition of a set shows how deep is usual.
        for rep in session.truth.reps[1:]:
            if rep.tuck_deg < TUCK_DEG:
                continue
            tucks += 1
            ahead_s += [rep.turn_s - e.decided_s for e in told if rep.start_s < e.decided_s < rep.end_s][:1]
    assert len(ahead_s) >= least_share * tucks > 10
    assert sorted(ahead_s)[len(ahead_s) // 4] >= 0.3


def test_squats_without_a_tuck_hear_nothing_of_one() -> None:
    for seed in range(61_000, 61_004):
        assert not analyze(simulate("squat", seed=seed).source).of(Approaching)
