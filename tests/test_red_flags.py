"""Red flags: whichever way they are reported, they are answered first, kept, and shown again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cli import lumbar
from test_history import session

from gui.review.history_presenter import COLUMNS, advice, rows
from gui.review.lines import session_lines
from gui.review.session_data import open_session
from gui.words import MISSING
from monitor.alerts.commands import parse_command
from monitor.alerts.policy import AlertPolicy, AlertSettings, SpeakMode
from monitor.analysis import analyze
from monitor.engine import Engine
from monitor.history import trends
from monitor.model.errors import ConfigError, DecodeError
from monitor.model.events import Alert, Cause, Event, Finding, Level, SetSummary
from monitor.model.red_flag import RedFlag, in_order, red_flag
from monitor.model.session import Annotation, SourceItem
from monitor.pipeline.pain import Reports
from monitor.progression import history_json, remarks
from monitor.recording.labels import Labels
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.report import report_html
from monitor.reviewed import Reviewed, review
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.source import SimulatedSource

TODAY = "Stop for today and see a health professional today."
SOON = "Please see a health professional."
NEVER = re.compile(r"danger|injur|diagnos|disc\b|unsafe|prevent", re.IGNORECASE)
SAID_S = 20.0


def source(*said: tuple[str, str | float], seed: int = 1) -> SimulatedSource:
    """Return squats of a lifter who says something in the middle."""
    made = simulate("squat", seed=seed, reps=4).source
    return replace(made, annotations=tuple(Annotation(SAID_S, kind, value) for kind, value in said))


def told(events: tuple[Event, ...]) -> tuple[list[Finding], list[Alert]]:
    """Return what was made of reports."""
    mine = Cause.UNDERLYING_CONDITION
    found = [e for e in events if isinstance(e, Finding) and e.cause is mine]
    return found, [e for e in events if isinstance(e, Alert) and e.cause is mine]


@pytest.mark.parametrize("flag", list(RedFlag))
def test_each_sign_is_answered_at_once_in_calm_words(flag: RedFlag) -> None:
    [found], [alert] = told(analyze(source(("red_flag", flag.value))).events)
    cue = TODAY if flag in {"saddle_numbness", "bladder_bowel", "leg_weakness"} else SOON
    assert (found.cue, alert.text) == (cue, cue)
    assert (found.level, alert.level) == (Level.ALERT, Level.ALERT)
    assert found.evidence == (f"you reported {flag.words}",)
    assert abs(found.decided_s - SAID_S) < 1.0
    assert alert.audible
    assert not NEVER.search(f"{flag.words} {cue}")


def test_a_report_comes_before_what_was_measured_and_is_not_softened_by_the_next() -> None:
    made = simulate("squat", seed=3, cause="improper_form", reps=6).source
    said = (("red_flag", "lasting"), ("red_flag", "saddle_numbness"), ("pain", 4.0), ("pain", 2.0))
    events = analyze(
        replace(made, annotations=tuple(Annotation(SAID_S, kind, value) for kind, value in said))
    ).events
    found, alerts = told(events)
    assert [alert.text for alert in alerts] == [SOON, TODAY]
    assert found[-1].cue == TODAY
    assert found[-1].evidence == (
        "you reported numbness between the legs",
        "you reported pain for more than six weeks",
        "you reported pain 4 of 10",
    )
    assert any(isinstance(e, Finding) and e.cause is Cause.IMPROPER_FORM for e in events)
    [summary] = [e for e in events if isinstance(e, SetSummary)]
    assert summary.summary.endswith(f"you reported numbness between the legs. {TODAY}")


def test_what_is_said_before_the_calibration_has_its_time_however_data_are_cut() -> None:
    said = replace(
        simulate("squat", seed=1, reps=2).source, annotations=(Annotation(4.0, "red_flag", "lasting"),)
    )
    one_by_one = Engine(said.info)
    events = [event for item in said.items() for event in one_by_one.feed([item]).events]
    [found], [alert] = told(tuple(events))
    assert found.time_s == alert.time_s == pytest.approx(4.0, abs=0.3)
    assert told(analyze(said).events) == ([found], [alert])


@pytest.mark.parametrize("mode", list(SpeakMode))
def test_whatever_the_mode_the_answer_is_heard_now_unless_snoozed(mode: SpeakMode) -> None:
    finding = Reports().flag(RedFlag.LEG_WEAKNESS, 10.0, 1)
    policy = AlertPolicy(AlertSettings(mode=mode, cues_per_rep=0), "s1")
    [alert] = policy.update((finding,), 10.0)
    assert alert.audible
    policy = AlertPolicy(AlertSettings(mode=mode), "s1")
    policy.annotate(Annotation(9.0, "snooze_s", 60.0))
    [alert] = policy.update((finding,), 10.0)
    assert not alert.audible


def test_strong_pain_with_a_lasting_sign_says_both() -> None:
    found, alerts = told(analyze(source(("pain", 7.0), ("red_flag", "lasting"))).events)
    assert [alert.level for alert in alerts] == [Level.ALERT, Level.ALERT]
    assert found[-1].cue == "Stop this exercise today. Please see a health professional."


@given(st.permutations(list(RedFlag)))
def test_signs_to_be_seen_today_come_first(flags: list[RedFlag]) -> None:
    assert in_order([*flags, *flags]) == tuple(RedFlag)
    assert [flag.today for flag in in_order(flags)] == [True] * 3 + [False] * 5


def test_a_command_names_one_of_the_list() -> None:
    assert parse_command(b'{"red_flag": "leg-weakness"}') == (("red_flag", "leg_weakness"),)
    assert parse_command(b'{"pain": 5, "red_flag": "lasting"}') == (("pain", 5.0), ("red_flag", "lasting"))
    for payload in (b'{"red_flag": "headache"}', b'{"red_flag": 3}', b'{"red_flag": ["lasting"]}'):
        with pytest.raises(DecodeError, match="command red_flag: ") as refused:
            parse_command(payload)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 300
    with pytest.raises(DecodeError, match=", ".join(RedFlag)):
        parse_command(b'{"red_flag": "headache"}')
    with pytest.raises(ConfigError, match="'headache'"):
        red_flag("headache")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a session in which two signs and pain were said, as a live run records it."""
    path = tmp_path_factory.mktemp("said") / "said.mcap"
    made = source(("red_flag", "night_pain"), ("red_flag", "leg_weakness"), ("pain", 5.0))
    writer, engine = RecordingWriter(path), Engine(made.info)
    writer.begin(replace(made.info, started_at="2026-03-02T18:00:00+01:00"))
    items: list[SourceItem] = list(made.items())
    for begin in range(0, len(items), 40):
        batch = items[begin : begin + 40]
        writer.take(batch, engine.feed(batch))
    writer.take((), engine.finish())
    writer.end()
    return path


