"""Notifications of one sensor to blocks of samples in session time, with what was lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.model.samples import FloatArray, ImuBlock, RawPacket
from monitor.model.session import Delivery
from monitor.sensors.clock import CountingClock, SessionClock, Unwrap
from monitor.sensors.profiles.base import Command, Decoder, Reading, Reply, Samples, Ticks, counts_losses

_REPEATED_S = 2.0
"""A repeated notification comes right after the first; further back is a device that restarted."""
_ANOTHER_CLOCK_S = 3600.0
"""No link lives through an hour of silence: a clock that jumps further was set anew."""
_LEAST_STEP_S = 1e-6
"""Finer steps drown in the rounding of device times of months."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """What one notification brought.

    Parameters
    ----------
    deliveries
        At least one; the first carries the notification. Its block is empty where the
        notification held no samples, or only samples that had come before.
    readings
        Whatever else it said: battery, button, answers.
    replies
        What the device waits for: commands to be written now, in order.
    """

    deliveries: tuple[Delivery, ...]
    readings: tuple[Reading, ...] = ()
    replies: tuple[Command, ...] = ()


class Assembler:
    """Turn the notifications of one sensor into `ImuBlock`s.

    Parameters
    ----------
    decoder
        The decoder of the present connection; see `reconnected`.
    sensor
        ``"lower"`` or ``"upper"``.
    epoch_ns
        Host time of session second 0; the same for every sensor of a session.
    """

    def __init__(self, decoder: Decoder, sensor: str, epoch_ns: int) -> None:
        self._sensor = sensor
        self._clock = SessionClock(epoch_ns)
        self._counting = CountingClock(epoch_ns)
        self.reconnected(decoder)

    @property
    def loss_known(self) -> bool:
        """Whether every lost sample is counted; if not, `lost_before` is only what was seen to go."""
        return counts_losses(self._decoder)

    def reconnected(self, decoder: Decoder) -> None:
        """Go on with a new connection: its numbers and its clock say nothing of the old ones."""
        self._decoder = decoder
        self._ticks = Unwrap(decoder.clock.bits if decoder.clock else 64)
        self._numbers = Unwrap(decoder.sequence_bits or 64)
        self._counting.reset()
        self._forget()

    def _forget(self) -> None:
        self._before: Samples | None = None
        self._started_at: int | None = None
        self._first_s = 0.0
        self._last_s = 0.0
        self._clock.reset()

    def feed(self, packet: RawPacket) -> Assembled:
        """Take one notification.

        Raises
        ------
        DecodeError
            The bytes are malformed; the notification is to be dropped, and the next one's
            number shows the loss.
        """
        readings = self._decoder.decode(packet.characteristic, packet.payload)
        blocks = [self._place(r, packet.received_ns) for r in readings if isinstance(r, Samples)]
        kept = [block for block in blocks if block is not None] or [self._nothing()]
        first, *more = kept
        return Assembled(
            (Delivery(first, (packet,)), *(Delivery(block) for block in more)),
            tuple(r for r in readings if not isinstance(r, Samples | Reply)),
            tuple(command for r in readings if isinstance(r, Reply) for command in r.commands),
        )

    def _nothing(self) -> ImuBlock:
        return ImuBlock(np.empty(0), np.empty((0, 3)), np.empty((0, 3)), self._sensor)

    def _place(self, samples: Samples, received_ns: int) -> ImuBlock | None:
        ticks, lost = self._decoder.clock, samples.lost_before
        if ticks is None or samples.ticks is None:
            placed = self._counting.place(lost + len(samples), samples.period_s, received_ns)[lost:]
        else:
            before = self._before
            step_s = 0.0
            if before is not None and before.ticks is not None:
                step_s = self._ticks.step(before.ticks, samples.ticks) * ticks.tick_s
                new_start = samples.restarted and samples.ticks != self._started_at
                if -_REPEATED_S < step_s <= 0 and not new_start:
                    return None
                if new_start or step_s <= 0 or step_s > _ANOTHER_CLOCK_S:
                    self._forget()
                else:
                    lost = self._lost(before, samples, step_s)
            device_s = self._device_time(samples, ticks, step_s)
            placed = self._clock.place(device_s, received_ns - round(samples.sent_after_s * 1e9))
        return ImuBlock(
            placed,
            samples.acc_ms2,
            samples.gyr_rads,
            self._sensor,
            lost,
        )

    def _lost(self, before: Samples, samples: Samples, step_s: float) -> int:
        """Return the samples missing between two packets."""
        by_time = step_s / samples.period_s
        moved = round(by_time)
        if before.sequence is not None and samples.sequence is not None:
            counted = self._numbers.step_near(before.sequence, samples.sequence, by_time)
            # Numbers that overlap are those of a device that began anew unsaid: time decides.
            if counted >= len(before):
                moved = counted
        return max(0, moved - len(before))

    def _device_time(self, samples: Samples, ticks: Ticks, step_s: float) -> FloatArray:
        if self._before is None:
            # From 0: only differences matter, and clocks that count from 2000 leave few digits.
            first_s, floor_s = 0.0, -np.inf
        else:
            first_s, floor_s = self._first_s + step_s, self._last_s
        rows = np.arange(len(samples))
        # A first sample stamped before the last one of the packet before is a rounded or
        # jittery stamp: pushed behind it, time stays strictly increasing.
        least_s = max(ticks.tick_s, _LEAST_STEP_S)
        device_s = np.maximum(first_s + rows * samples.period_s, floor_s + (rows + 1) * least_s)
        self._before, self._first_s, self._last_s = samples, first_s, float(device_s[-1])
        if samples.restarted:
            self._started_at = samples.ticks
        return np.asarray(device_s)
