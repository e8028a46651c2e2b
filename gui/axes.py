"""Axes of a plot in the colours of the window."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from gui.style import Look


def restyle_axes(plot: pg.PlotItem, look: Look) -> None:
    """Take colours and text size."""
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(QPen(QColor(look.theme.line), 0))
        axis.setTextPen(QColor(look.theme.soft))
        axis.setStyle(tickFont=look.font(look.sizes.small), tickLength=-4)
