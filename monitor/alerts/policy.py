"""When to speak: which events become alerts, and which of those may sound.

Pure: time comes with the events, so a live run, a replay and an analysis of the same session
give the same alerts with the same ids, however the events were batched. To that end every
decision rests on the events' own times, and what waits (the back at rest for a while, a
request) is due at a time of its own and is settled before any later event.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.alerts import cues
from monitor.alerts.budget import CueBudget
from monitor.alerts.settings import REQUEST_MARK, AlertSettings, SpeakMode
from monitor.model.events import (
    Alert,
    Calibrated,
    Cause,
    Confidence,
    Event,
    Fault,
    Finding,
    Gap,
    Level,
    LiftOff,
    LiftOffStarted,
    Rep,
    SetSummary,
)
from monitor.model.samples import LOWER
from monitor.model.session import Annotation

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["REQUEST_MARK", "AlertPolicy", "AlertSettings", "SpeakMode"]

LIFT_OFF = "lift_off"
FINDING = "finding"
RECAP = "recap"
BACK_IN_RANGE = "back_in_range"
SENSOR_LOST = "sensor_lost"
NOT_CALIBRATED = "not_calibrated"


@dataclass(frozen=True, slots=True)
class _Excursion:
    """The lift-off under way; `over_s` is when it counts as over, None while off the pad."""

    alert: Alert
    over_s: float | None = None


class AlertPolicy:
    """Turn the events of one session into alerts.

    Parameters
    ----------
    settings
        How much is said.
    session_id
        Prefix of the alert ids ``<session_id>-<kind>-<running number of that kind>``.
    """

    def __init__(self, settings: AlertSettings, session_id: str) -> None:
        self._settings = settings
        self._session_id = session_id
        self._numbers: Counter[str] = Counter()
        self._reps_done = 0
        self._last_rep: Rep | None = None
        self._budget = CueBudget(settings.cues_per_rep, settings.cues_in_window, settings.window_reps)
        self._excursion: _Excursion | None = None
        self._told: dict[str, Alert] = {}
        self._last: Alert | None = None
        self._seen_s: dict[str, float] = {}
        self._held: list[Alert] = []
        self._snooze = (0.0, 0.0)
        self._requested_s: float | None = None
        self._calibrated = False

    def update(self, events: Sequence[Event], now_s: float) -> tuple[Alert, ...]:
        """Return the alerts that `events` make.

        Parameters
        ----------
        events
            What the pipeline decided, in order of decision.
        now_s
            Session time in s of the last sample received.

        Returns
        -------
        tuple of Alert
            In order; `audible` is False once the budget of sounds is spent, while snoozed, and
            where the mode holds cues back.
        """
        alerts: list[Alert] = []
        for event in events:
            alerts += self._due(_time_s(event))
            alerts += self._decide(event)
        alerts += self._due(now_s)
        return tuple(alerts)

    def annotate(self, annotation: Annotation) -> None:
        """Take what the lifter said: a snooze, or the request to be told; anything else is not ours."""
        match annotation:
            case Annotation(kind="snooze_s", value=int() | float() as length_s):
                self._snooze = (annotation.time_s, annotation.time_s + length_s)
            case Annotation(kind="mark", value=value) if value == REQUEST_MARK:
                self._requested_s = annotation.time_s

    def _decide(self, event: Event) -> list[Alert]:  # noqa: PLR0911 - one line for each kind of event
        match event:
            case LiftOffStarted():
                return self._lift_off(event)
            case LiftOff():
                self._rest(event)
            case Fault():
                return self._fault(event)
            case Finding():
                return self._finding(event)
            case Rep():
                return self._rep(event)
            case SetSummary():
                return self._set_over(event)
            case Calibrated() | Gap():
                return self._equipment(event)
        return []

    def _due(self, until_s: float) -> list[Alert]:
        """Settle what waits for a time up to `until_s`, in order of that time."""
        waiting: list[tuple[float, str]] = []
        if self._requested_s is not None and self._requested_s <= until_s:
            waiting.append((self._requested_s, RECAP))
        over_s = self._excursion.over_s if self._excursion is not None else None
        if over_s is not None and over_s <= until_s:
            waiting.append((over_s, BACK_IN_RANGE))
        alerts: list[Alert] = []
        for due_s, kind in sorted(waiting):
            if kind == RECAP:
                self._requested_s = None
                alerts += self._recap(due_s)
            elif self._excursion is not None:
                lift_off = self._excursion.alert
                self._excursion = None
                if self._settings.back_in_range:
                    told = self._status(BACK_IN_RANGE, due_s, cues.BACK_IN_RANGE)
                    alerts.append(replace(told, rep=lift_off.rep, audible=told.audible and lift_off.audible))
        return alerts

    def _lift_off(self, event: LiftOffStarted) -> list[Alert]:
        under_way = self._excursion
        if under_way is not None and (
            event.rep is None or under_way.alert.rep is None or event.rep <= under_way.alert.rep
        ):
            self._excursion = replace(under_way, over_s=None)
            return []
        alert = self._cue(
            LIFT_OFF,
            event.decided_s,
            Cause.LACK_OF_SPINAL_SUPPORT,
            # Contact with the pad is inferred from the pelvis alone.
            Confidence.MEDIUM,
            event.level,
            event.rep,
            cues.LIFT_OFF,
        )
        self._excursion = _Excursion(alert)
        return [alert]

    def _rest(self, event: LiftOff) -> None:
        if self._excursion is not None:
            over_s = event.end_s + self._settings.refractory_s
            self._excursion = replace(self._excursion, over_s=over_s)

    def _fault(self, event: Fault) -> list[Alert]:
        kind = event.kind.value
        rep = self._rep_at(event.time_s)
        if not self._is_new(kind, event.decided_s, rep, once_per_rep=True):
            return []
        # One repetition is a hint; the finding that rests on several says how sure it is.
        cause, text = cues.FAULT_CUES[event.kind].cause, cues.fault_text(event)
        alert = self._cue(kind, event.decided_s, cause, Confidence.LOW, event.level, rep, text)
        self._told[kind] = alert
        return [alert]

    def _finding(self, event: Finding) -> list[Alert]:
        # More of the same in a set is no news; that it became stronger is.
        key = f"{FINDING} {event.cause} {event.set_index}"
        told = self._told.get(key)
        if told is not None and (told.level is Level.ALERT or event.level is not Level.ALERT):
            return []
        rep = event.reps[-1] if event.reps else None
        if self._last is not None and (self._last.rep, self._last.text) == (rep, event.cue):
            return []  # the lift-off it rests on has just said the same
        alert = self._cue(
            FINDING, event.decided_s, event.cause, event.confidence, event.level, rep, event.cue
        )
        self._told[key] = alert
        return [alert]

    def _rep(self, event: Rep) -> list[Alert]:
        self._last_rep = event
        self._reps_done += 1
        if self._settings.mode is SpeakMode.EVERY_N and self._reps_done % self._settings.every_n == 0:
            return self._recap(event.decided_s)
        if not self._calibrated and self._reps_done == self._settings.uncalibrated_reps:
            return [self._status(NOT_CALIBRATED, event.decided_s, cues.NOT_CALIBRATED)]
        return []

    def _set_over(self, event: SetSummary) -> list[Alert]:
        self._excursion = None
        said = self._recap(event.decided_s) if self._settings.mode is SpeakMode.AFTER_SET else []
        if self._settings.mode is not SpeakMode.ON_REQUEST:
            self._held.clear()
        return said

    def _equipment(self, event: Calibrated | Gap) -> list[Alert]:
        if isinstance(event, Calibrated):
            self._calibrated = True
            if event.quality == "poor" and event.kind != "none":
                return [self._status(NOT_CALIBRATED, event.decided_s, cues.NOT_CALIBRATED)]
        elif event.end_s - event.start_s >= self._settings.lost_s:
            off = self._excursion
            if event.sensor == LOWER and off is not None and off.alert.time_s < event.end_s:
                self._excursion = None  # its end may have gone unseen
            # It is over by the time it is known; the sound of a lost link comes from the link.
            text = cues.gap_text(event.sensor, event.end_s - event.start_s)
            return [replace(self._status(SENSOR_LOST, event.decided_s, text), audible=False)]
        return []

    def _recap(self, time_s: float) -> list[Alert]:
        """Say the strongest and most frequent of what was held back, once."""
        if not self._held:
            return []
        times = Counter(alert.text for alert in self._held)
        chosen = max(self._held, key=lambda a: (a.level is Level.ALERT, times[a.text], a.time_s))
        self._held.clear()
        said = self._alert(
            RECAP, time_s, chosen.cause, chosen.confidence, chosen.level, chosen.rep, chosen.text
        )
        return [replace(said, audible=self._may_sound(said))]

    def _is_new(self, key: str, time_s: float, rep: int, *, once_per_rep: bool) -> bool:
        """Return whether `key` was quiet long enough; a flapping signal keeps itself quiet."""
        told, seen_s = self._told.get(key), self._seen_s.get(key)
        self._seen_s[key] = time_s
        if told is None or seen_s is None:
            return True
        later = rep > (told.rep or 0)
        if once_per_rep and not later:
            return False
        quiet_s = self._settings.refractory_s
        return time_s - told.time_s >= quiet_s and (later or time_s - seen_s >= quiet_s)

    def _rep_at(self, time_s: float) -> int:
        """Return the repetition that `time_s` falls into, as far as repetitions are known."""
        if self._last_rep is None:
            return 1
        return self._last_rep.index + (time_s >= self._last_rep.end_s)

    def _cue(
        self,
        kind: str,
        time_s: float,
        cause: Cause,
        confidence: Confidence,
        level: Level,
        rep: int | None,
        text: str,
    ) -> Alert:
        """Return an alert about the lifter's movement, audible as mode and budget allow."""
        alert = self._alert(kind, time_s, cause, confidence, level, rep, text)
        self._last = alert
        if self._settings.mode is not SpeakMode.LIVE:
            self._held.append(alert)
            return replace(alert, audible=False)
        return replace(alert, audible=self._may_sound(alert))

    def _status(self, kind: str, time_s: float, text: str) -> Alert:
        """Return an alert about the equipment, which no budget of cues holds back."""
        alert = self._alert(kind, time_s, Cause.UNCLEAR, Confidence.HIGH, Level.CAUTION, None, text)
        return replace(alert, audible=not self._snoozed(time_s))

    def _alert(
        self,
        kind: str,
        time_s: float,
        cause: Cause,
        confidence: Confidence,
        level: Level,
        rep: int | None,
        text: str,
    ) -> Alert:
        self._numbers[kind] += 1
        number = f"{self._session_id}-{kind}-{self._numbers[kind]}"
        return Alert(number, time_s, kind, cause, confidence, level, rep, text)

    def _may_sound(self, alert: Alert) -> bool:
        """Return whether `alert` may sound, and count it if so."""
        if self._snoozed(alert.time_s):
            return False
        if alert.level is Level.CAUTION and not self._settings.caution_audible:
            return False
        running = self._last_rep.index + 1 if self._last_rep is not None else 1
        return self._budget.spend(alert.rep if alert.rep is not None else running, running)

    def _snoozed(self, time_s: float) -> bool:
        return self._snooze[0] <= time_s < self._snooze[1]


def _time_s(event: Event) -> float:
    """Return the session time at which `event` could be known."""
    match event:
        case LiftOff():
            return event.end_s  # its decided_s is that of its beginning
        case _ if hasattr(event, "decided_s"):
            return float(event.decided_s)
        case _:
            return event.time_s
