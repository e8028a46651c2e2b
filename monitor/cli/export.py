"""`lumbar export`: a recording for another program."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import FILE
from monitor.cli.progress import progress
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.recording.export import FORMATS, export, gather
from monitor.recording.reader import open_recording
from monitor.reviewed import judged


@click.command(epilog="Example: lumbar export monday.mcap --format bids-motion -o monday_bids")
@click.argument("recording", metavar="REC", type=FILE)
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), required=True, help="What to write.")
@click.option("-o", "--output", type=FILE, required=True, metavar="OUT", help="File or, for BIDS, folder.")
def command(recording: Path, kind: str, output: Path) -> None:
    """Write a recording for another program.

    \b
    csv          samples as `lumbar import` takes them; angles and events beside them
    mcap         one JSON message a sample, for Foxglove and PlotJuggler
    bids-motion  a BIDS data set
    sto          orientations for OpenSim's OpenSense
    xdf          streams and markers for LSL tools

    Your corrections are applied; where that takes an analysis, it is made first.
    """  # noqa: D301 - click wants the character, not the two that spell it
    config = load_config()
    with progress("analysing", 1.0) as bar:
        options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
        source = open_recording(recording)
        session = judged(source, options, progress=bar.at)
    data = gather(source, session.labels, posture=session.posture, events=session.events)
    with progress("writing", 1.0) as bar:
        written = export(data, kind, output, bar.at)
    click.echo(f"wrote {', '.join(map(str, written))}")
    for warning in source.warnings:
        click.echo(f"note: {warning}", err=True)
