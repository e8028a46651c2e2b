"""The library page: find a session, open it, name it, tag it, recover it, let it go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.panels import Panel, label, say
from gui.review.choice import Choice
from gui.review.library_presenter import (
    COLUMNS,
    PERIODS,
    Choices,
    Wanted,
    cells,
    choices,
    summary_text,
)
from gui.review.session_detail import SessionDetail
from gui.review.table import TextTable
from gui.style import Look
from monitor.recording.library import Filter
from monitor.recording.summary import Entry

Sessions = Callable[[Filter], list[Entry]]
_TYPING_MS = 120
"""A pause in typing after which the list follows."""
_WIDEST = (
    "22 Nov 2026",
    "Romanian deadl",
    "A title of a few words",
    "Somebody",
    "0:00:00",
    "00",
    "000",
    "",
    "100 %",
)
_NARROW = 1300
"""Below this width, at 100 % text, the length gives way."""
_SEARCH, _BOX, _DETAIL = 160, 200, 300
"""Widths at 100 % text: the field to search in at least, a box beside it at most, the session at least."""
EMPTY = (
    "No session here yet.\n\nRecord one with  lumbar live,  bring your own with  lumbar import,  "
    "or make one up with  lumbar simulate."
)
NONE_FIT = "No session fits the filter."


class LibraryPage(QWidget):
    """Filter bar and table on the left, the chosen session on the right.

    Attributes
    ----------
    opened, recovered, deleted
        Emitted with the session's name when a person asks for it.
    renamed
        Emitted with name and title.
    tagged
        Emitted with name and the tags, separated by commas.
    """

    opened = Signal(str)
    recovered = Signal(str)
    deleted = Signal(str)
    renamed = Signal(str, str)
    tagged = Signal(str, str)
    again = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self._sessions: Sessions = lambda _: []
        self._entries: list[Entry] = []
        self._total = 0
        self._choices: Choices | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search titles, tags, notes, findings  (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self._boxes = [Choice() for _ in range(5)]
        self.athlete, self.exercise, self.cause, self.tag, self.period = self._boxes
        self.period.addItems([*PERIODS])
        self.count = label(role="soft")
        self.table = TextTable(look, COLUMNS, _WIDEST, figures=(4, 5, 6, 8), stretch=7, parent=self)
        self.table.setAccessibleName("Sessions")
        self.empty = label(EMPTY, "soft", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.detail = SessionDetail(look)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._build(look)

    def show_library(self, sessions: Sessions) -> None:
        """Take where sessions come from, and show them."""
        self._sessions = sessions
        self.refresh()

    def refresh(self) -> None:
        """Ask for the sessions again; the chosen one stays chosen."""
        everything = self._sessions(Filter())
        self._total = len(everything)
        made = choices(everything)
        if made != self._choices:
            self._choices = made
            for box, options in (
                (self.athlete, made.athletes),
                (self.exercise, made.exercises),
                (self.tag, made.tags),
                (self.cause, made.causes),
            ):
                _fill(box, options)
        self._filter()

    def entry(self) -> Entry | None:
        """Return the chosen session."""
        at = self.table.at()
        return self._entries[at] if at is not None and at < len(self._entries) else None

    def shown(self) -> tuple[Entry, ...]:
        """Return the sessions in the table."""
        return tuple(self._entries)

    def choose(self, name: str) -> None:
        """Choose a session by its name."""
        at = next((row for row, entry in enumerate(self._entries) if entry.name == name), None)
        self.table.choose(at)
        self.detail.show_entry(self.entry())

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.search.setMinimumWidth(round(_SEARCH * look.sizes.scale))
        for box in self._boxes:
            box.setMaximumWidth(round(_BOX * look.sizes.scale))
        self.detail.setMinimumWidth(round(_DETAIL * look.sizes.scale))
        self.table.restyle(look)
        self.detail.restyle(look)
        self._fit()

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Leave out columns where there is no room for all."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the chosen session with Enter; ask before it goes with Delete."""
        chosen = self.entry()
        if chosen is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.opened.emit(chosen.name)
        elif chosen is not None and event.key() == Qt.Key.Key_Delete:
            self.detail.ask()
        else:
            super().keyPressEvent(event)

    def wanted(self) -> Wanted:
        """Return what the filter bar says."""
        return Wanted(
            words=self.search.text(),
            athlete=str(self.athlete.currentData() or "Any"),
            exercise=str(self.exercise.currentData() or "Any"),
            tag=str(self.tag.currentData() or "Any"),
            cause=str(self.cause.currentData() or "Any"),
            period=self.period.currentText(),
        )

    def _filter(self) -> None:
        held = self.entry()
        wanted = self.wanted()
        self._entries = self._sessions(wanted.as_filter(datetime.now().astimezone().date()))
        self.table.show_rows([cells(entry) for entry in self._entries])
        say(self.count, summary_text(self._entries, self._total))
        self._fit()
        nothing = not self._entries
        say(self.empty, NONE_FIT if self._total else EMPTY)
        self.empty.setVisible(nothing)
        self.table.setVisible(not nothing)
        names = [entry.name for entry in self._entries]
        if held is not None and held.name in names:
            self.table.choose(names.index(held.name))
        elif names:
            self.table.choose(0)
        self.detail.show_entry(self.entry())

    def _fit(self) -> None:
        narrow = self.width() < _NARROW * self._look.sizes.scale
        titled = any(entry.title for entry in self._entries)
        self.table.setColumnHidden(COLUMNS.index("Length"), narrow)
        alone = len({entry.athlete for entry in self._entries}) < 2
        self.table.setColumnHidden(COLUMNS.index("Athlete"), narrow and titled and alone)
        self.table.setColumnHidden(COLUMNS.index("Title"), not titled)

    def _build(self, look: Look) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.search, 1)
        for box in self._boxes:
            bar.addWidget(box)
            box.currentIndexChanged.connect(self._filter)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self._typing.timeout.connect(self._filter)
        left = Panel()
        column = QVBoxLayout(left)
        column.setContentsMargins(14, 12, 14, 12)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.count, 1)
        refresh = QPushButton("Look again")
        refresh.setProperty("role", "small")
        refresh.clicked.connect(self.again)
        foot.addWidget(refresh)
        column.addLayout(foot)
        middle = QHBoxLayout()
        middle.setSpacing(look.sizes.gap)
        middle.addWidget(left, 72)
        middle.addWidget(self.detail, 28)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(10)
        page.addLayout(bar)
        page.addLayout(middle, 1)
        self.table.chosen.connect(lambda _: self.detail.show_entry(self.entry()))
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.detail.show_entry(self.entry()))
        self.table.opened.connect(lambda _: self._open())
        self.detail.opened.connect(self.opened)
        self.detail.recovered.connect(self.recovered)
        self.detail.deleted.connect(self.deleted)
        self.detail.renamed.connect(self.renamed)
        self.detail.tagged.connect(self.tagged)
        self.restyle(look)

    def _open(self) -> None:
        chosen = self.entry()
        if chosen is not None:
            self.opened.emit(chosen.name)


def _fill(box: QComboBox, options: Sequence[tuple[str, str]]) -> None:
    """Put other options into a box; what was chosen stays chosen where it still is one."""
    held = box.currentData()
    box.blockSignals(True)
    box.clear()
    for key, words in options:
        box.addItem(words, key)
    at = box.findData(held)
    box.setCurrentIndex(max(0, at))
    box.blockSignals(False)
    box.setVisible(len(options) > 2 or at > 0)
