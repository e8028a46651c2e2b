"""A window with a real session behind it whose source goes on only as far as a test lets it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gui_harness import DEADLINE_MS
from PySide6.QtCore import QSettings, Qt

from gui.preferences import Preferences
from gui.window import Window
from gui.worker import AsyncThread
from monitor.model.session import Delivery
from monitor.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from gui.helm import Helm
    from monitor.model.events import Event
    from monitor.model.session import Output, SampleSource, SessionInfo, Sink, SourceItem

STRETCH_S = 0.5
"""Session time handed over at once: the day goes by many times faster than it is."""


class Gated:
    """A source that goes on only as far as it is let: the test is the clock."""

    def __init__(self, source: SampleSource) -> None:
        self._source = source
        self._loop: asyncio.AbstractEventLoop | None = None
        self._further = asyncio.Event()
        self.until_s = 0.0
        self.waits = False
        """True while it may not go on; all before has been handled then."""
        self.reached_s = 0.0

    @property
    def info(self) -> SessionInfo:
        """What the source knows."""
        return self._source.info

    def let(self, until_s: float) -> None:
        """Let it go on up to a session time; from any thread."""
        self.until_s, self.waits = until_s, False
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._further.set)

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        """Yield what it is let to."""
        self._loop = asyncio.get_running_loop()
        batch: list[SourceItem] = []
        start_s = 0.0
        for item in self._source.items():
            batch.append(item)
            if isinstance(item, Delivery) and item.block.t_s[-1] < start_s + STRETCH_S:
                continue
            start_s = float(item.block.t_s[-1]) if isinstance(item, Delivery) else max(start_s, item.time_s)
            while start_s > self.until_s:
                self._further.clear()
                self.waits = True
                await self._further.wait()
            yield batch
            self.reached_s, batch = start_s, []
        yield batch


class Seen:
    """What the engine told, to compare the screen with."""

    name = "seen"

    def __init__(self) -> None:
        self.events: list[Event] = []

    def begin(self, info: SessionInfo) -> None:
        """Nothing to begin."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        """Keep the events."""
        self.events += output.events

    def end(self) -> None:
        """Nothing to end."""


class LiveWindow:
    """The window, and the session it shows.

    Parameters
    ----------
    helm
        Returns what the window may ask of the session it is given.
    """

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        source: SampleSource,
        helm: Callable[[Session], Helm],
        sinks: Sequence[Sink] = (),
        recording: Sink | None = None,
    ) -> None:
        self.qtbot = qtbot
        self.source = Gated(source)
        self.seen = Seen()
        self.preferences = Preferences(QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat))
        mine: list[Sink] = [self.seen, *sinks]
        self.session = Session(self.source, None, mine, recording)
        self.window = Window(self.source.info, preferences=self.preferences, helm=helm(self.session))
        self.session.join(self.window.sink)
        qtbot.addWidget(self.window)
        self.window.resize(1180, 760)
        self.window.show()
        self.worker = AsyncThread(self.session.run)
        self.window.start(self.worker)

    def until(self, shown: Callable[[], bool]) -> None:
        """Let the day go on, a stretch at a time, until something is shown."""

        def step() -> bool:
            self.window.redraw()  # whatever was let through is on the screen before it goes on
            if shown():
                return True
            if self.source.waits:
                self.source.let(self.source.until_s + 2 * STRETCH_S)
            return False

        self.qtbot.waitUntil(step, timeout=3 * DEADLINE_MS)

    def wait(self, shown: Callable[[], bool]) -> None:
        """Wait until something is shown, while the day stands still."""
        self.qtbot.waitUntil(shown, timeout=DEADLINE_MS)

    def key(self, key: Qt.Key, on: QWidget | None = None) -> None:
        """Press a key."""
        self.qtbot.keyClick(on or self.window, key)

    def press(self, line: str) -> None:
        """Press the button of a line of the page before the set."""
        self.qtbot.mouseClick(self.window.preflight.mend_button(line), Qt.MouseButton.LeftButton)
