"""The row under the plots: play, step, speed, loop, where we are, undo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.panels import Panel, label, say
from gui.review.keys import Do, key_of
from gui.review.review_presenter import ReviewPresenter, place_text
from gui.style import Look


class TransportBar(Panel):
    """Buttons that say their key; nothing here takes the keyboard away from the plots."""

    def __init__(self, look: Look, do: Callable[[Do], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._do = do
        self.play = self._button("Play", Do.PLAY)
        self.play.setProperty("role", "main")
        self.back, self.on = self._button("Step back", Do.BACK), self._button("Step on", Do.ON)
        self.step = self._button("", Do.STEP)
        self.slower, self.faster = self._button("\u2212", Do.SLOWER), self._button("+", Do.FASTER)
        self.speed = label("1\u00d7")
        self.loop = self._button("Loop", Do.LOOP)
        self.loop.setCheckable(True)
        self.undo, self.redo = self._button("Undo", Do.UNDO), self._button("Redo", Do.REDO)
        self.place = label()
        self.view = label(role="soft")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(6)
        for part in (self.play, self.back, self.on, self.step):
            row.addWidget(part)
        row.addSpacing(10)
        row.addWidget(self.slower)
        row.addWidget(self.speed)
        row.addWidget(self.faster)
        row.addWidget(self.loop)
        row.addStretch(1)
        row.addWidget(self.place)
        row.addSpacing(8)
        row.addWidget(self.view)
        row.addStretch(1)
        row.addWidget(self.undo)
        row.addWidget(self.redo)
        self.speed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self.play.setMinimumWidth(round(78 * look.sizes.scale))
        self.speed.setMinimumWidth(round(44 * look.sizes.scale))
        self.place.setMinimumWidth(round(190 * look.sizes.scale))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what the overview and the arrow keys do as well where there is no room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        parts = (self.view, self.on, self.back)
        for part in parts:
            part.show()
        for part in parts:
            if self._row.minimumSize().width() <= self.width():
                return
            part.hide()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a width that does not depend on what is shown."""
        return QSize(0, super().minimumSizeHint().height())

    def show_transport(self, shown: ReviewPresenter) -> None:
        """Show playback and place."""
        at = shown.transport
        _name(self.play, "Pause" if at.playing else "Play")
        _name(self.step, f"Step {at.step_s:g} s")
        say(self.speed, f"{at.speed:g}\u00d7")
        self.loop.setChecked(at.loop_s is not None)
        say(self.place, place_text(shown))
        say(self.view, f"{at.width_s:.0f} s in view" if at.width_s >= 2 else f"{at.width_s:.1f} s in view")
        self.undo.setEnabled(bool(shown.edits.past))
        self.redo.setEnabled(bool(shown.edits.future))

    def _button(self, text: str, action: Do) -> QPushButton:
        made = QPushButton(text)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setToolTip(f"{text}  ({key_of(action)})".strip())
        made.setAccessibleName(action.value.replace("_", " "))
        made.clicked.connect(lambda: self._do(action))
        return made


def _name(button: QPushButton, text: str) -> None:
    if button.text() != text:
        button.setText(text)
