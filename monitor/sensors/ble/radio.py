"""The computer's one radio, shared by all sensors: one scanner, one connection made at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bleak import BleakAdapter, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from monitor.model.errors import SensorError
from monitor.sensors.ble.faults import RADIO_FAILURES, BlockedError, explained
from monitor.sensors.profiles.base import Advertisement, Profile
from monitor.sensors.profiles.registry import recognise

_log = logging.getLogger(__name__)

_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_NOTHING_HEARD_DBM = -127
"""What bleak reports where the system gives no signal strength."""
_SLICE_S = 10.0
"""A scan that brings nothing is begun anew after so long: an adapter switched off and on again
has forgotten it without a word."""
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Sighting:
    """One device as a scan has last heard it.

    Parameters
    ----------
    name
        Advertised name, empty if none.
    address
        Address, or the identifier the operating system gives instead.
    device
        What bleak connects to.
    profile
        The device family; None if it is not recognised.
    rssi_dbm
        Received signal strength in dBm; None if unknown.
    battery
        Charge 0 to 1, where it is advertised; None if unknown.
    connected
        It is connected to this computer already, and therefore does not advertise.
    """

    name: str
    address: str
    device: BLEDevice
    profile: Profile | None = None
    rssi_dbm: float | None = None
    battery: float | None = None
    connected: bool = False

    @property
    def title(self) -> str:
        """Name and address as a person reads them."""
        return f"{self.name} ({self.address})" if self.name else self.address

    @property
    def loss_counted(self) -> bool | None:
        """Whether every sample it loses shows; None if it is not recognised."""
        return self.profile.counts_losses if self.profile is not None else None


def sighted(device: BLEDevice, heard: AdvertisementData) -> Sighting:
    """Return what an advertisement says."""
    name = heard.local_name or device.name or ""
    services = frozenset(uuid.lower() for uuid in heard.service_uuids)
    charge = heard.service_data.get(_BATTERY_SERVICE, b"")
    return Sighting(
        name,
        device.address,
        device,
        recognise(Advertisement(name, device.address, services)),
        float(heard.rssi) if heard.rssi > _NOTHING_HEARD_DBM else None,
        charge[0] / 100 if len(charge) == 1 and charge[0] <= 100 else None,
    )


async def connected_devices() -> list[Sighting]:
    """Return what is connected to this computer already; it would not show up in a scan."""
    try:
        adapter = await BleakAdapter.get()
        devices = await adapter.get_connected_devices()
    except NotImplementedError:
        return []
    made = []
    for device in devices:
        details = device.details if isinstance(device.details, dict) else {}
        services = frozenset(str(u).lower() for u in details.get("props", {}).get("UUIDs", ()))
        name = device.name or ""
        profile = recognise(Advertisement(name, device.address, services))
        made.append(Sighting(name, device.address, device, profile, connected=True))
    return made


def matching(wanted: str, sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return the sightings that `wanted` means: that address, else that name, else names that begin so."""
    asked = wanted.casefold()
    known = [(s, s.address.casefold(), s.name.casefold()) for s in sightings]
    return (
        [s for s, address, _ in known if address == asked]
        or [s for s, _, name in known if name == asked]
        or [s for s, _, name in known if name.startswith(asked)]
    )


