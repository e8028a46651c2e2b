"""One recorded session, opened for review: its curves in degrees and its events. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from monitor.analysis import analyze, with_header
from monitor.engine import EngineOptions
from monitor.model.samples import UPPER, FloatArray, PostureBlock
from monitor.model.session import Annotation, SessionInfo
from monitor.recording.labels import Labels, read_labels
from monitor.recording.reader import Recording, open_recording
from monitor.reviewed import Reviewed, events_of

Json = dict[str, Any]
Progress = Callable[[float, str], None]

_BIN_S: Final = 1.0
"""Coverage is shown a second at a time: a notification carries a tenth of that or less."""
_GRID_HZ: Final = 100.0


def no_progress(share: float, words: str) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What the plots draw; angles in deg, rates in deg/s.

    Parameters
    ----------
    t_s
        (N,) times of the grid.
    tilt, flexion, flexion_sigma, tilt_rate, twist_rate
        (N,) values; NaN where nothing is known.
    bin_s
        (M + 1,) edges of the coverage bins.
    coverage
        (M,) share of the samples received, 0 to 1, the worse of the sensors.
    """

    t_s: FloatArray
    tilt: FloatArray
    flexion: FloatArray
    flexion_sigma: FloatArray
    tilt_rate: FloatArray
    twist_rate: FloatArray
    bin_s: FloatArray
    coverage: FloatArray

    @property
    def has_flexion(self) -> bool:
        """Whether lumbar flexion is known anywhere."""
        return bool(np.isfinite(self.flexion).any())


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A session as it lies before a reviewer.

    Parameters
    ----------
    path
        The recording; it is only ever read.
    info
        Its header, as recorded.
    labels
        What was said about it when it was opened.
    posture, curves, events
        From the recording, or from an analysis of it now; events without the labels.
    annotations
        What was said during the session.
    end_s
        Length in s.
    basis
        Where curves and events come from, in words.
    warnings
        What the file no longer holds.
    as_told
        True where the events are those of the session itself.
    """

    path: Path
    info: SessionInfo
    labels: Labels
    posture: PostureBlock
    curves: Curves
    events: tuple[Json, ...]
    annotations: tuple[Annotation, ...]
    end_s: float
    basis: str
    warnings: tuple[str, ...] = ()
    as_told: bool = True

    def reviewed(self, labels: Labels) -> Reviewed:
        """Return the session as `labels` correct it, for what looks at sessions as a whole."""
        return Reviewed(
            name=self.path.stem,
            info=labels.header(self.info),
            events=labels.applied(self.events),
            posture=self.posture,
            annotations=self.annotations,
            labels=labels,
            warnings=self.warnings,
            as_told=self.as_told,
        )


def needs_analysis(before: Labels, after: Labels) -> bool:
    """Return whether a correction changes what is judged, not only what is said about it."""
    return (before.exercise, before.loads_kg) != (after.exercise, after.loads_kg)


def open_session(
    path: Path,
    options: EngineOptions | None = None,
    progress: Progress = no_progress,
    *,
    anew: bool = False,
) -> Opened:
    """Open a recording for review.

    Parameters
    ----------
    path
        The file.
    options
        How it is judged where it has to be analysed.
    progress
        Told the share done and what is going on.
    anew
        Analyse it even if the recording holds angles and events. It is analysed anyway where it
        holds none, or where a person corrected the exercise or the load.

    Raises
    ------
    MonitorError
        The file or the labels beside it cannot be read.
    """
    progress(-1.0, "reading")
    recording = open_recording(path)
    labels = read_labels(path)
    posture, events = recording.posture, recording.events
    as_told = not (anew or needs_analysis(Labels(), labels)) and bool(events) and len(posture) > 0
    basis = f"as judged during the session by {recording.product}"
    if not as_told:
        end_s = max(recording.end_s, 1e-9)
        info = labels.header(recording.info)
        made = analyze(with_header(recording, info), options, progress=partial(_tell, progress, end_s))
        posture, events = made.posture, events_of(made)
        basis = f"judged now as {info.exercise}"
    progress(-1.0, "laying out")
    return Opened(
        path=path,
        info=recording.info,
        labels=labels,
        posture=posture,
        curves=curves_of(posture, events),
        events=tuple(events),
        annotations=recording.annotations,
        end_s=max(recording.end_s, float(posture.t_s[-1]) if len(posture) else 0.0),
        basis=basis,
        warnings=recording.warnings,
        as_told=as_told,
    )


def count_events(recording: Recording) -> list[Json]:
    """Return the events of a recording that holds none, as the library counts them."""
    info = read_labels(recording.path).header(recording.info)
    return events_of(analyze(with_header(recording, info)))


def _tell(progress: Progress, end_s: float, now_s: float) -> None:
    progress(min(1.0, now_s / end_s), f"analysing, {now_s / 60:.0f} of {end_s / 60:.0f} min")


def curves_of(posture: PostureBlock, events: Sequence[Json]) -> Curves:
    """Return the curves of posture rows; gaps of the upper sensor come from the events."""
    tilt = np.degrees(posture.pelvic_tilt_rad)
    rate = np.gradient(tilt, 1.0 / _GRID_HZ) if len(tilt) > 1 else np.zeros(len(tilt))
    bin_s, coverage = _coverage(posture, events)
    return Curves(
        t_s=posture.t_s,
        tilt=tilt,
        flexion=np.degrees(posture.lumbar_flexion_rad),
        flexion_sigma=np.degrees(posture.lumbar_flexion_sigma_rad),
        tilt_rate=rate,
        twist_rate=np.degrees(posture.twist_rate_rads),
        bin_s=bin_s,
        coverage=coverage,
    )


def _coverage(posture: PostureBlock, events: Sequence[Json]) -> tuple[FloatArray, FloatArray]:
    if not len(posture):
        return np.zeros(1), np.empty(0)
    begin_s = math.floor(posture.t_s[0])
    count = max(1, math.ceil((posture.t_s[-1] - begin_s + 1e-9) / _BIN_S))
    edges = begin_s + _BIN_S * np.arange(count + 1)
    place = np.minimum(((posture.t_s - begin_s) / _BIN_S).astype(np.int64), count - 1)
    rows = np.bincount(place, minlength=count)
    present = np.bincount(place, weights=posture.present, minlength=count)
    coverage = np.divide(present, rows, out=np.zeros(count), where=rows > 0)
    for gap in events:
        if gap["type"] == "gap" and gap["sensor"] == UPPER:
            lost = np.clip(
                np.minimum(edges[1:], gap["end_s"]) - np.maximum(edges[:-1], gap["start_s"]), 0, None
            )
            coverage = np.minimum(coverage, 1.0 - lost / _BIN_S)
    return edges, coverage
