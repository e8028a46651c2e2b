"""`lumbar live`: a sensor in; angles, repetitions, causes and alerts out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from monitor.analysis import with_header
from monitor.calibrating import read_profile
from monitor.cli.options import FILE, exercise_option, load_option, open_file, overridden, split_sensor
from monitor.cli.running import RunOptions, run, stamped
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError, SensorError
from monitor.model.samples import LOWER, UPPER
from monitor.model.session import LiveSource, SessionInfo, Sink
from monitor.pipeline.profile_watch import personal
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import scenario


@click.command(epilog="Example: lumbar live --lower ble:Movesense --exercise squat --load-kg 80")
@click.option("--lower", metavar="SENSOR", help="ble:NAME|ADDRESS, sim[:SCENARIO] or file:REC|CSV.")
@click.option("--upper", metavar="SENSOR", help="A second sensor at the top of the lumbar spine.")
@exercise_option
@load_option
@click.option("--athlete", help="Whose session it is.  [default: me]")
@click.option("--broker", default="none", show_default=True, metavar="embedded|mqtt(s)://HOST|none")
@click.option("--profile", type=FILE, help="Calibration of lumbar calibrate: no angle has to wait.")
@click.option("--headless", is_flag=True, help="Show the session on the console.")
@click.option("--no-record", is_flag=True, help="Write no recording.")
@click.option("--no-sound", is_flag=True, help="Play no cues.")
def command(
    lower: str | None,
    upper: str | None,
    exercise: str | None,
    load_kg: tuple[float, ...] | None,
    athlete: str | None,
    broker: str,
    profile: Path | None,
    headless: bool,
    no_record: bool,
    no_sound: bool,
) -> None:
    """Watch a set live: sensor in, angles, repetitions and alerts out."""
    if lower is None:
        raise SensorError(
            "no sensor: clip one on and name it with --lower ble:NAME (lumbar scan lists what is in "
            "range), or try --lower sim"
        )
    config = load_config()
    source = _source(lower, upper, exercise, load_kg, athlete)
    engine_options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    if profile is not None:
        worn = read_profile(profile)
        # The window draws its limits by the same thresholds.
        limits = personal(config.pipeline, worn.ranges)
        engine_options = replace(engine_options, calibration=worn, pipeline=limits)
    options = RunOptions(broker, headless, not no_record, not no_sound, title=f"{source.info.exercise}")
    run(source, config, engine_options, options, _feedback(source))


def _feedback(source: LiveSource) -> tuple[Sink, ...]:
    """Return what a radio's sensor can do about an alert itself."""
    if isinstance(source, Paced):
        return ()
    from monitor.sensors.ble import BleSource, VibrationSink  # noqa: PLC0415 - the radio's room

    return (VibrationSink(source),) if isinstance(source, BleSource) else ()


def _source(
    lower: str,
    upper: str | None,
    exercise: str | None,
    loads_kg: tuple[float, ...] | None,
    athlete: str | None,
) -> LiveSource:
    kind, where = split_sensor(lower)
    other = split_sensor(upper) if upper is not None else None
    if other is not None and other[0] != kind:
        raise ConfigError(f"{lower} and {upper}: both sensors come from one kind of source")

    def headed(info: SessionInfo) -> SessionInfo:
        return stamped(overridden(info, exercise, loads_kg, athlete))

    if kind == "ble":
        from monitor.sensors.ble import BleSource  # noqa: PLC0415 - the radio is loaded only where used

        wanted = {LOWER: where} | ({UPPER: other[1]} if other is not None else {})
        return BleSource(wanted, headed(SessionInfo()))
    if kind == "sim":
        name = where or exercise or "squat"
        made = scenario(name, sensors=1 if other is None else 2).source
        return Paced(with_header(made, headed(made.info)))
    source, warnings = open_file(Path(where), Path(other[1]) if other is not None else None)
    for warning in warnings:
        click.echo(f"note: {warning}", err=True)
    return Paced(with_header(source, headed(source.info)))
