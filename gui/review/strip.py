"""One of the linked plots: its axes and grid, and the layers every strip has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsItem

from gui.axes import restyle_axes
from gui.review.plot_layers import CurveLayer, SpanLayer, TitleLayer
from gui.style import Look, with_alpha
from monitor.model.samples import FloatArray


class Strip:
    """Layers in a plot: spans under its curves, the cursor and the title over them."""

    def __init__(self, plot: pg.PlotItem) -> None:
        self.plot = plot
        self.spans, self.curves, self.title = SpanLayer(), CurveLayer(), TitleLayer()
        self.cursor = pg.InfiniteLine(angle=90, movable=False)
        self._ticks: list[list[tuple[float, str]]] = []
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=True, y=False)
        plot.disableAutoRange()
        for z, item in ((-2, self.spans), (2, self.curves), (5, self.cursor), (6, self.title)):
            item.setZValue(z)
            plot.addItem(item, ignoreBounds=True)
        for still in (plot.getAxis("left"), plot.getAxis("bottom"), self.spans, self.curves):
            still.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def restyle(self, look: Look, inks: Mapping[str, str]) -> None:
        """Take colours and sizes; `inks` are the colours of the curves by name."""
        theme = look.theme
        self.spans.restyle(look)
        self.title.restyle(look)
        self.cursor.setPen(pg.mkPen(theme.text, width=1))
        self.curves.restyle(inks, with_alpha(theme.line, 0.55))
        restyle_axes(self.plot, look)
        self.plot.getAxis("left").setWidth(round(14 + 36 * look.sizes.scale))

    def show_levels(self, levels: FloatArray, text: Callable[[float], str]) -> None:
        """Draw the grid at these values and write them beside it."""
        ticks = [[(float(v), text(v)) for v in levels]]
        if ticks != self._ticks:  # an axis that is told its ticks again draws them again
            self._ticks = ticks
            self.plot.getAxis("left").setTicks(ticks)
            self.curves.show_grid(levels)
