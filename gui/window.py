"""The window: one timer drains what the session produced and redraws."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from gui.bridge import Began, Ended, ScreenSink, Took
from gui.live_page import LivePage
from gui.presenter import Presenter
from gui.ring import PostureRing
from gui.style import Look, style_sheet
from gui.view_state import Phase, SideStatus, ViewState
from gui.worker import AsyncThread
from monitor.model.session import SessionInfo

FRAME_MS = 33
"""30 frames a second: as much as the eye needs of a movement of some seconds."""
STALE_AFTER_S = 1.0
"""Without a new row for this long the screen says so instead of standing still."""
SIDE_EVERY_S = 1.0


class Window(QMainWindow):
    """Shows a session that runs on another thread."""

    def __init__(
        self,
        info: SessionInfo,
        look: Look | None = None,
        *,
        side_status: Callable[[], SideStatus] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look or Look()
        self.ring = PostureRing()
        self.sink = ScreenSink(self.ring)
        self.presenter = Presenter(info)
        self.worker: AsyncThread | None = None
        self.close_when_done = False
        self.live = LivePage(self._look)
        self.setCentralWidget(self.live)
        self.setStyleSheet(style_sheet(self._look))
        self.setMinimumSize(900, 600)
        self._ask_side = side_status
        self._side = SideStatus()
        self._side_at_s = float("-inf")
        self._rows_at_s = time.monotonic()
        self._newest_s = float("-inf")
        self._told_failure = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.redraw)

    def start(self, worker: AsyncThread | None = None) -> None:
        """Start the session and the redraw timer."""
        self.worker = worker
        if worker is not None:
            worker.start()
        self._timer.start(FRAME_MS)

    def redraw(self) -> None:
        """Take what has arrived and draw one frame."""
        for message in self.sink.drain():
            match message:
                case Began():
                    self.presenter.begin(message.info)
                case Took():
                    self.presenter.take(message.items, message.output)
                case Ended():
                    self.presenter.end()
        self._watch_worker()
        view = self.presenter.view()
        rows = self.ring.snapshot(self.live.traces.window_s)
        newest_s = float(rows.t_s[-1]) if len(rows) else None
        self.live.show_frame(view, rows, self._side_status(), self._stale(newest_s, view))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop the session first: the recording is closed before the window is gone."""
        self._timer.stop()
        if self.worker is not None:
            self.worker.finish()
        super().closeEvent(event)

    def _watch_worker(self) -> None:
        if self.worker is None or self.worker.is_alive():
            return
        if self.worker.failure is not None and not self._told_failure:
            self._told_failure = True
            self.presenter.notice(self.worker.failure)
            self.presenter.end()
        elif self.close_when_done and self.worker.failure is None:
            QTimer.singleShot(0, self.close)

    def _side_status(self) -> SideStatus:
        now_s = time.monotonic()
        if self._ask_side is not None and now_s - self._side_at_s >= SIDE_EVERY_S:
            self._side = self._ask_side()
            self._side_at_s = now_s
        return self._side

    def _stale(self, newest_s: float | None, view: ViewState) -> str:
        now_s = time.monotonic()
        if newest_s is not None and newest_s != self._newest_s:
            self._newest_s = newest_s
            self._rows_at_s = now_s
        lost = [link for link in view.links if link.state == "lost"]
        if lost:
            return f"{lost[0].sensor.capitalize()} sensor: {lost[0].text or 'signal lost'}"
        if view.phase is Phase.ENDED:
            return "The session has ended"
        waited_s = now_s - self._rows_at_s
        if waited_s < STALE_AFTER_S:
            return ""
        return "Waiting for the sensor" if newest_s is None else f"No data for {waited_s:.0f} s"
