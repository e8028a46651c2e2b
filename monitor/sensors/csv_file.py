"""A CSV as a sensor: its own times, in blocks as a radio would deliver them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from monitor.model.errors import ConfigError, SensorError
from monitor.model.exercise import EXERCISES, Exercise
from monitor.model.samples import LOWER, UPPER, ImuBlock, SensorInfo
from monitor.model.session import Delivery, SessionInfo
from monitor.sensors.csv_rows import clean_rows, read_rows
from monitor.sensors.csv_stamps import evened
from monitor.sensors.logs import read_log
from monitor.sensors.logs.log import Log
from monitor.sensors.plausibility import ACC_UNITS, GYR_UNITS, check_acceleration, check_rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

_BLOCK_S = 0.1
"""As much as a radio delivers at once; neither sensor runs further ahead of the other."""
_SLOWEST_DT_S = 0.2
"""Five samples a second; slower is not motion, or not seconds."""
_FASTEST_DT_S = 1e-4
_GAP_STEPS = 1.5
"""A step longer than this many usual ones has lost samples in between."""
_APART_S = 1.0
"""Files that begin or end further apart than this are worth a word."""


@dataclass(frozen=True, slots=True, eq=False)
class CsvSource:
    """One or two files as a `SampleSource`; made by `csv_source`.

    Attributes
    ----------
    info
        The session as far as the files tell it.
    warnings
        What was left out of the files, one line each.
    start_s, end_s
        Times of the first and the last sample.
    """

    info: SessionInfo
    warnings: tuple[str, ...]
    start_s: float
    end_s: float
    _sensors: tuple[_Samples, ...] = field(repr=False)

    @property
    def samples(self) -> dict[str, int]:
        """Number of samples of each sensor."""
        return {s.all.sensor: len(s.all) for s in self._sensors}

    def items(self) -> Iterator[Delivery]:
        """Yield blocks of a tenth of a second, the sensors in step."""
        bins = [((s.all.t_s - self.start_s) / _BLOCK_S).astype(np.int64) for s in self._sensors]
        parts = np.unique(np.concatenate(bins))
        cuts = [np.append(np.searchsorted(b, parts), len(b)).tolist() for b in bins]
        for part in range(len(parts)):
            for samples, cut in zip(self._sensors, cuts, strict=True):
                yield from samples.deliveries(cut[part], cut[part + 1])


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """All samples of one sensor, and how many are missing before each."""

    all: ImuBlock
    dt_s: float
    lost: npt.NDArray[np.int64]
    gaps: npt.NDArray[np.int64]
    warnings: tuple[str, ...]
    log: Log | None
    """The log of another program it was read from; None for a CSV of ours."""

    def deliveries(self, start: int, stop: int) -> Iterator[Delivery]:
        """Yield the rows [start, stop) as blocks; a gap begins a new one."""
        if start == stop:
            return
        low, high = np.searchsorted(self.gaps, (start + 1, stop))
        edges = [start, *self.gaps[low:high].tolist(), stop]
        for first, last in itertools.pairwise(edges):
            rows = slice(first, last)
            yield Delivery(
                ImuBlock(
                    self.all.t_s[rows],
                    self.all.acc_ms2[rows],
                    self.all.gyr_rads[rows],
                    self.all.sensor,
                    int(self.lost[first]),
                )
            )


def csv_source(
    lower: Path,
    upper: Path | None = None,
    *,
    acc_unit: str | None = None,
    gyr_unit: str | None = None,
    exercise: Exercise | None = None,
    loads_kg: Sequence[float] = (),
) -> CsvSource:
    """Read one CSV a sensor, columns `t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z`, or a known log.

    Parameters
    ----------
    lower, upper
        The files; both in the same clock, or logs that tell the wall clock.
    acc_unit
        ``"m/s2"`` (also if None) or ``"g"``; None for a log, which knows its units.
    gyr_unit
        ``"rad/s"`` (also if None) or ``"deg/s"``; None for a log.
    exercise
        What was done; None is squats.
    loads_kg
        One load a set, in order.

    Returns
    -------
    CsvSource
        Read and checked as a whole; its `warnings` say what was left out.

    Raises
    ------
    ConfigError
        An unknown unit.
    SensorError
        A file that cannot be used; names the line or the option that would mend it.
    """
    for unit, known in ((acc_unit, ACC_UNITS), (gyr_unit, GYR_UNITS)):
        if unit is not None and unit not in known:
            raise ConfigError(f"unknown unit {unit!r}: choose {' or '.join(known)}")
    files = {LOWER: lower} | ({UPPER: upper} if upper is not None else {})
    sensors: list[_Samples] = []
    warnings: list[str] = []
    for name, path in files.items():
        sensors.append(_samples(path, name, acc_unit, gyr_unit))
        warnings += sensors[-1].warnings
    sensors = _one_clock(sensors)
    start_s = min(float(s.all.t_s[0]) for s in sensors)
    end_s = max(float(s.all.t_s[-1]) for s in sensors)
    if upper is not None:
        warnings += _overlap(sensors, lower, upper)
    info = SessionInfo(
        exercise=exercise or EXERCISES["squat"],
        sensors=tuple(
            SensorInfo(name, device=_device(path, samples.log), rate_hz=1.0 / samples.dt_s)
            for (name, path), samples in zip(files.items(), sensors, strict=True)
        ),
        loads_kg=tuple(loads_kg),
        started_at=_started_at(sensors[0]),
        session_id=lower.stem,
    )
    return CsvSource(info, tuple(warnings), start_s, end_s, tuple(sensors))


def _samples(path: Path, sensor: str, acc_unit: str | None, gyr_unit: str | None) -> _Samples:
    log = None if _is_ours(path) else read_log(path)
    if log is None:
        rows, acc_unit, gyr_unit = read_rows(path), acc_unit or "m/s2", gyr_unit or "rad/s"
    elif acc_unit or gyr_unit:
        raise ConfigError(f"{path} is a log of {log.program} and knows its units: leave out the units")
    else:
        table = np.column_stack([log.t_s, log.acc_ms2, log.gyr_rads])
        rows, acc_unit, gyr_unit = clean_rows(table, np.arange(len(table)) + 2, path), "m/s2", "rad/s"
    even_s = evened(rows.t_s)
    if even_s is not None:
        text = f"{path.name}: t_s are times of arrival, several samples at once: spread evenly"
        rows = replace(rows, t_s=even_s, warnings=(*rows.warnings, text))
    steps = np.diff(rows.t_s)
    dt_s = float(np.median(steps))
    _check_step(dt_s, path)
    check_acceleration(rows.acc, acc_unit, str(path))
    acc_ms2, gyr_rads = rows.acc * ACC_UNITS[acc_unit], rows.gyr * GYR_UNITS[gyr_unit]
    check_rates(rows.t_s, acc_ms2, gyr_rads, gyr_unit, str(path))
    # Times stamped with jitter have long steps without a loss, so the threshold knows the spread.
    spread = float(np.subtract(*np.percentile(steps, [75, 25])))
    lost = np.zeros(len(rows.t_s), dtype=np.int64)
    long = np.flatnonzero(steps > _GAP_STEPS * dt_s + 3.0 * spread) + 1
    lost[long] = np.round(steps[long - 1] / dt_s).astype(np.int64) - 1
    gaps = np.flatnonzero(lost).astype(np.int64)
    block = ImuBlock(rows.t_s, acc_ms2, gyr_rads, sensor)
    said = () if log is None else tuple(f"{path.name}: {line}" for line in log.warnings)
    return _Samples(block, dt_s, lost, gaps, (*said, *rows.warnings), log)


def _one_clock(sensors: list[_Samples]) -> list[_Samples]:
    """Return the sensors in the clock of the first, where logs of both say what the wall clock was."""
    epochs = [None if s.log is None else s.log.epoch_s for s in sensors]
    made = [sensors[0]]
    for samples, epoch_s in zip(sensors[1:], epochs[1:], strict=True):
        if epochs[0] is None or epoch_s is None:
            made.append(samples)
            continue
        block = replace(samples.all, t_s=samples.all.t_s + (epoch_s - epochs[0]))
        made.append(replace(samples, all=block))
    return made


def _device(path: Path, log: Log | None) -> str:
    return path.name if log is None else " ".join(filter(None, (log.program, log.device, f"({path.name})")))


def _started_at(samples: _Samples) -> str:
    """Return the wall clock at session time 0 as ISO 8601; empty if unknown."""
    if samples.log is None or samples.log.epoch_s is None:
        return ""
    return datetime.fromtimestamp(samples.log.epoch_s, UTC).astimezone().isoformat(timespec="seconds")


def _is_ours(path: Path) -> bool:
    """Return whether a file has our columns, or cannot be opened at all: `read_rows` says why."""
    if path.suffix.lower() != ".csv":
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return "t_s" in file.readline()
    except (OSError, UnicodeDecodeError):
        return True


def _check_step(dt_s: float, path: Path) -> None:
    if _FASTEST_DT_S <= dt_s <= _SLOWEST_DT_S:
        return
    said = f"{path}: the usual step of t_s is {dt_s:.4g}"
    for unit, least in (("nanoseconds", 1e5), ("microseconds", 1e3), ("milliseconds", 1.0)):
        if dt_s > least:
            raise SensorError(f"{said}, it looks like {unit}: t_s must be in seconds")
    raise SensorError(
        f"{said}, {1.0 / dt_s:.3g} samples a second: t_s must be in seconds, 20 to 500 samples each"
    )


def _overlap(sensors: Sequence[_Samples], lower: Path, upper: Path) -> list[str]:
    """Return a word on files that do not cover the same time; SensorError if they never do."""
    begins = [float(s.all.t_s[0]) for s in sensors]
    ends = [float(s.all.t_s[-1]) for s in sensors]
    if max(begins) >= min(ends):
        raise SensorError(
            f"{lower.name} covers {begins[0]:.2f} to {ends[0]:.2f} s and {upper.name} {begins[1]:.2f} to "
            f"{ends[1]:.2f} s: they share no time; give both the same clock"
        )
    if max(begins) - min(begins) > _APART_S or max(ends) - min(ends) > _APART_S:
        return [f"both sensors are there from {max(begins):.2f} to {min(ends):.2f} s only"]
    return []
