"""The scrolling plot: tilt and flexion over the last seconds, repetitions and marks at their time.

What keeps a frame cheap, each measured: the x range never moves (the data is shifted instead),
the y range is fixed, the grid is ours and static, curves are drawn as separate segments, and no
item is ever re-created.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsItem, QWidget

from gui.axes import restyle_axes
from gui.layers import BandLayer, ZoneLayer
from gui.mark_layer import MarkLayer
from gui.ring import Snapshot
from gui.style import Look, with_alpha
from gui.view_state import Mark, ViewState
from gui.words import MINUS, clock_text, whole_degrees
from monitor.model.samples import BoolArray, FloatArray

WINDOW_S = 15.0
"""Two to four repetitions at once."""
_RIGHT_ROOM = 0.02
"""Room right of "now", as a share of the window, for the dot and the word; grows with the text."""
_MOST_HEAD = 0.5
"""The tags may take half the height at most."""
_STEP_DEG = 20.0
_RECENT_S = 3.0
_GRID_HZ = 100
_STEPS_DEG = (10.0, 20.0, 30.0, 60.0)
_PAGE = 0.8
"""Share of a calm page that is still empty when it is turned."""


class TracePlot(pg.PlotWidget):  # type: ignore[misc]
    """Curves over the window [-W, 0] s, where 0 is the newest sample."""

    def __init__(self, look: Look, parent: QWidget | None = None, *, window_s: float = WINDOW_S) -> None:
        super().__init__(parent)
        self.setObjectName("traces")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.window_s = window_s
        self._look = look
        self._range_deg = (0.0, 1.0)
        self._right_s = 0.0
        self._weighed: tuple[bool, bool] | None = None
        self._calm = False
        self._page_end_s = 0.0
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        item.disableAutoRange()
        item.layout.setContentsMargins(2, 2, 2, 2)
        self._zones = ZoneLayer()
        self._grid = pg.PlotCurveItem(connect="pairs")
        self._band = BandLayer()
        self._tilt = pg.PlotCurveItem(antialias=True)
        self._flexion = pg.PlotCurveItem(antialias=True)
        self._marks = MarkLayer()
        for curve in (self._tilt, self._flexion):
            # Joined lines of two pixels cost three times as much as separate ones.
            curve.setSegmentedLineMode("on")
        for z, layer in enumerate(
            (self._zones, self._grid, self._band, self._tilt, self._flexion, self._marks)
        ):
            layer.setZValue(z)
            item.addItem(layer, ignoreBounds=True)
        for side in ("left", "bottom"):
            item.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._tick_seconds()
        self.restyle(look)
        item.getViewBox().sigResized.connect(self._set_range)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a size that leaves the layout free to choose."""
        return QSize(600, 300)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        theme = look.theme
        self.setBackground(theme.panel)
        self._grid.setPen(QPen(with_alpha(theme.line, 0.6), 0))
        self._weighed = None
        restyle_axes(self.getPlotItem(), look)
        self.getPlotItem().getAxis("left").setWidth(round(12 + 34 * look.sizes.scale))
        self.getPlotItem().getAxis("bottom").setHeight(round(4 + 16 * look.sizes.scale))
        self._zones.restyle(look)
        self._marks.restyle(look)
        self._right_s = self.window_s * _RIGHT_ROOM * (1 + look.sizes.scale / 2)
        self.getPlotItem().setXRange(-self.window_s, self._right_s, padding=0)
        self._set_range()

    def show_frame(self, rows: Snapshot, view: ViewState, message: str = "", *, calm: bool = False) -> None:
        """Draw one frame.

        Parameters
        ----------
        rows
            The newest rows.
        view
            Marks, repetitions and limits.
        message
            Why nothing moves; empty while data flows.
        calm
            Turn the page when it is full instead of moving the curves.
        """
        now_s = float(rows.t_s[-1]) if len(rows) else view.now_s
        edge_s = self._edge(now_s, calm=calm)
        ago_s = rows.t_s - edge_s
        tilt_deg = np.degrees(rows.pelvic_tilt_rad)
        flexion_deg = np.degrees(rows.lumbar_flexion_rad)
        main_is_flexion = view.headline.is_flexion
        main_deg = flexion_deg if main_is_flexion else tilt_deg
        sigma_rad = rows.lumbar_flexion_sigma_rad if main_is_flexion else rows.pelvic_tilt_sigma_rad
        shows_flexion = main_is_flexion or view.thorax_measured
        counts = _counts(rows.t_s, view, now_s)
        self._fit(view, tilt_deg[counts], flexion_deg[counts] if shows_flexion else tilt_deg[:0])
        drawn = _drawn(rows)
        self._tilt.setData(ago_s[drawn], tilt_deg[drawn], connect="finite")
        if shows_flexion or self._flexion.isVisible():
            self._flexion.setVisible(shows_flexion)
            self._flexion.setData(ago_s[drawn], flexion_deg[drawn], connect="finite")
        self._weigh(main_is_flexion=main_is_flexion, provisional=view.headline.provisional)
        tilt_colour = self._look.theme.soft if view.headline.provisional else self._look.theme.tilt
        main_colour = self._look.theme.flexion if main_is_flexion else tilt_colour
        self._band.show_band(rows.t_s, edge_s, main_deg, np.degrees(sigma_rad), with_alpha(main_colour, 0.22))
        self._zones.show_zones(view.spans, view.headline.zone, edge_s, self.window_s)
        name = f"{view.headline.title}, provisional" if view.headline.provisional else "Pelvic tilt"
        names = [(name, tilt_colour, _last(tilt_deg))]
        if shows_flexion:
            names.append(("Lumbar flexion", self._look.theme.flexion, _last(flexion_deg)))
        shown = [m for m in view.marks if edge_s - (m.end_s or m.time_s) < self.window_s]
        self._marks.show_marks(shown, names, now_s, edge_s, message)

    def _weigh(self, *, main_is_flexion: bool, provisional: bool) -> None:
        """Draw the curve of the big number thick, the other one thin, a provisional one in grey."""
        if self._weighed == (main_is_flexion, provisional):
            return
        self._weighed = (main_is_flexion, provisional)
        theme = self._look.theme
        tilt = theme.soft if provisional else theme.tilt
        self._tilt.setPen(pg.mkPen(tilt, width=1 if main_is_flexion or provisional else 2))
        self._flexion.setPen(pg.mkPen(theme.flexion, width=2 if main_is_flexion else 1))

    def shown_marks(self) -> tuple[Mark, ...]:
        """Return the marks inside the window."""
        return tuple(self._marks.marks)

    def message(self) -> str:
        """Return what stands in the middle; empty while data flows."""
        return str(self._marks.message)

    def mark_seconds_ago(self) -> tuple[float, ...]:
        """Return where on the x axis each shown mark stands, in s, 0 at the right edge."""
        return tuple(m.time_s - self._marks.edge_s for m in self._marks.marks)

    def _edge(self, now_s: float, *, calm: bool) -> float:
        """Return the time at the right edge: now, or where the page ends."""
        if not calm:
            if self._calm:
                self._tick_seconds()
            self._calm = False
            return now_s
        if not self._calm or not self._page_end_s - self.window_s <= now_s <= self._page_end_s:
            self._page_end_s = now_s + _PAGE * self.window_s
            self._calm = True
            step = self.window_s / 5
            ticks = [(-i * step, clock_text(self._page_end_s - i * step)) for i in range(6)]
            self.getPlotItem().getAxis("bottom").setTicks([ticks])
        return self._page_end_s

    def _fit(self, view: ViewState, *curves: FloatArray) -> None:
        """Fix the y range; it is wider by whole steps while something in the window needs it."""
        low, high = view.headline.zone.low_deg, view.headline.zone.high_deg
        for curve in curves:
            known = curve[np.isfinite(curve)]
            if len(known):
                low -= _STEP_DEG * max(0, np.ceil((low - known.min()) / _STEP_DEG))
                high += _STEP_DEG * max(0, np.ceil((known.max() - high) / _STEP_DEG))
        if (low, high) == self._range_deg:
            return
        self._range_deg = (float(low), float(high))
        self._set_range()

    def _set_range(self, _: object = None) -> None:
        """Fit the range above the axis and leave the tags the room they need."""
        low, high = self._range_deg
        height = max(1.0, self.getPlotItem().getViewBox().height())
        head = min(_MOST_HEAD, self._marks.head_height() / height)
        self.getPlotItem().setYRange(low, high + (high - low) * head / (1 - head), padding=0)
        self._draw_grid(low, high, height * (1 - head))

    def _draw_grid(self, low: float, high: float, height: float) -> None:
        lines = max(2.0, height / (2.2 * self._look.sizes.small))
        step = next((s for s in _STEPS_DEG if (high - low) / s <= lines), 90.0)
        levels = np.arange(np.ceil((low + step / 4) / step) * step, high + 1e-9, step)
        ticks = [(float(v), whole_degrees(v)) for v in levels]
        self.getPlotItem().getAxis("left").setTicks([ticks])
        x = np.tile([-self.window_s, self._right_s], len(levels))
        self._grid.setData(x, np.repeat(levels, 2))

    def _tick_seconds(self) -> None:
        step = self.window_s / 5
        ticks = [(-i * step, f"{MINUS}{i * step:.0f} s" if i else "now") for i in range(6)]
        self.getPlotItem().getAxis("bottom").setTicks([ticks])


def _drawn(rows: Snapshot) -> BoolArray:
    """Return which rows are drawn: every hole, and every second row (50 Hz, about a pixel each).

    Rows are chosen by their time, not by their place in the window, or the curve would shimmer.
    """
    even: BoolArray = np.round(rows.t_s * _GRID_HZ).astype(np.int64) % 2 == 0
    return np.logical_or(even, np.isnan(rows.pelvic_tilt_rad))


def _counts(t_s: FloatArray, view: ViewState, now_s: float) -> BoolArray:
    """Return which rows the y range must hold: repetitions and the last moments, not the way there."""
    counts = t_s >= now_s - _RECENT_S
    for span in view.spans:
        counts |= (t_s >= span.start_s) & (t_s < span.end_s)
    return counts


def _last(values: FloatArray) -> float:
    return float(values[-1]) if len(values) else float("nan")
