"""One sensor's link for as long as a session lives: found, connected, watched, reconnected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from monitor.model.errors import SensorError
from monitor.model.samples import SensorInfo
from monitor.model.session import LinkStatus, SourceItem
from monitor.sensors.ble.connection import Connection
from monitor.sensors.ble.faults import BlockedError
from monitor.sensors.ble.intake import Intake
from monitor.sensors.ble.radio import Radio, listed
from monitor.sensors.profiles.base import UNCOUNTED, Command, Decoder, counts_losses

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """How patient a link is, in seconds.

    Parameters
    ----------
    stale_s
        Data older than this means the sensor is lost: BlueZ calls a silent peer connected for
        6 s and more.
    first_s
        A connected sensor that has sent nothing for so long is given up and tried again.
    find_s
        How long a session waits for a sensor that was never there.
    settle_s
        How long to listen for others of the same name before one is taken.
    poll_s
        Time between questions for charge and signal strength.
    pause_s
        Wait before the second attempt after a failure; doubled for each further one.
    longest_pause_s
        The longest such wait.
    """

    stale_s: float = 1.5
    first_s: float = 5.0
    find_s: float = 20.0
    settle_s: float = 1.0
    poll_s: float = 60.0
    pause_s: float = 0.5
    longest_pause_s: float = 5.0


_FIRST_ATTEMPTS = 3
"""Failed attempts at a sensor that has never delivered, before the session gives up on it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What a link is given from outside.

    Parameters
    ----------
    post
        Takes items for the session.
    worn
        Takes what becomes known of the sensor.
    clock_ns
        Host time in ns.
    sleep
        Waits for so many seconds of that time.
    """

    post: Callable[[Sequence[SourceItem]], None]
    worn: Callable[[SensorInfo], None]
    clock_ns: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]]


class Link:
    """Keep one sensor delivering.

    Parameters
    ----------
    sensor
        ``"lower"`` or ``"upper"``.
    wanted
        Name or address of the device.
    rate_hz
        Wished sample rate.
    epoch_ns
        Host time of session second 0.
    """

    def __init__(
        self,
        sensor: str,
        wanted: str,
        rate_hz: float,
        epoch_ns: int,
        radio: Radio,
        ports: Ports,
        times: LinkTimes,
    ) -> None:
        self.sensor = sensor
        self._wanted = wanted
        self._rate_hz = rate_hz
        self._radio = radio
        self._ports = ports
        self._times = times
        self._intake = Intake(sensor, epoch_ns, ports.clock_ns)
        self._connection: Connection | None = None
        self._decoder: Decoder | None = None
        self._delivered = False
        self._state = "connecting"
        self._text = ""
        self._title = wanted
        self._loss_counted = True
        self._rssi_dbm: float | None = None
        self._battery: float | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run until cancelled.

        Raises
        ------
        SensorError
            Only for a sensor that has never delivered: it is not there, or cannot be used.
        """
        failures = 0
        while True:
            try:
                await self._connect_and_watch()
                failures = 0
            except SensorError as failure:
                failures += 1
                self._give_up_or_say(failure, failures)
                pause_s = self._times.pause_s * 2 ** min(failures - 1, 8)
                await self._ports.sleep(min(pause_s, self._times.longest_pause_s))

    async def tell(self, commands: Callable[[Decoder], Iterable[Command]]) -> None:
        """Write what `commands` makes for the connected sensor; nothing where none is connected."""
        connection, decoder = self._connection, self._decoder
        if connection is None or decoder is None:
            return
        try:
            await connection.write(commands(decoder))
        except SensorError:
            _log.warning("%s sensor did not take a command", self.sensor, exc_info=True)

    async def buzz(self, strength: float, duration_s: float) -> None:
        """Vibrate, unless the sensor has said that it has no motor."""
        if self._intake.haptics is not False:
            await self.tell(lambda decoder: decoder.haptic(strength, duration_s))

    def _give_up_or_say(self, failure: SensorError, failures: int) -> None:
        if not self._delivered and (isinstance(failure, BlockedError) or failures >= _FIRST_ATTEMPTS):
            raise failure
        self._say("lost" if self._delivered else "connecting", str(failure))

    async def _connect_and_watch(self) -> None:
        connection = await self._find()
        try:
            profile = await connection.connect(self._radio)
            sighting, decoder = connection.sighting, profile.decoder(self._rate_hz)
            # The one that was found is the one that is worn: a namesake that turns up later is not.
            self._wanted = sighting.address
            self._radio.worn[sighting.address] = self.sensor
            self._intake.connected(decoder)
            self._connection, self._decoder = connection, decoder
            counted = self._loss_counted = counts_losses(decoder)
            worn = SensorInfo(
                self.sensor, sighting.title, profile.name, decoder.rate_hz, loss_counted=counted
            )
            self._ports.worn(worn)
            self._title = f"{profile.title} {sighting.title}"
            await connection.start(decoder)
            await self._watch(connection)
        finally:
            self._connection = self._decoder = None
            await connection.close()

    async def _find(self) -> Connection:
        if not self._delivered:
            self._say("connecting", f"looking for {self._wanted}")
        try:
            async with asyncio.timeout(None if self._delivered else self._times.find_s):
                sighting = await self._radio.find(self._wanted, self.sensor)
        except TimeoutError:
            seen = listed(self._radio.seen.values())
            heard = f"heard were {seen}" if seen else "no device was heard at all"
            raise BlockedError(
                f"no sensor called {self._wanted} in {self._times.find_s:.0f} s ({heard}): wake it, bring it "
                "nearer, and disconnect it from phones and other programs"
            ) from None
        self._rssi_dbm = sighting.rssi_dbm
        if not self._delivered:
            self._say("connecting", f"connecting to {sighting.title}")
        return Connection(sighting, self._take)

    async def _watch(self, connection: Connection) -> None:
        """Return once a sensor that delivered is lost; SensorError for one that never began."""
        began_ns = self._ports.clock_ns()
        polling = asyncio.create_task(self._poll(connection))
        gone = asyncio.create_task(connection.lost.wait())
        try:
            while True:
                heard_ns = self._intake.heard_ns
                patience_s = self._times.first_s if heard_ns is None else self._times.stale_s
                age_s = (self._ports.clock_ns() - (heard_ns or began_ns)) * 1e-9
                if connection.lost.is_set() or age_s >= patience_s:
                    break
                await self._first_of(gone, min(patience_s - age_s, self._times.stale_s))
        finally:
            for task in (polling, gone):
                task.cancel()
            await asyncio.gather(polling, gone, return_exceptions=True)
        why = self._intake.trouble or (
            "the connection broke" if connection.lost.is_set() else f"nothing received for {patience_s:g} s"
        )
        if heard_ns is None:
            raise SensorError(f"{self._title}: {why}: switch it off and on")
        self._say("lost", f"{why}; reconnecting")

    async def _first_of(self, gone: asyncio.Task[bool], seconds: float) -> None:
        slept = asyncio.ensure_future(self._ports.sleep(seconds))
        try:
            await asyncio.wait({gone, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            slept.cancel()

    async def _poll(self, connection: Connection) -> None:
        while True:
            await self._ports.sleep(self._times.poll_s)
            try:
                rssi_dbm = await connection.poll()
            except SensorError:
                _log.debug("%s sensor was not asked", self.sensor, exc_info=True)
                continue
            if rssi_dbm is not None:
                self._rssi_dbm = rssi_dbm
                self._say(self._state, self._text)

    def _take(self, characteristic: str, payload: bytes) -> None:
        items, replies, refusal = self._intake.take(characteristic, payload)
        if replies:
            answering = asyncio.ensure_future(self.tell(lambda _: replies))
            self._answering.add(answering)
            answering.add_done_callback(self._answering.discard)
        if self._state != "streaming" and self._intake.heard_ns is not None:
            self._delivered, self._battery = True, self._intake.battery
            self._say("streaming", self._title if self._loss_counted else f"{self._title}; {UNCOUNTED}")
        elif refusal or self._intake.battery != self._battery:
            self._battery = self._intake.battery
            self._say(self._state, f"{self._title}: {refusal}" if refusal else self._text)
        if items:
            self._ports.post(items)

    def _say(self, state: str, text: str) -> None:
        self._state, self._text = state, text
        status = LinkStatus(
            self._intake.last_s,
            self.sensor,
            state,
            text,
            self._battery,
            self._rssi_dbm,
            self._loss_counted,
        )
        self._ports.post((status,))
