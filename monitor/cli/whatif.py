"""`lumbar whatif`: a session judged again, otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import click

from monitor.analysis import analyze, with_header
from monitor.calibrating import chosen_calibration
from monitor.cli.options import (
    FILE,
    calibration_options,
    exercise_option,
    load_option,
    open_file,
    overridden,
    unit_options,
)
from monitor.cli.progress import progress
from monitor.config import load_config, recorded_with, with_settings
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.recording.labels import Labels, read_labels
from monitor.recording.reader import Recording
from monitor.reviewed import events_of
from monitor.whatif import Difference, Outcome, differences, whatif_json


@click.command(epilog="Example: lumbar whatif recordings/leg_press.mcap --set pipeline.lift_off_alert_deg=8")
@click.argument("source", type=FILE, metavar="REC|LOWER.CSV")
@click.option("--upper", type=FILE, help="CSV of the upper sensor, beside LOWER.CSV.")
@unit_options
@exercise_option
@load_option
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="A setting of the configuration file to change; may be given again.",
)
@calibration_options
@click.option(
    "--against",
    type=click.Choice(["rerun", "recorded"]),
    help="Compare with this version's own judgement, or with what the recording says was told. "
    "[default: rerun; recorded where nothing else is changed]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def command(
    source: Path,
    upper: Path | None,
    acc_unit: str | None,
    gyr_unit: str | None,
    exercise: str | None,
    load_kg: tuple[float, ...] | None,
    settings: tuple[str, ...],
    calibration: str,
    calibrate_until: float | None,
    against: str | None,
    as_json: bool,
) -> None:
    """Show which lift-offs, findings and alerts other settings would have added or taken away.

    Without any change it compares what a recording says was told with what this version makes of
    it.
    """
    opened, warnings = open_file(source, upper, acc_unit, gyr_unit)
    labels = read_labels(source) if isinstance(opened, Recording) else Labels()
    headed = with_header(opened, overridden(labels.header(opened.info), exercise, load_kg))
    config = load_config()
    if isinstance(opened, Recording):
        config = recorded_with(config, opened.config, str(source))
    now = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    changed = with_settings(config, settings)
    then = EngineOptions(
        calibration=chosen_calibration(calibration),
        calibrate_until_s=calibrate_until,
        pipeline=changed.pipeline,
        alerts=changed.alerts,
    )
    told = opened.events if isinstance(opened, Recording) else []
    if against == "recorded" and not told:
        raise ConfigError(f"{source} holds no events, it was imported: leave out --against recorded")
    if against is None:
        against = "recorded" if told and then == now and exercise is None and load_kg is None else "rerun"
    with progress("judging") as bar:

        def judged(options: EngineOptions) -> list[dict[str, object]]:
            return events_of(analyze(headed, options, progress=bar.at_time))

        before = told if against == "recorded" else judged(now)
        made = differences(before, judged(then))
    if as_json:
        click.echo(json.dumps(whatif_json(made), indent=1))
        return
    _show(made)
    for warning in warnings:
        click.echo(f"note: {warning}", err=True)


def _show(made: list[Difference]) -> None:
    if not made:
        click.echo("no difference")
    for outcome in Outcome:
        mine = [d for d in made if d.outcome is outcome]
        if mine:
            click.echo(f"{outcome.value}: {len(mine)}")
        for difference in mine:
            click.echo(f"  {difference.text}")
