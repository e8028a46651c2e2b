"""The big number, readable from three metres, and the lifter's own zone under it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.style import Look, draw_level, with_alpha
from gui.view_state import Headline, Standing
from gui.words import MINUS, MISSING, whole_degrees

DIGITS_EVERY_S = 0.12
"""Digits that change faster than eight times a second cannot be read; the pointer may."""
_STANDING_WORDS = {
    Standing.UNKNOWN: "",
    Standing.USUAL: "in your range",
    Standing.CAUTION: "near your limit",
    Standing.ALERT: "past your limit",
}
_AHEAD = "limit ahead: stop"
"""Half a second before it: said while the lifter can still stop."""
_WIDEST = f"{MINUS}88"
"""Room for two figures and a sign; the degree sign stands beside them, half as large."""


class HeadlineView(QWidget):
    """Title, number, what it means, and the band gauge."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._shown: Headline | None = None
        self._digits = MISSING
        self._digits_at_s = float("-inf")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Angle now")

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size at which nothing overlaps."""
        scale = self._look.sizes.scale
        return QSize(round(230 * scale), round(190 * scale))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the preferred size."""
        scale = self._look.sizes.scale
        return QSize(round(310 * scale), round(270 * scale))

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.updateGeometry()
        self.update()

    def show_headline(self, headline: Headline, now_s: float) -> None:
        """Show a number; repaint only what changed."""
        before = self._shown
        turned = before is None or (before.standing, before.ahead) != (headline.standing, headline.ahead)
        due = not 0 <= now_s - self._digits_at_s < DIGITS_EVERY_S
        if turned or due or headline.value_deg is None:
            digits = MISSING if headline.value_deg is None else whole_degrees(headline.value_deg)
            if digits != self._digits or turned:
                self._digits = digits
                said = (headline.title, digits, headline.direction, _standing_words(headline))
                self.setAccessibleDescription(" ".join(said).strip())
            self._digits_at_s = now_s
        self._shown = headline
        if before != headline:
            self.update()

    def shown_text(self) -> str:
        """Return what the widget says."""
        return str(self.accessibleDescription())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint everything."""
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        sizes = self._look.sizes
        area = QRectF(self.rect())
        line = QFontMetricsF(self._look.font(sizes.body)).height()
        gauge_height = line * 2.9
        self._draw_title(painter, QRectF(area.left(), area.top(), area.width(), line * 2.4), shown)
        number = QRectF(area.left(), area.top() + line * 2.6, area.width(), 0)
        number.setBottom(area.bottom() - gauge_height - line * 1.7)
        self._draw_number(painter, number, shown)
        words = QRectF(area.left(), number.bottom(), area.width(), line * 1.3)
        self._draw_words(painter, words, shown)
        self._draw_gauge(
            painter, QRectF(area.left(), area.bottom() - gauge_height, area.width(), gauge_height), shown
        )
        painter.end()

    def _draw_title(self, painter: QPainter, box: QRectF, shown: Headline) -> None:
        theme, sizes = self._look.theme, self._look.sizes
        title = theme.flexion if shown.is_flexion else theme.tilt
        painter.setPen(QColor(theme.soft if shown.provisional else title))
        painter.setFont(self._look.font(sizes.title, bold=True))
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, shown.title)
        painter.setPen(QColor(theme.soft))
        painter.setFont(self._look.font(sizes.small))
        painter.drawText(box, Qt.AlignmentFlag.AlignBottom, shown.reference)

    def _draw_number(self, painter: QPainter, box: QRectF, shown: Headline) -> None:
        font = self._look.font(100, bold=True)
        metrics = QFontMetricsF(font)
        # Figures stand on the baseline and reach to capital height: the leading is not needed.
        across = box.width() * 0.84 / metrics.horizontalAdvance(_WIDEST)
        upright = box.height() * 0.94 / metrics.capHeight()
        font.setPixelSize(max(12, int(100 * min(across, upright))))
        metrics = QFontMetricsF(font)
        baseline = box.center().y() + metrics.capHeight() / 2
        colour = self._look.standing_colour(shown.standing)
        if shown.provisional:
            colour = QColor(self._look.theme.soft)
        painter.setPen(colour)
        painter.setFont(font)
        digits = self._digits.removesuffix("°")
        painter.drawText(QPointF(box.left(), baseline), digits)
        right = box.left() + metrics.horizontalAdvance(digits)
        top = baseline - metrics.capHeight()
        if digits != self._digits:
            painter.setFont(self._look.font(font.pixelSize() // 2, bold=True))
            small = QFontMetricsF(painter.font())
            painter.drawText(QPointF(right, top + small.capHeight()), "°")
        if shown.standing in {Standing.CAUTION, Standing.ALERT}:
            side = metrics.capHeight() * 0.3
            draw_level(
                painter, QRectF(box.right() - side, baseline - side, side, side), shown.standing, colour
            )

    def _draw_words(self, painter: QPainter, box: QRectF, shown: Headline) -> None:
        theme, sizes = self._look.theme, self._look.sizes
        right = _standing_words(shown)
        bold = QFontMetricsF(self._look.font(sizes.body, bold=True))
        plain = QFontMetricsF(self._look.font(sizes.body))
        room = box.width() - bold.horizontalAdvance(right) - 8
        sigma = "" if shown.sigma_deg is None else f"± {shown.sigma_deg:.0f}°"
        choices = (f"{shown.direction}, {sigma}" if sigma else shown.direction, shown.direction, sigma, "")
        left = next(text for text in choices if not text or plain.horizontalAdvance(text) <= room)
        painter.setFont(self._look.font(sizes.body))
        painter.setPen(QColor(theme.soft))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, left)
        painter.setFont(self._look.font(sizes.body, bold=True))
        painter.setPen(
            QColor(theme.caution) if shown.provisional else self._look.standing_colour(shown.standing)
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)

    def _draw_gauge(self, painter: QPainter, box: QRectF, shown: Headline) -> None:
        theme, sizes, zone = self._look.theme, self._look.sizes, shown.zone
        pad = sizes.small * 0.7
        track = QRectF(
            box.left() + pad, box.top() + box.height() * 0.36, box.width() - 2 * pad, sizes.body * 0.8
        )

        def at(value_deg: float) -> float:
            share = (value_deg - zone.low_deg) / (zone.high_deg - zone.low_deg)
            return track.left() + track.width() * min(1.0, max(0.0, share))

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        if zone.usual_deg is not None:
            left, right = at(zone.usual_deg[0]), at(zone.usual_deg[1])
            painter.setBrush(with_alpha(theme.usual, 0.75))
            painter.drawRoundedRect(QRectF(left, track.top(), max(3, right - left), track.height()), 3, 3)
        self._draw_limits(painter, track, shown, at)
        if shown.value_deg is not None and not shown.provisional:
            x = at(shown.value_deg)
            size = sizes.body * 0.6
            points = [(-size * 0.75, -size * 1.5), (size * 0.75, -size * 1.5), (0, 0)]
            painter.setPen(QPen(QColor(theme.panel), 1))
            painter.setBrush(self._look.standing_colour(shown.standing))
            painter.drawPolygon(QPolygonF([QPointF(x + dx, track.top() + dy) for dx, dy in points]))
            painter.drawRect(QRectF(x - 1.5, track.top(), 3, track.height()))

    def _draw_limits(
        self, painter: QPainter, track: QRectF, shown: Headline, at: Callable[[float], float]
    ) -> None:
        theme, zone = self._look.theme, shown.zone
        painter.setFont(self._look.font(self._look.sizes.small))
        metrics = QFontMetricsF(painter.font())
        beneath = track.bottom() + metrics.ascent() + 5
        taken: list[tuple[float, float]] = []
        marks = [
            (zone.alert_deg, theme.alert, "limit "),
            (zone.caution_deg, theme.caution, ""),
            (0.0, theme.soft, ""),
            (zone.low_deg, theme.soft, ""),
            (zone.high_deg, theme.soft, ""),
        ]
        for value, colour, prefix in marks:
            if value is None:
                continue
            x = at(value)
            if colour != theme.soft or value == 0:
                painter.setPen(QPen(QColor(colour), 2))
                painter.drawLine(QPointF(x, track.top() - 2), QPointF(x, track.bottom() + 2))
            text = prefix + whole_degrees(value)
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, 0), self.width() - width)
            if any(left < b + 6 and left + width > a - 6 for a, b in taken):
                continue
            taken.append((left, left + width))
            painter.setPen(QColor(colour))
            painter.drawText(QPointF(left, beneath), text)


def _standing_words(shown: Headline) -> str:
    if shown.provisional:
        return "provisional"
    if shown.ahead and shown.standing is Standing.CAUTION:
        return _AHEAD
    return _STANDING_WORDS[shown.standing]
