"""The page before the first set: what is ready, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.ends import SideStatus
from gui.figure import FigureView
from gui.guide_page import say_button
from gui.panels import LevelSign, Panel, fit_step, label, say, scrolling
from gui.preflight import Check, Mend, angle_line, checks, is_ready
from gui.style import Look
from gui.view_state import Standing, ViewState
from gui.words import breakable

WORN = "The sensor sits on the flat bone between the hips; a second one just under the ribs."
_LARGE_TEXT = 1.5
_ROOM_FOR_FIGURE = 560.0
"""Text scale from which, and height of the page, at 100 % text, below which the picture gives way."""
_ROOM_BESIDE = 850.0
"""Width of the page, at 100 % text, from which state and button fit beside a name."""
_LINES = 3
READY = "Ready: begin when you like."


class PreflightPage(QWidget):
    """A list of checks, and beside it the next step in large type."""

    def __init__(
        self,
        look: Look,
        go_on: Callable[[], None],
        mend: Callable[[Mend], None],
        can_mend: Callable[[Mend], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self._mend = mend
        self._can_mend = can_mend
        self._rows: list[tuple[LevelSign, QLabel, QLabel, QLabel, QPushButton]] = []
        self._shown: tuple[Check, ...] = ()
        self._narrow = False
        self._grid = QGridLayout()
        self._next = label(role="nextcue", wrap=True)
        self._worn = label(WORN, "soft", wrap=True)
        self._figure = FigureView(look)
        self._figure.show_upright()
        self._why = label(role="soft", wrap=True)
        self.angle = label(role="title", wrap=True)
        self._go = QPushButton("Go to the live page  Enter")
        self._go.clicked.connect(go_on)
        self._build(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        for row in self._rows:
            row[0].restyle(look)
            row[4].setMinimumHeight(round(14 + 14 * look.sizes.scale))
        self._figure.restyle(look)
        self._columns.setSpacing(look.sizes.gap)
        self._fit()
        self._go.setMinimumHeight(round(20 + 24 * look.sizes.scale))

    def show_checks(self, view: ViewState, side: SideStatus) -> None:
        """Show how everything stands."""
        say(self.angle, angle_line(view))
        found = checks(view, side)
        if found == self._shown and found:
            return
        self._shown = found
        while len(self._rows) < len(found):
            self._grow()
        for at, row in enumerate(self._rows):
            here = found[at] if at < len(found) else None
            for part in row:
                part.setVisible(here is not None)
            if here is not None:
                sign, name, state, todo, button = row
                sign.show_level(here.standing)
                say(name, here.name)
                say(state, breakable(here.state))
                say(todo, here.todo)
                todo.setVisible(bool(here.todo))
                say_button(button, here.mend.value)
                button.setAccessibleName(f"{here.name}: {here.mend.value}")
                button.setVisible(self._can_mend(here.mend))
        waiting = [c for c in found if c.todo and c.standing in {Standing.CAUTION, Standing.ALERT}]
        waiting.sort(key=lambda c: c.standing is not Standing.ALERT)
        say(self._next, waiting[0].todo if waiting else READY)
        say(self._why, f"{waiting[0].name}: {waiting[0].state}" if waiting else "")
        ready = is_ready(view)
        self._go.setDefault(ready)

    def shown_text(self) -> str:
        """Return what the page says, line by line."""
        listed = [f"{check.name}: {check.state}. {check.todo}".strip() for check in self._shown]
        return "\n".join([self._next.text(), self._why.text(), self.angle.text(), *listed])

    def mend_button(self, name: str) -> QPushButton:
        """Return the button of the line called `name`."""
        return next(row[4] for row, check in zip(self._rows, self._shown, strict=False) if check.name == name)

    def _press(self, at: int) -> None:
        if at < len(self._shown):
            self._mend(self._shown[at].mend)

    def _grow(self) -> None:
        row = (
            LevelSign(self._look),
            label(),
            label(role="soft", wrap=True),
            label(role="small", wrap=True),
            QPushButton(),
        )
        number = len(self._rows)
        row[4].clicked.connect(lambda: self._press(number))
        row[4].setMinimumHeight(round(14 + 14 * self._look.sizes.scale))
        row[3].setContentsMargins(0, 0, 0, 8)
        self._rows.append(row)
        self._arrange(number)

    def _arrange(self, first: int = 0) -> None:
        """Put the state beside the name or, where the text is large for the page, under it."""
        top = Qt.AlignmentFlag.AlignTop
        for number, (sign, name, state, todo, button) in enumerate(self._rows[first:], first):
            at = _LINES * number
            for part in (sign, name, state, todo, button):
                self._grid.removeWidget(part)
            self._grid.addWidget(sign, at, 0, top)
            self._grid.addWidget(name, at, 1, top)
            if self._narrow:
                self._grid.addWidget(button, at, 3, top)
                self._grid.addWidget(state, at + 1, 1, 1, 3, top)
                self._grid.addWidget(todo, at + 2, 1, 1, 3)
            else:
                self._grid.addWidget(state, at, 2, top)
                self._grid.addWidget(todo, at + 1, 2)
                self._grid.addWidget(button, at, 3, 2, 1, top)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fit the lines to the width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        scale = self._look.sizes.scale
        fit_step(self._next, self._look, self.width())
        self._figure.setVisible(scale < _LARGE_TEXT and self.height() / scale >= _ROOM_FOR_FIGURE)
        narrow = self.width() / scale < _ROOM_BESIDE
        if narrow is not self._narrow:
            self._narrow = narrow
            self._arrange()

    def _build(self, look: Look) -> None:
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        listed = Panel()
        around = QVBoxLayout(listed)
        around.setContentsMargins(18, 14, 10, 14)
        around.addWidget(label("Before the set", "title"))
        around.addSpacing(8)
        around.addWidget(scrolling(inside), 1)
        step = Panel()
        beside = QVBoxLayout(step)
        beside.setContentsMargins(20, 16, 20, 16)
        beside.addWidget(label("Next", "overline"))
        words = QWidget()
        said = QVBoxLayout(words)
        said.setContentsMargins(0, 0, 6, 0)
        said.addWidget(self._next)
        said.addWidget(self._why)
        said.addWidget(self.angle)
        said.addWidget(self._figure, 1)
        said.addWidget(self._worn)
        said.addStretch()
        beside.addWidget(scrolling(words), 1)
        beside.addSpacing(8)
        beside.addWidget(self._go)
        self._columns = QHBoxLayout(self)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.addWidget(listed, 58)
        self._columns.addWidget(step, 42)
        self.restyle(look)
