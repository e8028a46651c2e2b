"""What every action does: says something to the session, opens a sheet, or changes the look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from gui.corrections import NOTHING, Corrections
from gui.ends import SideStatus
from gui.mend_sheets import SeatSheet, SensorSheet
from gui.mending import Mending
from gui.preferences import SCALES
from gui.say_sheets import ExerciseSheet, LoadSheet, PainSheet
from gui.sheets import HelpSheet, LinkSheet, Sheet
from gui.shortcuts import Action
from gui.theme import DARK, LIGHT, Sizes
from gui.view_state import ViewState
from monitor.alerts.settings import REQUEST_MARK
from monitor.model.red_flag import RedFlag
from monitor.model.session import GIVE_UP

if TYPE_CHECKING:
    from gui.helm import Helm
    from gui.window import Window

SNOOZE_S = 60.0


class Commands:
    """Carries out actions for a window.

    Parameters
    ----------
    window
        The window they act on.
    helm
        What the session can be asked for.
    """

    def __init__(self, window: Window, helm: Helm) -> None:
        self._window = window
        self._helm = helm
        self._say = helm.say
        self.mending = Mending(window, self, helm)
        self.corrections = Corrections(window.presenter, helm.label)
        self._sheet: Sheet | None = None
        self._marks = 0
        self._acts: dict[Action, Callable[[], None]] = {
            Action.MARK: self._mark,
            Action.TELL: lambda: self._tell("mark", REQUEST_MARK),
            Action.SNOOZE: lambda: self._tell("snooze_s", SNOOZE_S),
            Action.PAIN: self._ask_pain,
            Action.EXERCISE: self._ask_exercise,
            Action.LOAD: self._ask_load,
            Action.PREFLIGHT: lambda: window.show_page(Action.PREFLIGHT),
            Action.LIVE: lambda: window.show_page(Action.LIVE),
            Action.AFTER_SET: lambda: window.show_page(Action.AFTER_SET),
            Action.CALIBRATE: self._calibrate,
            Action.LEAVE_GUIDE: self._leave_guide,
            Action.NO_REP: self.corrections.take_back_rep,
            Action.FIX_EXERCISE: self._fix_exercise,
            Action.FIX_LOAD: self._fix_load,
            Action.UNDO: self.corrections.undo,
            Action.NEXT: self._go_on,
            Action.LINKS: lambda: self.open(LinkSheet(window)),
            Action.HELP: lambda: self.open(HelpSheet(window)),
            Action.CLOSE_SHEET: self.close_sheet,
            Action.TABLE: lambda: window.live.swap(),  # noqa: PLW0108 - made after the commands
            Action.THEME: self._other_theme,
            Action.LARGER: lambda: self._scale(1),
            Action.SMALLER: lambda: self._scale(-1),
            Action.MOTION: self._calm,
            Action.FULL_SCREEN: self._full_screen,
            Action.QUIT: self._quit,
        }

    @property
    def sheet(self) -> Sheet | None:
        """The sheet that is open."""
        return self._sheet

    def do(self, action: Action) -> None:
        """Carry out an action."""
        self._acts[action]()

    def refresh(self, view: ViewState, side: SideStatus) -> None:
        """Bring an open sheet up to date."""
        if isinstance(self._sheet, LinkSheet):
            self._sheet.show_links(view.links, side, self._window.sink.latency_ms)
        elif isinstance(self._sheet, SeatSheet):
            self._sheet.show_seat(view)
        elif isinstance(self._sheet, SensorSheet) and self._helm.found is not None:
            self._sheet.show_found(self._helm.found())

    def close_sheet(self) -> None:
        """Close the sheet that is open."""
        if self._sheet is not None:
            self._sheet.close()

    def open(self, sheet: Sheet) -> None:
        """Open a sheet in place of the one that is open; the same kind again closes it."""
        same = type(sheet) is type(self._sheet)
        self.close_sheet()
        if same:
            # The key that opens a sheet closes it too.
            sheet.deleteLater()
            return
        self._sheet = sheet
        sheet.closed.connect(lambda: self._closed(sheet))
        sheet.open()

    def _closed(self, sheet: Sheet) -> None:
        if self._sheet is sheet:
            self._sheet = None
            self._window.setFocus()

    def _tell(self, kind: str, value: str | float) -> None:
        if self._say is not None:
            self._say(kind, value)

    def _mark(self) -> None:
        self._marks += 1
        self._tell("mark", f"mark {self._marks}")

    def _ask_pain(self) -> None:
        if self._say is not None:
            self.open(PainSheet(self._report, self._window))

    def _report(self, flags: tuple[RedFlag, ...], pain: float | None) -> None:
        for flag in flags:
            self._tell("red_flag", flag.value)
        if pain is not None:
            self._tell("pain", pain)

    def _ask_exercise(self) -> None:
        if self._say is not None:
            names = self._window.preferences.exercises()
            self.open(ExerciseSheet(names, self._choose_exercise, self._window))

    def _choose_exercise(self, name: str) -> None:
        self._window.preferences.keep_exercise(name)
        self._tell("exercise", name)
        # The load belongs to the exercise: asked for at once, the last one first.
        QTimer.singleShot(0, self._window, lambda: self._ask_load(name))

    def _ask_load(self, name: str | None = None) -> None:
        if self._say is None:
            return
        name = name or self._window.presenter.exercise_name
        loads = self._window.preferences.loads_kg(name)
        self.open(LoadSheet(loads, lambda kg: self._choose_load(name, kg), self._window))

    def _choose_load(self, name: str, load_kg: float) -> None:
        self._window.preferences.keep_load(name, load_kg)
        self._tell("load_kg", load_kg)

    def _fix_exercise(self) -> None:
        names = self._window.preferences.exercises()
        self.open(ExerciseSheet(names, self._exercise_was, self._window, title="What the set really was"))

    def _exercise_was(self, name: str) -> None:
        if self.corrections.exercise(name) and name != self._window.presenter.exercise_name:
            self._tell("exercise", name)  # nobody goes on with what was wrong

    def _fix_load(self) -> None:
        index = self.corrections.set_index
        if index is None:
            self._window.presenter.notice(NOTHING)
            return
        now = self._window.presenter.sets.load_kg(index)
        loads = self._window.preferences.loads_kg(self._window.presenter.exercise_name)
        loads = loads if now is None else [now, *(kg for kg in loads if kg != now)]
        title = f"What set {index} was really done with"
        self.open(LoadSheet(loads, self.corrections.load, self._window, title=title))

    def _calibrate(self) -> None:
        self._window.show_page(Action.CALIBRATE)
        guide = self._window.presenter.view().guide
        if self._say is not None and (guide is None or guide.done):
            self._tell("calibrate", datetime.now().astimezone().isoformat(timespec="seconds"))

    def _leave_guide(self) -> None:
        guide = self._window.presenter.view().guide
        if guide is not None and not guide.done:
            self._tell("calibrate", GIVE_UP)
        self._window.show_page(Action.LIVE if guide is not None and guide.done else Action.PREFLIGHT)

    def _go_on(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(self._sheet, LoadSheet | PainSheet) and not isinstance(focused, QPushButton):
            self._sheet.accept()
        elif isinstance(focused, QPushButton):
            focused.click()
        elif self._sheet is None:
            self._window.show_page(Action.LIVE)

    def _other_theme(self) -> None:
        theme = LIGHT if self._window.look.theme is DARK else DARK
        self._window.restyle(replace(self._window.look, theme=theme))

    def _scale(self, steps: int) -> None:
        at = SCALES.index(self._window.look.sizes.scale) + steps
        if 0 <= at < len(SCALES):
            self._window.restyle(replace(self._window.look, sizes=Sizes(SCALES[at])))

    def _calm(self) -> None:
        self._window.preferences.calm = not self._window.preferences.calm

    def _quit(self) -> None:
        self._window.close()

    def _full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()
