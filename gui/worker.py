"""The session's thread: one event loop, from its first task to its last."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

from monitor.model.errors import MonitorError

_log = logging.getLogger(__name__)


class AsyncThread(threading.Thread):
    """Runs ``main(stop)`` in an event loop of its own, away from the screen.

    Parameters
    ----------
    main
        Coroutine function; it returns soon after the event it is given is set.
    """

    def __init__(self, main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        super().__init__(name="session", daemon=True)
        self._main = main
        self._gate = threading.Lock()
        self._asked_to_stop = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_event: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self.failure: str | None = None
        """Why it stopped, as one line; None while it runs and after a clean end."""

    def run(self) -> None:
        """Run the session; a failure becomes one line in `failure`."""
        try:
            asyncio.run(self._guarded())
        except asyncio.CancelledError:
            pass
        except MonitorError as failure:
            self.failure = " ".join(str(failure).split())
        except OSError as failure:
            where = f"{failure.filename}: " if failure.filename else ""
            self.failure = f"{where}{failure.strerror or failure}"
        except Exception as failure:  # noqa: BLE001 - the last place where it can be told
            # Nobody else would see it: a thread's traceback goes nowhere near the window.
            _log.exception("the session stopped")
            self.failure = f"the session stopped unexpectedly: {type(failure).__name__}: {failure}"

    def ask_to_stop(self) -> None:
        """Set the stop event, now or as soon as the loop runs; any thread may call it."""
        with self._gate:
            self._asked_to_stop = True
            if self._loop is not None and self._stop_event is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._stop_event.set)

    def finish(self, patience_s: float = 5.0) -> bool:
        """Stop and join; after `patience_s` cancel. True if the thread has ended."""
        if self.ident is None:
            return True
        self.ask_to_stop()
        self.join(patience_s)
        if self.is_alive():
            _log.warning("the session did not stop within %s s: cancelling it", patience_s)
            with self._gate:
                if self._loop is not None and self._task is not None and not self._loop.is_closed():
                    self._loop.call_soon_threadsafe(self._task.cancel)
            self.join(patience_s)
        return not self.is_alive()

    async def _guarded(self) -> None:
        stop = asyncio.Event()
        with self._gate:
            self._loop = asyncio.get_running_loop()
            self._stop_event = stop
            self._task = asyncio.current_task()
            if self._asked_to_stop:
                stop.set()
        try:
            await self._main(stop)
        finally:
            with self._gate:
                self._loop = None
