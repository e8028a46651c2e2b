"""What lies over the curves: tags in rows, names, and why nothing moves; painted in one go."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QTransform

from gui.layer import Layer
from gui.layers import MOST_MARKS
from gui.marks import Name, name_of
from gui.style import Look, draw_level, with_alpha
from gui.view_state import Mark
from monitor.model.events import Cause

MOST_LANES = 3
"""Rows of tags above the curve; a mark without a free row keeps its shape and loses its text."""
_TAGS_SHARE = 0.4
"""Tags in more than one row may cover so much of the height."""

CurveName = tuple[str, str, float]
"""Name, colour and newest value in deg of one curve."""


class MarkLayer(Layer):
    """Tags of lift-offs and faults, names of the curves, and why nothing moves."""

    def __init__(self) -> None:
        super().__init__()
        self.restyle(Look())
        self._names: list[CurveName] = []
        self._lanes: dict[Name, int] = {}
        self.message = ""
        self.marks: tuple[Mark, ...] = ()
        self.now_s = 0.0
        self.edge_s = 0.0

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        size = look.sizes.small
        self._plain, self._bold = look.font(size), look.font(size, bold=True)
        self._plain_words, self._bold_words = QFontMetricsF(self._plain), QFontMetricsF(self._bold)
        self._lane_height = 2 * self._bold_words.height() + 12
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
        lanes = max(1, min(MOST_LANES, int(area.height() * _TAGS_SHARE / self._lane_height)))
        # A small plot has no room for tags and a message: the message goes first.
        rows = 0 if self.message and lanes == 1 else lanes
        taken: dict[int, list[QRectF]] = {lane: [] for lane in range(rows)}
        kept: dict[Name, int] = {}
        # With one row the newest has it; with more, what has a place keeps it.
        for mark in self.marks if lanes > 1 else reversed(self.marks):
            self._place_tag(painter, to_pixels, below, mark, taken, kept)
        self._lanes = kept
        if self.message:
            self._draw_stale(painter, area)

    def _draw_names(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> float:
        painter.setFont(self._bold)
        metrics = self._bold_words
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
            # The number of the repetition stands at the foot: it is not struck out.
            foot = area.bottom() - self._plain_words.height() - 6
            painter.drawLine(QPointF(x, area.top()), QPointF(x, foot))

    def _place_tag(
        self,
        painter: QPainter,
        to_pixels: QTransform,
        area: QRectF,
        mark: Mark,
        taken: dict[int, list[QRectF]],
        kept: dict[Name, int],
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
        box.translate(0, lane * self._lane_height)
        taken[lane].append(box)
        kept[name_of(mark)] = lane
        self._draw_tag(painter, box, mark, colour)

    def _tag_box(self, mark: Mark, x: float, area: QRectF) -> QRectF:
        bold, plain = self._bold_words, self._plain_words
        text = max(bold.horizontalAdvance(mark.what), plain.horizontalAdvance(mark.cause_words))
        width = text + self._look.sizes.small + 20
        left = max(area.left() + 2, min(x - width / 2, area.right() - width - 2))
        lines = bold.height() + (plain.height() if mark.cause_words else 0)
        return QRectF(left, area.top(), width, lines + 8)

    def _free_lane(self, mark: Mark, box: QRectF, taken: dict[int, list[QRectF]]) -> int | None:
        held = self._lanes.get(name_of(mark)) if len(taken) > 1 else None
        # The lane it had comes first; a tag whose words or window changed may need another.
        for lane in sorted(taken, key=lambda lane: lane != held):
            here = box.translated(0, lane * self._lane_height)
            if not any(here.intersects(other) for other in taken[lane]):
                return lane
        return None

    def head_height(self) -> float:
        """Return the height of the curves' names and one row of tags, in pixels."""
        return self._lane_height * 1.5 + 12

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
        painter.setFont(self._bold)
        painter.drawText(text, Qt.AlignmentFlag.AlignTop, mark.what)
        painter.setFont(self._plain)
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
