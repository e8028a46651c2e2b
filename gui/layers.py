"""What lies under the curves; each layer is one item painted in one go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from gui.layer import Layer
from gui.style import Look, with_alpha
from gui.view_state import RepSpan, Zone
from gui.words import whole_degrees
from monitor.model.samples import FloatArray

MOST_MARKS = 12
_LEAST_LINES = 14
_GRID_HZ = 100
_BAND_STEP = 5
"""The band is drawn from every fifth row: 20 Hz, smoother than its own meaning."""


class BandLayer(Layer):
    """One standard deviation to either side of the main curve."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()
        self._colour = QColor()

    def show_band(
        self, t_s: FloatArray, now_s: float, middle: FloatArray, sigma: FloatArray, colour: QColor
    ) -> None:
        """Take the band of (N,) values at (N,) times; NaN breaks it."""
        self._path = _band_path(t_s, now_s, middle - sigma, middle + sigma)
        self._colour = colour
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:  # noqa: ARG002
        """Draw the band."""
        painter.fillPath(to_pixels.map(self._path), self._colour)


class ZoneLayer(Layer):
    """Repetitions as spans shaded by phase with their number, limits as dashed lines."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look()
        self._spans: list[RepSpan] = []
        self._zone = Zone(0, 1)
        self._now_s = 0.0

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.update()

    def show_zones(self, spans: Sequence[RepSpan], zone: Zone, now_s: float, window_s: float) -> None:
        """Take what is under the curves."""
        self._spans = [s for s in spans[-MOST_MARKS:] if now_s - s.end_s < window_s]
        self._zone = zone
        self._now_s = now_s
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        """Draw spans and limits."""
        theme = self._look.theme
        painter.setFont(self._look.font(self._look.sizes.small))
        metrics = QFontMetricsF(painter.font())
        for span in self._spans:
            left, turn, right = (
                max(to_pixels.map(QPointF(t_s - self._now_s, 0)).x(), area.left())
                for t_s in (span.start_s, span.turn_s, span.end_s)
            )
            box = QRectF(left, area.top(), right - left, area.height())
            # The way to the turn is shaded, the way back less so, and a line parts them.
            painter.fillRect(
                QRectF(left, area.top(), turn - left, area.height()), with_alpha(theme.raised, 0.85)
            )
            painter.fillRect(
                QRectF(turn, area.top(), right - turn, area.height()), with_alpha(theme.raised, 0.4)
            )
            if turn > area.left():
                painter.setPen(QPen(QColor(theme.line), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(turn, area.top()), QPointF(turn, area.bottom()))
            name = (
                f"rep {span.index}" if box.width() > metrics.horizontalAdvance("rep 000") else f"{span.index}"
            )
            painter.setPen(QColor(theme.soft))
            where = box.adjusted(0, 0, 0, -4)
            painter.drawText(where, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, name)
        limits = (
            (self._zone.caution_deg, theme.caution, "caution"),
            (self._zone.alert_deg, theme.alert, "limit"),
        )
        for limit, colour, name in limits:
            if limit is None:
                continue
            y = to_pixels.map(QPointF(0, limit)).y()
            painter.setPen(QPen(QColor(colour), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if area.height() < _LEAST_LINES * self._look.sizes.small:
                continue  # the gauge beside the plot names the limits, too
            # Each name stands on its own side, however near the two lines are.
            far = (limit > 0) is (name == "limit")
            painter.drawText(
                QPointF(area.left() + 6, y - 4 if far else y + metrics.ascent() + 2),
                f"{name} {whole_degrees(limit)}",
            )


def _band_path(t_s: FloatArray, now_s: float, low: FloatArray, high: FloatArray) -> QPainterPath:
    path = QPainterPath()
    known = np.isfinite(low) & np.isfinite(high)
    if not known.any():
        return path
    # Rows are chosen by their time, not by their place in the window, or the edge would shimmer;
    # both ends of a stretch always belong, so that the band reaches "now".
    chosen = np.round(t_s * _GRID_HZ).astype(np.int64) % _BAND_STEP == 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        rows = np.flatnonzero(chosen[start:stop]) + start
        rows = np.unique(np.concatenate(([start], rows, [stop - 1])))
        x = t_s[rows] - now_s
        path.addPath(
            pg.arrayToQPath(
                np.concatenate((x, x[::-1])), np.concatenate((low[rows], high[rows][::-1])), connect="all"
            )
        )
    return path
