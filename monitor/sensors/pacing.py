"""Anything read at once, played in its own time: adds waiting and nothing else."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from monitor.model.errors import ConfigError
from monitor.model.session import Delivery, SampleSource, SessionInfo, SourceItem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

_MOST_AT_ONCE = 32
"""Items a batch at full speed: about a second and a half of two sensors, so that others get a turn."""


class Paced:
    """A `SampleSource` as a `LiveSource`.

    Parameters
    ----------
    source
        What to play.
    speed
        1 is the pace it was recorded in, 2 twice as fast; None is as fast as it can be read.
    clock
        Returns seconds; only differences count.
    sleep
        Waits for so many seconds.

    Raises
    ------
    ConfigError
        A speed that is not positive.
    """

    def __init__(
        self,
        source: SampleSource,
        speed: float | None = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if speed is not None and not 0.0 < speed < float("inf"):
            raise ConfigError(f"speed {speed:g} makes no sense: give a number above 0, or max")
        self._source = source
        self._speed = speed
        self._clock = clock
        self._sleep = sleep

    @property
    def info(self) -> SessionInfo:
        """What the source knows of the session."""
        return self._source.info

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        """Yield what is due: an item when its last sample was taken, all that is late at once."""
        batch: list[SourceItem] = []
        begun: tuple[float, float] | None = None
        for item in self._source.items():
            at_s = _begin_s(item) if begun is None else None
            if begun is None and at_s is not None:
                begun = self._clock(), at_s
            wait_s = self._wait_s(item, begun)
            if batch and (wait_s > 0.0 or len(batch) >= _MOST_AT_ONCE):
                yield batch
                batch = []
                wait_s = self._wait_s(item, begun)  # the taker took its time
                await self._sleep(max(0.0, wait_s))
            elif wait_s > 0.0:
                await self._sleep(wait_s)
            batch.append(item)
        if batch:
            yield batch

    def _wait_s(self, item: SourceItem, begun: tuple[float, float] | None) -> float:
        """Return how long until `item` is due; not above 0 if it is, or if it has no time of its own."""
        if self._speed is None or begun is None or not isinstance(item, Delivery) or not len(item.block):
            return 0.0
        started, first_s = begun
        return started + (float(item.block.t_s[-1]) - first_s) / self._speed - self._clock()


def _begin_s(item: SourceItem) -> float | None:
    return float(item.block.t_s[0]) if isinstance(item, Delivery) and len(item.block) else None
