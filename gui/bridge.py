"""The far end of a session that feeds the screen; called on the session's thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gui.ring import PostureRing
from monitor.model.session import Output, SessionInfo, SourceItem


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
        self._ring = ring
        # append and popleft of a deque are atomic: no lock of our own is needed.
        self._inbox: deque[Message] = deque()

    def begin(self, info: SessionInfo) -> None:
        """Take the session's header."""
        self._ring.clear()
        self._inbox.append(Began(info))

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Take a batch; never blocks for longer than one copy of the ring."""
        self._ring.extend(output.posture)
        self._inbox.append(Took(tuple(items), output))

    def end(self) -> None:
        """Mark the end of the session."""
        self._inbox.append(Ended())

    def drain(self) -> Iterator[Message]:
        """Yield what has arrived so far, in order; called on the screen's thread."""
        for _ in range(len(self._inbox)):
            yield self._inbox.popleft()
