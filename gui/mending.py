"""What the buttons of the page before the set do."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from gui.mend_sheets import BATTERY, USUAL, AdviceSheet, SeatSheet, SensorSheet
from gui.preflight import Mend
from gui.shortcuts import Action
from monitor.model.errors import MonitorError

if TYPE_CHECKING:
    from gui.commands import Commands
    from gui.helm import Helm
    from gui.window import Window

NO_FOLDER = "nothing is recorded: there is no folder"
NO_BROKER = "no broker was named: start with --broker embedded, or --broker mqtt://HOST"
TRYING = "trying the broker, some seconds"


class Mending:
    """Carries out mends for a window.

    Parameters
    ----------
    window, commands
        Where sheets open, and who opens them.
    helm
        What the session can be asked for.
    """

    def __init__(self, window: Window, commands: Commands, helm: Helm) -> None:
        self._window = window
        self._commands = commands
        self._helm = helm
        self._answers: deque[str] = deque()
        self._trial: threading.Thread | None = None
        self._acts: dict[Mend, Callable[[], None]] = {
            Mend.FIND: self._find,
            Mend.LINKS: lambda: commands.do(Action.LINKS),
            Mend.BATTERY: lambda: commands.open(AdviceSheet("Battery", BATTERY, window)),
            Mend.CALIBRATE: lambda: commands.do(Action.CALIBRATE),
            Mend.SEAT: lambda: commands.open(SeatSheet(window)),
            Mend.USUAL: lambda: commands.open(AdviceSheet("Usual repetition", USUAL, window)),
            Mend.RECORD: self._record,
            Mend.FOLDER: self._folder,
            Mend.BROKER: self._broker,
        }

    def do(self, mend: Mend) -> None:
        """Carry out one."""
        self._acts[mend]()

    def can(self, mend: Mend) -> bool:
        """Return whether this session can do it at all."""
        missing = {
            Mend.CALIBRATE: self._helm.say is None,
            Mend.RECORD: self._helm.record is None,
            Mend.FOLDER: not self._helm.folder,
        }
        return not missing.get(mend, False)

    def answers(self) -> list[str]:
        """Return the lines that came in since the last call."""
        return [self._answers.popleft() for _ in range(len(self._answers))]

    def _say(self, text: str) -> None:
        self._window.presenter.notice(text)

    def _find(self) -> None:
        self._commands.open(SensorSheet(self._helm.use, self._window))

    def _record(self) -> None:
        if self._helm.record is None:
            return
        try:
            self._helm.record()
        except MonitorError as failure:
            self._say(str(failure))
        else:
            self._say("recording begins")
            self._window.ask_side()

    def _folder(self) -> None:
        if not self._helm.folder:
            self._say(NO_FOLDER)
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(self._helm.folder)):
            self._say(f"recordings are in {self._helm.folder}")

    def _broker(self) -> None:
        ask = self._helm.try_broker
        if ask is None:
            self._say(NO_BROKER)
            return
        if self._trial is not None and self._trial.is_alive():
            return
        self._say(TRYING)

        def attempt() -> None:
            try:
                self._answers.append(ask())
            except MonitorError as failure:
                self._answers.append(str(failure))

        # It may take seconds, and the screen goes on: its answer is fetched with a later frame.
        self._trial = threading.Thread(target=attempt, name="broker trial", daemon=True)
        self._trial.start()
