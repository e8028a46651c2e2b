"""Simulated sessions as a live run records them: samples, posture, events and what was said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.engine import Engine
from monitor.model.session import Annotation, Delivery
from monitor.recording.writer import RecordingWriter
from monitor.sensors.simulated.source import SimulatedSource


def record(
    path: Path,
    source: SimulatedSource,
    *,
    started_at: str = "",
    athlete: str = "me",
    loads_kg: tuple[float, ...] = (),
    pain: float | None = None,
    closed: bool = True,
) -> Path:
    """Run `source` through the engine into a recording; not `closed`, it is cut off before its end."""
    info = replace(
        source.info, started_at=started_at, athlete=athlete, loads_kg=loads_kg, session_id=path.stem
    )
    writer, engine = RecordingWriter(path), Engine(info)
    writer.begin(info)
    now_s = 0.0
    for item in source.items():
        writer.take((item,), engine.feed((item,)))
        if isinstance(item, Delivery) and len(item.block):
            now_s = float(item.block.t_s[-1])
    if pain is not None:
        said = Annotation(now_s, "pain", pain)
        writer.take((said,), engine.feed((said,)))
    writer.take((), engine.finish())
    if closed:
        writer.end()
    return path
