"""The page of a guided calibration: what to do, in large type, how far it is, and what was refused."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.figure import FigureView
from gui.panels import Panel, fit_step, label, say, scrolling, set_role
from gui.shortcuts import Action
from gui.style import Look
from gui.view_state import Guide, ViewState

WHY = (
    "Three bends, two back bends and three pelvic tilts, about 45 seconds. They show how the sensor sits "
    "and how far you move, so that no angle has to wait and limits are your own."
)
WAITS = "Waits for the sensor: a calibration begins once it streams."
BEGIN = "Stand where you have room to bend forward, then begin."
_ROOM_FOR_FIGURE = 1.5


class GuidePage(QWidget):
    """Prompt, progress and refusals on the left; why, and the figure, on the right."""

    def __init__(self, look: Look, do: Callable[[Action], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self._shown: Guide | None = None
        self.step = label("Calibration", "overline")
        self.prompt = label(BEGIN, role="nextcue", wrap=True)
        self.bar, self.whole = _bar("This step"), _bar("All steps")
        self.hint = label(role="caution", wrap=True)
        self._said: list[QLabel] = [label(wrap=True) for _ in range(5)]
        self._figure = FigureView(look)
        self._figure.show_upright()
        self.begin = QPushButton("Begin  C")
        self.begin.clicked.connect(lambda: do(Action.CALIBRATE))
        self.end = QPushButton("Give up")
        self.end.clicked.connect(lambda: do(Action.LEAVE_GUIDE))
        self._build(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        fit_step(self.prompt, look, self.width())
        self._figure.restyle(look)
        self._figure.setVisible(look.sizes.scale < _ROOM_FOR_FIGURE)
        self._columns.setSpacing(look.sizes.gap)
        for button in (self.begin, self.end):
            button.setMinimumHeight(round(20 + 24 * look.sizes.scale))
        for bar in (self.bar, self.whole):
            bar.setFixedHeight(round(10 + 8 * look.sizes.scale))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Write the prompt as large as the window allows."""
        super().resizeEvent(event)
        fit_step(self.prompt, self._look, self.width())

    def show_guide(self, view: ViewState, *, can_begin: bool) -> None:
        """Show where the calibration is, or how to begin one."""
        guide = view.guide
        streaming = any(link.state == "streaming" for link in view.links)
        if guide is None:
            guide = Guide("Calibration", BEGIN if streaming else WAITS, "", 0.0, 0.0)
        self.begin.setVisible(can_begin and (view.guide is None or guide.done))
        self.begin.setEnabled(streaming)
        say_button(self.begin, "Again  C" if guide.done else "Begin  C")
        self.end.setVisible(view.guide is not None or not can_begin)
        say_button(self.end, "Go to the live page  Enter" if guide.done else "Give up")
        if guide == self._shown:
            return
        self._shown = guide
        say(self.step, guide.step)
        say(self.prompt, guide.prompt)
        say(self.hint, guide.hint)
        self.hint.setVisible(bool(guide.hint))
        self.bar.setValue(round(100 * guide.step_progress))
        self.whole.setValue(round(100 * guide.progress))
        for at, line in enumerate(self._said):
            text, refused = guide.said[at] if at < len(guide.said) else ("", False)
            say(line, text)
            line.setVisible(bool(text))
            set_role(line, "caution" if refused else "soft")

    def shown_text(self) -> str:
        """Return what the page says, line by line."""
        lines = [self.step, self.prompt, self.hint, *self._said]
        return "\n".join(line.text() for line in lines if line.text())

    def _build(self, look: Look) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        self.prompt.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self.step, self.prompt, self.bar, self.hint, *self._said):
            column.addWidget(part)
        column.addStretch(1)
        asked = Panel()
        around = QVBoxLayout(asked)
        around.setContentsMargins(20, 16, 12, 16)
        around.addWidget(scrolling(inside), 1)
        around.addWidget(label("All steps", "overline"))
        around.addWidget(self.whole)
        row = QHBoxLayout()
        row.addWidget(self.begin, 1)
        row.addWidget(self.end, 1)
        around.addSpacing(6)
        around.addLayout(row)
        beside = Panel()
        why = QVBoxLayout(beside)
        why.setContentsMargins(20, 16, 20, 16)
        why.addWidget(label("Why", "overline"))
        text = QWidget()
        words = QVBoxLayout(text)
        words.setContentsMargins(0, 0, 6, 0)
        words.addWidget(label(WHY, wrap=True))
        words.addWidget(self._figure, 1)
        words.addStretch(0)
        why.addWidget(scrolling(text), 1)
        self._columns = QHBoxLayout(self)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.addWidget(asked, 62)
        self._columns.addWidget(beside, 38)
        self.restyle(look)


def say_button(button: QPushButton, text: str) -> None:
    """Set a button's text where it differs."""
    if button.text() != text:
        button.setText(text)


def _bar(name: str) -> QProgressBar:
    made = QProgressBar()
    made.setRange(0, 100)
    made.setTextVisible(False)
    made.setAccessibleName(name)
    return made
