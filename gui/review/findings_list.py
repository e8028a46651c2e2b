"""Findings with their evidence, each to confirm or reject."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.panels import LevelSign, label, say, scrolling
from gui.review.lines import FindingLine
from gui.style import Look

NONE = "Nothing stood out in this session."


class FindingsList(QWidget):
    """A click on a card jumps to what it rests on.

    Attributes
    ----------
    chosen
        Emitted with the place of the finding that was clicked.
    judged
        Emitted with its place and True for confirmed, False for rejected.
    """

    chosen = Signal(int)
    judged = Signal(int, bool)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.cards: list[FindingBox] = []
        self._none = label(NONE, "soft", wrap=True)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 4, 6, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._none)
        self._column.addStretch(1)
        self._scroll = scrolling(self._inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.addWidget(self._scroll)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        for card in self.cards:
            card.restyle(look)

    def show_findings(self, findings: Sequence[FindingLine], chosen: int | None) -> None:
        """Show the findings and which one is selected."""
        while len(self.cards) < len(findings):
            at = len(self.cards)
            card = FindingBox(self._look)
            card.clicked.connect(lambda a=at: self.chosen.emit(a))
            card.judged.connect(lambda yes, a=at: self.judged.emit(a, yes))
            self._column.insertWidget(at, card)
            self.cards.append(card)
        for at, card in enumerate(self.cards):
            card.setVisible(at < len(findings))
            if at < len(findings):
                card.show_finding(findings[at], chosen=at == chosen)
        self._none.setVisible(not findings)
        if chosen is not None:
            self._scroll.ensureWidgetVisible(self.cards[chosen])

    def shown_text(self) -> str:
        """Return what the cards say."""
        return "\n\n".join(card.shown_text() for card in self.cards if card.isVisibleTo(self)) or NONE


class FindingBox(QFrame):
    """One finding."""

    clicked = Signal()
    judged = Signal(bool)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("finding")
        self._sign = LevelSign(look, small=True)
        self._title = label()
        self._title.setStyleSheet("font-weight: 600")
        self._about = label(role="small", wrap=True)
        self._evidence = label(wrap=True)
        self._rivals = label(role="small", wrap=True)
        self._cue = label(role="soft", wrap=True)
        self.yes, self.no = QPushButton("Confirm  C"), QPushButton("Reject  X")
        for button, role in ((self.yes, "yes"), (self.no, "no")):
            button.setCheckable(True)
            button.setProperty("role", role)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.yes.clicked.connect(lambda: self.judged.emit(True))
        self.no.clicked.connect(lambda: self.judged.emit(False))
        head = QHBoxLayout()
        head.addWidget(self._sign)
        head.addWidget(self._title, 1)
        answers = QHBoxLayout()
        answers.addWidget(self.yes)
        answers.addWidget(self.no)
        answers.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        column.addLayout(head)
        for part in (self._about, self._evidence, self._rivals, self._cue):
            column.addWidget(part)
        column.addLayout(answers)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._sign.restyle(look)

    def show_finding(self, found: FindingLine, *, chosen: bool) -> None:
        """Show one finding, and what was said of it."""
        self._sign.show_level(found.level)
        say(self._title, found.title)
        for part, text in (
            (self._about, found.about),
            (self._evidence, "\n".join(found.evidence)),
            (self._rivals, found.rivals),
            (self._cue, found.cue),
        ):
            say(part, text)
            part.setVisible(bool(text))
        self.yes.setChecked(found.confirmed is True)
        self.no.setChecked(found.confirmed is False)
        if self.property("chosen") is not chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose this finding."""
        super().mousePressEvent(event)
        self.clicked.emit()

    def shown_text(self) -> str:
        """Return what the card says, line by line."""
        parts = (self._title, self._about, self._evidence, self._rivals, self._cue)
        said = "Confirmed" if self.yes.isChecked() else ("Rejected" if self.no.isChecked() else "")
        return "\n".join([*(part.text() for part in parts if part.text()), *([said] if said else [])])
