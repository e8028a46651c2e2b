"""The bar of the whole session: sets, findings, what is in view and where the cursor is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.review.decimation import extremes
from gui.review.lines import FindingLine, Moment, SetLine
from gui.review.session_data import Curves
from gui.style import Look, draw_level, with_alpha
from gui.words import clock_text
from monitor.model.events import Level

_GRIP_PX = 7.0
_LEAST_PX = 6.0
"""Width below which the region is drawn wider than it is, so that it can be seen and dragged."""


class OverviewBar(QWidget):
    """Dragging the region pans, its edges zoom, a click elsewhere goes there.

    Attributes
    ----------
    viewed
        Emitted with the stretch a person dragged into view, in s.
    went
        Emitted with the time a person clicked.
    """

    viewed = Signal(float, float)
    went = Signal(float)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._end_s = 1.0
        self._view_s = (0.0, 1.0)
        self._now_s = 0.0
        self._curves: Curves | None = None
        self._sets: tuple[SetLine, ...] = ()
        self._findings: tuple[FindingLine, ...] = ()
        self._moments: tuple[Moment, ...] = ()
        self._picture: QPixmap | None = None
        self._drag: tuple[str, float, tuple[float, float]] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Whole session")
        self.restyle(look)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the curve and one line of names."""
        return QSize(600, round(44 + 22 * self._look.sizes.scale))

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.setFixedHeight(self.sizeHint().height())
        self._picture = None
        self.update()

    def show_session(
        self,
        curves: Curves,
        end_s: float,
        sets: Sequence[SetLine],
        findings: Sequence[FindingLine],
        moments: Sequence[Moment],
    ) -> None:
        """Take what is drawn behind the region."""
        made = (curves, end_s, tuple(sets), tuple(findings), tuple(moments))
        if made == (self._curves, self._end_s, self._sets, self._findings, self._moments):
            return
        self._curves, self._end_s, self._sets, self._findings, self._moments = made
        self._picture = None
        said = ", ".join(f"set {s.index}: {s.reps} reps" for s in self._sets)
        self.setAccessibleDescription(said)
        self.update()

    def show_place(self, view_s: tuple[float, float], now_s: float) -> None:
        """Move region and cursor; this never comes back as a signal."""
        if (view_s, now_s) != (self._view_s, self._now_s):
            self._view_s, self._now_s = view_s, now_s
            self.update()

    def x_of(self, time_s: float) -> float:
        """Return the pixel column of a time."""
        return time_s / self._end_s * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint the picture of the session, then region and cursor."""
        if self._picture is None:
            self._picture = self._drawn()
        theme = self._look.theme
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        region = self._region()
        for outside in (
            QRectF(0, 0, region.left(), self.height()),
            QRectF(region.right(), 0, self.width() - region.right(), self.height()),
        ):
            painter.fillRect(outside, with_alpha(theme.page, 0.55))
        painter.setPen(QPen(QColor(theme.focus), 2))
        painter.drawRect(region.adjusted(1, 1, -1, -1))
        x = self.x_of(self._now_s)
        painter.setPen(QPen(QColor(theme.text), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the picture anew."""
        super().resizeEvent(event)
        self._picture = None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a drag, or go where it was clicked."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        part = self._part(x)
        if part == "outside":
            width = self._view_s[1] - self._view_s[0]
            middle_s = self._time(x)
            self.viewed.emit(middle_s - width / 2, middle_s + width / 2)
            self.went.emit(middle_s)
            part = "inside"
        self._drag = (part, x, self._view_s)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag the region or one of its edges."""
        x = event.position().x()
        if self._drag is None:
            edge = self._part(x) in {"start", "stop"}
            self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor)
            return
        part, from_x, (start_s, stop_s) = self._drag
        by_s = (x - from_x) / max(1, self.width()) * self._end_s
        if part == "start":
            self.viewed.emit(min(start_s + by_s, stop_s), stop_s)
        elif part == "stop":
            self.viewed.emit(start_s, max(stop_s + by_s, start_s))
        else:
            self.viewed.emit(start_s + by_s, stop_s + by_s)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """End the drag."""
        self._drag = None

    def _time(self, x: float) -> float:
        return min(max(0.0, x / max(1, self.width()) * self._end_s), self._end_s)

    def _region(self) -> QRectF:
        left, right = (self.x_of(t) for t in self._view_s)
        spare = max(0.0, _LEAST_PX - (right - left)) / 2
        return QRectF(left - spare, 0, right - left + 2 * spare, self.height())

    def _part(self, x: float) -> str:
        region = self._region()
        if abs(x - region.left()) <= _GRIP_PX:
            return "start"
        if abs(x - region.right()) <= _GRIP_PX:
            return "stop"
        return "inside" if region.left() < x < region.right() else "outside"

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(QColor(self._look.theme.panel))
        painter = QPainter(made)
        small = self._look.sizes.small
        painter.setFont(self._look.font(small))
        line = QFontMetricsF(painter.font()).height()
        area = QRectF(0, line + 6, self.width(), self.height() - line - 8)
        self._draw_sets(painter, line)
        self._draw_curve(painter, area)
        self._draw_signs(painter, area)
        painter.end()
        return made

    def _draw_sets(self, painter: QPainter, line: float) -> None:
        theme = self._look.theme
        metrics = QFontMetricsF(painter.font())
        free_from = -1.0
        for one in self._sets:
            left, right = self.x_of(one.start_s), self.x_of(one.end_s)
            box = QRectF(left, 0, max(2.0, right - left), self.height())
            painter.fillRect(box, QColor(theme.raised))
            name = (
                f"Set {one.index}" if right - left > metrics.horizontalAdvance("Set 00") else str(one.index)
            )
            wide = metrics.horizontalAdvance(name)
            x = left + 3 if right - left > wide + 3 else left
            if x > free_from:
                painter.setPen(QColor(theme.soft))
                painter.drawText(QPointF(x, line), name)
                free_from = x + wide + 6
        if not self._sets:
            painter.setPen(QColor(theme.soft))
            painter.drawText(QPointF(6, line), f"0:00 to {clock_text(self._end_s)}")

    def _draw_curve(self, painter: QPainter, area: QRectF) -> None:
        curves = self._curves
        if curves is None or not len(curves.t_s):
            return
        edges = np.linspace(0.0, self._end_s, max(2, int(area.width())) + 1)
        low, high = extremes(curves.t_s, curves.tilt, edges)
        known = np.isfinite(low)
        if not known.any():
            return
        bottom, top = np.percentile(low[known], 1), np.percentile(high[known], 99)
        scale = area.height() / max(1.0, top - bottom)
        painter.setPen(QPen(with_alpha(self._look.theme.tilt, 0.9), 1))
        y_low = area.bottom() - np.clip((low - bottom) * scale, 0, area.height())
        y_high = area.bottom() - np.clip((high - bottom) * scale, 0, area.height())
        for x in np.flatnonzero(known).tolist():
            painter.drawLine(QPointF(x, y_low[x]), QPointF(x, y_high[x] - 0.5))

    def _draw_signs(self, painter: QPainter, area: QRectF) -> None:
        theme, size = self._look.theme, self._look.sizes.small * 0.85
        for moment in self._moments:
            x = self.x_of(moment.time_s)
            if moment.kind == "gap":
                wide = max(2.0, self.x_of(moment.end_s) - x)
                painter.fillRect(QRectF(x, area.bottom() - 3, wide, 3), QColor(theme.caution))
            elif moment.kind in {"mark", "note", "your_note", "pain", "red_flag"}:
                painter.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        taken = -size
        for moment in self._moments:
            if moment.level is None:
                continue
            x = self.x_of(moment.time_s)
            if moment.level is not Level.ALERT and x - taken < size:
                continue
            taken = x
            box = QRectF(x - size / 2, area.bottom() - size - 1, size, size)
            draw_level(painter, box, moment.level, self._look.level_colour(moment.level))
        for found in self._findings:
            x = self.x_of(found.time_s)
            colour = self._look.level_colour(found.level)
            painter.fillRect(QRectF(x - 1, area.top() - 2, 2, area.height()), with_alpha(colour, 0.8))
            sign = QRectF(x - size * 0.6, area.top() - 4, size * 1.2, size * 1.2)
            draw_level(painter, sign, found.level, colour)
