"""MCAP with one JSON message a sample: what Foxglove and PlotJuggler draw without a plug-in."""

from __future__ import annotations

import heapq
import json
import math
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from mcap.writer import CompressionType, Writer

from monitor import __version__
from monitor.recording import layout
from monitor.recording.export.data import IMU_NAMES, degrees_of, happening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.model.samples import ImuBlock
    from monitor.recording.export.data import ExportData

_NUMBER = {"type": "number"}
_TIME = {"type": "object", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}
# The field names and levels of foxglove.Log are Foxglove's own.
_LOG = {"timestamp": _TIME, "level": {"type": "integer"}, "message": {"type": "string"}}
_LOG |= {"name": {"type": "string"}, "file": {"type": "string"}, "line": {"type": "integer"}}
_LEVELS = {"caution": 3, "alert": 4}
_INFO = 2
_PROGRESS_EVERY = 2000

Message = tuple[float, str, dict[str, Any]]


def write_mcap(data: ExportData, out: Path, progress: Callable[[float], None]) -> None:
    """Write samples, angles in degrees, events and a log to `out`.

    Time stamps are wall clock where the recording knows it, otherwise session time.
    """
    started = data.started()
    origin_ns = round(started.timestamp() * 1e9) if started else 0
    start_s = data.start_s
    end_s = max(float(block.t_s[-1]) for block in data.imu.values())
    with out.open("wb") as stream:
        writer = Writer(stream, compression=CompressionType.ZSTD)
        writer.start(library=f"lumbar-monitor {__version__}")
        channels = _channels(writer, data)
        streams = [_samples(sensor, block) for sensor, block in data.imu.items()]
        streams += [_angles(data), _events(data), _log(data)]
        for count, (at_s, topic, made) in enumerate(heapq.merge(*streams, key=itemgetter(0))):
            at_ns = max(0, origin_ns + round(at_s * 1e9))
            if topic == "/log":
                made["timestamp"] = {"sec": at_ns // 10**9, "nsec": at_ns % 10**9}
            writer.add_message(channels[topic], at_ns, layout.to_json(made), at_ns)
            if count % _PROGRESS_EVERY == 0:
                progress(min(1.0, (at_s - start_s) / max(end_s - start_s, 1e-9)))
        writer.finish()  # type: ignore[no-untyped-call]
    progress(1.0)


def _channels(writer: Writer, data: ExportData) -> dict[str, int]:
    numbers = dict.fromkeys(("t_s", *IMU_NAMES), _NUMBER)
    angles = dict.fromkeys(("t_s", *degrees_of(data.posture)), _NUMBER)
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        layout.imu_topic(sensor): ("lumbar.Imu", numbers) for sensor in data.imu
    }
    kinds |= {
        "/posture": ("lumbar.Posture", angles),
        "/events": ("lumbar.Event", {}),
        "/log": ("foxglove.Log", _LOG),
    }
    made = {}
    for topic, (name, properties) in kinds.items():
        text = json.dumps({"title": name, "type": "object", "properties": properties})
        schema = writer.register_schema(name, "jsonschema", text.encode())
        made[topic] = writer.register_channel(topic, "json", schema)
    return made


def _samples(sensor: str, block: ImuBlock) -> Iterator[Message]:
    topic, names = layout.imu_topic(sensor), ("t_s", *IMU_NAMES)
    for row in np.column_stack([block.t_s, block.acc_ms2, block.gyr_rads]).tolist():
        yield row[0], topic, dict(zip(names, row, strict=True))


def _angles(data: ExportData) -> Iterator[Message]:
    columns = {"t_s": data.posture.t_s, **degrees_of(data.posture)}
    for row in np.column_stack(list(columns.values())).tolist():
        # An unknown angle is left out: a null would be drawn as a zero.
        yield (
            row[0],
            "/posture",
            {name: value for name, value in zip(columns, row, strict=True) if not math.isnan(value)},
        )


def _events(data: ExportData) -> Iterator[Message]:
    timed = [(happening(event).start_s, event) for event in data.events]
    for at_s, event in sorted(timed, key=itemgetter(0)):
        yield at_s, "/events", dict(event)


def _log(data: ExportData) -> Iterator[Message]:
    for h in data.happenings():
        level = _LEVELS.get(h.level, _INFO)
        yield h.start_s, "/log", {"level": level, "message": h.text, "name": h.kind, "file": "", "line": 0}
