"""The session behind a window: it may begin before Qt is loaded, so that samples come meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gui.bridge import ScreenSink
from gui.ring import PostureRing
from gui.worker import AsyncThread
from monitor.model.session import Sink

RunSession = Callable[[Sink, asyncio.Event], Awaitable[None]]


class Behind:
    """A session on a thread of its own, and what it hands to the screen.

    Parameters
    ----------
    run_session
        Coroutine function that runs the session with the sink it is given and returns soon
        after the event is set. It runs in an event loop on a thread of its own. A failure is
        shown in the window.
    """

    def __init__(self, run_session: RunSession) -> None:
        self.sink = ScreenSink(PostureRing())
        self.worker = AsyncThread(lambda stop: run_session(self.sink, stop))

    def begin(self) -> None:
        """Begin the session, if it has not begun."""
        if self.worker.ident is None:
            self.worker.start()
