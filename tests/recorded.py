"""Simulated sessions as a live run records them: samples, posture, events and what was said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.engine import Engine
from monitor.model.session import Annotation, Delivery
from monitor.recording.writer import RecordingWriter
from monitor.sensors.simulated.source import SimulatedSource

_AT_ONCE = 64
"""Items a batch: some seconds of packets, as a slow machine would take them."""


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
    items, now_s = list(source.items()), 0.0
    for batch in (items[i : i + _AT_ONCE] for i in range(0, len(items), _AT_ONCE)):
        writer.take(batch, engine.feed(batch))
        ends = [i.block.t_s[-1] for i in batch if isinstance(i, Delivery) and len(i.block)]
        now_s = float(max(ends, default=now_s))
    if pain is not None:
        said = Annotation(now_s, "pain", pain)
        writer.take((said,), engine.feed((said,)))
    writer.take((), engine.finish())
    if closed:
        writer.end()
    return path
