"""Small pieces every part of the window is made of."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget

from gui.style import Look, draw_level
from gui.view_state import Standing
from monitor.model.events import Level

_USUAL_WIDTH = 1100.0
_USUAL_HEIGHT = 620.0
_MOST_LARGER = 1.8


def label(text: str = "", role: str = "", parent: QWidget | None = None, *, wrap: bool = False) -> QLabel:
    """Return a label in one of the style sheet's roles."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def say(shown: QLabel, text: str) -> None:
    """Set a label's text where it differs: an equal one would still lay the window out anew."""
    if shown.text() != text:
        shown.setText(text)


def set_role(shown: QLabel, role: str) -> None:
    """Change a label's role and let the style sheet see it."""
    if shown.property("role") != role:
        shown.setProperty("role", role)
        shown.style().unpolish(shown)
        shown.style().polish(shown)


def larger(look: Look, width: float, height: float = math.inf) -> float:
    """Return how much larger than usual a page of so many pixels can be written, 1 to 1.8."""
    room = min(width / _USUAL_WIDTH, height / _USUAL_HEIGHT) / look.sizes.scale
    return min(max(room, 1.0), _MOST_LARGER)


def fit_step(shown: QLabel, look: Look, width: int, pixels: float | None = None) -> None:
    """Write the one thing to do next as large as a page of so many pixels allows.

    `pixels` is its height on a page of the usual width, where it is not that of a next step.
    """
    size = f"font-size: {round((pixels or look.sizes.step) * larger(look, width))}px"
    if shown.styleSheet() != size:
        shown.setStyleSheet(size)


class Panel(QFrame):
    """A rounded card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")


def scrolling(inside: QWidget) -> QScrollArea:
    """Return `inside` in a frame that scrolls and shows the card behind it."""
    frame = QScrollArea()
    frame.setWidgetResizable(True)
    frame.setWidget(inside)
    # setWidget turns this on: the palette's grey would cover the card.
    inside.setAutoFillBackground(False)
    frame.viewport().setAutoFillBackground(False)
    frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return frame


class ShortLabel(QLabel):
    """A label that shortens its text in the middle instead of pushing others aside."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = text
        self._least = 12
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)
        self.say(text)

    def say(self, text: str) -> None:
        """Show `text`, shortened where it does not fit; the whole is in the tool tip."""
        if text == self._whole and self.text():
            return
        self._whole = text
        self.setToolTip(text)
        self.updateGeometry()
        self._fit()

    def keep(self, letters: int) -> None:
        """Keep room for so many letters, however little there is for the others."""
        if letters != self._least:
            self._least = letters
            self.updateGeometry()

    def whole(self) -> str:
        """Return the unshortened text."""
        return self._whole

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the whole text."""
        return self._room(self.fontMetrics().horizontalAdvance(self._whole))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for a few letters."""
        metrics = self.fontMetrics()
        return self._room(
            min(metrics.horizontalAdvance(self._whole), metrics.averageCharWidth() * self._least)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shorten anew."""
        super().resizeEvent(event)
        self._fit()

    def _room(self, text_width: int) -> QSize:
        # The label itself knows what the style sheet puts around its text.
        now = super().sizeHint()
        return QSize(
            now.width() - self.fontMetrics().horizontalAdvance(self.text()) + text_width + 2, now.height()
        )

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        around = super().sizeHint().width() - metrics.horizontalAdvance(self.text())
        self.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width() - around))


class LevelSign(QWidget):
    """The shape of a level: circle, triangle or diamond."""

    def __init__(self, look: Look, parent: QWidget | None = None, *, small: bool = False) -> None:
        super().__init__(parent)
        self._look = look
        self._small = small
        self._level: Level | Standing | None = None
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        side = look.sizes.small if self._small else round(look.sizes.title * 0.9)
        self.setFixedSize(side, side)
        self.update()

    def show_level(self, level: Level | Standing | None) -> None:
        """Show the shape of `level`."""
        if level is not self._level:
            self._level = level
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint the shape."""
        theme = self._look.theme
        inks: dict[Level | Standing | None, str] = {
            Level.CAUTION: theme.caution,
            Level.ALERT: theme.alert,
            Standing.CAUTION: theme.caution,
            Standing.ALERT: theme.alert,
            Standing.USUAL: theme.usual,
        }
        colour = inks.get(self._level, theme.soft)
        painter = QPainter(self)
        draw_level(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), self._level, QColor(colour))
        painter.end()
