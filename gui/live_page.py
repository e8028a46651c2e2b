"""The page watched during a set."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.figure import FigureView
from gui.finding_card import FindingCard
from gui.headline import HeadlineView
from gui.panels import Panel, ShortLabel, label, say, set_role
from gui.rep_table import RepTable
from gui.ring import Snapshot
from gui.status_bar import StatusBar
from gui.style import Look
from gui.traces import TracePlot
from gui.view_state import Phase, SideStatus, ViewState
from gui.words import MISSING, clock_text


class LivePage(QWidget):
    """Number and figure on the left, curves above, repetitions and finding below."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.headline = HeadlineView(look)
        self.figure = FigureView(look)
        self.traces = TracePlot(look)
        self.table = RepTable(look)
        self.card = FindingCard(look)
        self.status = StatusBar(look)
        self.exercise = label(role="title")
        self.calibration = ShortLabel(role="chip")
        self.notice = label(role="caution", wrap=True)
        self.notice.hide()
        self.reps, self.set, self.load = label("0", "count"), label("1", "count"), label("", "count")
        self._names = {self.reps: label("reps", "overline"), self.set: label("set", "overline")}
        self._load_name = label("load", "overline")
        self._build(look)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        for part in (self.headline, self.figure, self.traces, self.table, self.card, self.status):
            part.restyle(look)
        self._grid.setSpacing(look.sizes.gap)

    def show_frame(self, view: ViewState, rows: Snapshot, side: SideStatus, stale: str) -> None:
        """Show one frame."""
        self.headline.show_headline(view.headline, view.now_s)
        self.figure.show_pose(view)
        self.traces.show_frame(rows, view, stale)
        self.table.show_rows(view.reps, flexion=any(row.flexion != MISSING for row in view.reps[-1:]))
        self.card.show_card(view.card)
        self.status.show_status(view.links, side)
        say(self.exercise, view.exercise[:1].upper() + view.exercise[1:])
        self.calibration.say(view.calibration)
        say(self.reps, str(view.reps_in_set))
        say(self.set, str(view.set_index))
        resting = view.phase is Phase.RESTING and view.rest_s is not None
        say(self.load, clock_text(view.rest_s or 0.0) if resting else view.load)
        say(self._load_name, "rest" if resting else "load")
        say(self.notice, view.notices[-1] if view.notices else "")
        self.notice.setVisible(bool(view.notices))
        set_role(self.notice, "caution")

    def _build(self, look: Look) -> None:
        top = QHBoxLayout()
        top.addWidget(self.exercise)
        top.addSpacing(12)
        top.addWidget(self.calibration)
        top.addStretch(1)
        number = Panel()
        inside = QVBoxLayout(number)
        inside.setContentsMargins(16, 12, 16, 10)
        inside.addWidget(self.headline)
        counts = Panel()
        row = QHBoxLayout(counts)
        row.setContentsMargins(16, 6, 16, 8)
        for value, name in ((self.reps, "reps"), (self.set, "set")):
            row.addLayout(_count(value, label(name, "overline")), 1)
        row.addLayout(_count(self.load, self._load_name), 2)
        body = Panel()
        around = QVBoxLayout(body)
        around.setContentsMargins(8, 8, 8, 8)
        around.addWidget(self.figure)
        left = QVBoxLayout()
        left.setSpacing(look.sizes.gap)
        left.addWidget(number, 5)
        left.addWidget(counts)
        left.addWidget(body, 4)
        curves = Panel()
        frame = QVBoxLayout(curves)
        frame.setContentsMargins(8, 8, 8, 8)
        frame.addWidget(self.traces)
        table = Panel()
        held = QVBoxLayout(table)
        held.setContentsMargins(6, 6, 6, 6)
        held.addWidget(self.table)
        grid = self._grid = QGridLayout()
        grid.setSpacing(look.sizes.gap)
        grid.addLayout(left, 0, 0, 2, 1)
        grid.addWidget(curves, 0, 1, 1, 2)
        grid.addWidget(table, 1, 1)
        grid.addWidget(self.card, 1, 2)
        grid.setColumnStretch(0, 30)
        grid.setColumnStretch(1, 41)
        grid.setColumnStretch(2, 29)
        grid.setRowStretch(0, 58)
        grid.setRowStretch(1, 42)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 10)
        outer.setSpacing(look.sizes.gap)
        outer.addLayout(top)
        outer.addWidget(self.notice)
        outer.addLayout(grid, 1)
        outer.addWidget(self.status)


def _count(value: QWidget, name: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(name, 0, Qt.AlignmentFlag.AlignLeft)
    column.addWidget(value, 0, Qt.AlignmentFlag.AlignLeft)
    return column
