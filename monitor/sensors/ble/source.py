"""Sensors over Bluetooth as the source of a live session."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace

from monitor.model.errors import ConfigError
from monitor.model.samples import SensorInfo
from monitor.model.session import SessionInfo, SourceItem
from monitor.sensors.ble.link import Link, LinkTimes, Ports
from monitor.sensors.ble.prompt import prompt
from monitor.sensors.ble.radio import Radio

_RATE_HZ = 104.0
"""Fast enough for touch-downs, slow enough for two sensors on one radio."""


class BleSource:
    """One sensor, or two at once on one session time, as a `LiveSource`.

    Parameters
    ----------
    wanted
        Sensor name (``"lower"``, ``"upper"``) to the device's name, the beginning of its name,
        or its address.
    info
        Header of the session; its sensors are replaced by those wanted.
    rate_hz
        Wished sample rate; each device settles for the nearest it has.
    times
        How patient the links are.
    clock_ns, sleep
        Host time, and waiting in it.

    Raises
    ------
    ConfigError
        No sensor is named, or both are the same.
    """

    def __init__(
        self,
        wanted: Mapping[str, str],
        info: SessionInfo,
        *,
        rate_hz: float = _RATE_HZ,
        times: LinkTimes | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        named = [name.strip().casefold() for name in wanted.values()]
        if not named or not all(named):
            raise ConfigError("no sensor is named: write ble:NAME or ble:ADDRESS (see lumbar scan)")
        if len(set(named)) < len(named):
            raise ConfigError(f"both sensors are {named[0]}: name each by its own address (see lumbar scan)")
        self._wanted = {sensor: name.strip() for sensor, name in wanted.items()}
        sensors = tuple(SensorInfo(sensor, name) for sensor, name in self._wanted.items())
        self._info = replace(info, sensors=sensors)
        self._rate_hz = rate_hz
        self._times = times or LinkTimes()
        self._clock_ns = clock_ns
        self._sleep = sleep
        self._links: list[Link] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def info(self) -> SessionInfo:
        """Header of the session; protocol and rate of a sensor are known once it is connected."""
        return self._info

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        """Yield what arrives, as it arrives, until the task is cancelled.

        Raises
        ------
        SensorError
            Bluetooth does not work here, or a sensor was never found. Later losses are told by
            `LinkStatus` and mended for as long as the session lives.
        """
        self._loop = asyncio.get_running_loop()
        pending: list[SourceItem] = []
        arrived = asyncio.Event()

        def post(items: Sequence[SourceItem]) -> None:
            pending.extend(items)
            arrived.set()

        epoch_ns, radio = self._clock_ns(), Radio(self._times.settle_s)
        ports = Ports(post, self._worn, self._clock_ns, self._sleep)
        self._links = [
            Link(sensor, name, self._rate_hz, epoch_ns, radio, ports, self._times)
            for sensor, name in self._wanted.items()
        ]
        # Plain tasks: a task group around a yield would be torn down in another task's context.
        tasks = [asyncio.create_task(link.run(), name=f"{link.sensor} sensor") for link in self._links]
        for task in tasks:
            task.add_done_callback(lambda _: arrived.set())
        try:
            with prompt():
                while True:
                    await arrived.wait()
                    arrived.clear()
                    if pending:
                        batch, pending[:] = tuple(pending), ()
                        yield batch
                    for task in tasks:
                        if task.done():
                            task.result()
        finally:
            self._loop = None
            open_tasks: list[asyncio.Task[object]] = [*tasks, *self._telling]
            for left in open_tasks:
                left.cancel()
            await asyncio.gather(*open_tasks, return_exceptions=True)

    def buzz(self, strength: float = 1.0, duration_s: float = 0.3, sensor: str | None = None) -> None:
        """Vibrate the sensors that can; returns at once, from any thread, whether or not one can.

        Parameters
        ----------
        strength
            0 to 1.
        duration_s
            How long, in s.
        sensor
            ``"lower"`` or ``"upper"``; None for whichever has a motor.
        """
        self._tell(sensor, lambda link: link.buzz(strength, duration_s))

    def identify(self, sensor: str) -> None:
        """Make ``"lower"`` or ``"upper"`` show which one it is, by light or buzz; from any thread."""
        self._tell(sensor, lambda link: link.tell(lambda decoder: decoder.identify()))

    def _tell(self, sensor: str | None, work: Callable[[Link], Coroutine[None, None, None]]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._begin, sensor, work)

    def _begin(self, sensor: str | None, work: Callable[[Link], Coroutine[None, None, None]]) -> None:
        for link in self._links:
            if sensor in (None, link.sensor):
                task = asyncio.ensure_future(work(link))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)

    def _worn(self, known: SensorInfo) -> None:
        sensors = tuple(known if s.name == known.name else s for s in self._info.sensors)
        self._info = replace(self._info, sensors=sensors)
