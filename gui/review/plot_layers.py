"""What lies under and over the curves of the review plots; each layer is one item painted in one go."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTransform

from gui.layer import Layer
from gui.review.decimation import columns
from gui.review.lines import Moment, RepLine, SetLine
from gui.review.session_data import Curves
from gui.style import Look, draw_level, with_alpha
from gui.words import whole_degrees
from monitor.model.samples import FloatArray

_MOST_SPANS = 400
"""More repetitions than this in view are too narrow to tell apart: sets are shaded instead."""


class FlexionBand(Layer):
    """One standard deviation to either side of the flexion, as a picture of a column a pixel.

    A filled path costs with the square of its turns: ten minutes of lifting took 16 ms a frame on a
    large screen, the same picture made of its columns 1 ms.
    """

    def __init__(self) -> None:
        super().__init__()
        self.colour = QColor()
        self._t_s: FloatArray = np.empty(0)
        self._low: FloatArray = np.empty(0)
        self._high: FloatArray = np.empty(0)
        self._columns = (np.empty(0), np.empty(0), np.empty(0))

    def show_band(self, curves: Curves) -> None:
        """Take the whole session."""
        self._t_s = curves.t_s
        self._low = curves.flexion - curves.flexion_sigma
        self._high = curves.flexion + curves.flexion_sigma
        self._columns = (np.empty(0), np.empty(0), np.empty(0))

    def show_view(self, start_s: float, stop_s: float, pixels: int) -> None:
        """Find the lowest and highest value of every pixel column in view."""
        self._columns = columns(self._t_s, self._low, self._high, start_s, stop_s, pixels)
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        """Draw the band."""
        at_s, low, high = self._columns
        if not len(at_s):
            return
        # Columns are one pixel apart: rounding each by itself could leave one out and draw one twice.
        first = int(np.floor(to_pixels.m11() * at_s[0] + to_pixels.dx()))
        x = np.round(to_pixels.m11() * (at_s - at_s[0])).astype(np.int64)
        top, wide, tall = int(area.top()), int(x[-1]) + 1, int(area.height()) + 1
        begins, ends = np.full(wide, tall, np.int16), np.zeros(wide, np.int16)
        begins[x] = np.clip(to_pixels.m22() * high + to_pixels.dy() - top, 0, tall)
        ends[x] = np.clip(to_pixels.m22() * low + to_pixels.dy() - top, 0, tall)
        row = np.arange(tall, dtype=np.int16)[:, np.newaxis]
        picture = ((row >= begins) & (row < ends)) * np.uint32(self.colour.rgba())
        form = QImage.Format.Format_ARGB32
        painter.drawImage(first, top, QImage(picture.data, wide, tall, 4 * wide, form))


class CurveLayer(Layer):
    """The curves of one strip and the level lines under them."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: dict[str, QPainterPath] = {}
        self._levels: list[float] = []
        self._inks: Mapping[str, str] = {}
        self._line = QColor()

    def restyle(self, inks: Mapping[str, str], line: QColor) -> None:
        """Take the colour of each curve and that of the level lines."""
        self._inks, self._line = inks, line
        self.update()

    def show_curve(self, name: str, t_s: FloatArray, values: FloatArray) -> None:
        """Take (N,) points of a curve; NaN breaks it."""
        self._paths[name] = pg.arrayToQPath(t_s, values, connect="finite")
        self.update()

    def show_grid(self, levels: FloatArray) -> None:
        """Take the values at which there are lines."""
        self._levels = levels.tolist()
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        """Draw lines, then curves."""
        for level in self._levels:
            y = round(to_pixels.m22() * level + to_pixels.dy())
            painter.fillRect(QRect(int(area.left()), y, int(area.width()) + 1, 1), self._line)
        for name, path in self._paths.items():
            painter.setPen(QPen(QColor(self._inks[name]), 1))
            painter.drawPath(to_pixels.map(path))


