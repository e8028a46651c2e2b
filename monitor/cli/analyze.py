"""`lumbar analyze`: a whole session at once."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from monitor.analysis import Analysis, analysis_json, analyze, angle_table, with_header
from monitor.calibrating import chosen_calibration
from monitor.cli.kept_baselines import named_baselines
from monitor.cli.options import (
    FILE,
    RED_FLAG,
    calibration_options,
    exercise_option,
    load_option,
    open_file,
    overridden,
    unit_options,
)
from monitor.cli.progress import progress
from monitor.cli.whole_file import check_writable, write_text
from monitor.config import load_config
from monitor.console import cause_line
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.model.events import LiftOff, Notice, Rep, SetSummary
from monitor.model.exercise import EXERCISES
from monitor.model.red_flag import RedFlag
from monitor.wording import counted


@click.command(
    epilog="Example: lumbar analyze lower.csv --upper upper.csv --exercise squat --json - --angles angles.csv"
)
@click.argument("source", type=FILE, metavar="REC|LOWER.CSV")
@click.option("--upper", type=FILE, help="CSV of the upper sensor, beside LOWER.CSV.")
@unit_options
@exercise_option
@load_option
@calibration_options
@click.option(
    "--baseline",
    default="recorded",
    show_default=True,
    metavar="recorded|none|REC|CSV|ANALYSIS.json",
    help="A usual session to compare with. recorded: what the recording was compared with. none: its own "
    "first repetitions.",
)
@click.option("--pain", type=click.FloatRange(0, 10), metavar="0-10", help="Pain reported afterwards.")
@click.option(
    "--red-flag",
    "red_flags",
    type=RED_FLAG,
    multiple=True,
    help=f"A sign reported afterwards, once for each: {'; '.join(f'{f} ({f.words})' for f in RedFlag)}.",
)
@click.option("--json", "json_out", metavar="OUT|-", help="Write everything as JSON.")
@click.option("--angles", type=FILE, metavar="OUT.csv", help="Write the angles, a row a sample.")
def command(
    source: Path,
    upper: Path | None,
    acc_unit: str | None,
    gyr_unit: str | None,
    exercise: str | None,
    load_kg: tuple[float, ...] | None,
    calibration: str,
    calibrate_until: float | None,
    baseline: str,
    pain: float | None,
    red_flags: tuple[RedFlag, ...],
    json_out: str | None,
    angles: Path | None,
) -> None:
    """Show repetitions, lift-offs, findings and alerts of a recording or CSV."""
    config = load_config()
    if calibrate_until is not None and calibration not in {"recorded", "auto"}:
        raise ConfigError(f"--calibration {calibration} needs no opening: leave out --calibrate-until")
    for out in (angles, Path(json_out) if json_out not in {None, "-"} else None):
        if out is not None:
            check_writable(out)
    opened, warnings = open_file(source, upper, acc_unit, gyr_unit)
    headed = with_header(opened, overridden(opened.info, exercise, load_kg))
    options = EngineOptions(chosen_calibration(calibration), calibrate_until, config.pipeline, config.alerts)
    options = replace(options, baselines=named_baselines(baseline, headed.info.exercise.name, options))
    with progress("analysing") as bar:
        made = analyze(
            headed, options, warnings=warnings, pain=pain, red_flags=red_flags, progress=bar.at_time
        )
    if angles is not None:
        write_text(angles, _angles_text(made))
    if json_out == "-":
        click.echo(json.dumps(analysis_json(made), indent=1))
    else:
        if json_out is not None:
            write_text(Path(json_out), json.dumps(analysis_json(made), indent=1) + "\n")
        _show(made)


def _angles_text(made: Analysis) -> str:
    names, rows = angle_table(made)
    text = io.StringIO()
    np.savetxt(text, rows, fmt="%.9g", delimiter=",", header=",".join(names), comments="")
    return text.getvalue().replace("nan", "")


def _show(made: Analysis) -> None:
    reps = made.of(Rep)
    done = Counter[str]()
    for one in made.of(SetSummary):
        done[one.exercise] += len(one.reps)
    counts = done or {made.info.exercise.name: 0}
    lines = [", ".join(f"{EXERCISES[name]}: {counted(n, 'repetition')}" for name, n in counts.items())]
    if reps:
        lines += _table(reps, {event.rep: event for event in made.of(LiftOff)})
    lines += [f"set {summary.index}: {summary.summary}" for summary in made.of(SetSummary)]
    lines += map(cause_line, made.findings)
    lines += [f"note: {text}" for text in (*made.warnings, *(notice.text for notice in made.of(Notice)))]
    click.echo("\n".join(lines))


def _table(reps: list[Rep], lifted: dict[int | None, LiftOff]) -> list[str]:
    """Return the repetitions in aligned columns; by hand, since an hour has hundreds of them."""
    rows = [("rep", "set", "start s", "down s", "up s", "tilt deg", "tuck deg", "flexion deg", "noticed")]
    for rep in reps:
        m = rep.metrics
        noticed = [fault.kind.value.replace("_", " ") for fault in rep.faults]
        if rep.index in lifted:
            noticed.append(f"lift-off {np.degrees(lifted[rep.index].peak_rad):.0f} deg")
        flexion = "" if m.peak_flexion_rad is None else f"{np.degrees(m.peak_flexion_rad):.0f}"
        rows.append(
            (
                str(rep.index),
                str(rep.set_index),
                f"{rep.start_s:.1f}",
                f"{rep.eccentric_s:.1f}",
                f"{rep.concentric_s:.1f}",
                f"{np.degrees(m.tilt_range_rad):.0f}",
                f"{np.degrees(m.tuck_rad):.0f}",
                flexion,
                ", ".join(noticed),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return ["  ".join([*map(str.rjust, row, widths), row[-1]]).rstrip() for row in rows]
