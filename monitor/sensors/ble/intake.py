"""Notifications of one sensor to items of a session: decode, place in time, drop what came twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from monitor.model.errors import DecodeError
from monitor.model.samples import RawPacket
from monitor.model.session import Annotation, SourceItem
from monitor.sensors.assembler import Assembler
from monitor.sensors.profiles.base import About, Answer, Battery, Button, Command, Decoder, Reading

_log = logging.getLogger(__name__)

_TWICE_NS = 2_000_000
"""The same bytes within 2 ms are one notification delivered twice; no sensor here sends so fast."""


class Taken(NamedTuple):
    """What one notification brings.

    Items of the session, what the sensor waits to be told, and what it has refused, if it has.
    """

    items: tuple[SourceItem, ...] = ()
    replies: tuple[Command, ...] = ()
    refusal: str = ""


class Intake:
    """What one sensor has said in a session, over all its connections.

    Parameters
    ----------
    sensor
        ``"lower"`` or ``"upper"``.
    epoch_ns
        Host time of session second 0; the same for every sensor of a session.
    clock_ns
        Host time in ns.
    """

    def __init__(self, sensor: str, epoch_ns: int, clock_ns: Callable[[], int]) -> None:
        self.last_s = 0.0
        """Session time in s of the last sample; 0 before the first."""
        self.heard_ns: int | None = None
        """Host time of the last notification with samples of this connection; None before it."""
        self.battery: float | None = None
        self.haptics: bool | None = None
        """Whether the sensor says it has a motor; None if it says nothing of it."""
        self.trouble = ""
        """What the sensor refused, or was wrong with its bytes, since the last good samples."""
        self._sensor = sensor
        self._epoch_ns = epoch_ns
        self._clock_ns = clock_ns
        self._assembler: Assembler | None = None
        self._timed = True
        self._before: dict[str, tuple[int, bytes]] = {}

    def connected(self, decoder: Decoder) -> None:
        """Begin a connection: numbers and clock of the device begin anew."""
        if self._assembler is None:
            self._assembler = Assembler(decoder, self._sensor, self._epoch_ns)
        else:
            self._assembler.reconnected(decoder)
        self._timed = decoder.clock is not None
        self.heard_ns = None
        self.trouble = ""
        self._before.clear()

    def take(self, characteristic: str, payload: bytes) -> Taken:
        """Return what one notification, or one value read, brings to the session."""
        now_ns = self._clock_ns()
        if self._assembler is None or self._came_twice(characteristic, payload, now_ns):
            return Taken()
        try:
            made = self._assembler.feed(RawPacket(now_ns, self._sensor, characteristic, payload))
        except DecodeError as malformed:
            _log.warning("%s sensor: %s", self._sensor, malformed)
            self.trouble = str(malformed)
            return Taken()
        for delivery in made.deliveries:
            if len(delivery.block):
                self.last_s = float(delivery.block.t_s[-1])
                self.heard_ns = now_ns
                self.trouble = ""
        marks = [mark for reading in made.readings if (mark := self._said(reading)) is not None]
        refused = [r.text for r in made.readings if isinstance(r, Answer) and not r.ok]
        self.trouble = refused[-1] if refused else self.trouble
        return Taken((*made.deliveries, *marks), made.replies, self.trouble if refused else "")

    def _came_twice(self, characteristic: str, payload: bytes, now_ns: int) -> bool:
        """Return whether these bytes are those just received; only where no time tells them apart."""
        if self._timed:
            return False
        before = self._before.get(characteristic)
        self._before[characteristic] = now_ns, payload
        return before is not None and before[1] == payload and now_ns - before[0] < _TWICE_NS

    def _said(self, reading: Reading) -> Annotation | None:
        match reading:
            case Battery(charge):
                self.battery = charge
            case Button(kind):
                return Annotation(self.last_s, "mark", f"button {kind}, {self._sensor} sensor")
            case About(haptics=haptics):
                self.haptics = haptics
            case _:
                pass
        return None
