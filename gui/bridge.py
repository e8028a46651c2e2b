"""The far end of a session that feeds the screen; called on the session's thread."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gui.ring import PostureRing
from monitor.model.session import Delivery, Output, SessionInfo, SourceItem

_PLAUSIBLE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Began:
    """A session has begun."""

    info: SessionInfo


@dataclass(frozen=True, slots=True)
class Took:
    """A batch of input and what became of it."""

    items: tuple[SourceItem, ...]
    output: Output


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over."""


Message = Began | Took | Ended


class ScreenSink:
    """A sink named "screen": rows go to the ring, everything else waits for the next frame.

    No signal is emitted: the window's one timer calls `drain`.
    """

    name = "screen"

    def __init__(self, ring: PostureRing) -> None:
        self.ring = ring
        """Where rows go."""
        # append and popleft of a deque are atomic: no lock of our own is needed.
        self._inbox: deque[Message] = deque()
        self.latency_ms: float | None = None
        """From the newest notification's arrival to its rows in the ring; None where none is known."""

    def begin(self, info: SessionInfo) -> None:
        """Take the session's header."""
        self.ring.clear()
        self._inbox.append(Began(info))

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Take a batch; never blocks for longer than one copy of the ring."""
        self.ring.extend(output.posture)
        # Until they come again, known, the rows that wait for the calibration stand in for them.
        self.ring.extend(output.provisional)
        self._inbox.append(Took(tuple(items), output))
        arrived_ns = max(
            (p.received_ns for item in items if isinstance(item, Delivery) for p in item.packets),
            default=None,
        )
        if arrived_ns is not None and (len(output.posture) or len(output.provisional)):
            ago_ms = (time.monotonic_ns() - arrived_ns) / 1e6
            # Recorded and simulated packets carry a clock of their own: no figure is better than that.
            self.latency_ms = ago_ms if 0 <= ago_ms < _PLAUSIBLE_MS else None

    def end(self) -> None:
        """Mark the end of the session."""
        self._inbox.append(Ended())

    def drain(self) -> Iterator[Message]:
        """Yield what has arrived so far, in order; called on the screen's thread."""
        for _ in range(len(self._inbox)):
            yield self._inbox.popleft()
