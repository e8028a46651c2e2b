"""A session that begins without a sensor: it listens for some, and goes on with the one that is chosen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from monitor.model.errors import MonitorError
from monitor.model.samples import LOWER
from monitor.model.session import LinkStatus, LiveSource, SessionInfo, SourceItem

NONE_YET = "none chosen yet: press Find sensors"
SIMULATED = ("sim", "A simulated lifter, to look around without a sensor")
_LISTEN_S = 5.0
_AGAIN_S = 5.0

Heard = Callable[[str, str], None]
"""SENSOR text and words of a device that can be used."""
Listen = Callable[[float, Heard], Awaitable[None]]


async def listen_by_radio(seconds: float, heard: Heard) -> None:
    """Listen for known sensors; SensorError in one line if this computer's Bluetooth does not work."""
    from monitor.sensors.ble import Sighting, scan  # noqa: PLC0415 - the radio is loaded only where used

    def note(sighting: Sighting) -> None:
        if sighting.profile is not None:
            signal = "" if sighting.rssi_dbm is None else f", {sighting.rssi_dbm:.0f} dBm"
            name = sighting.name or sighting.address
            heard(f"ble:{sighting.address}", f"{name}: {sighting.profile.title}{signal}")

    await scan(seconds, note)


@dataclass(frozen=True, slots=True)
class _Choice:
    sensor: str


class WaitingSource:
    """A LiveSource that has no sensor yet.

    Parameters
    ----------
    info
        The header until a sensor is chosen.
    make
        Returns the source of a SENSOR text; MonitorError if it cannot be used.
    listen
        Listens for sensors for some seconds.
    again_s
        Pause before it listens again where that did not work.
    """

    def __init__(
        self,
        info: SessionInfo,
        make: Callable[[str], LiveSource],
        listen: Listen = listen_by_radio,
        again_s: float = _AGAIN_S,
    ) -> None:
        self._info = info
        self._make = make
        self._listen = listen
        self._again_s = again_s
        self._lock = threading.Lock()
        self._found: dict[str, str] = dict([SIMULATED])
        self._choice: _Choice | None = None
        self.chosen: LiveSource | None = None
        """The source in use; None until one is chosen."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None

    @property
    def info(self) -> SessionInfo:
        """What is known of the session; that of the sensor once one is chosen."""
        return self._info

    def found(self) -> tuple[tuple[str, str], ...]:
        """Return SENSOR text and words of what was heard so far; from any thread."""
        with self._lock:
            return tuple(self._found.items())

    def use(self, sensor: str) -> None:
        """Choose a sensor; from any thread."""
        with self._lock:
            self._choice = _Choice(sensor)
            if self._loop is not None and self._woken is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._woken.set)

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        """Yield link states while there is no sensor, then what the chosen one delivers."""
        chosen = asyncio.Event()
        with self._lock:
            self._loop, self._woken = asyncio.get_running_loop(), chosen
        text = NONE_YET
        while True:
            yield [_told(text)]
            choice = self._choice
            if choice is None:
                text = await self._look(chosen)
                continue
            self._choice = None
            try:
                source = self.chosen = self._make(choice.sensor)
                self._info = source.info
                batches = source.stream()
                try:
                    async for batch in batches:
                        self._info = source.info
                        yield batch
                finally:
                    if isinstance(batches, AsyncGenerator):
                        await batches.aclose()
            except MonitorError as failure:
                self.chosen = None
                text = f"{' '.join(str(failure).split())}; choose again"
                continue
            return

    async def _look(self, chosen: asyncio.Event) -> str:
        """Listen until something is chosen or the time is over; return what to say of it."""
        listening = asyncio.ensure_future(self._listen(_LISTEN_S, self._heard))
        choosing = asyncio.ensure_future(chosen.wait())
        text = NONE_YET
        try:
            await asyncio.wait({listening, choosing}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                failure = listening.exception()
                if isinstance(failure, MonitorError):
                    text = f"{' '.join(str(failure).split())}"
                elif failure is not None:
                    raise failure
                if failure is not None or len(self._found) == 1:
                    await asyncio.wait({choosing}, timeout=self._again_s)
        finally:
            for task in (listening, choosing):
                task.cancel()
            await asyncio.gather(listening, choosing, return_exceptions=True)
            chosen.clear()
        return text

    def _heard(self, sensor: str, words: str) -> None:
        with self._lock:
            simulated = self._found.pop(SIMULATED[0], None)
            self._found[sensor] = words
            if simulated is not None:
                self._found[SIMULATED[0]] = simulated  # the last resort comes last


def _told(text: str) -> LinkStatus:
    return LinkStatus(0.0, LOWER, "connecting", text)
