"""The latest finding: likely cause, how sure, the numbers it rests on, and what to try."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.panels import LevelSign, Panel, label, say, scrolling
from gui.style import Look
from gui.view_state import Card


class FindingCard(Panel):
    """One card; its text scrolls where the window is small."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Card | None = None
        self._sign = LevelSign(look)
        self._over = label("Likely cause", "overline")
        self._title = label(role="title", wrap=True)
        self._about = label(role="soft", wrap=True)
        self._cue = label(role="cue", wrap=True)
        self._evidence = label(wrap=True)
        self._rivals = label(role="small", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._sign)
        head.addWidget(self._title, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        column.addWidget(self._over)
        column.addLayout(head)
        column.addWidget(self._about)
        column.addWidget(self._cue)
        column.addWidget(self._evidence)
        column.addWidget(self._rivals)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 10, 8, 10)
        outer.addWidget(scrolling(inside))
        self.setAccessibleName("Likely cause")
        self.show_card(Card("Nothing yet"))

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._sign.restyle(look)

    def show_card(self, card: Card) -> None:
        """Show a finding."""
        if card == self._shown:
            return
        self._shown = card
        self._sign.show_level(card.level)
        if self.property("provisional") is not card.provisional:
            self.setProperty("provisional", card.provisional)
            self.style().unpolish(self)
            self.style().polish(self)
        say(self._title, card.title)
        for line, text in (
            (self._about, card.about),
            (self._cue, card.cue),
            (self._evidence, "\n".join(card.evidence)),
            (self._rivals, card.rivals),
        ):
            say(line, text)
            line.setVisible(bool(text))
        self.setAccessibleDescription(self.shown_text())

    def shown_text(self) -> str:
        """Return what the card says, line by line."""
        parts = (self._title, self._about, self._cue, self._evidence, self._rivals)
        return "\n".join(part.text() for part in parts if part.text())
