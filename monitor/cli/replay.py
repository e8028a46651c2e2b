"""`lumbar replay`: a recording as if it happened now."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.analysis import with_header
from monitor.cli.options import FILE, exercise_option, load_option, open_file, overridden, speed_option
from monitor.cli.running import RunOptions, run
from monitor.config import load_config, recorded_with
from monitor.engine import EngineOptions
from monitor.recording.reader import Recording
from monitor.sensors.pacing import Paced


@click.command(epilog="Example: lumbar replay recordings/squat.mcap --speed 4")
@click.argument("recording", type=FILE, metavar="REC")
@speed_option
@click.option("--headless", is_flag=True, help="Show it on the console.")
@exercise_option
@load_option
def command(
    recording: Path,
    speed: float | None,
    headless: bool,
    exercise: str | None,
    load_kg: tuple[float, ...] | None,
) -> None:
    """Play a recording (or a CSV) back in the live window or on the console.

    It is judged by the profile and the settings it was made with.
    """
    config = load_config()
    source, warnings = open_file(recording)
    if isinstance(source, Recording):
        config = recorded_with(config, source.config, str(recording))  # it says what it said
    for warning in warnings:
        click.echo(f"note: {warning}", err=True)
    headed = with_header(source, overridden(source.info, exercise, load_kg))
    options = RunOptions(
        headless=headless, record=False, may_record=False, title=f"replay of {recording.name}"
    )
    run(Paced(headed, speed), config, EngineOptions(pipeline=config.pipeline, alerts=config.alerts), options)
