"""What the window may ask of the session behind it; everything may be missing, as in a replay. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.ends import Found, SideStatus
from monitor.recording.labels import Labels

Say = Callable[[str, str | float], None]
"""Kind and value of an annotation."""


@dataclass(frozen=True, slots=True)
class Helm:
    """Calls that the window makes on its own thread; none may block but `try_broker`.

    Parameters
    ----------
    say
        Told what the lifter says by key or button; it should come back as an Annotation among the
        session's items. None hides the buttons.
    status
        Asked once a second for the state of recording and broker.
    label
        Keeps what a person corrects beside the recording; MonitorError if it cannot.
    record
        Begins a recording, or another one after the first had to stop; MonitorError if it cannot.
    try_broker
        Tries the broker the way a session uses it, and returns a line on it. May take seconds: it is
        called on a thread of its own.
    found, use
        The sensors heard so far, and the choice of one by its SENSOR text.
    folder
        Where recordings are kept; empty if none are.
    """

    say: Say | None = None
    status: Callable[[], SideStatus] | None = None
    label: Callable[[Labels], None] | None = None
    record: Callable[[], None] | None = None
    try_broker: Callable[[], str] | None = None
    found: Callable[[], tuple[Found, ...]] | None = None
    use: Callable[[str], None] | None = None
    folder: str = ""
