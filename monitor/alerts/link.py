"""A connection to a broker as the courier sees it: what it does, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from monitor.alerts.messages import Message


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker took us in."""


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection, for the reason `text`; it is being tried again."""

    text: str


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """The broker does not speak this version of MQTT, as far as one can tell."""


@dataclass(frozen=True, slots=True)
class Acked:
    """The broker confirmed a message with an MQTT 5 reason code; 0 where the version has none."""

    mid: int
    reason: int
    text: str = ""

    @property
    def refused(self) -> bool:
        """Whether the broker did not take it."""
        return self.reason >= 128


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message for us."""

    topic: str
    payload: bytes
    retained: bool


LinkNote = Connected | Lost | OtherVersion | Acked | Inbound


class Link(Protocol):
    """A connection that mends itself and reports through notes."""

    def publish(self, message: Message, id_: str = "", expiry_s: int | None = None) -> int:
        """Send `message` and return the number its confirmation will bear."""
        ...

    def subscribe(self, topic: str) -> None:
        """Ask for messages on `topic`."""
        ...

    def close(self) -> None:
        """Say goodbye and end."""
        ...
