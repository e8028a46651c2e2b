"""The thread that brings messages to the broker: saves first, publishes, waits for the confirmation.

It alone owns the outbox and decides what is published when. Everything else - the session, the
network library's callbacks - only puts notes into its queue, so nobody ever waits for the
network, and no lock is held around a call of the library.
"""

from __future__ import annotations

import json
import logging
import math
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.alerts.delay import Delay, DelayBook
from monitor.alerts.link import Acked, Connected, Inbound, Link, LinkNote, Lost, OtherVersion
from monitor.alerts.messages import Message, encode
from monitor.alerts.outbox import Letter, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

WINDOW = 20
"""Messages on their way without confirmation at most: paho's own default."""

RETURN_GRACE_S = 30.0
"""After a broker comes back its subscribers need a while to come back too; until then an alert
that "no subscriber" got is offered again. Longer than the usual backoff of client libraries."""

RETRY_S = 1.0
"""Pause before an alert nobody got, or the broker refused, is offered again."""

HOLD_S = 0.5
"""A confirmed alert is kept so long: a broker that is killed loses what it confirmed last, since
it confirms before it saves or passes on. If the connection breaks meanwhile it is sent again."""

DRAIN_S = 2.0
"""At the end of a session: how long alerts still on their way are waited for."""

FAREWELL_S = 0.5
"""At the end: how long the confirmation of "offline" is waited for."""

UNCONFIRMED_S = 3.0
"""A message on its way for longer is told: a broker that is well confirms within milliseconds, one
across the world within a second."""

NO_SUBSCRIBER = 16
"""MQTT 5 reason code of a confirmation: accepted, but nobody listens."""


