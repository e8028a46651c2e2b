"""The thread that brings messages to the broker: saves first, publishes, waits for the confirmation.

It alone owns the outbox and decides what is published when. Everything else - the session, the
network library's callbacks - only puts notes into its queue, so nobody ever waits for the
network, and no lock is held around a call of the library.

An alert is in a hurry: whatever else came with it, it is saved and sent before anything else is
done, and what can wait for a quiet moment (forgetting what arrived, syncing the disk) does.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.alerts.delay import Delay, DelayBook
from monitor.alerts.flight import Flight, Sent
from monitor.alerts.letter import Letter
from monitor.alerts.line import Line
from monitor.alerts.link import Acked, Connected, Inbound, LinkNote, Lost, OtherVersion
from monitor.alerts.messages import Message
from monitor.alerts.outbox import Outbox
from monitor.alerts.standing import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.alerts.errand import Errand

_log = logging.getLogger(__name__)

DRAIN_S = 2.0
"""At the end of a session: how long alerts still on their way are waited for."""

FAREWELL_S = 0.5
"""At the end: how long the confirmation of "offline" is waited for."""

_IDLE_S, _SOON_S = 1.0, 0.2
"""How often the clock is looked at, with nothing and with something under way; news wake us at once."""

_QUIET_S = 0.02
"""Without news for so long nothing is in a hurry: the broker's confirmation takes less."""

_UNSYNCED_S = 0.2
"""Quiet or not, after so long the disk is synced: what a power cut may take, never a killed process."""


@dataclass(frozen=True, slots=True)
class _Stop:
    until_s: float


_Note = LinkNote | Letter | Message | _Stop


