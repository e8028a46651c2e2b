"""A session as it is looked at afterwards: what was recorded, corrected by what was said since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.errors import CalibrationError
from calibration.profile import Profile
from monitor.analysis import Analysis, analyze, with_header
from monitor.engine import EngineOptions
from monitor.model.as_json import event_json, event_type
from monitor.model.samples import PostureBlock
from monitor.model.session import Annotation, SessionInfo
from monitor.recording.labels import Labels, read_labels
from monitor.recording.reader import open_recording

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Reviewed:
    """A past session.

    Parameters
    ----------
    name
        Stem of its file.
    info
        Its header, as corrected.
    events
        The public JSON of each event with its `type`, as corrected.
    posture
        Angles.
    annotations
        What a person said meanwhile.
    labels
        What a person said afterwards.
    warnings
        What the file no longer holds.
    as_told
        True where the events are those of the session itself, False where it was analysed now.
    """

    name: str
    info: SessionInfo
    events: list[Json]
    posture: PostureBlock
    annotations: tuple[Annotation, ...]
    labels: Labels
    warnings: tuple[str, ...]
    as_told: bool

    def of(self, kind: str) -> list[Json]:
        """Return the events of one kind, such as ``"rep"``."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def findings(self) -> list[Json]:
        """The last word on each cause of each set; those a person rejected left out."""
        last = {(e["cause"], e.get("set")): e for e in self.of("finding")}
        return [e for e in last.values() if e.get("verdict") != "rejected"]

    @property
    def profile(self) -> Profile | None:
        """The calibration profile it ran with; None without one, or where it makes no sense."""
        try:
            return Profile.from_text(self.info.profile) if self.info.profile else None
        except CalibrationError:
            return None

    @property
    def pain(self) -> float | None:
        """The most pain that was said, 0 to 10; None if nothing was said."""
        said = [float(a.value) for a in self.annotations if a.kind == "pain"]
        return max(said, default=None)


def events_of(analysis: Analysis) -> list[Json]:
    """Return the events of an analysis as a recording holds them."""
    return [{"type": event_type(event), **event_json(event)} for event in analysis.events]


def review(
    path: Path,
    options: EngineOptions | None = None,
    *,
    anew: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Reviewed:
    """Read a recording and what lies beside it.

    What was told in the session stands. It is analysed now where nothing was told (an import) or
    where another exercise or load is known since.

    Parameters
    ----------
    path
        The recording.
    options
        How it is judged where it is analysed.
    anew
        Analyse it whatever was told.
    progress
        Called with the session time reached in s.

    Raises
    ------
    RecordingError
        It cannot be read.
    """
    recording = open_recording(path)
    labels = read_labels(path)
    events, posture = recording.events, recording.posture
    as_told = bool(events) and not anew and labels.exercise is None and labels.loads_kg is None
    if not as_told:
        analysis = analyze(with_header(recording, labels.header(recording.info)), options, progress=progress)
        events, posture = events_of(analysis), analysis.posture
    return Reviewed(
        name=path.stem,
        info=labels.header(recording.info),
        events=labels.applied(events),
        posture=posture,
        annotations=recording.annotations,
        labels=labels,
        warnings=recording.warnings,
        as_told=as_told,
    )
