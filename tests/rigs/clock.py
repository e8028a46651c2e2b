"""Time that runs faster than real time, the same for whoever shares it."""

from __future__ import annotations

import asyncio
import selectors
import time


class FastClock:
    """Host time times `speed`."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._began_ns = time.monotonic_ns()

    def ns(self) -> int:
        """Return the time in ns."""
        return self._began_ns + round((time.monotonic_ns() - self._began_ns) * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this time."""
        await asyncio.sleep(seconds / self.speed)


class IdleLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while it waits, and then `speed` times faster.

    A computer with other work to do then slows a session down, instead of making its notifications late.

    Parameters
    ----------
    speed
        Seconds of its time in a second of waiting.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._waiting = _Waiting(speed)
        super().__init__(self._waiting)

    def time(self) -> float:
        """Return the time in s."""
        return self._waiting.passed_s

    def ns(self) -> int:
        """Return the time in ns."""
        return round(self._waiting.passed_s * 1e9)


class _Waiting(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Wait for a file or the next timer, and count how long."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.passed_s = 1.0
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready within `timeout` seconds of the loop's time."""
        real_s = None if timeout is None else timeout / self._speed
        began_s = time.monotonic()
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(real_s)
        waited_s = (time.monotonic() - began_s) * self._speed
        if timeout is None or (ready and waited_s < timeout):
            self.passed_s += waited_s
        elif timeout > 0:
            # The timer is due now, however late the computer was to say so.
            self.passed_s += timeout
        return ready
