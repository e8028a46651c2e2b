"""An item as large as its plot, painted in one go: the base of everything drawn over and under curves."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class Layer(pg.GraphicsObject):  # type: ignore[misc]
    """An item as large as the view; `draw` gets a painter in pixels."""

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """Return the view."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:  # noqa: N802 - pyqtgraph's name
        """Follow the view."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Hand `draw` a painter in pixels."""
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        self.draw(painter, to_pixels, to_pixels.mapRect(self.boundingRect()))
        painter.restore()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        """Draw everything."""
        raise NotImplementedError
