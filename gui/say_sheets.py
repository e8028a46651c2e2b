"""Sheets in which a lifter says something: pain and red flags, exercise, load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from gui.panels import label, say, set_role
from gui.sheets import Sheet
from gui.words import load_text
from monitor.model.exercise import EXERCISES
from monitor.model.red_flag import RedFlag
from monitor.pipeline.cause_words import FLAG_CUE, FLAG_TODAY_CUE
from monitor.wording import capital

HEAVIEST_KG = 1000.0
_STEP_KG = 2.5
_AROUND_TWO = 150
"""Pixels around two columns of signs: margins of sheet and window, and what is between them."""
TICK_HINT = "0 to 9 by key, x for 10; Tab and Space tick. A number says both."
_PAIN_WORDS = {0: "none", 3: "mild", 5: "moderate", 8: "strong", 10: "worst"}


class _Choice(Sheet):
    """Big buttons; a digit presses the button that shows it."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._by_key: dict[str, QPushButton] = {}

    def button(self, text: str, key: str, chosen: Callable[[], None]) -> QPushButton:
        """Return a button that does `chosen` and closes the sheet."""
        made = QPushButton(text)
        made.setMinimumHeight(made.fontMetrics().height() * 2 + 8)
        made.clicked.connect(lambda: self._choose(chosen))
        if key:
            self._by_key[key] = made
        return made

    def _choose(self, chosen: Callable[[], None]) -> None:
        chosen()
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Press the button of a digit."""
        button = self._by_key.get(event.text())
        if button is not None:
            button.click()
            return
        super().keyPressEvent(event)


class PainSheet(_Choice):
    """Eleven buttons, 0 to 10, and signs to tick that go with any of them or alone.

    Parameters
    ----------
    chosen
        Told the signs that were ticked, and the pain; None where none was said.
    """

    def __init__(self, chosen: Callable[[tuple[RedFlag, ...], float | None], None], parent: QWidget) -> None:
        super().__init__("How does your lower back feel?", parent)
        self._chosen = chosen
        self.body.addLayout(self._numbers())
        self.body.addSpacing(8)
        self.body.addWidget(label("Tick what else you notice", "overline"))
        self.boxes = {flag: QCheckBox(capital(flag.words), self._inside) for flag in RedFlag}
        self._signs = QGridLayout()
        self._signs.setHorizontalSpacing(24)
        self._signs.setVerticalSpacing(2)
        self._across = 0
        self.body.addLayout(self._signs)
        self.advice = label(role="soft", wrap=True)
        self.say = self.button("Say these  Enter", "", lambda: self._tell(None))
        last = QHBoxLayout()
        last.addWidget(self.advice, 1)
        last.addWidget(self.say)
        self.body.addLayout(last)
        self.body.addStretch(1)
        for box in self.boxes.values():
            box.toggled.connect(self._ticked)
        for one, then in pairwise((self, *self.boxes.values(), self.say)):
            QWidget.setTabOrder(one, then)  # numbers have keys of their own
        self._ticked()

    @property
    def ticked(self) -> tuple[RedFlag, ...]:
        """The signs that are ticked."""
        return tuple(flag for flag, box in self.boxes.items() if box.isChecked())

    def accept(self) -> None:
        """Say what is ticked, without a number; nothing where nothing is."""
        self.say.click()

    def _numbers(self) -> QGridLayout:
        """Return the row of numbers; a word below may be wider than its number."""
        row = QGridLayout()
        row.setHorizontalSpacing(6)
        for value in range(11):
            key = str(value) if value < 10 else "x"
            button = self.button(str(value), key, lambda v=value: self._tell(float(v)))  # type: ignore[misc]
            button.setStyleSheet("padding-left: 2px; padding-right: 2px")
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            row.addWidget(button, 0, value)
            row.setColumnMinimumWidth(value, button.minimumHeight())
            row.setColumnStretch(value, 1)
        for value, words in _PAIN_WORDS.items():
            beside = int(0 < value < 10)
            made = label(words, "small")
            row.addWidget(made, 1, value - beside, 1, 1 + 2 * beside, Qt.AlignmentFlag.AlignHCenter)
        return row

    def _tell(self, pain: float | None) -> None:
        self._chosen(self.ticked, pain)

    def _ticked(self) -> None:
        """Say at once what is best done, and offer to tell it."""
        flags = self.ticked
        self.say.setEnabled(bool(flags))
        if flags:
            say(self.advice, FLAG_TODAY_CUE if any(flag.today for flag in flags) else FLAG_CUE)
        else:
            say(self.advice, TICK_HINT)
        set_role(self.advice, "" if flags else "soft")

    def _place(self) -> None:
        self._lay_out()
        super()._place()

    def _lay_out(self) -> None:
        """Set the signs side by side where two of them fit."""
        widest = max(box.sizeHint().width() for box in self.boxes.values())
        across = 2 if 2 * widest + _AROUND_TWO <= self._around.width() else 1
        if across == self._across:
            return
        self._across = across
        rows = -(-len(self.boxes) // across)
        for at, box in enumerate(self.boxes.values()):
            self._signs.addWidget(box, at % rows, at // rows)


class ExerciseSheet(_Choice):
    """Every exercise, the last used first; digits choose."""

    def __init__(
        self, names: Sequence[str], chosen: Callable[[str], None], parent: QWidget, title: str = "Exercise"
    ) -> None:
        super().__init__(title, parent)
        grid = QGridLayout()
        for place, name in enumerate(names):
            key = str((place + 1) % 10) if place < 10 else ""
            words = f"{key}  {capital(str(EXERCISES[name]))}"
            grid.addWidget(self.button(words, key, lambda n=name: chosen(n)), place // 2, place % 2)  # type: ignore[misc]
        self.body.addLayout(grid)


class LoadSheet(_Choice):
    """The last loads as buttons, and a field for another."""

    def __init__(
        self,
        loads_kg: Sequence[float],
        chosen: Callable[[float], None],
        parent: QWidget,
        title: str = "Load",
    ) -> None:
        super().__init__(title, parent)
        if loads_kg:
            row = QHBoxLayout()
            for load_kg in loads_kg:
                row.addWidget(self.button(load_text(load_kg), "", lambda kg=load_kg: chosen(kg)))  # type: ignore[misc]
            self.body.addWidget(label("Used last", "overline"))
            self.body.addLayout(row)
            self.body.addWidget(label("Another", "overline"))
        self.field = QDoubleSpinBox()
        self.field.setRange(0.0, HEAVIEST_KG)
        self.field.setSingleStep(_STEP_KG)
        self.field.setDecimals(2)
        self.field.setSuffix(" kg")
        self.field.setValue(loads_kg[0] if loads_kg else 20.0)
        enter = self.button("Set  Enter", "", self._enter)
        self._chosen = chosen
        line = QHBoxLayout()
        line.addWidget(self.field, 1)
        line.addWidget(enter)
        self.body.addLayout(line)

    def accept(self) -> None:
        """Take the load in the field."""
        self.field.interpretText()
        self._choose(self._enter)

    def _enter(self) -> None:
        self._chosen(self.field.value())

    def open(self) -> None:
        """Show the sheet with the field ready to type in."""
        super().open()
        self.field.setFocus()
        self.field.selectAll()
