"""Recorded sessions the tests of the review window share: judged and written as a live run does it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from monitor.engine import Engine
from monitor.model.session import Delivery, SourceItem
from monitor.recording.writer import RecordingWriter, write_recording
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

_FOLDER = tempfile.TemporaryDirectory(prefix="review-sessions-")


def put(folder: Path, name: str, kind: str) -> Path:
    """Copy a session of a kind into `folder`; made once a test run."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(_made(kind), folder / f"{name}.mcap"))


@cache
def _made(kind: str) -> Path:
    path = Path(_FOLDER.name) / f"{kind}.mcap"
    session, header, judged = _KINDS[kind]()
    info = replace(session.source.info, **header)
    if not judged:
        write_recording(path, info, session.source.items())
        return path
    writer, engine = RecordingWriter(path), Engine(info)
    writer.begin(info)
    batch: list[SourceItem] = []
    for item in session.source.items():
        batch.append(item)
        if isinstance(item, Delivery) and len(batch) > 40:
            writer.take(tuple(batch), engine.feed(batch))
            batch = []
    writer.take(tuple(batch), engine.feed(batch))
    writer.take((), engine.finish())
    writer.end()
    return path


def _press() -> tuple[SimulatedSession, dict[str, object], bool]:
    made = simulate("leg_press", cause="lack_of_spinal_support", reps=6, sets=2, seed=3)
    header = {"started_at": "2026-11-20T17:05:00+01:00", "athlete": "me", "loads_kg": (120.0, 140.0)}
    return made, header, True


def _squat() -> tuple[SimulatedSession, dict[str, object], bool]:
    made = simulate("squat", reps=5, sets=2, seed=1)
    return made, {"started_at": "2026-11-21T09:10:00+01:00", "athlete": "guest", "loads_kg": (60.0,)}, True


def _imported() -> tuple[SimulatedSession, dict[str, object], bool]:
    made = simulate("squat", reps=5, sets=1, seed=1)
    return made, {"started_at": "2026-11-14T09:10:00+01:00", "athlete": "guest", "loads_kg": (60.0,)}, False


_KINDS = {"press": _press, "squat": _squat, "imported": _imported}
