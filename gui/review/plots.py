"""The linked plots: tilt, flexion with its band, rates and coverage over one time axis.

What keeps a frame cheap, each measured: curves hold the smallest and largest value of every pixel
column in view (a fifth of the points, and of the time, of pyqtgraph's own downsampling), are one
pixel wide and cached as pixels, so that moving the cursor redraws none; the y ranges are fixed;
grids are a handful of lines of our own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPixmapCache
from PySide6.QtWidgets import QGraphicsItem, QWidget

from gui.review.cursor import Reading
from gui.review.decimation import coverage_steps, envelope
from gui.review.lines import Moment, RepLine, SetLine
from gui.review.plot_layers import CoverageSteps, FlexionBand
from gui.review.scales import (
    ClockAxis,
    degrees_text,
    levels_of,
    number_tick,
    percent_tick,
    rate_text,
    share_text,
    value_range,
)
from gui.review.session_data import Curves
from gui.review.strip import Strip
from gui.review.transport import SHORTEST_S
from gui.style import Look, with_alpha
from gui.words import whole_degrees

_STRIPS = (("tilt", 40), ("flexion", 40), ("rates", 26), ("coverage", 12))
"""Name and share of the height."""
_HEADS = {"tilt": 0.3, "flexion": 0.16, "rates": 0.35, "coverage": 1.0}
"""Room above the curves for names and tags, as a share of a strip's range."""
_CACHE_KB = 96 * 1024
"""Qt's own 10 MB do not hold the strips of a large screen: every frame would draw them all."""
_COVERAGE_PX = 34
BORDERS = ("start", "turn", "end")


