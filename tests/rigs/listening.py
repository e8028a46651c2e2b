"""Take what a live source delivers, for a test to look at."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from monitor.model.samples import FloatArray, RawPacket
from monitor.model.session import Annotation, Delivery, LinkStatus, LiveSource, SourceItem
from monitor.sensors.profiles.open_profile import DATA

_DEADLINE_S = 60.0


@dataclass
class Heard:
    """What a source has delivered so far."""

    items: list[SourceItem] = field(default_factory=list)
    samples: Counter[str] = field(default_factory=Counter)
    """Samples of each sensor."""

    def add(self, batch: Iterable[SourceItem]) -> None:
        """Take a batch."""
        for item in batch:
            self.items.append(item)
            if isinstance(item, Delivery):
                self.samples[item.block.sensor] += len(item.block)

    def states(self, sensor: str = "lower") -> list[str]:
        """Return the states of a link in order, each once."""
        said = [i.state for i in self.links(sensor)]
        return [state for k, state in enumerate(said) if k == 0 or said[k - 1] != state]

    def links(self, sensor: str = "lower") -> list[LinkStatus]:
        """Return what was said of a link."""
        return [i for i in self.items if isinstance(i, LinkStatus) and i.sensor == sensor]

    def marks(self) -> list[Annotation]:
        """Return what a person said."""
        return [i for i in self.items if isinstance(i, Annotation)]

    def deliveries(self, sensor: str = "lower") -> list[Delivery]:
        """Return the deliveries with samples."""
        return [
            i for i in self.items if isinstance(i, Delivery) and len(i.block) and i.block.sensor == sensor
        ]

    def times(self, sensor: str = "lower") -> FloatArray:
        """Return the session time of every sample."""
        return np.concatenate([np.empty(0), *(d.block.t_s for d in self.deliveries(sensor))])

    def payloads(self, like: Iterable[tuple[str, bytes]], sensor: str = "lower") -> list[tuple[str, bytes]]:
        """Return characteristic and payload of what came from the characteristics of `like`."""
        asked = {characteristic for characteristic, _ in like}
        every = [p for i in self.items if isinstance(i, Delivery) for p in i.packets]
        return [
            (p.characteristic, p.payload) for p in every if p.sensor == sensor and p.characteristic in asked
        ]

    def packets(self, sensor: str = "lower") -> list[RawPacket]:
        """Return the data notifications."""
        every = [p for i in self.items if isinstance(i, Delivery) for p in i.packets]
        return [p for p in every if p.sensor == sensor and p.characteristic == DATA]


class Listener:
    """Listen to a source in the background, until the context is left."""

    def __init__(self, source: LiveSource) -> None:
        self.heard = Heard()
        self._source = source
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begin."""
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop as a session does: by cancelling."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, condition: Callable[[Heard], bool]) -> Heard:
        """Return once `condition` holds; raises what the source raises."""
        async with asyncio.timeout(_DEADLINE_S):
            while not condition(self.heard):
                if self._task.done():
                    self._task.result()
                    raise AssertionError("the source ended")
                self._news.clear()
                await self._news.wait()
        return self.heard

    async def _listen(self) -> None:
        try:
            async for batch in self._source.stream():
                self.heard.add(batch)
                self._news.set()
        finally:
            self._news.set()


async def all_of(source: LiveSource) -> None:
    """Listen until the source fails."""
    async with asyncio.timeout(_DEADLINE_S):
        async for _ in source.stream():
            pass
