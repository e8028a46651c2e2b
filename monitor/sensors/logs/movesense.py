"""Movesense: JSON of the showcase app, the data logger and sbem2json, and the CSV of the Android sample app.

However it is wrapped, a measurement is an object with `Timestamp` (ms of the sensor's clock, of its
first sample) and `ArrayAcc` (m/s2) or `ArrayGyro` (deg/s) of x, y, z; IMU6 and IMU9 have both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from monitor.model.errors import SensorError
from monitor.model.samples import FloatArray
from monitor.sensors.logs.log import Log, Series, beside
from monitor.sensors.logs.table import Table

PROGRAM = "Movesense"
_DEEPEST: Final = 12
_CSV: Final = ("Timestamp", "AccX", "AccY", "AccZ", "GyroX", "GyroY", "GyroZ")


def read(tables: dict[str, Table], where: str) -> Log | None:  # noqa: ARG001 - all logs are read alike
    """Return what the Android sample app wrote as CSV; None if it did not write these tables."""
    for table in tables.values():
        places = [table.column(name) for name in _CSV]
        found = [place for place in places if place is not None]
        if len(found) == len(places):
            numbers = table.numbers(found)
            return Log(PROGRAM, numbers[:, 0] * 1e-3, numbers[:, 1:4], numbers[:, 4:] * (math.pi / 180.0))
    return None


def read_json(made: Any, where: str) -> Log | None:
    """Return what is in a JSON of Movesense; None if there is no measurement of motion in it."""
    acc: list[tuple[float, FloatArray]] = []
    gyr: list[tuple[float, FloatArray]] = []
    for stamp_ms, kind, rows in _measurements(made if isinstance(made, dict | list) else [], 0):
        (acc if kind == "arrayacc" else gyr).append((stamp_ms, _vectors(rows, where)))
    if not acc and not gyr:
        return None
    if not acc or not gyr:
        missing = "accelerometer" if not acc else "gyroscope"
        raise SensorError(f"{where}: Movesense recorded no {missing}: subscribe to IMU6 or IMU9")
    kept, rates = beside(_timed(acc), _timed(gyr), where)
    return Log(PROGRAM, kept.t_s, kept.values, rates * (math.pi / 180.0))


def _measurements(made: dict[str, Any] | list[Any], depth: int) -> Iterator[tuple[float, str, list[Any]]]:
    """Yield time in ms, kind and samples of every measurement, wherever it stands."""
    if depth > _DEEPEST:
        return
    if isinstance(made, dict):
        yield from _of(made)
    inside = made.values() if isinstance(made, dict) else made
    for value in inside:
        if isinstance(value, dict | list):
            yield from _measurements(value, depth + 1)


def _of(made: dict[str, Any]) -> Iterator[tuple[float, str, list[Any]]]:
    keys = {str(key).casefold(): value for key, value in made.items()}
    stamp_ms = keys.get("timestamp")
    if isinstance(stamp_ms, int | float):
        for kind in ("arrayacc", "arraygyro"):
            if isinstance(keys.get(kind), list) and keys[kind]:
                yield float(stamp_ms), kind, keys[kind]


def _vectors(rows: list[Any], where: str) -> FloatArray:
    try:
        folded = [{str(key).casefold(): value for key, value in row.items()} for row in rows]
        return np.array([[float(row[axis]) for axis in "xyz"] for row in folded])
    except (AttributeError, KeyError, TypeError, ValueError) as failure:
        raise SensorError(f"{where}: a measurement of Movesense makes no sense ({failure})") from failure


def _timed(chunks: list[tuple[float, FloatArray]]) -> Series:
    """Return the samples of all chunks with a time each: evenly from one chunk's first to the next's."""
    chunks = sorted(chunks, key=lambda chunk: chunk[0])
    first_s = np.array([stamp_ms for stamp_ms, _ in chunks]) * 1e-3
    counts = np.array([len(values) for _, values in chunks])
    steps = np.diff(first_s) / counts[:-1]
    usual_s = float(np.median(steps)) if len(steps) else 0.01
    # After a lost chunk the next one is late, but the samples were as close as ever.
    own_s = np.append(np.where((steps > 0) & (steps < 1.5 * usual_s), steps, usual_s), usual_s)
    t_s = [start + step * np.arange(count) for start, step, count in zip(first_s, own_s, counts, strict=True)]
    return Series(np.concatenate(t_s), np.concatenate([values for _, values in chunks]))
