"""`lumbar demo`: a simulated leg day, live."""

from __future__ import annotations

import click

from monitor.analysis import with_header
from monitor.cli.options import speed_option
from monitor.cli.running import RunOptions, run, stamped
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import leg_day


@click.command(epilog="Example: lumbar demo --headless --speed 4")
@click.option("--headless", is_flag=True, help="Show the session on the console.")
@speed_option
@click.option(
    "--sensors", type=click.IntRange(1, 2), default=1, show_default=True, help="1: lower back; 2: and T12/L1."
)
@click.option("--record/--no-record", default=False, show_default=True, help="Keep a recording of it.")
def command(headless: bool, speed: float | None, sensors: int, record: bool) -> None:
    """Run a simulated leg day with its own broker: needs no hardware.

    Five squats, two of them tucked, then five leg presses with two lift-offs, in about 70 seconds.
    """
    config = load_config()
    made = leg_day(sensors=sensors).source
    source = Paced(with_header(made, stamped(made.info)), speed)
    options = RunOptions("embedded", headless, record, title="lumbar-monitor: a simulated leg day")
    run(source, config, EngineOptions(pipeline=config.pipeline, alerts=config.alerts), options)
