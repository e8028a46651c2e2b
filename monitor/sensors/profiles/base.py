"""What every device family has in common: recognise it, command it, read its notifications.

A profile is sans-I/O: it says what to write and what the bytes mean, and never touches a radio.
It keeps the device's own time and numbering as they come (wrapping integers); unwrapping, loss
and session time are the assembler's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from monitor.model.errors import DecodeError
from monitor.model.samples import FloatArray

G_MS2 = 9.80665
"""Standard gravity in m/s2: what devices mean by one g."""

BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
"""Battery Level of the Bluetooth SIG (0x2A19): one byte, per cent."""
MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"
"""Device Information of the Bluetooth SIG: texts."""

UNCOUNTED = "losses not counted"
"""Said of a sensor that sends neither time nor numbers."""

_ANY_HZ = 104.0
_MOST_ACC_MS2 = 32 * G_MS2
_MOST_GYR_RADS = math.radians(4000)
"""Twice the widest range of the devices known: what lies beyond is not a measurement."""


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a scan has heard of one device.

    Parameters
    ----------
    name
        Advertised name, empty if none.
    address
        Address, or the identifier the operating system gives instead.
    services
        Advertised service UUIDs, lower case.
    """

    name: str = ""
    address: str = ""
    services: frozenset[str] = frozenset()


class Command(NamedTuple):
    """Bytes to write to a characteristic, in order."""

    characteristic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Ticks:
    """A device clock: seconds per tick and the width after which its counter wraps."""

    tick_s: float
    bits: int


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Consecutive samples of one notification in the sensor's own frame.

    Parameters
    ----------
    acc_ms2, gyr_rads
        (N, 3) specific force in m/s2 and angular rate in rad/s, N >= 1.
    period_s
        Time from sample to sample in s.
    ticks
        Device time of the FIRST sample, wrapping as the device's clock does; None without one.
    sequence
        Number of the FIRST sample, wrapping; None where the device does not count.
    restarted
        The device began anew: time and numbers are not those before.
    lost_before
        Samples known to be missing directly before the first one; only from devices without
        time and numbers, where the assembler cannot see it.
    sent_after_s
        Time from the last sample to the moment at which the device sent the notification, by the
        device's clock, in s; more than 0 where samples had to wait for others.
    """

    acc_ms2: FloatArray
    gyr_rads: FloatArray
    period_s: float
    ticks: int | None = None
    sequence: int | None = None
    restarted: bool = False
    lost_before: int = 0
    sent_after_s: float = 0.0

    def __len__(self) -> int:
        """Return the number of samples N."""
        return len(self.acc_ms2)


@dataclass(frozen=True, slots=True)
class Battery:
    """Charge from 0 to 1."""

    charge: float


@dataclass(frozen=True, slots=True)
class Button:
    """The wearer pressed the sensor's button: ``"press"`` or ``"hold"``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The device answered a command; `ok` False means refused, and `text` says why."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class About:
    """What the device says of itself."""

    firmware: str
    haptics: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """The device waits for this: to be written now, in order."""

    commands: tuple[Command, ...]


Reading = Samples | Battery | Button | Answer | About | Reply


class Decoder(Protocol):
    """One connection to one device: its commands, and the state its bytes need to be read."""

    @property
    def rate_hz(self) -> int:
        """Samples a second it is asked for: the nearest to those wished that the device has."""
        ...

    @property
    def clock(self) -> Ticks | None:
        """The device's clock; None if its samples carry no time."""
        ...

    @property
    def sequence_bits(self) -> int | None:
        """Width of the sample counter; None if the device does not count."""
        ...

    def start(self) -> list[Command]:
        """Return what to write, in order, once everything of `read` was read and notifications are on.

        Some devices want to be asked one thing at a time: what comes next is then a `Reply`.

        Raises
        ------
        SensorError
            What was read says that the device cannot be used, or why it cannot yet.
        """
        ...

    def stop(self) -> list[Command]:
        """Return what to write before disconnecting."""
        ...

    def ask_battery(self) -> list[Command]:
        """Return what to write to be told the charge; empty where it is read instead."""
        ...

    def haptic(self, strength: float, duration_s: float) -> list[Command]:
        """Return what to write to vibrate with `strength` 0 to 1; empty without a motor."""
        ...

    def identify(self) -> list[Command]:
        """Return what to write to make it show which one it is, by light or buzz; empty if it cannot."""
        ...

    def decode(self, characteristic: str, payload: bytes) -> tuple[Reading, ...]:
        """Return what a notification or a read value says; DecodeError if it is malformed.

        Nothing is returned where the bytes are in order and say nothing of use, or where they
        are half of something.
        """
        ...


def counts_losses(decoder: Decoder) -> bool:
    """Return whether every lost sample shows, by its time or its number."""
    return decoder.clock is not None or decoder.sequence_bits is not None


@dataclass(frozen=True, slots=True)
class Profile:
    """One device family.

    Parameters
    ----------
    name
        Short name in recordings and settings.
    title
        Name a person reads.
    notify
        Characteristics to subscribe to, before the start commands are written.
    read
        Characteristics to read after connecting, before the start commands, and now and then
        (battery, description); values go through `Decoder.decode` like notifications. A device
        that lacks one of them can still be used, unless `Decoder.start` says otherwise.
    recognises
        Whether an advertisement is one of these devices.
    decoder
        A fresh decoder for one connection, given the wished sample rate in Hz; it settles for
        the nearest rate the device has.
    """

    name: str
    title: str
    notify: tuple[str, ...]
    read: tuple[str, ...]
    recognises: Callable[[Advertisement], bool]
    decoder: Callable[[float], Decoder]

    @property
    def counts_losses(self) -> bool:
        """Whether every sample that these devices lose shows."""
        return counts_losses(self.decoder(_ANY_HZ))


def battery_level(payload: bytes, who: str) -> Battery:
    """Return the value of `BATTERY_LEVEL`; DecodeError if it is none. `who` begins the error."""
    if len(payload) != 1 or payload[0] > 100:
        raise DecodeError(f"{who}: battery level {payload.hex() or 'empty'} is not one byte of per cent")
    return Battery(payload[0] / 100)


def text(payload: bytes, who: str) -> str:
    """Return a text of the device; DecodeError if it is none. `who` begins the error."""
    try:
        return payload.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        raise DecodeError(f"{who}: {payload.hex()} is not a text") from None


def float_blocks(payload: bytes, offset: int, samples: int, who: str) -> tuple[FloatArray, FloatArray]:
    """Return acceleration and angular rate of devices that send floating-point numbers.

    Parameters
    ----------
    payload, offset
        From `offset` on: all accelerations in m/s2, then all rates in deg/s, each as f32 x y z.
    samples
        How many of each.
    who
        Begins the error.

    Returns
    -------
    (N, 3) in m/s2 and (N, 3) in rad/s.

    Raises
    ------
    DecodeError
        A value is not finite, or beyond 32 g or 4000 deg/s.
    """
    values = np.frombuffer(payload, "<f4", count=6 * samples, offset=offset)
    # A signalling NaN warns when it is cast; it is refused below like any other.
    with np.errstate(invalid="ignore"):
        acc, gyr = values.astype(np.float64).reshape(2, samples, 3)
    gyr = gyr * math.radians(1)
    for vectors, most, what in ((acc, _MOST_ACC_MS2, "acceleration"), (gyr, _MOST_GYR_RADS, "rate")):
        # NaN compares false, so it is refused as well.
        if not np.all(np.abs(vectors) <= most):
            raise DecodeError(f"{who}: {what} beyond what a sensor measures")
    return acc, gyr
