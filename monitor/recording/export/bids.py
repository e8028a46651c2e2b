"""BIDS-Motion: a data set of one participant and one session, each sensor a tracking system.

Follows the Motion part of the Brain Imaging Data Structure 1.10 (Jeung et al. 2024, Sci Data 11:716).
"""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor import __version__
from monitor.recording.export.data import IMU_NAMES, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from monitor.recording.export.data import ExportData

_BIDS_VERSION = "1.10.0"
_POINTS = {"lower": "LowerBack", "upper": "ThoracolumbarJunction"}
_MISSING = "n/a"
_ABOUT = """A training session measured with motion sensors worn on the back, exported by lumbar-monitor.

Each sensor has a clock of its own rate; the column latency gives the time of every sample since the
recording onset, and samples lost on the radio are absent. Accelerations are specific force (+9.81 m/s^2
upwards at rest) in the sensor's own frame. The sensors were worn at whatever angle suited the wearer.
"""


def write_bids(data: ExportData, out: Path, progress: Callable[[float], None]) -> None:
    """Write the folder `out` as a BIDS data set."""
    subject = f"sub-{_label(data.info.athlete, 'me')}"
    task = f"{subject}_task-{_label(data.info.exercise.name, 'exercise')}"
    motion = out / subject / "motion"
    motion.mkdir(parents=True)
    described = {
        "Name": data.name,
        "BIDSVersion": _BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "lumbar-monitor", "Version": __version__}],
    }
    _json(out / "dataset_description.json", described)
    (out / "README.md").write_text(_ABOUT, encoding="utf-8")
    _tsv(out / "participants.tsv", [("participant_id",), (subject,)])
    started = data.started()
    onset = started + timedelta(seconds=data.start_s) if started else None
    # BIDS takes local time without an offset.
    stamp = onset.replace(tzinfo=None).isoformat(timespec="microseconds") if onset else _MISSING
    scans = []
    for done, sensor in enumerate(data.imu):
        stem = f"{task}_tracksys-{_label(sensor, 'sensor')}"
        _tracking_system(data, sensor, motion, stem)
        scans.append((f"motion/{stem}_motion.tsv", stamp))
        progress((done + 1) / (len(data.imu) + 1))
    _tsv(out / subject / f"{subject}_scans.tsv", [("filename", "acq_time"), *scans])
    _events(data, motion / f"{task}_events")
    progress(1.0)


def _tracking_system(data: ExportData, sensor: str, folder: Path, stem: str) -> None:
    block, rate_hz = data.imu[sensor], data.rate_hz(sensor)
    table = np.column_stack([block.t_s - data.start_s, block.acc_ms2, block.gyr_rads]).tolist()
    # Microseconds: finer than any sensor's clock, and latencies may not be written as 1e-05.
    _tsv(folder / f"{stem}_motion.tsv", ((f"{row[0]:.6f}", *map(number, row[1:])) for row in table))
    point = _POINTS.get(sensor, sensor)
    channels = [("latency", _MISSING, "LATENCY", point, "s", _MISSING)]
    for name in IMU_NAMES:
        kind, unit = ("ACCEL", "m/s^2") if name.startswith("acc") else ("GYRO", "rad/s")
        channels.append((name, name[-1], kind, point, unit, "sensor"))
    header = ("name", "component", "type", "tracked_point", "units", "reference_frame")
    _tsv(folder / f"{stem}_channels.tsv", [header, *channels])
    frame = {
        "Description": "axes printed on the sensor",
        "RotationRule": "right-hand",
        "RotationOrder": _MISSING,
    }
    levels = {"reference_frame": {"Levels": {"sensor": frame}}}
    _json(folder / f"{stem}_channels.json", levels)
    span_s = float(block.t_s[-1] - block.t_s[0])
    about = {
        "TaskName": data.info.exercise.name,
        "TaskDescription": str(data.info.exercise),
        "SamplingFrequency": rate_hz,
        "SamplingFrequencyEffective": (len(block) - 1) / span_s if span_s else rate_hz,
        "TrackingSystemName": f"{sensor} back sensor",
        "Manufacturer": _MISSING,
        "ManufacturersModelName": data.sensor(sensor).device or _MISSING,
        "RecordingDuration": span_s,
        "TrackedPointsCount": 1,
        "MotionChannelCount": len(channels),
        "ACCELChannelCount": 3,
        "GYROChannelCount": 3,
        "LATENCYChannelCount": 1,
        "MissingValues": _MISSING,
    }
    _json(folder / f"{stem}_motion.json", about)


def _events(data: ExportData, stem: Path) -> None:
    happenings = data.happenings()
    if not happenings:
        return
    rows: list[tuple[str, ...]] = [("onset", "duration", "trial_type", "level", "text")]
    rows += [
        (
            f"{h.start_s - data.start_s:.6f}",
            f"{h.end_s - h.start_s:.6f}",
            h.kind,
            h.level or _MISSING,
            " ".join(h.text.split()) or _MISSING,
        )
        for h in happenings
    ]
    _tsv(stem.with_suffix(".tsv"), rows)
    columns = {
        "trial_type": {"Description": "what happened"},
        "level": {"Description": "how strongly it is past its threshold"},
        "text": {"Description": "what happened, in words"},
    }
    _json(stem.with_suffix(".json"), columns)


def _label(text: str, otherwise: str) -> str:
    """Return `text` as a BIDS label: ASCII letters and digits only."""
    return re.sub(r"[^A-Za-z0-9]", "", text) or otherwise


def _json(path: Path, made: dict[str, Any]) -> None:
    path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tsv(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(
            file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None
        ).writerows(rows)
