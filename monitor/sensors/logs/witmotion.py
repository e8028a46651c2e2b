"""WitMotion: the tables of its PC program and phone app, g and deg/s, one row a sample.

Newer: ``time,DeviceName,AccX(g),...,AsX(°/s),...``, separated by commas or tabs. Older: a line
``StartTime: ...`` first, then ``Time(s) ax(g) ... wx(deg/s) ...``. Times are of the computer, in
wall clock, and samples of one radio packet share one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np

from monitor.model.errors import SensorError
from monitor.model.samples import FloatArray
from monitor.sensors.logs.log import Log, evenly
from monitor.sensors.logs.table import Table
from monitor.sensors.plausibility import ACC_UNITS

PROGRAM = "WitMotion"
_ACC: Final = (("AccX(g)", "ax(g)"), ("AccY(g)", "ay(g)"), ("AccZ(g)", "az(g)"))
_GYR: Final = tuple(
    (f"As{axis.upper()}(°/s)", f"w{axis}(deg/s)", f"w{axis}(°/s)", f"As{axis.upper()}(deg/s)")
    for axis in "xyz"
)
_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%m/%d/%Y %H:%M:%S.%f",
    "%H:%M:%S.%f",
)
_DAY_S: Final = 86400.0


def read(tables: dict[str, Table], where: str) -> Log | None:
    """Return what WitMotion recorded; None if it did not write these tables."""
    for table in tables.values():
        places = [table.column(*names) for names in (*_ACC, *_GYR)]
        found = [place for place in places if place is not None]
        if len(found) == len(places):
            return _log(table, found, where)
    return None


def _log(table: Table, columns: list[int], where: str) -> Log:
    named = table.column("DeviceName", "address")
    devices = sorted(set(table.words(named))) if named is not None else []
    if len(devices) > 1:
        raise SensorError(
            f"{where} holds {len(devices)} sensors ({', '.join(devices)}): save one file for each and name "
            "them with --lower and --upper"
        )
    at = table.column("time", "Time(s)", "ChipTime()", "Chiptime")
    if at is None:
        raise SensorError(f"{where}: WitMotion's table has no column time: record with time switched on")
    numbers = table.numbers(columns)
    stamps_s, epoch_s = _stamps(table.words(at), where)
    rows = min(len(stamps_s), len(numbers))  # the last line may be cut off
    t_s, said = evenly(stamps_s[:rows])
    return Log(
        PROGRAM,
        t_s,
        numbers[:rows, :3] * ACC_UNITS["g"],
        numbers[:rows, 3:] * (math.pi / 180.0),
        devices[0] if devices else "",
        epoch_s,
        said,
    )


def _stamps(cells: list[str], where: str) -> tuple[FloatArray, float | None]:
    """Return (N,) seconds from the first cell, and its wall clock where it has a date."""
    if not cells:
        return np.empty(0), None
    try:
        return np.array([float(cell) for cell in cells]), None
    except ValueError:
        pass
    parse = _parser(cells[0], where)
    try:
        times = [parse(cell) for cell in cells]
    except ValueError as failure:
        raise SensorError(f"{where}: a time makes no sense ({failure}): mend or delete the line") from failure
    first = times[0]
    seconds = np.array([(time - first).total_seconds() for time in times])
    dated = first.year > 1900
    if not dated and len(seconds) and seconds.min() < -_DAY_S / 2:  # past midnight
        seconds[seconds < -_DAY_S / 2] += _DAY_S
    return seconds, first.astimezone().timestamp() if dated else None


def _parser(cell: str, where: str) -> Callable[[str], datetime]:
    """Return a reader of times in the one format that fits the first of them."""
    form = next((f for f in _FORMATS if _fits(cell, f)), None)
    if form is None:
        if not _iso(cell):
            raise SensorError(f"{where}: {cell!r} is no time: it should read like 2026-03-01 18:30:05.123")
        return datetime.fromisoformat
    whole = form.removesuffix(".%f")
    # The table is in local time, and a whole second comes without its decimals.
    return lambda text: datetime.strptime(text, form if "." in text else whole)  # noqa: DTZ007


def _fits(cell: str, form: str) -> bool:
    try:
        datetime.strptime(cell if "." in cell else f"{cell}.0", form)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _iso(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True
