"""A session as it is looked at afterwards: what was recorded, corrected by what was said since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibration.errors import CalibrationError
from calibration.profile import Profile
from monitor.analysis import Analysis, analyze, with_header
from monitor.engine import EngineOptions
from monitor.model.as_json import event_json, event_type
from monitor.model.samples import PostureBlock
from monitor.model.session import Annotation, SessionInfo
from monitor.recording.corrected import corrected
from monitor.recording.labels import Labels, read_labels
from monitor.recording.reader import Recording, open_recording

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
        """The calibration profile it ran with last; None without one, or where it makes no sense."""
        text = self.info.made[-1].text if self.info.made else self.info.profile
        try:
            return Profile.from_text(text) if text else None
        except CalibrationError:
            return None

    @property
    def pain(self) -> float | None:
        """The most pain that was said, 0 to 10; None if nothing was said."""
        said = [float(a.value) for a in self.annotations if a.kind == "pain"]
        return max(said, default=None)

    @property
    def red_flags(self) -> tuple[str, ...]:
        """The red flags that were said, each once, in the order in which they were said."""
        return tuple(dict.fromkeys(str(a.value) for a in self.annotations if a.kind == "red_flag"))


def events_of(analysis: Analysis) -> list[Json]:
    """Return the events of an analysis as a recording holds them."""
    return [{"type": event_type(event), **event_json(event)} for event in analysis.events]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A past session before anything said of it since is laid over its events.

    Parameters
    ----------
    path
        The recording; it is only ever read.
    info
        Its header, as recorded.
    labels
        What a person said afterwards, as it lies beside the file.
    events
        The public JSON of each event with its `type`, of the session itself or of an analysis now.
    posture
        Angles.
    annotations
        What a person said meanwhile.
    end_s
        Length in s.
    basis
        Where events and angles come from, in words.
    config
        The settings the session ran with, as the recording holds them.
    warnings
        What the file no longer holds.
    as_told
        True where the events are those of the session itself.
    """

    path: Path
    info: SessionInfo
    labels: Labels
    events: tuple[Json, ...]
    posture: PostureBlock
    annotations: tuple[Annotation, ...]
    end_s: float
    basis: str
    config: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    as_told: bool = True

    def reviewed(self, labels: Labels | None = None) -> Reviewed:
        """Return the session as `labels` correct it; None is those beside the file."""
        labels = self.labels if labels is None else labels
        return Reviewed(
            name=self.path.stem,
            info=labels.header(self.info),
            events=corrected(self.events, labels, self.posture, self.info.exercise.name),
            posture=self.posture,
            annotations=self.annotations,
            labels=labels,
            warnings=self.warnings,
            as_told=self.as_told,
        )


def judged(
    recording: Recording,
    options: EngineOptions | None = None,
    *,
    anew: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Judged:
    """Return what a recording and what lies beside it hold.

    What was told in the session stands. It is analysed now where nothing was told (an import) or
    where another exercise or load is known since.

    Parameters
    ----------
    recording
        The session.
    options
        How it is judged where it is analysed.
    anew
        Analyse it whatever was told.
    progress
        Called with the share of the session analysed, 0 to 1.

    Raises
    ------
    RecordingError
        It is damaged, or what lies beside it is.
    """
    labels = read_labels(recording.path)
    events, posture = recording.events, recording.posture
    as_told = bool(events) and not anew and labels.judges_as(Labels())
    basis = f"as judged during the session by {recording.product}"
    if not as_told:
        info, end_s = labels.header(recording.info), max(recording.end_s, 1e-9)
        told = None if progress is None else lambda now_s: progress(min(1.0, now_s / end_s))
        analysis = analyze(with_header(recording, info), options, progress=told)
        events, posture = events_of(analysis), analysis.posture
        basis = f"judged now as {info.exercise}"
    return Judged(
        path=recording.path,
        info=recording.info,
        labels=labels,
        events=tuple(events),
        posture=posture,
        annotations=recording.annotations,
        end_s=max(recording.end_s, float(posture.t_s[-1]) if len(posture) else 0.0),
        basis=basis,
        config=recording.config,
        warnings=recording.warnings,
        as_told=as_told,
    )


def review(
    path: Path,
    options: EngineOptions | None = None,
    *,
    anew: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Reviewed:
    """Return the recording at `path` as it is looked at afterwards; the rest and errors as of `judged`."""
    return judged(open_recording(path), options, anew=anew, progress=progress).reviewed()
