"""The page of a set that is over: figures beside the usual, what was found, one cue, the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.control_bar import CORRECTS, ControlBar
from gui.finding_card import FindingCard
from gui.panels import Panel, fit_step, label, larger, say, scrolling
from gui.rep_bars import RepBars
from gui.shortcuts import Action
from gui.style import Look, style_sheet
from gui.theme import Sizes
from gui.view_state import AfterSet, ViewState
from gui.words import MISSING, clock_text

_ROOM_FOR_BARS = 400.0
"""Height of the page, at 100 % text, from which the bars have a place."""
_SENTENCE = 0.8
"""Height of what stood out, as a share of the cue."""
NOT_YET = "No set is over yet."
NO_CUE_YET = "What to try comes here, once you have rested for a moment."
CORRECTED = "As you corrected it; the recording itself stays as it was."


class AfterSetPage(QWidget):
    """Cue and rest on the left, figures and findings on the right."""

    def __init__(self, look: Look, do: Callable[[Action], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self.correct = ControlBar(look, do, CORRECTS)
        self._shown: AfterSet | None = None
        self._title = label(NOT_YET, "nextcue", wrap=True)
        self._stood_out = label(wrap=True)
        self.cue = label(NO_CUE_YET, "nextcue", wrap=True)
        self.rest = label(MISSING, "count")
        self.bars = RepBars(look)
        self.card = FindingCard(look)
        self._corrected = label(role="small", wrap=True)
        self._figures = QGridLayout()
        self._cells: dict[tuple[int, int], QLabel] = {}
        self._build(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self._zoom = 0.0
        self._fit()
        self._page.setSpacing(look.sizes.gap)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Write everything as large as the window allows: it is read from some steps away."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        look, width = self._look, self.width()
        zoom = round(larger(look, width, self.height()), 1)
        if zoom != self._zoom:
            self._zoom = zoom
            near = replace(look, sizes=Sizes(look.sizes.scale * zoom))
            self.setStyleSheet(style_sheet(near))
            for part in (self.bars, self.card, self.correct):
                part.restyle(near)
        for words in (self.cue, self._title):
            fit_step(words, look, width)
        fit_step(self._stood_out, look, width, _SENTENCE * look.sizes.step)
        fit_step(self.rest, look, width, look.sizes.count)
        self._chart.setVisible(self.height() / self._look.sizes.scale >= _ROOM_FOR_BARS)

    def show_set(self, view: ViewState) -> None:
        """Show the last set and how long the rest has lasted."""
        say(self.rest, MISSING if view.rest_s is None else clock_text(view.rest_s))
        after = view.after_set
        if after is None or after == self._shown:
            return
        self._shown = after
        say(self._title, after.title)
        say(self._stood_out, after.stood_out)
        say(self._corrected, CORRECTED if after.corrected else "")
        self._corrected.setVisible(after.corrected)
        say(self.cue, after.cue)
        self.bars.show_chart(after.chart)
        self.card.show_card(after.cards[0])
        for y in range(max(len(after.comparisons), self._figures.rowCount())):
            row = after.comparisons[y] if y < len(after.comparisons) else None
            texts = ("", "", "") if row is None else (row.name, row.this_set, row.usual)
            for x, text in enumerate(texts):
                say(self._cell(x, y), text)

    def shown_text(self) -> str:
        """Return what the page says, line by line."""
        lines = [self._title.text(), self._stood_out.text(), self._corrected.text(), self.cue.text()]
        rows = sorted({y for _, y in self._cells})
        lines += [" ".join(self._cells[x, y].text() for x in range(3)).strip() for y in rows]
        return "\n".join([*lines, self.card.shown_text()])

    def _cell(self, x: int, y: int) -> QLabel:
        if (x, y) not in self._cells:
            made = label("", "soft" if x != 1 else "", wrap=x == 2)
            self._cells[x, y] = made
            self._figures.addWidget(made, y, x)
        return self._cells[x, y]

    def _build(self, look: Look) -> None:
        self._figures.setHorizontalSpacing(18)
        self._figures.setVerticalSpacing(4)
        self._figures.setColumnStretch(2, 1)
        cue = Panel()
        left = QVBoxLayout(cue)
        left.setContentsMargins(20, 16, 20, 16)
        left.addWidget(label("For the next set", "overline"))
        self.cue.setAlignment(Qt.AlignmentFlag.AlignTop)
        left.addWidget(scrolling(self.cue), 1)
        left.addWidget(label("Rest", "overline"))
        left.addWidget(self.rest)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self._title)
        column.addWidget(self._stood_out)
        column.addWidget(self._corrected)
        column.addSpacing(8)
        column.addLayout(self._figures)
        column.addStretch(1)
        figures = Panel()
        around = QVBoxLayout(figures)
        around.setContentsMargins(20, 16, 10, 16)
        around.addWidget(scrolling(inside), 1)
        around.addWidget(self.correct)
        self._chart = bars = Panel()
        held = QVBoxLayout(bars)
        held.setContentsMargins(16, 12, 16, 12)
        held.addWidget(self.bars)
        right = QVBoxLayout()
        below = QHBoxLayout()
        below.addWidget(bars, 1)
        below.addWidget(self.card, 1)
        right.addWidget(figures, 60)
        right.addLayout(below, 40)
        self._page = QHBoxLayout(self)
        self._page.setContentsMargins(0, 0, 0, 0)
        self._page.addWidget(cue, 36)
        self._page.addLayout(right, 64)
        for layout in (right, below):
            layout.setSpacing(look.sizes.gap)
        self.restyle(look)
