"""CSV: samples as `lumbar import` takes them, angles and events beside them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.model.samples import LOWER, UPPER
from monitor.recording.export.data import degrees_of, number
from monitor.sensors.csv_rows import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from monitor.model.samples import FloatArray
    from monitor.recording.export.data import ExportData

_ROWS_AT_ONCE = 10_000


def write_csv(data: ExportData, out: Path, progress: Callable[[float], None]) -> None:
    """Write the lower sensor's samples to `out`; the upper's, angles and events go beside it.

    Numbers read back exactly. `x.csv` gets `x_upper.csv` (or `upper.csv` for `lower.csv`),
    `x_angles.csv` and `x_events.csv`; what there is none of gets no file.
    """
    total, done = sum(map(len, data.imu.values())) + len(data.posture), 0
    for sensor, block in data.imu.items():
        path = out if sensor == LOWER else _beside(out, sensor)
        _table(path, COLUMNS, np.column_stack([block.t_s, block.acc_ms2, block.gyr_rads]))
        done += len(block)
        progress(done / total)
    if len(data.posture):
        angles = {"t_s": data.posture.t_s, **degrees_of(data.posture), "present": data.posture.present}
        _table(_named(out, "angles"), angles, np.column_stack(list(angles.values())))
    rows = [(h.start_s, h.end_s, h.kind, h.level, h.text) for h in data.happenings()]
    if rows:
        _rows(_named(out, "events"), ("start_s", "end_s", "type", "level", "text"), rows)
    progress(1.0)


def _named(out: Path, what: str) -> Path:
    return out.with_name(f"{out.stem}_{what}{out.suffix}")


def _beside(lower: Path, sensor: str) -> Path:
    name = lower.name.replace(LOWER, UPPER)
    return lower.with_name(name) if name != lower.name else _named(lower, sensor)


def _table(path: Path, names: Iterable[str], table: FloatArray) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(names)
        for start in range(0, len(table), _ROWS_AT_ONCE):
            rows.writerows(map(number, row) for row in table[start : start + _ROWS_AT_ONCE].tolist())


def _rows(path: Path, names: Iterable[str], table: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(names)
        rows.writerows(table)
