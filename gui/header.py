"""The line over every page: exercise, what is in force, and the way to the other pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.panels import ShortLabel, label, say, set_role
from gui.shortcuts import Action, key_of
from gui.style import Look
from gui.view_state import ViewState
from monitor.wording import capital

_TABS = ((Action.PREFLIGHT, "Before"), (Action.LIVE, "Live"), (Action.AFTER_SET, "After the set"))
_NO_TAB = {Action.CALIBRATE: Action.PREFLIGHT}
"""Pages reached from another one, whose tab stays pressed."""
_ROOM_FOR_KEYS = 1000.0
"""Width, at 100 % text, from which the tabs show their keys."""


class Header(QWidget):
    """Title, chips and tabs; a notice below when there is one."""

    def __init__(self, look: Look, do: Callable[[Action], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.exercise = label(role="title")
        self.calibration = ShortLabel(role="chip")
        self.pain = ShortLabel(role="chip")
        self.quiet = ShortLabel(role="chip")
        self.notice = label(role="caution", wrap=True)
        self.notice.hide()
        self._tabs: dict[Action, QPushButton] = {}
        group = QButtonGroup(self)
        group.setExclusive(True)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.exercise)
        for chip in (self.calibration, self.pain, self.quiet):
            row.addWidget(chip)
        row.addStretch(1)
        for action, _ in _TABS:
            tab = QPushButton()
            tab.setCheckable(True)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tab.clicked.connect(lambda _=False, a=action: do(a))
            group.addButton(tab)
            row.addWidget(tab)
            self._tabs[action] = tab
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(6)
        outer.addLayout(row)
        outer.addWidget(self.notice)
        self._name_tabs()

    def restyle(self, look: Look) -> None:
        """Take sizes."""
        self._look = look
        self._name_tabs()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the keys out where there is no room for them."""
        super().resizeEvent(event)
        self._name_tabs()

    def show_view(self, view: ViewState) -> None:
        """Show what is in force."""
        say(self.exercise, capital(view.exercise))
        for chip, text in (
            (self.calibration, view.calibration),
            (self.pain, _said(view.reported, view.pain)),
            (self.quiet, f"Quiet for {view.snooze_s:.0f} s" if view.snooze_s else ""),
        ):
            chip.say(text)
            chip.setVisible(bool(text))
        ready = view.calibration_ok and (view.seat_ok or not view.back_supported)
        set_role(self.calibration, "chip" if ready else "warnchip")
        set_role(self.pain, "warnchip" if view.reported else "chip")
        self.show_notice(view.notices[-1] if view.notices else "")

    def show_notice(self, text: str) -> None:
        """Show a line below everything else; nothing where there is none."""
        say(self.notice, text)
        self.notice.setVisible(bool(text))

    def show_page(self, action: Action) -> None:
        """Press the tab of the page shown."""
        self._tabs[_NO_TAB.get(action, action)].setChecked(True)

    def _name_tabs(self) -> None:
        keys = self.width() / self._look.sizes.scale >= _ROOM_FOR_KEYS
        for action, text in _TABS:
            short = text if keys else text.split()[0]
            self._tabs[action].setText(f"{short}  {key_of(action)}" if keys else short)


def _said(reported: tuple[str, ...], pain: str) -> str:
    """Return the first red flag that was reported, how many more, and the pain."""
    words = [reported[0]] if reported else []
    if len(reported) > 1:
        words.append(f"{len(reported) - 1} more")
    if pain:
        words.append(f"pain {pain}")
    return capital(", ".join(words))
