"""Movesense over GSP, its GATT SensorData protocol. What is known: firmware_notes/devices/movesense.md."""

from __future__ import annotations

from monitor.model.errors import DecodeError
from monitor.sensors.clock import Unwrap
from monitor.sensors.profiles.base import (
    Advertisement,
    Answer,
    Battery,
    Command,
    Profile,
    Reading,
    Reply,
    Samples,
    Ticks,
    float_blocks,
)
from monitor.sensors.profiles.cadence import Cadence

SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
WRITE = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"

RATES_HZ = (13, 26, 52, 104, 208)
"""The chip goes to 1666 Hz, which no link carries; the maker warns above 104."""

_SUBSCRIBE, _UNSUBSCRIBE, _GET, _PUT_MODE = 0x01, 0x02, 0x04, 0x07
_RESPONSE, _DATA, _MORE_DATA = 0x01, 0x02, 0x03
_MOTION, _CHARGE, _RESTART = 0x01, 0x02, 0x03
"""References: ours to choose, not 0; answers carry them back."""
_APPLICATION_MODE = 5
"""The system mode whose setting starts the sensor anew."""
_POOL_EMPTY = 429
_STAMP_BYTES, _SAMPLE_BYTES = 4, 24
_REASONS = {404: "not on this sensor", 409: "in conflict with what runs", _POOL_EMPTY: "no request left"}
_WHO = "Movesense"


