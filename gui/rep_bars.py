"""The repetitions of this set as bars against the lifter's own band."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.style import Look, draw_level, with_alpha
from gui.view_state import BarChart
from gui.words import whole_degrees

_MOST_BARS = 24
_WIDEST = 34.0


class RepBars(QWidget):
    """One bar a repetition, number below, value above, shape where something was noticed."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._chart = BarChart("")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Repetitions of this set")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the preferred size."""
        return QSize(round(300 * self._look.sizes.scale), round(104 * self._look.sizes.scale))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size at which bars can be told apart."""
        return QSize(round(160 * self._look.sizes.scale), round(100 * self._look.sizes.scale))

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.updateGeometry()
        self.update()

    def show_chart(self, chart: BarChart) -> None:
        """Show the bars of a set."""
        if chart == self._chart:
            return
        self._chart = chart
        said = ", ".join(f"rep {bar.index} {whole_degrees(bar.value_deg)}" for bar in chart.bars)
        self.setAccessibleDescription(f"{chart.title}: {said or 'none yet'}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, sizes = self._look.theme, self._look.sizes
        painter.setFont(self._look.font(sizes.small, bold=True))
        line = QFontMetricsF(painter.font()).height()
        painter.setPen(QColor(theme.soft))
        title = QFontMetricsF(painter.font()).elidedText(
            self._chart.title, Qt.TextElideMode.ElideRight, self.width() - 4
        )
        painter.drawText(QPointF(2, line * 0.85), title)
        if self._chart.usual_deg is not None:
            self._draw_key(painter, line)
        area = QRectF(0, line * 2.1, self.width(), self.height() - line * 3.2)
        if area.height() > line:
            self._draw_band(painter, area)
            self._draw_bars(painter, area, line)
        painter.end()

    def _draw_key(self, painter: QPainter, line: float) -> None:
        theme = self._look.theme
        painter.setFont(self._look.font(self._look.sizes.small))
        metrics = QFontMetricsF(painter.font())
        left = self.width() - metrics.horizontalAdvance("usual") - 2
        if left - line < metrics.horizontalAdvance(self._chart.title) * 1.15:
            return
        painter.setPen(QColor(theme.usual))
        painter.drawText(QPointF(left, line * 0.85), "usual")
        painter.fillRect(
            QRectF(left - line, line * 0.2, line * 0.7, line * 0.7), with_alpha(theme.usual, 0.3)
        )

    def _top_deg(self) -> float:
        chart = self._chart
        values = [bar.value_deg for bar in chart.bars]
        values += [v for v in (*(chart.usual_deg or ()), chart.caution_deg, chart.alert_deg) if v is not None]
        return max([10.0, *values]) * 1.06

    def _draw_band(self, painter: QPainter, area: QRectF) -> None:
        theme, chart = self._look.theme, self._chart
        scale = area.height() / self._top_deg()
        if chart.usual_deg is not None:
            low, high = (max(0.0, v) for v in chart.usual_deg)
            top = area.bottom() - high * scale
            painter.fillRect(
                QRectF(area.left(), top, area.width(), (high - low) * scale), with_alpha(theme.usual, 0.2)
            )
        # The names stand on the outer sides of the two lines, however near these are.
        for limit, colour, above in (
            (chart.caution_deg, theme.caution, False),
            (chart.alert_deg, theme.alert, True),
        ):
            if limit is None:
                continue
            y = area.bottom() - limit * scale
            painter.setPen(QPen(QColor(colour), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            self._name(painter, area, y, whole_degrees(limit), colour, above=above)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _name(
        self, painter: QPainter, area: QRectF, y: float, text: str, colour: str, *, above: bool
    ) -> None:
        painter.setFont(self._look.font(self._look.sizes.small))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(colour))
        baseline = y - 2 if above else y + metrics.ascent() + 1
        painter.drawText(QPointF(area.right() - metrics.horizontalAdvance(text) - 2, baseline), text)

    def _draw_bars(self, painter: QPainter, area: QRectF, line: float) -> None:
        theme, sizes = self._look.theme, self._look.sizes
        bars = self._chart.bars[-_MOST_BARS:]
        if not bars:
            painter.setFont(self._look.font(sizes.small))
            painter.setPen(QColor(theme.soft))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "bars appear with the repetitions")
            return
        painter.setFont(self._look.font(sizes.small))
        metrics = QFontMetricsF(painter.font())
        room = metrics.horizontalAdvance("usual ") + 6
        step = min(_WIDEST * sizes.scale, (area.width() - room) / len(bars))
        scale = area.height() / self._top_deg()
        for place, bar in enumerate(bars):
            height = max(2.0, bar.value_deg * scale)
            box = QRectF(
                area.left() + place * step + step * 0.14, area.bottom() - height, step * 0.72, height
            )
            colour = self._look.level_colour(bar.level) if bar.level else QColor(theme.soft)
            if bar.complete:
                painter.fillRect(box, with_alpha(colour, 0.85))
            else:
                painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box)
            painter.setPen(QColor(theme.soft))
            under = QRectF(box.left() - step, area.bottom() + 1, box.width() + 2 * step, line)
            if step >= metrics.horizontalAdvance(f"{bars[-1].index}") + 3:
                painter.drawText(
                    under, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{bar.index}"
                )
            if bar.level is not None:
                side = min(sizes.small * 0.8, box.width())
                sign = QRectF(box.center().x() - side / 2, box.top() - side - 2, side, side)
                draw_level(painter, sign, bar.level, colour)
