"""A session laid out flat, as other programs want it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.model.errors import RecordingError
from monitor.model.samples import ImuBlock, PostureBlock, SensorInfo
from monitor.model.session import Annotation, Delivery, SessionInfo
from monitor.recording.corrected import corrected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.recording.labels import Labels
    from monitor.recording.reader import Recording

Json = dict[str, Any]

IMU_NAMES = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as a row: `end_s` is `start_s` where it has no length."""

    start_s: float
    end_s: float
    kind: str
    text: str
    level: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ExportData:
    """Everything of a session.

    Parameters
    ----------
    name
        What to call it.
    info
        Its header.
    imu
        All samples by sensor, the lower first.
    posture
        Angles; no rows where nobody has analysed it.
    events
        As in the recording, corrected.
    annotations
        What a person said meanwhile.
    """

    name: str
    info: SessionInfo
    imu: dict[str, ImuBlock]
    posture: PostureBlock
    events: list[Json]
    annotations: tuple[Annotation, ...]

    @property
    def start_s(self) -> float:
        """Time of the first sample in s."""
        return min(float(block.t_s[0]) for block in self.imu.values())

    def sensor(self, name: str) -> SensorInfo:
        """Return what is known of a sensor."""
        return next((s for s in self.info.sensors if s.name == name), SensorInfo(name))

    def rate_hz(self, sensor: str) -> float:
        """Return the announced sample rate of a sensor, or the usual one if none was announced."""
        steps = np.diff(self.imu[sensor].t_s)
        return self.sensor(sensor).rate_hz or (1.0 / float(np.median(steps)) if len(steps) else 0.0)

    def started(self) -> datetime | None:
        """Return the wall clock at session time 0; None if unknown."""
        try:
            return datetime.fromisoformat(self.info.started_at)
        except ValueError:
            return None

    def happenings(self) -> list[Happening]:
        """Return events and what was said, in order of their beginning."""
        said = [Happening(a.time_s, a.time_s, "annotation", f"{a.kind}: {a.value}") for a in self.annotations]
        return sorted([*map(happening, self.events), *said], key=lambda h: (h.start_s, h.end_s))


def gather(
    recording: Recording,
    labels: Labels,
    *,
    posture: PostureBlock | None = None,
    events: Sequence[Json] | None = None,
) -> ExportData:
    """Lay out a recording.

    Parameters
    ----------
    recording
        The session.
    labels
        What was said about it; corrects events and header.
    posture, events
        Of a later analysis, instead of those recorded; None takes the recorded ones.

    Raises
    ------
    RecordingError
        There are no samples, or the recording is damaged.
    """
    blocks: dict[str, list[ImuBlock]] = {}
    annotations = []
    for item in recording.items():
        if isinstance(item, Delivery) and len(item.block):
            blocks.setdefault(item.block.sensor, []).append(item.block)
        elif isinstance(item, Annotation):
            annotations.append(item)
    if not blocks:
        raise RecordingError(f"{recording.path} holds no samples: there is nothing to export")
    angles = recording.posture if posture is None else posture
    info = recording.info
    return ExportData(
        name=recording.path.stem,
        info=labels.header(info),
        imu={sensor: _joined(blocks[sensor]) for sensor in sorted(blocks)},
        posture=angles,
        events=corrected(recording.events if events is None else events, labels, angles, info.exercise.name),
        annotations=tuple(annotations),
    )


def _joined(blocks: list[ImuBlock]) -> ImuBlock:
    return ImuBlock(
        np.concatenate([b.t_s for b in blocks]),
        np.concatenate([b.acc_ms2 for b in blocks]),
        np.concatenate([b.gyr_rads for b in blocks]),
        blocks[0].sensor,
        sum(b.lost_before for b in blocks),
    )


def happening(event: Json) -> Happening:
    """Return one event as a row."""
    starts = (event.get(key) for key in ("start_s", "time_s", "decided_s"))
    start_s = next((float(value) for value in starts if value is not None), 0.0)
    end_s = event.get("end_s")
    return Happening(
        start_s,
        start_s if end_s is None else float(end_s),
        event["type"],
        _text(event),
        event.get("level", ""),
    )


def _text(event: Json) -> str:  # noqa: PLR0911  one sentence a kind
    match event["type"]:
        case "rep":
            return f"repetition {event['index']}"
        case "set":
            return f"set {event['index']}: {event['summary']}"
        case "finding":
            verdict = f" ({event['verdict']})" if "verdict" in event else ""
            return f"{event['cause']}{verdict}: {'; '.join(event['evidence'])}"
        case "lift_off":
            return f"lift-off, {event['peak_deg']:.0f} deg"
        case "gap":
            return f"{event['sensor']} sensor: no samples"
        case "calibrated":
            return f"calibration {event['kind']}, {event['quality']}"
        case _:
            words = event.get("text") or event.get("kind") or event["type"]
            return str(words).replace("_", " ")


def degrees_of(posture: PostureBlock) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return the angles people look at, in degrees, by the names of the public JSON."""
    return {
        "pelvic_tilt_deg": np.degrees(posture.pelvic_tilt_rad),
        "pelvic_tilt_sigma_deg": np.degrees(posture.pelvic_tilt_sigma_rad),
        "side_tilt_deg": np.degrees(posture.side_tilt_rad),
        "twist_rate_dps": np.degrees(posture.twist_rate_rads),
        "lumbar_flexion_deg": np.degrees(posture.lumbar_flexion_rad),
        "lumbar_flexion_sigma_deg": np.degrees(posture.lumbar_flexion_sigma_rad),
        "upper_tilt_deg": np.degrees(posture.upper_tilt_rad),
    }


def number(value: float) -> str:
    """Return a number that reads back exactly; nothing for an unknown one."""
    return "" if math.isnan(value) else repr(value)
