"""The window: one timer drains what the session produced and redraws the page in front."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from gui.after_set_page import AfterSetPage
from gui.bridge import Began, Ended, ScreenSink, Took
from gui.commands import Commands
from gui.control_bar import GOES, SAYS, ControlBar
from gui.ends import SideStatus
from gui.guide_page import GuidePage
from gui.header import Header
from gui.helm import Helm
from gui.live_page import LivePage
from gui.preferences import Preferences
from gui.preflight import is_ready
from gui.preflight_page import PreflightPage
from gui.presenter import Presenter
from gui.ring import PostureRing
from gui.shortcuts import SHORTCUTS, Action
from gui.silence import Silence
from gui.status_bar import StatusBar
from gui.style import Look, style_sheet
from gui.view_state import Phase, ViewState
from gui.worker import AsyncThread
from monitor.model.session import SessionInfo
from monitor.pipeline.settings import PipelineSettings

_log = logging.getLogger(__name__)

FRAME_MS = 33
"""30 frames a second: as much as the eye needs of a movement of some seconds."""
SIDE_EVERY_S = 1.0
SMALLEST = (900, 600)


class Window(QMainWindow):
    """Shows a session that runs on another thread.

    Parameters
    ----------
    info
        What is known of the session so far.
    settings
        Limits the session is judged by.
    preferences
        What is remembered of the last window.
    helm
        What the session can be asked for; nothing by default.
    sink
        What the session hands to the screen, where it has begun already.
    """

    def __init__(
        self,
        info: SessionInfo,
        *,
        settings: PipelineSettings | None = None,
        preferences: Preferences | None = None,
        helm: Helm | None = None,
        sink: ScreenSink | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.preferences = preferences or Preferences()
        self.look = self.preferences.look()
        self.sink = sink or ScreenSink(PostureRing())
        self.ring = self.sink.ring
        self.presenter = Presenter(info, settings)
        self.helm = helm or Helm()
        self.worker: AsyncThread | None = None
        self.close_when_done = False
        self.commands = Commands(self, self.helm)
        do, mending = self.commands.do, self.commands.mending
        self.header = Header(self.look, do)
        self.preflight = PreflightPage(self.look, lambda: do(Action.LIVE), mending.do, mending.can)
        self.guide = GuidePage(self.look, do)
        self.live = LivePage(self.look)
        self.after = AfterSetPage(self.look, do)
        self.controls = ControlBar(self.look, do, SAYS if self.helm.say is not None else (), GOES)
        self.status = StatusBar(self.look)
        self._pages = QStackedWidget()
        self._by_action: dict[Action, QWidget] = {
            Action.PREFLIGHT: self.preflight,
            Action.CALIBRATE: self.guide,
            Action.LIVE: self.live,
            Action.AFTER_SET: self.after,
        }
        self.side = SideStatus()
        self._side_at_s = float("-inf")
        self._silence = Silence(time.monotonic())
        self._told_failure = False
        self._page_chosen = False
        self._seen_set = 0
        self._build()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self, worker: AsyncThread | None = None) -> None:
        """Start the redraw timer and, if it has not begun, the session."""
        self.worker = worker
        if worker is not None and worker.ident is None:
            worker.start()
        self._timer.start(FRAME_MS)

    def _tick(self) -> None:
        try:
            self.redraw()
        except Exception as failure:  # noqa: BLE001 - the last place where it can be told
            # An error here would come back thirty times a second; the session itself goes on.
            _log.exception("the window stopped drawing")
            self._timer.stop()
            self.header.show_notice(
                f"the window stopped drawing ({failure}); the session goes on until you close it"
            )

    def redraw(self) -> None:
        """Take what has arrived and draw one frame."""
        for news in self.sink.drain():
            match news:
                case Began():
                    self.presenter.begin(news.info)
                case Took():
                    self.presenter.take(news.items, news.output)
                case Ended():
                    self.presenter.end()
        for answer in self.commands.mending.answers():
            self.presenter.notice(answer)
        self._watch_worker()
        view = self.presenter.view()
        side = self._side_status()
        self._turn_page(view)
        self.header.show_view(view)
        self.status.show_status(view.links, side)
        page = self._pages.currentWidget()
        if page is self.live:
            rows = self.ring.snapshot(self.live.traces.window_s)
            newest_s = float(rows.t_s[-1]) if len(rows) else None
            message = self._silence.message(newest_s, view, time.monotonic())
            self.live.show_frame(view, rows, message, calm=self.preferences.calm)
        elif page is self.preflight:
            self.preflight.show_checks(view, side)
        elif page is self.guide:
            self.guide.show_guide(view, can_begin=self.helm.say is not None)
        else:
            self.after.show_set(view)
        self.commands.refresh(view, side)

    def show_page(self, action: Action, *, chosen: bool = True) -> None:
        """Bring a page to the front; one that a person chose is not turned by itself."""
        self._page_chosen = chosen
        self._pages.setCurrentWidget(self._by_action[action])
        # Else a button of the page before would still take the keys.
        self._pages.setFocus()
        self.header.show_page(action)

    def restyle(self, look: Look) -> None:
        """Take another theme or text size, now and for the next time."""
        self.look = look
        self.preferences.keep_look(look)
        self.setStyleSheet(style_sheet(look))
        for page in (self.preflight, self.guide, self.live, self.after):
            page.restyle(look)
        for part in (self.header, self.controls, self.status):
            part.restyle(look)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Stop the session first: the recording is closed before the window is gone."""
        self._timer.stop()
        self.preferences.keep_geometry(self.saveGeometry())
        if self.worker is not None:
            self.worker.finish()
        super().closeEvent(event)

    def _build(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(10)
        column.addWidget(self.header)
        column.addWidget(self._pages, 1)
        column.addWidget(self.controls)
        column.addWidget(self.status)
        for shown in self._by_action.values():
            self._pages.addWidget(shown)
        self.setCentralWidget(page)
        self.setMinimumSize(*SMALLEST)
        self._pages.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pages.setFocus()
        self.setStyleSheet(style_sheet(self.look))
        self.show_page(Action.PREFLIGHT, chosen=False)
        for shortcut in SHORTCUTS:
            for key in shortcut.keys:
                made = QShortcut(QKeySequence(key), self)
                made.activated.connect(lambda a=shortcut.action: self.commands.do(a))
        geometry = self.preferences.geometry()
        if geometry is not None:
            self.restoreGeometry(geometry)

    def _turn_page(self, view: ViewState) -> None:
        """Go to the live page when the first angle comes, to the summary when a set is over."""
        page = self._pages.currentWidget()
        calibrated = view.guide is not None and view.guide.done
        if page is self.guide and calibrated and view.phase is Phase.WORKING:
            self.show_page(Action.LIVE, chosen=False)
        if page is self.preflight and not self._page_chosen and is_ready(view):
            self.show_page(Action.LIVE, chosen=False)
        after = view.after_set
        if after is not None and after.index != self._seen_set:
            self._seen_set = after.index
            if page is self.live:
                self.show_page(Action.AFTER_SET, chosen=False)
        elif page is self.after and not self._page_chosen and view.phase is Phase.WORKING:
            self.show_page(Action.LIVE, chosen=False)

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
        over = self.worker is not None and not self.worker.is_alive()
        # Once the session is over its ends are closed: what they said last stands.
        if self.helm.status is not None and not over and now_s - self._side_at_s >= SIDE_EVERY_S:
            self.side = self.helm.status()
            self._side_at_s = now_s
        return self.side

    def ask_side(self) -> None:
        """Ask for the state of recording and broker with the next frame."""
        self._side_at_s = float("-inf")
