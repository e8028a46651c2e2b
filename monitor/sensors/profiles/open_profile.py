"""The open sensor profile: bytes to samples and back. The layout is in firmware_notes/gatt.md."""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt

from monitor.model.errors import DecodeError
from monitor.sensors.profiles.base import (
    BATTERY_LEVEL,
    About,
    Answer,
    Battery,
    Button,
    Command,
    Profile,
    Reading,
    Samples,
    Ticks,
    battery_level,
)

SERVICE = "086e0000-ecdb-4f54-a6b8-1f85be82ca75"
INFO = "086e0001-ecdb-4f54-a6b8-1f85be82ca75"
DATA = "086e0002-ecdb-4f54-a6b8-1f85be82ca75"
CONTROL = "086e0003-ecdb-4f54-a6b8-1f85be82ca75"
HAPTIC = "086e0004-ecdb-4f54-a6b8-1f85be82ca75"
EVENT = "086e0005-ecdb-4f54-a6b8-1f85be82ca75"

VERSION = 1
RATES_HZ = (26, 52, 104, 208, 416)
"""Output data rates of the LSM6DS3 family between walking and impact work."""
MAX_SAMPLES = 13
"""13 x 12 + 18 = 174 bytes: fits the 182-byte payload of the common 185-byte MTU."""

_HEADER = struct.Struct("<BBHIHff")
_SAMPLE_BYTES = 12
_RESTARTED = 0x01
_START, _STOP = 0x01, 0x02
_BUTTON, _ANSWER = 0x01, 0x02
_BUTTONS = {1: "press", 2: "hold"}
_ANSWERS = {0: "done", 1: "unknown command", 2: "value not supported", 3: "the motion sensor does not answer"}
_ACC_RANGE_G = 8
_GYR_RANGE_DPS = 1000
"""Ranges asked for: touch-downs reach 4 g, and the fastest squats about 300 deg/s."""
_MAX_HAPTIC_MS = 5000


def encode_packet(
    acc: npt.NDArray[np.int16],
    gyr: npt.NDArray[np.int16],
    *,
    sequence: int,
    device_us: int,
    period_us: int,
    acc_scale: float,
    gyr_scale: float,
    restarted: bool = False,
) -> bytes:
    """Return one data notification.

    Parameters
    ----------
    acc, gyr
        (N, 3) raw counts, 1 <= N <= `MAX_SAMPLES`.
    sequence, device_us
        Number and device time in microseconds of the first sample; wrapped to 16 and 32 bits.
    period_us
        Time from sample to sample, 1 to 65535 microseconds.
    acc_scale, gyr_scale
        m/s2 and rad/s per count.
    restarted
        First packet after a start command.
    """
    flags = VERSION << 4 | (_RESTARTED if restarted else 0)
    header = _HEADER.pack(
        flags, len(acc), sequence & 0xFFFF, device_us & 0xFFFFFFFF, period_us, acc_scale, gyr_scale
    )
    return header + np.hstack((acc, gyr)).astype("<i2").tobytes()