@dataclass(frozen=True, slots=True)
class _Stop:
    until_s: float


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message on its way: its number in the outbox, when it left, when an alert was handed over."""

    number: int
    at_s: float
    asked_unix_s: float | None


_Note = LinkNote | Letter | Message | _Stop


@dataclass(frozen=True, slots=True)
class Errand:
    """What a courier needs to know of the session it works for.

    Parameters
    ----------
    broker
        Host and port, for people.
    dial
        Opens a link that speaks MQTT 5 (True) or 3.1.1 (False) and reports to the callable.
    greeting
        What to publish on every connection.
    farewell
        What to publish at the end.
    subscriptions
        Topics to listen to.
    received
        Takes what came in; returns what to publish in answer.
    outbox_path
        Where waiting messages are kept; None keeps them in memory only.
    """

    broker: str
    dial: Callable[[bool, Callable[[LinkNote], None]], Link]
    greeting: Callable[[], Sequence[Message]]
    farewell: Message
    subscriptions: Sequence[str]
    received: Callable[[Inbound], Sequence[Message]]
    outbox_path: Path | None = None


class Courier(threading.Thread):
    """Deliver the letters of one session; nothing that others call blocks, but for `finish`."""

    def __init__(self, errand: Errand) -> None:
        super().__init__(name="courier", daemon=True)
        self._errand = errand
        self._inbox: queue.SimpleQueue[tuple[int, _Note]] = queue.SimpleQueue()
        self._outbox = Outbox(None, errand.broker, 0.0)  # until the thread opens the real one
        self._link: Link | None = None
        self._dialled = 0
        self._dial_s: float | None = 0.0
        self._version_5 = True
        self._ever_connected = False
        self._failed = False
        self._up = False
        self._connected_s = 0.0
        self._connected_unix_s = 0.0
        self._on_the_way: dict[int, _Sent] = {}
        self._delays = DelayBook()
        self._again_s: dict[int, float] = {}
        self._held_s: dict[int, float] = {}
        self._text = "connecting"
        self._refusal = ""
        self._latest: Message | None = None
        self._farewell: int | None = None
        self._stop_s: float | None = None
        self.saved = 0
        """Letters taken into the outbox so far."""
        self.connected = threading.Event()
        """Set while there is a connection."""
        self.status = f"broker {errand.broker}: connecting"
        """One line for a screen."""

    @property
    def delay(self) -> Delay:
        """How long alerts took from being handed over to the broker's confirmation."""
        return self._delays.figures

    @property
    def broker(self) -> str:
        """Host and port, for people."""
        return self._errand.broker

    @property
    def version_5(self) -> bool:
        """Whether MQTT 5 is spoken, or tried; else 3.1.1."""
        return self._version_5

    @property
    def failure(self) -> str:
        """Why there is no connection, or why messages are refused; empty while neither is known."""
        return self._refusal or (self._text if self._failed else "")

    @property
    def trouble(self) -> str:
        """Why messages are not saved on disk; empty if they are."""
        return self._outbox.trouble

    @property
    def waiting(self) -> int:
        """Messages the broker has not confirmed yet."""
        return len(self._outbox) - len(self._held_s)

    def put(self, note: Letter | Message) -> None:
        """Take a letter to deliver, or a message to publish if there is a connection now."""
        self._inbox.put((0, note))

    def finish(self, limit_s: float = DRAIN_S) -> None:
        """Deliver what is on its way for at most `limit_s` seconds, say goodbye and end."""
        self._inbox.put((0, _Stop(time.monotonic() + limit_s)))
        self.join(limit_s + 2 * FAREWELL_S)

    def run(self) -> None:
        """Work until told to stop."""
        try:
            self._outbox = Outbox(self._errand.outbox_path, self._errand.broker, time.time())
            while not self._finished():
                self._turn()
        except Exception as failed:  # noqa: BLE001 - a thread has nobody to raise to
            _log.error("delivery to the broker stopped: %s", failed)
            _log.debug("in full", exc_info=True)
            self.status = f"broker {self._errand.broker}: stopped by an error of this program, see the log"
        finally:
            self._outbox.close()
            if self._link is not None and self._up:
                self._link.close()
                self._link = None
            self._hang_up()
            self._up = False
            self.connected.clear()

    def _turn(self) -> None:
        if self._dial_s is not None and time.monotonic() >= self._dial_s:
            self._dial()
        notes = self._collect()
        letters = [note for _, note in notes if isinstance(note, Letter)]
        self._outbox.put(letters)
        self.saved += len(letters)
        for dialled, note in notes:
            match note:
                case Acked() if dialled == self._dialled:
                    self._acked(note)
                case Message():
                    # Before the first connection the newest one waits, so that a short session shows too.
                    self._latest = None if self._publish(note) is not None else note
                case _Stop():
                    self._stop_s = note.until_s
                case Connected() | Lost() | OtherVersion() | Inbound() if dialled == self._dialled:
                    self._hear(note)
        self._forget(time.monotonic())
        if expired := self._outbox.expire(time.time()):
            _log.warning("%d alerts were too old to be sent", expired)
        self._send()
        self._tell()

    def _collect(self) -> list[tuple[int, _Note]]:
        """Wait for a note, or until something else is due, and return all there are."""
        if self._stop_s is not None:
            patience_s = 0.02
        else:
            patience_s = 0.2 if self._again_s or self._held_s or self._dial_s is not None else RETRY_S
        notes: list[tuple[int, _Note]] = []
        try:
            notes.append(self._inbox.get(timeout=patience_s))
            while len(notes) < 1000:
                notes.append(self._inbox.get_nowait())
        except queue.Empty:
            pass
        return notes

    def _dial(self) -> None:
        self._dial_s = None
        self._dialled += 1
        dialled = self._dialled
        self._link = self._errand.dial(self._version_5, lambda note: self._inbox.put((dialled, note)))

    def _hang_up(self) -> None:
        if self._link is not None:
            # Closing waits for the connection's thread; nobody needs to wait with it.
            threading.Thread(target=self._link.close, name="hang-up", daemon=True).start()
            self._link = None

    def _set_up(self, up: bool) -> None:
        self._up = up
        if not up:
            self._held_s.clear()
        self._tell()
        # Last, so that whoever waits for it reads a status that says so.
        (self.connected.set if up else self.connected.clear)()

    def _hear(self, note: Connected | Lost | OtherVersion | Inbound) -> None:
        match note:
            case Connected():
                self._greet()
            case Lost():
                self._text, self._failed = note.text, True
                self._set_up(False)
            case OtherVersion():
                self._other_version()
            case Inbound():
                for message in self._answers(note):
                    self._publish(message)

    def _other_version(self) -> None:
        # The first doubt is settled at once and no failure yet, an endless one is not hurried.
        doubts = self._dialled > 1 or self._ever_connected
        if doubts:
            self._text, self._failed = "closes the connection without an answer, is it an MQTT port?", True
        self._set_up(False)
        if not self._ever_connected and self._dial_s is None:
            self._hang_up()
            self._dial_s = time.monotonic() + (RETRY_S if doubts else 0.0)
            self._version_5 = not self._version_5

    def _greet(self) -> None:
        self._text, self._refusal, self._failed = "connected", "", False
        self._ever_connected = True
        self._connected_s, self._connected_unix_s = time.monotonic(), time.time()
        self._again_s.clear()
        self._set_up(True)
        if self._link is not None:
            for topic in self._errand.subscriptions:
                self._link.subscribe(topic)
        latest, self._latest = self._latest, None
        for message in (*self._errand.greeting(), *([latest] if latest is not None else [])):
            self._publish(message)

    def _answers(self, note: Inbound) -> Sequence[Message]:
        try:
            return self._errand.received(note)
        except Exception as failed:  # noqa: BLE001 - what others send must not end the deliveries
            _log.error("message on %s not understood: %s", note.topic, failed)
            _log.debug("in full", exc_info=True)
            return ()

    def _acked(self, note: Acked) -> None:
        now_s = time.monotonic()
        if note.mid == self._farewell:
            self._stop_s = now_s
            self._forget(math.inf)
        sent = self._on_the_way.pop(note.mid, None)
        if sent is None:
            return
        number = sent.number
        # What waited for a connection tells of the outage, not of the way.
        if sent.asked_unix_s is not None and sent.asked_unix_s >= self._connected_unix_s:
            self._delays.add(time.time() - sent.asked_unix_s)
        if note.refused:
            self._refusal = f"the broker refuses our messages ({note.text})"
            self._again_s[number] = now_s + RETRY_S
        elif note.reason == NO_SUBSCRIBER and now_s - self._connected_s < RETURN_GRACE_S:
            self._again_s[number] = now_s + RETRY_S
        else:
            self._held_s[number] = now_s + HOLD_S

    def _forget(self, until_s: float) -> None:
        """Forget what was confirmed long enough ago."""
        if done := [number for number, due_s in self._held_s.items() if due_s <= until_s]:
            self._outbox.remove(done)
            for number in done:
                del self._held_s[number]

    def _send(self) -> None:
        if self._link is None or not self._up or self._farewell is not None:
            return
        now_s, now_unix_s = time.monotonic(), time.time()
        repeats = {number for number, due_s in self._again_s.items() if due_s <= now_s}
        self._again_s = {number: due_s for number, due_s in self._again_s.items() if due_s > now_s}
        busy = {*(sent.number for sent in self._on_the_way.values()), *self._again_s, *self._held_s}
        for letter in self._outbox.waiting(WINDOW - len(self._on_the_way), busy):
            # A retained message is to stay, so it does not expire at the broker.
            expiry_s = None if letter.retain else max(1, math.ceil(letter.expires_unix_s - now_unix_s))
            message = Message(letter.topic, _aged(letter, now_unix_s), 1, letter.retain)
            asked_unix_s = letter.created_unix_s if letter.alert and letter.number not in repeats else None
            mid = self._link.publish(message, letter.id, expiry_s)
            self._on_the_way[mid] = _Sent(letter.number, now_s, asked_unix_s)

    def _publish(self, message: Message) -> int | None:
        if self._link is None or not self._up:
            return None
        return self._link.publish(message)

    def _tell(self) -> None:
        parts = [self._refusal or self._text]
        waiting = len(self._outbox)
        if waiting and not self._up:
            parts.append(f"{waiting} message{'s' if waiting > 1 else ''} waiting")
        late_s = time.monotonic() - UNCONFIRMED_S
        if self._up and (late := sum(sent.at_s < late_s for sent in self._on_the_way.values())):
            these = f"{late} message{'s' if late > 1 else ''}"
            parts.append(f"does not confirm {these}, allow QoS 1 there or use another broker")
        if self._outbox.dropped_alerts:
            parts.append(f"{self._outbox.dropped_alerts} alerts given up, too many were waiting")
        if self._outbox.trouble:
            parts.append(self._outbox.trouble)
        self.status = f"broker {self._errand.broker}: {'; '.join(parts)}"

    def _finished(self) -> bool:
        if self._stop_s is None:
            return False
        now_s = time.monotonic()
        if self._farewell is None:
            waiting = len(self._outbox) - len(self._again_s) - len(self._held_s)
            hopeless = self._failed and not self._ever_connected
            if waiting > 0 and now_s < self._stop_s and not hopeless:
                return False
            self._farewell = self._publish(self._errand.farewell)
            self._stop_s = now_s + FAREWELL_S
            return self._farewell is None
        return now_s >= self._stop_s


def _aged(letter: Letter, now_unix_s: float) -> bytes:
    """Return the payload; an alert says how old it is, for consumers without a clock of their own."""
    if not letter.alert:
        return letter.payload
    age_s = round(max(0.0, now_unix_s - letter.created_unix_s), 1)
    return encode({**json.loads(letter.payload), "age_s": age_s})
