"""The user's own sessions: where they are kept, what they are called, and an index to find them.

The index is a cache: every row follows from a recording and the labels beside it, so it can be
thrown away at any time and comes back the same.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import platformdirs

from monitor.model.errors import RecordingError
from monitor.recording import recovery
from monitor.recording.in_use import is_held
from monitor.recording.index import Filter, Index
from monitor.recording.labels import Labels, labels_path, read_labels, write_labels
from monitor.recording.summary import Entry, summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from monitor.model.session import SessionInfo
    from monitor.recording.reader import Recording

    Progress = Callable[[int, int], None]

__all__ = ["Entry", "Filter", "Library", "new_recording_path", "recordings_folder"]

FOLDER_VARIABLE = "LUMBAR_RECORDINGS"
"""Environment variable that names another folder."""
SUFFIX = ".mcap"
_INDEX = ".library.sqlite"


def _no_progress(done: int, total: int) -> None:
    """Take no notice."""


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
    folder = _made(recordings_folder() if folder is None else folder)
    when = info.started_at[:19].replace("T", "_").replace(":", "-") or "undated"
    stem = "_".join(_word(part) for part in (when, info.athlete, info.exercise.name))
    path, count = folder / f"{stem}{SUFFIX}", 2
    while path.exists():
        path, count = folder / f"{stem}_{count}{SUFFIX}", count + 1
    return path


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise RecordingError(
            f"{folder} cannot be made: {why}; name another folder in {FOLDER_VARIABLE}"
        ) from failure
    return folder


def _word(text: str) -> str:
    """Return `text` as part of a file name on any system."""
    return re.sub(r"[^\w-]+", "-", text).strip("-")[:40] or "someone"


class Library:
    """The sessions of one folder.

    Parameters
    ----------
    folder
        Where; None is `recordings_folder`. It is made if it is missing.
    analyse
        Returns events for a recording that holds none (an import); None leaves them unknown.
    trash
        Takes a file that is deleted.

    Raises
    ------
    RecordingError
        The folder cannot be made or read.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        analyse: Callable[[Recording], list[dict[str, Any]]] | None = None,
        trash: Callable[[Path], None] = recovery.trash,
    ) -> None:
        self.folder = _made(recordings_folder() if folder is None else folder)
        self._analyse = analyse
        self._trash = trash
        self._index = Index(self.folder / _INDEX)

    def __enter__(self) -> Self:
        """Return the library."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the index."""
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def refresh(self, progress: Progress = _no_progress) -> None:
        """Bring the index up to date with the folder; reads only files that changed.

        Parameters
        ----------
        progress
            Called with the number of files read and to read.
        """
        known, there = self._index.stamps(), {path.name: _stamp(path) for path in self._recordings()}
        for name in known.keys() - there.keys():
            self._index.forget(name)
        # What nobody has counted is counted by who can.
        blank = {e.name for e in self.sessions() if e.sets is None and not e.problem} if self._analyse else ()
        stale = [name for name, stamp in there.items() if known.get(name) != stamp or name in blank]
        for done, name in enumerate(stale):
            progress(done, len(stale))
            self._remember(name)
        progress(len(stale), len(stale))

    def rebuild(self, progress: Progress = _no_progress) -> None:
        """Throw the index away and make it anew from the files."""
        self._index.clear()
        self.refresh(progress)

    def sessions(self, which: Filter | None = None) -> list[Entry]:
        """Return the sessions that pass, newest first."""
        return self._index.entries(which or Filter())

    def path(self, name: str) -> Path:
        """Return the file of a session; RecordingError if it is gone."""
        path = self.folder / name
        if path.parent != self.folder or not path.is_file():
            raise RecordingError(f"{path} is not there any more: refresh the library")
        return path

    def labels(self, name: str) -> Labels:
        """Return what was said about a session."""
        return read_labels(self.path(name))

    def label(self, name: str, labels: Labels) -> None:
        """Keep what was said about a session."""
        write_labels(self.path(name), labels)
        self._remember(name)

    def rename(self, name: str, title: str) -> None:
        """Give a session another title; its file keeps its name."""
        self.label(name, replace(self.labels(name), title=title.strip()))

    def tag(self, name: str, tags: Iterable[str]) -> None:
        """Give a session these tags instead."""
        self.label(name, self.labels(name).tagged(tags))

    def delete(self, name: str) -> None:
        """Move a session and its labels to the trash."""
        path = self.path(name)
        if is_held(path):
            raise RecordingError(f"{path} is being recorded now: stop the session first")
        if labels_path(path).exists():
            self._trash(labels_path(path))
        self._trash(path)
        self._index.forget(name)

    def recover(self, name: str) -> tuple[str, ...]:
        """Close a session that was cut off; return what it no longer holds."""
        lost = recovery.recover(self.path(name), trash=self._trash)
        self._remember(name)
        return lost

    def _recordings(self) -> list[Path]:
        return sorted(p for p in self.folder.glob(f"*{SUFFIX}") if not p.name.startswith("."))

    def _remember(self, name: str) -> None:
        path = self.folder / name
        stamp = _stamp(path)  # before reading: what changes meanwhile is read again next time
        self._index.put(summarise(path, self._analyse), stamp)


def _stamp(path: Path) -> str:
    """Return what changes when a recording, its labels or who writes it change."""
    parts = [str(is_held(path))]
    for file in (path, labels_path(path)):
        with contextlib.suppress(OSError):
            status = file.stat()
            parts.append(f"{status.st_size}@{status.st_mtime_ns}")
    return " ".join(parts)
