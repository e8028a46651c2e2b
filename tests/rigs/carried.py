"""Any device of tests/peripherals as a peer of either rig: its own answers, but the rig's link."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from bumble.link import LocalLink
from peripherals.device import Peripheral
from peripherals.motion import Motion

from rigs.peer import Table


class CarriedPeer:
    """One device, worn by somebody who moves on while nobody is connected.

    Parameters
    ----------
    family
        What it is.
    address
        Its address.
    motion
        What there is to measure, from the first start of its stream on.
    rate_hz
        Rows of `motion` per second: the rate it will be asked for.
    """

    def __init__(self, family: type[Peripheral], address: str, motion: Motion, rate_hz: float) -> None:
        self.name, self.address = family.name, address
        self.services = family.advertised
        self.table: Table = {}
        for entry in family.table:
            flags = tuple(flag.lower().replace("_", "-") for flag in entry.properties.split(","))
            self.table.setdefault(entry.service, {})[entry.uuid] = flags
        self.rssi = -60
        self.in_range = True
        self.sent: list[tuple[str, bytes]] = []
        """Notifications that left, in order: characteristic and payload."""
        self._motion, self._rate_hz = motion, rate_hz
        self._began_s: float | None = None
        self._notify: Callable[[str, bytes], None] | None = None
        carried = type(f"Carried{family.__name__}", (_Carried, family), {"carrier": self})
        self._device: Peripheral = carried(LocalLink(), motion, address=address)

    def read(self, characteristic: str) -> bytes:
        """Return the value of a characteristic."""
        return self._device.read(characteristic)

    def write(self, characteristic: str, payload: bytes) -> None:
        """Take a command."""
        self._device.take(characteristic, payload)

    def connected(self, notify: Callable[[str, bytes], None]) -> None:
        """Begin a connection; `notify` sends."""
        self._notify = notify

    def disconnected(self) -> None:
        """End it, and with it the stream."""
        self._notify = None
        self._device.link_lost()
        self._device.raise_failures()

    def send(self, characteristic: str, payload: bytes) -> None:
        """Send a notification, if somebody is connected."""
        if self._notify is not None:
            self.sent.append((characteristic, payload))
            self._notify(characteristic, payload)

    def ahead(self) -> Motion:
        """Return what there is to measure from now on."""
        now_s = asyncio.get_running_loop().time()
        if self._began_s is None:
            self._began_s = now_s
        row = math.ceil((now_s - self._began_s) * self._rate_hz)
        return Motion(self._motion.acc_ms2[row:], self._motion.gyr_rads[row:])


class _Carried:
    """Goes before a family among the bases: what is sent and measured is the carrier's matter."""

    carrier: CarriedPeer

    @property
    def motion(self) -> Motion:
        return self.carrier.ahead()

    @motion.setter
    def motion(self, _whole: Motion) -> None:
        """The carrier has it."""

    async def send(self, uuid: str, value: bytes) -> None:
        self.carrier.send(uuid, bytes(value))
