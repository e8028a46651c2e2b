"""WitMotion sensors with Bluetooth 5.0. What is known: firmware_notes/devices/witmotion.md.

They send a stream of 20-byte frames without time, number or checksum; a notification holds one
frame, several, or parts of them.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right

import numpy as np

from monitor.model.errors import DecodeError
from monitor.sensors.profiles.base import (
    G_MS2,
    Advertisement,
    Answer,
    Battery,
    Command,
    Profile,
    Reading,
    Reply,
    Samples,
)

SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE = "0000ffe9-0000-1000-8000-00805f9a34fb"
"""9a34fb, not the 9b34fb of the Bluetooth SIG."""

RATES_HZ = (10, 20, 50, 100)
"""200 Hz is left out: sources disagree about its code, and it fills the link."""
_RATE_CODES = {0x06: 10, 0x07: 20, 0x08: 50, 0x09: 100, 0x0B: 200}

FRAME_BYTES = 20
_HEAD, _MOTION, _REGISTER = 0x55, 0x61, 0x71
_ACC_SCALE = 16 * G_MS2 / 32768
_GYR_SCALE = math.radians(2000) / 32768
_RATE, _VOLTAGE = 0x03, 0x64
_UNLOCK = bytes.fromhex("ffaa6988b5")
_TRIES = 3
"""The maker waits 0.1 s between unlocking and setting; here the setting is read back and repeated."""
_FROM_CENTIVOLTS = (340, 350, 368, 370, 373, 377, 379, 382, 387, 393, 396)
_CHARGES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50, 0.60, 0.75, 0.90, 1.0)
"""The maker's table of a lithium cell; below the first voltage it is empty."""
_WHO = "WitMotion"


class WitMotionDecoder:
    """One connection to a WitMotion sensor."""

    clock = None
    sequence_bits = None

    def __init__(self, rate_hz: float = 104.0) -> None:
        self.rate_hz = min(RATES_HZ, key=lambda rate: abs(rate - rate_hz))
        self._period_s = 1 / self.rate_hz
        self._rest = b""
        self._lost = 0
        self._tries = 0

    def start(self) -> list[Command]:
        """Return the setting of the rate, not saved, and the question whether it was taken."""
        self._tries = 1
        return list(self._set_rate())

    def stop(self) -> list[Command]:
        """Return nothing: it sends as long as somebody is subscribed."""
        return []

    def ask_battery(self) -> list[Command]:
        """Return the question for the voltage."""
        return [_ask(_VOLTAGE)]

    def haptic(self, _strength: float, _duration_s: float) -> list[Command]:
        """Return nothing: there is no motor."""
        return []

    def identify(self) -> list[Command]:
        """Return nothing: the light has no command."""
        return []

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what the frames that are complete with this notification say.

        Raises
        ------
        DecodeError
            There is no frame in it. The bytes count as lost before the next samples.
        """
        if characteristic.lower() != NOTIFY:
            raise DecodeError(f"{_WHO}: characteristic {characteristic} is not part of its protocol")
        if self._rest and _frame_at(payload, 0):
            # A frame begins: what was left over never got its other half. (A second half that
            # begins like a frame by chance costs that frame, once in 65536 halves.)
            self._rest = b""
            self._lost += 1
        parts, self._rest = _cut(self._rest + payload)
        said: list[Reading] = []
        run: list[bytes] = []
        for part in parts:
            if isinstance(part, int):
                self._close(run, said)
                self._lost += -(-part // FRAME_BYTES)
            elif part[1] == _MOTION:
                run.append(part)
            else:
                said += self._register(part)
        self._close(run, said)
        if parts and all(isinstance(part, int) for part in parts):
            raise DecodeError(f"{_WHO}: no frame in {len(payload)} bytes")
        return tuple(said)

    def _close(self, run: list[bytes], said: list[Reading]) -> None:
        """Add the frames of `run` to `said` as samples and empty it."""
        if not run:
            return
        counts = np.frombuffer(b"".join(run), "<i2").reshape(len(run), FRAME_BYTES // 2)
        said.append(
            Samples(
                acc_ms2=counts[:, 1:4] * _ACC_SCALE,
                gyr_rads=counts[:, 4:7] * _GYR_SCALE,
                period_s=self._period_s,
                lost_before=self._lost,
            )
        )
        self._lost = 0
        run.clear()

    def _register(self, frame: bytes) -> tuple[Reading, ...]:
        register, value = int.from_bytes(frame[2:4], "little"), int.from_bytes(frame[4:6], "little")
        if register == _VOLTAGE:
            return (Battery(_CHARGES[bisect_right(_FROM_CENTIVOLTS, value)]),)
        if register != _RATE:
            return ()
        rate = _RATE_CODES.get(value)
        if rate == self.rate_hz:
            self._period_s = 1 / rate
            return (Answer(True, f"{rate} samples a second"),)
        if self._tries < _TRIES:
            self._tries += 1
            return (Reply(self._set_rate()),)
        if rate is None:
            return (
                Answer(False, f"it sends at an unknown rate (code {value}) instead of {self.rate_hz} Hz"),
            )
        self._period_s = 1 / rate
        return (Answer(False, f"it sends {rate} samples a second instead of {self.rate_hz}"),)

    def _set_rate(self) -> tuple[Command, ...]:
        code = next(code for code, rate in _RATE_CODES.items() if rate == self.rate_hz)
        return Command(WRITE, _UNLOCK), Command(WRITE, bytes((0xFF, 0xAA, _RATE, code, 0))), _ask(_RATE)


def _ask(register: int) -> Command:
    return Command(WRITE, bytes((0xFF, 0xAA, 0x27, register, 0)))


def _frame_at(stream: bytes, at: int) -> bool:
    return stream[at : at + 2] in (bytes((_HEAD, _MOTION)), bytes((_HEAD, _REGISTER)))


def _cut(stream: bytes) -> tuple[list[bytes | int], bytes]:
    """Return the frames of `stream`, numbers of bytes that are none, and the beginning left over."""
    parts: list[bytes | int] = []
    at = junk = 0
    while at < len(stream):
        framed = _frame_at(stream, at)
        if len(stream) - at < FRAME_BYTES and (framed or stream[at:] == bytes((_HEAD,))):
            break
        if not framed:
            at, junk = at + 1, junk + 1
            continue
        if junk:
            parts.append(junk)
            junk = 0
        parts.append(stream[at : at + FRAME_BYTES])
        at += FRAME_BYTES
    if junk:
        parts.append(junk)
    return parts, stream[at:]


def _recognises(heard: Advertisement) -> bool:
    # WT901BLE68, WT9011DCL-BT50, BWT901BLE5.0: the name is all there is.
    return SERVICE in heard.services or re.search(r"WT\d", heard.name) is not None


PROFILE = Profile(
    name="witmotion",
    title="WitMotion",
    notify=(NOTIFY,),
    read=(),
    recognises=_recognises,
    decoder=WitMotionDecoder,
)
