"""What a session has to tell the broker, as messages; knows nothing of networks or clocks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from monitor.alerts import messages
from monitor.alerts.letter import Letter
from monitor.alerts.messages import Message, SessionState, Topics
from monitor.model.events import Alert, Event, LiftOff, LiftOffStarted, Rep, SetSummary
from monitor.model.samples import LOWER
from monitor.model.session import Annotation, Delivery, LinkStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.alerts.settings import MqttSettings
    from monitor.model.as_json import Json
    from monitor.model.session import Output, SessionInfo, SourceItem


class Reporter:
    """Turn a session's items and outputs into letters (must arrive) and messages (now or never).

    Parameters
    ----------
    info
        The session's header.
    settings
        Rates and lifetimes.

    Raises
    ------
    ConfigError
        If the athlete's name cannot be part of a topic.
    """

    def __init__(self, info: SessionInfo, settings: MqttSettings) -> None:
        self.topics = Topics(info.athlete)
        self._info = info
        self._settings = settings
        self._state = SessionState(info.exercise.name, _load_kg(info, 1), set_index=1)
        self._last_state_s = float("-inf")
        try:
            self._started_unix_s: float | None = datetime.fromisoformat(info.started_at).timestamp()
        except ValueError:
            self._started_unix_s = None

    def availability(self, *, online: bool) -> Message:
        """Return the retained message that says whether we are there."""
        word = messages.ONLINE if online else messages.OFFLINE
        return Message(self.topics.availability, word.encode(), 1, retain=True)

    def report(
        self, items: Sequence[SourceItem], output: Output, now_unix_s: float
    ) -> list[Letter | Message]:
        """Return what to publish for a batch, in order."""
        for item in items:
            self._note(item)
        told: list[Letter | Message] = []
        for event in output.events:
            letter = self._letter(event, now_unix_s)
            if letter is not None:
                told.append(letter)
        if len(output.posture):
            told += self._state_message(output)
        return told

    def _note(self, item: SourceItem) -> None:
        match item:
            case LinkStatus(sensor=sensor) if sensor == LOWER:
                self._state.link = item.state
                if item.battery is not None:
                    self._state.battery_percent = round(100 * item.battery)
            case Delivery() if self._state.link == "connecting":
                self._state.link = "streaming"  # a file reports no link
            case Annotation(kind="exercise", value=str() as exercise):
                self._state.exercise = exercise
            case Annotation(kind="load_kg", value=int() | float() as load_kg):
                self._state.load_kg = float(load_kg)

    def _letter(self, event: Event, now_unix_s: float) -> Letter | None:
        session = self._info.session_id
        match event:
            case Alert():
                # Without a start on the clock the alert is as old as its arrival here.
                begun = self._started_unix_s
                at_unix_s = now_unix_s if begun is None else begun + event.time_s
                payload = messages.alert_json(event, time_unix_s=at_unix_s, session_id=session)
                ttl_s = self._settings.alert_ttl_s
                return _write(self.topics.alert, event.id, payload, now_unix_s, ttl_s, alert=True)
            case Rep():
                self._state.rep, self._state.set_index = event.index, event.set_index
                payload = messages.rep_json(event, session)
                ttl_s = self._settings.record_ttl_s
                return _write(self.topics.rep, f"{session}-rep-{event.index}", payload, now_unix_s, ttl_s)
            case SetSummary():
                self._state.problem = False
                self._state.set_index = event.index + 1
                self._state.load_kg = _load_kg(self._info, event.index + 1)
                payload = messages.set_json(event, session)
                ttl_s, id_ = self._settings.record_ttl_s, f"{session}-set-{event.index}"
                return _write(self.topics.set_summary, id_, payload, now_unix_s, ttl_s, retain=True)
            case LiftOffStarted():
                self._state.problem = True
            case LiftOff():
                self._state.problem = False
        return None

    def _state_message(self, output: Output) -> list[Message]:
        now_s = float(output.posture.t_s[-1])
        # A hair early rather than a whole block late.
        if now_s - self._last_state_s < 1 / self._settings.state_hz - 1e-6:
            return []
        self._last_state_s = now_s
        payload = messages.encode(messages.state_json(output.posture, self._state))
        return [Message(self.topics.state, payload)]


def _write(
    topic: str,
    id_: str,
    payload: Json,
    now_unix_s: float,
    ttl_s: float,
    *,
    alert: bool = False,
    retain: bool = False,
) -> Letter:
    return Letter(id_, topic, messages.encode(payload), retain, alert, now_unix_s, now_unix_s + ttl_s)


def _load_kg(info: SessionInfo, set_index: int) -> float | None:
    """Return the load of set `set_index`, counted from 1; the last one given holds on."""
    return info.loads_kg[min(set_index, len(info.loads_kg)) - 1] if info.loads_kg else None
