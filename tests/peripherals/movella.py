"""A Movella DOT, from the device's side; see firmware_notes/devices/movella.md."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from peripherals.device import Attribute, Packet, Peripheral
from peripherals.motion import Motion

from monitor.sensors.profiles.movella import BATTERY, CONTROL, DEVICE_CONTROL, DEVICE_INFO, MEDIUM, SERVICE

CONFIGURATION = "15171000-4947-11e9-8646-d663bd873d93"
CHARGE = "15173000-4947-11e9-8646-d663bd873d93"
RATES_HZ = (1, 4, 10, 12, 15, 20, 30, 60)
NAME = b"Xsens DOT"
INFO = bytes.fromhex("0102030022c4") + bytes((3, 0, 0)) + bytes(25)
FACTORY = bytes((0, 0, 2, 10, 0, 30, 0, len(NAME))) + NAME.ljust(16, b"\0") + struct.pack("<HB5x", 60, 0)


def measurement(stamp_us: int, acc_ms2: np.ndarray, gyr_rads: np.ndarray) -> bytes:
    """Return one notification of rate quantities, filled up to the 40 bytes of its characteristic."""
    values = np.concatenate((acc_ms2, np.degrees(gyr_rads))).astype("<f4").tobytes()
    return (struct.pack("<I", stamp_us & 0xFFFFFFFF) + values).ljust(40, b"\0")


def packets(motion: Motion, rate_hz: int, start_s: float) -> Iterator[Packet]:
    """Yield one notification a sample."""
    for number, (acc, gyr) in enumerate(zip(motion.acc_ms2, motion.gyr_rads, strict=True)):
        at_s = number / rate_hz
        yield Packet(at_s, MEDIUM, measurement(round((start_s + at_s) * 1e6), acc, gyr))


class Dot(Peripheral):
    """Device control with a rate that stays, measuring in the mode of rate quantities."""

    name = "Movella DOT"
    table = (
        Attribute(CONFIGURATION, DEVICE_INFO, "READ", INFO),
        Attribute(CONFIGURATION, DEVICE_CONTROL, "READ,WRITE", FACTORY),
        Attribute(SERVICE, CONTROL, "READ,WRITE", bytes(3)),
        Attribute(SERVICE, MEDIUM, "NOTIFY"),
        Attribute(CHARGE, BATTERY, "READ,NOTIFY"),
    )

    def read(self, uuid: str) -> bytes:
        """Return the charge, or what was last set."""
        return bytes((round(self.battery * 100), 0)) if uuid == BATTERY else super().read(uuid)

    @property
    def rate_hz(self) -> int:
        """Present output rate."""
        return int.from_bytes(super().read(DEVICE_CONTROL)[24:26], "little")

    async def written(self, uuid: str, value: bytes) -> None:
        """Take a setting, or start and stop measuring."""
        if uuid == DEVICE_CONTROL and len(value) == 32 and value[0] & 0x10:
            rate_hz = int.from_bytes(value[24:26], "little")
            if rate_hz in RATES_HZ:
                kept = bytearray(super().read(DEVICE_CONTROL))
                kept[24:26] = value[24:26]
                self.store(DEVICE_CONTROL, bytes(kept))
        elif uuid == CONTROL and value[:2] == b"\x01\x01" and value[2:] == b"\x15":
            self.begin_stream(packets(self.motion, self.rate_hz, self.uptime_s()))
        elif uuid == CONTROL and value[:2] == b"\x01\x00":
            self.end_stream()
