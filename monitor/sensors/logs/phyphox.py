"""phyphox: one table, or one a sensor in a ZIP, columns named with their units.

Accelerometer with g (m/s2) and gyroscope (rad/s) are recorded together by an experiment that has
both, such as one made with the app's own "simple experiment". On iOS the app turns Apple's sign
round, so that a phone at rest reads +9.81 upwards everywhere.
"""

from __future__ import annotations

import numpy as np

from monitor.model.errors import SensorError
from monitor.sensors.logs.log import Log, Series, beside
from monitor.sensors.logs.table import Table

PROGRAM = "phyphox"
_TIME = "Time (s)"


def read(tables: dict[str, Table], where: str) -> Log | None:
    """Return what phyphox recorded; None if it did not write these tables."""
    mine = [t for t in tables.values() if t.column(_TIME) is not None]
    acc = next((s for s in (_series(t, ("Acceleration", "Accelerometer"), "m/s^2") for t in mine) if s), None)
    gyr = next((s for s in (_series(t, ("Gyroscope",), "rad/s") for t in mine) if s), None)
    if acc is None and gyr is None:
        if any(_series(t, ("Linear Acceleration",), "m/s^2") for t in mine):
            raise SensorError(
                f"{where}: gravity is removed in it: record phyphox's \u201cacceleration with g\u201d "
                "together with the gyroscope"
            )
        return None
    if acc is None or gyr is None:
        missing = "acceleration with g" if acc is None else "gyroscope"
        raise SensorError(f"{where}: phyphox recorded no {missing}: use an experiment that has both")
    kept, gyr_rads = beside(acc, gyr, where)
    return Log(PROGRAM, kept.t_s, kept.values, gyr_rads)


def _series(table: Table, kinds: tuple[str, ...], unit: str) -> Series | None:
    for kind in kinds:
        columns = [table.column(_TIME), *(table.column(f"{kind} {axis} ({unit})") for axis in "xyz")]
        found = [column for column in columns if column is not None]
        if len(found) == len(columns):
            numbers = table.numbers(found)
            whole = np.isfinite(numbers).all(axis=1)
            return Series(numbers[whole, 0], numbers[whole, 1:])
    return None
