"""Which letters are on their way, wait to be offered again, or are confirmed but still kept. Pure.

Times are of one clock that never goes back, in s; ``_unix_s`` is the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.alerts.link import Acked

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

UNCONFIRMED_S = 3.0
"""A message on its way for longer is told: a broker that is well confirms within milliseconds, one
across the world within a second."""

NO_SUBSCRIBER = 16
"""MQTT 5 reason code of a confirmation: accepted, but nobody listens."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message on its way: its number in the outbox, when it left, when an alert was handed over."""

    number: int
    at_s: float
    asked_unix_s: float | None


class Flight:
    """Keep account of letters between the outbox and the broker's last word."""

    def __init__(self) -> None:
        self._on_the_way: dict[int, Sent] = {}
        self._again_s: dict[int, float] = {}
        self._held_s: dict[int, float] = {}

    @property
    def free(self) -> int:
        """How many more may go on their way."""
        return WINDOW - len(self._on_the_way)

    @property
    def held(self) -> int:
        """Letters that are confirmed and still kept."""
        return len(self._held_s)

    @property
    def again(self) -> int:
        """Letters that wait to be offered again."""
        return len(self._again_s)

    def late(self, now_s: float) -> int:
        """Return how many have been on their way for long."""
        return sum(sent.at_s < now_s - UNCONFIRMED_S for sent in self._on_the_way.values())

    def busy(self) -> set[int]:
        """Return the numbers that are not to be sent now."""
        return {*(sent.number for sent in self._on_the_way.values()), *self._again_s, *self._held_s}

    def due_again(self, now_s: float) -> set[int]:
        """Return the numbers whose pause is over; they are no longer busy."""
        due = {number for number, due_s in self._again_s.items() if due_s <= now_s}
        for number in due:
            del self._again_s[number]
        return due

    def sent(self, mid: int, sent: Sent) -> None:
        """Note that a letter left under the number `mid`."""
        self._on_the_way[mid] = sent

    def acked(self, note: Acked, now_s: float, connected_s: float) -> Sent | None:
        """Take the broker's word on a message; return what it was, None if it is none of these."""
        sent = self._on_the_way.pop(note.mid, None)
        if sent is None:
            return None
        unheard = note.reason == NO_SUBSCRIBER and now_s - connected_s < RETURN_GRACE_S
        if note.refused or unheard:
            self._again_s[sent.number] = now_s + RETRY_S
        else:
            self._held_s[sent.number] = now_s + HOLD_S
        return sent

    def connected(self) -> None:
        """Offer everything again at once: whoever did not listen may do so now."""
        self._again_s.clear()

    def broken(self) -> None:
        """Trust no confirmation that is still fresh: the connection broke."""
        self._held_s.clear()

    def done(self, now_s: float) -> list[int]:
        """Return, and forget, the numbers that were confirmed long enough ago."""
        done = [number for number, due_s in self._held_s.items() if due_s <= now_s]
        for number in done:
            del self._held_s[number]
        return done
