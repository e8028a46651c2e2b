"""What other settings would have said: nothing without a change, exactly the truth with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pressing import pressing
from recorded import record
from test_cli import fails, lumbar

from monitor.analysis import analyze
from monitor.engine import EngineOptions
from monitor.model.exercise import EXERCISES
from monitor.pipeline.settings import PipelineSettings
from monitor.recording.reader import open_recording
from monitor.reviewed import events_of
from monitor.sensors.simulated.scenario import leg_day, simulate
from monitor.whatif import Outcome, differences, what_if, whatif_json, words

RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").glob("*.mcap"))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_unchanged_settings_change_nothing(path: Path) -> None:
    assert what_if(open_recording(path), EngineOptions(), EngineOptions()) == []


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e != "other"])
def test_a_session_of_each_exercise_says_again_what_it_said(exercise: str, tmp_path: Path) -> None:
    cause = "lack_of_spinal_support" if EXERCISES[exercise].back_supported else None
    made = simulate(exercise, cause=cause, seed=2, reps=3, sensors=2)
    recording = open_recording(record(tmp_path / "a.mcap", made.source))
    assert recording.events
    assert differences(recording.events, events_of(analyze(recording))) == []
    assert what_if(recording, EngineOptions(), EngineOptions()) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_lower_level_adds_exactly_the_lift_offs_of_the_truth(seed: int) -> None:
    made = pressing([0, 17, 10.2, 0, 9.8, 18, 10.5, 0], seed)
    true = [c for c in made.truth.lift_offs_caution if not any(meet(c, a) for a in made.truth.lift_offs)]
    assert len(true) == 3

    lower = EngineOptions(pipeline=PipelineSettings(lift_off_alert_deg=8.0))
    found = [d for d in what_if(made.source, EngineOptions(), lower) if d.event["type"] == "lift_off"]
    added = [d.after for d in found if d.outcome is Outcome.ADDED]
    assert [(lift["rep"], pytest.approx(lift["start_s"], abs=0.25)) for lift in added if lift] == [
        (lift.rep, lift.start_s) for lift in true
    ]
    assert {d.outcome for d in found} == {Outcome.ADDED, Outcome.CHANGED}, "the others begin earlier"

    back = [d for d in what_if(made.source, lower, EngineOptions()) if d.event["type"] == "lift_off"]
    assert [d.before for d in back if d.outcome is Outcome.GONE] == added, "the other way round they go"


def meet(one: Any, other: Any) -> bool:
    return bool(one.start_s < other.end_s and other.start_s < one.end_s)


SPANS = st.lists(st.tuples(st.floats(0, 60), st.floats(0.1, 3)), max_size=8)


def lift_offs(spans: list[tuple[float, float]]) -> list[dict[str, Any]]:
    return [
        {"type": "lift_off", "start_s": s, "end_s": s + d, "peak_deg": 14.0, "rep": None, "level": "alert"}
        for s, d in sorted(spans)
    ]


@given(SPANS, SPANS)
def test_what_came_went_or_stayed_accounts_for_all(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    old, new = lift_offs(before), lift_offs(after)
    made = differences(old, new)
    for difference in made:
        rivals = old if difference.outcome is Outcome.ADDED else new
        if difference.outcome in (Outcome.ADDED, Outcome.GONE):
            event = difference.event
            assert not any(r["start_s"] < event["end_s"] and event["start_s"] < r["end_s"] for r in rivals)
    assert differences(old, old) == []
    swapped = differences(new, old)
    count = lambda kind, of: sum(d.outcome is kind for d in of)  # noqa: E731
    assert count(Outcome.ADDED, made) == count(Outcome.GONE, swapped)
    assert count(Outcome.CHANGED, made) == count(Outcome.CHANGED, swapped)


def test_two_that_become_one_neither_come_nor_go() -> None:
    [joined] = differences(lift_offs([(1.0, 1.0), (3.0, 1.0)]), lift_offs([(0.9, 3.2)]))[:1]
    made = differences(lift_offs([(1.0, 1.0), (3.0, 1.0)]), lift_offs([(0.9, 3.2)]))
    assert {d.outcome for d in made} == {Outcome.CHANGED}
    assert "lift-off of 14.0 deg" in joined.text


def test_a_recorded_session_still_says_what_it_said(tmp_path: Path) -> None:
    path = record(tmp_path / "day.mcap", leg_day().source)
    done = lumbar("whatif", path)
    assert (done.returncode, done.stdout) == (0, "no difference\n"), done.stderr


def test_whatif_on_the_command_line(tmp_path: Path) -> None:
    path = record(tmp_path / "day.mcap", leg_day().source)
    done = lumbar("whatif", path, "--set", "alerts.mode=after_set", "--json")
    made = json.loads(done.stdout)
    assert made["schema"] == "lumbar.whatif/1"
    silenced = [c for c in made["changed"] if c["before"]["type"] == "alert"]
    assert silenced
    assert all(c["before"]["audible"] and not c["after"]["audible"] for c in silenced)
    told = lumbar(
        "whatif", path, "--set", "pipeline.tuck_alert_deg=60", "--set", "pipeline.tuck_caution_deg=50"
    )
    assert "gone" in told.stdout
    assert "tuck" in told.stdout


def test_a_misspelt_setting_names_the_nearest(tmp_path: Path) -> None:
    path = record(tmp_path / "day.mcap", leg_day().source)
    line = fails("whatif", path, "--set", "pipeline.tuck_alarm_deg=8")
    assert "did you mean tuck_alert_deg?" in line
    assert "write SECTION.KEY=VALUE" in fails("whatif", path, "--set", "nonsense")
    imported = RECORDINGS[0]
    assert "leave out --against recorded" in fails("whatif", imported, "--against", "recorded")


def test_json_has_all_outcomes() -> None:
    made = whatif_json(differences(lift_offs([(1, 1)]), lift_offs([(5, 1)])))
    assert ([a["start_s"] for a in made["added"]], [g["start_s"] for g in made["gone"]]) == ([5], [1])
    assert made["changed"] == []


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"kind": "lift_off", "level": "alert"}, "lift-off alert"),
        ({"kind": "lift_off", "level": "alert", "audible": False}, "lift-off alert, silent"),
        ({"kind": "finding", "cause": "too_much_weight", "level": "caution"}, "too much weight caution"),
        ({"kind": "sensor_lost", "level": "caution"}, "sensor lost caution"),
    ],
)
def test_an_alert_is_told_in_words_that_read_well(event: dict[str, Any], said: str) -> None:
    assert words({"type": "alert", **event}) == said