def test_a_replay_says_the_same_as_the_session(recording: Path) -> None:
    kept = open_recording(recording)
    assert [(a.kind, a.value) for a in kept.annotations] == [
        ("red_flag", "night_pain"),
        ("red_flag", "leg_weakness"),
        ("pain", 5.0),
    ]
    assert review(recording, anew=True).events == review(recording).events
    assert [e["cue"] for e in review(recording).of("finding")][-1] == TODAY


def test_the_report_lists_what_was_said_and_when(recording: Path) -> None:
    made = review(recording)
    text = " ".join(
        re.sub(r"<(style|svg)\b.*?</\1>|<[^>]+>", " ", report_html([made], ()), flags=re.DOTALL).split()
    )
    assert "New weakness in a leg or foot, 20 s into the session." in text
    assert "Pain that wakes you at night or does not ease with rest, 20 s into the session." in text
    assert "Pain 5 of 10, 20 s into the session." in text
    assert "red flags said 2" in text
    assert "Reported by the athlete" in text
    assert TODAY in text
    assert not NEVER.search(text.replace("not a medical device", ""))


def test_review_shows_it_where_it_was_said(recording: Path) -> None:
    lines = session_lines(open_session(recording), Labels())
    said = [(moment.kind, moment.text) for moment in lines.moments if moment.kind == "red_flag"]
    assert ("red_flag", "new weakness in a leg or foot") in said
    [found] = [line for line in lines.findings if line.cause is Cause.UNDERLYING_CONDITION]
    assert "confidence" not in found.about


