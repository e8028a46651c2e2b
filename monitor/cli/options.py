"""Options that several commands share, and what their words become."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor.model.errors import ConfigError, SensorError
from monitor.model.exercise import EXERCISES, exercise
from monitor.model.red_flag import red_flag
from monitor.model.session import SampleSource, SessionInfo
from monitor.recording.reader import open_recording
from monitor.sensors.plausibility import ACC_UNITS, GYR_UNITS

FILE = click.Path(path_type=Path)
_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")


class LoadsType(click.ParamType[tuple[float, ...]]):
    """``60`` or ``60,80``: one load in kg a set, in order."""

    name = "KG[,KG..]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Return the loads; a usage error says how to write them."""
        if isinstance(value, tuple):
            return value
        try:
            loads = tuple(float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not a load in kg, or one a set such as 60,80", param, ctx)
        if not all(0 <= load <= 2000 for load in loads):
            self.fail(f"{value!r}: a load is 0 to 2000 kg", param, ctx)
        return loads


class SpeedType(click.ParamType[float | None]):
    """A factor, or ``max`` (None) for as fast as it goes."""

    name = "X|max"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        """Return the factor; a usage error says how to write it."""
        if value == "max":
            return None
        try:
            speed = float(value)
        except (TypeError, ValueError):
            speed = 0.0
        if not 0.0 < speed < float("inf"):
            self.fail(f"{value!r} is no speed: give a number above 0, or max", param, ctx)
        return speed


KNOWN = ", ".join(EXERCISES)
"""The exercises, for help."""


class NamedType(click.ParamType[_T]):
    """One of what is known by name; `find` returns it, its ConfigError says what is known."""

    name = "NAME"

    def __init__(self, find: Callable[[str], _T]) -> None:
        self._find = find

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> _T:
        """Return what is called so; a usage error otherwise."""
        try:
            return self._find(value)
        except ConfigError as wrong:
            self.fail(str(wrong), param, ctx)


EXERCISE = NamedType(lambda name: exercise(name).name)
RED_FLAG = NamedType(red_flag)


def exercise_option(command: _F) -> _F:
    """Add ``--exercise``."""
    return click.option(
        "--exercise",
        type=EXERCISE,
        help=f"What is done: {KNOWN}.  [default: as recorded, else squat]",
    )(command)


def speed_option(command: _F) -> _F:
    """Add ``--speed``."""
    return click.option(
        "--speed",
        type=SpeedType(),
        default="1",
        show_default=True,
        metavar="X|max",
        help="Pace: 4 is four times as fast, max as fast as it goes.",
    )(command)


def load_option(command: _F) -> _F:
    """Add ``--load-kg``."""
    return click.option("--load-kg", type=LoadsType(), help="Load, or one a set in order: 60,80.")(command)


def unit_options(command: _F) -> _F:
    """Add ``--acc-unit`` and ``--gyr-unit`` for CSV files."""
    acc = click.option(
        "--acc-unit", type=click.Choice(list(ACC_UNITS)), help="Unit of a CSV.  [default: m/s2]"
    )
    gyr = click.option(
        "--gyr-unit", type=click.Choice(list(GYR_UNITS)), help="Unit of a CSV.  [default: rad/s]"
    )
    return acc(gyr(command))


def calibration_options(command: _F) -> _F:
    """Add ``--calibration`` and ``--calibrate-until``."""
    by = click.option(
        "--calibration",
        default="recorded",
        show_default=True,
        metavar="recorded|auto|none|PROFILE",
        help="recorded: the profile the recording was made with, else auto. auto: by itself, from the "
        "session. none: sensors along the body's axes, x forward, y left, z up. PROFILE: of lumbar "
        "calibrate.",
    )
    until = click.option(
        "--calibrate-until",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="The opening seconds are a calibration: still, then slow bends.",
    )
    return by(until(command))


def overridden(
    info: SessionInfo,
    exercise_name: str | None = None,
    loads_kg: tuple[float, ...] | None = None,
    athlete: str | None = None,
) -> SessionInfo:
    """Return `info` with what the command line says in place of what the source says."""
    if exercise_name is not None:
        info = replace(info, exercise=exercise(exercise_name))
    if loads_kg is not None:
        info = replace(info, loads_kg=loads_kg)
    if athlete is not None and not athlete.strip():
        raise ConfigError("--athlete is empty: name somebody, or leave it out")
    return info if athlete is None else replace(info, athlete=athlete.strip())


def open_file(
    path: Path, upper: Path | None = None, acc_unit: str | None = None, gyr_unit: str | None = None
) -> tuple[SampleSource, tuple[str, ...]]:
    """Return a recording or one or two CSV files as a source, and what is to be said of it.

    Raises
    ------
    MonitorError
        If it cannot be read, in one line.
    """
    if path.suffix.lower() == ".csv":
        from monitor.sensors.csv_file import csv_source  # noqa: PLC0415 - a demo starts sooner without it

        made = csv_source(path, upper, acc_unit=acc_unit, gyr_unit=gyr_unit)
        return made, made.warnings
    if upper is not None:
        raise ConfigError(f"{path} is a recording and holds all its sensors: leave out --upper")
    if acc_unit or gyr_unit:
        raise ConfigError(f"{path} is a recording and knows its units: leave out --acc-unit and --gyr-unit")
    recording = open_recording(path)
    return recording, recording.warnings


def split_sensor(text: str) -> tuple[str, str]:
    """Return kind and address of a SENSOR: ``ble:NAME``, ``sim[:SCENARIO]`` or ``file:PATH``."""
    kind, _, rest = text.partition(":")
    if kind not in {"ble", "sim", "file"} or (kind != "sim" and not rest):
        raise SensorError(
            f"{text!r} names no sensor: write ble:NAME or ble:ADDRESS (see lumbar scan), "
            "sim or sim:SCENARIO, or file:PATH"
        )
    return kind, rest
