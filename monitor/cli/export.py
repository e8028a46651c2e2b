"""`lumbar export`: a recording for another program."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from monitor.analysis import analyze
from monitor.model.as_json import event_json, event_type
from monitor.recording.export import FORMATS, export, gather
from monitor.recording.labels import read_labels
from monitor.recording.reader import open_recording

_FILE = click.Path(path_type=Path)


@click.command(epilog="Example: lumbar export monday.mcap --format bids-motion -o monday_bids")
@click.argument("recording", metavar="REC", type=_FILE)
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), required=True, help="What to write.")
@click.option("-o", "--output", type=_FILE, required=True, metavar="OUT", help="File or, for BIDS, folder.")
def command(recording: Path, kind: str, output: Path) -> None:
    """Write a recording for another program.

    \b
    csv          samples as `lumbar import` takes them; angles and events beside them
    mcap         one JSON message a sample, for Foxglove and PlotJuggler
    bids-motion  a BIDS data set
    sto          orientations for OpenSim's OpenSense
    xdf          streams and markers for LSL tools

    Your corrections are applied; a recording that was never analysed is analysed first.
    """  # noqa: D301 - click wants the character, not the two that spell it
    source = open_recording(recording)
    posture, events = None, None
    if not len(source.posture) and not source.events:
        analysis = analyze(source)
        posture = analysis.posture
        events = [{"type": event_type(event), **event_json(event)} for event in analysis.events]
    data = gather(source, read_labels(recording), posture=posture, events=events)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("writing", total=1.0)
        written = export(data, kind, output, lambda share: bar.update(task, completed=share))
    click.echo(f"wrote {', '.join(map(str, written))}")
    for warning in source.warnings:
        click.echo(f"note: {warning}", err=True)
