"""Which alerts may sound: mode, snooze and budget. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.alerts.budget import CueBudget
from monitor.alerts.settings import AlertSettings, SpeakMode
from monitor.model.events import Alert, Level

if TYPE_CHECKING:
    from collections.abc import Iterable


class Hearing:
    """Set `audible` of alerts, and keep what the mode holds back until it is asked for.

    Parameters
    ----------
    settings
        Mode and budget.
    """

    def __init__(self, settings: AlertSettings) -> None:
        self._settings = settings
        self._budget = CueBudget(settings.cues_per_rep, settings.cues_in_window, settings.window_reps)
        self._snooze = (0.0, 0.0)
        self._held: list[Alert] = []

    def snooze(self, begin_s: float, length_s: float) -> None:
        """Let nothing sound in [begin_s, begin_s + length_s)."""
        self._snooze = (begin_s, begin_s + length_s)

    def cue(self, alert: Alert, running: int) -> Alert:
        """Return a cue about movement, made in repetition `running`: heard now, or held back by the mode."""
        if self._settings.mode is SpeakMode.LIVE:
            return self.now(alert, running)
        self._held.append(alert)
        return replace(alert, audible=False)

    def early(self, alert: Alert, running: int) -> Alert:
        """Return a cue that is of use now or never: the modes that hold cues back leave it out."""
        if self._settings.mode is SpeakMode.LIVE:
            return self.now(alert, running)
        return replace(alert, audible=False)

    def now(self, alert: Alert, running: int) -> Alert:
        """Return a cue heard now, as snooze and budget allow."""
        quiet = alert.level is Level.CAUTION and not self._settings.caution_audible
        if quiet or self._snoozed(alert):
            return replace(alert, audible=False)
        about = alert.rep if alert.rep is not None else running
        return replace(alert, audible=self._budget.spend(about, running))

    def status(self, alert: Alert) -> Alert:
        """Return an alert about the equipment, which no budget of cues holds back."""
        return replace(alert, audible=not self._snoozed(alert))

    def take_held(self) -> Alert | None:
        """Return the strongest and most frequent of what was held back, and forget it all."""
        if not self._held:
            return None
        chosen = _foremost(self._held)
        self._held.clear()
        return chosen

    def forget(self) -> None:
        """Forget what was held back."""
        self._held.clear()

    def _snoozed(self, alert: Alert) -> bool:
        return self._snooze[0] <= alert.time_s < self._snooze[1]


def _foremost(held: Iterable[Alert]) -> Alert:
    held = list(held)
    times = Counter(alert.text for alert in held)
    return max(held, key=lambda a: (a.level is Level.ALERT, times[a.text], a.time_s))
