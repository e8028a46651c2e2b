"""When to speak: which events become alerts, and which of those may sound.

Pure: time comes with the events, so a live run, a replay and an analysis of the same session
give the same alerts with the same ids, however the events were batched. To that end every
decision rests on the events' own times, and what waits (the back at rest for a while, a
request) is due at a time of its own and is settled before any later event.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.alerts import cues, kinds
from monitor.alerts.excursion import Excursion
from monitor.alerts.hearing import Hearing
from monitor.alerts.repeats import Repeats
from monitor.alerts.settings import REQUEST_MARK, AlertSettings, SpeakMode
from monitor.model.events import (
    Alert,
    Approaching,
    Calibrated,
    Cause,
    Confidence,
    Event,
    Fault,
    FaultKind,
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
        self._hearing = Hearing(settings)
        self._repeats = Repeats(settings.refractory_s)
        self._excursion = Excursion()
        self._last: Alert | None = None
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
                self._hearing.snooze(annotation.time_s, length_s)
            case Annotation(kind="mark", value=value) if value == REQUEST_MARK:
                self._requested_s = annotation.time_s

    def _decide(self, event: Event) -> list[Alert]:  # noqa: PLR0911 - one line for each kind of event
        match event:
            case Approaching():
                return self._approaching(event)
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
            waiting.append((self._requested_s, kinds.RECAP))
        if self._excursion.over_s is not None and self._excursion.over_s <= until_s:
            waiting.append((self._excursion.over_s, kinds.BACK_IN_RANGE))
        alerts: list[Alert] = []
        for due_s, kind in sorted(waiting):
            if kind == kinds.RECAP:
                self._requested_s = None
                alerts += self._recap(due_s)
            else:
                lift_off = self._excursion.end()
                if lift_off is not None and self._settings.back_in_range:
                    told = self._status(kinds.BACK_IN_RANGE, due_s, cues.BACK_IN_RANGE)
                    alerts.append(replace(told, rep=lift_off.rep, audible=told.audible and lift_off.audible))
        return alerts

    def _approaching(self, event: Approaching) -> list[Alert]:
        """Tell of a lift-off or a tuck ahead; whether it comes to one or not is told on its own."""
        rep = event.rep if event.rep is not None else self._rep_at(event.time_s)
        kind, time_s = kinds.APPROACHING, event.decided_s
        if not self._settings.early_cue or self._excursion.holds(event.rep):
            return []
        if not self._repeats.is_new(kind, time_s, rep):
            return []
        # A forecast from tilt and its rate: as sure as that.
        cause, text = Cause.LACK_OF_SPINAL_SUPPORT, cues.APPROACHING
        if event.fault is FaultKind.TUCK:
            cause, text = Cause.IMPROPER_FORM, cues.APPROACHING_TUCK
        alert = self._alert(kind, time_s, cause, Confidence.LOW, Level.CAUTION, rep, text)
        self._repeats.tell(kind, alert)
        return [self._hearing.early(alert, self._running)]

    def _lift_off(self, event: LiftOffStarted) -> list[Alert]:
        if self._excursion.holds(event.rep):
            self._excursion.go_on()
            return []
        # Contact with the pad is inferred from the pelvis alone.
        cause, confidence = Cause.LACK_OF_SPINAL_SUPPORT, Confidence.MEDIUM
        alert = self._alert(
            kinds.LIFT_OFF, event.decided_s, cause, confidence, event.level, event.rep, cues.LIFT_OFF
        )
        alert = self._cue(alert)
        self._excursion.begin(alert)
        return [alert]

    def _rest(self, event: LiftOff) -> None:
        self._excursion.rest_until(event.end_s + self._settings.refractory_s)

    def _fault(self, event: Fault) -> list[Alert]:
        kind = event.kind.value
        rep = self._rep_at(event.time_s)
        if not self._repeats.is_new(kind, event.decided_s, rep):
            return []
        # One repetition is a hint; the finding that rests on several says how sure it is.
        cause, text = cues.FAULT_CUES[event.kind].cause, cues.fault_text(event)
        alert = self._cue(self._alert(kind, event.decided_s, cause, Confidence.LOW, event.level, rep, text))
        self._repeats.tell(kind, alert)
        return [alert]

    def _finding(self, event: Finding) -> list[Alert]:
        if event.confidence is Confidence.LOW and event.cause is not Cause.UNDERLYING_CONDITION:
            return []  # shown, not said; what the lifter reported is always answered
        # More of the same in a set is no news; that it became stronger is.
        key = f"{kinds.FINDING} {event.cause} {event.set_index}"
        if event.cause is Cause.UNDERLYING_CONDITION:
            key += f" {event.cue}"  # another report with another answer is news
        told = self._repeats.told(key)
        if told is not None and (told.level is Level.ALERT or event.level is not Level.ALERT):
            return []
        rep = event.reps[-1] if event.reps else None
        if event.reps and self._last is not None and (self._last.rep, self._last.text) == (rep, event.cue):
            return []  # the lift-off it rests on has just said the same
        said = (event.cause, event.confidence, event.level, rep, event.cue)
        alert = self._alert(kinds.FINDING, event.decided_s, *said)
        if event.cause is Cause.UNDERLYING_CONDITION and event.level is Level.ALERT and not event.reps:
            # The answer to a person, not a cue on movement: no mode or budget holds it back.
            self._last = alert = self._hearing.status(alert)
        else:
            alert = self._cue(alert)
        self._repeats.tell(key, alert)
        return [alert]

    def _rep(self, event: Rep) -> list[Alert]:
        self._last_rep = event
        self._reps_done += 1
        if self._settings.mode is SpeakMode.EVERY_N and self._reps_done % self._settings.every_n == 0:
            return self._recap(event.decided_s)
        if not self._calibrated and self._reps_done == self._settings.uncalibrated_reps:
            return [self._status(kinds.NOT_CALIBRATED, event.decided_s, cues.NOT_CALIBRATED)]
        return []

    def _set_over(self, event: SetSummary) -> list[Alert]:
        self._excursion.end()
        said = self._recap(event.decided_s) if self._settings.mode is SpeakMode.AFTER_SET else []
        if self._settings.mode is not SpeakMode.ON_REQUEST:
            self._hearing.forget()
        return said

    def _equipment(self, event: Calibrated | Gap) -> list[Alert]:
        if isinstance(event, Calibrated):
            self._calibrated = True
            if event.quality == "poor" and event.kind != "none":
                return [self._status(kinds.NOT_CALIBRATED, event.decided_s, cues.NOT_CALIBRATED)]
        elif event.end_s - event.start_s >= self._settings.lost_s:
            if event.sensor == LOWER and self._excursion.began_before(event.end_s):
                self._excursion.end()  # its end may have gone unseen
            # It is over by the time it is known; the sound of a lost link comes from the link.
            text = cues.gap_text(event.sensor, event.end_s - event.start_s)
            return [replace(self._status(kinds.SENSOR_LOST, event.decided_s, text), audible=False)]
        return []

    def _recap(self, time_s: float) -> list[Alert]:
        """Say the strongest and most frequent of what was held back, once."""
        chosen = self._hearing.take_held()
        if chosen is None:
            return []
        said = self._alert(
            kinds.RECAP, time_s, chosen.cause, chosen.confidence, chosen.level, chosen.rep, chosen.text
        )
        return [self._hearing.now(said, self._running)]

    @property
    def _running(self) -> int:
        """The repetition under way, as far as repetitions are known."""
        return self._last_rep.index + 1 if self._last_rep is not None else 1

    def _rep_at(self, time_s: float) -> int:
        """Return the repetition that `time_s` falls into, as far as repetitions are known."""
        if self._last_rep is None:
            return 1
        return self._last_rep.index + (time_s >= self._last_rep.end_s)

    def _cue(self, alert: Alert) -> Alert:
        """Return an alert about the lifter's movement, audible as mode and budget allow."""
        self._last = alert
        return self._hearing.cue(alert, self._running)

    def _status(self, kind: str, time_s: float, text: str) -> Alert:
        """Return an alert about the equipment, which no budget of cues holds back."""
        return self._hearing.status(
            self._alert(kind, time_s, Cause.UNCLEAR, Confidence.HIGH, Level.CAUTION, None, text)
        )

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


def _time_s(event: Event) -> float:
    """Return the session time at which `event` could be known."""
    match event:
        case LiftOff():
            return event.end_s  # its decided_s is that of its beginning
        case _ if hasattr(event, "decided_s"):
            return float(event.decided_s)
        case _:
            return event.time_s
