"""A lifter from the side, moving with the data; what is not measured is only outlined."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.style import Look, with_alpha
from gui.view_state import Standing, ViewState

_RECLINE_DEG = {"leg press": 45.0, "hack squat": 20.0, "leg curl": 12.0, "leg extension": 12.0}
"""How far the pad leans back, for the drawing only; nothing is computed from it."""
_FRAME = (270.0, 250.0)
_FLOOR = 118.0
_CALM_EVERY_S = 0.5
_STEP_RAD = math.radians(0.5)


@dataclass(frozen=True, slots=True)
class _Pose:
    pelvis_rad: float
    thorax_rad: float | None
    recline_rad: float | None
    lifted: bool
    standing: Standing
    known: bool


class FigureView(QWidget):
    """Pelvis, lumbar spine and trunk facing right; the pad on machines."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._pose: _Pose | None = None
        self._posed_at_s = float("-inf")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Side view")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the preferred size."""
        return QSize(260, 190)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size at which the figure is still one."""
        return QSize(120, 110)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.update()

    def show_pose(self, view: ViewState, *, calm: bool = False) -> None:
        """Move to a pose; smaller steps than half a degree are not drawn, and few where it is calm."""
        if calm and 0 <= view.now_s - self._posed_at_s < _CALM_EVERY_S:
            return
        self._posed_at_s = view.now_s
        recline = _RECLINE_DEG.get(view.exercise) if view.back_supported else None
        tilt = view.tilt_rad or 0.0
        thorax = tilt + view.flexion_rad if view.thorax_measured and view.flexion_rad is not None else None
        pose = _Pose(
            pelvis_rad=_stepped(tilt),
            thorax_rad=None if thorax is None else _stepped(thorax),
            recline_rad=None if recline is None else math.radians(recline),
            lifted=view.lifted_off,
            standing=view.headline.standing,
            known=view.tilt_rad is not None,
        )
        if pose != self._pose:
            self._pose = pose
            self.update()

    def show_upright(self) -> None:
        """Show where the sensors are worn: standing, nothing measured yet."""
        self._pose = _Pose(0.0, 0.0, None, lifted=False, standing=Standing.UNKNOWN, known=True)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Paint the figure in a frame of 270 by 250 units."""
        if self._pose is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(self.width() / _FRAME[0], self.height() / _FRAME[1])
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(scale, scale)
        if self._pose.recline_rad is None:
            self._draw_standing(painter, self._pose)
        else:
            painter.scale(1.2, 1.2)
            self._draw_seated(painter, self._pose, self._pose.recline_rad)
        painter.end()

    def _draw_standing(self, painter: QPainter, pose: _Pose) -> None:
        # The hip travels back and down as the trunk leans: balance, not measurement.
        lean = pose.pelvis_rad
        hip = QPointF(-14 - 24 * math.sin(lean), 34 + 14 * (1 - math.cos(lean)))
        knee = QPointF(12 - 6 * math.cos(lean), 78)
        ankle = QPointF(-4, _FLOOR - 6)
        self._outline(painter)
        painter.drawPolyline([hip, knee, ankle, QPointF(ankle.x() + 26, ankle.y())])
        painter.setPen(QPen(QColor(self._look.theme.line), 1))
        painter.drawLine(QPointF(-90, _FLOOR), QPointF(90, _FLOOR))
        pelvis = _turned(hip, lean)
        top = pelvis.map(QPointF(0, -34))
        thorax_rad = pose.thorax_rad if pose.thorax_rad is not None else lean
        waist = _along(_along(top, (lean + thorax_rad) / 2, 26), thorax_rad, 6)
        self._draw_trunk(painter, waist, thorax_rad, measured=pose.thorax_rad is not None)
        self._draw_lumbar(painter, top, lean, waist, thorax_rad, measured=pose.thorax_rad is not None)
        self._draw_pelvis(painter, pelvis, pose)
        self._draw_vertical(painter, hip, lean)

    def _draw_seated(self, painter: QPainter, pose: _Pose, recline_rad: float) -> None:
        theme = self._look.theme
        rest = -recline_rad
        # The pelvis rolls about its upper end: its lower end is what leaves the pad.
        top = QPointF(-22, 22)
        back = QTransform().translate(top.x(), top.y()).rotateRadians(rest)
        painter.save()
        painter.setTransform(back, combine=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(QRectF(-30, -92, 12, 146), 5, 5)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(-30, 46, 74, 12), 5, 5)
        painter.restore()
        angle = rest + pose.pelvis_rad
        pelvis = QTransform().translate(top.x(), top.y()).rotateRadians(angle).translate(0, 34)
        hip = pelvis.map(QPointF(0, 0))
        self._outline(painter)
        knee = QPointF(hip.x() + 50, hip.y() - 34)
        painter.drawPolyline([hip, knee, QPointF(knee.x() + 34, knee.y() + 30)])
        thorax_rad = rest if pose.thorax_rad is None else rest + pose.thorax_rad
        waist = _along(_along(top, (angle + thorax_rad) / 2, 22), thorax_rad, 4)
        self._draw_trunk(painter, waist, thorax_rad, measured=pose.thorax_rad is not None)
        self._draw_lumbar(painter, top, angle, waist, thorax_rad, measured=pose.thorax_rad is not None)
        if pose.lifted or pose.standing is Standing.ALERT:
            self._draw_opening(painter, back, pelvis)
        self._draw_pelvis(painter, pelvis, pose)

    def _draw_opening(self, painter: QPainter, back: QTransform, pelvis: QTransform) -> None:
        path = QPainterPath(back.map(QPointF(-18, 0)))
        path.lineTo(back.map(QPointF(-18, 44)))
        path.lineTo(pelvis.map(QPointF(-16, 12)))
        path.closeSubpath()
        painter.fillPath(path, with_alpha(self._look.theme.alert, 0.85))

    def _outline(self, painter: QPainter) -> None:
        pen = QPen(QColor(self._look.theme.line), 9)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_pelvis(self, painter: QPainter, at: QTransform, pose: _Pose) -> None:
        theme = self._look.theme
        painter.save()
        painter.setTransform(at, combine=True)
        colour = QColor(theme.tilt) if pose.standing in {Standing.UNKNOWN, Standing.USUAL} else None
        colour = colour or self._look.standing_colour(pose.standing)
        painter.setPen(QPen(colour, 2.5) if pose.known else QPen(QColor(theme.line), 2, Qt.PenStyle.DashLine))
        painter.setBrush(with_alpha(colour, 0.85) if pose.known else Qt.BrushStyle.NoBrush)
        shape = QPainterPath()
        shape.moveTo(-16, -34)
        shape.quadTo(2, -40, 18, -28)
        shape.quadTo(16, -4, 4, 10)
        shape.quadTo(-8, 18, -16, 8)
        shape.closeSubpath()
        painter.drawPath(shape)
        # The sensor, where it is worn: on the sacrum.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        painter.drawRoundedRect(QRectF(-20, -22, 6, 16), 2, 2)
        painter.restore()

    def _draw_lumbar(
        self,
        painter: QPainter,
        low: QPointF,
        low_rad: float,
        high: QPointF,
        high_rad: float,
        *,
        measured: bool,
    ) -> None:
        theme = self._look.theme
        reach = 12
        path = QPainterPath(low)
        path.cubicTo(_along(low, low_rad, reach), _along(high, high_rad, -reach), high)
        pen = QPen(QColor(theme.flexion if measured else theme.line), 10)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _draw_trunk(self, painter: QPainter, waist: QPointF, angle_rad: float, *, measured: bool) -> None:
        theme = self._look.theme
        painter.save()
        painter.setTransform(_turned(waist, angle_rad), combine=True)
        if measured:
            painter.setPen(QPen(QColor(theme.flexion), 2.5))
            painter.setBrush(with_alpha(theme.flexion, 0.25))
        else:
            painter.setPen(QPen(QColor(theme.soft), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(-17, -54, 36, 54), 12, 12)
        painter.drawEllipse(QPointF(4, -74), 13, 15)
        if measured:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.text))
            painter.drawRoundedRect(QRectF(-21, -16, 6, 16), 2, 2)
        painter.restore()

    def _draw_vertical(self, painter: QPainter, hip: QPointF, lean_rad: float) -> None:
        painter.setPen(QPen(QColor(self._look.theme.soft), 1, Qt.PenStyle.DotLine))
        painter.drawLine(hip, hip + QPointF(0, -70))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        arc = QRectF(hip.x() - 62, hip.y() - 62, 124, 124)
        painter.drawArc(arc, 90 * 16, -round(math.degrees(lean_rad) * 16))


def _turned(origin: QPointF, angle_rad: float) -> QTransform:
    """Return the frame at `origin`, turned forward (clockwise, facing right)."""
    return QTransform().translate(origin.x(), origin.y()).rotateRadians(angle_rad)


def _along(origin: QPointF, angle_rad: float, length: float) -> QPointF:
    return QPointF(origin.x() + length * math.sin(angle_rad), origin.y() - length * math.cos(angle_rad))


def _stepped(angle_rad: float) -> float:
    return round(angle_rad / _STEP_RAD) * _STEP_RAD
