"""The compare page: means and bands of two sets over one phase, and which changes are real."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.panels import Panel, label, say
from gui.review.charts import plain_plot, restyle_plot
from gui.review.choice import Choice
from gui.review.compare_presenter import CHANNEL_WORDS, COLUMNS, Overlay, phase_words, set_words, summary
from gui.review.study import lay_out
from gui.review.table import TextTable
from gui.style import Look, with_alpha
from monitor.compare import SetOf

NOTHING = "Open a session first: one of its sets is laid over another of the same exercise."
NO_PARTNER = "No other set of this exercise yet."


class ComparePage(QWidget):
    """Two sets to choose, a plot, and figures.

    Attributes
    ----------
    asked
        Emitted when other sets or another channel were chosen.
    """

    asked = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._look = look
        self._shown: Overlay | None = None
        self.this, self.other, self.channel = Choice(), Choice(), Choice()
        self.message = label(NOTHING, "soft", wrap=True)
        self.summary = label(wrap=True)
        self.remark = label(role="small", wrap=True)
        self.keys = [label(), label()]
        self.abouts = [label(role="small"), label(role="small")]
        self.table = TextTable(
            look,
            COLUMNS,
            ("", "\u221200.0 s", "\u221200.0 s", "\u221200.0 s", "00.0 s"),
            figures=(1, 2, 3, 4),
            stretch=0,
            wraps=True,
            hints=("", "", "", "Grey: within the measurement's error", "A change counts from here on"),
            parent=self,
        )
        self.plot = plain_plot(look, "°")
        self._reps = [pg.PlotCurveItem(connect="finite", antialias=True) for _ in range(2)]
        self._edges = [(pg.PlotCurveItem(), pg.PlotCurveItem()) for _ in range(2)]
        self._bands = [pg.FillBetweenItem(low, high) for low, high in self._edges]
        self._means = [pg.PlotCurveItem(antialias=True) for _ in range(2)]
        self._real = pg.BarGraphItem(x=[], height=[], width=1.0)
        for z, item in enumerate((*self._bands, *self._reps, *self._means, self._real)):
            item.setZValue(z)
            self.plot.addItem(item)
        self.plot.getAxis("bottom").setTicks([phase_words()])
        self._build(look)
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        restyle_plot(self.plot, look)
        self.table.restyle(look)
        self._ink()
        if self._shown is not None:
            self.show_overlay(self._shown)

    def _ink(self) -> None:
        for at, ink in enumerate(self._inks()):
            self._bands[at].setBrush(with_alpha(ink, 0.16))
            self._reps[at].setPen(pg.mkPen(with_alpha(ink, 0.35), width=1))
            self._means[at].setPen(pg.mkPen(ink, width=3))
            self.keys[at].setStyleSheet(f"color: {ink}; font-weight: 600")

    def offer(
        self, mine: Sequence[SetOf], others: Sequence[SetOf], channels: Sequence[str], here: str
    ) -> None:
        """Offer sets and channels; what was chosen stays chosen where it still is offered."""
        _offer(self.this, [(set_words(s, here), (s.session, s.index)) for s in mine])
        _offer(self.other, [(set_words(s, here), (s.session, s.index)) for s in others])
        _offer(self.channel, [(CHANNEL_WORDS[c], c) for c in channels])
        if mine and not others:
            self.show_message(NO_PARTNER)

    def show_message(self, text: str) -> None:
        """Show a sentence instead of a comparison."""
        self._shown = None
        say(self.message, text)
        self._body.hide()
        self.message.show()

    def show_overlay(self, shown: Overlay) -> None:
        """Show a comparison."""
        self._shown = shown
        self.message.hide()
        self._body.show()
        self._ink()
        x = np.linspace(0.0, 100.0, len(shown.before.mean_rad))
        for at, (mean, reps) in enumerate(
            ((shown.before, shown.reps_before), (shown.after, shown.reps_after))
        ):
            low, high = (np.degrees(edge) for edge in mean.band_rad)
            self._edges[at][0].setData(x, low)
            self._edges[at][1].setData(x, high)
            self._means[at].setData(x, np.degrees(mean.mean_rad))
            apart = np.column_stack((np.degrees(reps), np.full(len(reps), np.nan))).ravel()
            self._reps[at].setData(np.tile(np.append(x, np.nan), len(reps)), apart)
            say(self.keys[at], f"{('Before', 'Now')[at]}: {shown.titles[at]}")
            say(self.abouts[at], shown.about[at])
        self._fit(shown, x)
        say(self.summary, summary(shown))
        say(self.remark, shown.remark)
        greyed = [at for at, real in enumerate(shown.real) if not real]
        self.table.show_rows(list(shown.rows), greyed=greyed)

    def shown_real(self) -> tuple[bool, ...]:
        """Return which of the figures changed by more than the error."""
        return () if self._shown is None else self._shown.real

    def shown_text(self) -> str:
        """Return what the page says, line by line."""
        if self._shown is None:
            return self.message.text()
        keys = [f"{k.text()} ({a.text()})" for k, a in zip(self.keys, self.abouts, strict=True)]
        return "\n".join([*keys, self.summary.text(), self.table.shown_text(), self.remark.text()])

    def _fit(self, shown: Overlay, x: np.ndarray) -> None:
        """Fix the y range and mark along its foot where the difference is more than the error."""
        parts = (shown.reps_before, shown.reps_after, *shown.before.band_rad, *shown.after.band_rad)
        everything = np.degrees(np.concatenate([part.ravel() for part in parts]))
        known = everything[np.isfinite(everything)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        room = max(2.0, (high - low) * 0.08)
        self.plot.setXRange(0.0, 100.0, padding=0.04)
        self.plot.setYRange(low - 1.6 * room, high + room, padding=0)
        real = shown.difference.real
        theme = self._look.theme
        inks = [QColor(theme.text) if r else with_alpha(theme.soft, 0.25) for r in real]
        self._real.setOpts(
            x=x,
            y0=np.full(len(x), low - 1.5 * room),
            height=np.full(len(x), 0.35 * room),
            width=1.0,
            brushes=inks,
            pens=[pg.mkPen(None)] * len(x),
        )

    def _inks(self) -> tuple[str, str]:
        theme = self._look.theme
        now = {"lumbar_flexion_rad": theme.flexion, "side_tilt_rad": theme.usual}
        return theme.soft, now.get(str(self.channel.currentData()), theme.tilt)

    def _build(self, look: Look) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(label("Lay", "soft"))
        bar.addWidget(self.this)
        bar.addWidget(label("over", "soft"))
        bar.addWidget(self.other)
        bar.addStretch(1)
        bar.addWidget(self.channel)
        for box in (self.this, self.other, self.channel):
            box.activated.connect(lambda _: self.asked.emit())
        left, right = Panel(), Panel()
        drawn = QVBoxLayout(left)
        drawn.setContentsMargins(14, 12, 14, 10)
        keys = QGridLayout()
        keys.setHorizontalSpacing(14)
        for at in range(2):
            keys.addWidget(self.keys[at], at, 0)
            keys.addWidget(self.abouts[at], at, 1)
        keys.setColumnStretch(2, 1)
        drawn.addLayout(keys)
        drawn.addWidget(self.plot, 1)
        drawn.addWidget(
            label(
                "Mean and one standard deviation between repetitions; bright along the foot where the "
                "difference is more than the error.",
                "small",
                wrap=True,
            )
        )
        told = QVBoxLayout(right)
        told.setContentsMargins(16, 14, 16, 12)
        told.setSpacing(10)
        told.addWidget(label("What changed", "overline"))
        told.addWidget(self.summary)
        told.addWidget(self.table, 1)
        told.addWidget(self.remark)
        self._body = QWidget()
        row = QHBoxLayout(self._body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.sizes.gap)
        row.addWidget(left, 54)
        row.addWidget(right, 46)
        lay_out(self, bar, self._body, self.message)


def _offer(box: QComboBox, options: Sequence[tuple[str, object]]) -> None:
    held = box.currentData()
    box.clear()
    for words, key in options:
        box.addItem(words, key)
    keys = [key for _, key in options]
    box.setCurrentIndex(keys.index(held) if held in keys else (0 if keys else -1))
    box.setVisible(bool(options))
