"""Where a sensor rests: the seconds held still, by which references are taken."""

from __future__ import annotations

from typing import Final

from calibration.motion import at_rest
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.orientation import OrientedRows

STILL_ROWS: Final = round(1.0 * GRID_HZ)
"""A still second."""
LONGEST_HOLD_ROWS: Final = 6 * STILL_ROWS
"""Nobody holds the turn of a repetition for so long: it is rest."""


def quiet_rows(rows: OrientedRows) -> list[bool]:
    """Return for each row whether the sensor is at rest but for sway."""
    made: list[bool] = at_rest(rows.acc_ms2, rows.gyr_rads).tolist()
    return made


class StillSeconds:
    """Find the rows that end a still second, wherever the data are cut."""

    def __init__(self) -> None:
        self._quiet_run = 0

    def begin_anew(self) -> None:
        """Forget for how long it has been still."""
        self._quiet_run = 0

    def stops(self, rows: OrientedRows, *, each_second: bool) -> list[tuple[int, int]]:
        """Return where to stop in `rows`, and for how many rows it was still by then.

        That is after each still second, and at the end; elsewhere than after a still second it is 0.

        With `each_second` also after each second of the grid: what changes then does so at the same
        row however the data are cut.
        """
        stops = []
        for i, quiet in enumerate(quiet_rows(rows)):
            self._quiet_run = self._quiet_run + 1 if quiet else 0
            still = self._quiet_run > 0 and self._quiet_run % STILL_ROWS == 0
            if still or (each_second and (rows.first + i + 1) % STILL_ROWS == 0):
                stops.append((i + 1, self._quiet_run if still else 0))
        return stops if stops and stops[-1][0] == len(rows) else [*stops, (len(rows), 0)]
