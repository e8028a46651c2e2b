"""A box to choose from, with an arrow in the theme's ink: a style sheet takes Qt's own away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QComboBox

_LEAST_LETTERS = 8


class Choice(QComboBox):
    """A `QComboBox` as wide as what it holds where there is room; its list always is."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(_LEAST_LETTERS)

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        """Show what can be chosen at its full length."""
        self.view().setMinimumWidth(self.sizeHint().width())
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the arrow over the box."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self.fontMetrics().height() * 0.22
        x, y = self.width() - 3.2 * size, self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().text())
        points = [(x - size, y - size / 2), (x + size, y - size / 2), (x, y + size / 2)]
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in points]))
        painter.end()
