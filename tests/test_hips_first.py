"""Hips first: the sacrum rises and the trunk is left behind."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hips_first import told

from monitor.analysis import Analysis, analyze, with_header
from monitor.baseline_text import DatedBaseline, baselines_from_text, baselines_text
from monitor.cli.options import open_file, overridden
from monitor.engine import EngineOptions
from monitor.model.events import Cause, Fault, FaultKind, Finding, Level, Rep
from monitor.model.exercise import EXERCISES
from monitor.pipeline.baseline import Baseline, baseline
from monitor.pipeline.faults import faults
from monitor.pipeline.settings import PipelineSettings
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

SEEDS = range(600, 604)


@cache
def usual(exercise: str, sensors: int, seed: int) -> Baseline:
    made = simulate(exercise, seed=seed + 500, athlete_seed=seed, sensors=sensors, reps=6)
    return baseline(analyze(made.source).of(Rep))


def session(exercise: str, sensors: int, seed: int, cause: str | None) -> tuple[SimulatedSession, Analysis]:
    made = simulate(exercise, seed=seed, athlete_seed=seed, sensors=sensors, cause=cause)
    options = EngineOptions(baselines={exercise: usual(exercise, sensors, seed)})
    return made, analyze(made.source, options)


def pairs(made: SimulatedSession, reps: list[Rep]) -> list[tuple[Rep, float, bool]]:
    """Return each repetition found with its true value in deg, and whether the fault was put into it."""
    two = len(made.source.info.sensors) == 2
    return [
        (rep, (true.hips_first_deg if two else true.hips_first_pelvis_deg) or 0.0, bool(true.causes))
        for true in made.truth.reps
        for rep in reps
        if true.start_s < rep.turn_s < true.end_s
    ]


@pytest.mark.parametrize(("exercise", "sensors"), [("squat", 1), ("squat", 2), ("deadlift", 2)])
def test_it_is_told_where_it_was_put_and_nowhere_else(exercise: str, sensors: int) -> None:
    hits = labelled = 0
    for seed in SEEDS:
        made, result = session(exercise, sensors, seed, "improper_form:hips_first")
        reps = result.of(Rep)
        wrong = {rep.index for rep, _, put in pairs(made, reps) if put}
        assert told(reps) <= wrong
        hits, labelled = hits + len(told(reps)), labelled + len(wrong)
        (last,) = {f.cause: f for f in result.of(Finding)}.values()
        assert last.cause is Cause.IMPROPER_FORM
        assert last.cue == "Chest and hips up together."
        assert last.evidence[0].startswith("hips rose first, ")
    assert hits >= 0.8 * labelled


@pytest.mark.parametrize(
    "cause", [None, "improper_form:lean", "improper_form:tuck", "too_much_weight", "poor_core_engagement"]
)
def test_nothing_else_is_taken_for_it(cause: str | None) -> None:
    others = [rep for seed in SEEDS for rep in session("squat", 1, seed, cause)[1].of(Rep)]
    assert sum(bool(told([rep])) for rep in others) <= 0.03 * len(others)


@pytest.mark.parametrize("sensors", [1, 2])
def test_its_size_is_the_true_one(sensors: int) -> None:
    errors, put = [], []
    for seed in SEEDS:
        made, result = session("squat", sensors, seed, "improper_form:hips_first")
        for rep, true_deg, wrong in pairs(made, result.of(Rep)):
            assert rep.metrics.hips_first_rad is not None
            errors.append(math.degrees(rep.metrics.hips_first_rad) - true_deg)
            put += [true_deg] if wrong else []
    assert np.percentile(np.abs(errors), 95) < 2.0
    assert np.mean(put) > 6.0


def test_coming_late_and_with_slowing_it_speaks_for_the_weight() -> None:
    named = []
    for seed in SEEDS:
        made, result = session("squat", 2, seed, "too_much_weight:hips_first")
        assert not told(result.of(Rep)) & {1, 2, 3}
        assert made.truth.fault == "hips_first"
        named += [f for f in result.of(Finding) if f.cause is Cause.TOO_MUCH_WEIGHT]
    assert len({f.decided_s for f in named}) >= len(SEEDS)
    assert any("hips rose first" in line for f in named for line in f.evidence)


def test_a_deadlift_turns_when_the_hips_do() -> None:
    errors = []
    for seed in SEEDS:
        made, result = session("deadlift", 1, seed, "improper_form:hips_first")
        found = {rep.index: rep for rep in result.of(Rep)}
        late = [true for true in made.truth.reps if true.causes and true.index in told(result.of(Rep))]
        errors += [abs(found[true.index].turn_s - true.turn_s) for true in late]
    assert np.median(errors) < 0.25


def test_without_a_usual_repetition_only_a_trunk_that_tips_far_is_told() -> None:
    rep = analyze(simulate("squat", seed=600, reps=1).source).of(Rep)[0]
    for tip_deg, level in ((9.0, None), (11.0, Level.CAUTION), (16.0, Level.ALERT)):
        assert _level(_tipped(rep, tip_deg), None) is level


@pytest.mark.parametrize(
    ("usual_deg", "tip_deg", "level"),
    [
        (-2.0, 3.0, None),  # less than the least detectable change
        (-2.0, 5.0, Level.CAUTION),
        (-2.0, 10.0, Level.ALERT),
        (-15.0, -1.0, None),  # later than usual, but up with the hips
        (-15.0, 1.0, Level.CAUTION),
        (9.0, 11.0, Level.CAUTION),  # usual, but far all the same
    ],
)
def test_it_is_measured_against_the_usual_repetition(
    usual_deg: float, tip_deg: float, level: Level | None
) -> None:
    rep = analyze(simulate("squat", seed=600, reps=1).source).of(Rep)[0]
    assert _level(_tipped(rep, tip_deg), baseline([_tipped(rep, usual_deg)] * 5)) is level


def test_what_is_usual_for_the_trunk_does_not_count_for_the_pelvis() -> None:
    one, two = (analyze(simulate("squat", seed=600, reps=1, sensors=n).source).of(Rep)[0] for n in (1, 2))
    assert _level(_tipped(one, 5.0), baseline([_tipped(two, -5.0)] * 5)) is None
    assert _level(_tipped(two, 5.0), baseline([_tipped(two, -5.0)] * 5)) is not None


def test_usual_repetitions_kept_before_it_was_measured_are_still_read() -> None:
    kept = usual("squat", 1, 600)
    made = json.loads(baselines_text("me", {"squat": DatedBaseline(kept)}))
    for one in ("usual", "spread"):
        assert made["exercises"]["squat"][one].pop("hips_first_deg") is not None
    _, read = baselines_from_text(json.dumps(made))
    assert math.isnan(read["squat"].usual.usual.hips_first_rad)
    assert read["squat"].usual.usual.tuck_rad == pytest.approx(kept.usual.tuck_rad)


def test_correct_squats_of_real_people_are_not_told_of(datasets: Path) -> None:
    for person in ("s1", "s3", "s4", "s5"):
        paths = [datasets / "squats" / f"{person}_correct_{number}.csv" for number in (1, 2)]
        sources = [open_file(path)[0] for path in paths]
        squats = [with_header(source, overridden(source.info, "squat")) for source in sources]
        first, second = (analyze(source).of(Rep) for source in squats)
        for judged, base in ((first, second), (second, first)):
            assert all(rep.metrics.hips_first_rad is not None for rep in judged)
            assert not any(_level(rep, baseline(base)) for rep in judged)


def _tipped(rep: Rep, tip_deg: float) -> Rep:
    return replace(rep, metrics=replace(rep.metrics, hips_first_rad=math.radians(tip_deg)))


def _level(rep: Rep, base: Baseline | None) -> Level | None:
    made: tuple[Fault, ...] = faults(rep, EXERCISES["squat"], base, rep.concentric_s, PipelineSettings())
    return next((fault.level for fault in made if fault.kind is FaultKind.HIPS_FIRST), None)
