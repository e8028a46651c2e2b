"""Movella (Xsens) DOT. What is known: firmware_notes/devices/movella.md."""

from __future__ import annotations

import struct

from monitor.model.errors import DecodeError
from monitor.sensors.profiles.base import (
    About,
    Advertisement,
    Battery,
    Command,
    Profile,
    Reading,
    Samples,
    Ticks,
    float_blocks,
)

SERVICE = "15172000-4947-11e9-8646-d663bd873d93"
DEVICE_INFO = "15171001-4947-11e9-8646-d663bd873d93"
DEVICE_CONTROL = "15171002-4947-11e9-8646-d663bd873d93"
CONTROL = "15172001-4947-11e9-8646-d663bd873d93"
MEDIUM = "15172003-4947-11e9-8646-d663bd873d93"
BATTERY = "15173001-4947-11e9-8646-d663bd873d93"

RATES_HZ = (20, 30, 60)
"""Those it streams at and that are of use; 120 Hz is for recording on the sensor only."""
RATE_QUANTITIES = 21
"""Payload mode: time, acceleration and angular rate, without orientation and magnetometer."""
_LEAST_BYTES, _MOST_BYTES = 28, 40
"""The medium characteristic has room for 40 bytes; sources differ on whether it is filled up."""
_CONTROL_BYTES, _RATE_AT = 32, 24
_VISIT_IDENTIFY, _VISIT_RATE = 0x01, 0x10
"""First byte of device control: which of its fields a write means."""
_INFO_BYTES = 34
_WHO = "Movella DOT"


class MovellaDecoder:
    """One connection to a DOT."""

    clock = Ticks(tick_s=1e-6, bits=32)
    sequence_bits = None

    def __init__(self, rate_hz: float = 104.0) -> None:
        self.rate_hz = min(RATES_HZ, key=lambda rate: abs(rate - rate_hz))
        self._control = bytes(_CONTROL_BYTES)

    def start(self) -> list[Command]:
        """Return the setting of the rate where it is another, and the start of measuring."""
        measure = Command(CONTROL, bytes((1, 1, RATE_QUANTITIES)))
        if _rate(self._control) == self.rate_hz:
            return [measure]
        changed = bytearray(self._control)
        changed[0] = _VISIT_RATE
        struct.pack_into("<H", changed, _RATE_AT, self.rate_hz)
        return [Command(DEVICE_CONTROL, bytes(changed)), measure]

    def stop(self) -> list[Command]:
        """Return the end of measuring."""
        return [Command(CONTROL, bytes((1, 0, RATE_QUANTITIES)))]

    def ask_battery(self) -> list[Command]:
        """Return nothing: the charge is read and notified."""
        return []

    def haptic(self, _strength: float, _duration_s: float) -> list[Command]:
        """Return nothing: there is no motor."""
        return []

    def identify(self) -> list[Command]:
        """Return the request to flash the light for ten seconds."""
        changed = bytearray(self._control)
        changed[:2] = _VISIT_IDENTIFY, 0x01
        return [Command(DEVICE_CONTROL, bytes(changed))]

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what a notification or a read value says; DecodeError if it is malformed."""
        match characteristic.lower():
            case uuid if uuid == MEDIUM:
                return (self._samples(bytes(payload)),)
            case uuid if uuid == BATTERY:
                return (_battery(bytes(payload)),)
            case uuid if uuid == DEVICE_INFO:
                return (_about(bytes(payload)),)
            case uuid if uuid == DEVICE_CONTROL:
                if len(payload) != _CONTROL_BYTES:
                    raise DecodeError(f"{_WHO}: {len(payload)} bytes of device control")
                self._control = bytes(payload)
                return ()
        raise DecodeError(f"{_WHO}: characteristic {characteristic} is not part of its protocol")

    def _samples(self, payload: bytes) -> Samples:
        if not _LEAST_BYTES <= len(payload) <= _MOST_BYTES:
            raise DecodeError(f"{_WHO}: {len(payload)} bytes of measurement, expected {_LEAST_BYTES}")
        (stamp_us,) = struct.unpack_from("<I", payload)
        acc, gyr = float_blocks(payload, 4, 1, _WHO)
        return Samples(acc_ms2=acc, gyr_rads=gyr, period_s=1 / self.rate_hz, ticks=stamp_us)


def _rate(control: bytes) -> int:
    return int.from_bytes(control[_RATE_AT : _RATE_AT + 2], "little")


def _battery(payload: bytes) -> Battery:
    if len(payload) != 2 or payload[0] > 100:
        raise DecodeError(f"{_WHO}: battery {payload.hex() or 'empty'} is not per cent and charging")
    return Battery(payload[0] / 100)


def _about(payload: bytes) -> About:
    if len(payload) < _INFO_BYTES:
        raise DecodeError(f"{_WHO}: {len(payload)} bytes of device info, expected {_INFO_BYTES}")
    return About(firmware=".".join(str(part) for part in payload[6:9]), haptics=False)


def _recognises(heard: Advertisement) -> bool:
    return SERVICE in heard.services or heard.name.startswith(("Xsens DOT", "Movella DOT"))


PROFILE = Profile(
    name="movella",
    title="Movella DOT",
    notify=(MEDIUM, BATTERY),
    read=(DEVICE_INFO, DEVICE_CONTROL, BATTERY),
    recognises=_recognises,
    decoder=MovellaDecoder,
)