class Radio:
    """Find devices and connect to them without getting in one's own way.

    Scanning stops while a connection is made: most adapters refuse, or drop, one of the two.

    Parameters
    ----------
    settle_s
        How long to listen for others of the same name before one is taken.
    """

    def __init__(self, settle_s: float = 1.0) -> None:
        self._settle_s = settle_s
        self._busy = asyncio.Lock()
        self._scanner: BleakScanner | None = None
        self._seekers: dict[object, Callable[[Sighting], None]] = {}
        self.seen: dict[str, Sighting] = {}
        """The last sighting of each address."""
        self.worn: dict[str, str] = {}
        """Address to the sensor (``"lower"``, ``"upper"``) that it is; another link passes it over."""

    async def find(self, wanted: str, sensor: str) -> Sighting:
        """Return the device `wanted` (a name, its beginning, or an address) once it is heard.

        Raises
        ------
        RadioError
            The computer's Bluetooth does not work.
        BlockedError
            Several devices carry that name.
        """
        heard: dict[str, Sighting] = {}
        news = asyncio.Event()

        def note(sighting: Sighting) -> None:
            if self.worn.get(sighting.address, sensor) != sensor:
                return
            heard[sighting.address] = sighting
            if matching(wanted, [sighting]):
                news.set()

        for sighting in await self._connected():
            note(sighting)
        async with self._scanning(note):
            while not news.is_set():
                try:
                    async with asyncio.timeout(_SLICE_S):
                        await news.wait()
                except TimeoutError:
                    await self._scan_anew()
            if wanted.casefold() not in {address.casefold() for address in heard}:
                # A name: in a gym more than one sensor may carry it.
                await asyncio.sleep(self._settle_s)
        found = matching(wanted, heard.values())
        if len(found) > 1:
            raise BlockedError(
                f"several sensors are called {wanted}: {listed(found)}; name the one you wear by its address"
            )
        return found[0]

    @asynccontextmanager
    async def connecting(self) -> AsyncIterator[None]:
        """Hold the radio for making a connection; scanning goes on afterwards."""
        async with self._busy:
            await self._stop()
            try:
                yield
            finally:
                if self._seekers:
                    await self._resume()

    @asynccontextmanager
    async def _scanning(self, note: Callable[[Sighting], None]) -> AsyncIterator[None]:
        ticket = object()
        self._seekers[ticket] = note
        try:
            async with self._busy:
                await self._start()
            yield
        finally:
            del self._seekers[ticket]
            if not self._seekers:
                async with self._busy:
                    if not self._seekers:
                        await self._stop()

    async def _connected(self) -> list[Sighting]:
        try:
            return await connected_devices()
        except RADIO_FAILURES as failure:
            raise explained(failure, "") from failure

    async def _scan_anew(self) -> None:
        async with self._busy:
            await self._stop()
            await self._start()

    async def _start(self) -> None:
        if self._scanner is not None:
            return
        scanner = BleakScanner(detection_callback=self._heard)
        starting = asyncio.ensure_future(scanner.start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            # Cut off in the middle, it would go on in the system with nobody to stop it.
            await asyncio.wait({starting}, timeout=_SLICE_S)
            if starting.done() and starting.exception() is None:
                self._scanner = scanner
                await self._stop()
            raise
        except RADIO_FAILURES as failure:
            raise explained(failure, "") from failure
        self._scanner = scanner

    async def _resume(self) -> None:
        try:
            await self._start()
        except SensorError:
            # Whoever waits for the scan starts it anew after a slice, and then hears of it.
            _log.debug("scanning did not resume", exc_info=True)

    async def _stop(self) -> None:
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        try:
            await scanner.stop()
        except RADIO_FAILURES:
            # The adapter went away or was switched off: it does not scan any more.
            _log.debug("the scanner did not stop in order", exc_info=True)

    def _heard(self, device: BLEDevice, heard: AdvertisementData) -> None:
        sighting = sighted(device, heard)
        self.seen[sighting.address] = sighting
        for note in list(self._seekers.values()):
            note(sighting)


def listed(sightings: Iterable[Sighting]) -> str:
    """Return the nearest of `sightings` in a line: known sensors first, then names, by signal."""

    def rank(s: Sighting) -> tuple[bool, bool, float]:
        return s.profile is None, not s.name, -(s.rssi_dbm if s.rssi_dbm is not None else -200.0)

    ordered = sorted(sightings, key=rank)
    shown = [s.title for s in ordered[:_SHOWN]]
    more = len(ordered) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
