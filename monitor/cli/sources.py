"""SENSOR on the command line becomes a source of samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from monitor.analysis import with_header
from monitor.cli.options import open_file, split_sensor
from monitor.model.errors import ConfigError, SensorError
from monitor.model.samples import LOWER, UPPER
from monitor.model.session import LiveSource, SampleSource, SessionInfo
from monitor.sensors.pacing import Paced


def sensor_source(
    lower: str | None,
    upper: str | None,
    headed: Callable[[SessionInfo], SessionInfo],
    simulated: Callable[[str, int], SampleSource],
    speed: float | None = 1.0,
) -> LiveSource:
    """Return the source that ``--lower`` and ``--upper`` name.

    Parameters
    ----------
    lower, upper
        As written; None where not given.
    headed
        Returns the header under which the session runs.
    simulated
        Returns the simulation of a name, which may be empty, with that many sensors.
    speed
        Pace of simulations and files; None for as fast as it goes.

    Raises
    ------
    MonitorError
        No sensor, or one that cannot be used; in one line.
    """
    if lower is None:
        raise SensorError(
            "no sensor: clip one on and name it with --lower ble:NAME (lumbar scan lists what is in "
            "range), or try --lower sim"
        )
    kind, where = split_sensor(lower)
    other = split_sensor(upper) if upper is not None else None
    if other is not None and other[0] != kind:
        raise ConfigError(f"{lower} and {upper}: both sensors come from one kind of source")
    if kind == "ble":
        from monitor.sensors.ble import BleSource  # noqa: PLC0415 - the radio is loaded only where used

        wanted = {LOWER: where} | ({UPPER: other[1]} if other is not None else {})
        return BleSource(wanted, headed(SessionInfo()))
    if kind == "sim":
        made = simulated(where, 1 if other is None else 2)
        return Paced(with_header(made, headed(made.info)), speed)
    source, warnings = open_file(Path(where), Path(other[1]) if other is not None else None)
    for warning in warnings:
        click.echo(f"note: {warning}", err=True)
    return Paced(with_header(source, headed(source.info)), speed)
