"""Plots that stand still, in the product's look."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGraphicsItem

from gui.axes import restyle_axes
from gui.style import Look
from gui.words import MINUS


class _SignedAxis(pg.AxisItem):  # type: ignore[misc]
    """Figures with a true minus sign and their unit."""

    def __init__(self, unit: str) -> None:
        super().__init__("left")
        self._unit = unit

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return [text.replace("-", MINUS) + self._unit for text in super().tickStrings(values, scale, spacing)]


def plain_plot(look: Look, unit: str = "") -> pg.PlotWidget:
    """Return a plot without menus that nobody can drag; its grid is cached as pixels."""
    made = pg.PlotWidget(axisItems={"left": _SignedAxis(unit)})
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    item = made.getPlotItem()
    item.hideButtons()
    item.setMenuEnabled(False)
    item.setMouseEnabled(x=False, y=False)
    item.disableAutoRange()
    item.showGrid(x=False, y=True, alpha=0.15)
    for side in ("left", "bottom"):
        item.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
    restyle_plot(made, look)
    return made


def restyle_plot(plot: pg.PlotWidget, look: Look) -> None:
    """Take colours and sizes."""
    theme = look.theme
    plot.setBackground(theme.panel)
    restyle_axes(plot.getPlotItem(), look)
    plot.getPlotItem().getAxis("left").setWidth(round(12 + 34 * look.sizes.scale))
    plot.getPlotItem().getAxis("bottom").setHeight(round(6 + 16 * look.sizes.scale))