def test_on_the_command_line(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = lumbar(
        "analyze", recording, "--red-flag", "saddle-numbness", "--red-flag", "lasting", "--json", out
    )
    assert done.returncode == 0, done.stderr
    assert "you reported numbness between the legs; you reported new weakness in a leg or foot" in done.stdout
    assert TODAY in done.stdout
    found = [f for f in json.loads(out.read_text())["findings"] if f["cause"] == "underlying_condition"]
    assert "you reported pain for more than six weeks" in found[-1]["evidence"]
    wrong = lumbar("analyze", recording, "--red-flag", "headache")
    assert wrong.returncode == 2
    refused = " ".join(wrong.stderr.split())
    shown = " ".join(lumbar("analyze", "--help").stdout.split())
    for flag in RedFlag:
        assert flag.value in refused
        assert f"{flag.value} ({flag.words})" in shown
    history = lumbar("history", "--folder", recording.parent)
    assert "reported" in history.stdout
    assert "new weakness in a leg or foot" in history.stdout
    assert "see a health professional before the next session" in " ".join(history.stdout.split())


def flagged(made: Reviewed, *flags: str, side_deg: float | None = None) -> Reviewed:
    """Return a session in which signs were said, and its hips leaned to one side."""
    said = tuple(Annotation(9.0, "red_flag", flag) for flag in flags)
    events: list[dict[str, Any]] = [
        {**e, "side_tilt_deg": side_deg} if e["type"] == "rep" and side_deg is not None else e
        for e in made.events
    ]
    return replace(made, annotations=(*made.annotations, *said), events=events)


def test_a_sign_of_last_time_is_remembered_before_the_next_session() -> None:
    [trend] = trends([session(1), flagged(session(3), "leg_numbness", "lasting")])
    [line] = remarks(trend.points)
    assert line == (
        "numbness or tingling down a leg and pain for more than six weeks were reported last time: "
        "see a health professional before the next session"
    )
    assert [s["red_flags"] for s in history_json([trend])["trends"][0]["sessions"]] == [
        [],
        ["leg_numbness", "lasting"],
    ]
    shown = dict(zip(COLUMNS, rows(trend)[0], strict=True))
    assert (shown["Signs"], rows(trend)[1][COLUMNS.index("Signs")]) == ("2", MISSING)
    assert "health professional" in advice(trend)[0]
    [trend] = trends([flagged(session(1), "lasting"), session(3)])
    assert not any("health professional" in line for line in remarks(trend.points))
    assert not any("would be a step" in line for line in remarks(trend.points))


def remarks_of(*sessions: Reviewed) -> list[str]:
    """Return what the sessions suggest."""
    [trend] = trends(sessions)
    return remarks(trend.points)


def test_less_range_on_two_days_bears_a_report_out() -> None:
    usual = session(1, tilt_deg=45, load_kg=None)
    first, second = session(3, tilt_deg=33, load_kg=None), session(5, tilt_deg=32, load_kg=None, pain=4)
    [supported, pain] = remarks_of(usual, first, second)
    assert supported.startswith(
        "you reported pain 4 of 10, and on 2 days range was lower: pelvic tilt range "
    )
    assert "33 and 32 deg after 45 deg (a change counts from 6 deg)" in supported
    assert "settles within a day" in pain
    assert remarks_of(usual, first, session(5, tilt_deg=32, load_kg=None)) == [], (
        "movement alone says nothing"
    )
    assert remarks_of(usual, session(5, tilt_deg=32, load_kg=None))[0].startswith(
        "range lower than last time"
    )
    again = session(3, tilt_deg=32, load_kg=None, pain=4)
    assert not any("on 2 days" in line for line in remarks_of(usual, first, again)), "one day is not two"


def test_leaning_to_one_side_on_two_days_bears_a_report_out() -> None:
    usual = flagged(session(1, load_kg=None), side_deg=1.0)
    first = flagged(session(3, load_kg=None), side_deg=-9.0)
    second = flagged(session(5, load_kg=None), "leg_numbness", side_deg=-10.0)
    [supported] = remarks_of(usual, first, second)
    assert "leaned further to one side: side tilt 9 and 10 deg after 1 deg" in supported
    assert supported.endswith(": see a health professional before the next session")
    other = flagged(session(5, load_kg=None), "leg_numbness", side_deg=10.0)
    [alone] = remarks_of(usual, first, other)
    assert "on 2 days" not in alone, "one side, then the other, is not one-sided"
