"""The rows of a CSV as an array: fast where all is well, precise about where it is not."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from monitor.model.errors import SensorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from monitor.model.samples import BoolArray, FloatArray

    IntArray = npt.NDArray[np.int64]

COLUMNS = ("t_s", "acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")

_LEAST_ROWS = 10
_MOST_BAD_SHARE = 0.05
"""Late or repeated rows beyond this are no accident of a radio link but a broken clock column."""
_RESTART_S = 1.0
"""A jump back by more than this, to within this of the beginning, is a sensor that was switched on again."""
_RESTART_ROWS = 10
_LONGEST_PAUSE_S = 3600.0
"""Nobody rests an hour between sets; such a jump is a clock that was set."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Samples of one file in its own units, time strictly increasing.

    Parameters
    ----------
    t_s
        (N,) time in s.
    acc, gyr
        (N, 3) in the file's units, sensor frame.
    warnings
        What was left out, one line each.
    """

    t_s: FloatArray
    acc: FloatArray
    gyr: FloatArray
    warnings: tuple[str, ...]


def read_rows(path: Path) -> Rows:
    """Read a CSV with the columns `COLUMNS`, in any order.

    Rows with an empty, NaN or infinite cell are left out and counted, unless they are more than
    half; so are rows that repeat a time or come late, unless they are more than a twentieth or
    the time begins anew.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Rows
        What can be used.

    Raises
    ------
    SensorError
        Names the file, the line and what to do.
    """
    try:
        order = _header(path)
        table = _table(path)
    except UnicodeDecodeError as failure:
        raise SensorError(f"{path} is not a text file in UTF-8: save it as CSV (UTF-8)") from failure
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise SensorError(f"{path} cannot be read: {why}") from failure
    if len(table) == 0:
        raise SensorError(f"{path} has a header but no rows: export the recording again")
    return clean_rows(table[:, order], np.arange(len(table), dtype=np.int64) + 2, path)


def clean_rows(table: FloatArray, line: IntArray, path: Path) -> Rows:
    """Leave out of a table what is no sample, as `read_rows` tells.

    Parameters
    ----------
    table
        (N, 7) in the order of `COLUMNS`.
    line
        (N,) where each row stands in the file, for messages.
    path
        The file, for messages.
    """
    warnings = []

    whole = np.isfinite(table).all(axis=1)
    missing = len(table) - int(whole.sum())
    if 2 * missing > len(table):
        raise SensorError(f"{path}: {missing} of {len(table)} rows have no value: export the recording again")
    if missing:
        warnings.append(
            f"{path.name}: {_rows(missing)} without a value left out, the first in line {line[~whole][0]}"
        )
    table, line = table[whole], line[whole]
    if len(table) < _LEAST_ROWS:
        raise SensorError(f"{path} has only {_rows(len(table))}: that is no recording")

    late = _late(table[:, 0], line, path)
    if late.any():
        count = int(late.sum())
        warnings.append(
            f"{path.name}: {_rows(count)} that repeat a time or come late left out, "
            f"the first in line {line[late][0]}"
        )
    table, line = table[~late], line[~late]
    pauses_s = np.diff(table[:, 0])
    longest = int(np.argmax(pauses_s)) if len(pauses_s) else 0
    if len(pauses_s) and pauses_s[longest] > _longest_pause(pauses_s):
        raise SensorError(
            f"{path} line {line[longest + 1]}: time jumps from {table[longest, 0]:.6g} to "
            f"{table[longest + 1, 0]:.6g} s: split the file there or delete the line"
        )
    return Rows(
        np.ascontiguousarray(table[:, 0]),
        np.ascontiguousarray(table[:, 1:4]),
        np.ascontiguousarray(table[:, 4:7]),
        tuple(warnings),
    )


def _longest_pause(steps_s: FloatArray) -> float:
    """Return the longest plausible pause, also for a time column in milliseconds."""
    return _LONGEST_PAUSE_S * max(1.0, float(np.median(steps_s)))


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _header(path: Path) -> list[int]:
    """Return where each of `COLUMNS` stands."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
    if not first.strip():
        raise SensorError(f"{path} is empty: its first line should be {','.join(COLUMNS)}")
    names = [name.strip() for name in next(csv.reader([first]))]
    for other in (";", "\t"):
        if len(names) == 1 and other in first:
            raise SensorError(f"{path} separates its columns by {other!r}: save it with commas")
    absent = [name for name in COLUMNS if name not in names]
    extra = [name for name in names if name not in COLUMNS]
    if absent or len(names) != len(COLUMNS):
        said = f"{path}: the first line has {len(names)} columns"
        said += f", {', '.join(absent)} missing" if absent else ""
        said += f", {', '.join(map(repr, extra))} unknown" if extra else ""
        raise SensorError(f"{said}: it should be exactly {','.join(COLUMNS)}")
    return [names.index(name) for name in COLUMNS]


def _table(path: Path) -> FloatArray:
    """Return (N, 7) cells in the order of the file."""
    if not _has_rows(path):
        return np.empty((0, len(COLUMNS)))
    try:
        table = np.loadtxt(path, delimiter=",", skiprows=1, comments=None, encoding="utf-8", ndmin=2)
    except UnicodeDecodeError:
        raise
    except ValueError:
        return np.array(list(_one_by_one(path)), dtype=np.float64).reshape(-1, len(COLUMNS))
    if table.shape[1] != len(COLUMNS):
        return np.array(list(_one_by_one(path)), dtype=np.float64).reshape(-1, len(COLUMNS))
    return table


def _has_rows(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        next(file)
        return any(line.strip() for line in file)


def _one_by_one(path: Path) -> Iterator[list[float]]:
    """Yield the rows as the slow, tolerant reader sees them; SensorError names a line it cannot read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(COLUMNS):
                raise SensorError(
                    f"{path} line {rows.line_num} has {len(cells)} cells instead of {len(COLUMNS)}: "
                    "mend or delete the line"
                )
            yield [_number(cell, path, rows.line_num) for cell in cells]


def _number(cell: str, path: Path, line: int) -> float:
    try:
        return float(cell) if cell.strip() else float("nan")
    except ValueError:
        raise SensorError(f"{path} line {line}: {cell!r} is no number: mend or delete the line") from None


def _late(t_s: FloatArray, line: IntArray, path: Path) -> BoolArray:
    """Return (N,) True where time has not gone on; SensorError if that is no accident."""
    latest = np.maximum.accumulate(t_s)
    late = np.concatenate([[False], t_s[1:] <= latest[:-1]])
    back = np.flatnonzero(late)
    for row in back:
        goes_on = bool((np.diff(t_s[row : row + _RESTART_ROWS]) > 0.0).all())
        if t_s[row - 1] - t_s[row] > _RESTART_S and t_s[row] <= t_s[0] + _RESTART_S and goes_on:
            raise SensorError(
                f"{path} line {line[row]}: time starts again ({t_s[row - 1]:.2f} s to {t_s[row]:.2f} s), "
                "the sensor was switched on again: split the file there"
            )
    if len(back) > _MOST_BAD_SHARE * len(t_s):
        row = back[0]
        if np.count_nonzero(np.diff(t_s) == 0.0) > len(back) // 2:
            raise SensorError(
                f"{path} line {line[row]}: t_s repeats {t_s[row]:.6g} s, and so in {_rows(len(back))}: "
                "export the time with more decimals"
            )
        raise SensorError(
            f"{path} line {line[row]}: time does not go on ({t_s[row]:.6g} s after {latest[row]:.6g} s), "
            f"and so in {_rows(len(back))}: t_s must be the sensor's own time, each line later"
        )
    return late
