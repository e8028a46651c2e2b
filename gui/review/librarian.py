"""The library behind its page: looked through, renamed, tagged, let go and recovered away from the screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.review.session_data import count_events
from gui.review.worker import Progress, Worker
from monitor.recording.library import Filter, Library
from monitor.recording.summary import Entry

Trash = Callable[[Path], None]


class Librarian(QObject):
    """Works on the library on a thread of its own: a long look at it keeps no session from opening.

    Parameters
    ----------
    folder
        Where the sessions are.
    trash
        Takes what is deleted.

    Attributes
    ----------
    changed
        Emitted when something was done, with one line on it; empty for a mere look.
    failed
        Emitted with one line when something could not be done.
    """

    changed = Signal(str)
    failed = Signal(str)

    def __init__(self, folder: Path, trash: Trash, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._trash = folder, trash
        self._index = Library(folder)
        self.worker = Worker(self)

    def sessions(self, wanted: Filter | None = None) -> list[Entry]:
        """Return the sessions that the index knows, newest first."""
        return self._index.sessions(wanted or Filter())

    def path(self, name: str) -> Path:
        """Return where a session is; MonitorError if its name is none."""
        return self._index.path(name)

    def refresh(self) -> None:
        """Bring the index up to date with the folder."""
        self._work("library", lambda library, progress: library.refresh(_counted(progress)))

    def rename(self, name: str, title: str) -> None:
        """Give a session a title."""
        self._work(f"rename {name}", lambda library, _: library.rename(name, title))

    def tag(self, name: str, tags: str) -> None:
        """Give a session these tags, separated by commas."""
        self._work(f"tag {name}", lambda library, _: library.tag(name, tags.split(",")))

    def delete(self, name: str) -> None:
        """Move a session to the trash."""
        self._work(f"delete {name}", lambda library, _: library.delete(name), f"{name} is in the trash now")

    def recover(self, name: str) -> None:
        """Close a session properly that was cut off."""
        said = f"{name} is closed properly now"
        self._work(f"recover {name}", lambda library, _: library.recover(name), said)

    def close(self) -> None:
        """End the thread and let go of the index."""
        self.worker.close()
        self._index.close()

    def _work(self, kind: str, act: Callable[[Library, Progress], Any], said: str = "") -> None:
        def work(progress: Progress) -> int:
            with Library(self._folder, analyse=count_events, trash=self._trash) as library:
                act(library, progress)
                return len(library.sessions())

        self.worker.start(kind, work, partial(self._done, said), self.failed.emit)

    def _done(self, said: str, count: int) -> None:
        if len(self.sessions()) != count:
            self._index.refresh()  # where the folder cannot be written each index lives by itself
        self.changed.emit(said)


def _counted(progress: Progress) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if total:
            progress(done / total, f"looking at session {min(done + 1, total)} of {total}")

    return told
