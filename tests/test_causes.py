"""From what was seen to its likely cause: evidence, precedence, and knowing when not to say."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.analysis import Analysis, analysis_json, analyze
from monitor.baselines import baselines_from_analysis, baselines_from_session
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.model.events import (
    Alert,
    Approaching,
    Cause,
    Confidence,
    Fault,
    FaultKind,
    Finding,
    Level,
    LiftOffStarted,
    Rep,
    Rival,
)
from monitor.model.exercise import EXERCISES
from monitor.pipeline.cause_words import rep_words
from monitor.pipeline.causes import CauseModel
from monitor.pipeline.settings import PipelineSettings
from monitor.sensors.simulated.scenario import simulate

SCARE = ("dangerous", "injury", "diagnosis", "disc", "unsafe", "prevent")


def against_usual(exercise: str, cause: str | None, seed: int, *, reps: int = 8) -> Analysis:
    """Analyse a session of a lifter whose usual repetitions are known from another day."""
    usual = simulate(exercise, seed=seed + 500, athlete_seed=seed, sensors=2).source
    made = simulate(exercise, seed=seed, athlete_seed=seed, sensors=2, cause=cause, reps=reps).source
    return analyze(made, EngineOptions(baselines=baselines_from_session(usual, EngineOptions(), "usual.csv")))


@pytest.mark.parametrize(
    ("exercise", "cause"),
    [
        ("leg_press", Cause.LACK_OF_SPINAL_SUPPORT),
        ("squat", Cause.IMPROPER_FORM),
        ("rdl", Cause.IMPROPER_FORM),
        ("rdl", Cause.TOO_MUCH_WEIGHT),
        ("rdl", Cause.POOR_CORE_ENGAGEMENT),
    ],
)
def test_an_injected_cause_is_named_with_its_numbers(exercise: str, cause: Cause) -> None:
    named = []
    for seed in range(300, 304):
        made = against_usual(exercise, cause.value, seed)
        named += [finding for finding in made.findings if finding.cause is cause]
        for finding in made.findings:
            assert finding.reps
            assert finding.evidence
            assert any(character.isdigit() for character in finding.evidence[0])
            assert not any(word in f"{finding.cue} {finding.evidence}".lower() for word in SCARE)
    assert len(named) >= 2


def test_weight_is_never_named_without_slowing() -> None:
    for seed in range(310, 316):
        for cause in ("improper_form", "poor_core_engagement", None):
            made = against_usual("squat", cause, seed)
            slowed = {r.index for r in made.of(Rep) if any(f.kind is FaultKind.SLOW_REP for f in r.faults)}
            for finding in made.of(Finding):
                if finding.cause is Cause.TOO_MUCH_WEIGHT:
                    assert set(finding.reps) <= slowed


def test_core_is_never_named_with_high_confidence() -> None:
    for seed in range(320, 324):
        for finding in against_usual("rdl", "poor_core_engagement", seed).of(Finding):
            assert (
                finding.cause is not Cause.POOR_CORE_ENGAGEMENT or finding.confidence is not Confidence.HIGH
            )


@pytest.mark.parametrize("exercise", ["squat", "leg_press", "rdl"])
def test_a_condition_is_never_named_without_a_report(exercise: str) -> None:
    for seed in range(330, 333):
        found = {f.cause for f in against_usual(exercise, None, seed).of(Finding)}
        assert Cause.UNDERLYING_CONDITION not in found


@pytest.mark.parametrize(("pain", "words"), [(3, None), (4, "Ease off"), (6, "Stop this exercise today")])
def test_a_report_of_pain_is_answered_by_the_traffic_light(pain: float, words: str | None) -> None:
    made = analyze(simulate("squat", seed=1, reps=3).source, pain=pain)
    said = [f for f in made.of(Finding) if f.cause is Cause.UNDERLYING_CONDITION]
    if words is None:
        assert said == []
        return
    assert words in said[0].cue
    assert f"pain {pain:g} of 10" in said[0].evidence[0]
    assert any(alert.cause is Cause.UNDERLYING_CONDITION for alert in made.of(Alert))


def test_a_lift_off_is_announced_before_it_is_one() -> None:
    ahead = []
    for seed in range(340, 346):
        made = analyze(simulate("leg_press", seed=seed, cause="lack_of_spinal_support").source)
        started = [event.start_s for event in made.of(LiftOffStarted)]
        for event in made.of(Approaching):
            after = [start - event.decided_s for start in started if 0 <= start - event.decided_s < 1]
            ahead += after[:1]
    assert len(ahead) >= 20
    assert min(ahead) > 0


def test_a_baseline_comes_back_from_the_analysis_it_was_written_to(tmp_path: Path) -> None:
    source = simulate("squat", seed=7, sensors=2).source
    path = tmp_path / "usual.json"
    path.write_text(json.dumps(analysis_json(analyze(source))), encoding="utf-8")
    from_json = baselines_from_analysis(path)["squat"]
    direct = baselines_from_session(source, EngineOptions(), "a.csv")["squat"]
    assert from_json.usual.peak_rad == pytest.approx(direct.usual.peak_rad)
    assert from_json.usual.sway_rads == pytest.approx(direct.usual.sway_rads)
    assert from_json.count == direct.count == 8


def test_a_baseline_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "usual.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match="lumbar analyze --json"):
        baselines_from_analysis(path)
    short = simulate("squat", seed=7, reps=3).source
    with pytest.raises(ConfigError, match="at least 5"):
        baselines_from_session(short, EngineOptions(), "short.csv")


def test_what_fits_no_cause_is_said_to_be_unclear_at_the_end_of_the_set() -> None:
    # Three late repetitions lean without slowing: neither a habit from the first on, nor the weight.
    steady = analyze(simulate("squat", seed=3).source).of(Rep)
    model, squat = CauseModel(PipelineSettings()), EXERCISES["squat"]
    for rep in steady:
        lean = Fault(FaultKind.LEAN, Level.CAUTION, rep.turn_s, rep.decided_s, math.radians(9.0))
        alike = replace(rep, end_s=rep.turn_s + 1.0, faults=(lean,) if 4 <= rep.index <= 6 else ())
        assert model.rep(alike, squat) is None
    unclear = model.undecided(60.0, 1)
    assert unclear is not None
    assert (unclear.cause, unclear.confidence) == (Cause.UNCLEAR, Confidence.LOW)
    assert unclear.reps == (4, 5, 6)
    assert unclear.evidence == ("leaned 9.0 deg further forward than usual at reps 4 to 6",)
    model.new_set(squat)
    assert model.undecided(90.0, 2) is None


@pytest.mark.parametrize(
    ("exercise", "slow", "named"), [("squat", True, True), ("squat", False, False), ("rdl", True, False)]
)
def test_a_trunk_that_comes_forward_as_the_squat_slows_is_the_weight(
    exercise: str, slow: bool, named: bool
) -> None:
    # Pelvis and lower back each change by 4 deg, less than can be told of either: the trunk by 8.
    model, found = CauseModel(PipelineSettings()), []
    for rep in analyze(simulate("squat", seed=3).source).of(Rep):
        late = rep.index > 4
        metrics = replace(
            rep.metrics,
            peak_tilt_rad=math.radians(34.0 if late else 30.0),
            peak_flexion_rad=math.radians(24.0 if late else 20.0),
        )
        up_s = 1.4 if late and slow else 1.0
        made = replace(rep, end_s=rep.turn_s + up_s, metrics=metrics, faults=())
        found.append(model.rep(made, EXERCISES[exercise]))
    weight = [f for f in found if f is not None and f.cause is Cause.TOO_MUCH_WEIGHT]
    assert bool(weight) is named
    assert all("8.0 deg further than at the start of the set" in f.evidence[1] for f in weight)


def lifted(tempo_s: tuple[float, ...], lean_from: int) -> list[Rep]:
    """Return a set of squats with these times up, that leans from a repetition on."""
    reps = analyze(simulate("squat", seed=3, reps=len(tempo_s)).source).of(Rep)
    assert len(reps) == len(tempo_s)
    made = []
    for rep, up_s in zip(reps, tempo_s, strict=True):
        lean = Fault(FaultKind.LEAN, Level.CAUTION, rep.turn_s, rep.decided_s, math.radians(9.0))
        faults = (lean,) if rep.index >= lean_from else ()
        made.append(replace(rep, end_s=rep.turn_s + up_s, faults=faults))
    return made


@pytest.mark.parametrize(
    ("light_kg", "light_leans_from", "cause", "confidence", "compared"),
    [
        (None, 9, Cause.TOO_MUCH_WEIGHT, Confidence.MEDIUM, False),
        (60.0, 9, Cause.TOO_MUCH_WEIGHT, Confidence.HIGH, True),
        (60.0, 4, Cause.IMPROPER_FORM, Confidence.LOW, False),
    ],
)
def test_a_fault_of_light_sets_too_is_form_and_one_they_had_not_is_the_weight(
    light_kg: float | None, light_leans_from: int, cause: Cause, confidence: Confidence, compared: bool
) -> None:
    model, squat = CauseModel(PipelineSettings()), EXERCISES["squat"]
    for rep in lifted((1.0,) * 8, light_leans_from):
        model.rep(rep, squat, load_kg=light_kg)
    model.new_set(squat, light_kg)
    heavy_kg = None if light_kg is None else 100.0
    found = [model.rep(rep, squat, load_kg=heavy_kg) for rep in lifted((1.0,) * 5 + (1.4,) * 3, 6)]
    last = [finding for finding in found if finding is not None][-1]
    assert (last.cause, last.confidence) == (cause, confidence)
    assert ("none of it at 60 kg" in last.evidence) is compared


def test_a_habit_that_light_sets_had_not_may_be_the_weight_too() -> None:
    model, squat = CauseModel(PipelineSettings()), EXERCISES["squat"]
    for rep in lifted((1.0,) * 8, 9):
        model.rep(rep, squat, load_kg=60.0)
    model.new_set(squat, 60.0)
    found = [model.rep(rep, squat, load_kg=100.0) for rep in lifted((1.0,) * 8, 1)]
    last = [finding for finding in found if finding is not None][-1]
    assert last.cause is Cause.IMPROPER_FORM
    assert last.rivals == (Rival(Cause.TOO_MUCH_WEIGHT, Confidence.MEDIUM),)
    assert "none of it at 60 kg" in last.evidence


def test_what_the_weight_did_to_a_lighter_set_is_no_habit() -> None:
    model, squat = CauseModel(PipelineSettings()), EXERCISES["squat"]
    found: list[Cause] = []
    for load_kg in (90.0, 100.0):
        made = [model.rep(rep, squat, load_kg=load_kg) for rep in lifted((1.0,) * 5 + (1.4,) * 3, 6)]
        found += [finding.cause for finding in made if finding is not None][-1:]
        model.new_set(squat, load_kg)
    assert found == [Cause.TOO_MUCH_WEIGHT, Cause.TOO_MUCH_WEIGHT]


def test_runs_of_repetitions_are_named_short() -> None:
    assert rep_words([0]) == "a repetition"
    assert rep_words([4]) == "rep 4"
    assert rep_words([5, 4]) == "reps 4, 5"
    assert rep_words([4, 5, 6]) == "reps 4 to 6"
    assert rep_words([1, 2, 3, 4, 6, 8, 9]) == "reps 1 to 4, 6, 8, 9"
