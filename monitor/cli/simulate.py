"""`lumbar simulate`: a simulated session as a recording or CSV, with its truth."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np
from click.core import ParameterSource

from monitor.cli.whole_file import check_writable, write_text
from monitor.model.errors import ConfigError
from monitor.model.samples import LOWER, UPPER, ImuBlock
from monitor.model.session import Delivery
from monitor.sensors.simulated.exercises import INJECTIONS, MOVEMENTS
from monitor.sensors.simulated.scenario import SimulatedSession, leg_day, simulate
from monitor.sensors.simulated.truth import series_csv
from monitor.wording import counted

_COLUMNS = ("t_s", "acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
_EXERCISES = [*MOVEMENTS, "leg_day"]
_CAUSES = [*INJECTIONS, "none"]


@click.command(
    epilog="Example: lumbar simulate --exercise leg_press --cause lack_of_spinal_support -o press.mcap"
)
@click.option(
    "--exercise",
    required=True,
    type=click.Choice(_EXERCISES),
    metavar="NAME",
    help=f"What the lifter does: {', '.join(_EXERCISES)}.",
)
@click.option(
    "--cause",
    type=click.Choice(_CAUSES),
    metavar="NAME",
    default="none",
    help=f"What goes wrong in it: {', '.join(_CAUSES)}.",
)
@click.option("--sensors", type=click.IntRange(1, 2), default=1, help="1: lower back; 2: and T12/L1.")
@click.option("--reps", type=click.IntRange(1, 100), default=8, show_default=True, help="Repetitions a set.")
@click.option("--sets", type=click.IntRange(1, 20), default=1, show_default=True, help="Sets.")
@click.option("--seed", type=int, default=0, help="The same seed gives the same bytes.")
@click.option("--loss", type=click.FloatRange(0, 0.9), default=0.0, help="Share of packets lost.")
@click.option("--bends", type=click.IntRange(0, 10), default=0, help="Slow bends at the opening.")
@click.option(
    "-o", "--output", "out", required=True, type=click.Path(path_type=Path), help="Recording, or .csv."
)
@click.option("--truth", type=click.Path(path_type=Path), help="JSON of what really happened.")
@click.option("--truth-angles", type=click.Path(path_type=Path), help="CSV of the true angles at 100 Hz.")
def command(
    exercise: str,
    cause: str,
    sensors: int,
    reps: int,
    sets: int,
    seed: int,
    loss: float,
    bends: int,
    out: Path,
    truth: Path | None,
    truth_angles: Path | None,
) -> None:
    """Write a simulated session with its truth.

    With `-o x.csv` the samples are written as CSV (m/s2, rad/s); a second sensor goes to a file
    beside it, named with "upper" for "lower" or with "_upper" added.
    """
    for path in (truth, truth_angles):
        if path is not None:
            check_writable(path)
    if exercise == "leg_day":
        _refuse("leg_day", "cause", "reps", "sets", "loss", "bends")
        session = leg_day(seed, sensors=sensors)
    else:
        session = simulate(
            exercise,
            cause=cause,
            sensors=sensors,
            reps=reps,
            sets=sets,
            seed=seed,
            loss=loss,
            opening_bends=bends,
        )
    written = [out]
    if out.suffix.lower() == ".csv":
        written = _write_csv(out, session)
    else:
        from monitor.recording.writer import write_recording  # noqa: PLC0415  needed for recordings only

        write_recording(out, session.source.info, session.source.items())
    if truth is not None:
        write_text(truth, json.dumps(session.truth.to_json(), indent=1) + "\n")
    if truth_angles is not None:
        write_text(truth_angles, series_csv(session.truth.angles))
    done = session.truth
    click.echo(
        f"wrote {', '.join(map(str, written))}: {done.duration_s:.1f} s, "
        f"{counted(len(done.reps), 'repetition')}, {counted(len(done.lift_offs), 'lift-off')}"
    )


def _refuse(exercise: str, *options: str) -> None:
    """Raise ConfigError if an option was given that `exercise` decides itself."""
    context = click.get_current_context()
    for option in options:
        if context.get_parameter_source(option) is ParameterSource.COMMANDLINE:
            raise ConfigError(f"{exercise} brings its own {option}: leave --{option} away")


def _write_csv(out: Path, session: SimulatedSession) -> list[Path]:
    """Write a table a sensor; return the files."""
    blocks = [i.block for i in session.source.items() if isinstance(i, Delivery) and len(i.block)]
    paths = {s.name: out if s.name == LOWER else _beside(out) for s in session.source.info.sensors}
    for sensor, path in paths.items():
        write_text(path, _table(b for b in blocks if b.sensor == sensor))
    return list(paths.values())


def _beside(lower: Path) -> Path:
    """Return where the upper sensor's samples go."""
    name = lower.name.replace(LOWER, UPPER)
    return lower.with_name(name if name != lower.name else f"{lower.stem}_{UPPER}{lower.suffix}")


def _table(blocks: Iterable[ImuBlock]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for block in blocks:
        table = np.column_stack((block.t_s, block.acc_ms2, block.gyr_rads))
        rows.writerows([f"{value:.6f}" for value in row] for row in table.tolist())
    return text.getvalue()
