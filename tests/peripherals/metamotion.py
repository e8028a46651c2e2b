"""A MetaMotion sensor, from the device's side; see firmware_notes/devices/metamotion.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from peripherals.device import (
    BATTERY,
    BATTERY_LEVEL,
    DEVICE_INFORMATION,
    FIRMWARE_REVISION,
    MODEL_NUMBER,
    Attribute,
    Packet,
    Peripheral,
)
from peripherals.motion import Motion, counts

from monitor.sensors.profiles.metamotion import COMMAND, NOTIFY, SERVICE

BATCH = 3
RATES_HZ = {6: 25, 7: 50, 8: 100, 9: 200}
DPS = {0: 2000, 1: 1000, 2: 500, 3: 250, 4: 125}


@dataclass(frozen=True, slots=True)
class Board:
    """One model: number, registers of packed data, codes of the ranges in g, filter bits."""

    model: str
    acc_register: int
    gyr_register: int
    g: dict[int, int]
    filter_bits: int


MMS = Board("8", 0x05, 0x05, {0: 2, 1: 4, 2: 8, 3: 16}, 0xA0)
MMR = Board("5", 0x1C, 0x07, {3: 2, 5: 4, 8: 8, 12: 16}, 0x20)


def packed(module: int, register: int, rows: np.ndarray) -> bytes:
    """Return one notification of three samples."""
    return bytes((module, register)) + rows.astype("<i2").tobytes()


def packets(motion: Motion, board: Board, rate_hz: int, g: int, dps: int) -> Iterator[Packet]:
    """Yield accelerations and angular rates in turn; the gyroscope wakes up 60 ms later."""
    acc = counts(motion.acc_ms2, g * 9.80665 / 32768)
    gyr = counts(motion.gyr_rads, np.radians(dps / 32800) * (1000 / 1000))
    asleep = max(1, round(0.06 * rate_hz / BATCH))
    for number in range(len(motion) // BATCH):
        rows = slice(number * BATCH, (number + 1) * BATCH)
        ready_s = (number + 1) * BATCH / rate_hz
        yield Packet(ready_s, NOTIFY, packed(0x03, board.acc_register, acc[rows]))
        if number >= asleep:
            yield Packet(ready_s, NOTIFY, packed(0x13, board.gyr_register, gyr[rows]))


class MetaMotion(Peripheral):
    """Configuration, subscriptions, interrupts, power: all four are needed, and all outlive a link."""

    name = "MetaWear"
    board = MMS
    table = (
        Attribute(SERVICE, COMMAND, "WRITE_WITHOUT_RESPONSE,WRITE"),
        Attribute(SERVICE, NOTIFY, "NOTIFY"),
        Attribute(DEVICE_INFORMATION, MODEL_NUMBER, "READ"),
        Attribute(DEVICE_INFORMATION, FIRMWARE_REVISION, "READ", b"1.7.2"),
        Attribute(BATTERY, BATTERY_LEVEL, "READ"),
    )

    def read(self, uuid: str) -> bytes:
        """Return the model of the board, or what any device has."""
        return self.board.model.encode() if uuid == MODEL_NUMBER else super().read(uuid)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.registers: dict[tuple[int, int], bytes] = {}
        """What was last written to each register of each module."""

    async def written(self, _uuid: str, value: bytes) -> None:
        """Take a command; the stream runs while everything it needs is on."""
        self.registers[value[0], value[1]] = value[2:]
        board = self.board
        running = all(
            self.registers.get(key, b"")[:1] == b"\x01"
            for key in (
                (0x03, 0x01),
                (0x13, 0x01),
                (0x03, 0x02),
                (0x13, 0x02),
                (0x03, board.acc_register),
                (0x13, board.gyr_register),
            )
        )
        if not running:
            self.end_stream()
            return
        acc_bits, acc_range = self.registers[0x03, 0x03]
        gyr_bits, gyr_range = self.registers[0x13, 0x03]
        assert acc_bits & 0xF0 == board.filter_bits, "filter bits of the other chip"
        assert acc_bits & 0x0F == gyr_bits & 0x0F, "both sensors at one rate"
        self.begin_stream(
            packets(self.motion, board, RATES_HZ[acc_bits & 0x0F], board.g[acc_range], DPS[gyr_range])
        )
