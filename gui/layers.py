"""What lies under and over the curves; each layer is one item painted in one go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from gui.layer import Layer
from gui.style import Look, draw_level, with_alpha
from gui.view_state import Mark, RepSpan, Zone
from gui.words import whole_degrees
from monitor.model.events import Cause
from monitor.model.samples import FloatArray

MOST_LANES = 3
"""Rows of tags above the curve; a mark without a free row keeps its shape and loses its text."""
MOST_MARKS = 12
_LEAST_LINES = 14
_TAGS_SHARE = 0.4
"""Tags in more than one row may cover so much of the height."""
_GRID_HZ = 100
_BAND_STEP = 5
"""The band is drawn from every fifth row: 20 Hz, smoother than its own meaning."""

CurveName = tuple[str, str, float]
"""Name, colour and newest value in deg of one curve."""


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


class MarkLayer(Layer):
    """Tags of lift-offs and faults, names of the curves, and why nothing moves."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look()
        self._names: list[CurveName] = []
        self._lanes: dict[tuple[str, float], int] = {}
        self.message = ""
        self.marks: tuple[Mark, ...] = ()
        self.now_s = 0.0
        self.edge_s = 0.0

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.update()

    def show_marks(
        self, marks: Sequence[Mark], names: list[CurveName], now_s: float, edge_s: float, message: str
    ) -> None:
        """Take what is over the curves."""
        self.marks = tuple(marks[-MOST_MARKS:])
        self._names = names
        self.now_s = now_s
        self.edge_s = edge_s
        self.message = message
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        """Draw names, marks and the message."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self._draw_names(painter, to_pixels, area)
        below = area.adjusted(0, top, 0, 0)
        for mark in self.marks:
            self._draw_moment(painter, to_pixels, below, mark)
        lanes = max(1, min(MOST_LANES, int(area.height() * _TAGS_SHARE / self._lane_height())))
        # A small plot has no room for tags and a message: the message goes first.
        rows = 0 if self.message and lanes == 1 else lanes
        taken: dict[int, list[QRectF]] = {lane: [] for lane in range(rows)}
        kept: dict[tuple[str, float], int] = {}
        # With one row the newest has it; with more, what has a place keeps it.
        for mark in self.marks if lanes > 1 else reversed(self.marks):
            self._place_tag(painter, to_pixels, below, mark, taken, kept)
        self._lanes = kept
        if self.message:
            self._draw_stale(painter, area)

    def _draw_names(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> float:
        small = self._look.sizes.small
        painter.setFont(self._look.font(small, bold=True))
        metrics = QFontMetricsF(painter.font())
        x, y = area.left() + 8, area.top() + 6
        for name, colour, value_deg in self._names:
            painter.setPen(QPen(QColor(colour), 2))
            middle = y + metrics.height() / 2
            painter.drawLine(QPointF(x, middle), QPointF(x + 18, middle))
            painter.drawText(QPointF(x + 24, y + metrics.ascent()), name)
            x += 24 + metrics.horizontalAdvance(name) + 20
            if not math.isnan(value_deg):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colour))
                painter.drawEllipse(to_pixels.map(QPointF(self.now_s - self.edge_s, value_deg)), 4, 4)
        return float(metrics.height() + 10)

    def _draw_moment(self, painter: QPainter, to_pixels: QTransform, area: QRectF, mark: Mark) -> None:
        """Draw the line of a mark, and how long a lift-off lasts."""
        colour = self._look.level_colour(mark.level)
        x = to_pixels.map(QPointF(mark.time_s - self.edge_s, 0)).x()
        if mark.kind == "lift_off":
            end_s = self.now_s if mark.end_s is None else mark.end_s
            right = to_pixels.map(QPointF(end_s - self.edge_s, 0)).x()
            left = max(x, area.left())
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()), with_alpha(colour, 0.16))
        if x >= area.left():
            painter.setPen(QPen(colour, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _place_tag(
        self,
        painter: QPainter,
        to_pixels: QTransform,
        area: QRectF,
        mark: Mark,
        taken: dict[int, list[QRectF]],
        kept: dict[tuple[str, float], int],
    ) -> None:
        """Draw the tag of a mark in a free row; its shape alone where there is none."""
        colour = self._look.level_colour(mark.level)
        x = to_pixels.map(QPointF(mark.time_s - self.edge_s, 0)).x()
        if x < area.left():
            return
        box = self._tag_box(mark, x, area)
        lane = self._free_lane(mark, box, taken)
        if lane is None:
            size = self._look.sizes.small
            draw_level(
                painter, QRectF(x - size / 2, area.bottom() - 3 * size, size, size), mark.level, colour
            )
            return
        box.translate(0, lane * self._lane_height())
        taken[lane].append(box)
        kept[mark.kind, mark.time_s] = lane
        self._draw_tag(painter, box, mark, colour)

    def _tag_box(self, mark: Mark, x: float, area: QRectF) -> QRectF:
        size = self._look.sizes.small
        bold = QFontMetricsF(self._look.font(size, bold=True))
        plain = QFontMetricsF(self._look.font(size))
        text = max(bold.horizontalAdvance(mark.what), plain.horizontalAdvance(mark.cause_words))
        width = text + size + 20
        left = min(x - width / 2, area.right() - width - 2)
        lines = bold.height() + (plain.height() if mark.cause_words else 0)
        return QRectF(left, area.top(), width, lines + 8)

    def _free_lane(self, mark: Mark, box: QRectF, taken: dict[int, list[QRectF]]) -> int | None:
        held = self._lanes.get((mark.kind, mark.time_s)) if len(taken) > 1 else None
        step = self._lane_height()
        # The lane it had comes first; a tag whose words or window changed may need another.
        for lane in sorted(taken, key=lambda lane: lane != held):
            here = box.translated(0, lane * step)
            if not any(here.intersects(other) for other in taken[lane]):
                return lane
        return None

    def head_height(self) -> float:
        """Return the height of the curves' names and one row of tags, in pixels."""
        return self._lane_height() * 1.5 + 12

    def _lane_height(self) -> float:
        return 2 * QFontMetricsF(self._look.font(self._look.sizes.small, bold=True)).height() + 12

    def _draw_tag(self, painter: QPainter, box: QRectF, mark: Mark, colour: QColor) -> None:
        size = self._look.sizes.small
        # What may still change has a dashed edge: it lasts, or its cause is not known.
        lasting = mark.kind == "lift_off" and mark.end_s is None
        open_end = lasting or mark.cause is Cause.UNCLEAR
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine if open_end else Qt.PenStyle.SolidLine))
        painter.setBrush(QColor(self._look.theme.raised))
        painter.drawRoundedRect(box, 6, 6)
        draw_level(
            painter, QRectF(box.left() + 7, box.center().y() - size / 2, size, size), mark.level, colour
        )
        text = box.adjusted(size + 13, 4, -4, -4)
        painter.setPen(QColor(self._look.theme.text))
        painter.setFont(self._look.font(size, bold=True))
        painter.drawText(text, Qt.AlignmentFlag.AlignTop, mark.what)
        painter.setFont(self._look.font(size))
        painter.drawText(text, Qt.AlignmentFlag.AlignBottom, mark.cause_words)

    def _draw_stale(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(self._look.font(self._look.sizes.body, bold=True))
        metrics = QFontMetricsF(painter.font())
        # Where the tags would be while there are none, else under the curves.
        side = Qt.AlignmentFlag.AlignBottom if self.marks else Qt.AlignmentFlag.AlignTop
        box = metrics.boundingRect(
            area.adjusted(60, 2.5 * metrics.height(), -60, -2.5 * metrics.height()),
            int(Qt.AlignmentFlag.AlignHCenter | side | Qt.TextFlag.TextWordWrap),
            self.message,
        ).adjusted(-16, -8, 16, 8)
        painter.setPen(QPen(QColor(self._look.theme.line), 1))
        painter.setBrush(QColor(self._look.theme.raised))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(QColor(self._look.theme.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.message)


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
