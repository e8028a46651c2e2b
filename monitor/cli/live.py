"""`lumbar live`: a sensor in; angles, repetitions, causes and alerts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from calibration.profile import Profile
from monitor.age import made_words
from monitor.calibrating import read_profile
from monitor.cli.kept_baselines import Comparison, KeptBaselines, named_baselines
from monitor.cli.kept_profile import kept_profile
from monitor.cli.options import FILE, exercise_option, load_option, overridden
from monitor.cli.running import RunOptions, run, stamped, why_no_window
from monitor.cli.sources import sensor_source
from monitor.cli.waiting import WaitingSource
from monitor.config import Config, load_config
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.model.samples import LOWER, UPPER, SensorInfo
from monitor.model.session import LiveSource, Output, SessionInfo, Sink, SourceItem
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import scenario


@click.command(epilog="Example: lumbar live --lower ble:Movesense --exercise squat --load-kg 80")
@click.option("--lower", metavar="SENSOR", help="ble:NAME|ADDRESS, sim[:SCENARIO] or file:REC|CSV.")
@click.option("--upper", metavar="SENSOR", help="A second sensor at the top of the lumbar spine.")
@exercise_option
@load_option
@click.option("--athlete", help="Whose session it is.  [default: me]")
@click.option(
    "--broker",
    default="none",
    show_default=True,
    metavar="embedded|mqtt(s)://HOST|none",
    help="Where alerts are sent, too.",
)
@click.option("--profile", type=FILE, help="Calibration of lumbar calibrate: no angle has to wait.")
@click.option(
    "--calibration",
    type=click.Choice(["kept", "auto"]),
    default="kept",
    show_default=True,
    help="kept: the athlete's own, made in the window before, if there is one. auto: from this session.",
)
@click.option(
    "--baseline",
    default="kept",
    show_default=True,
    metavar="kept|none|REC|CSV|ANALYSIS.json",
    help="What is usual, from the first repetition on. kept: the athlete's first clean set of an earlier "
    "session, if there is one. none: the first repetitions of this session.",
)
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
    calibration: str,
    baseline: str,
    headless: bool,
    no_record: bool,
    no_sound: bool,
) -> None:
    """Watch a set live: sensor in, angles, repetitions and alerts out.

    Without --lower the window lists the sensors in range and goes on with the one that is chosen;
    C calibrates in it.
    """
    if profile is not None and calibration == "auto":
        raise ConfigError("--profile names a calibration: leave out --calibration auto")
    config = load_config()
    named = None if profile is None else read_profile(profile)
    today = not (lower or "").startswith("file:")
    engine_options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    usual = named_baselines(baseline, exercise, engine_options)
    compared = Comparison(usual, today, two_sensors=upper is not None)

    def headed(info: SessionInfo) -> SessionInfo:
        info = compared.headed(stamped(overridden(info, exercise, load_kg, athlete)))
        if calibration == "auto":
            return replace(info, profile="")
        worn = named or (_kept(info, upper) if today else None)
        if worn is None:
            return info
        if headless and worn is not named:  # the window says it itself
            click.echo(f"note: your calibration {made_words(worn, info.started_at)}, is in use", err=True)
        return replace(info, profile=worn.to_text())

    def sensor(named: str | None) -> LiveSource:
        made = sensor_source(
            named,
            upper,
            headed,
            lambda name, sensors: scenario(name or exercise or "squat", sensors=sensors).source,
        )
        compared.say(made.info)
        return made

    if lower is None and not headless and why_no_window() is None:
        # The window says what to do, and goes on with the sensor that is chosen in it.
        source: LiveSource = WaitingSource(headed(SessionInfo()), sensor)
    else:
        source = sensor(lower)
    options = RunOptions(
        broker=broker,
        headless=headless,
        record=not no_record,
        sound=not no_sound,
        keep_profile=today,
        title=f"{source.info.exercise}",
    )
    _run(source, config, engine_options, options)


def _run(source: LiveSource, config: Config, engine_options: EngineOptions, options: RunOptions) -> None:
    """Run a session; where it is recorded and of today its clean sets are kept."""
    keeping = KeptBaselines(lambda: source.info)
    keep = (keeping,) if options.keep_profile and options.record else ()
    run(source, config, engine_options, options, (*_feedback(source), *keep))
    if keeping.path is not None:
        click.echo(f"usual repetitions {keeping.path}")


def _kept(info: SessionInfo, upper: str | None) -> Profile | None:
    """Return the profile kept of the athlete of a session."""
    if upper is not None and len(info.sensors) == 1:
        # Of a radio's sensors nothing is known yet but that there will be two.
        info = replace(info, sensors=(SensorInfo(LOWER), SensorInfo(UPPER)))
    return kept_profile(info)


def _feedback(source: LiveSource) -> tuple[Sink, ...]:
    """Return what a radio's sensor can do about an alert itself."""
    if isinstance(source, WaitingSource):
        return (_LateFeedback(source),)
    if isinstance(source, Paced):
        return ()
    from monitor.sensors.ble import BleSource, VibrationSink  # noqa: PLC0415 - the radio's room

    return (VibrationSink(source),) if isinstance(source, BleSource) else ()


class _LateFeedback:
    """The feedback of a sensor that is chosen while the session runs."""

    name = "vibration"

    def __init__(self, waiting: WaitingSource) -> None:
        self._waiting = waiting
        self._of: LiveSource | None = None
        self._sinks: tuple[Sink, ...] = ()

    def begin(self, info: SessionInfo) -> None:
        """Nothing vibrates yet."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Hand on what happened to the sensor in use."""
        chosen = self._waiting.chosen
        if chosen is not None and chosen is not self._of:
            self._of, self._sinks = chosen, _feedback(chosen)
            for sink in self._sinks:
                sink.begin(chosen.info)
        for sink in self._sinks:
            sink.take(items, output)

    def end(self) -> None:
        """Hand on that it is over."""
        for sink in self._sinks:
            sink.end()