class ReviewPlots(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Dragging pans, the wheel zooms, a click goes there; borders of the chosen repetition can be dragged.

    Attributes
    ----------
    viewed
        Emitted with the stretch a person panned or zoomed to, in s.
    went
        Emitted with the time a person clicked.
    border_moved
        Emitted with ``"start"``, ``"turn"`` or ``"end"`` and the time it was dragged to.
    """

    viewed = Signal(float, float)
    went = Signal(float)
    border_moved = Signal(str, float)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._look = look
        self._curves: Curves | None = None
        self._showing = False
        self._has_flexion = False
        self._view_s = (0.0, 1.0)
        self._limits: tuple[float, float] | None = None
        self._ranges: dict[str, tuple[float, float]] = {}
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KB))
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(4)
        self._strips: dict[str, Strip] = {}
        for row, (name, share) in enumerate(_STRIPS):
            self._strips[name] = self._make(name, row)
            self.ci.layout.setRowStretchFactor(row, share)
        self.coverage = CoverageSteps()
        self._strips["coverage"].plot.addItem(self.coverage, ignoreBounds=True)
        self.band = FlexionBand()
        self._strips["flexion"].plot.addItem(self.band, ignoreBounds=True)
        self.band.setZValue(1)
        self.band.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._borders = {name: self._border(name) for name in BORDERS}
        self._top.getViewBox().sigXRangeChanged.connect(self._ranged)
        self._top.getViewBox().sigResized.connect(self._resized)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.restyle(look)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a size that leaves the layout free to choose."""
        return QSize(700, 460)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        theme = look.theme
        self.setBackground(theme.panel)
        inks = {
            "tilt": theme.tilt,
            "flexion": theme.flexion,
            "tilt rate": theme.tilt,
            "twist rate": theme.usual,
        }
        for strip in self._strips.values():
            strip.restyle(look, inks)
        bottom = self._strips["coverage"].plot.getAxis("bottom")
        bottom.setHeight(round(6 + 16 * look.sizes.scale))
        self.ci.layout.setRowFixedHeight(len(_STRIPS) - 1, round(6 + (16 + _COVERAGE_PX) * look.sizes.scale))
        self.coverage.colour = QColor(theme.soft)
        self.band.colour = with_alpha(theme.flexion, 0.25)
        for line in self._borders.values():
            line.setPen(pg.mkPen(theme.focus, width=2, style=Qt.PenStyle.DashLine))
            line.setHoverPen(pg.mkPen(theme.focus, width=4))
        self._set_y()

    def show_session(
        self,
        curves: Curves,
        end_s: float,
        sets: Sequence[SetLine],
        limits_deg: tuple[float, float] | None,
    ) -> None:
        """Take another session, or the same one judged anew; its sets decide the y ranges."""
        self._curves = curves
        self._has_flexion = curves.has_flexion
        self._limits = limits_deg
        self.band.show_band(curves)
        self._strips["flexion"].plot.setVisible(curves.has_flexion)
        self.ci.layout.setRowStretchFactor(1, 40 if curves.has_flexion else 0)
        self.ci.layout.setRowMaximumHeight(1, 16777215 if curves.has_flexion else 0)
        inside = np.zeros(len(curves.t_s), dtype=np.bool_)
        for one in sets:
            inside[slice(*np.searchsorted(curves.t_s, (one.start_s, one.end_s)).tolist())] = True
        if not inside.any():
            inside[:] = True
        self._ranges = {
            "tilt": value_range([curves.tilt[inside]], 10.0, [0.0, *(limits_deg or ())]),
            "flexion": value_range([curves.flexion[inside]], 10.0, [0.0]),
            "rates": value_range([curves.tilt_rate[inside], curves.twist_rate[inside]], 50.0, [0.0]),
            "coverage": (0.0, 100.0),
        }
        self._strips["tilt"].spans.limits_deg = limits_deg
        self._showing = True
        self._top.getViewBox().setLimits(
            xMin=0.0, xMax=end_s, minXRange=min(SHORTEST_S, end_s), maxXRange=end_s
        )
        self._showing = False
        self._set_y()
        self._draw_view(*self.view())

    def show_events(
        self,
        reps: Sequence[RepLine],
        sets: Sequence[SetLine],
        moments: Sequence[Moment],
        chosen: RepLine | None,
        loop_s: tuple[float, float] | None,
    ) -> None:
        """Take what lies under the curves, and which repetition is chosen."""
        for name, strip in self._strips.items():
            strip.spans.show_events(reps, sets, moments, chosen, loop_s, tagged=name == "tilt")
        for name, line in self._borders.items():
            line.setVisible(chosen is not None)
            if chosen is not None:
                line.setValue(getattr(chosen, f"{name}_s"))

    def show_place(self, view_s: tuple[float, float], now_s: float, reading: Reading) -> None:
        """Move view and cursor; this never comes back as a signal."""
        if view_s != self._view_s:
            self._view_s = view_s
            self._showing = True
            self._top.setXRange(*view_s, padding=0)
            self._showing = False
        for strip in self._strips.values():
            strip.cursor.setValue(now_s)
        theme = self._look.theme
        sigma = "" if np.isnan(reading.sigma) else f" ± {reading.sigma:.0f}°"
        said = {
            "tilt": [("Pelvic tilt", theme.tilt, degrees_text(reading.tilt))],
            "flexion": [("Lumbar flexion", theme.flexion, degrees_text(reading.flexion) + sigma)],
            "rates": [
                ("Tilt rate", theme.tilt, rate_text(reading.tilt_rate)),
                ("Twist rate", theme.usual, rate_text(reading.twist_rate)),
            ],
            "coverage": [("Samples received", theme.soft, share_text(reading.coverage))],
        }
        for name, names in said.items():
            self._strips[name].title.say(names)

    def values_shown(self) -> str:
        """Return the values at the cursor as they are written, strip by strip."""
        strips = [s for n, s in self._strips.items() if s.plot.isVisible() or n == "tilt"]
        return ", ".join(f"{name} {value}" for strip in strips for name, _, value in strip.title.names)

    def border_line(self, border: str) -> pg.InfiniteLine:
        """Return the line that can be dragged."""
        return self._borders[border]

    def view(self) -> tuple[float, float]:
        """Return the stretch the plots really show, in s."""
        low, high = self._top.getViewBox().viewRange()[0]
        return float(low), float(high)

    @property
    def _top(self) -> pg.PlotItem:
        return self._strips["tilt"].plot

    def _make(self, name: str, row: int) -> Strip:
        axes = {"bottom": ClockAxis("bottom")} if name == "coverage" else None
        plot = self.addPlot(row=row, col=0, axisItems=axes)
        if name != "coverage":
            plot.hideAxis("bottom")
        if row:
            plot.setXLink(self._top)
        return Strip(plot)

    def _border(self, name: str) -> pg.InfiniteLine:
        line = pg.InfiniteLine(angle=90, movable=True)
        line.setZValue(4)
        line.hide()
        self._top.addItem(line, ignoreBounds=True)
        line.sigPositionChangeFinished.connect(
            lambda moved: self.border_moved.emit(name, float(moved.value()))
        )
        return line

    def _draw_view(self, start_s: float, stop_s: float) -> None:
        """Give every curve what it needs for a stretch, and no more."""
        pixels = max(2, int(self._top.getViewBox().width()))
        curves = self._curves
        if curves is None:
            return
        for strip, name, values in (
            ("tilt", "tilt", curves.tilt),
            ("flexion", "flexion", curves.flexion),
            ("rates", "tilt rate", curves.tilt_rate),
            ("rates", "twist rate", curves.twist_rate),
        ):
            if strip != "flexion" or self._has_flexion:
                x, y = envelope(curves.t_s, values, start_s, stop_s, pixels)
                self._strips[strip].curves.show_curve(name, x, y)
        edges, least = coverage_steps(curves.bin_s, curves.coverage, start_s, stop_s, pixels)
        self.coverage.show_steps(edges, least)
        self.band.show_view(start_s, stop_s, pixels)

    def _ranged(self, _: object, view_s: tuple[float, float]) -> None:
        """Tell of a stretch a person chose; not of one that was asked of us."""
        self._draw_view(*view_s)
        if not self._showing and self._curves is not None:
            self._view_s = (float(view_s[0]), float(view_s[1]))
            self.viewed.emit(*self._view_s)

    def _resized(self, _: object) -> None:
        self._set_y()
        self._draw_view(*self.view())

    def _set_y(self) -> None:
        for name, (low, high) in self._ranges.items():
            head = (high - low) * _HEADS[name]
            self._strips[name].plot.setYRange(low, high + head, padding=0.02)
        self._set_grid()

    def _set_grid(self) -> None:
        for name, (low, high) in self._ranges.items():
            strip = self._strips[name]
            height = strip.plot.getViewBox().height()
            lines = max(2.0, height / (3.2 * self._look.sizes.small))
            levels = levels_of(low, high, lines) if name != "coverage" else np.array([0.0, 100.0])
            text = number_tick if name == "rates" else whole_degrees
            if name == "coverage":
                text = percent_tick
            strip.show_levels(levels, text)

    def _clicked(self, event: object) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        where = event.scenePos()  # type: ignore[attr-defined]
        for strip in self._strips.values():
            box = strip.plot.getViewBox()
            if strip.plot.isVisible() and box.sceneBoundingRect().contains(where):
                self.went.emit(float(box.mapSceneToView(where).x()))
                return
