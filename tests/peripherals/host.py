"""The computer's side in small: what any source of samples does with a profile, over bleak."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bumble.device import Device
from peripherals.bleak_bumble import backends

from monitor.model.errors import DecodeError
from monitor.model.samples import LOWER, ImuBlock, RawPacket
from monitor.sensors.assembler import Assembled, Assembler
from monitor.sensors.profiles.base import Advertisement, Command, Decoder, Profile, Reading
from monitor.sensors.profiles.registry import recognise

DEADLINE_S = 10.0


class Host:
    """Scan, connect, start and collect; time runs `speed` times faster, as on the device."""

    def __init__(self, central: Device, *, rate_hz: float = 104.0, speed: float = 1.0) -> None:
        self._client_backend, self._scanner_backend = backends(central)
        self._rate_hz, self._speed = rate_hz, speed
        self._assembler: Assembler | None = None
        self._client: BleakClient | None = None
        self._replies: asyncio.Queue[Command] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.decoder: Decoder | None = None
        self.blocks: list[ImuBlock] = []
        self.readings: list[Reading] = []
        self.refused: list[str] = []
        self.disconnected = asyncio.Event()

    async def find(self, address: str = "") -> tuple[BLEDevice, Profile]:
        """Scan until a device is heard that a profile recognises, the one at `address` if given."""
        found: list[Profile] = []

        def known(device: BLEDevice, heard: AdvertisementData) -> bool:
            services = frozenset(uuid.lower() for uuid in heard.service_uuids)
            profile = recognise(Advertisement(heard.local_name or "", device.address, services))
            if profile is None or (address and device.address != address):
                return False
            found.append(profile)
            return True

        device = await BleakScanner.find_device_by_filter(
            known, timeout=DEADLINE_S, backend=self._scanner_backend
        )
        assert device is not None, "nothing known was heard"
        return device, found[-1]

    async def connect(self, device: BLEDevice, profile: Profile) -> None:
        """Connect, read, subscribe, start."""
        self.disconnected.clear()
        client = BleakClient(
            device, lambda _client: self.disconnected.set(), timeout=DEADLINE_S, backend=self._client_backend
        )
        await client.connect()
        self._client, self.decoder = client, profile.decoder(self._rate_hz)
        if self._assembler is None:
            self._assembler = Assembler(self.decoder, LOWER, 0)
        else:
            self._assembler.reconnected(self.decoder)
        for uuid in profile.read:
            self._take(uuid, await client.read_gatt_char(uuid))
        for uuid in profile.notify:
            await client.start_notify(uuid, self._notified)
        self._writer = asyncio.create_task(self._write_replies())
        await self.write(self.decoder.start())

    async def write(self, commands: list[Command]) -> None:
        """Write commands in order."""
        assert self._client is not None
        for command in commands:
            await self._client.write_gatt_char(command.characteristic, command.payload)

    async def disconnect(self) -> None:
        """Stop and disconnect, as far as the link is still up."""
        assert self._client is not None
        assert self.decoder is not None
        if self._client.is_connected:
            await self.write(self.decoder.stop())
        if self._writer is not None:
            self._writer.cancel()
        await self._client.disconnect()

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until `met`, which is asked after everything that arrives."""
        async with asyncio.timeout(DEADLINE_S), self._changed:
            await self._changed.wait_for(met)

    def values(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return time, acceleration and angular rate of everything received."""
        return (
            np.concatenate([block.t_s for block in self.blocks]),
            np.concatenate([block.acc_ms2 for block in self.blocks]),
            np.concatenate([block.gyr_rads for block in self.blocks]),
        )

    def received(self) -> int:
        """Return how many samples have come."""
        return sum(len(block) for block in self.blocks)

    def lost(self) -> int:
        """Return how many samples are known to be lost."""
        return sum(block.lost_before for block in self.blocks)

    def _notified(self, characteristic: BleakGATTCharacteristic, payload: bytearray) -> None:
        self._take(characteristic.uuid, payload)

    def _take(self, uuid: str, payload: bytes | bytearray) -> None:
        assert self._assembler is not None
        now_ns = round(asyncio.get_running_loop().time() * self._speed * 1e9)
        try:
            taken = self._assembler.feed(RawPacket(now_ns, LOWER, uuid, bytes(payload)))
        except DecodeError as refused:
            self.refused.append(str(refused))
            return
        self._keep(taken)
        task = asyncio.create_task(self._announce())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _keep(self, taken: Assembled) -> None:
        self.blocks += [delivery.block for delivery in taken.deliveries if len(delivery.block)]
        self.readings += taken.readings
        for command in taken.replies:
            self._replies.put_nowait(command)

    async def _write_replies(self) -> None:
        while True:
            await self.write([await self._replies.get()])

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()
