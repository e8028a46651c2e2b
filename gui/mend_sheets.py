"""Sheets that mend what the page before the set shows: sensors in range, the seat, a battery."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui.ends import Found
from gui.panels import label, say
from gui.sheets import Sheet
from gui.view_state import ViewState
from monitor.pipeline.baseline import FEWEST_REPS

_STEPS = "Switch the sensor on or move it, so that it wakes. Stay within 5 m, nothing else connected to it."
_NONE_HEARD = "None heard yet; this goes on by itself."
_NO_SEARCH = (
    "This session has its sensor. It is looked for all the time, and its data go on where they stopped."
)
_SEAT_S = 3.0
BATTERY = (
    "A coin cell: have a new one ready, it takes half a minute; the session goes on with it.",
    "A rechargeable sensor: charge it between sessions, the charge is shown here where it reports one.",
    "A cold or old cell shows less than it has; below 15 % it may end within the hour.",
)
USUAL = (
    "What is told of a repetition is how it differs from your usual one.",
    f"Where none is known, the first {FEWEST_REPS} repetitions of the session make it.",
    "Of a recorded session the first clean set of each exercise is kept and compared with the next time.",
    "To begin anew, start with --baseline none; --baseline FILE names another session.",
)


class SensorSheet(Sheet):
    """Sensors heard so far, each a button that takes it."""

    def __init__(self, use: Callable[[str], None] | None, parent: QWidget) -> None:
        super().__init__("Find sensors", parent)
        self._use = use
        self._shown: tuple[Found, ...] = ()
        self.body.addWidget(label(_STEPS, wrap=True))
        self._none = label(_NO_SEARCH if use is None else _NONE_HEARD, "soft", wrap=True)
        self.body.addWidget(self._none)
        self._list = QVBoxLayout()
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self._inside.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)

    def show_found(self, found: Sequence[Found]) -> None:
        """Show the sensors heard so far."""
        if tuple(found) == self._shown:
            self.fit()
            return
        self._shown = tuple(found)
        while (item := self._list.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        self._none.setVisible(not found)
        for place, one in enumerate(self._shown, 1):
            button = QPushButton(f"{place}  {one.words}" if place < 10 else one.words)
            button.setMinimumHeight(button.fontMetrics().height() * 2 + 8)
            button.clicked.connect(lambda _=False, name=one.sensor: self._take(name))
            if place < 10:
                button.setShortcut(str(place))
            self._list.addWidget(button)

    def _take(self, sensor: str) -> None:
        if self._use is not None:
            self._use(sensor)
        self.close()


class SeatSheet(Sheet):
    """How to take the seat reference, and how far it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Seat reference", parent)
        steps = (
            "1  Sit down without load, or with the lightest.",
            "2  Back flat on the pad, hips all the way in.",
            "3  Hold still for three seconds, breathe calmly.",
        )
        for step in steps:
            self.body.addWidget(label(step, wrap=True))
        self.state = label(role="title", wrap=True)
        self.body.addWidget(self.state)
        self.body.addStretch(1)
        self._inside.setMinimumWidth(self.fontMetrics().averageCharWidth() * 56)

    def show_seat(self, view: ViewState) -> None:
        """Show how far it is."""
        still = next((link.still_s for link in view.links if link.still_s is not None), None)
        if view.seat_ok:
            say(self.state, "Taken. It is taken anew whenever you sit down again.")
        elif still is None:
            say(self.state, "Waits for the sensor.")
        elif still < 1:
            say(self.state, "You are moving.")
        else:
            say(self.state, f"Still for {min(still, _SEAT_S):.0f} of {_SEAT_S:.0f} seconds.")
        self.fit()


class AdviceSheet(Sheet):
    """Some lines on one thing."""

    def __init__(self, title: str, lines: Sequence[str], parent: QWidget) -> None:
        super().__init__(title, parent)
        for line in lines:
            self.body.addWidget(label(line, wrap=True))
        self.body.addStretch(1)
        self._inside.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
