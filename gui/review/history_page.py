"""The history page: trends of one exercise with error bars, and what they suggest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.panels import Panel, label, say, scrolling
from gui.review.charts import plain_plot, restyle_plot
from gui.review.choice import Choice
from gui.review.history_presenter import COLUMNS, Chart, advice, charts, date_ticks, rows, trend_words
from gui.review.study import lay_out
from gui.review.table import TextTable
from gui.style import Look
from gui.words import MISSING
from monitor.history import Trend

_ACROSS = 3
_NARROW = 1080.0
"""Width, at 100 % text, below which columns give way that a chart or the session shows as well."""
_GIVES_WAY = {"Sets", "Reps"}
NOTHING = "No session of the library holds a set yet."


class HistoryPage(QWidget):
    """Charts above, advice and sessions below.

    Attributes
    ----------
    opened
        Emitted with the name of the session that was asked for.
    """

    opened = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self._trends: tuple[Trend, ...] = ()
        self.choice = Choice()
        self.choice.activated.connect(lambda _: self._show())
        self.advice = label(wrap=True)
        self.message = label(NOTHING, "soft", wrap=True)
        self.charts: list[TrendChart] = []
        self._grid = QGridLayout()
        angle, share = "00 ± 00°", "\u221200 ± 00 %"
        widest = ("22 Nov 2026", "000.0 kg", "00", "000", angle, angle, share, share, "10", "0", "")
        self.table = TextTable(look, COLUMNS, widest, figures=range(1, 10), parent=self)
        self.table.opened.connect(self._open)
        self._build(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.table.restyle(look)
        for chart in self.charts:
            chart.restyle(look)

    def show_trends(self, trends: Sequence[Trend], athlete: str = "", exercise: str = "") -> None:
        """Take the trends; the one of athlete and exercise comes first unless another was chosen."""
        held = self.choice.currentData()
        self._trends = tuple(sorted(trends, key=lambda t: -len(t.points)))
        keys = [(t.athlete, t.exercise) for t in self._trends]
        self.choice.clear()
        for at, trend in enumerate(self._trends):
            self.choice.addItem(trend_words(trend), keys[at])
        wanted = held if held in keys else (athlete, exercise)
        self.choice.setCurrentIndex(keys.index(wanted) if wanted in keys else (0 if keys else -1))
        self._show()

    def trend(self) -> Trend | None:
        """Return the trend that is shown."""
        at = self.choice.currentIndex()
        return self._trends[at] if 0 <= at < len(self._trends) else None

    def shown_text(self) -> str:
        """Return what the page says, line by line."""
        titles = [chart.shown_text() for chart in self.charts if chart.isVisibleTo(self)]
        return "\n".join([*titles, self.advice.text(), self.table.shown_text()])

    def _show(self) -> None:
        trend = self.trend()
        self.message.setVisible(trend is None)
        self._body.setVisible(trend is not None)
        self.choice.setVisible(trend is not None)
        if trend is None:
            return
        made = charts(trend)
        while len(self.charts) < len(made):
            chart = TrendChart(self._look)
            at = len(self.charts)
            self._grid.addWidget(chart, at // _ACROSS, at % _ACROSS)
            self.charts.append(chart)
        ticks = date_ticks(trend.points)
        for at, chart in enumerate(self.charts):
            chart.setVisible(at < len(made))
            if at < len(made):
                chart.show_chart(made[at], ticks)
        say(self.advice, "\n".join(advice(trend)))
        self.table.show_rows(rows(trend))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out columns where there is no room for all."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out columns in which nothing is known, and where there is little room those of a chart."""
        shown = self.table.texts.rows
        narrow = self.width() < _NARROW * self._look.sizes.scale
        for at, name in enumerate(COLUMNS):
            empty = all(row[at] == MISSING for row in shown)
            self.table.setColumnHidden(at, empty or (narrow and name in _GIVES_WAY))

    def _open(self, row: int) -> None:
        trend = self.trend()
        if trend is not None:
            self.opened.emit(trend.points[len(trend.points) - 1 - row].session)

    def _build(self, look: Look) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.choice)
        bar.addStretch(1)
        bar.addWidget(label("Bars: 95 %, sensor taken off and put on again included", "small"))
        self._grid.setSpacing(look.sizes.gap)
        inside = QWidget()
        inside.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        below = Panel()
        lists = QHBoxLayout(below)
        lists.setContentsMargins(16, 12, 16, 12)
        lists.setSpacing(20)
        said = QWidget()
        told = QVBoxLayout(said)
        told.setContentsMargins(0, 0, 8, 0)
        told.addWidget(label("For the next session", "overline"))
        told.addWidget(self.advice)
        told.addStretch(1)
        lists.addWidget(scrolling(said), 22)
        lists.addWidget(self.table, 78)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.sizes.gap)
        column.addWidget(inside, 64)
        column.addWidget(below, 36)
        lay_out(self, bar, self._body, self.message)


class TrendChart(Panel):
    """One figure over the sessions."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label(role="overline")
        self._last = label()
        self.plot = plain_plot(look)
        self._errors = pg.ErrorBarItem()
        self._line = pg.PlotDataItem(symbol="o", symbolSize=8, connect="finite")
        self.plot.addItem(self._errors)
        self.plot.addItem(self._line)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._last)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 6)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.plot, 1)
        self.plot.setMinimumHeight(70)
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        theme = look.theme
        restyle_plot(self.plot, look)
        self._errors.setData(pen=pg.mkPen(theme.soft, width=1), beam=0.12)
        self._line.setPen(pg.mkPen(theme.tilt, width=1, style=Qt.PenStyle.DotLine))
        self._line.setSymbolBrush(theme.tilt)
        self._line.setSymbolPen(None)

    def show_chart(self, chart: Chart, ticks: list[tuple[float, str]]) -> None:
        """Show one figure."""
        say(self._title, chart.title)
        known = np.isfinite(chart.values)
        x, y, error = chart.at[known], chart.values[known], chart.errors[known]
        newest = f"{y[-1]:.0f}"
        spread = f" ± {error[-1]:.0f}" if round(error[-1]) else ""
        unit = chart.unit if chart.unit in {"", "°"} else f" {chart.unit}"
        say(self._last, f"{newest}{spread}{unit}".replace("-", "\u2212"))
        self._line.setData(x, y)
        held = error > 0
        self._errors.setData(x=x[held], y=y[held], top=error[held], bottom=error[held])
        low, high = float((y - error).min()), float((y + error).max())
        positive = low >= 0
        if positive:
            low = max(0.0, low - (high - low))
        room = max(1.0, (high - low) * 0.12, 4.0 - (high - low))
        foot = max(-0.08 * (high + room), low - room) if positive else low - room
        self.plot.setXRange(-0.4, len(chart.at) - 0.6, padding=0)
        self.plot.setYRange(foot, high + room, padding=0)
        self.plot.getAxis("bottom").setTicks([ticks])

    def shown_text(self) -> str:
        """Return title and newest value."""
        return f"{self._title.text()}  {self._last.text()}"
