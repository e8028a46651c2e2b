"""`lumbar history`: trends of an athlete's exercises over the sessions of the library."""

from __future__ import annotations

import json
import textwrap
from itertools import compress
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from monitor.cli.options import EXERCISE, FILE, KNOWN
from monitor.cli.own_range import own_flexion_deg, profile_option
from monitor.cli.progress import progress
from monitor.cli.tables import WHOLE, table_console
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.history import Bar, Point, Trend, trends
from monitor.model.errors import RecordingError
from monitor.model.exercise import exercise
from monitor.model.red_flag import flag_words
from monitor.progression import history_json, remarks
from monitor.recording.library import Filter, Library
from monitor.reviewed import Reviewed, review
from monitor.wording import capital


@click.command(epilog="Example: lumbar history --exercise squat")
@click.option("--athlete", help="Only this one.")
@click.option(
    "--exercise",
    "exercise_name",
    type=EXERCISE,
    help=f"Only this one: {KNOWN}.",
)
@click.option(
    "--folder", type=FILE, help="Another folder of recordings.  [default: where your sessions are kept]"
)
@profile_option
@click.option("--json", "as_json", is_flag=True, help="Print the trends as JSON.")
def command(
    athlete: str | None,
    exercise_name: str | None,
    folder: Path | None,
    profiles: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Show how load, repetitions, angles, lift-offs, tempo and pain developed.

    Every figure has its error; what is less than that is no change and is not remarked on. Speed is that of
    the way up, at the end of a set against its start: -10 % is slower.
    """
    if folder is not None and not folder.is_dir():
        raise RecordingError(f"{folder} is no folder: name the one that holds the recordings")
    own_deg = own_flexion_deg(profiles)
    sessions, left_out = _sessions(folder, athlete)
    made = trends(sessions, exercise=exercise_name, own_flexion_deg=own_deg)
    if as_json:
        click.echo(json.dumps(history_json(made), indent=1))
    else:
        _show(made)
    for line in left_out:
        click.echo(f"note: {line}", err=True)


def _sessions(folder: Path | None, athlete: str | None) -> tuple[list[Reviewed], list[str]]:
    """Return the readable sessions, and a line on each of the others."""
    config = load_config()
    options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    made, left_out = [], []
    with Library(folder) as library, progress("reading") as bar:
        library.refresh()
        entries = library.sessions(Filter(athlete=athlete))
        for done, entry in enumerate(entries):
            bar.at(done, len(entries))
            try:
                made.append(review(library.folder / entry.name, options))
            except RecordingError as failure:
                left_out.append(str(failure))
    return made, left_out


def _show(made: list[Trend]) -> None:
    console = table_console()
    if not made:
        console.print("no sets yet: record a session, or name another folder")
    for trend in made:
        title = f"{capital(str(exercise(trend.exercise)))}, {trend.athlete}"
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE, padding=(0, 1, 0, 0))
        said = any(point.red_flags for point in trend.points)
        shown = [said or name != "flags" for name in _COLUMNS]
        for name, header in compress(_COLUMNS.items(), shown):
            text = name in ("date", "flags", "found")
            table.add_column(header, justify="left" if text else "right", no_wrap=name not in _WRAPPED)
        for point in trend.points:
            table.add_row(*compress(_row(point), shown))
        whole = console.measure(table, options=console.options.update(max_width=WHOLE)).maximum
        if whole <= console.width:
            console.print(table)
        else:
            console.print(Text(title, "bold"))
            for point in trend.points:
                console.print(Text(_line(point, console.width)))
        for remark in remarks(trend.points):
            console.print(f"{remark}\n")


def _line(point: Point, width: int) -> str:
    """Return a session in words, for a terminal too narrow for the table."""
    date, *figures = _row(point)
    told = [
        f"{header} {text}" for header, text in zip([*_COLUMNS.values()][1:], figures, strict=True) if text
    ]
    return textwrap.fill(f"{date}: {', '.join(told)}", width, subsequent_indent="  ")


_COLUMNS = {
    "date": "date",
    "load": "kg",
    "reps": "sets/reps",
    "tilt": "tilt",
    "flexion": "flexion",
    "lift": "lift-off",
    "tempo": "speed",
    "pain": "pain",
    "flags": "reported",
    "found": "found",
}
"""Headers that fit a terminal of 80 columns; figures are value ±error. Red flags only where there are any."""
_WRAPPED = ("flags", "found")
_SHORT = {
    "lack_of_spinal_support": "support",
    "improper_form": "form",
    "too_much_weight": "weight",
    "poor_core_engagement": "core",
    "underlying_condition": "report",
}
"""Causes of findings in one word."""


def _row(point: Point) -> list[str]:
    flexion = point.flexion_share
    return [
        point.started_at[:10] or point.session,
        "" if point.load_kg is None else f"{point.load_kg:g}",
        f"{point.sets}/{point.reps}",
        _with_error(point.bar("tilt_range_deg")),
        _percent(flexion) if flexion.known else _with_error(point.bar("peak_flexion_deg")),
        _percent(point.lift_off_share),
        _percent(point.speed, "+z"),
        "" if point.pain is None else f"{point.pain:g}",
        "; ".join(map(flag_words, point.red_flags)),
        ", ".join(_SHORT.get(cause, cause) for cause in point.causes),
    ]


def _with_error(bar: Bar) -> str:
    return f"{bar.value:.0f} ±{bar.error:.0f}°" if bar.known else ""


def _percent(bar: Bar, sign: str = "") -> str:
    return f"{100 * bar.value:{sign}.0f} ±{100 * bar.error:.0f}%" if bar.known else ""
