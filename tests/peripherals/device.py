"""A pretended device: a bumble peripheral on a LocalLink that answers as the real one does.

Each family has a module of its own here: its protocol written from the other side, what the
real device has, answers and sends, as far as it is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from bumble.controller import Controller
from bumble.core import AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, LeFeatureMask
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink
from peripherals.motion import Motion

NOT_SIMULATED = LeFeatureMask.LL_PRIVACY | LeFeatureMask.LE_EXTENDED_ADVERTISING
"""A LocalLink does not carry them through a connection (google/bumble#841)."""

BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
DEVICE_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"


class Attribute(NamedTuple):
    """One characteristic: its service, its properties as bumble names them, its first value."""

    service: str
    uuid: str
    properties: str
    value: bytes = b""


class Packet(NamedTuple):
    """One notification: when the device has it ready, in s since its first sample."""

    ready_s: float
    uuid: str
    payload: bytes


def powered(link: LocalLink, name: str, address: str) -> Device:
    """Return a bumble device on `link`, with the features that work there."""
    controller = Controller(name, link=link)
    controller.le_features &= ~NOT_SIMULATED
    config = DeviceConfiguration(name=name, address=Address(address))
    return Device(config=config, host=Host(controller, AsyncPipeSink(controller)))


class Peripheral:
    """A device that advertises, takes commands, and sends a given movement once started.

    Parameters
    ----------
    link
        The air.
    motion
        What it measures from each start on; the stream ends with it.
    address
        Its random static address.
    speed
        How many times faster than in reality it lives.
    uptime_s
        How long it has been on, by its own clock, when it is switched on here.
    dead_air
        Numbers of the data packets, from each start on, that it loses.
    battery
        Charge from 0 to 1.
    """

    name = ""
    advertised: tuple[str, ...] = ()
    table: tuple[Attribute, ...] = ()

    def __init__(
        self,
        link: LocalLink,
        motion: Motion,
        *,
        address: str = "C4:00:00:00:00:01",
        speed: float = 1.0,
        uptime_s: float = 100.0,
        dead_air: Iterable[int] = (),
        battery: float = 0.75,
    ) -> None:
        self.motion, self.speed, self.battery, self.address = motion, speed, battery, address
        self.commands: list[tuple[str, bytes]] = []
        """Everything that was written to it."""
        self.stream_ended = asyncio.Event()
        self.disconnected = asyncio.Event()
        self.disconnected.set()
        self._dead_air = frozenset(dead_air)
        self._values = {entry.uuid: entry.value for entry in self.table}
        self._characteristics = {entry.uuid: self._characteristic(entry) for entry in self.table}
        self._connection: Connection | None = None
        self._stream: asyncio.Task[None] | None = None
        self._obeying = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []
        self._uptime_s, self._since = uptime_s, asyncio.get_running_loop().time()
        self._device = powered(link, self.name, address)

    async def switch_on(self) -> None:
        """Power on and advertise, again after every disconnection."""
        for uuid in dict.fromkeys(entry.service for entry in self.table):
            entries = [entry for entry in self.table if entry.service == uuid]
            self._device.add_service(Service(uuid, [self._characteristics[e.uuid] for e in entries]))
        self._device.on(Device.EVENT_CONNECTION, self._connected)
        await self._device.power_on()
        await self._device.start_advertising(
            auto_restart=True,
            advertising_data=self._advertisement(),
            advertising_interval_min=20,
            advertising_interval_max=20,
        )

    async def drop(self) -> None:
        """Break the connection from the device's side."""
        if self._connection is not None:
            await self._connection.disconnect()

    async def switch_off(self) -> None:
        """Stop everything; what a command made fail is raised now."""
        self.end_stream()
        await self.drop()
        await self._device.power_off()
        self.raise_failures()

    def raise_failures(self) -> None:
        """Raise what a command has made fail, if anything."""
        for failure in self._failures:
            raise failure

    def take(self, uuid: str, value: bytes) -> None:
        """Confirm a write first and obey it afterwards, in order, as devices do."""
        self.commands.append((uuid, value))
        task = asyncio.create_task(self._obey(uuid, value))
        self._tasks.add(task)
        task.add_done_callback(self._obeyed)

    def link_lost(self) -> None:
        """Send no more, and forget what does not outlive a connection."""
        self.end_stream()
        self.ended()
        self.disconnected.set()

    def uptime_s(self) -> float:
        """Return the device's own clock."""
        return self._uptime_s + (asyncio.get_running_loop().time() - self._since) * self.speed

    # What a family defines.

    async def written(self, uuid: str, value: bytes) -> None:
        """Answer a command."""

    def read(self, uuid: str) -> bytes:
        """Return the present value of a readable characteristic."""
        if uuid == BATTERY_LEVEL:
            return bytes((round(self.battery * 100),))
        return self._values[uuid]

    def ended(self) -> None:
        """Forget what does not outlive a connection."""

    # What a family uses.

    def store(self, uuid: str, value: bytes) -> None:
        """Set the value that is read next."""
        self._values[uuid] = value

    async def send(self, uuid: str, value: bytes) -> None:
        """Notify, or indicate where the characteristic can only do that."""
        characteristic = self._characteristics[uuid]
        if characteristic.properties & Characteristic.Properties.NOTIFY:
            await self._device.notify_subscribers(characteristic, value)
        else:
            await self._device.indicate_subscribers(characteristic, value)

    def begin_stream(self, packets: Iterable[Packet]) -> None:
        """Send data packets, each when it is ready."""
        self.end_stream()
        self.stream_ended.clear()
        self._stream = asyncio.create_task(self._send_all(packets))

    def end_stream(self) -> None:
        """Send no more data."""
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None

    async def _send_all(self, packets: Iterable[Packet]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, packet in enumerate(packets):
            await asyncio.sleep(max(0.0, began + packet.ready_s / self.speed - loop.time()))
            if number not in self._dead_air:
                await self.send(packet.uuid, packet.payload)
        self.stream_ended.set()

    def _characteristic(self, entry: Attribute) -> Characteristic[bytes]:
        permissions = Characteristic.Permissions(0)
        read = write = None
        if "READ" in entry.properties:
            permissions |= Characteristic.READABLE
            read = partial(self._read, entry.uuid)
        if "WRITE" in entry.properties:
            permissions |= Characteristic.WRITEABLE
            write = partial(self._written, entry.uuid)
        properties = Characteristic.Properties.from_string(entry.properties)
        return Characteristic(entry.uuid, properties, permissions, CharacteristicValue(read, write))

    def _read(self, uuid: str, _connection: Connection) -> bytes:
        return self.read(uuid)

    def _written(self, uuid: str, _connection: Connection, value: bytes) -> None:
        self.take(uuid, bytes(value))

    async def _obey(self, uuid: str, value: bytes) -> None:
        async with self._obeying:
            await self.written(uuid, value)

    def _obeyed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)

    def _advertisement(self) -> bytes:
        room = AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode())])
        for uuid in self.advertised:
            little_endian = bytes.fromhex(uuid.replace("-", ""))[::-1]
            room.ad_structures.append(
                (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, little_endian)
            )
        made = bytes(room)
        assert len(made) <= 31, "an advertisement has 31 bytes"
        return made

    def _connected(self, connection: Connection) -> None:
        self._connection = connection
        self.disconnected.clear()
        connection.on(Connection.EVENT_DISCONNECTION, self._disconnected)

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        self.link_lost()
