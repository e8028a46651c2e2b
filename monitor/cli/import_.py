"""`lumbar import`: CSV files and logs of a sensor into a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.calibrating import read_profile
from monitor.cli.options import FILE, exercise_option, load_option, overridden, unit_options
from monitor.cli.progress import progress
from monitor.model.session import Delivery
from monitor.recording.writer import write_recording
from monitor.sensors.csv_file import csv_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.model.session import SourceItem
    from monitor.sensors.csv_file import CsvSource


@click.command(
    epilog="Example: lumbar import --lower lower.csv --upper upper.csv --acc-unit g --gyr-unit deg/s "
    "--exercise rdl -o monday.mcap"
)
@click.option("--lower", type=FILE, required=True, help="CSV or log of the sensor on the lower back.")
@click.option("--upper", type=FILE, help="CSV or log of the sensor at the top of the lumbar spine.")
@unit_options
@exercise_option
@load_option
@click.option("--athlete", default="me", show_default=True, help="Who did it.")
@click.option("--profile", type=FILE, help="Calibration of lumbar calibrate that the sensors were worn by.")
@click.option("-o", "--output", type=FILE, required=True, metavar="REC", help="The recording to write.")
def command(
    lower: Path,
    upper: Path | None,
    acc_unit: str | None,
    gyr_unit: str | None,
    exercise: str | None,
    load_kg: tuple[float, ...] | None,
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
    source = csv_source(lower, upper, acc_unit=acc_unit, gyr_unit=gyr_unit)
    worn = "" if profile is None else read_profile(profile).to_text()
    info = replace(overridden(source.info, exercise, load_kg, athlete), profile=worn)
    write_recording(output, info, _shown(source))
    samples = ", ".join(f"{count} samples {name}" for name, count in source.samples.items())
    click.echo(f"wrote {output}: {source.end_s - source.start_s:.1f} s, {samples}")
    for warning in source.warnings:
        click.echo(f"note: {warning}", err=True)


def _shown(source: CsvSource) -> Iterator[SourceItem]:
    """Yield the items while a bar on the terminal shows how far they are."""
    with progress("writing", source.end_s - source.start_s) as bar:
        for item in source.items():
            if isinstance(item, Delivery):
                bar.at(float(item.block.t_s[-1]) - source.start_s)
            yield item
