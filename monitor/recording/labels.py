"""What a person says about a session afterwards, kept beside the recording and never in it.

A `Labels` is a value; every edit makes a new one, and `Edits` is the stack that undo and redo
walk. The recording's own bytes stay as they were.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from monitor.model.errors import ConfigError, RecordingError
from monitor.model.exercise import exercise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from monitor.model.session import SessionInfo

Json = dict[str, Any]

SCHEMA = "lumbar.labels/1"
SUFFIX = ".labels.json"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark, at a time of the session or, with None, on the whole of it."""

    text: str
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding confirmed or rejected; a session holds one finding a cause and set."""

    cause: str
    set_index: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class RepEdit:
    """A repetition as it really was.

    Parameters
    ----------
    rep
        Index of the repetition it corrects; None for one that was missed.
    start_s, turn_s, end_s
        Where it really was; None where it was no repetition at all.
    """

    rep: int | None
    start_s: float | None = None
    turn_s: float | None = None
    end_s: float | None = None

    def __post_init__(self) -> None:
        """Check that the times make a repetition, or that there are none."""
        times = (self.start_s, self.turn_s, self.end_s)
        if times == (None, None, None):
            if self.rep is None:
                raise ConfigError("a missed repetition needs a start, a turn and an end")
        elif self.start_s is None or self.turn_s is None or self.end_s is None:
            raise ConfigError("a repetition needs a start, a turn and an end")
        elif not self.start_s < self.turn_s < self.end_s:
            raise ConfigError(
                f"a repetition starts, turns and ends in this order: "
                f"{self.start_s:.2f}, {self.turn_s:.2f}, {self.end_s:.2f} s do not"
            )

    @property
    def removed(self) -> bool:
        """True where there was no repetition."""
        return self.start_s is None


@dataclass(frozen=True, slots=True)
class Labels:
    """All that was said about a session afterwards."""

    title: str = ""
    tags: tuple[str, ...] = ()
    """Sorted, each once."""
    exercise: str | None = None
    """What was really done; None as recorded."""
    loads_kg: tuple[float, ...] | None = None
    """What was really lifted, one a set; None as recorded."""
    notes: tuple[Note, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    reps: tuple[RepEdit, ...] = ()

    def judges_as(self, other: Labels) -> bool:
        """Return whether a session is judged alike under both: all else is only said about it."""
        return (self.exercise, self.loads_kg) == (other.exercise, other.loads_kg)

    def tagged(self, tags: Iterable[str]) -> Labels:
        """Return labels with these tags instead."""
        return replace(self, tags=tuple(sorted({tag.strip() for tag in tags} - {""})))

    def done_as(self, name: str | None) -> Labels:
        """Return labels that say what was really done; ConfigError names the nearest known exercise."""
        return replace(self, exercise=None if name is None else exercise(name).name)

    def judged(self, cause: str, set_index: int, *, confirmed: bool | None) -> Labels:
        """Return labels that confirm or reject a finding, or with None leave it open again."""
        others = tuple(v for v in self.verdicts if (v.cause, v.set_index) != (cause, set_index))
        mine = () if confirmed is None else (Verdict(cause, set_index, confirmed),)
        return replace(self, verdicts=others + mine)

    def corrected(self, edit: RepEdit) -> Labels:
        """Return labels with one repetition corrected, removed or, without an index, added."""
        others = tuple(e for e in self.reps if edit.rep is None or e.rep != edit.rep)
        return replace(self, reps=(*others, edit))

    def header(self, info: SessionInfo) -> SessionInfo:
        """Return a session's header as a person corrected it."""
        done = info.exercise if self.exercise is None else exercise(self.exercise)
        return replace(
            info, exercise=done, loads_kg=info.loads_kg if self.loads_kg is None else self.loads_kg
        )


@dataclass(frozen=True, slots=True)
class Edits:
    """Labels with their history: the value that undo and redo walk."""

    now: Labels = Labels()
    past: tuple[Labels, ...] = ()
    future: tuple[Labels, ...] = ()

    def do(self, labels: Labels) -> Edits:
        """Return edits with `labels` in force; what was undone before is forgotten."""
        return self if labels == self.now else Edits(labels, (*self.past, self.now))

    def undo(self) -> Edits:
        """Return edits one step back; the same if there is none."""
        if not self.past:
            return self
        return Edits(self.past[-1], self.past[:-1], (self.now, *self.future))

    def redo(self) -> Edits:
        """Return edits one undone step forward; the same if there is none."""
        if not self.future:
            return self
        return Edits(self.future[0], (*self.past, self.now), self.future[1:])


def labels_path(recording: Path) -> Path:
    """Return where the labels of `recording` are kept."""
    return recording.with_name(recording.stem + SUFFIX)


def read_labels(recording: Path) -> Labels:
    """Return what was said about `recording`; nothing if there is no file.

    Raises
    ------
    RecordingError
        The file cannot be read or is not ours; it is left alone.
    """
    path = labels_path(recording)
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Labels()
    except OSError as failure:
        raise RecordingError(
            f"{path} cannot be read: {(failure.strerror or str(failure)).lower()}"
        ) from failure
    except ValueError as failure:
        raise RecordingError(f"{path} is not JSON: mend it or move it away ({failure})") from failure
    try:
        if made.pop("schema") != SCHEMA:
            raise RecordingError(f"{path} was written by another version: update lumbar-monitor")
        return _labels_from(made)
    except (KeyError, TypeError, AttributeError, ValueError, ConfigError) as failure:
        raise RecordingError(f"{path} makes no sense ({failure}): mend it or move it away") from failure


def write_labels(recording: Path, labels: Labels) -> None:
    """Keep `labels` beside `recording`, all or nothing; no labels, no file.

    Raises
    ------
    RecordingError
        The folder cannot be written; what was kept before is still there.
    """
    path = labels_path(recording)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if labels == Labels():
            path.unlink(missing_ok=True)
            return
        text = json.dumps({"schema": SCHEMA, **asdict(labels)}, indent=1, ensure_ascii=False)
        with part.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as failure:
        part.unlink(missing_ok=True)
        why = (failure.strerror or str(failure)).lower()
        raise RecordingError(f"{path} cannot be written: {why}") from failure


def _labels_from(made: Json) -> Labels:
    unknown = made.keys() - {f.name for f in fields(Labels)}
    if unknown:
        raise KeyError(f"unknown {', '.join(sorted(unknown))}")
    loads = made.get("loads_kg")
    return Labels(
        title=str(made.get("title", "")),
        exercise=None if made.get("exercise") is None else exercise(made["exercise"]).name,
        loads_kg=None if loads is None else tuple(float(load) for load in loads),
        notes=tuple(Note(**note) for note in made.get("notes", ())),
        verdicts=tuple(Verdict(**verdict) for verdict in made.get("verdicts", ())),
        reps=tuple(RepEdit(**edit) for edit in made.get("reps", ())),
    ).tagged(made.get("tags", ()))
