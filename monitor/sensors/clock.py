"""Device time to session time.

A notification arrives late by a varying amount and never early, so the smallest delay seen
lately is the best estimate of the offset between the two clocks. A mean or a fitted line sits
half a connection interval late, differently for each sensor, and would bend the difference of
two sensors.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from monitor.model.samples import FloatArray

WINDOW_S = 20.0
"""Long enough to see an undelayed packet, short enough that 40 ppm of drift is under 1 ms."""
_SETTLE_S = 0.5
_MOST_SLEW = 0.1
"""A correction bends time by at most a tenth, so time goes on and rates stay rates."""
_JUMP_S = 0.5
"""More than this ahead is another clock (a pause of the device, a host that slept), not delay."""


class Unwrap:
    """Steps of a counter of `bits` bits that wraps."""

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits

    def step(self, before: int, now: int) -> int:
        """Return the signed distance from `before` to `now`: the shorter way round."""
        half = self._modulus >> 1
        return (now - before + half) % self._modulus - half

    def step_near(self, before: int, now: int, expected: float) -> int:
        """Return the distance from `before` to `now` that is nearest to `expected`."""
        short = (now - before) % self._modulus
        return short + round((expected - short) / self._modulus) * self._modulus


class _SlidingMinimum:
    """Smallest of the values of the last `WINDOW_S` seconds."""

    def __init__(self) -> None:
        self._falling: deque[tuple[float, float]] = deque()

    def push(self, time_s: float, value: float) -> float:
        kept = self._falling
        while kept and kept[-1][1] >= value:
            kept.pop()
        kept.append((time_s, value))
        while kept[0][0] < time_s - WINDOW_S:
            kept.popleft()
        return kept[0][1]


class SessionClock:
    """Place the samples of one sensor in session time.

    Parameters
    ----------
    epoch_ns
        Host time of session second 0, on the clock that stamps the packets' arrival. Sensors
        of one session share it.
    """

    def __init__(self, epoch_ns: int) -> None:
        self._epoch_ns = epoch_ns
        self._delays = _SlidingMinimum()
        self._device_s: float | None = None
        self._offset_s = 0.0
        self._last_s = -math.inf

    def reset(self) -> None:
        """Forget the device's clock (it reconnected or began anew); session time goes on."""
        self._delays = _SlidingMinimum()
        self._device_s = None

    def place(self, device_s: FloatArray, received_ns: int) -> FloatArray:
        """Return the session time of the samples of one packet.

        Parameters
        ----------
        device_s
            (N,) unwrapped device time in s, strictly increasing, N >= 1.
        received_ns
            Host time of arrival of the packet that ended with the last of them.

        Returns
        -------
        (N,) session time in s, strictly increasing within and across calls.
        """
        newest = float(device_s[-1])
        delay = (received_ns - self._epoch_ns) * 1e-9 - newest
        target = self._delays.push(newest, delay)
        if self._device_s is None:
            # Time may not run backwards over a reconnect; the rest is slewed away.
            late = self._last_s - float(device_s[0])
            self._offset_s = max(target, late + 1e-6)
            placed = device_s + self._offset_s
        else:
            placed = self._slewed(device_s, target)
        self._device_s = newest
        self._last_s = float(placed[-1])
        return placed

    def _slewed(self, device_s: FloatArray, target: float) -> FloatArray:
        before = self._device_s or 0.0
        elapsed = float(device_s[-1]) - before
        error = target - self._offset_s
        if error > _JUMP_S:
            self._offset_s = target
            return device_s + target
        most = _MOST_SLEW * elapsed
        change = min(max(error * -math.expm1(-elapsed / _SETTLE_S), -most), most)
        # Ramped over the samples since the last packet: their spacing stays even.
        placed = device_s + self._offset_s + change * (device_s - before) / elapsed
        self._offset_s += change
        return np.asarray(placed)


class CountedTime:
    """Device time for sensors that send none: samples counted against their arrival.

    The announced rate of such a sensor is off by some per cent, so the period is measured: the
    time since the first arrival over the samples counted since. A stall starts anew; what was
    lost in it stays unknown.
    """

    _MOST_OFF = 0.05
    _TRUSTED_S = 2.0
    _STALL_S = 0.5

    def __init__(self) -> None:
        self._first_ns: int | None = None
        self._arrived_ns = 0
        self._counted = 0
        self._device_s = 0.0

    def count(self, samples: int, period_s: float, received_ns: int) -> FloatArray:
        """Return the (N,) device time in s of `samples` new samples."""
        stalled = (received_ns - self._arrived_ns) * 1e-9 > self._STALL_S + samples * period_s
        if self._first_ns is None or stalled:
            if self._first_ns is not None:
                self._device_s += (received_ns - self._arrived_ns) * 1e-9 - samples * period_s
            self._first_ns, self._counted = received_ns, -samples
        self._arrived_ns = received_ns
        self._counted += samples
        elapsed = (received_ns - self._first_ns) * 1e-9
        if elapsed > self._TRUSTED_S:
            low, high = period_s * (1 - self._MOST_OFF), period_s * (1 + self._MOST_OFF)
            period_s = min(max(elapsed / self._counted, low), high)
        times = self._device_s + np.arange(1, samples + 1) * period_s
        self._device_s = float(times[-1])
        return np.asarray(times)
