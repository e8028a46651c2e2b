"""A Movesense sensor with GSP, from the device's side; see firmware_notes/devices/movesense.md."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import numpy as np
from peripherals.device import Attribute, Packet, Peripheral
from peripherals.motion import Motion

from monitor.sensors.profiles.movesense import NOTIFY, SERVICE, WRITE

RATES_HZ = (13, 26, 52, 104, 208, 416, 833, 1666)
PART_BYTES = 150
"""What is longer is sent in two parts."""


def body(stamp_ms: int, motion: Motion) -> bytes:
    """Return the body of one IMU6 update: all accelerations, then all angular rates."""
    rows = np.concatenate((motion.acc_ms2, np.degrees(motion.gyr_rads))).astype("<f4")
    return struct.pack("<I", stamp_ms & 0xFFFFFFFF) + rows.tobytes()


def messages(reference: int, whole: bytes) -> list[bytes]:
    """Return the notifications of one update."""
    head, tail = whole[: PART_BYTES - 2], whole[PART_BYTES - 2 :]
    first = bytes((2, reference)) + head
    return [first, bytes((3, reference)) + tail] if tail else [first]


def packets(motion: Motion, rate_hz: int, reference: int, start_s: float) -> Iterator[Packet]:
    """Yield the data notifications of one subscription."""
    batch = max(1, rate_hz // 13)
    for first in range(0, len(motion) - batch + 1, batch):
        rows = slice(first, first + batch)
        stamp_ms = int((start_s + first / rate_hz) * 1000)
        update = body(stamp_ms, Motion(motion.acc_ms2[rows], motion.gyr_rads[rows]))
        for message in messages(reference, update):
            yield Packet((first + batch) / rate_hz, NOTIFY, message)


class Movesense(Peripheral):
    """Subscribe, unsubscribe, GET of the charge, restart; a pool of requests that can run dry."""

    name = "Movesense 000000000001"
    table = (
        Attribute(SERVICE, WRITE, "WRITE"),
        Attribute(SERVICE, NOTIFY, "NOTIFY"),
    )
    pool_empty = False

    async def written(self, _uuid: str, value: bytes) -> None:
        """Answer one command."""
        if len(value) < 2:
            return
        code, reference, argument = value[0], value[1], value[2:]
        status, answer = 404, b""
        stream = None
        if code == 7 and argument == b"\x05":
            self.pool_empty = False
            await self._answer(reference, 202)
            await self.drop()
            return
        if self.pool_empty:
            status = 429
        elif code == 1 and (found := re.fullmatch(rb"/Meas/IMU6/(\d+)\0", argument)):
            rate_hz = int(found[1])
            if rate_hz in RATES_HZ:
                status, stream = 200, packets(self.motion, rate_hz, reference, self.uptime_s())
        elif code == 2:
            self.end_stream()
            status = 200
        elif code == 4 and argument == b"/System/Energy/Level\0":
            status, answer = 200, bytes((round(self.battery * 100),))
        await self._answer(reference, status, answer)
        if stream is not None:
            self.begin_stream(stream)

    async def _answer(self, reference: int, status: int, answer: bytes = b"") -> None:
        await self.send(NOTIFY, bytes((1, reference)) + struct.pack("<H", status) + answer)
