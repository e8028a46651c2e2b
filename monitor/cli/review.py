"""`lumbar review`: recorded sessions in a window."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from monitor.cli.options import FILE
from monitor.config import load_config
from monitor.engine import EngineOptions
from monitor.model.errors import MonitorError
from monitor.recording.reader import open_recording


@click.command(epilog="Example: lumbar review recordings/squat.mcap")
@click.argument("recording", type=FILE, metavar="[REC|FOLDER]", required=False)
def command(recording: Path | None) -> None:
    """Find, scrub, correct, compare and judge anew what was recorded.

    Without REC the window shows the library of your sessions, with FOLDER those in it.
    """
    from gui.availability import why_no_window  # noqa: PLC0415 - Qt's room is entered lazily

    config = load_config()
    if recording is not None and not recording.is_dir():
        open_recording(recording)  # a file that cannot be read is told here, not in an empty window
    why = why_no_window()
    if why is not None:
        raise MonitorError(why.replace(" or add --headless", ""))
    from gui.review.app import run_review  # noqa: PLC0415 - Qt is loaded only for a window

    options = EngineOptions(pipeline=config.pipeline, alerts=config.alerts)
    status = run_review(recording, options)
    if status:
        sys.exit(status)
