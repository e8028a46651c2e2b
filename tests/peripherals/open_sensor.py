"""A sensor that speaks the open profile, from the device's side; see firmware_notes/gatt.md."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from peripherals.device import BATTERY, BATTERY_LEVEL, Attribute, Packet, Peripheral
from peripherals.motion import Motion, counts

from monitor.sensors.profiles.open_profile import (
    CONTROL,
    DATA,
    EVENT,
    HAPTIC,
    INFO,
    MAX_SAMPLES,
    RATES_HZ,
    SERVICE,
    encode_packet,
)

ACC_SCALES = {g: g * 9.80665 / 32768 for g in (2, 4, 8, 16)}
GYR_SCALES = {dps: math.radians(dps * 0.035 / 1000) for dps in (125, 250, 500, 1000, 2000)}
"""Per count; an LSM6DS3 has 35 mdeg/s at 1000 deg/s."""


def packets(motion: Motion, rate_hz: int, g: int, dps: int, batch: int, start_s: float) -> Iterator[Packet]:
    """Yield the data packets of one start."""
    acc, gyr = counts(motion.acc_ms2, ACC_SCALES[g]), counts(motion.gyr_rads, GYR_SCALES[dps])
    for first in range(0, len(motion), batch):
        rows = slice(first, first + batch)
        payload = encode_packet(
            acc[rows],
            gyr[rows],
            sequence=first,
            device_us=round((start_s + first / rate_hz) * 1e6),
            period_us=round(1e6 / rate_hz),
            acc_scale=ACC_SCALES[g],
            gyr_scale=GYR_SCALES[dps],
            restarted=first == 0,
        )
        yield Packet((first + len(acc[rows])) / rate_hz, DATA, payload)


class OpenSensor(Peripheral):
    """The reference firmware's behaviour."""

    name = "Lumbar"
    advertised = (SERVICE,)
    table = (
        Attribute(SERVICE, INFO, "READ", bytes((1, 0, 1, 0x03, MAX_SAMPLES))),
        Attribute(SERVICE, DATA, "NOTIFY"),
        Attribute(SERVICE, CONTROL, "WRITE"),
        Attribute(SERVICE, HAPTIC, "WRITE_WITHOUT_RESPONSE"),
        Attribute(SERVICE, EVENT, "NOTIFY"),
        Attribute(BATTERY, BATTERY_LEVEL, "READ,NOTIFY"),
    )

    async def written(self, uuid: str, value: bytes) -> None:
        """Start, stop; a buzz is only remembered in `commands`."""
        if uuid != CONTROL or not value:
            return
        status = 1
        if value[0] == 0x01:
            status = self._start(value)
        elif value == b"\x02":
            self.end_stream()
            status = 0
        await self.send(EVENT, bytes((0x02, value[0], status)))

    async def press(self) -> None:
        """Report the button pressed now."""
        await self.send(EVENT, struct.pack("<BBI", 0x01, 1, round(self.uptime_s() * 1e6) & 0xFFFFFFFF))

    def _start(self, value: bytes) -> int:
        if len(value) != 7:
            return 2
        _, rate_hz, g, dps, batch = struct.unpack("<BHBHB", value)
        if (
            rate_hz not in RATES_HZ
            or g not in ACC_SCALES
            or dps not in GYR_SCALES
            or not 1 <= batch <= MAX_SAMPLES
        ):
            return 2
        self.begin_stream(packets(self.motion, rate_hz, g, dps, batch, self.uptime_s()))
        return 0
