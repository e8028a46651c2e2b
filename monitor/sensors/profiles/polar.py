"""Polar Verity Sense over PMD, Polar Measurement Data. What is known: firmware_notes/devices/polar.md."""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt

from monitor.model.errors import DecodeError
from monitor.model.samples import FloatArray
from monitor.sensors.profiles.base import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
    G_MS2,
    About,
    Advertisement,
    Answer,
    Command,
    Profile,
    Reading,
    Reply,
    Samples,
    Ticks,
    battery_level,
    text,
)
from monitor.sensors.profiles.cadence import Cadence
from monitor.sensors.profiles.pairing import Pairing

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

USUAL_HZ = 52
RATES_HZ = (26, USUAL_HZ, 104, 208)
"""Others than 52 Hz need the SDK mode, which switches heart rate off; 416 Hz fills the link."""

_START, _STOP, _RESPONSE, _FEATURES = 0x02, 0x03, 0xF0, 0x0F
_ACC, _GYR, _SDK_MODE = 0x02, 0x05, 0x09
_NAMES = {_ACC: "acc", _GYR: "gyr"}
_WORDS = {_ACC: "acceleration", _GYR: "angular rate", _SDK_MODE: "SDK mode"}
_DONE, _ALREADY = 0, 6
_REASONS = {
    1: "unknown command",
    2: "unknown measurement",
    3: "not supported",
    4: "wrong length",
    5: "wrong parameter",
    _ALREADY: "already in that state",
    7: "resolution not supported",
    8: "rate not supported",
    9: "range not supported",
    10: "the link's packets are too short",
    11: "number of channels not supported",
    12: "not possible in its present state",
    13: "it is in the charger",
}
_RATE, _RESOLUTION, _RANGE, _CHANNELS, _FACTOR = 0, 1, 2, 4, 5
_WIDTHS = {_RATE: 2, _RESOLUTION: 2, _RANGE: 2, 3: 4, _CHANNELS: 1, _FACTOR: 4, 6: 16}
"""Bytes of one value of each setting."""
_RANGES = {_ACC: 8, _GYR: 2000}
"""The widest of the usual mode, in g and deg/s."""
_BITS, _AXES = 16, 3

_HEADER = struct.Struct("<BQB")
_COMPRESSED = 0x80
_MG_MS2 = G_MS2 / 1000
_FACTORS = (1e-7, 100.0)
"""Between a 16-bit sensor of 0.003 g full scale and nonsense."""
_MOST_OFF = 0.1
"""Of a packet's time, that the announced rate may be off, until the rate is measured."""
_SLACK = 0.75
"""Of a period, that a packet's time may be off after that: less than one missing sample."""
_WHO = "Polar"


