"""`lumbar calibrate`: a guided calibration on the console, and the profile that comes of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from calibration.profile import Profile
from monitor.calibrating import GuidedCalibration
from monitor.cli.guide_view import GuideView
from monitor.cli.options import FILE, SpeedType, exercise_option, overridden
from monitor.cli.sources import sensor_source
from monitor.cli.whole_file import check_writable, write_text
from monitor.model.errors import ConfigError
from monitor.model.exercise import EXERCISES
from monitor.model.session import LinkStatus, LiveSource, SampleSource
from monitor.sensors.simulated.guided import Habits, calibration


@click.command(epilog="Example: lumbar calibrate --lower ble:Movesense --exercise leg_press -o me.json")
@click.option("--lower", metavar="SENSOR", help="ble:NAME|ADDRESS, sim or file:REC|CSV.")
@click.option("--upper", metavar="SENSOR", help="A second sensor at the top of the lumbar spine.")
@exercise_option
@click.option("--athlete", help="Whose calibration it is.  [default: me]")
@click.option(
    "--two-position", is_flag=True, help="One sensor at the sacrum, then at T12: your lumbar share."
)
@click.option("--six-poses", is_flag=True, help="First the sensor itself, laid on each of its six sides.")
@click.option(
    "-o", "--output", "out", required=True, type=FILE, metavar="PROFILE", help="Where the profile goes."
)
@click.option("--headless", is_flag=True, help="Plain lines instead of a panel that is redrawn.")
@click.option("--speed", type=SpeedType(), default="max", metavar="X|max", help="Pace of sim and file:.")
def command(
    lower: str | None,
    upper: str | None,
    exercise: str | None,
    athlete: str | None,
    two_position: bool,
    six_poses: bool,
    out: Path,
    headless: bool,
    speed: float | None,
) -> None:
    """Calibrate step by step: stand, bend, tilt; writes a profile for live and analyze.

    About 45 seconds. On a machine with a back pad name it with --exercise: its seat comes last.
    """
    check_writable(out)
    if two_position and upper is not None:
        raise ConfigError("--two-position is for one sensor: leave out --upper")
    machine = exercise if exercise is not None and EXERCISES[exercise].back_supported else ""
    habits = Habits(two_position=two_position, six_poses=six_poses)

    def simulated(name: str, sensors: int) -> SampleSource:
        if name not in ("", "calibration"):
            raise ConfigError(f"sim:{name} is no calibration: write sim or sim:calibration")
        return calibration(sensors=sensors, machine=machine, habits=habits).source

    source = sensor_source(
        lower, upper, lambda info: overridden(info, exercise, None, athlete), simulated, speed
    )
    guided = GuidedCalibration(source.info, two_position=two_position, six_poses=six_poses)
    asyncio.run(_guide(source, guided, GuideView(Console(), plain=headless)))
    made = guided.profile(datetime.now().astimezone().isoformat(timespec="seconds"), source.info)
    write_text(out, made.to_text())
    for line in _summary(made):
        click.echo(line)
    click.echo(f"profile {out}: lumbar live --profile {out}")


async def _guide(source: LiveSource, guided: GuidedCalibration, view: GuideView) -> None:
    """Run until the calibration is done or the samples end."""
    with view:
        batches = source.stream()
        try:
            async for batch in batches:
                for item in batch:
                    if isinstance(item, LinkStatus):
                        view.link(item)
                told = guided.feed(batch)
                view.show(guided.guidance(), told)
                if guided.done:
                    return
        finally:
            if isinstance(batches, AsyncGenerator):
                await batches.aclose()  # lets the sensors go before anything else


def _summary(made: Profile) -> list[str]:
    """Return the ranges and the quality in lines."""

    def deg(value_rad: float | None) -> str:
        return "not measured" if value_rad is None else f"{math.degrees(value_rad):.0f} deg"

    ranges = made.ranges
    lines = [f"full bend: pelvis {deg(ranges.bend_rad)}, low back {deg(ranges.flexion_rad)}"]
    lines.append(f"back bend: pelvis {deg(ranges.back_bend_rad)}, low back {deg(ranges.extension_rad)}")
    lines.append(f"arch to tuck: {deg(ranges.arch_tuck_rad)}")
    if made.machine:
        lines.append(f"arch to tuck on the pad: {deg(ranges.seated_arch_tuck_rad)}")
    if made.share is not None:
        lines.append(
            f"lumbar share of a bend: {100 * made.share.share:.0f} +- {100 * made.share.sigma:.0f} %"
        )
    reasons = f": {'; '.join(made.quality.reasons)}" if made.quality.reasons else ""
    return [*lines, f"quality: {made.quality.level}{reasons}"]
