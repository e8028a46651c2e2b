"""Messages that must arrive: kept on disk until the broker has confirmed them.

Every waiting message is held in memory, which is the truth while we run; the file mirrors it so
that nothing is lost when the process is killed. A disk that is full or read-only therefore
costs the mirror only: the session goes on and `trouble` says so in one line. One thread owns an
outbox from opening to closing.
"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.alerts.letter_file import LetterFile

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from monitor.alerts.letter import Letter

_log = logging.getLogger(__name__)


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
        self._file: LetterFile | None = None
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

    def sync(self) -> None:
        """Have what was put in survive a power cut as well; takes as long as the disk does."""
        if self._file is not None and not self.trouble:
            try:
                self._file.sync()
            except sqlite3.Error as failed:
                self._give_up(failed)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
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
            self._file = LetterFile(path, self._broker)
            for letter in self._file.load(now_unix_s):
                self._letters[letter.number] = letter
                self._known.add((letter.topic, letter.id))
            self._next = self._file.last_number() + 1
        except (sqlite3.Error, OSError) as failed:
            self._give_up(failed)

    def _save(self) -> None:
        """Bring the file up to date, with what could not be saved before."""
        if self._file is None or not (self._unsaved or self._gone):
            return
        try:
            self._file.save([self._letters[number] for number in sorted(self._unsaved)], self._gone)
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
