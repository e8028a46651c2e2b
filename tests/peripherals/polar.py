"""A Polar Verity Sense, from the device's side; see firmware_notes/devices/polar.md."""

from __future__ import annotations

import heapq
import struct
from collections.abc import Iterator, Sequence

import numpy as np
from peripherals.device import (
    BATTERY,
    BATTERY_LEVEL,
    DEVICE_INFORMATION,
    FIRMWARE_REVISION,
    Attribute,
    Packet,
    Peripheral,
)
from peripherals.motion import Motion, counts

from monitor.sensors.profiles.polar import CONTROL, DATA, SERVICE

ACC, GYR, SDK_MODE = 2, 5, 9
FACTORS = {ACC: 0.244, GYR: 0.07}
"""mg a count at 8 g, deg/s a count at 2000 deg/s."""
SCALES = {ACC: 0.244e-3 * 9.80665, GYR: np.radians(0.07)}
LAYOUTS = {ACC: 0x81, GYR: 0x80}
EPOCH_NS = 599_616_000_000_000_000
"""2019 on a clock that counts from 2000, as one that was never set."""
WIDTHS = {0: 2, 1: 2, 2: 2, 4: 1}
USUAL = {ACC: {0: 52, 1: 16, 2: 8, 4: 3}, GYR: {0: 52, 1: 16, 2: 2000, 4: 3}}
SDK_RATES = (26, 52, 104, 208, 416)


def compressed(rows: np.ndarray, block: int = 16) -> bytes:
    """Return (N, 3) counts as a reference sample and blocks of packed differences."""
    made = rows[:1].astype("<i2").tobytes()
    differences = np.diff(rows.astype(np.int64), axis=0)
    for first in range(0, len(differences), block):
        some = differences[first : first + block].ravel()
        width = max(2, int(max(abs(int(d)) if d >= 0 else abs(int(d)) - 1 for d in some)).bit_length() + 1)
        value = 0
        for place, difference in enumerate(some):
            value |= (int(difference) & ((1 << width) - 1)) << (place * width)
        packed = value.to_bytes(-(-len(some) * width // 8), "little")
        made += bytes((width, len(some) // 3)) + packed
    return made


def frame(kind: int, last_ns: int, rows: np.ndarray, block: int = 16) -> bytes:
    """Return one data notification: the time is that of the last sample."""
    return struct.pack("<BQB", kind, last_ns, LAYOUTS[kind]) + compressed(rows, block)


def is_whole(data: bytes) -> bool:
    """Whether a compressed frame ends where a block ends: cut there, it is a shorter good one."""
    at = 16
    while at + 2 <= len(data):
        at += 2 - (-data[at] * data[at + 1] * 3 // 8)
    return at == len(data)


def packets(motion: Motion, rate_hz: int, start_ns: int, lag: float = 0.4) -> Iterator[Packet]:
    """Yield both streams; the gyroscope samples `lag` of a period later and in other batches.

    Its samples are interpolated from `motion`, as it would have seen the movement.
    """
    later = motion.gyr_rads + lag * np.diff(
        motion.gyr_rads, axis=0, append=2 * motion.gyr_rads[-1:] - motion.gyr_rads[-2:-1]
    )
    streams = (
        _stream(ACC, counts(motion.acc_ms2, SCALES[ACC]), rate_hz, start_ns, 0.0, 36),
        _stream(GYR, counts(later, SCALES[GYR]), rate_hz, start_ns, lag, 25),
    )
    return heapq.merge(*streams)


def _stream(
    kind: int, rows: np.ndarray, rate_hz: int, start_ns: int, lag: float, batch: int
) -> Iterator[Packet]:
    for first in range(0, len(rows), batch):
        some = rows[first : first + batch]
        last_s = (first + len(some) - 1 + lag) / rate_hz
        yield Packet(last_s, DATA, frame(kind, start_ns + round(last_s * 1e9), some))


class VeritySense(Peripheral):
    """Streams one by one, the settings it has and no others; `sdk_mode_known` False is old firmware."""

    name = "Polar Sense 00000001"
    table = (
        Attribute(SERVICE, CONTROL, "READ,WRITE,INDICATE", bytes.fromhex("0f6e02") + bytes(13)),
        Attribute(SERVICE, DATA, "NOTIFY"),
        Attribute(DEVICE_INFORMATION, FIRMWARE_REVISION, "READ", b"2.2.6"),
        Attribute(BATTERY, BATTERY_LEVEL, "READ,NOTIFY"),
    )
    sdk_mode_known = True
    sdk_mode = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._running: dict[int, int] = {}

    def ended(self) -> None:
        """Stop the streams; the SDK mode stays until it is switched off."""
        self._running.clear()

    async def written(self, _uuid: str, value: bytes) -> None:
        """Answer one command of the control point by an indication."""
        if len(value) < 2:
            return
        command, kind, settings = value[0], value[1], value[2:]
        status, more = 1, b""
        if command == 2 and kind == SDK_MODE:
            status = 0 if self.sdk_mode_known else 2
            self.sdk_mode = self.sdk_mode_known
            self.end_stream()
            self._running.clear()
        elif command == 2 and kind in USUAL:
            status = self._start(kind, settings)
            more = b"\x00\x05\x01" + struct.pack("<f", FACTORS[kind]) if status == 0 else b""
        elif command == 3:
            status = 0
            self._running.pop(kind, None)
            self.sdk_mode &= kind != SDK_MODE
            if not self._running:
                self.end_stream()
        await self.send(CONTROL, bytes((0xF0, command, kind, status)) + (more or b"\x00"))
        if command == 2 and status == 0 and set(self._running) == {ACC, GYR}:
            start_ns = EPOCH_NS + round(self.uptime_s() * 1e9)
            self.begin_stream(packets(self.motion, self._running[ACC], start_ns))

    def _start(self, kind: int, settings: bytes) -> int:
        wished = _settings(settings)
        if kind in self._running:
            return 6
        for setting, error in ((1, 7), (2, 9), (4, 11)):
            if wished.get(setting) != USUAL[kind][setting]:
                return error
        rates: Sequence[int] = SDK_RATES if self.sdk_mode else (USUAL[kind][0],)
        if wished.get(0) not in rates:
            return 8
        self._running[kind] = wished[0]
        return 0


def _settings(body: bytes) -> dict[int, int]:
    made, at = {}, 0
    while at + 2 <= len(body):
        setting, width = body[at], WIDTHS[body[at]]
        made[setting] = int.from_bytes(body[at + 2 : at + 2 + width], "little")
        at += 2 + width
    return made
