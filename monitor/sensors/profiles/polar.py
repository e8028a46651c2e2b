"""Polar Verity Sense over PMD, Polar Measurement Data. What is known: firmware_notes/devices/polar.md."""

from __future__ import annotations

import struct

from monitor.model.errors import DecodeError
from monitor.sensors.profiles.base import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
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
from monitor.sensors.profiles.pairing import Pairing
from monitor.sensors.profiles.polar_frames import ACC, AXES, BITS, GYR, WHO, WORDS, Stamps, measured

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

USUAL_HZ = 52
RATES_HZ = (26, USUAL_HZ, 104, 208)
"""Others than 52 Hz need the SDK mode, which switches heart rate off; 416 Hz fills the link."""

_START, _STOP, _RESPONSE, _FEATURES = 0x02, 0x03, 0xF0, 0x0F
_SDK_MODE = 0x09
_NAMES = {ACC: "acc", GYR: "gyr"}
_WORDS = WORDS | {_SDK_MODE: "SDK mode"}
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
_RANGES = {ACC: 8, GYR: 2000}
"""The widest of the usual mode, in g and deg/s."""

_HEADER = struct.Struct("<BQB")
_FACTORS = (1e-7, 100.0)
"""Between a 16-bit sensor of 0.003 g full scale and nonsense."""


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
        self._streams = {kind: Stamps(1 / self.rate_hz) for kind in _NAMES}
        self._pairing = Pairing(1 / self.rate_hz)
        self._origin_ns: int | None = None
        self._restarted = True

    def start(self) -> list[Command]:
        """Return the first of what is asked one by one: the mode, acceleration, angular rate."""
        if self.rate_hz == USUAL_HZ:
            return [self._start(ACC)]
        return [Command(CONTROL, bytes((_START, _SDK_MODE)))]

    def stop(self) -> list[Command]:
        """Return the end of both streams and of the SDK mode."""
        kinds = (GYR, ACC, _SDK_MODE) if self._in_sdk_mode else (GYR, ACC)
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
                return (battery_level(payload, WHO),)
            case uuid if uuid == FIRMWARE_REVISION:
                return (About(firmware=text(payload, WHO), haptics=False),)
        raise DecodeError(f"{WHO}: characteristic {characteristic} is not part of PMD")

    def _start(self, kind: int) -> Command:
        settings = ((_RATE, self.rate_hz), (_RESOLUTION, BITS), (_RANGE, _RANGES[kind]), (_CHANNELS, AXES))
        body = b"".join(
            bytes((setting, 1)) + value.to_bytes(_WIDTHS[setting], "little") for setting, value in settings
        )
        return Command(CONTROL, bytes((_START, kind)) + body)

    def _control(self, payload: bytes) -> tuple[Reading, ...]:
        if payload[:1] == bytes((_FEATURES,)):
            # What it can do: BlueZ hands the value of a read on as a notification.
            return ()
        if len(payload) < 4 or payload[0] != _RESPONSE:
            raise DecodeError(f"{WHO}: {payload.hex() or 'nothing'} is no answer")
        _, command, kind, status = payload[:4]
        if command != _START or kind not in _WORDS:
            return ()
        if kind == _SDK_MODE:
            return self._sdk_mode_answered(status)
        return self._stream_answered(kind, status, payload[5:])

    def _sdk_mode_answered(self, status: int) -> tuple[Reading, ...]:
        self._in_sdk_mode = status in {_DONE, _ALREADY}
        if self._in_sdk_mode:
            return (Reply((self._start(ACC),)),)
        return self._usual_rate(_SDK_MODE, status)

    def _stream_answered(self, kind: int, status: int, settings: bytes) -> tuple[Reading, ...]:
        if status == _DONE and kind == ACC:
            self._begin()
            self._factors[ACC] = _factor(settings)
            return (Reply((self._start(GYR),)),)
        if status == _DONE:
            self._factors[kind] = _factor(settings)
            return (Answer(True, f"{self.rate_hz} samples a second"),)
        if status == _ALREADY and kind not in self._stopped:
            # A stream of a session before: its scale was told then.
            self._stopped.add(kind)
            return (Reply((Command(CONTROL, bytes((_STOP, kind))), self._start(kind))),)
        if kind == ACC and self.rate_hz != USUAL_HZ:
            return self._usual_rate(kind, status)
        return (Answer(False, _refusal(kind, status)),)

    def _usual_rate(self, kind: int, status: int) -> tuple[Reading, ...]:
        """Fall back to the rate that every firmware has."""
        self.rate_hz = USUAL_HZ
        said = Answer(False, f"{_refusal(kind, status)}; it sends {USUAL_HZ} samples a second instead")
        return said, Reply((self._start(ACC),))

    def _data(self, payload: bytes) -> tuple[Samples, ...]:
        if len(payload) <= _HEADER.size:
            raise DecodeError(f"{WHO}: {len(payload)} bytes of data")
        kind, stamp_ns, layout = _HEADER.unpack_from(payload)
        if kind not in _NAMES:
            raise DecodeError(f"{WHO}: data of measurement {kind}, which was not asked for")
        values = measured(kind, layout, payload[_HEADER.size :], self._factors.get(kind))
        if self._origin_ns is None:
            self._origin_ns = stamp_ns
        sent_s = (stamp_ns - self._origin_ns) * self.clock.tick_s
        t_s = self._streams[kind].place(sent_s, len(values))
        period_s = self._streams[ACC].cadence.period_s
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


def _refusal(kind: int, status: int) -> str:
    return f"{_WORDS[kind]}: {_REASONS.get(status, f'refused (status {status})')}"


def _factor(settings: bytes) -> float:
    """Return the scale that the answer to a start command carries; 1 if it carries none."""
    at = 0
    while at + 2 <= len(settings):
        setting, count = settings[at : at + 2]
        width = _WIDTHS.get(setting)
        end = at + 2 + (width or 0) * count
        if width is None or end > len(settings):
            raise DecodeError(f"{WHO}: setting {setting} of the answer is cut or unknown")
        if setting == _FACTOR and count:
            (factor,) = struct.unpack_from("<f", settings, at + 2)
            if not _FACTORS[0] <= factor <= _FACTORS[1]:
                raise DecodeError(f"{WHO}: a scale of {factor}")
            return float(factor)
        at = end
    return 1.0


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