class PolarDecoder:
    """One connection to a Polar Verity Sense.

    Acceleration and angular rate come as streams of their own. Both carry the time of their
    last sample, so the rates are interpolated to the moments of the accelerations.
    """

    clock = Ticks(tick_s=1e-9, bits=64)
    sequence_bits = None

    def __init__(self, rate_hz: float = 104.0) -> None:
        self.rate_hz = min(RATES_HZ, key=lambda rate: abs(rate - rate_hz))
        self._in_sdk_mode = False
        self._stopped: set[int] = set()
        self._begin()

    def _begin(self) -> None:
        self._factors: dict[int, float] = {}
        self._streams = {kind: _Stamps(1 / self.rate_hz) for kind in _NAMES}
        self._pairing = Pairing(1 / self.rate_hz)
        self._origin_ns: int | None = None
        self._restarted = True

    def start(self) -> list[Command]:
        """Return the first of what is asked one by one: the mode, acceleration, angular rate."""
        if self.rate_hz == USUAL_HZ:
            return [self._start(_ACC)]
        return [Command(CONTROL, bytes((_START, _SDK_MODE)))]

    def stop(self) -> list[Command]:
        """Return the end of both streams and of the SDK mode."""
        kinds = (_GYR, _ACC, _SDK_MODE) if self._in_sdk_mode else (_GYR, _ACC)
        return [Command(CONTROL, bytes((_STOP, kind))) for kind in kinds]

    def ask_battery(self) -> list[Command]:
        """Return nothing: the battery level is read and notified."""
        return []

    def haptic(self, _strength: float, _duration_s: float) -> list[Command]:
        """Return nothing: there is no motor."""
        return []

    def identify(self) -> list[Command]:
        """Return nothing: the light has no command."""
        return []

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what a notification or a read value says; DecodeError if it is malformed."""
        match characteristic.lower():
            case uuid if uuid == DATA:
                return self._data(bytes(payload))
            case uuid if uuid == CONTROL:
                return self._control(bytes(payload))
            case uuid if uuid == BATTERY_LEVEL:
                return (battery_level(payload, _WHO),)
            case uuid if uuid == FIRMWARE_REVISION:
                return (About(firmware=text(payload, _WHO), haptics=False),)
        raise DecodeError(f"{_WHO}: characteristic {characteristic} is not part of PMD")

    def _start(self, kind: int) -> Command:
        settings = ((_RATE, self.rate_hz), (_RESOLUTION, _BITS), (_RANGE, _RANGES[kind]), (_CHANNELS, _AXES))
        body = b"".join(
            bytes((setting, 1)) + value.to_bytes(_WIDTHS[setting], "little") for setting, value in settings
        )
        return Command(CONTROL, bytes((_START, kind)) + body)

    def _control(self, payload: bytes) -> tuple[Reading, ...]:
        if payload[:1] == bytes((_FEATURES,)):
            # What it can do: BlueZ hands the value of a read on as a notification.
            return ()
        if len(payload) < 4 or payload[0] != _RESPONSE:
            raise DecodeError(f"{_WHO}: {payload.hex() or 'nothing'} is no answer")
        _, command, kind, status = payload[:4]
        if command != _START or kind not in _WORDS:
            return ()
        if kind == _SDK_MODE:
            return self._sdk_mode_answered(status)
        return self._stream_answered(kind, status, payload[5:])

    def _sdk_mode_answered(self, status: int) -> tuple[Reading, ...]:
        self._in_sdk_mode = status in {_DONE, _ALREADY}
        if self._in_sdk_mode:
            return (Reply((self._start(_ACC),)),)
        return self._usual_rate(_SDK_MODE, status)

    def _stream_answered(self, kind: int, status: int, settings: bytes) -> tuple[Reading, ...]:
        if status == _DONE and kind == _ACC:
            self._begin()
            self._factors[_ACC] = _factor(settings)
            return (Reply((self._start(_GYR),)),)
        if status == _DONE:
            self._factors[kind] = _factor(settings)
            return (Answer(True, f"{self.rate_hz} samples a second"),)
        if status == _ALREADY and kind not in self._stopped:
            # A stream of a session before: its scale was told then.
            self._stopped.add(kind)
            return (Reply((Command(CONTROL, bytes((_STOP, kind))), self._start(kind))),)
        if kind == _ACC and self.rate_hz != USUAL_HZ:
            return self._usual_rate(kind, status)
        return (Answer(False, _refusal(kind, status)),)

    def _usual_rate(self, kind: int, status: int) -> tuple[Reading, ...]:
        """Fall back to the rate that every firmware has."""
        self.rate_hz = USUAL_HZ
        said = Answer(False, f"{_refusal(kind, status)}; it sends {USUAL_HZ} samples a second instead")
        return said, Reply((self._start(_ACC),))

    def _data(self, payload: bytes) -> tuple[Samples, ...]:
        if len(payload) <= _HEADER.size:
            raise DecodeError(f"{_WHO}: {len(payload)} bytes of data")
        kind, stamp_ns, layout = _HEADER.unpack_from(payload)
        if kind not in _NAMES:
            raise DecodeError(f"{_WHO}: data of measurement {kind}, which was not asked for")
        values = self._values(kind, layout, payload[_HEADER.size :])
        if self._origin_ns is None:
            self._origin_ns = stamp_ns
        sent_s = (stamp_ns - self._origin_ns) * self.clock.tick_s
        t_s = self._streams[kind].place(sent_s, len(values))
        period_s = self._streams[_ACC].cadence.period_s
        made = []
        for run in self._pairing.add(_NAMES[kind], t_s, values):
            first_ns = self._origin_ns + round(float(run.t_s[0]) / self.clock.tick_s)
            made.append(
                Samples(
                    run.acc,
                    run.gyr,
                    period_s,
                    ticks=first_ns % (1 << 64),
                    restarted=self._restarted,
                    # A sample waits for the rates around it; that is no delay of the link.
                    sent_after_s=max(0.0, sent_s - float(run.t_s[-1])),
                )
            )
            self._restarted = False
        return tuple(made)

    def _values(self, kind: int, layout: int, body: bytes) -> FloatArray:
        """Return (N, 3) values in m/s2 or rad/s."""
        if (kind, layout) == (_ACC, 0x01):
            if len(body) % (2 * _AXES):
                raise DecodeError(f"{_WHO}: {len(body)} bytes are no whole number of samples")
            return np.frombuffer(body, "<i2").reshape(-1, _AXES).astype(np.float64) * _MG_MS2
        if layout not in {_COMPRESSED, _COMPRESSED | 0x01} or (kind == _GYR and layout != _COMPRESSED):
            raise DecodeError(f"{_WHO}: {_WORDS[kind]} in layout 0x{layout:02x}, which is not known")
        counts = _unpacked(body).astype(np.float64)
        factor = self._factors.get(kind)
        if factor is None:
            raise DecodeError(f"{_WHO}: {_WORDS[kind]} before the answer that tells its scale")
        if kind == _GYR:
            return counts * (factor * math.radians(1))
        # Layout 0 counts in g, layout 1 in thousandths.
        return counts * (factor * (G_MS2 if layout == _COMPRESSED else _MG_MS2))


def _refusal(kind: int, status: int) -> str:
    return f"{_WORDS[kind]}: {_REASONS.get(status, f'refused (status {status})')}"


class _Stamps:
    """Times of the samples of one stream, whose packets carry the time of their last one."""

    def __init__(self, period_s: float) -> None:
        self.cadence = Cadence(period_s)
        self._last_s: float | None = None

    def place(self, last_s: float, count: int) -> FloatArray:
        period_s = self.cadence.period_s
        if self._last_s is not None:
            elapsed_s = last_s - self._last_s
            expected_s = count * period_s
            slack_s = _SLACK * period_s if self.cadence.measured else _MOST_OFF * expected_s
            self.cadence.step(elapsed_s, count)
            if abs(elapsed_s - expected_s) <= slack_s:
                # Nothing missing: these samples fill the time since the packet before.
                period_s = elapsed_s / count
        self._last_s = last_s
        return np.asarray(last_s - period_s * np.arange(count - 1, -1, -1))


def _factor(settings: bytes) -> float:
    """Return the scale that the answer to a start command carries; 1 if it carries none."""
    at = 0
    while at + 2 <= len(settings):
        setting, count = settings[at : at + 2]
        width = _WIDTHS.get(setting)
        end = at + 2 + (width or 0) * count
        if width is None or end > len(settings):
            raise DecodeError(f"{_WHO}: setting {setting} of the answer is cut or unknown")
        if setting == _FACTOR and count:
            (factor,) = struct.unpack_from("<f", settings, at + 2)
            if not _FACTORS[0] <= factor <= _FACTORS[1]:
                raise DecodeError(f"{_WHO}: a scale of {factor}")
            return float(factor)
        at = end
    return 1.0


def _unpacked(body: bytes) -> npt.NDArray[np.int64]:
    """Return the (N, 3) counts of a compressed frame.

    A reference sample of three i16, then blocks: u8 bits a difference, u8 samples, differences
    packed from the lowest bit up, filled up to a whole byte.
    """
    if len(body) < 2 * _AXES:
        raise DecodeError(f"{_WHO}: {len(body)} bytes without a reference sample")
    blocks = [np.frombuffer(body, "<i2", count=_AXES).astype(np.int64).reshape(1, _AXES)]
    at = 2 * _AXES
    while at < len(body):
        bits, count = body[at], body[at + 1] if at + 1 < len(body) else 0
        end = at + 2 + -(-bits * count * _AXES // 8)
        if not 1 <= bits <= 32 or not count or end > len(body):
            raise DecodeError(f"{_WHO}: a block of {count} differences of {bits} bits is cut or empty")
        packed = np.frombuffer(body, np.uint8, count=end - at - 2, offset=at + 2)
        raised = np.unpackbits(packed, bitorder="little")[: bits * count * _AXES].reshape(-1, bits)
        weights = 1 << np.arange(bits, dtype=np.int64)
        # Two's complement: the highest bit counts negative.
        weights[-1] = -weights[-1] if bits > 1 else weights[-1]
        blocks.append((raised @ weights).reshape(count, _AXES))
        at = end
    counts = np.cumsum(np.concatenate(blocks), axis=0)
    if np.abs(counts).max() > 1 << (_BITS - 1):
        raise DecodeError(f"{_WHO}: differences that leave {_BITS} bits")
    return counts


def _recognises(heard: Advertisement) -> bool:
    # "Polar Sense 12345678" or "Polar Verity Sense": PMD itself is not advertised.
    return SERVICE in heard.services or heard.name.startswith(("Polar Sense", "Polar Verity"))


PROFILE = Profile(
    name="polar",
    title="Polar Verity Sense",
    notify=(CONTROL, DATA, BATTERY_LEVEL),
    read=(FIRMWARE_REVISION, BATTERY_LEVEL),
    recognises=_recognises,
    decoder=PolarDecoder,
)
