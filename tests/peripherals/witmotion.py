"""A WitMotion sensor, from the device's side; see firmware_notes/devices/witmotion.md."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from peripherals.device import Attribute, Packet, Peripheral
from peripherals.motion import Motion, counts

from monitor.sensors.profiles.witmotion import NOTIFY, SERVICE, WRITE

ACC_SCALE, GYR_SCALE = 16 * 9.80665 / 32768, np.radians(2000) / 32768
RATES_HZ = {6: 10, 7: 20, 8: 50, 9: 100, 11: 200}
UNLOCK, SAVE = bytes.fromhex("ffaa6988b5"), bytes.fromhex("ffaa000000")


def frame(acc_ms2: np.ndarray, gyr_rads: np.ndarray) -> bytes:
    """Return the frame of one sample; its angles, which nobody reads, are 0."""
    rows = np.concatenate((counts(acc_ms2, ACC_SCALE), counts(gyr_rads, GYR_SCALE), np.zeros(3, "<i2")))
    return b"\x55\x61" + rows.tobytes()


def register(number: int, value: int) -> bytes:
    """Return the answer to the question for a register."""
    return b"\x55\x71" + struct.pack("<HH", number, value) + bytes(14)


def packets(motion: Motion, rate_hz: int) -> Iterator[Packet]:
    """Yield the notifications: faster than 50 Hz, several frames share one."""
    batch = max(1, rate_hz // 25)
    frames = [frame(acc, gyr) for acc, gyr in zip(motion.acc_ms2, motion.gyr_rads, strict=True)]
    for first in range(0, len(frames), batch):
        some = frames[first : first + batch]
        yield Packet((first + len(some)) / rate_hz, NOTIFY, b"".join(some))


class WitMotion(Peripheral):
    """Streams to whoever is subscribed; a rate is taken only after unlocking.

    `deaf` is how many settings of the rate it takes no notice of, as a slow one does.
    """

    name = "WT901BLE68"
    table = (
        Attribute(SERVICE, NOTIFY, "NOTIFY"),
        Attribute(SERVICE, WRITE, "WRITE_WITHOUT_RESPONSE,WRITE"),
    )
    deaf = 0
    _code, _unlocked = 6, False

    def volts(self) -> float:
        """Return the voltage of its cell, by the maker's table where that has the charge."""
        return {1.0: 3.97, 0.9: 3.94, 0.75: 3.88, 0.5: 3.80, 0.05: 3.45, 0.0: 3.3}[self.battery]

    async def written(self, _uuid: str, value: bytes) -> None:
        """Take a setting or answer a question."""
        if value == UNLOCK:
            self._unlocked = True
        elif value[:3] == b"\xff\xaa\x03" and len(value) == 5:
            self._set_rate(value[3])
        elif value[:3] == b"\xff\xaa\x27" and len(value) == 5:
            asked = {0x03: self._code, 0x64: round(self.volts() * 100)}.get(value[3], 0)
            await self.send(NOTIFY, register(value[3], asked))

    def _set_rate(self, code: int) -> None:
        if self.deaf:
            self.deaf -= 1
        elif self._unlocked and code in RATES_HZ:
            self._code = code
            self.begin_stream(packets(self.motion, RATES_HZ[code]))
