"""`lumbar batch`: many recordings to one table of repetitions and one of findings."""

from __future__ import annotations

import logging
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from monitor.cli.options import FILE
from monitor.cli.progress import progress
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.wording import counted

_SHOWN = 20


@click.command(epilog="Example: lumbar batch recordings -o tables")
@click.argument("folder", type=FILE, metavar="FOLDER")
@click.option("-o", "--output", type=FILE, required=True, metavar="OUT", help="Folder for the tables.")
@click.option(
    "--scheduler",
    default="local",
    show_default=True,
    metavar="local|tcp://HOST:PORT",
    help="Processes of this machine, or a dask cluster that sees FOLDER under the same path.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes of `local`.  [default: one a core]")
def command(folder: Path, output: Path, scheduler: str, workers: int | None) -> None:
    """Analyse every recording in FOLDER and below.

    \b
    reps.parquet      a row a repetition
    findings.parquet  a row a finding
    files.parquet     a row a recording: what is wrong with it, what came of it

    Stopped half way, the same command goes on where it was; later it analyses only what is new or
    changed. A recording that cannot be read is listed and stops nothing.
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        from monitor.batch import cluster, recordings_in, run_batch  # noqa: PLC0415  heavy, and an extra
    except ImportError as absent:
        raise ConfigError(
            f"lumbar batch needs {absent.name}: pip install 'lumbar-monitor[batch]'"
        ) from absent
    if scheduler != "local" and workers is not None:
        raise ConfigError("--workers is for --scheduler local: a cluster has its own")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    config = load_config()
    options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    recordings_in(folder)  # what is wrong with the command is said before anything starts
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output} is a file: name a folder for the tables")
    columns = (TextColumn("analysing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress("", None, *columns) as bar, cluster(scheduler, workers) as client:
        made = run_batch(folder, output, client, options, progress=bar.at)
    kept = f", {made.kept} kept from before" if made.kept else ""
    click.echo(
        f"wrote {output}: {counted(made.analysed, 'recording')} analysed{kept}, "
        f"{counted(made.rows['reps'], 'repetition')}, {counted(made.rows['findings'], 'finding')}"
    )
    for name, why in list(made.problems.items())[:_SHOWN]:
        click.echo(f"note: {name}: {why}", err=True)
    if len(made.problems) > _SHOWN:
        click.echo(f"note: {len(made.problems) - _SHOWN} more in files.parquet", err=True)
