"""The pelvis on its way to a tuck, while the lifter can still stop higher."""

from __future__ import annotations

import math
from typing import Final

from monitor.model.events import Approaching, FaultKind
from monitor.pipeline.grid import GRID_HZ

_AHEAD_S: Final = 0.3
"""The least that people need to react (0.3 to 0.5 s); a tuck led further on is often none."""
_RATE_S: Final = 0.05
_FASTER_THAN_RADS: Final = math.radians(8.0)
_BEGUN_RAD: Final = math.radians(1.0)


class TuckWatch:
    """Posterior reversal of the pelvic tilt on the way down, row by row."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._most_rad = -math.inf
        self._fallen_rad = self._rate_rads = 0.0
        self._told = False

    def step(
        self, t_s: float, tilt_rad: float, rep: int, *, in_rep: bool, deep: bool, limit_rad: float
    ) -> Approaching | None:
        """Take one row; return an announcement where the reversal would soon be past `limit_rad`.

        Parameters
        ----------
        t_s, tilt_rad
            Time in s and sagittal tilt in rad.
        rep
            The number of the repetition that goes on.
        in_rep, deep
            Whether one goes on, and is on its way down past half of the usual depth: a tuck counts there.
        limit_rad
            The reversal from which a tuck is told.
        """
        if not in_rep:
            self._forget()
            return None
        self._most_rad = max(self._most_rad, tilt_rad)
        fallen_rad = self._most_rad - tilt_rad
        gain = 1.0 / (1.0 + _RATE_S * GRID_HZ)
        self._rate_rads += ((fallen_rad - self._fallen_rad) * GRID_HZ - self._rate_rads) * gain
        self._fallen_rad = fallen_rad
        begun = fallen_rad > _BEGUN_RAD and self._rate_rads > _FASTER_THAN_RADS
        if self._told or not deep or not begun or fallen_rad + self._rate_rads * _AHEAD_S < limit_rad:
            return None
        self._told = True
        return Approaching(t_s, t_s, fallen_rad, rep, FaultKind.TUCK)
