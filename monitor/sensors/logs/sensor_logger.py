"""Sensor Logger: a ZIP or folder with one table a sensor, or one JSON list.

On Android `TotalAcceleration` holds the specific force. On iOS it is `Accelerometer` plus
`Gravity`, both with the other sign unless "Standardise Units & Frames" was on; `Metadata` tells
(the app's UNITS.md and COORDINATES.md). The gyroscope is rad/s everywhere. Tables have the
columns ``time`` (ns since 1970), ``seconds_elapsed``, ``z``, ``y``, ``x``. A wrong sign cannot be
seen in the numbers: gravity turns with the gyroscope either way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.model.errors import SensorError
from monitor.sensors.logs.log import Log, Series, beside
from monitor.sensors.logs.table import Table

PROGRAM = "Sensor Logger"
_COLUMNS = ("seconds_elapsed", "x", "y", "z")


def read(tables: dict[str, Table], where: str) -> Log | None:
    """Return what Sensor Logger recorded as tables; None if it did not write these."""
    named = {name.rsplit(".", 1)[0].casefold(): table for name, table in tables.items()}
    series: dict[str, Series] = {}
    epoch_s = None
    for name, table in named.items():
        places = [table.column(column) for column in _COLUMNS]
        found = [place for place in places if place is not None]
        if len(found) < len(places):
            continue
        numbers = table.numbers(found)
        whole = np.isfinite(numbers).all(axis=1)
        series[name] = Series(numbers[whole, 0], numbers[whole, 1:])
        at = table.column("time")
        if at is not None and epoch_s is None and whole.any():
            first = int(np.flatnonzero(whole)[0])
            epoch_s = float(table.numbers([at])[first, 0]) * 1e-9 - float(numbers[first, 0])
    if not series:
        return None
    if len(series) == 1 and not series.keys() & {"gyroscope", "accelerometer", "totalacceleration"}:
        return None  # somebody else's table
    return _log(series, epoch_s, _turned(named.get("metadata")), where)


def _turned(metadata: Table | None) -> bool | None:
    """Return whether accelerations came with Apple's sign; None if nothing says so."""
    if metadata is None:
        return None
    said = {name.casefold(): metadata.words(i)[:1] for i, name in enumerate(metadata.names)}
    platform, standard = said.get("platform", []), said.get("standardisation", [])
    if not platform:
        return None
    return platform[0].casefold() == "ios" and [word.casefold() for word in standard] != ["true"]


def read_json(made: Any, where: str) -> Log | None:
    """Return what Sensor Logger recorded as JSON; None if it did not write this."""
    if not (isinstance(made, list) and made and all(isinstance(row, dict) for row in made)):
        return None
    rows: dict[str, list[tuple[float, ...]]] = {}
    epoch_s, turned = None, None
    try:
        for row in made:
            if str(row.get("sensor", "")).casefold() == "metadata" and "platform" in row:
                standard = str(row.get("standardisation", "")).casefold() == "true"
                turned = str(row["platform"]).casefold() == "ios" and not standard
            if "sensor" in row and all(column in row for column in _COLUMNS):
                values = tuple(float(row[column]) for column in _COLUMNS)
                rows.setdefault(str(row["sensor"]).casefold(), []).append(values)
                if epoch_s is None and "time" in row:
                    epoch_s = float(row["time"]) * 1e-9 - values[0]
    except (TypeError, ValueError) as failure:
        raise SensorError(f"{where}: a row of {PROGRAM} holds no numbers ({failure})") from failure
    if not rows:
        return None
    arrays = {name: np.array(values, dtype=np.float64) for name, values in rows.items()}
    return _log({name: Series(a[:, 0], a[:, 1:]) for name, a in arrays.items()}, epoch_s, turned, where)


def _log(series: dict[str, Series], epoch_s: float | None, turned: bool | None, where: str) -> Log:
    gyr = series.get("gyroscope") or series.get("gyroscopeuncalibrated")
    if gyr is None:
        raise SensorError(f"{where}: {PROGRAM} recorded no gyroscope: switch it on and record again")
    acc = series.get("totalacceleration")
    said: tuple[str, ...] = ()
    if acc is None:
        moved, gravity = series.get("accelerometer"), series.get("gravity")
        if moved is None or gravity is None:
            raise SensorError(
                f"{where}: {PROGRAM} recorded the acceleration without gravity: switch on "
                "Accelerometer and Gravity (iOS) or TotalAcceleration (Android) and record again"
            )
        kept, pull = beside(moved, gravity, where)
        if turned is None:
            said = ("taken for an iPhone's, as nothing says which phone it was",)
        # Only iOS lacks the total; Android apps before it had one say who they are.
        acc = Series(kept.t_s, (kept.values + pull) * (1.0 if turned is False else -1.0))
    elif turned:
        acc = Series(acc.t_s, -acc.values)
    kept, gyr_rads = beside(acc, gyr, where)
    return Log(PROGRAM, kept.t_s, kept.values, gyr_rads, epoch_s=epoch_s, warnings=said)
