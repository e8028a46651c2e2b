"""One connection to one sensor, from connecting to disconnecting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak_retry_connector import establish_connection

from monitor.model.errors import SensorError
from monitor.sensors.ble.faults import RADIO_FAILURES, BlockedError, explained
from monitor.sensors.ble.radio import Radio, Sighting
from monitor.sensors.profiles.base import BATTERY_LEVEL, Advertisement, Command, Decoder, Profile
from monitor.sensors.profiles.registry import PROFILES, recognise

_log = logging.getLogger(__name__)

_ATTEMPTS = 2
"""Attempts of one connect; the link tries again for as long as the session lives."""
_CONNECT_S = 12.0
"""A device that was just heard connects within a second or two; BlueZ would wait for 40."""
_START_S = 10.0
"""A question that is not answered would otherwise hold us up for the 30 s of the protocol."""
_GOODBYE_S = 1.0
"""Stopping a sensor politely may take so long; one that is out of range would keep us waiting."""
_DISCONNECT_S = 5.0


class Connection:
    """A connected sensor; a new one after every loss, the old one closed first.

    Closing the old client matters even after it has lost the sensor: BlueZ keeps its
    subscription otherwise, and delivers every notification of the next connection twice
    (hbldh/bleak issue 2002).

    Parameters
    ----------
    sighting
        The device.
    take
        Called with the characteristic and the bytes of each notification and of each value read.
    """

    def __init__(self, sighting: Sighting, take: Callable[[str, bytes], None]) -> None:
        self.sighting = sighting
        self.lost = asyncio.Event()
        """Set when the operating system says that the link is gone."""
        self._take = take
        self._client: BleakClient | None = None
        self._decoder: Decoder | None = None
        self._profile: Profile | None = sighting.profile
        self._open = True
        self._writing = asyncio.Lock()

    async def connect(self, radio: Radio) -> Profile:
        """Connect and return the device family.

        Raises
        ------
        SensorError
            It cannot be reached, or is no sensor we know.
        """
        try:
            async with radio.connecting(), asyncio.timeout(_CONNECT_S):
                # From a BLEDevice, not an address: an address would be searched for again.
                self._client = await establish_connection(
                    BleakClient,
                    self.sighting.device,
                    self.sighting.title,
                    disconnected_callback=lambda _: self.lost.set(),
                    max_attempts=_ATTEMPTS,
                    use_services_cache=False,
                )
        except RADIO_FAILURES as failure:
            raise explained(failure, self.sighting.title) from failure
        if self._profile is None:
            services = frozenset(s.uuid.lower() for s in self._client.services)
            self._profile = recognise(Advertisement(self.sighting.name, self.sighting.address, services))
        if self._profile is None:
            known = ", ".join(profile.title for profile in PROFILES)
            raise BlockedError(f"{self.sighting.title} is no sensor known here: known are {known}")
        self.sighting = replace(self.sighting, profile=self._profile)
        return self._profile

    async def start(self, decoder: Decoder) -> None:
        """Read, subscribe and send the start commands, in that order.

        Raises
        ------
        SensorError
            The sensor refuses, lacks something, or the link broke meanwhile.
        """
        client, profile = self._connected()
        self._decoder = decoder
        try:
            async with asyncio.timeout(_START_S):
                await self.read_values()
                for uuid in profile.notify:
                    if self._characteristic(uuid) is None and uuid == BATTERY_LEVEL:
                        continue  # some systems keep the battery to themselves
                    await client.start_notify(uuid, self._notified)
                await self.write([*decoder.start(), *decoder.ask_battery()])
        except RADIO_FAILURES as failure:
            raise explained(failure, self.sighting.title) from failure

    async def read_values(self) -> None:
        """Read what the profile reads (battery, description) and hand it on like a notification."""
        client, profile = self._connected()
        for uuid in profile.read:
            found = self._characteristic(uuid)
            if found is not None and "read" in found.properties:
                self._receive(uuid, bytes(await client.read_gatt_char(found)))

    async def poll(self) -> float | None:
        """Ask for the charge; return the signal strength in dBm where the system tells it."""
        client, _ = self._connected()
        try:
            await self.read_values()
            if self._decoder is not None:
                await self.write(self._decoder.ask_battery())
            # Only macOS measures a connected device; BlueZ and Windows know advertisements alone.
            measure = getattr(client._backend, "get_rssi", None)  # noqa: SLF001 - not in bleak's surface yet
            return float(await measure()) if measure is not None else None
        except RADIO_FAILURES as failure:
            raise explained(failure, self.sighting.title) from failure

    async def write(self, commands: Iterable[Command]) -> None:
        """Write `commands` in order, one call after the other.

        Raises
        ------
        SensorError
            The sensor does not take them.
        """
        async with self._writing:
            client, _ = self._connected()
            try:
                for command in commands:
                    await client.write_gatt_char(command.characteristic, command.payload)
            except RADIO_FAILURES as failure:
                raise explained(failure, self.sighting.title) from failure

    async def close(self) -> None:
        """Stop the sensor if it still listens, and disconnect in any case; never raises."""
        self._open = False
        client, self._client = self._client, None
        if client is None:
            return
        if self._decoder is not None and client.is_connected:
            try:
                async with asyncio.timeout(_GOODBYE_S):
                    for command in self._decoder.stop():
                        await client.write_gatt_char(command.characteristic, command.payload)
            except RADIO_FAILURES:
                _log.debug("%s was not stopped", self.sighting.title, exc_info=True)
        try:
            async with asyncio.timeout(_DISCONNECT_S):
                await client.disconnect()
        except RADIO_FAILURES:
            _log.debug("%s did not disconnect in order", self.sighting.title, exc_info=True)

    def _connected(self) -> tuple[BleakClient, Profile]:
        if self._client is None or self._profile is None:
            raise SensorError(f"{self.sighting.title} is not connected")
        return self._client, self._profile

    def _characteristic(self, uuid: str) -> BleakGATTCharacteristic | None:
        client, _ = self._connected()
        return client.services.get_characteristic(uuid)

    def _notified(self, sender: BleakGATTCharacteristic, payload: bytearray) -> None:
        self._receive(sender.uuid, bytes(payload))

    def _receive(self, uuid: str, payload: bytes) -> None:
        if self._open:
            self._take(uuid, payload)