class Courier(threading.Thread):
    """Deliver the letters of one session; nothing that others call blocks, but for `finish`."""

    def __init__(self, errand: Errand) -> None:
        super().__init__(name="courier", daemon=True)
        self._errand = errand
        self._inbox: queue.SimpleQueue[tuple[int, _Note]] = queue.SimpleQueue()
        self._outbox = Outbox(None, errand.broker, 0.0)  # until the thread opens the real one
        self._line = Line(errand.dial, lambda dialled, note: self._inbox.put((dialled, note)))
        self._flight = Flight()
        self._delays = DelayBook()
        self._connected_unix_s = 0.0
        self._refusal = ""
        self._latest: Message | None = None
        self._unsynced_s: float | None = None
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
        return self._line.version_5

    @property
    def failure(self) -> str:
        """Why there is no connection, or why messages are refused; empty while neither is known."""
        return self._refusal or self._line.failure

    @property
    def trouble(self) -> str:
        """Why messages are not saved on disk; empty if they are."""
        return self._outbox.trouble

    @property
    def waiting(self) -> int:
        """Messages the broker has not confirmed yet."""
        return len(self._outbox) - self._flight.held

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
            self._line.close()
            self.connected.clear()

    def _turn(self) -> None:
        self._line.dial_if_due(time.monotonic())
        notes = self._collect()
        if letters := [note for _, note in notes if isinstance(note, Letter)]:
            self._outbox.put(letters)
            self._send()
            self.saved += len(letters)
            if self._unsynced_s is None:
                self._unsynced_s = time.monotonic()
        for dialled, note in notes:
            self._hear(note, current=dialled == self._line.dialled)
        self._forget(time.monotonic())
        if expired := self._outbox.expire(time.time()):
            _log.warning("%d alerts were too old to be sent", expired)
        self._send()
        self._tell()
        self._sync(quiet=not notes)

    def _collect(self) -> list[tuple[int, _Note]]:
        """Wait for a note, or until something else is due, and return all there are."""
        if self._stop_s is not None or self._unsynced_s is not None:
            patience_s = _QUIET_S
        else:
            soon = self._flight.again or self._flight.held or self._line.is_due
            patience_s = _SOON_S if soon else _IDLE_S
        notes: list[tuple[int, _Note]] = []
        try:
            notes.append(self._inbox.get(timeout=patience_s))
            while len(notes) < 1000:
                notes.append(self._inbox.get_nowait())
        except queue.Empty:
            pass
        return notes

    def _sync(self, *, quiet: bool) -> None:
        if self._unsynced_s is None:
            return
        if quiet or time.monotonic() - self._unsynced_s > _UNSYNCED_S:
            self._outbox.sync()
            self._unsynced_s = None

    def _hear(self, note: _Note, *, current: bool) -> None:
        """Take a note; what a link reports counts only if that link is the `current` one."""
        match note:
            case Message():
                # Before the first connection the newest one waits, so that a short session shows too.
                self._latest = None if self._line.publish(note) is not None else note
            case _Stop():
                self._stop_s = note.until_s
            case Acked() if current:
                self._acked(note)
            case Connected() if current:
                self._greet()
            case Lost() if current:
                self._line.lost(note.text)
                self._turned_down()
            case OtherVersion() if current:
                self._line.other_version(time.monotonic())
                self._turned_down()
            case Inbound() if current:
                for message in self._answers(note):
                    self._line.publish(message)

    def _greet(self) -> None:
        self._refusal = ""
        self._connected_unix_s = time.time()
        self._flight.connected()
        self._line.connected(time.monotonic(), self._errand.subscriptions)
        self._tell()
        # After that, so that whoever waits for it reads a status that says so.
        self.connected.set()
        latest, self._latest = self._latest, None
        for message in (*self._errand.greeting(), *([latest] if latest is not None else [])):
            self._line.publish(message)

    def _turned_down(self) -> None:
        self._flight.broken()
        self._tell()
        self.connected.clear()

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
        sent = self._flight.acked(note, now_s, self._line.connected_s)
        if sent is None:
            return
        # What waited for a connection tells of the outage, not of the way.
        if sent.asked_unix_s is not None and sent.asked_unix_s >= self._connected_unix_s:
            self._delays.add(time.time() - sent.asked_unix_s)
        if note.refused:
            self._refusal = f"the broker refuses our messages ({note.text})"

    def _forget(self, until_s: float) -> None:
        """Forget what was confirmed long enough ago."""
        if done := self._flight.done(until_s):
            self._outbox.remove(done)

    def _send(self) -> None:
        """Send the oldest that wait, as many as may be on their way."""
        if not self._line.up or self._farewell is not None:
            return
        now_s, now_unix_s = time.monotonic(), time.time()
        repeats = self._flight.due_again(now_s)
        for letter in self._outbox.waiting(self._flight.free, self._flight.busy()):
            # A retained message is to stay, so it does not expire at the broker.
            expiry_s = None if letter.retain else max(1, math.ceil(letter.expires_unix_s - now_unix_s))
            message = Message(letter.topic, letter.told_at(now_unix_s), 1, letter.retain)
            asked_unix_s = letter.created_unix_s if letter.alert and letter.number not in repeats else None
            mid = self._line.publish(message, letter.id, expiry_s)
            if mid is not None:
                self._flight.sent(mid, Sent(letter.number, now_s, asked_unix_s))

    def _tell(self) -> None:
        self.status = standing(
            self._errand.broker,
            self._refusal or self._line.text,
            waiting=0 if self._line.up else len(self._outbox),
            late=self._flight.late(time.monotonic()) if self._line.up else 0,
            given_up=self._outbox.dropped_alerts,
            trouble=self._outbox.trouble,
        )

    def _finished(self) -> bool:
        if self._stop_s is None:
            return False
        now_s = time.monotonic()
        if self._farewell is None:
            waiting = len(self._outbox) - self._flight.again - self._flight.held
            if waiting > 0 and now_s < self._stop_s and not self._line.is_hopeless:
                return False
            self._farewell = self._line.publish(self._errand.farewell)
            self._stop_s = now_s + FAREWELL_S
            return self._farewell is None
        return now_s >= self._stop_s
