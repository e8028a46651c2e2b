"""One line about a recording, from its file and the labels beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.model.errors import RecordingError
from monitor.model.samples import LOWER
from monitor.model.session import Delivery
from monitor.recording.corrected import corrected
from monitor.recording.in_use import is_held
from monitor.recording.labels import Labels, read_labels
from monitor.recording.reader import open_recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor.recording.reader import Recording

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in the library.

    Parameters
    ----------
    name
        Name of its file, the key.
    started_at
        ISO 8601 with offset; empty if unknown.
    title
        What the user calls it; empty if nothing.
    tags
        Sorted.
    athlete, exercise
        Who did what; the exercise as corrected.
    sensors
        How many.
    duration_s
        Session time.
    sets, reps
        Counted, as corrected; None where nobody has counted.
    causes
        Of its findings, those rejected left out; sorted, each once.
    coverage
        Share of the lower sensor's samples that were received; None if there are none.
    notes
        Texts of the notes, one line each.
    problem
        What is wrong with the file, in one line; empty if nothing.
    cut
        It was cut off and can be recovered.
    """

    name: str
    started_at: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    athlete: str = ""
    exercise: str = ""
    sensors: int = 0
    duration_s: float = 0.0
    sets: int | None = None
    reps: int | None = None
    causes: tuple[str, ...] = ()
    coverage: float | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""
    cut: bool = False


def summarise(path: Path, analyse: Callable[[Recording], list[Json]] | None = None) -> Entry:
    """Return the entry of one recording; one that cannot be read has a `problem`.

    Parameters
    ----------
    path
        The recording.
    analyse
        Returns events for a recording that holds none.
    """
    held = is_held(path)
    try:
        recording = open_recording(path)
        problem = "being recorded now" if held else "; ".join(recording.warnings)
        try:
            labels = read_labels(path)
        except RecordingError as failure:
            labels, problem = Labels(), "; ".join(filter(None, (problem, str(failure))))
        told = recording.events if labels.judges_as(Labels()) else []
        able = analyse is not None and not held
        events = told or (analyse(recording) if analyse is not None and able else recording.events)
        coverage = _coverage(recording)
    except RecordingError as failure:
        return Entry(path.name, problem=str(failure))
    counted, events = able or bool(events), corrected(events, labels)
    info = recording.info
    return Entry(
        name=path.name,
        started_at=info.started_at,
        title=labels.title,
        tags=labels.tags,
        athlete=info.athlete,
        exercise=labels.exercise or info.exercise.name,
        sensors=len(info.sensors),
        duration_s=recording.end_s,
        sets=_count(events, "set") if counted else None,
        reps=_count(events, "rep") if counted or labels.reps else None,
        causes=tuple(sorted(_causes(events))),
        coverage=coverage,
        notes=tuple(note.text for note in labels.notes),
        problem=problem,
        cut=not recording.closed and not held,
    )


def _count(events: list[Json], kind: str) -> int:
    return sum(event["type"] == kind for event in events)


def _causes(events: list[Json]) -> set[str]:
    """Return the causes that stand; of one cause and set the last word counts."""
    last = {(e["cause"], e.get("set")): e for e in events if e["type"] == "finding"}
    return {cause for (cause, _), event in last.items() if event.get("verdict") != "rejected"}


def _coverage(recording: Recording) -> float | None:
    if len(recording.posture):
        return float(np.mean(recording.posture.present))
    if any(s.name == LOWER and not s.loss_counted for s in recording.info.sensors):
        return None
    blocks = [i.block for i in recording.items() if isinstance(i, Delivery) and i.block.sensor == LOWER]
    samples, lost = sum(map(len, blocks)), sum(b.lost_before for b in blocks)
    return samples / (samples + lost) if samples else None
