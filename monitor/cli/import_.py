"""`lumbar import`: CSV files and logs of a sensor into a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from monitor.calibrating import read_profile
from monitor.model.exercise import exercise as exercise_called
from monitor.model.session import Delivery
from monitor.recording.writer import write_recording
from monitor.sensors.csv_file import csv_source
from monitor.sensors.plausibility import ACC_UNITS, GYR_UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.model.session import SourceItem
    from monitor.sensors.csv_file import CsvSource

_FILE = click.Path(path_type=Path)


@click.command(
    epilog="Example: lumbar import --lower lower.csv --upper upper.csv --acc-unit g --gyr-unit deg/s "
    "--exercise rdl -o monday.mcap"
)
@click.option("--lower", type=_FILE, required=True, help="CSV or log of the sensor on the lower back.")
@click.option("--upper", type=_FILE, help="CSV or log of the sensor at the top of the lumbar spine.")
@click.option("--acc-unit", type=click.Choice(list(ACC_UNITS)), help="Unit of acc_x..z  [default: m/s2]")
@click.option("--gyr-unit", type=click.Choice(list(GYR_UNITS)), help="Unit of gyr_x..z  [default: rad/s]")
@click.option("--exercise", default="squat", show_default=True, help="What was done.")
@click.option("--load-kg", help="One load a set, in order: 60,80,80.")
@click.option("--athlete", default="me", show_default=True, help="Who did it.")
@click.option("--profile", type=_FILE, help="Calibration of lumbar calibrate that the sensors were worn by.")
@click.option("-o", "--output", type=_FILE, required=True, metavar="REC", help="The recording to write.")
def command(
    lower: Path,
    upper: Path | None,
    acc_unit: str | None,
    gyr_unit: str | None,
    exercise: str,
    load_kg: str | None,
    athlete: str,
    profile: Path | None,
    output: Path,
) -> None:
    """Turn CSV files or logs of a sensor into a recording.

    The columns are t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z: seconds of the sensor's own clock,
    and its axes as they are, however it was worn.

    Logs are told by their headers and know their units: phyphox (CSV, ZIP), Sensor Logger (ZIP,
    JSON, folder), WitMotion (CSV, TXT) and Movesense (JSON, CSV).
    """
    source = csv_source(
        lower,
        upper,
        acc_unit=acc_unit,
        gyr_unit=gyr_unit,
        exercise=exercise_called(exercise),
        loads_kg=_loads(load_kg),
    )
    worn = "" if profile is None else read_profile(profile).to_text()
    write_recording(output, replace(source.info, athlete=athlete, profile=worn), _shown(source))
    samples = ", ".join(f"{count} samples {name}" for name, count in source.samples.items())
    click.echo(f"wrote {output}: {source.end_s - source.start_s:.1f} s, {samples}")
    for warning in source.warnings:
        click.echo(f"note: {warning}", err=True)


def _loads(text: str | None) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is not one load a set, such as 60,80", param_hint="--load-kg"
        ) from None


def _shown(source: CsvSource) -> Iterator[SourceItem]:
    """Yield the items while a bar on the terminal shows how far they are."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("writing", total=source.end_s - source.start_s)
        for item in source.items():
            if isinstance(item, Delivery):
                bar.update(task, completed=float(item.block.t_s[-1]) - source.start_s)
            yield item
