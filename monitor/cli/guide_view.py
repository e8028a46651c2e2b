"""A guided calibration on a terminal: a panel that is redrawn, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.text import Text

from calibration.procedure import TellKind, Told
from monitor.model.session import Guidance, LinkStatus

_LINES = 6
_STYLES = {TellKind.REFUSAL: "yellow", TellKind.SKIP: "yellow", TellKind.DONE: "green"}


class GuideView:
    """Show prompts, progress and refusals.

    Parameters
    ----------
    console
        Where to.
    plain
        A line for everything, even on a terminal that can redraw.
    """

    def __init__(self, console: Console, *, plain: bool = False) -> None:
        self._console = console
        self._live = (
            None if plain or not console.is_interactive else Live(console=console, refresh_per_second=10)
        )
        self._lines: list[Text] = []
        self._links: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last view on the screen."""
        if self._live is not None:
            self._live.stop()

    def link(self, status: LinkStatus) -> None:
        """Show the state of a sensor's link where it has changed."""
        if self._links.get(status.sensor) != status.state:
            self._links[status.sensor] = status.state
            self._say(Text(f"{status.sensor} sensor: {status.text or status.state}"))

    def show(self, now: Guidance, told: Sequence[Told]) -> None:
        """Show what was told, and where the procedure is."""
        for line in told:
            if line.kind is TellKind.PROMPT and self._live is not None:
                continue  # it stands at the top of the panel
            self._say(Text(f"{line.time_s:6.1f} s  {line.text}", _STYLES.get(line.kind, "")))
        if self._live is not None:
            self._live.update(self._panel(now))

    def _say(self, line: Text) -> None:
        if self._live is None:
            self._console.print(line, soft_wrap=True, highlight=False)
        self._lines = [*self._lines, line][-_LINES:]

    def _panel(self, now: Guidance) -> Panel:
        parts: list[RenderableType] = [
            Text(now.prompt, style="bold"),
            ProgressBar(total=1.0, completed=now.step_progress, width=40),
            Text(now.hint, style="yellow"),
            *self._lines,
        ]
        title = f"calibration: step {now.step} of {now.steps}, {100 * now.progress:.0f} %"
        return Panel(Group(*parts), title=title, subtitle="Ctrl+C stops; nothing is kept then")
