"""What is said about the session as a whole: title, exercise, loads, notes; and what the file says."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui.panels import label, say, scrolling
from gui.review.choice import Choice
from gui.review.review_presenter import ReviewPresenter
from gui.review.words import when_text
from gui.style import Look
from gui.words import clock_text
from monitor.model.exercise import EXERCISES
from monitor.recording.labels import Note
from monitor.wording import capital


class SessionPanel(QWidget):
    """Fields that speak when they are left or Enter is pressed.

    Attributes
    ----------
    titled, loads_written, noted
        Emitted with the text that was written.
    exercise_chosen
        Emitted with the exercise's name.
    note_removed
        Emitted with the `Note`.
    went
        Emitted with the time of the note that was clicked.
    judge_again
        Emitted when a person asks for it.
    """

    titled = Signal(str)
    exercise_chosen = Signal(str)
    loads_written = Signal(str)
    noted = Signal(str)
    note_removed = Signal(object)
    went = Signal(float)
    judge_again = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._notes: tuple[Note, ...] | None = None
        self._written = ("", "")
        self.title = QLineEdit()
        self.title.setPlaceholderText("Give it a title")
        self.exercise = Choice()
        for name, done in EXERCISES.items():
            self.exercise.addItem(capital(str(done)), name)
        self.loads = QLineEdit()
        self.loads.setPlaceholderText("60, 80: kilograms, one a set")
        self.note = QLineEdit()
        self.note.setPlaceholderText("A note at the cursor  (N)")
        self.again = QPushButton("Judge anew")
        self.again.setToolTip("Analyse the recording with this version and these settings")
        self.about = label(role="small", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._rows: list[QWidget] = []
        self._build()
        self.title.editingFinished.connect(self._tell_title)
        self.loads.editingFinished.connect(self._tell_loads)
        self.exercise.activated.connect(lambda _: self.exercise_chosen.emit(str(self.exercise.currentData())))
        self.note.returnPressed.connect(self._tell_note)
        self.again.clicked.connect(self.judge_again)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look

    def show_session(self, shown: ReviewPresenter) -> None:
        """Show what was said so far."""
        labels, info = shown.labels, shown.session.info
        loads = labels.loads_kg if labels.loads_kg is not None else info.loads_kg
        text = ", ".join(f"{load:g}" for load in loads)
        self._written = (labels.title, text)
        if self.title.text() != labels.title and not self.title.hasFocus():
            self.title.setText(labels.title)
        if not self.loads.hasFocus():
            self.loads.setText(text)
        at = self.exercise.findData(shown.exercise.name)
        if at != self.exercise.currentIndex():
            self.exercise.setCurrentIndex(at)
        recorded = when_text(info.started_at)
        lines = [
            f"{info.athlete}, {recorded}, {clock_text(shown.session.end_s)}",
            f"Shown {shown.session.basis}.",
            *(f"The file: {warning}." for warning in shown.session.warnings),
            "The recording itself is never changed: what you say is kept in a file beside it.",
        ]
        say(self.about, "\n".join(lines))
        if labels.notes != self._notes:
            self._notes = labels.notes
            self._show_notes(labels.notes)

    def write_note(self) -> None:
        """Take the keyboard for a note."""
        self.note.setFocus()
        self.note.selectAll()

    def shown_text(self) -> str:
        """Return what is said, line by line."""
        notes = [f"{_when(n)} {n.text}" for n in self._notes or ()]
        return "\n".join(
            [self.title.text(), self.exercise.currentText(), self.loads.text(), *notes, self.about.text()]
        )

    def _tell_title(self) -> None:
        if self.title.text().strip() != self._written[0]:
            self.titled.emit(self.title.text())

    def _tell_loads(self) -> None:
        if self.loads.text().strip() != self._written[1]:
            self.loads_written.emit(self.loads.text())

    def _tell_note(self) -> None:
        text = self.note.text()
        self.note.clear()
        self.note.clearFocus()
        self.noted.emit(text)

    def _show_notes(self, notes: tuple[Note, ...]) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for note in notes:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            go = QPushButton(_when(note))
            go.setProperty("role", "small")
            go.setEnabled(note.time_s is not None)
            go.clicked.connect(lambda _=False, n=note: self.went.emit(n.time_s))
            drop = QPushButton("Remove")
            drop.setProperty("role", "small")
            drop.clicked.connect(lambda _=False, n=note: self.note_removed.emit(n))
            line.addWidget(go, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(note.text, wrap=True), 1)
            line.addWidget(drop, 0, Qt.AlignmentFlag.AlignTop)
            self._list.addWidget(row)
            self._rows.append(row)

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2, 4, 8, 0)
        column.setSpacing(6)
        for name, field in (
            ("Title", self.title),
            ("What was done", self.exercise),
            ("Loads", self.loads),
            ("Notes", self.note),
        ):
            column.addWidget(label(name, "overline"))
            column.addWidget(field)
            field.setAccessibleName(name)
        column.addLayout(self._list)
        column.addSpacing(6)
        column.addWidget(self.about)
        line = QHBoxLayout()
        line.addWidget(self.again)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside))


def _when(note: Note) -> str:
    return "all" if note.time_s is None else clock_text(note.time_s)
