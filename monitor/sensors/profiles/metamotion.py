"""MbientLab MetaMotion S, R, RL and C. What is known: firmware_notes/devices/metamotion.md."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass

import numpy as np

from monitor.model.errors import DecodeError, SensorError
from monitor.model.samples import FloatArray
from monitor.sensors.profiles.base import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
    G_MS2,
    MODEL_NUMBER,
    About,
    Advertisement,
    Command,
    Profile,
    Reading,
    Samples,
    battery_level,
    text,
)

SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"

RATES_HZ = (25, 50, 100, 200)
_RATE_CODES = {25: 0x6, 50: 0x7, 100: 0x8, 200: 0x9}
"""The same for both chips and both sensors."""
_LED, _ACC, _HAPTIC, _GYR = 0x02, 0x03, 0x08, 0x13
_ACC_MS2 = G_MS2 / 4096
_GYR_RADS = math.radians(1 / 32.8)
"""Of one count at 8 g and 1000 deg/s: touch-downs reach 4 g, the fastest squats about 300 deg/s."""
_GYR_RANGE = 0x01
BATCH = 3
_PACKED_BYTES = 2 + BATCH * 6
_MOST_DUTY = 248
_MOST_HAPTIC_MS = 0xFFFF
_WHO = "MetaMotion"


@dataclass(frozen=True, slots=True)
class Chip:
    """What differs between the motion chips.

    Parameters
    ----------
    acc_register, gyr_register
        Where packed data is subscribed to and comes from.
    acc_filter
        High bits of the accelerometer's configuration: normal filter.
    acc_range
        Code of 8 g.
    """

    acc_register: int
    gyr_register: int
    acc_filter: int
    acc_range: int


BMI160 = Chip(acc_register=0x1C, gyr_register=0x07, acc_filter=0x20, acc_range=0x08)
BMI270 = Chip(acc_register=0x05, gyr_register=0x05, acc_filter=0xA0, acc_range=0x02)
_CHIPS = {"5": BMI160, "6": BMI160, "8": BMI270}
"""By model number: MetaMotion R and RL, C, S."""


class MetaMotionDecoder:
    """One connection to a MetaMotion sensor.

    Acceleration and angular rate come in notifications of their own, three samples each, without
    time and without number; both are sampled by one chip at one rate. A notification of rates
    belongs to the accelerations just before it.
    """

    clock = None
    sequence_bits = None

    def __init__(self, rate_hz: float = 104.0) -> None:
        self.rate_hz = min(RATES_HZ, key=lambda rate: abs(rate - rate_hz))
        self._chip: Chip | None = None
        self._model = ""
        self._acc: FloatArray | None = None
        self._paired = False
        self._lost = 0

    def start(self) -> list[Command]:
        """Return the end of what a session before may have left on, then the start of both streams.

        Raises
        ------
        SensorError
            The model number has not been read, or is of a model without a gyroscope known here.
        """
        chip = self._chip
        if chip is None:
            raise SensorError(
                f"{_WHO}: model {self._model} is not supported: use a MetaMotion S, R, RL or C"
                if self._model
                else f"{_WHO}: it did not tell its model number: connect again"
            )
        code = _RATE_CODES[self.rate_hz]
        return [
            *self.stop(),
            _command(_ACC, 0x03, chip.acc_filter | code, chip.acc_range),
            _command(_GYR, 0x03, 0x20 | code, _GYR_RANGE),
            _command(_ACC, chip.acc_register, 0x01),
            _command(_GYR, chip.gyr_register, 0x01),
            _command(_ACC, 0x02, 0x01, 0x00),
            _command(_GYR, 0x02, 0x01, 0x00),
            _command(_ACC, 0x01, 0x01),
            _command(_GYR, 0x01, 0x01),
        ]

    def stop(self) -> list[Command]:
        """Return the end of both streams and of the light: all of it outlives the connection."""
        chip = self._chip or BMI270
        return [
            _command(_GYR, 0x01, 0x00),
            _command(_ACC, 0x01, 0x00),
            _command(_GYR, 0x02, 0x00, 0x01),
            _command(_ACC, 0x02, 0x00, 0x01),
            _command(_GYR, chip.gyr_register, 0x00),
            _command(_ACC, chip.acc_register, 0x00),
            _command(_LED, 0x02, 0x01),
        ]

    def ask_battery(self) -> list[Command]:
        """Return nothing: the battery level is read."""
        return []

    def haptic(self, strength: float, duration_s: float) -> list[Command]:
        """Return one buzz; felt on the models with a motor, whose names end in +."""
        duty = round(_MOST_DUTY * min(max(strength, 0.0), 1.0))
        on_ms = round(1000 * min(max(duration_s, 0.0), _MOST_HAPTIC_MS / 1000))
        return [_command(_HAPTIC, 0x01, *struct.pack("<BHB", duty, on_ms, 0))]

    def identify(self) -> list[Command]:
        """Return ten flashes of the green light."""
        high, low, repeats = 31, 0, 10
        rise_ms, on_ms, fall_ms, period_ms, delay_ms = 0, 100, 0, 300, 0
        pattern = struct.pack("<BBHHHHHB", high, low, rise_ms, on_ms, fall_ms, period_ms, delay_ms, repeats)
        green = 0x00
        return [
            _command(_LED, 0x02, 0x01),
            _command(_LED, 0x03, green, 0x02, *pattern),
            _command(_LED, 0x01, 0x01),
        ]

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what a notification or a read value says; DecodeError if it is malformed."""
        match characteristic.lower():
            case uuid if uuid == NOTIFY:
                return self._message(bytes(payload))
            case uuid if uuid == BATTERY_LEVEL:
                return (battery_level(payload, _WHO),)
            case uuid if uuid == FIRMWARE_REVISION:
                return (About(firmware=text(payload, _WHO), haptics=True),)
            case uuid if uuid == MODEL_NUMBER:
                self._model = text(payload, _WHO).strip()
                self._chip = _CHIPS.get(self._model)
                return ()
        raise DecodeError(f"{_WHO}: characteristic {characteristic} is not part of its protocol")

    def _message(self, payload: bytes) -> tuple[Reading, ...]:
        header = tuple(payload[:2])
        chips = {self._chip} if self._chip else {BMI160, BMI270}
        is_acc = header in {(_ACC, chip.acc_register) for chip in chips}
        is_gyr = header in {(_GYR, chip.gyr_register) for chip in chips}
        if not is_acc and not is_gyr:
            raise DecodeError(f"{_WHO}: a message that begins with {payload[:2].hex() or 'nothing'}")
        if len(payload) != _PACKED_BYTES:
            # What waits for its other half must not meet a later one.
            self._missed(is_gyr or self._acc is not None)
            self._acc = None
            raise DecodeError(f"{_WHO}: {len(payload)} bytes do not hold {BATCH} samples")
        counts = np.frombuffer(payload, "<i2", offset=2).reshape(BATCH, 3)
        if is_acc:
            self._missed(self._acc is not None)
            self._acc = counts * _ACC_MS2
            return ()
        acc, self._acc = self._acc, None
        if acc is None:
            self._missed(True)
            return ()
        lost, self._lost, self._paired = self._lost, 0, True
        return (
            Samples(acc_ms2=acc, gyr_rads=counts * _GYR_RADS, period_s=1 / self.rate_hz, lost_before=lost),
        )

    def _missed(self, alone: bool) -> None:
        # The accelerometer starts some packets before the gyroscope: no loss.
        if alone and self._paired:
            self._lost += BATCH


def _command(*values: int) -> Command:
    return Command(COMMAND, bytes(values))


def _recognises(heard: Advertisement) -> bool:
    return SERVICE in heard.services or re.match(r"Meta(Wear|Motion)", heard.name) is not None


PROFILE = Profile(
    name="metamotion",
    title="MetaMotion",
    notify=(NOTIFY,),
    read=(MODEL_NUMBER, FIRMWARE_REVISION, BATTERY_LEVEL),
    recognises=_recognises,
    decoder=MetaMotionDecoder,
)
