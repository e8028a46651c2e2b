"""The page watched during a set."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.figure import FigureView
from gui.finding_card import FindingCard
from gui.headline import HeadlineView
from gui.panels import Panel, label, say
from gui.rep_bars import RepBars
from gui.rep_table import RepTable
from gui.ring import Snapshot
from gui.style import Look
from gui.traces import TracePlot
from gui.view_state import Phase, ViewState
from gui.words import clock_text

ROOMY = (1080.0, 620.0)
"""Width and height, at 100 % text, from which figure, bars and table have a place as well."""


class LivePage(QWidget):
    """Number and figure on the left, curves above, repetitions and finding below.

    Where the window is small for its text, figure, bars and table give way; `swap` brings the
    table in place of the curves.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self._swapped = False
        self._frame = 0
        self.headline = HeadlineView(look)
        self.figure = FigureView(look)
        self.traces = TracePlot(look)
        self.bars = RepBars(look)
        self.table = RepTable(look)
        self.card = FindingCard(look)
        self.reps, self.set, self.load = label("0", "count"), label("1", "count"), label("", "count")
        self._load_name = label("load", "overline")
        self._build()
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        for part in (self.headline, self.figure, self.traces, self.bars, self.table, self.card):
            part.restyle(look)
        for layout in (self._grid, self._left):
            layout.setSpacing(look.sizes.gap)
        self._arrange()

    def swap(self) -> None:
        """Show the table in place of the curves, or the curves again."""
        self._swapped = not self._swapped
        self._arrange()

    def show_frame(self, view: ViewState, rows: Snapshot, message: str, *, calm: bool = False) -> None:
        """Show one frame."""
        # Digits and figure take turns: 15 times a second each is more than they need.
        self._frame += 1
        if self._number.property("standing") != view.headline.standing.value:
            self._number.setProperty("standing", view.headline.standing.value)
            self._number.style().unpolish(self._number)
            self._number.style().polish(self._number)
        if self._frame % 2:
            self.headline.show_headline(view.headline, view.now_s)
        else:
            self.figure.show_pose(view, calm=calm)
        self.traces.show_frame(rows, view, message, calm=calm)
        self.bars.show_chart(view.chart)
        self.table.show_rows(view.reps, flexion=view.thorax_measured or view.headline.is_flexion)
        self.card.show_card(view.card)
        say(self.reps, str(view.reps_in_set))
        say(self.set, str(view.set_index))
        resting = view.phase is Phase.RESTING and view.rest_s is not None
        say(self.load, clock_text(view.rest_s or 0.0) if resting else view.load)
        say(self._load_name, "rest" if resting else "load")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give every part its place or take it away."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        scale = self._look.sizes.scale
        roomy = self.width() / scale >= ROOMY[0] and self.height() / scale >= ROOMY[1]
        self._body.setVisible(roomy)
        self._repetitions.setVisible(roomy or self._swapped)
        self._curves.setVisible(roomy or not self._swapped)
        self._grid.setColumnStretch(1, 41 if roomy else 0)
        self._grid.removeWidget(self.card)
        self._grid.removeWidget(self._repetitions)
        if roomy:
            self._grid.addWidget(self._repetitions, 1, 1)
            self._grid.addWidget(self.card, 1, 2)
        else:
            self._grid.addWidget(self._repetitions, 0, 1, 1, 2)
            self._grid.addWidget(self.card, 1, 1, 1, 2)
        self._grid.setColumnStretch(0, 30 if roomy else 40)
        self._grid.setColumnStretch(2, 29 if roomy else 60)
        self._grid.setRowStretch(0, 57 if roomy else 50)
        self._grid.setRowStretch(1, 43 if roomy else 50)

    def _build(self) -> None:
        self._number = _framed(self.headline, 16, 12)
        self._number.setProperty("standing", "unknown")
        counts = Panel()
        row = QHBoxLayout(counts)
        row.setContentsMargins(16, 6, 16, 8)
        row.setSpacing(18)
        for value, name in ((self.reps, label("reps", "overline")), (self.set, label("set", "overline"))):
            row.addLayout(_count(value, name), 1)
        row.addLayout(_count(self.load, self._load_name), 2)
        self._body = _framed(self.figure, 8, 8)
        self._left = QVBoxLayout()
        self._left.addWidget(self._number, 5)
        self._left.addWidget(counts)
        self._left.addWidget(self._body, 4)
        self._curves = _framed(self.traces, 8, 8)
        self._repetitions = Panel()
        held = QVBoxLayout(self._repetitions)
        held.setContentsMargins(10, 8, 10, 6)
        held.setSpacing(4)
        held.addWidget(self.bars, 45)
        held.addWidget(self.table, 55)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addLayout(self._left, 0, 0, 2, 1)
        self._grid.addWidget(self._curves, 0, 1, 1, 2)


def _framed(inside: QWidget, across: int, down: int) -> Panel:
    made = Panel()
    around = QVBoxLayout(made)
    around.setContentsMargins(across, down, across, down)
    around.addWidget(inside)
    return made


def _count(value: QWidget, name: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(name, 0, Qt.AlignmentFlag.AlignLeft)
    column.addWidget(value, 0, Qt.AlignmentFlag.AlignLeft)
    return column
