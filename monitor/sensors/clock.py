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


class _Envelope:
    """The lower convex hull of the arrivals of the last `WINDOW_S`, sample number against time.

    Of all lines with no arrival below them, the one nearest to them all is the edge of that hull
    at its middle (Zhang, Liu and Xia, Clock synchronization algorithms for network measurements,
    INFOCOM 2002). A late arrival, the first not excepted, moves it by nothing.
    """

    def __init__(self) -> None:
        self._corners: deque[tuple[int, float]] = deque()

    @property
    def spanned_s(self) -> float:
        """Time from the first corner to the last in s."""
        return self._corners[-1][1] - self._corners[0][1]

    def push(self, number: int, arrived_s: float) -> None:
        """Add the arrival of the sample `number`; numbers rise."""
        corners, new = self._corners, (number, arrived_s)
        while len(corners) > 1 and _slope(corners[-2], corners[-1]) >= _slope(corners[-1], new):
            corners.pop()
        corners.append(new)
        while len(corners) > 2 and corners[1][1] < arrived_s - WINDOW_S:
            corners.popleft()

    def slope(self) -> float:
        """Return the time from sample to sample in s; two arrivals are needed."""
        corners = self._corners
        middle = (corners[0][0] + corners[-1][0]) / 2
        right = next(i for i in range(1, len(corners)) if corners[i][0] >= middle)
        return _slope(corners[right - 1], corners[right])

    def at_s(self, number: int, slope: float) -> float:
        """Return the highest line of that slope below all arrivals, at the sample `number`."""
        return min(at_s + (number - corner) * slope for corner, at_s in self._corners)


def _slope(a: tuple[int, float], b: tuple[int, float]) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])


class CountingClock:
    """Place the samples of a sensor that sends no time in session time: counted by their arrival.

    The announced rate of such a sensor is off by some per cent, or another one where it did not
    take a setting, so time follows the line below the arrivals, once there are enough of them.
    After a silence, what was held up comes in a burst. If what follows the burst is late as well,
    samples were lost, how many stays unknown, and time starts anew from there.

    Parameters
    ----------
    epoch_ns
        Host time of session second 0, as of `SessionClock`.
    """

    _RATES = (0.4, 25.0)
    """Of the announced period: sensors here have 10 to 200 Hz and are asked for 100."""
    _TRUSTED_S = 2.0
    _SILENCE_S = 0.2
    """Longer than retransmissions take; less cannot lose much."""
    _MOST_SILENCE_S = 2.0
    """No link here lives longer without data: nothing was held up for so long."""
    _MOST_LATE_S = 0.1
    _LOOKS = 3
    """Packets in their own time, not in a burst, until a silence is judged."""

    def __init__(self, epoch_ns: int) -> None:
        self._epoch_ns = epoch_ns
        self._last_s = -math.inf
        self.reset()

    def reset(self) -> None:
        """Forget how fast the sensor was (it reconnected); session time goes on."""
        self._arrivals: _Envelope | None = None
        self._arrived_s = 0.0
        self._counted = 0
        self._looks = 0

    def place(self, samples: int, period_s: float, received_ns: int) -> FloatArray:
        """Return the session time of the samples of one packet.

        Parameters
        ----------
        samples
            How many, lost ones that are known of included; at least 1.
        period_s
            Announced time from sample to sample in s.
        received_ns
            Host time of arrival.

        Returns
        -------
        (N,) session time in s, strictly increasing within and across calls.
        """
        now_s, took_s = (received_ns - self._epoch_ns) * 1e-9, samples * period_s
        silent_s, self._arrived_s = now_s - self._arrived_s, now_s
        if self._arrivals is None or silent_s > self._MOST_SILENCE_S + took_s or self._lost(silent_s, took_s):
            self._arrivals, self._counted, self._looks = _Envelope(), 0, 0
            self._last_s = max(self._last_s, now_s - took_s)
        self._counted += samples
        self._arrivals.push(self._counted, now_s)
        if self._arrivals.spanned_s > self._TRUSTED_S:
            low, high = self._RATES
            period_s = min(max(self._arrivals.slope(), low * period_s), high * period_s)
        step_s = (self._arrivals.at_s(self._counted, period_s) - self._last_s) / samples
        slew_s = period_s * _MOST_SLEW
        step_s = min(max(step_s, period_s - slew_s), period_s + slew_s)
        times = self._last_s + np.arange(1, samples + 1) * step_s
        self._last_s = float(times[-1])
        return np.asarray(times)

    def _lost(self, silent_s: float, took_s: float) -> bool:
        """Return whether a silence is now known to have cost samples."""
        if silent_s > self._SILENCE_S + took_s:
            self._looks = self._LOOKS
        elif self._looks and silent_s > took_s / 2:
            self._looks -= 1
            return self._looks == 0 and self._arrived_s - self._last_s - took_s > self._MOST_LATE_S
        return False
