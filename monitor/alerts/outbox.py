"""Messages that must arrive: kept on disk until the broker has confirmed them.

Every waiting message is held in memory, which is the truth while we run; the file mirrors it so
that nothing is lost when the process is killed. A disk that is full or read-only therefore
costs the mirror only: the session goes on and `trouble` says so in one line. One thread owns an
outbox from opening to closing.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the file, kept in SQLite's user_version."""

_LOCK_WAIT_S = 0.2
"""How long to wait for another session to let go of the file before going on without it."""

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


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that waits for the broker's confirmation.

    Parameters
    ----------
    id
        Lets a consumer drop repeats.
    topic, payload, retain
        What is published.
    alert
        Alerts are the last to go when the outbox is full.
    created_unix_s, expires_unix_s
        Wall clock; after the second it is of no use to anyone.
    number
        Place in the outbox; 0 before it was put there.
    """

    id: str
    topic: str
    payload: bytes
    retain: bool
    alert: bool
    created_unix_s: float
    expires_unix_s: float
    number: int = 0


class Outbox:
    """What waits for one broker, in order.

    Parameters
    ----------
    path
        The file; None keeps everything in memory only.
    broker
        Only messages for this broker are taken up from an earlier run.
    now_unix_s
        The wall clock at opening, to drop what expired meanwhile.
    limit
        Messages held at most.
    """

    def __init__(self, path: Path | None, broker: str, now_unix_s: float, limit: int = 10_000) -> None:
        self._broker = broker
        self._limit = limit
        self._letters: dict[int, Letter] = {}
        self._known: set[tuple[str, str]] = set()
        self._unsaved: set[int] = set()
        self._gone: set[int] = set()
        self._next = 1
        self._file: sqlite3.Connection | None = None
        self._path = path
        self.trouble = ""
        """Why messages are not saved on disk, in one line; empty if they are."""
        self.dropped_alerts = 0
        """Alerts given up because more waited than the outbox holds."""
        self.dropped_others = 0
        """Other messages given up for the same reason."""
        if path is not None:
            self._open(path, now_unix_s)

    def __len__(self) -> int:
        """Return how many messages wait."""
        return len(self._letters)

    def put(self, letters: Sequence[Letter]) -> None:
        """Take `letters` in; they are on disk when this returns, unless `trouble` says otherwise."""
        for letter in letters:
            if (letter.topic, letter.id) in self._known:
                continue
            self._known.add((letter.topic, letter.id))
            self._letters[self._next] = replace(letter, number=self._next)
            self._unsaved.add(self._next)
            self._next += 1
        self._save()
        if len(self._letters) > self._limit:
            self._make_room()

    def waiting(self, count: int, without: Collection[int] = ()) -> list[Letter]:
        """Return the `count` oldest messages, leaving out the numbers in `without`."""
        chosen: list[Letter] = []
        for letter in self._letters.values():
            if len(chosen) >= count:
                break
            if letter.number not in without:
                chosen.append(letter)
        return chosen

    def remove(self, numbers: Collection[int]) -> None:
        """Forget messages: confirmed by the broker, or of no more use."""
        for number in numbers:
            letter = self._letters.pop(number, None)
            if letter is not None:
                self._known.discard((letter.topic, letter.id))
                self._unsaved.discard(number)
                self._gone.add(number)
        self._save()

    def expire(self, now_unix_s: float) -> int:
        """Forget what expired before `now_unix_s` and return how many alerts that were."""
        stale = [n for n in self._letters.values() if n.expires_unix_s <= now_unix_s]
        if stale:
            self.remove([n.number for n in stale])
        return sum(n.alert for n in stale)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with suppress(sqlite3.Error):
                self._file.close()
            self._file = None

    def _make_room(self) -> None:
        excess = len(self._letters) - self._limit
        others = [n for n in self._letters.values() if not n.alert][:excess]
        alerts = [n for n in self._letters.values() if n.alert][: excess - len(others)]
        self.remove([n.number for n in (*others, *alerts)])
        self.dropped_others += len(others)
        self.dropped_alerts += len(alerts)
        if alerts:
            _log.warning("outbox full: %d alerts given up, the oldest first", len(alerts))

    def _open(self, path: Path, now_unix_s: float) -> None:
        try:
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
            self._load(now_unix_s)
        except (sqlite3.Error, OSError) as failed:
            self._give_up(failed)

    def _load(self, now_unix_s: float) -> None:
        if self._file is None:
            return
        with self._file:
            self._file.execute("DELETE FROM letter WHERE expires_unix_s <= ?", (now_unix_s,))
        rows = self._file.execute(
            "SELECT id, topic, payload, retain, alert, created_unix_s, expires_unix_s, number"
            " FROM letter WHERE broker = ? ORDER BY number",
            (self._broker,),
        )
        for id_, topic, payload, retain, alert, created_s, expires_s, number in rows:
            letter = Letter(id_, topic, payload, bool(retain), bool(alert), created_s, expires_s, number)
            self._letters[number] = letter
            self._known.add((topic, id_))
        (last,) = self._file.execute("SELECT coalesce(max(number), 0) FROM letter").fetchone()
        self._next = int(last) + 1

    def _save(self) -> None:
        """Bring the file up to date, with what could not be saved before."""
        if self._file is None or not (self._unsaved or self._gone):
            return
        fresh = [self._letters[number] for number in sorted(self._unsaved)]
        try:
            with self._file:
                self._file.executemany("DELETE FROM letter WHERE number = ?", [(n,) for n in self._gone])
                self._file.executemany(_INSERT, [_row(letter, self._broker) for letter in fresh])
        except sqlite3.Error as failed:
            self._give_up(failed)
        else:
            self._unsaved.clear()
            self._gone.clear()
            self.trouble = ""

    def _give_up(self, failed: Exception) -> None:
        """Say why nothing is saved; a file once open is tried again, since space may be freed."""
        reason = str(failed)
        if "locked" in reason:
            reason = "another session uses it"
        elif "full" in reason:
            reason = "the disk is full"
        elif "readonly" in reason or "unable to open" in reason or isinstance(failed, PermissionError):
            reason = "it cannot be written"
        elif isinstance(failed, OSError):
            reason = failed.strerror or reason
        trouble = f"alerts are not saved ({self._path}: {reason}), only sent while connected"
        if trouble != self.trouble:
            _log.warning("%s", trouble)
        self.trouble = trouble


def _row(n: Letter, broker: str) -> tuple[object, ...]:
    sent = (n.topic, n.id, n.payload, n.retain, n.alert)
    return (n.number, broker, *sent, n.created_unix_s, n.expires_unix_s)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file for this thread alone; sqlite3.Error if that is not possible."""
    file = sqlite3.connect(path, timeout=_LOCK_WAIT_S)
    try:
        # Exclusive: a second session sending the same alerts would only double them.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        # Full: an alert that was taken in survives a power cut, not only a killed process.
        file.execute("PRAGMA synchronous = FULL")
        with file:
            file.execute("BEGIN IMMEDIATE")
            (version,) = file.execute("PRAGMA user_version").fetchone()
            if version not in {0, FORMAT}:
                raise sqlite3.OperationalError(f"format {version} is newer than this program")
            file.execute(_TABLE)
            file.execute(f"PRAGMA user_version = {FORMAT}")
    except sqlite3.Error:
        file.close()
        raise
    return file