class OpenDecoder:
    """One connection to a sensor that speaks the open profile. Keeps no state between packets."""

    clock = Ticks(tick_s=1e-6, bits=32)
    sequence_bits = 16

    def __init__(self, rate_hz: float = 104.0, samples_per_packet: int = 8) -> None:
        self.rate_hz = min(RATES_HZ, key=lambda rate: abs(rate - rate_hz))
        self._samples_per_packet = samples_per_packet

    def start(self) -> list[Command]:
        """Return the start command: rate, ranges and samples a packet."""
        return [
            Command(
                CONTROL,
                struct.pack(
                    "<BHBHB", _START, self.rate_hz, _ACC_RANGE_G, _GYR_RANGE_DPS, self._samples_per_packet
                ),
            )
        ]

    def stop(self) -> list[Command]:
        """Return the stop command."""
        return [Command(CONTROL, bytes((_STOP,)))]

    def ask_battery(self) -> list[Command]:
        """Return nothing: the battery level is read and notified."""
        return []

    def haptic(self, strength: float, duration_s: float) -> list[Command]:
        """Return one buzz of `strength` 0 to 1 and at most 5 s."""
        level = round(255 * min(max(strength, 0.0), 1.0))
        on_ms = min(max(round(duration_s * 1000), 0), _MAX_HAPTIC_MS)
        return [Command(HAPTIC, struct.pack("<BHBH", level, on_ms, 1, 0))]

    def identify(self) -> list[Command]:
        """Return three short buzzes."""
        return [Command(HAPTIC, struct.pack("<BHBH", 255, 150, 3, 150))]

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what the bytes say; DecodeError if they do not follow the profile."""
        read = _READERS.get(characteristic.lower())
        if read is None:
            raise DecodeError(f"open profile: characteristic {characteristic} is not part of it")
        return (read(bytes(payload)),)


def _data(payload: bytes) -> Samples:
    if len(payload) < _HEADER.size:
        raise DecodeError(f"open profile: {len(payload)} bytes of data, the header alone has {_HEADER.size}")
    flags, count, sequence, device_us, period_us, acc_scale, gyr_scale = _HEADER.unpack_from(payload)
    if flags >> 4 != VERSION:
        raise DecodeError(f"open profile: packet version {flags >> 4}, understood is {VERSION}")
    if flags & 0x0F & ~_RESTARTED:
        raise DecodeError(f"open profile: reserved flags set in 0x{flags:02x}")
    if not 1 <= count <= MAX_SAMPLES or len(payload) != _HEADER.size + count * _SAMPLE_BYTES:
        raise DecodeError(f"open profile: {len(payload)} bytes do not hold {count} samples")
    if period_us == 0:
        raise DecodeError("open profile: sample period of 0")
    if not _plausible(acc_scale) or not _plausible(gyr_scale):
        raise DecodeError(f"open profile: scales {acc_scale} and {gyr_scale} are no scales")
    counts = np.frombuffer(payload, "<i2", offset=_HEADER.size).reshape(count, 6)
    return Samples(
        acc_ms2=counts[:, :3] * acc_scale,
        gyr_rads=counts[:, 3:] * gyr_scale,
        period_s=period_us * 1e-6,
        ticks=device_us,
        sequence=sequence,
        restarted=bool(flags & _RESTARTED),
    )


def _plausible(scale: float) -> bool:
    # 1e-6 to 0.05 per count spans every 16-bit motion sensor from 1/30 g to 160 g full scale.
    return math.isfinite(scale) and 1e-6 <= scale <= 0.05


def _battery(payload: bytes) -> Battery:
    return battery_level(payload, "open profile")


def _event(payload: bytes) -> Reading:
    if len(payload) == 6 and payload[0] == _BUTTON and payload[1] in _BUTTONS:
        return Button(_BUTTONS[payload[1]])
    if len(payload) == 3 and payload[0] == _ANSWER and payload[2] in _ANSWERS:
        return Answer(payload[2] == 0, f"command 0x{payload[1]:02x}: {_ANSWERS[payload[2]]}")
    raise DecodeError(f"open profile: unknown event {payload.hex() or 'of no bytes'}")


def _info(payload: bytes) -> About:
    if len(payload) != 5:
        raise DecodeError(f"open profile: {len(payload)} bytes of description, expected 5")
    version, major, minor, abilities, _ = payload
    if version != VERSION:
        raise DecodeError(f"open profile: the sensor speaks version {version}, understood is {VERSION}")
    return About(firmware=f"{major}.{minor}", haptics=bool(abilities & 0x01))


_READERS = {DATA: _data, EVENT: _event, INFO: _info, BATTERY_LEVEL: _battery}

PROFILE = Profile(
    name="open",
    title="open lumbar sensor",
    notify=(DATA, EVENT, BATTERY_LEVEL),
    read=(INFO, BATTERY_LEVEL),
    recognises=lambda heard: SERVICE in heard.services,
    decoder=OpenDecoder,
)
