"""Big buttons under the page: what a lifter does between two repetitions, and where to go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.shortcuts import SHORTCUTS, Action, key_of
from gui.style import Look

Buttons = tuple[tuple[Action, str], ...]
SAYS: Buttons = (
    (Action.MARK, "Mark"),
    (Action.PAIN, "Pain"),
    (Action.SNOOZE, "Quiet"),
    (Action.EXERCISE, "Exercise"),
    (Action.LOAD, "Load"),
)
GOES: Buttons = ((Action.LINKS, "Links"), (Action.HELP, "Keys"))
CORRECTS: Buttons = (
    (Action.NO_REP, "Not a rep"),
    (Action.FIX_EXERCISE, "Exercise"),
    (Action.FIX_LOAD, "Load"),
    (Action.UNDO, "Undo"),
)


class ControlBar(QWidget):
    """Buttons with their keys on them.

    Parameters
    ----------
    do
        Called with the action of the button pressed.
    left, right
        What stands at either side, each with its name.
    """

    def __init__(
        self,
        look: Look,
        do: Callable[[Action], None],
        left: Buttons,
        right: Buttons = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._buttons: list[tuple[QPushButton, str, Action]] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        for action, text in left:
            self._row.addWidget(self._button(text, action, do))
        self._row.addStretch(1)
        for action, text in right:
            self._row.addWidget(self._button(text, action, do))
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Take sizes: a finger fits on every button."""
        for button, _, _ in self._buttons:
            button.setMinimumHeight(round(18 + 20 * look.sizes.scale))
        self._name()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the keys out where there is no room for them."""
        super().resizeEvent(event)
        self._name()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a width that does not depend on the names shown."""
        return QSize(0, super().minimumSizeHint().height())

    def _name(self) -> None:
        for keys in (True, False):
            for button, text, action in self._buttons:
                button.setText(f"{text}  {key_of(action)}" if keys else text)
            wanted = sum(button.sizeHint().width() for button, _, _ in self._buttons)
            if wanted + self._row.spacing() * len(self._buttons) <= self.width():
                return

    def _button(self, text: str, action: Action, do: Callable[[Action], None]) -> QPushButton:
        made = QPushButton()
        made.setToolTip(next(s.words for s in SHORTCUTS if s.action is action))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: do(action))
        self._buttons.append((made, text, action))
        return made
