"""Usual repetitions: kept of an athlete's first clean sets, and compared with the next time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import click

from monitor.analysis import with_header
from monitor.baseline_text import DatedBaseline, baselines_from_text, baselines_text
from monitor.baselines import baselines_from_analysis, baselines_from_session
from monitor.cli.kept_profile import is_simulated, kept_path
from monitor.cli.options import open_file, overridden
from monitor.cli.whole_file import write_text
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.model.events import Calibrated, Event, FaultKind, Finding, Level, LiftOff, Rep, SetSummary
from monitor.model.exercise import exercise
from monitor.model.samples import UPPER
from monitor.model.session import Output, SessionInfo, SourceItem
from monitor.pipeline.baseline import FEWEST_REPS, Baseline, baseline
from monitor.pipeline.faults import LEAST_COVERAGE
from monitor.recording.labels import Labels
from monitor.recording.reader import Recording


def baselines_path(info: SessionInfo, folder: Path | None = None) -> Path:
    """Return where the usual repetitions of the athlete of a session are kept."""
    simulated = is_simulated(sensor.device for sensor in info.sensors)
    return kept_path("baselines", info.athlete, simulated=simulated, folder=folder)


def named_baselines(
    choice: str, exercise_name: str | None, options: EngineOptions
) -> dict[str, Baseline] | None:
    """Return the usual repetition that ``--baseline`` names; MonitorError in one line if there is none.

    Parameters
    ----------
    choice
        ``"kept"`` or ``"recorded"`` (None is returned), ``"none"``, or a recording, CSV or analysis.
    exercise_name
        What it is to be compared with; also what was done in a CSV, which does not say so itself.
    options
        How it is judged.
    """
    if choice in {"kept", "recorded"}:
        return None
    if choice == "none":
        return {}
    path = Path(choice)
    if path.suffix.lower() == ".json":
        made = baselines_from_analysis(path)
    else:
        source, _ = open_file(path)
        if not isinstance(source, Recording):
            source = with_header(source, overridden(source.info, exercise_name))
        made = baselines_from_session(source, options, choice)
    if exercise_name is not None and exercise_name not in made:
        done = ", ".join(str(exercise(name)) for name in made)
        raise ConfigError(f"baseline {choice} is of {done}, not of {exercise(exercise_name)}: name another")
    return made


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a live session is compared with from its first repetition on.

    Parameters
    ----------
    named
        What was named; None for what is kept.
    today
        Whether it happens now: what is kept says nothing of a file.
    two_sensors
        Whether there will be two, where a header does not know yet.
    """

    named: Mapping[str, Baseline] | None
    today: bool
    two_sensors: bool

    def headed(self, info: SessionInfo) -> SessionInfo:
        """Return a header that says so."""
        if self.named is None:
            return with_kept(info, two_sensors=self.two_sensors) if self.today else info
        dated = {name: DatedBaseline(one) for name, one in self.named.items()}
        return replace(info, baselines=baselines_text(info.athlete, dated) if dated else "")

    def say(self, info: SessionInfo) -> None:
        """Say what of a header was not named."""
        if self.named is not None or not info.baselines:
            return
        _, kept = baselines_from_text(info.baselines)
        words = ", ".join(f"{exercise(name)} of {_day(one.date)}" for name, one in kept.items())
        click.echo(f"note: compared with your usual {words}; --baseline none begins anew", err=True)


def with_kept(info: SessionInfo, *, two_sensors: bool = False, folder: Path | None = None) -> SessionInfo:
    """Return a header with what is kept of its athlete; a file that cannot be read is said.

    Parameters
    ----------
    info
        The header.
    two_sensors
        Whether there will be two, where the header does not know yet.
    folder
        Where they are kept; None for the user's own.
    """
    path = baselines_path(info, folder)
    try:
        kept = _read(path, info.athlete)
    except (ConfigError, OSError) as wrong:
        click.echo(f"note: {path}: {wrong}; this session's first repetitions are usual instead", err=True)
        return info
    if two_sensors or any(sensor.name == UPPER for sensor in info.sensors):
        # Nothing is known of the flexion of who wore one sensor: the session's own will tell it.
        kept = {name: one for name, one in kept.items() if math.isfinite(one.usual.usual.flexion_rad)}
    return replace(info, baselines=baselines_text(info.athlete, kept)) if kept else info


