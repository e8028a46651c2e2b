"""One recorded session, opened for review: its curves in degrees and its events. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from monitor.analysis import analyze, with_header
from monitor.config import Config, recorded_with
from monitor.engine import EngineOptions
from monitor.model.samples import UPPER, FloatArray, PostureBlock
from monitor.recording.labels import read_labels
from monitor.recording.reader import Recording, open_recording
from monitor.reviewed import Judged, events_of, judged

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
    session
        What was recorded, said and judged.
    curves
        Of its angles.
    in_force
        The settings the recording was made with, else those of now.
    """

    session: Judged
    curves: Curves
    in_force: EngineOptions


def open_session(
    path: Path,
    options: EngineOptions | None = None,
    progress: Progress = no_progress,
    *,
    anew: bool = False,
) -> Opened:
    """Open a recording for review; as `monitor.reviewed.judged`, with progress in words."""
    progress(-1.0, "reading")
    session = judged(
        open_recording(path), options, anew=anew, progress=lambda share: progress(share, "analysing")
    )
    progress(-1.0, "laying out")
    options = options or EngineOptions()
    now = Config(pipeline=options.pipeline, alerts=options.alerts)
    made = recorded_with(now, session.config, path.name)
    in_force = replace(options, pipeline=made.pipeline, alerts=made.alerts)
    return Opened(session, curves_of(session.posture, session.events), in_force)


def count_events(recording: Recording) -> list[Json]:
    """Return the events of a recording that holds none, as the library counts them."""
    info = read_labels(recording.path).header(recording.info)
    return events_of(analyze(with_header(recording, info)))


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
