"""`lumbar report`: sessions as one HTML file for a physiotherapist or coach."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import FILE
from monitor.cli.own_range import own_flexion_deg, profile_option
from monitor.cli.progress import progress
from monitor.cli.whole_file import check_writable, write_text
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.history import trends
from monitor.model.errors import RecordingError
from monitor.report import report_html
from monitor.reviewed import Reviewed, review
from monitor.wording import counted


@click.command(epilog="Example: lumbar report recordings/squat.mcap -o report.html")
@click.argument("recordings", type=FILE, metavar="REC...", nargs=-1, required=True)
@click.option("-o", "--output", type=FILE, required=True, metavar="OUT.html", help="The file to write.")
@click.option(
    "--history/--no-history",
    default=True,
    show_default=True,
    help="Show the athlete's other sessions in the same folder as trends.",
)
@profile_option
def command(recordings: tuple[Path, ...], output: Path, history: bool, profiles: tuple[Path, ...]) -> None:
    """Write sessions as one HTML file: what was worn, sets, findings with their evidence, pain, history.

    The file needs nothing beside it and prints to two pages a session: open it in any browser.
    """
    check_writable(output)
    config = load_config()
    options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    own_deg = own_flexion_deg(profiles)
    with progress("reading") as bar:
        sessions = [review(path, options) for path in recordings]
        others = _others(recordings) if history else []
        around: list[Reviewed] = []
        athletes = {session.info.athlete for session in sessions}
        for done, path in enumerate(others):
            bar.at(done, len(others))
            try:
                around.append(review(path, options))
            except RecordingError as failure:
                click.echo(f"note: not in the history: {failure}", err=True)
    sessions.sort(key=lambda session: (session.info.started_at, session.name))
    mine = [session for session in (*around, *sessions) if session.info.athlete in athletes]
    write_text(output, report_html(sessions, trends(mine, own_flexion_deg=own_deg)))
    click.echo(f"wrote {output}: {counted(len(sessions), 'session')}")


def _others(recordings: tuple[Path, ...]) -> list[Path]:
    """Return the recordings that lie beside those given."""
    mine = {path.resolve() for path in recordings}
    folders = {path.resolve().parent for path in recordings}
    found = {path for folder in folders for path in folder.glob("*.mcap") if not path.name.startswith(".")}
    return sorted(found - mine)