def _day(date: str) -> str:
    try:
        return f"{datetime.fromisoformat(date):%Y-%m-%d}"
    except ValueError:
        return "an unknown day"


def _read(path: Path, athlete: str) -> dict[str, DatedBaseline]:
    """Return what a file keeps of an athlete: nothing where it is missing, or another's of like name."""
    if not path.exists():
        return {}
    try:
        whose, kept = baselines_from_text(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as wrong:
        raise ConfigError("the usual repetitions are no text") from wrong
    return kept if whose == athlete else {}


class KeptBaselines:
    """A sink that keeps of each exercise the repetitions of the session's first clean set.

    Clean is a set of at least five repetitions without finding, fault or lift-off of level alert. A slow
    repetition is no fault of form: it is left out, and does not spoil the set.

    Parameters
    ----------
    header
        Returns the session's header; a sensor may have been chosen on the way.
    folder
        Where they are kept; None for the user's own.
    """

    name = "baselines"

    def __init__(self, header: Callable[[], SessionInfo], folder: Path | None = None) -> None:
        self._header = header
        self._folder = folder
        self._reps: dict[int, Rep] = {}
        self._sets: list[SetSummary] = []
        self._told: set[int] = set()
        self._lifted: set[int | None] = set()
        self._absolute = True
        self._labels = Labels()
        self.path: Path | None = None
        """The file written; None if there was nothing to keep."""

    def begin(self, info: SessionInfo) -> None:
        """Nothing to begin: whose they are is asked at the end."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        """Take what became of the session so far."""
        for event in output.events:
            self._take(event)

    def end(self) -> None:
        """Write what is new; OSError or MonitorError if it cannot be written."""
        info = self._header()
        new = {name: DatedBaseline(usual, info.started_at) for name, usual in self._first_clean().items()}
        if not new:
            return
        path = baselines_path(info, self._folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            kept = _read(path, info.athlete)
        except ConfigError as wrong:
            aside = path.with_name(f"{path.name}.bad")
            path.replace(aside)
            click.echo(f"note: {path}: {wrong}; it is set aside as {aside.name}", err=True)
            kept = {}
        write_text(path, baselines_text(info.athlete, kept | new))
        self.path = path

    def label(self, labels: Labels) -> None:
        """Take what the lifter corrected since: a repetition that was none is not usual."""
        self._labels = labels

    def _take(self, event: Event) -> None:
        match event:
            case Rep():
                self._reps[event.index] = event
            case Finding():
                self._told.add(event.set_index)
            case LiftOff(level=Level.ALERT):
                self._lifted.add(event.rep)
            case Calibrated():
                self._absolute = event.quality != "poor"
            case SetSummary() if self._absolute:
                self._sets.append(event)

    def _first_clean(self) -> dict[str, Baseline]:
        made: dict[str, Baseline] = {}
        gone = {edit.rep for edit in self._labels.reps if edit.removed}
        # What was judged as another exercise than was done says nothing of either.
        wrong = self._header().exercise.name if self._labels.exercise is not None else ""
        for done in self._sets:
            if done.exercise == wrong:
                continue
            if done.exercise in made or done.index in self._told or self._lifted & set(done.reps):
                continue
            reps = [self._reps[index] for index in done.reps if index not in gone]
            alerts = {r.index: {f.kind for f in r.faults if f.level is Level.ALERT} for r in reps}
            if any(kinds - {FaultKind.SLOW_REP} for kinds in alerts.values()):
                continue
            judged = [r for r in reps if not alerts[r.index] and r.metrics.coverage >= LEAST_COVERAGE]
            usual = baseline(judged) if len(judged) >= FEWEST_REPS else None
            if usual is not None and math.isfinite(usual.usual.peak_rad):
                made[done.exercise] = usual
        return made
