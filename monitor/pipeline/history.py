"""The last seconds of posture, to measure a repetition once its borders are known."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from monitor.model.samples import FloatArray, PostureBlock, join_posture
from monitor.pipeline.grid import GRID_HZ

_KEEP_S: Final = 60.0


class PostureHistory:
    """Posture rows and the angular rate about the axes the exercise does not turn about, by time."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[PostureBlock, FloatArray]] = deque()

    def append(self, rows: PostureBlock, sway_rads: FloatArray) -> None:
        """Take the next rows (N,) and their sway (N,); forget what is a minute old."""
        if len(rows) == 0:
            return
        self._blocks.append((rows, sway_rads))
        while self._blocks[0][0].t_s[-1] < rows.t_s[0] - _KEEP_S:
            self._blocks.popleft()

    def between(self, start_s: float, end_s: float) -> tuple[PostureBlock, FloatArray]:
        """Return the rows of [start_s, end_s] that are still kept."""
        parts, rates = [], []
        # Half a row of slack: a time that was computed may miss its row by a rounding.
        first_s, last_s = start_s - 0.5 / GRID_HZ, end_s + 0.5 / GRID_HZ
        for rows, rate in self._blocks:
            if rows.t_s[-1] < first_s or rows.t_s[0] > last_s:
                continue
            here = slice(*np.searchsorted(rows.t_s, (first_s, last_s)).tolist())
            parts.append(rows[here])
            rates.append(rate[here])
        return join_posture(parts), np.concatenate(rates) if rates else np.empty(0)
