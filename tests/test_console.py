"""The session on a terminal: a panel whose words are as they were told."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from calibration.procedure import TellKind, Told
from monitor.cli.guide_view import GuideView
from monitor.console import ConsoleView, event_line
from monitor.model.events import (
    Calibrated,
    Cause,
    Confidence,
    Fault,
    FaultKind,
    Finding,
    Level,
    Notice,
    Rep,
    RepMetrics,
)
from monitor.model.session import Annotation, Guidance, Output, SessionInfo


def test_the_panel_shows_what_is_done_now_and_brackets_as_they_are() -> None:
    shown = io.StringIO()
    view = ConsoleView(Console(file=shown, force_terminal=True, width=70))
    view.begin(SessionInfo())
    said = (Annotation(1.0, "exercise", "leg_press"),)
    view.take(said, Output(events=(Notice(1.0, "[red]disk[/red] is full"),)))
    view.end()
    last = shown.getvalue().rsplit("\N{BOX DRAWINGS LIGHT ARC DOWN AND RIGHT}", 1)[1]
    assert "leg press" in last
    assert "[red]disk[/red] is full" in last


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_redraw_gets_a_line_as_it_happens(term: str) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=70, _environ={"TERM": term})
    view = ConsoleView(console)
    view.begin(SessionInfo())
    view.take((), Output(events=(Notice(1.0, "the disk is full"),)))
    assert "note: the disk is full" in shown.getvalue()
    with GuideView(console) as guide:
        guide.show(Guidance(1, 4, "", "", 0.0, 0.0), [Told(0.0, TellKind.PROMPT, "Stand upright")])
        assert "Stand upright" in shown.getvalue()


def test_what_is_not_clear_is_no_likely_cause() -> None:
    found = Finding(
        Cause.UNCLEAR, Confidence.LOW, Level.CAUTION, (3,), ("tuck 12 deg in rep 3",), "Same again.", 1.0, 1.0
    )
    assert event_line(found) == "cause not clear: tuck 12 deg in rep 3"


def test_a_line_that_says_nothing_new_is_said_once() -> None:
    shown = io.StringIO()
    view = ConsoleView(Console(file=shown))
    view.begin(SessionInfo())
    seat = Calibrated("seat", "good", 1.0)
    view.take((), Output(events=(seat, replace(seat, decided_s=5.0), Notice(6.0, "rested"), seat)))
    assert shown.getvalue().splitlines()[1:] == [
        "seat reference: good",
        "note: rested",
        "seat reference: good",
    ]


def test_a_repetition_says_what_was_off_in_it_and_no_tuck_where_there_was_none() -> None:
    metrics = RepMetrics(0.5, 0.5, 0.5, 0.05, None, None, 0.02, 0.02, -1.8, 0.4, 1.0)
    slow, tuck = (Fault(kind, Level.CAUTION, 1.0, 2.0) for kind in (FaultKind.SLOW_REP, FaultKind.TUCK))
    rep = Rep(1, 1, 0.0, 1.5, 3.0, 3.0, metrics, faults=(slow,))
    assert event_line(rep).endswith("tilt 29 deg, slow rep")
    assert event_line(replace(rep, faults=(tuck, slow))).endswith("tilt 29 deg, tucked 3 deg, slow rep")
