"""The library page: which sessions, in which words, and what a filter means. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gui.review.words import count_cell, length_text, share_cell, when_text
from gui.words import CAUSE_TITLE, MISSING, breakable
from monitor.model.events import Cause
from monitor.model.exercise import EXERCISES
from monitor.recording.index import Filter
from monitor.recording.summary import Entry
from monitor.wording import capital, counted

COLUMNS = (
    "Date",
    "Exercise",
    "Title",
    "Athlete",
    "Length",
    "Sets",
    "Reps",
    "Findings",
    "Received",
)
PERIODS = {"Any time": None, "Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90, "Last year": 365}
"""Words to days back from today; None is all."""
ANY = "Any"
_CUT = "cut off, can be recovered"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the filter bar says."""

    words: str = ""
    athlete: str = ANY
    exercise: str = ANY
    tag: str = ANY
    cause: str = ANY
    period: str = "Any time"

    def as_filter(self, today: date) -> Filter:
        """Return it as the library's filter."""
        days = PERIODS[self.period]
        return Filter(
            words=self.words,
            athlete=_one(self.athlete),
            exercise=_one(self.exercise),
            tag=_one(self.tag),
            cause=_one(self.cause),
            since=None if days is None else today - timedelta(days=days),
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in the filter bar: key and words."""

    athletes: tuple[tuple[str, str], ...]
    exercises: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    causes: tuple[tuple[str, str], ...]


def choices(entries: Iterable[Entry]) -> Choices:
    """Return what occurs in the library."""
    entries = list(entries)
    athletes = sorted({e.athlete for e in entries} - {""})
    exercises = sorted({e.exercise for e in entries} - {""})
    tags = sorted({tag for e in entries for tag in e.tags})
    causes = sorted({cause for e in entries for cause in e.causes})
    return Choices(
        athletes=((ANY, "Any athlete"), *((a, a) for a in athletes)),
        exercises=((ANY, "Any exercise"), *((x, exercise_words(x)) for x in exercises)),
        tags=((ANY, "Any tag"), *((t, t) for t in tags)),
        causes=((ANY, "Any finding"), *((c, cause_words(c)) for c in causes)),
    )


def cells(entry: Entry) -> tuple[str, ...]:
    """Return one session as a row of the table, in the order of `COLUMNS`."""
    return (
        when_text(entry.started_at).partition(",")[0],
        exercise_words(entry.exercise) or MISSING,
        entry.title,
        entry.athlete or MISSING,
        length_text(entry.duration_s),
        count_cell(entry.sets),
        count_cell(entry.reps),
        _found(entry),
        share_cell(entry.coverage),
    )


def title_of(entry: Entry) -> str:
    """Return what a session is called: its title, else the stem of its file."""
    return entry.title or entry.name.removesuffix(".mcap")


def about(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Return everything known of a session as pairs of name and words."""
    sensors = {0: MISSING, 1: "one, lower back", 2: "two, lower back and T12/L1"}
    rows = [
        ("Recorded", when_text(entry.started_at)),
        ("Athlete", entry.athlete or MISSING),
        ("Exercise", exercise_words(entry.exercise) or MISSING),
        ("Length", length_text(entry.duration_s)),
        ("Sensors", sensors.get(entry.sensors, str(entry.sensors))),
        ("Sets, reps", f"{count_cell(entry.sets)}, {count_cell(entry.reps)}"),
        ("Samples received", share_cell(entry.coverage)),
        ("Findings", "\n".join(cause_words(c) for c in entry.causes) or "none"),
        ("Notes", "\n".join(entry.notes) or "none"),
        ("File", breakable(entry.name)),
    ]
    return tuple(rows)


def trouble_of(entry: Entry) -> str:
    """Return what is wrong with a file in a sentence; empty if nothing."""
    if entry.cut:
        return f"This session was {_CUT}: {entry.problem}" if entry.problem else f"This session was {_CUT}."
    return entry.problem


def summary_text(shown: Sequence[Entry], total: int) -> str:
    """Return how much is shown, in words."""
    if not total:
        return "No session yet"
    reps = sum(e.reps or 0 for e in shown)
    which = f"{len(shown)} of {total} sessions" if len(shown) != total else counted(total, "session")
    return f"{which}, {counted(reps, 'rep')}"


def exercise_words(name: str) -> str:
    """Return an exercise as a person reads it."""
    words = str(EXERCISES[name]) if name in EXERCISES else name.replace("_", " ")
    return capital(words)


def cause_words(cause: str) -> str:
    """Return a cause as a person reads it."""
    known = {c.value for c in Cause}
    return CAUSE_TITLE[Cause(cause)] if cause in known else cause.replace("_", " ")


def _found(entry: Entry) -> str:
    if entry.problem and entry.reps is None:
        return _CUT if entry.cut else "cannot be read"
    if entry.cut:
        return _CUT
    if entry.reps is None:
        return MISSING
    return ", ".join(cause_words(c).lower() for c in entry.causes) or "none"


def _one(value: str) -> str | None:
    return None if value == ANY else value
