"""The review page: overview bar, linked plots, side view, tables and transport of one session."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.figure import FigureView
from gui.panels import Panel, label, say
from gui.review.acts import acts
from gui.review.findings_list import FindingsList
from gui.review.keys import Do
from gui.review.overview import OverviewBar
from gui.review.plots import ReviewPlots
from gui.review.reps_panel import RepsPanel
from gui.review.review_presenter import ReviewPresenter
from gui.review.session_panel import SessionPanel
from gui.review.transport_bar import TransportBar
from gui.style import Look
from monitor.model.errors import MonitorError

FRAME_MS = 33
NOTHING_OPEN = "No session is open: choose one in the library (F1)."


class ReviewPage(QWidget):
    """Shows a `ReviewPresenter` and hands it what a person does.

    Attributes
    ----------
    told
        Emitted with one line when something could not be done; empty when all is well again.
    judge_again
        Emitted when curves and events have to be made again: True where a person asked for an
        analysis now, False where a correction, or taking it back, calls for it.
    """

    told = Signal(str)
    judge_again = Signal(bool)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self.presenter: ReviewPresenter | None = None
        self.overview = OverviewBar(look)
        self.plots = ReviewPlots(look)
        self.figure = FigureView(look)
        self.reps = RepsPanel(look, self.do)
        self.findings = FindingsList(look)
        self.session = SessionPanel(look)
        self.bar = TransportBar(look, self.do)
        self.nothing = label(NOTHING_OPEN, "soft")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._side = QStackedWidget()
        self._tabs = {name: QPushButton(name) for name in ("Reps", "Findings", "Session")}
        self._whole = QStackedWidget()
        self._acts = acts(self._write_note)
        self._build(look)
        self._connect()
        self._played_at_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def show_session(self, presenter: ReviewPresenter) -> None:
        """Show another session, or the same one judged anew."""
        self.presenter = presenter
        self._whole.setCurrentIndex(1)
        opened = presenter.opened
        self.plots.show_session(opened.curves, opened.session.end_s, presenter.sets, presenter.limits_deg())
        self.refresh()

    def close_session(self) -> None:
        """Show that none is open."""
        self._timer.stop()
        self.presenter = None
        self._whole.setCurrentIndex(0)

    def refresh(self) -> None:
        """Show tables and marks as they are now, and the place."""
        shown = self.presenter
        if shown is None:
            return
        self.reps.show_reps(shown)
        self.findings.show_findings(shown.findings, shown.selected_finding)
        self.session.show_session(shown)
        for name, count in (("Reps", len(shown.reps)), ("Findings", len(shown.findings))):
            self._tabs[name].setText(f"{name}  {count}")
        self.overview.show_session(
            shown.opened.curves, shown.session.end_s, shown.sets, shown.findings, shown.moments
        )
        self._show_events()
        self.show_place()

    def show_place(self) -> None:
        """Show cursor, view and what follows from them: all that changes in a frame of playback."""
        shown = self.presenter
        if shown is None:
            return
        at = shown.transport
        self.plots.show_place(at.view_s, at.now_s, shown.reading())
        self.overview.show_place(at.view_s, at.now_s)
        self.figure.show_pose(shown.pose())
        self.bar.show_transport(shown)

    def do(self, action: Do) -> None:
        """Carry out what a key or a button asks for."""
        if action in self._acts:
            self._try(self._acts[action])

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        for part in (
            self.overview, self.plots, self.figure, self.reps, self.findings, self.session, self.bar,
        ):  # fmt: skip
            part.restyle(look)
        self.refresh()

    def show_side(self, name: str) -> None:
        """Bring ``"Reps"``, ``"Findings"`` or ``"Session"`` to the front on the right."""
        self._tabs[name].setChecked(True)
        self._side.setCurrentIndex([*self._tabs].index(name))

    def side(self) -> str:
        """Return which of them is in front."""
        return [*self._tabs][self._side.currentIndex()]

    def _write_note(self) -> None:
        self.show_side("Session")
        self.session.write_note()

    def _try(self, change: Callable[[ReviewPresenter], None]) -> None:
        """Make a change that may be refused, and show what became of it."""
        if self.presenter is None:
            return
        try:
            change(self.presenter)
        except MonitorError as failure:
            self.told.emit(str(failure))
        else:
            self.told.emit("")
        self._after()

    def _after(self) -> None:
        shown = self.presenter
        if shown is None:
            return
        if shown.transport.playing and not self._timer.isActive():
            self._played_at_s = time.monotonic()
            self._timer.start(FRAME_MS)
        self.refresh()
        if shown.needs_judging:
            self.judge_again.emit(False)

    def _tick(self) -> None:
        shown = self.presenter
        if shown is None or not shown.transport.playing:
            self._timer.stop()
            return
        now_s = time.monotonic()
        shown.transport = shown.transport.advanced(now_s - self._played_at_s)
        self._played_at_s = now_s
        self.show_place()

    def _show_events(self) -> None:
        shown = self.presenter
        if shown is not None:
            self.plots.show_events(shown.reps, shown.sets, shown.moments, shown.rep, shown.transport.loop_s)

    def seek(self, time_s: float) -> None:
        """Move the cursor, and the view with it."""
        if self.presenter is not None:
            self.presenter.transport = self.presenter.transport.sought(time_s)
            self.show_place()

    def _view(self, start_s: float, stop_s: float) -> None:
        if self.presenter is not None:
            self.presenter.transport = self.presenter.transport.shown(start_s, stop_s)
            self.show_place()

    def _connect(self) -> None:
        self.overview.viewed.connect(self._view)
        self.overview.went.connect(self.seek)
        self.plots.viewed.connect(self._view)
        self.plots.went.connect(self.seek)
        self.plots.border_moved.connect(lambda name, at: self._try(lambda p: p.move_border(name, at)))
        self.reps.chosen.connect(lambda index: self._try(lambda p: p.choose_rep(index)))
        self.findings.chosen.connect(lambda at: self._try(lambda p: p.choose_finding(at)))
        self.findings.judged.connect(self._judge)
        said = self.session
        said.titled.connect(lambda text: self._try(lambda p: p.call(text)))
        said.exercise_chosen.connect(lambda name: self._try(lambda p: p.correct_exercise(name)))
        said.loads_written.connect(lambda text: self._try(lambda p: p.correct_loads(text)))
        said.noted.connect(lambda text: self._try(lambda p: p.add_note(text, p.transport.now_s)))
        said.note_removed.connect(lambda note: self._try(lambda p: p.remove_note(note)))
        said.went.connect(self.seek)
        said.judge_again.connect(lambda: self.judge_again.emit(True))

    def _judge(self, at: int, confirmed: bool) -> None:
        def change(p: ReviewPresenter) -> None:
            p.selected_finding = at
            p.judge(confirmed=confirmed)

        self._try(change)

    def _build(self, look: Look) -> None:
        group = QButtonGroup(self)
        tabs = QHBoxLayout()
        tabs.setSpacing(0)
        for at, (name, button) in enumerate(self._tabs.items()):
            button.setProperty("role", "tab")
            button.setCheckable(True)
            button.setAccessibleName(name)
            button.clicked.connect(lambda _, n=name: self.show_side(n))
            group.addButton(button, at)
            tabs.addWidget(button)
        tabs.addStretch(1)
        for part in (self.reps, self.findings, self.session):
            self._side.addWidget(part)
        top, plots, over, side = Panel(), Panel(), Panel(), Panel()
        for panel, inside, edge in ((top, self.figure, 8), (plots, self.plots, 6), (over, self.overview, 6)):
            held = QVBoxLayout(panel)
            held.setContentsMargins(edge, edge, edge, edge)
            held.addWidget(inside)
        lists = QVBoxLayout(side)
        lists.setContentsMargins(8, 4, 8, 8)
        lists.addLayout(tabs)
        lists.addWidget(self._side, 1)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(over)
        left.addWidget(plots, 1)
        right.addWidget(top, 30)
        right.addWidget(side, 70)
        middle = QHBoxLayout()
        middle.addLayout(left, 66)
        middle.addLayout(right, 34)
        for layout in (left, right, middle):
            layout.setSpacing(look.sizes.gap)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(middle, 1)
        column.addWidget(self.bar)
        self._whole.addWidget(self.nothing)
        self._whole.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._whole)
        self.show_side("Reps")
        say(self.nothing, NOTHING_OPEN)
