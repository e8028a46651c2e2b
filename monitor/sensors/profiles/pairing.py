"""Acceleration and angular rate that come apart, each with its own time, as one stream."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from monitor.model.samples import FloatArray

_KEPT_S = 4.0
"""How long one stream waits for the other; links stall for a second or two and then deliver."""
_REPEATED_S = 2.0
"""Time that runs back further is a clock that was set anew, not a repeated packet."""
_MOST_GAP = 1.5
"""Neighbours further apart than this many periods have lost something in between."""


class Run(NamedTuple):
    """Consecutive samples: (N,) time in s, (N, 3) acceleration and (N, 3) angular rate at it."""

    t_s: FloatArray
    acc: FloatArray
    gyr: FloatArray


class Pairing:
    """Bring the rates to the times of the accelerations.

    Both streams share a clock and a rate but not the moments of sampling. Rates are
    interpolated linearly between neighbours; an acceleration without rates on both sides of it
    is given up, so that what one stream lost shows as a gap in the time of the result.
    """

    def __init__(self, period_s: float) -> None:
        self._most_gap_s = _MOST_GAP * period_s
        self._streams = {name: _Stream() for name in ("acc", "gyr")}

    def add(self, name: str, t_s: FloatArray, values: FloatArray) -> list[Run]:
        """Add samples of the stream ``"acc"`` or ``"gyr"`` and return what is complete.

        Parameters
        ----------
        t_s
            (N,) device time in s, strictly increasing, N >= 1.
        values
            (N, 3) in any unit.

        Returns
        -------
        Runs in order of time; a new run begins after every gap.
        """
        stream = self._streams[name]
        if t_s[0] <= stream.last_s - _REPEATED_S:
            for each in self._streams.values():
                each.clear()
        new = t_s > stream.last_s
        stream.append(t_s[new], values[new])
        return self._complete()

    def _complete(self) -> list[Run]:
        acc, gyr = self._streams["acc"], self._streams["gyr"]
        ready = int(np.searchsorted(acc.t_s, gyr.last_s, side="right"))
        t_s, values = acc.take(ready)
        runs: list[Run] = []
        if ready and len(gyr.t_s):
            after = np.searchsorted(gyr.t_s, t_s, side="left")
            on_time = gyr.t_s[np.minimum(after, len(gyr.t_s) - 1)] == t_s
            before = np.maximum(after - 1, 0)
            spanned = (after > 0) & (
                gyr.t_s[np.minimum(after, len(gyr.t_s) - 1)] - gyr.t_s[before] <= self._most_gap_s
            )
            good = on_time | spanned
            rates = np.column_stack([np.interp(t_s, gyr.t_s, gyr.values[:, axis]) for axis in range(3)])
            t_s, values, rates = t_s[good], values[good], rates[good]
            breaks = np.flatnonzero(np.diff(t_s) > self._most_gap_s) + 1
            runs = [
                Run(*part)
                for part in zip(*(np.split(array, breaks) for array in (t_s, values, rates)), strict=True)
                if len(part[0])
            ]
        # The next acceleration may lie just before the last rate but one.
        gyr.drop_before(min(acc.last_s, gyr.last_s) - 2 * self._most_gap_s)
        acc.drop_before(acc.last_s - _KEPT_S)
        gyr.drop_before(gyr.last_s - _KEPT_S)
        return runs


class _Stream:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.t_s, self.values = np.empty(0), np.empty((0, 3))
        self.last_s = -np.inf

    def append(self, t_s: FloatArray, values: FloatArray) -> None:
        self.t_s = np.concatenate((self.t_s, t_s))
        self.values = np.concatenate((self.values, values))
        self.last_s = float(t_s[-1]) if len(t_s) else self.last_s

    def take(self, count: int) -> tuple[FloatArray, FloatArray]:
        taken = self.t_s[:count], self.values[:count]
        self.t_s, self.values = self.t_s[count:], self.values[count:]
        return taken

    def drop_before(self, time_s: float) -> None:
        self.take(int(np.searchsorted(self.t_s, time_s)))
