"""The last seconds of rows, to see how a sensor was held."""

from __future__ import annotations

from monitor.pipeline.frames import Frame, cut
from monitor.pipeline.orientation import join_rows
from monitor.pipeline.stillness import LONGEST_HOLD_ROWS


class RecentRows:
    """Rows of the sensors side by side, as far back as the longest hold."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []

    def append(self, frame: Frame) -> None:
        """Take the next rows; forget what is older than the longest hold."""
        self._frames.append(frame)
        while sum(len(f[0]) for f in self._frames[1:]) >= LONGEST_HOLD_ROWS:
            self._frames.pop(0)

    def last(self, count: int) -> Frame:
        """Return the last `count` rows, or as many as there are; at least one was taken before."""
        lower = join_rows([f[0] for f in self._frames])
        upper = None
        if self._frames[0][1] is not None:
            upper = join_rows([f[1] for f in self._frames if f[1] is not None])
        return cut((lower, upper), max(len(lower) - count, 0), len(lower))
