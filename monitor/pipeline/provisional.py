"""A first angle for the eye while the calibration is not there yet: how far the sensor has tilted.

Gravity alone says by how much the lower sensor has turned since it was first held still. Which way
it turned is not known before the calibration, so the angle has no sign; nothing is judged by it.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from calibration.motion import mean_direction
from monitor.model.samples import FloatArray, PostureBlock
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.orientation import OrientedRows, join_rows
from monitor.pipeline.stillness import STILL_ROWS, quiet_rows

_SIGMA_RAD: Final = {False: math.radians(10.0), True: math.radians(5.0)}
"""Standard deviation before and after a still second. Before, the first row is the reference, whatever
the lifter was doing in it; after, a lean to the side still counts in full."""


class ProvisionalTilt:
    """Tilt since the first still second, before that since the first row; independent of chunks."""

    def __init__(self) -> None:
        self._base: FloatArray | None = None
        self._still = False
        self._quiet_run = 0
        self._recent: list[OrientedRows] = []

    def rows(self, lower: OrientedRows) -> PostureBlock:
        """Return the rows with the tilt as an angle without sign, and nothing else known."""
        count = len(lower)
        known = np.flatnonzero(np.isfinite(lower.up[:, 0]))
        if self._base is None and len(known):
            self._base = lower.up[known[0]]
        tilt, sigma = np.full(count, np.nan), np.full(count, _SIGMA_RAD[self._still])
        settled = self._settled(lower)
        if self._base is not None:
            tilt = _turned(lower.up, self._base)
        if settled < count:
            self._base = mean_direction(join_rows(self._recent)[-STILL_ROWS:].up)
            self._recent = []
            tilt[settled:] = _turned(lower.up[settled:], self._base)
            sigma[settled:] = _SIGMA_RAD[True]
        unknown, vectors = np.full(count, np.nan), np.full((count, 3), np.nan)
        return PostureBlock(
            t_s=np.arange(lower.first, lower.first + count) / GRID_HZ,
            pelvic_tilt_rad=tilt,
            pelvic_tilt_sigma_rad=sigma,
            side_tilt_rad=unknown,
            twist_rate_rads=unknown,
            lumbar_flexion_rad=unknown,
            lumbar_flexion_sigma_rad=unknown,
            lower_up=lower.up,
            upper_up=vectors,
            upper_tilt_rad=unknown,
            present=lower.present,
        )

    def _settled(self, lower: OrientedRows) -> int:
        """Return the row that ends the first still second; as many as there are if it is not here."""
        if self._still:
            return len(lower)
        for i, quiet in enumerate(quiet_rows(lower)):
            self._quiet_run = self._quiet_run + 1 if quiet and np.isfinite(lower.up[i, 0]) else 0
            if self._quiet_run == STILL_ROWS:
                self._still = True
                self._recent.append(lower[: i + 1])
                return i
        self._recent.append(lower)
        while len(self._recent) > 1 and sum(len(r) for r in self._recent[1:]) >= STILL_ROWS:
            self._recent.pop(0)
        return len(lower)


def _turned(up: FloatArray, base: FloatArray) -> FloatArray:
    """Return the angles (N,) in rad between up-vectors (N, 3) and one of them."""
    made: FloatArray = np.arccos(np.clip(up @ base, -1.0, 1.0))
    return made
