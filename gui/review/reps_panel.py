"""The table of repetitions and what a person may correct about one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from gui.panels import label, say
from gui.review.keys import Do, key_of
from gui.review.lines import RepLine
from gui.review.review_presenter import ReviewPresenter
from gui.review.table import TextTable
from gui.review.words import degrees_cell, seconds_cell
from gui.style import Look
from gui.words import clock_text

COLUMNS = ("Rep", "Set", "Time", "Tempo", "Range", "Flexion", "Noticed")
_HINTS = (
    "Repetition, counted through the session; * corrected by you",
    "Set",
    "Its start in the session, min:s",
    "Lowering / lifting in s",
    "Largest minus smallest pelvic tilt",
    "Largest lumbar flexion",
    "What differed",
)
_WIDEST = ("000*", "00", "00:00", "00.0 / 0.0", "000°", "000°", "")
_ROOM = 460
_LITTLE = 400
"""Below these widths, at 100 % text, set and time give way; then the range to the flexion."""
_NONE = "Choose a repetition: it is shown, and its borders can be dragged in the plot."


class RepsPanel(QWidget):
    """A click jumps and selects; the buttons correct the selected one at the cursor.

    Attributes
    ----------
    chosen
        Emitted with the index of the repetition that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, look: Look, do: Callable[[Do], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._reps: list[RepLine] = []
        self._flexion = False
        self.table = TextTable(
            look, COLUMNS, _WIDEST, hints=_HINTS, figures=(0, 1, 2, 3, 4, 5), signed=6, parent=self
        )
        self.table.setAccessibleName("Repetitions")
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.chosen.connect(lambda row: self.chosen.emit(self._reps[row].index))
        self.about = label(_NONE, "small", wrap=True)
        self.buttons = {
            Do.REP_START: "Starts here",
            Do.REP_TURN: "Turns here",
            Do.REP_END: "Ends here",
            Do.LOOP: "Loop",
            Do.REP_NONE: "Was none",
            Do.REP_MISSED: "Add missed",
        }
        grid = QGridLayout()
        grid.setSpacing(6)
        self._made: dict[Do, QPushButton] = {}
        for at, (action, text) in enumerate(self.buttons.items()):
            made = QPushButton(f"{text}  {key_of(action)[:3]}")
            made.setProperty("role", "small")
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.setToolTip(f"{text} ({key_of(action)})")
            made.clicked.connect(lambda _=False, a=action: do(a))
            self._made[action] = made
            grid.addWidget(made, at // 3, at % 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.table, 1)
        column.addWidget(self.about)
        column.addLayout(grid)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        self.table.restyle(look)

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Leave out set and time where there is no room."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        room = self.width() / self._look.sizes.scale
        for name in ("Set", "Time"):
            self.table.setColumnHidden(COLUMNS.index(name), room < _ROOM)
        self.table.setColumnHidden(COLUMNS.index("Flexion"), not self._flexion)
        self.table.setColumnHidden(COLUMNS.index("Range"), self._flexion and room < _LITTLE)

    def show_reps(self, shown: ReviewPresenter) -> None:
        """Show the repetitions and which one is selected."""
        self._reps = list(shown.reps)
        self.table.show_rows([_cells(rep) for rep in self._reps], [rep.level for rep in self._reps])
        if self._flexion is not shown.opened.curves.has_flexion:
            self._flexion = shown.opened.curves.has_flexion
            self._fit()
        rep = shown.rep
        self.table.choose(None if rep is None else self._reps.index(rep))
        say(self.about, _NONE if rep is None else _words(rep))
        for action in (Do.REP_START, Do.REP_TURN, Do.REP_END, Do.REP_NONE):
            self._made[action].setEnabled(rep is not None)

    def button(self, action: Do) -> QPushButton:
        """Return the button of an action."""
        return self._made[action]


def _cells(rep: RepLine) -> tuple[str, ...]:
    return (
        f"{rep.index}*" if rep.corrected else str(rep.index),
        str(rep.set_index or ""),
        clock_text(rep.start_s),
        f"{seconds_cell(rep.down_s)} / {seconds_cell(rep.up_s)}",
        degrees_cell(rep.range_deg),
        degrees_cell(rep.flexion_deg),
        rep.noticed,
    )


def _words(rep: RepLine) -> str:
    times = f"rep {rep.index}: {rep.start_s:.2f} to {rep.turn_s:.2f} to {rep.end_s:.2f} s"
    if rep.entered is not None:
        return f"{times}, entered by you"
    return f"{times}, corrected by you" if rep.corrected else f"{times}; {rep.noticed or 'nothing stood out'}"