class MovesenseDecoder:
    """One connection to a Movesense sensor."""

    clock = Ticks(tick_s=1e-3, bits=32)
    sequence_bits = None

    def __init__(self, rate_hz: float = 104.0) -> None:
        self.rate_hz = min(RATES_HZ, key=lambda rate: abs(rate - rate_hz))
        self._usual_batch = self._batch = self.rate_hz // RATES_HZ[0]
        self._half: bytes | None = None
        self._parted = False
        self._cadence = Cadence(1 / self.rate_hz)
        self._unwrap = Unwrap(self.clock.bits)
        self._before: tuple[int, int] | None = None

    def start(self) -> list[Command]:
        """Return the subscription to acceleration and angular rate."""
        return [_command(_SUBSCRIBE, _MOTION, f"/Meas/IMU6/{self.rate_hz}\0".encode())]

    def stop(self) -> list[Command]:
        """Return the end of the subscription."""
        return [_command(_UNSUBSCRIBE, _MOTION)]

    def ask_battery(self) -> list[Command]:
        """Return the question for the charge."""
        return [_command(_GET, _CHARGE, b"/System/Energy/Level\0")]

    def haptic(self, _strength: float, _duration_s: float) -> list[Command]:
        """Return nothing: there is no motor."""
        return []

    def identify(self) -> list[Command]:
        """Return nothing: this protocol does not reach the light."""
        return []

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what a notification says; DecodeError if it does not follow GSP."""
        if characteristic.lower() != NOTIFY:
            raise DecodeError(f"{_WHO}: characteristic {characteristic} is not part of GSP")
        if len(payload) < 2:
            raise DecodeError(f"{_WHO}: a message of {len(payload)} bytes")
        code, reference, body = payload[0], payload[1], bytes(payload[2:])
        if code == _RESPONSE:
            return _response(reference, body)
        if reference != _MOTION:
            raise DecodeError(f"{_WHO}: data of reference {reference}, which nothing was asked under")
        if code == _DATA:
            return self._data(body)
        if code == _MORE_DATA:
            return self._more_data(body)
        raise DecodeError(f"{_WHO}: message code {code} is not known")

    def _data(self, body: bytes) -> tuple[Reading, ...]:
        """Take a whole packet, or the first part of one: nothing in it says which."""
        before, self._half = self._half, None
        if len(body) == _size(self._batch):
            return (self._samples(body),)
        if self._parted or before is None or not self._follows(before, body):
            # A first part whose second never came is dropped here; the next stamp shows the loss.
            self._half = body
            return ()
        # Twice the same whole number of samples, as far apart as they take, and never a second
        # part: this sensor sends another number at a time.
        self._batch = (len(body) - _STAMP_BYTES) // _SAMPLE_BYTES
        return (self._samples(before), self._samples(body))

    def _follows(self, before: bytes, body: bytes) -> bool:
        """Whether two bodies are whole updates of one size, the second right after the first."""
        if len(before) != len(body) or not _is_whole(body):
            return False
        took_s = (len(body) - _STAMP_BYTES) // _SAMPLE_BYTES / self.rate_hz
        elapsed_s = self._unwrap.step(_stamp(before), _stamp(body)) * self.clock.tick_s
        return abs(elapsed_s - took_s) <= 0.1 * took_s + self.clock.tick_s

    def _more_data(self, body: bytes) -> tuple[Reading, ...]:
        half, self._half = self._half, None
        self._parted, self._batch = True, self._usual_batch
        if half is None:
            raise DecodeError(f"{_WHO}: the second part of a packet without its first")
        if not _is_whole(half + body):
            raise DecodeError(f"{_WHO}: two parts of {len(half)} and {len(body)} bytes make no packet")
        return (self._samples(half + body),)

    def _samples(self, body: bytes) -> Samples:
        stamp_ms = _stamp(body)
        # All accelerations come first, then all angular rates.
        samples = (len(body) - _STAMP_BYTES) // _SAMPLE_BYTES
        acc, gyr = float_blocks(body, _STAMP_BYTES, samples, _WHO)
        period_s = self._cadence.period_s
        if self._before is not None:
            elapsed_ms = self._unwrap.step(self._before[0], stamp_ms)
            period_s = self._cadence.step(elapsed_ms * self.clock.tick_s, self._before[1])
        self._before = stamp_ms, samples
        return Samples(acc_ms2=acc, gyr_rads=gyr, period_s=period_s, ticks=stamp_ms)


def _command(code: int, reference: int, body: bytes = b"") -> Command:
    return Command(WRITE, bytes((code, reference)) + body)


def _size(samples: int) -> int:
    return _STAMP_BYTES + samples * _SAMPLE_BYTES


def _stamp(body: bytes) -> int:
    return int.from_bytes(body[:_STAMP_BYTES], "little")


def _is_whole(body: bytes) -> bool:
    return len(body) > _STAMP_BYTES and (len(body) - _STAMP_BYTES) % _SAMPLE_BYTES == 0


def _response(reference: int, body: bytes) -> tuple[Reading, ...]:
    if len(body) < 2:
        raise DecodeError(f"{_WHO}: an answer without a status")
    status = int.from_bytes(body[:2], "little")
    done = 200 <= status < 300
    if reference == _CHARGE and done:
        if len(body) != 3 or body[2] > 100:
            raise DecodeError(f"{_WHO}: charge {body[2:].hex() or 'empty'} is not one byte of per cent")
        return (Battery(body[2] / 100),)
    what = {_MOTION: "motion data", _CHARGE: "charge", _RESTART: "restart"}.get(reference)
    if what is None:
        raise DecodeError(f"{_WHO}: an answer to reference {reference}, which nothing was asked under")
    if done:
        return (Answer(True, f"{what}: done"),)
    said = Answer(False, f"{what}: {_REASONS.get(status, 'refused')} (status {status})")
    if status == _POOL_EMPTY and reference == _MOTION:
        # The pool stays empty over reconnects; starting the sensor anew is what fills it.
        return said, Reply((_command(_PUT_MODE, _RESTART, bytes((_APPLICATION_MODE,))),))
    return (said,)


def _recognises(heard: Advertisement) -> bool:
    # The name leaves no room in the advertisement for the 128-bit service.
    return SERVICE in heard.services or heard.name.startswith("Movesense")


PROFILE = Profile(
    name="movesense",
    title="Movesense",
    notify=(NOTIFY,),
    read=(),
    recognises=_recognises,
    decoder=MovesenseDecoder,
)
