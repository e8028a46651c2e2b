"""The live view without a window: a panel that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.model.events import (
    Alert,
    Calibrated,
    Cause,
    Event,
    FaultKind,
    Finding,
    LiftOff,
    Notice,
    Rep,
    SetSummary,
)
from monitor.model.exercise import exercise
from monitor.model.session import Annotation, LinkStatus, Output, SessionInfo, SourceItem

_LINES = 8


class ConsoleView:
    """A `Sink` that shows a session on a terminal.

    Parameters
    ----------
    console
        Where to; a terminal that can redraw gets a panel, ten times a second, anything else a line an event.
    """

    name = "console"

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        can_redraw = self._console.is_interactive
        self._live = Live(console=self._console, refresh_per_second=10) if can_redraw else None
        self._exercise = ""
        self._tilt = self._flexion = self._sigma = math.nan
        self._now_s = 0.0
        self._reps = 0
        self._links: dict[str, str] = {}
        self._lines: list[str] = []

    def begin(self, info: SessionInfo) -> None:
        """Show what is about to begin."""
        self._exercise = str(info.exercise)
        self._say(f"{info.exercise}: stand still for a moment, then begin")
        if self._live is not None:
            self._live.start()

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Show the latest angle and what happened."""
        for item in items:
            if isinstance(item, LinkStatus) and self._links.get(item.sensor) != item.state:
                self._links[item.sensor] = item.state
                self._say(f"{item.sensor} sensor: {item.text or item.state}")
            elif isinstance(item, Annotation) and item.kind == "exercise":
                self._exercise = str(exercise(str(item.value)))
        if len(output.posture):
            self._now_s = float(output.posture.t_s[-1])
            self._tilt = float(output.posture.pelvic_tilt_rad[-1])
            self._sigma = float(output.posture.pelvic_tilt_sigma_rad[-1])
            self._flexion = float(output.posture.lumbar_flexion_rad[-1])
        for event in output.events:
            line = event_line(event)
            if isinstance(event, Rep):
                self._reps = event.index
            if line:
                self._say(line)
        if self._live is not None:
            self._live.update(self._panel())

    def end(self) -> None:
        """Leave the last view on the screen."""
        if self._live is not None:
            self._live.stop()

    def _say(self, line: str) -> None:
        if self._lines and line == self._lines[-1]:
            return  # nothing new, such as a seat reference before the lifter sat down and the one after
        if self._live is None:
            self._console.print(line, soft_wrap=True, highlight=False, markup=False)
        self._lines = [*self._lines, line][-_LINES:]

    def _panel(self) -> Panel:
        numbers = Table.grid(padding=(0, 3))
        numbers.add_row("pelvic tilt", "lumbar flexion", "repetitions", "time")
        numbers.add_row(
            Text(_angle(self._tilt, self._sigma), style="bold"),
            Text(_angle(self._flexion, math.nan), style="bold"),
            Text(str(self._reps), style="bold"),
            f"{self._now_s:.0f} s",
        )
        lines = map(Text, self._lines)  # as they are: a bracket in one is no markup
        return Panel(Group(numbers, "", *lines), title=self._exercise, subtitle="Ctrl+C ends the session")


def _angle(value_rad: float, sigma_rad: float) -> str:
    if math.isnan(value_rad):
        return "-"
    spread = "" if math.isnan(sigma_rad) else f" ± {math.degrees(sigma_rad):.0f}"
    whole = round(math.degrees(value_rad)) or 0  # no minus before a zero
    return f"{whole:+d}{spread} deg" if whole else f"0{spread} deg"


def event_line(event: Event) -> str:  # noqa: PLR0911 - one line a kind
    """Return one line on an event for a person; empty for those that are only of use to machines."""
    match event:
        case Rep():
            m = event.metrics
            lower, lift = event.eccentric_s, event.concentric_s
            text = f"rep {event.index}: {lower:.1f} s down, {lift:.1f} s up"
            text += f", tilt {math.degrees(m.tilt_range_rad):.0f} deg"
            tucked = f"tucked {math.degrees(m.tuck_rad):.0f} deg"
            named = [tucked if f.kind is FaultKind.TUCK else f.kind.replace("_", " ") for f in event.faults]
            return ", ".join([text, *named])
        case LiftOff():
            return f"back on the pad after {event.end_s - event.start_s:.1f} s, {_past(event.peak_rad)}"
        case Finding():
            return cause_line(event)
        case Alert():
            return f"{event.level.value.upper()} {event.time_s:.1f} s: {event.text}"
        case SetSummary():
            return f"set {event.index}: {event.summary}"
        case Calibrated():
            what = "seat reference" if event.kind == "seat" else f"{event.kind} calibration"
            return f"{what}: {event.quality}"
        case Notice():
            return f"note: {event.text}"
        case _:
            return ""


def cause_line(found: Finding) -> str:
    """Return a finding as a line: its cause with how sure it is, or that the cause is not clear."""
    if found.cause is Cause.UNDERLYING_CONDITION:  # said, not measured: how sure is not the question
        return f"{'; '.join(found.evidence)}. {found.cue}"
    if found.cause is Cause.UNCLEAR:
        return f"cause not clear: {found.evidence[0]}"
    cause = found.cause.value.replace("_", " ")
    return f"likely cause: {cause} ({found.confidence.value} confidence): {found.evidence[0]}"


def _past(peak_rad: float) -> str:
    return f"{math.degrees(peak_rad):.0f} deg past the seat reference at most"
