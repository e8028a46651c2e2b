"""What a courier needs to know of the session it works for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from monitor.alerts.line import Dial
    from monitor.alerts.link import Inbound
    from monitor.alerts.messages import Message


@dataclass(frozen=True, slots=True)
class Errand:
    """One session's business with one broker.

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
    dial: Dial
    greeting: Callable[[], Sequence[Message]]
    farewell: Message
    subscriptions: Sequence[str]
    received: Callable[[Inbound], Sequence[Message]]
    outbox_path: Path | None = None
