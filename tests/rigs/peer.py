"""A sensor that speaks the open profile, without a radio: what it answers and what it sends when.

It plays the notifications of a simulated session. As the profile says, a start command begins
the numbers anew while the device's clock runs on, and what it cannot send while nobody is
connected is gone.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from monitor.model.samples import RawPacket
from monitor.sensors.profiles import open_profile
from monitor.sensors.profiles.base import BATTERY_LEVEL
from monitor.sensors.profiles.open_profile import CONTROL, DATA, EVENT, HAPTIC, INFO, SERVICE, encode_packet
from monitor.sensors.simulated.sensor import ACC_SCALE, GYR_SCALE
from rigs.clock import FastClock

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
GENERIC_ATTRIBUTE = "00001801-0000-1000-8000-00805f9b34fb"
Table = dict[str, dict[str, tuple[str, ...]]]
OPEN_TABLE: Table = {
    SERVICE: {
        INFO: ("read",),
        DATA: ("notify",),
        CONTROL: ("write",),
        HAPTIC: ("write-without-response",),
        EVENT: ("notify",),
    },
    BATTERY_SERVICE: {BATTERY_LEVEL: ("read", "notify")},
}


class Peer(Protocol):
    """What a rig needs of a device: what it advertises, and both ends of its link."""

    name: str
    address: str
    services: tuple[str, ...]
    """Advertised."""
    table: Table
    """Service to characteristic to flags, as BlueZ names them."""
    rssi: int
    in_range: bool

    def read(self, characteristic: str) -> bytes:
        """Return the value of a characteristic."""
        ...

    def write(self, characteristic: str, payload: bytes) -> None:
        """Take a command."""
        ...

    def connected(self, notify: Callable[[str, bytes], None]) -> None:
        """Begin a connection; `notify` sends."""
        ...

    def disconnected(self) -> None:
        """End it."""
        ...


@dataclass(frozen=True)
class Due:
    """A data notification and when it is ready, in s after the peer was switched on."""

    at_s: float
    payload: bytes


def played(packets: Iterable[RawPacket], sensor: str) -> list[Due]:
    """Return the data notifications of one sensor of a simulated session."""
    return [Due(p.received_ns * 1e-9, p.payload) for p in packets if p.sensor == sensor]


def steady(packets_per_s: float, seconds: float, samples_per_packet: int = 1) -> list[Due]:
    """Return notifications at an even rate whose samples say which they are."""
    period_us = round(1e6 / (packets_per_s * samples_per_packet))
    made = []
    for number in range(round(packets_per_s * seconds)):
        first = number * samples_per_packet
        counts = np.arange(first, first + samples_per_packet, dtype=np.int64)[:, None] * [1, 0, 0]
        payload = encode_packet(
            (counts % 30000).astype(np.int16),
            np.zeros((samples_per_packet, 3), np.int16),
            sequence=first,
            device_us=first * period_us,
            period_us=period_us,
            acc_scale=ACC_SCALE,
            gyr_scale=GYR_SCALE,
            restarted=first == 0,
        )
        made.append(Due((first + samples_per_packet) * period_us * 1e-6, payload))
    return made


class OpenPeer:
    """One sensor.

    Parameters
    ----------
    name, address
        What it advertises.
    plays
        What it would send if somebody listened from the first moment on.
    clock
        Its time.
    """

    table: Table = OPEN_TABLE
    services: tuple[str, ...] = (SERVICE,)

    def __init__(self, name: str, address: str, plays: Sequence[Due], clock: FastClock) -> None:
        self.name = name
        self.address = address
        self.rssi = -60
        self.battery = 87
        self.in_range = True
        self.silent = False
        """Connected, but nothing gets through."""
        self.written: list[tuple[str, bytes]] = []
        self.sent: list[bytes] = []
        """Payloads that left while somebody listened, as they were sent."""
        self.refuses_start = False
        self._plays = plays
        self._clock = clock
        self._began_ns = clock.ns()
        self._notify: Callable[[str, bytes], None] | None = None
        self._streaming: asyncio.Task[None] | None = None

    def read(self, characteristic: str) -> bytes:
        """Return the value of a characteristic."""
        if characteristic == BATTERY_LEVEL:
            return bytes((self.battery,))
        return bytes((open_profile.VERSION, 1, 0, 0b11, open_profile.MAX_SAMPLES))

    def write(self, characteristic: str, payload: bytes) -> None:
        """Take a command."""
        self.written.append((characteristic, payload))
        if characteristic != CONTROL or self._notify is None:
            return
        status = 2 if self.refuses_start and payload[0] == 1 else 0
        self._notify(EVENT, bytes((2, payload[0], status)))
        self._halt()
        if payload[0] == 1 and not status:
            self._streaming = asyncio.create_task(self._play())

    def connected(self, notify: Callable[[str, bytes], None]) -> None:
        """Begin a connection; `notify` sends."""
        self._notify = notify

    def disconnected(self) -> None:
        """End it, and with it the stream."""
        self._notify = None
        self._halt()

    def press_button(self) -> None:
        """Press the button once."""
        if self._notify is not None:
            self._notify(EVENT, struct.pack("<BBI", 1, 1, 0))

    @property
    def done(self) -> bool:
        """Whether everything there was to play is over."""
        return self._now_s() > self._plays[-1].at_s

    def _now_s(self) -> float:
        return (self._clock.ns() - self._began_ns) * 1e-9

    def _halt(self) -> None:
        if self._streaming is not None:
            self._streaming.cancel()
            self._streaming = None

    async def _play(self) -> None:
        now_s = self._now_s()
        ahead = [due for due in self._plays if due.at_s >= now_s]
        if not ahead:
            return
        (zero,) = struct.unpack_from("<H", ahead[0].payload, 2)
        for number, due in enumerate(ahead):
            while (wait_s := due.at_s - self._now_s()) > 0:
                await self._clock.sleep(wait_s)
            if self.silent or self._notify is None:
                continue
            payload = bytearray(due.payload)
            payload[0] = open_profile.VERSION << 4 | (number == 0)
            (sequence,) = struct.unpack_from("<H", payload, 2)
            struct.pack_into("<H", payload, 2, (sequence - zero) & 0xFFFF)
            self.sent.append(bytes(payload))
            self._notify(DATA, bytes(payload))
