"""The library's rows in SQLite: found fast, and never the only place where anything stands."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from monitor.recording.summary import Entry

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_VERSION = 1
"""Of the columns; an index of another version is made anew."""
_COLUMNS = tuple(f.name for f in fields(Entry))
_LISTS = ("tags", "causes", "notes")
_CREATE = f"CREATE TABLE session ({', '.join(_COLUMNS)}, stamp, words, PRIMARY KEY (name))"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sessions to show; the default is all.

    Parameters
    ----------
    words
        Each must occur in file name, title, tags, notes, athlete, exercise or causes, in any case.
    athlete, exercise, tag, cause
        Exactly this one.
    since, until
        Days, both included; a session without a date is outside any.
    """

    words: str = ""
    athlete: str | None = None
    exercise: str | None = None
    tag: str | None = None
    cause: str | None = None
    since: date | None = None
    until: date | None = None


class Index:
    """Entries by file name, each with the stamp of the files it was made from.

    Parameters
    ----------
    path
        The database; made anew if it is missing, of another version or damaged. Where it cannot
        be written the index lives in memory.
    """

    def __init__(self, path: Path) -> None:
        self._database = _connect(path)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def stamps(self) -> dict[str, str]:
        """Return the stamp of every entry by its name."""
        return dict(self._database.execute("SELECT name, stamp FROM session"))

    def put(self, entry: Entry, stamp: str) -> None:
        """Keep an entry."""
        cells = [_cell(getattr(entry, column)) for column in _COLUMNS]
        marks = ", ".join("?" * (len(cells) + 2))
        with self._database:
            self._database.execute(f"REPLACE INTO session VALUES ({marks})", (*cells, stamp, _words(entry)))  # noqa: S608

    def forget(self, name: str) -> None:
        """Drop an entry, if it is there."""
        with self._database:
            self._database.execute("DELETE FROM session WHERE name = ?", (name,))

    def clear(self) -> None:
        """Drop all entries."""
        with self._database:
            self._database.execute("DELETE FROM session")

    def entries(self, which: Filter) -> list[Entry]:
        """Return the entries that pass, newest first."""
        conditions, values = _conditions(which)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._database.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM session{where} ORDER BY started_at DESC, name DESC",  # noqa: S608
            values,
        )
        return [_entry(row) for row in rows]


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _prepared(sqlite3.connect(path))
    except sqlite3.OperationalError:  # read-only, or busy elsewhere: not ours to touch
        return _prepared(sqlite3.connect(":memory:"))
    except sqlite3.DatabaseError:  # damaged: it holds nothing that the recordings do not
        with contextlib.suppress(OSError):
            path.unlink()
    try:
        return _prepared(sqlite3.connect(path))
    except sqlite3.Error:
        return _prepared(sqlite3.connect(":memory:"))


def _prepared(database: sqlite3.Connection) -> sqlite3.Connection:
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        (state,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise sqlite3.DatabaseError(state)
        with database:
            if version != _VERSION:
                database.execute("DROP TABLE IF EXISTS session")
                database.execute(_CREATE)
            database.execute(f"PRAGMA user_version = {_VERSION}")  # fails where nothing can be written
    except sqlite3.Error:
        database.close()
        raise
    return database


def _conditions(which: Filter) -> tuple[list[str], list[Any]]:
    made: list[tuple[str, Any]] = [("instr(words, ?)", word) for word in which.words.casefold().split()]
    made += [
        ("athlete = ?", which.athlete),
        ("exercise = ?", which.exercise),
        ("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", which.tag),
        ("EXISTS (SELECT 1 FROM json_each(causes) WHERE value = ?)", which.cause),
        ("started_at >= ?", which.since and which.since.isoformat()),
        ("started_at <> '' AND substr(started_at, 1, 10) <= ?", which.until and which.until.isoformat()),
    ]
    asked = [(condition, value) for condition, value in made if value is not None]
    return [condition for condition, _ in asked], [value for _, value in asked]


def _words(entry: Entry) -> str:
    parts = (entry.name, entry.title, entry.athlete, entry.exercise, *entry.tags, *entry.causes, *entry.notes)
    text = "\n".join(parts)
    return f"{text}\n{text.replace('_', ' ')}".casefold()


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value


def _entry(row: tuple[Any, ...]) -> Entry:
    made = dict(zip(_COLUMNS, row, strict=True))
    made.update({column: tuple(json.loads(made[column])) for column in _LISTS})
    return Entry(**{**made, "cut": bool(made["cut"])})