class CoverageSteps(Layer):
    """Shares as filled steps; neighbours of one height are one rectangle."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = QColor()
        self._steps: list[tuple[float, float, float]] = []

    def show_steps(self, edges_s: FloatArray, shares: FloatArray) -> None:
        """Take (K + 1,) edges and (K,) shares, 0 to 1."""
        turns = np.flatnonzero(np.diff(shares)) + 1
        first = np.concatenate(([0], turns)) if len(shares) else np.empty(0, dtype=np.int64)
        last = np.append(turns, len(shares))
        self._steps = [
            (float(edges_s[a]), float(edges_s[b]), float(shares[a]) * 100)
            for a, b in zip(first, last, strict=False)
        ]
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:  # noqa: ARG002
        """Draw every step with a line on top."""
        fill = with_alpha(self.colour, 0.25)
        for start_s, stop_s, height in self._steps:
            box = to_pixels.mapRect(QRectF(start_s, 0.0, stop_s - start_s, height))
            painter.fillRect(box, fill)
            painter.fillRect(QRectF(box.left(), box.top(), box.width(), 1.0), self.colour)


class SpanLayer(Layer):
    """Repetitions shaded with their number, the chosen one, the loop, limits and tags."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look()
        self._reps: tuple[RepLine, ...] = ()
        self._ends: list[float] = []
        self._sets: tuple[SetLine, ...] = ()
        self._moments: tuple[Moment, ...] = ()
        self._chosen: RepLine | None = None
        self._loop_s: tuple[float, float] | None = None
        self._tagged = False
        self.limits_deg: tuple[float, float] | None = None

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.update()

    def show_events(
        self,
        reps: Sequence[RepLine],
        sets: Sequence[SetLine],
        moments: Sequence[Moment],
        chosen: RepLine | None,
        loop_s: tuple[float, float] | None,
        *,
        tagged: bool,
    ) -> None:
        """Take what is drawn; tags only where asked for."""
        self._reps, self._sets, self._moments = tuple(reps), tuple(sets), tuple(moments)
        self._ends = [rep.end_s for rep in reps]
        self._chosen, self._loop_s, self._tagged = chosen, loop_s, tagged
        self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        """Draw from back to front."""
        start_s, stop_s = self.viewRect().left(), self.viewRect().right()
        painter.setFont(self._look.font(self._look.sizes.small))
        first = bisect_left(self._ends, start_s)
        reps = [rep for rep in self._reps[first : first + _MOST_SPANS + 1] if rep.start_s < stop_s]
        if len(reps) > _MOST_SPANS:
            for one in self._sets:
                box = self._box(to_pixels, area, one.start_s, one.end_s)
                painter.fillRect(box, with_alpha(self._look.theme.raised, 0.75))
        else:
            self._draw_reps(painter, to_pixels, area, reps)
        if self._loop_s is not None:
            box = self._box(to_pixels, area, *self._loop_s)
            painter.fillRect(box, with_alpha(self._look.theme.usual, 0.14))
        self._draw_limits(painter, to_pixels, area)
        self._draw_moments(painter, to_pixels, area, start_s, stop_s)

    def _box(self, to_pixels: QTransform, area: QRectF, start_s: float, stop_s: float) -> QRectF:
        left = max(to_pixels.map(QPointF(start_s, 0)).x(), area.left())
        right = min(to_pixels.map(QPointF(stop_s, 0)).x(), area.right())
        return QRectF(left, area.top(), max(0.0, right - left), area.height())

    def _draw_reps(
        self, painter: QPainter, to_pixels: QTransform, area: QRectF, reps: Sequence[RepLine]
    ) -> None:
        theme = self._look.theme
        boxes = [self._box(to_pixels, area, rep.start_s, rep.end_s) for rep in reps]
        for box in boxes:  # opaque and on whole pixels: a fraction of the time
            painter.fillRect(box.toRect(), QColor(theme.raised))
        if self._chosen is not None:
            box = self._box(to_pixels, area, self._chosen.start_s, self._chosen.end_s)
            painter.fillRect(box, with_alpha(theme.focus, 0.18))
        if self._tagged:
            metrics = QFontMetricsF(painter.font())
            for rep, box in zip(reps, boxes, strict=True):
                self._name_rep(painter, metrics, box, rep)

    def _name_rep(self, painter: QPainter, metrics: QFontMetricsF, box: QRectF, rep: RepLine) -> None:
        theme = self._look.theme
        chosen = self._chosen is not None and rep.index == self._chosen.index
        name = f"{rep.index}*" if rep.corrected else str(rep.index)
        if box.width() > metrics.horizontalAdvance(f"rep {name}") + 4:
            name = f"rep {name}"
        if box.width() >= metrics.horizontalAdvance(name):
            painter.setPen(QColor(theme.text if chosen else theme.soft))
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, name)

    def _draw_limits(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:
        if self.limits_deg is None:
            return
        theme = self._look.theme
        metrics = QFontMetricsF(painter.font())
        for limit, colour, words, below in zip(
            self.limits_deg, (theme.caution, theme.alert), ("caution", "limit"), (False, True), strict=True
        ):
            y = to_pixels.map(QPointF(0, limit)).y()
            painter.setPen(QPen(QColor(colour), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            baseline = y + metrics.ascent() + 1 if below else y - 3
            text = f"{words} {whole_degrees(limit)}"
            painter.drawText(QPointF(area.right() - metrics.horizontalAdvance(text) - 6, baseline), text)

    def _draw_moments(
        self, painter: QPainter, to_pixels: QTransform, area: QRectF, start_s: float, stop_s: float
    ) -> None:
        theme, size = self._look.theme, self._look.sizes.small
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(painter.font())
        free_from = area.left()
        y = area.top() + 2.0 * metrics.height() + 4
        for moment in self._moments:
            if moment.end_s < start_s or moment.time_s > stop_s:
                continue
            colour = QColor(theme.soft) if moment.level is None else self._look.level_colour(moment.level)
            x = to_pixels.map(QPointF(moment.time_s, 0)).x()
            box = self._box(to_pixels, area, moment.time_s, moment.end_s)
            if moment.end_s > moment.time_s:
                painter.fillRect(box, with_alpha(colour, 0.18))
            elif self._tagged:
                painter.setPen(QPen(with_alpha(colour, 0.8), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(x, y), QPointF(x, area.bottom()))
            if not self._tagged or x < area.left():
                continue
            free = x - size / 2 >= free_from
            sign = QRectF(x - size / 2, y - size * 0.8 if free else y + size * 0.4, size, size)
            if moment.level is not None:
                draw_level(painter, sign, moment.level, colour)
            wide = metrics.horizontalAdvance(moment.text) + size + 6
            # A short gap is not named where the tag of something noticed could stand.
            named = moment.kind != "gap" or box.width() > wide
            if named and free and x + wide < area.right():
                painter.setPen(QColor(theme.text))
                painter.drawText(QPointF(x + size * 0.7 + 2, y + size * 0.15), moment.text)
                free_from = x + wide + 8


class TitleLayer(Layer):
    """Name and value at the cursor of each curve, in the top left corner."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look()
        self.names: list[tuple[str, str, str]] = []

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.update()

    def say(self, names: list[tuple[str, str, str]]) -> None:
        """Take name, colour and value of each curve."""
        if names != self.names:
            self.names = names
            self.update()

    def draw(self, painter: QPainter, to_pixels: QTransform, area: QRectF) -> None:  # noqa: ARG002
        """Draw names and values in a line."""
        bold = self._look.font(self._look.sizes.small, bold=True)
        metrics = QFontMetricsF(bold)
        painter.setFont(bold)
        x, y = area.left() + 8, area.top() + 4
        width = sum(metrics.horizontalAdvance(f"{name}  {value}") + 44 for name, _, value in self.names)
        painter.fillRect(
            QRectF(area.left(), area.top(), width, metrics.height() + 8),
            with_alpha(self._look.theme.panel, 0.8),
        )
        for name, colour, value in self.names:
            painter.setPen(QPen(QColor(colour), 2))
            painter.drawLine(QPointF(x, y + metrics.height() / 2), QPointF(x + 16, y + metrics.height() / 2))
            painter.drawText(QPointF(x + 22, y + metrics.ascent()), name)
            x += 22 + metrics.horizontalAdvance(f"{name} ")
            painter.setPen(QColor(self._look.theme.text))
            painter.drawText(QPointF(x, y + metrics.ascent()), value)
            x += metrics.horizontalAdvance(value) + 22
