"""The last seconds of posture, to measure a repetition once its borders are known."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from monitor.model.samples import PostureBlock, join_posture
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.posture import CarrierRows

_KEEP_S: Final = 60.0


class PostureHistory:
    """Posture rows and what carries repetitions beside them, by time."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[PostureBlock, CarrierRows]] = deque()

    def append(self, rows: PostureBlock, carriers: CarrierRows) -> None:
        """Take the next rows (N,) and their carriers (N,); forget what is a minute old."""
        if len(rows) == 0:
            return
        self._blocks.append((rows, carriers))
        while self._blocks[0][0].t_s[-1] < rows.t_s[0] - _KEEP_S:
            self._blocks.popleft()

    def between(self, start_s: float, end_s: float) -> tuple[PostureBlock, CarrierRows]:
        """Return the rows of [start_s, end_s] that are still kept."""
        parts, beside = [], []
        # Half a row of slack: a time that was computed may miss its row by a rounding.
        first_s, last_s = start_s - 0.5 / GRID_HZ, end_s + 0.5 / GRID_HZ
        for rows, carriers in self._blocks:
            if rows.t_s[-1] < first_s or rows.t_s[0] > last_s:
                continue
            here = slice(*np.searchsorted(rows.t_s, (first_s, last_s)).tolist())
            parts.append(rows[here])
            beside.append(carriers[here])
        return join_posture(parts), CarrierRows.joined(beside)
