"""The file behind an outbox: SQLite, for one process and one thread at a time.

What is saved has been handed to the operating system and survives a killed process at once; `sync`
has it survive a power cut as well. They are two steps since the first takes a tenth of a millisecond
and the second as long as the disk likes: 0.5 ms, often 15, on an alert's way to the lifter.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from monitor.alerts.letter import Letter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the file, kept in SQLite's user_version."""

_LOCK_WAIT_S = 0.2
"""How long to wait for another session to let go of the file before going on without it."""

_CHECKPOINT_PAGES = 4000
"""The log is folded into the file at 16 MB, some five hundred letters: that syncs, too, and is to be rare."""

_TABLE = """
CREATE TABLE IF NOT EXISTS letter (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    broker TEXT NOT NULL, topic TEXT NOT NULL, id TEXT NOT NULL,
    payload BLOB NOT NULL, retain INTEGER NOT NULL, alert INTEGER NOT NULL,
    created_unix_s REAL NOT NULL, expires_unix_s REAL NOT NULL,
    UNIQUE (broker, topic, id)
)
"""

_INSERT = "INSERT OR REPLACE INTO letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM letter WHERE number = ?"


class LetterFile:
    """The letters for one broker in the file `path`, which is made where it is missing.

    A file that is damaged or not ours is set aside.

    Raises
    ------
    sqlite3.Error, OSError
        From any method: the file is in use, the disk full, the folder read-only.
    """

    def __init__(self, path: Path, broker: str) -> None:
        self._broker = broker
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = _connect(path)
        except sqlite3.OperationalError:
            raise  # in use, full, read-only, newer: the file is sound
        except sqlite3.DatabaseError:
            # Not ours or damaged: kept for whoever wants to look, out of the way of the session.
            path.replace(path.with_name(path.name + ".unreadable"))
            _log.warning("outbox %s was not readable and has been set aside", path)
            self._file = _connect(path)

    def load(self, now_unix_s: float) -> list[Letter]:
        """Return what an earlier run left behind, in order, without what expired meanwhile."""
        self._file.execute("DELETE FROM letter WHERE expires_unix_s <= ?", (now_unix_s,))
        rows = self._file.execute(
            "SELECT id, topic, payload, retain, alert, created_unix_s, expires_unix_s, number"
            " FROM letter WHERE broker = ? ORDER BY number",
            (self._broker,),
        )
        return [
            Letter(id_, topic, payload, bool(retain), bool(alert), created_s, expires_s, number)
            for id_, topic, payload, retain, alert, created_s, expires_s, number in rows
        ]

    def last_number(self) -> int:
        """Return the highest number in the file, 0 if it is empty."""
        (last,) = self._file.execute("SELECT coalesce(max(number), 0) FROM letter").fetchone()
        return int(last)

    def save(self, fresh: Sequence[Letter], gone: Collection[int]) -> None:
        """Take in `fresh` letters and forget the numbers `gone`, all of it or nothing."""
        rows = [_row(letter, self._broker) for letter in fresh]
        if len(rows) == 1 and not gone:
            # The usual case: one statement is a transaction of its own, and each statement lets
            # other threads of this process in, who may keep us waiting.
            self._file.execute(_INSERT, rows[0])
            return
        with _transaction(self._file):
            self._file.executemany(_DELETE, [(number,) for number in gone])
            self._file.executemany(_INSERT, rows)

    def sync(self) -> None:
        """Have all that was saved survive a power cut."""
        self._file.execute("PRAGMA synchronous = FULL")
        try:
            # A log is synced up to its end with whatever is written last: the least there is.
            self._file.execute(f"PRAGMA user_version = {FORMAT}")
        finally:
            self._file.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._file.close()


def _row(n: Letter, broker: str) -> tuple[object, ...]:
    sent = (n.topic, n.id, n.payload, n.retain, n.alert)
    return (n.number, broker, *sent, n.created_unix_s, n.expires_unix_s)


@contextmanager
def _transaction(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite has gone back by itself where the disk is full
            file.execute("ROLLBACK")
        raise


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file for this thread alone; sqlite3.Error if that is not possible."""
    file = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)
    try:
        # Exclusive: a second session sending the same alerts would only double them.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        file.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        with _transaction(file):
            (version,) = file.execute("PRAGMA user_version").fetchone()
            if version not in {0, FORMAT}:
                raise sqlite3.OperationalError(f"format {version} is newer than this program")
            file.execute(_TABLE)
            file.execute(f"PRAGMA user_version = {FORMAT}")
    except sqlite3.Error:
        file.close()
        raise
    return file
