"""The session on a terminal: a panel whose words are as they were told."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from calibration.procedure import TellKind, Told
from monitor.cli.guide_view import GuideView
from monitor.console import ConsoleView, event_line
from monitor.model.events import Cause, Confidence, Finding, Level, Notice
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
