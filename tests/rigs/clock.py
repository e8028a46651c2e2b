"""Time that runs faster than real time, the same for whoever shares it."""

from __future__ import annotations

import asyncio
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
