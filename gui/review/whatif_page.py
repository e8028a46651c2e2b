"""The what-if page: other thresholds on the left, what would be otherwise on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.panels import Panel, label, say, scrolling
from gui.review.choice import Choice
from gui.review.table import TextTable
from gui.review.whatif_presenter import (
    CALIBRATIONS,
    COLUMNS,
    SETTINGS,
    changed,
    in_order,
    rows,
    shown_value,
    summary,
)
from gui.style import Look
from monitor.engine import EngineOptions
from monitor.model.events import Level
from monitor.whatif import Difference, Outcome

NOTHING = "Open a session first: it is judged a second time, with what you set here."
READY = "Change a value and judge again: the recording stays as it is."


class WhatIfPage(QWidget):
    """Fields that begin at what is in force; a row of the table goes to its moment.

    Attributes
    ----------
    asked
        Emitted with the `EngineOptions` to try.
    went
        Emitted with the time of the difference that was clicked.
    """

    asked = Signal(object)
    went = Signal(float)

    def __init__(self, look: Look, options: EngineOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._options = options
        self._made: tuple[Difference, ...] = ()
        self.fields: dict[str, QDoubleSpinBox] = {}
        self.calibration = Choice()
        for key, words in CALIBRATIONS.items():
            self.calibration.addItem(words, key)
        self.run = QPushButton("Judge again")
        self.run.setProperty("role", "main")
        self.reset = QPushButton("As in force")
        self.summary = label(NOTHING, "title", wrap=True)
        self.about = label(role="small", wrap=True)
        self.table = TextTable(
            look, COLUMNS, ("lift-off rem", "", "changed m"), signed=1, stretch=1, parent=self
        )
        self._build(look)
        self.reset.clicked.connect(self.show_options)
        self.run.clicked.connect(lambda: self.asked.emit(self.options()))
        self.table.chosen.connect(lambda row: self.went.emit(self._made[row].time_s))
        self.show_options()
        self.show_session("")

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self.table.restyle(look)

    def show_session(self, name: str, options: EngineOptions | None = None) -> None:
        """Take another session and what it was judged by; empty for none."""
        if options is not None:
            self._options = options
            self.show_options()
        self.run.setEnabled(bool(name))
        self._made = ()
        self.table.show_rows([])
        say(self.summary, READY if name else NOTHING)
        say(self.about, "")

    def show_options(self) -> None:
        """Set every field to what is in force."""
        for setting in SETTINGS:
            self.fields[setting.key].setValue(shown_value(self._options, setting))
        self.calibration.setCurrentIndex(self.calibration.findData(self._options.calibration))

    def options(self) -> EngineOptions:
        """Return what the fields say."""
        now = {s.key: shown_value(self._options, s) for s in SETTINGS}
        # Only what was touched: a field shows fewer digits than a setting may have.
        touched = {
            key: field.value() for key, field in self.fields.items() if abs(field.value() - now[key]) > 0.004
        }
        return changed(self._options, touched, str(self.calibration.currentData()))

    def show_running(self) -> None:
        """Say that it is being judged."""
        say(self.summary, "Judging the session twice \u2026")

    def show_differences(self, made: Sequence[Difference]) -> None:
        """Show what would be otherwise."""
        self._made = tuple(in_order(made))
        say(self.summary, summary(made))
        say(self.about, "Click a row to go to its moment." if made else "")
        levels = [Level(d.event["level"]) if d.event.get("level") else None for d in self._made]
        greyed = [at for at, d in enumerate(self._made) if d.outcome is Outcome.CHANGED]
        self.table.show_rows(rows(self._made), levels, greyed)

    def shown_text(self) -> str:
        """Return what the page says, line by line."""
        return f"{self.summary.text()}\n{self.table.shown_text()}"

    def _build(self, look: Look) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for group in dict.fromkeys(s.group for s in SETTINGS):
            column.addWidget(label(group, "overline"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setColumnStretch(0, 1)
            for at, setting in enumerate(s for s in SETTINGS if s.group == group):
                field = QDoubleSpinBox()
                field.setRange(setting.least, setting.most)
                field.setSingleStep(setting.step)
                field.setDecimals(2 if setting.step < 1 else 0)
                field.setSuffix(setting.unit if setting.unit == "°" else f" {setting.unit}")
                field.setAlignment(Qt.AlignmentFlag.AlignRight)
                field.setFixedWidth(round(104 * look.sizes.scale))
                field.setAccessibleName(f"{group}: {setting.words}")
                self.fields[setting.key] = field
                grid.addWidget(label(setting.words), at, 0)
                grid.addWidget(field, at, 1)
            column.addLayout(grid)
        column.addWidget(label("Calibration", "overline"))
        column.addWidget(self.calibration)
        column.addStretch(1)
        left, right = Panel(), Panel()
        settings = QVBoxLayout(left)
        settings.setContentsMargins(16, 14, 10, 14)
        settings.addWidget(scrolling(inside), 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.run, 1)
        buttons.addWidget(self.reset)
        settings.addLayout(buttons)
        told = QVBoxLayout(right)
        told.setContentsMargins(16, 14, 16, 12)
        told.addWidget(self.summary)
        told.addWidget(self.table, 1)
        told.addWidget(self.about)
        page = QHBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(look.sizes.gap)
        page.addWidget(left, 30)
        page.addWidget(right, 70)
