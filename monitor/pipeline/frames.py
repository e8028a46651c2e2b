"""One or two sensors, row beside row on the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from monitor.model.events import Gap, Notice
from monitor.model.samples import LOWER, UPPER, ImuBlock, SensorInfo
from monitor.pipeline.grid import GRID_HZ, UniformGrid
from monitor.pipeline.joining import decided_at
from monitor.pipeline.orientation import OrientationFilter, OrientedRows, join_rows

Frame = tuple[OrientedRows, OrientedRows | None]
"""The same rows of the lower and, if worn, of the upper sensor."""

_WAIT_ROWS: Final = round(1.0 * GRID_HZ)
"""How long the lower sensor waits for the upper one, in session time, before it goes on alone."""
_QUIET_S: Final = 10.0
_LIMITS: Final = {
    "gyroscope": ("clipped", "angles less sure for some seconds"),
    "accelerometer": ("acc_clipped", "repetitions may be missed or counted twice, choose a wider range"),
}
"""What to say where samples are at the limit of a sensor's part, and how GridRows marks them."""


class _Track:
    """One sensor: its grid, its filter, and the rows not yet handed on."""

    def __init__(self, info: SensorInfo) -> None:
        self.grid = UniformGrid(info.name, info.rate_hz, info.gyr_range_rads)
        self.filter = OrientationFilter()
        self.rows: list[OrientedRows] = []
        self.end = 0
        self.told_s = dict.fromkeys(_LIMITS, -_QUIET_S)

    def take(self, stop: int) -> list[OrientedRows]:
        """Remove and return the rows before index `stop`."""
        done, kept = [], []
        for rows in self.rows:
            count = min(max(stop - rows.first, 0), len(rows))
            if count:
                done.append(rows[:count])
            if count < len(rows):
                kept.append(rows[count:])
        self.rows = kept
        return done


class FrameMaker:
    """Put the sensors' blocks on the grid, find their attitude, and pair their rows."""

    def __init__(self, sensors: Sequence[SensorInfo]) -> None:
        self._tracks = {info.name: _Track(info) for info in sensors}
        self._notes: list[Gap | Notice] = []

    @property
    def samples(self) -> int:
        """Samples taken, of all sensors."""
        return sum(track.grid.samples for track in self._tracks.values())

    @property
    def lost(self) -> int:
        """Samples known to be lost, of all sensors."""
        return sum(track.grid.lost for track in self._tracks.values())

    def push(self, block: ImuBlock) -> None:
        """Take one block of a sensor; blocks of a sensor that is not worn are ignored."""
        track = self._tracks.get(block.sensor)
        if track is None:
            return
        rows, gaps = track.grid.push(block)
        self._notes.extend(gaps)
        if len(rows.present) == 0:
            return
        oriented = track.filter.update(rows)
        track.rows.append(oriented)
        track.end = oriented.first + len(oriented)
        for part, (limited, follows) in _LIMITS.items():
            for i in np.flatnonzero(getattr(rows, limited)):
                t_s = (rows.first + int(i)) / GRID_HZ
                if t_s >= track.told_s[part] + _QUIET_S:
                    track.told_s[part] = t_s
                    text = f"{part} of the {block.sensor} sensor at its limit: {follows}"
                    self._notes.append(Notice(t_s, text))

    def pull(self, flush: bool = False) -> Frame | None:
        """Return the rows that are complete, all that are left if `flush`; None if there are none."""
        lower, upper = self._tracks[LOWER], self._tracks.get(UPPER)
        stop = lower.end
        if upper is not None and not flush:
            stop = min(stop, max(upper.end, stop - _WAIT_ROWS))
        parts = lower.take(stop)
        if not parts:
            return None
        rows = join_rows(parts)
        return rows, None if upper is None else _beside(rows, upper.take(stop))

    def notes(self, until: Frame) -> tuple[Gap | Notice, ...]:
        """Return the gaps and notices up to the last row of a frame that were not returned before."""
        last_s = (until[0].first + len(until[0])) / GRID_HZ
        due = [note for note in self._notes if decided_at(note) < last_s]
        self._notes = [note for note in self._notes if decided_at(note) >= last_s]
        return tuple(due)


def cut(frame: Frame, start: int, stop: int) -> Frame:
    """Return rows [start, stop) of `frame`."""
    lower, upper = frame
    return lower[start:stop], None if upper is None else upper[start:stop]


def _beside(rows: OrientedRows, parts: list[OrientedRows]) -> OrientedRows:
    """Return the `parts` of another sensor at the indices of `rows`; NaN where there are none."""
    count = len(rows)
    up, acc, gyr = (np.full((count, 3), np.nan) for _ in range(3))
    present, clipped = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for late in parts:
        part = late[max(rows.first - late.first, 0) :]
        here = slice(part.first - rows.first, part.first - rows.first + len(part))
        up[here], acc[here], gyr[here] = part.up, part.acc_ms2, part.gyr_rads
        present[here], clipped[here] = part.present, part.clipped
    return OrientedRows(rows.first, up, acc, gyr, present, clipped)
