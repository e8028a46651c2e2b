"""The right side of the library: one session, what is known of it and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.panels import Panel, label, say, scrolling
from gui.review.library_presenter import about, title_of, trouble_of
from gui.style import Look
from monitor.recording.summary import Entry


class SessionDetail(Panel):
    """One session: title and tags to type in, what is known, and what can be done."""

    opened = Signal(str)
    recovered = Signal(str)
    deleted = Signal(str)
    renamed = Signal(str, str)
    tagged = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._entry: Entry | None = None
        self.title = QLineEdit()
        self.title.setPlaceholderText("Give it a title")
        self.title.setAccessibleName("Title")
        self.tags = QLineEdit()
        self.tags.setPlaceholderText("Tags, separated by commas")
        self.tags.setAccessibleName("Tags")
        self._grid = QGridLayout()
        self._cells: list[tuple[QLabel, QLabel]] = []
        self._trouble = label(role="caution", wrap=True)
        self.open = _button("Open", "main")
        self.recover = _button("Recover")
        self.delete = _button("Delete")
        self.strip = QFrame()
        self.strip.setObjectName("strip")
        self._question = label(wrap=True)
        self.yes = _button("Move to trash", "small")
        self.no = _button("Keep", "small")
        self._build()
        self.show_entry(None)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look

    def show_entry(self, entry: Entry | None) -> None:
        """Show a session, or that none is chosen."""
        same = entry is not None and self._entry is not None and entry.name == self._entry.name
        self._entry = entry
        if not same:
            self.strip.hide()
        for part in (self.title, self.tags, self.open, self.delete):
            part.setEnabled(entry is not None)
        self.recover.setVisible(entry is not None and entry.cut)
        trouble = "" if entry is None else trouble_of(entry)
        say(self._trouble, trouble)
        self._trouble.setVisible(bool(trouble))
        if entry is None:
            self.title.clear()
            self.tags.clear()
            self._say_rows(())
            return
        self.open.setEnabled(entry.sensors > 0)
        if not (same and self.title.hasFocus()):
            self.title.setText(entry.title)
        if not (same and self.tags.hasFocus()):
            self.tags.setText(", ".join(entry.tags))
        self._say_rows(about(entry))

    def ask(self) -> None:
        """Ask inside the page whether the session may go."""
        if self._entry is not None:
            say(self._question, f"Move {title_of(self._entry)} and what was said about it to the trash?")
            self.strip.show()
            self.no.setFocus()

    def shown_text(self) -> str:
        """Return what is said, line by line."""
        rows = [f"{name.text()}  {value.text()}" for name, value in self._cells if name.text()]
        return "\n".join([*rows, self._trouble.text()])

    def _say_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        while len(self._cells) < len(rows):
            pair = label(role="soft"), label(wrap=True)
            at = len(self._cells)
            self._grid.addWidget(pair[0], at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(pair[1], at, 1)
            self._cells.append(pair)
        for at, (name, value) in enumerate(self._cells):
            row = rows[at] if at < len(rows) else ("", "")
            say(name, row[0])
            say(value, row[1])

    def _build(self) -> None:
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addLayout(self._grid)
        column.addWidget(self._trouble)
        column.addStretch(1)
        ask = QVBoxLayout(self.strip)
        ask.addWidget(self._question)
        answers = QHBoxLayout()
        answers.addStretch(1)
        answers.addWidget(self.yes)
        answers.addWidget(self.no)
        ask.addLayout(answers)
        buttons = QHBoxLayout()
        buttons.addWidget(self.open, 1)
        buttons.addWidget(self.recover)
        buttons.addWidget(self.delete)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 14, 12, 14)
        outer.setSpacing(8)
        outer.addWidget(label("Session", "overline"))
        outer.addWidget(self.title)
        outer.addWidget(self.tags)
        outer.addWidget(scrolling(inside), 1)
        outer.addWidget(self.strip)
        outer.addLayout(buttons)
        self.open.clicked.connect(lambda: self._tell(self.opened))
        self.recover.clicked.connect(lambda: self._tell(self.recovered))
        self.delete.clicked.connect(self.ask)
        self.no.clicked.connect(self.strip.hide)
        self.yes.clicked.connect(self._go)
        self.title.editingFinished.connect(self._rename)
        self.tags.editingFinished.connect(self._tag)

    def _tell(self, signal: object) -> None:
        if self._entry is not None:
            signal.emit(self._entry.name)  # type: ignore[attr-defined]

    def _go(self) -> None:
        self.strip.hide()
        self._tell(self.deleted)

    def _rename(self) -> None:
        if self._entry is not None and self.title.text().strip() != self._entry.title:
            self.renamed.emit(self._entry.name, self.title.text())

    def _tag(self) -> None:
        if self._entry is not None and self.tags.text().strip() != ", ".join(self._entry.tags):
            self.tagged.emit(self._entry.name, self.tags.text())


def _button(text: str, role: str = "") -> QPushButton:
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    return made
