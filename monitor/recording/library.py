"""The user's own sessions: where they are kept and what they are called."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from monitor.model.errors import RecordingError

if TYPE_CHECKING:
    from monitor.model.session import SessionInfo

FOLDER_VARIABLE = "LUMBAR_RECORDINGS"
"""Environment variable that names another folder."""
SUFFIX = ".mcap"


def recordings_folder() -> Path:
    """Return where sessions are kept: `LUMBAR_RECORDINGS`, or the user's data folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("lumbar-monitor", appauthor=False) / "recordings"


def new_recording_path(info: SessionInfo, folder: Path | None = None) -> Path:
    """Return a name for a new session that is not taken yet, and make its folder.

    Parameters
    ----------
    info
        Its date, athlete and exercise make the name.
    folder
        Where; None is `recordings_folder`.

    Returns
    -------
    Path
        Such as ``2026-03-01_18-30-05_me_leg_press.mcap``.

    Raises
    ------
    RecordingError
        The folder cannot be made.
    """
    folder = recordings_folder() if folder is None else folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise RecordingError(
            f"{folder} cannot be made: {why}; name another folder in {FOLDER_VARIABLE}"
        ) from failure
    when = info.started_at[:19].replace("T", "_").replace(":", "-") or "undated"
    stem = "_".join(_word(part) for part in (when, info.athlete, info.exercise.name))
    path, count = folder / f"{stem}{SUFFIX}", 2
    while path.exists():
        path, count = folder / f"{stem}_{count}{SUFFIX}", count + 1
    return path


def _word(text: str) -> str:
    """Return `text` as part of a file name on any system."""
    return re.sub(r"[^\w-]+", "-", text).strip("-")[:40] or "someone"
