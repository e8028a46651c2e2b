"""A session on a disk that is full or read-only: said in one line, and all that can go on goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from listener import Listener
from mosquitto import Mosquitto, free_port, mosquitto, needs_mosquitto

from monitor.alerts.mqtt_sink import MqttSink
from monitor.analysis import analyze
from monitor.model.as_json import event_json, event_type
from monitor.model.events import Alert, Event, Notice, Rep
from monitor.model.session import Output, SessionInfo, Sink, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import SimulatedSession, simulate
from monitor.session import Session

__all__ = ["mosquitto"]

SMALL = 1024 * 1024
"""Bytes of a disk that takes an outbox and some repetitions."""


class Disk:
    """A small disk of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Use up all that is left."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(1024))
            except OSError:
                return

    def lock(self) -> None:
        """Make it read-only."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or os.name != "posix":
        pytest.skip("no mount here, which makes a small disk")
    made = subprocess.run(words, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("a small disk can only be made by root on Linux")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Seen:
    """A sink that keeps the events, and may do something at the first repetition."""

    name = "seen"

    def __init__(self, at_first_rep: object = None) -> None:
        self.events: list[Event] = []
        self._at_first_rep = at_first_rep

    def begin(self, info: SessionInfo) -> None:
        """Nothing to begin."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        self.events += output.events
        if callable(self._at_first_rep) and any(isinstance(e, Rep) for e in output.events):
            then, self._at_first_rep = self._at_first_rep, None
            then()

    def end(self) -> None:
        """Nothing to end."""


@pytest.fixture(scope="module")
def pressed() -> SimulatedSession:
    return simulate("leg_press", cause="lack_of_spinal_support", seed=5)


def run(made: SimulatedSession, sinks: Sequence[Sink], recording: Path) -> Session:
    session = Session(Paced(made.source, None), None, sinks, RecordingWriter(recording))
    asyncio.run(session.run(asyncio.Event()))
    return session


def is_whole(recording: Path, made: SimulatedSession) -> None:
    """Check that nothing is missing from `recording`: samples, notifications, events."""
    kept, expected = open_recording(recording), analyze(made.source)
    assert kept.warnings == ()
    assert kept.events == [{"type": event_type(e), **event_json(e)} for e in expected.events]
    assert analyze(kept).events == expected.events


@pytest.mark.parametrize("trouble", ["full from the start", "full on the way", "read-only"])
def test_an_outbox_that_cannot_be_written_costs_nothing_but_itself(
    trouble: str, disk: Disk, tmp_path: Path, pressed: SimulatedSession, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen(disk.fill if trouble == "full on the way" else None)
    if trouble == "full from the start":
        disk.fill()
    elif trouble == "read-only":
        disk.lock()
    outbox, recording = disk.folder / "outbox.sqlite", tmp_path / "press.mcap"
    sink = MqttSink(f"mqtt://127.0.0.1:{free_port()}", outbox_path=outbox)
    session = run(pressed, [sink, seen], recording)
    assert session.failed == {}
    reason = "it cannot be written" if trouble == "read-only" else "the disk is full"
    said = f"alerts are not saved ({outbox}: {reason}), only sent while connected"
    assert said in sink.status()
    assert [r.getMessage() for r in caplog.records].count(said) == 1, "said once, not again and again"
    assert sum(isinstance(e, Alert) for e in seen.events) >= 2
    is_whole(recording, pressed)


@needs_mosquitto
@pytest.mark.broker
def test_alerts_still_arrive_where_they_cannot_be_saved(
    disk: Disk, tmp_path: Path, pressed: SimulatedSession, mosquitto: Mosquitto
) -> None:
    disk.fill()
    seen = Seen()
    with Listener(mosquitto.port, "lumbar/+/alert") as heard:
        sink = MqttSink(mosquitto.url, outbox_path=disk.folder / "outbox.sqlite")
        run(pressed, [sink, seen], tmp_path / "press.mcap")
        sent = [e.id for e in seen.events if isinstance(e, Alert)]
        assert {h.json["id"] for h in heard.wait_for("alert", len(sent))} == set(sent)
    is_whole(tmp_path / "press.mcap", pressed)


def test_a_disk_that_fills_up_ends_the_recording_with_what_it_has(
    disk: Disk, pressed: SimulatedSession
) -> None:
    seen, recording = Seen(disk.fill), disk.folder / "press.mcap"
    session = run(pressed, [seen], recording)
    said = f"{recording} cannot be written: no space left on device; what was recorded before is kept"
    assert session.failed == {"recording": said}
    assert f"recording stopped: {said}" in [e.text for e in seen.events if isinstance(e, Notice)]
    assert [e for e in seen.events if not isinstance(e, Notice)] == list(analyze(pressed.source).events)
    kept = open_recording(recording)
    assert kept.warnings, "the reader says that it was cut off"
    whole = [{"type": event_type(e), **event_json(e)} for e in seen.events]
    assert any(e["type"] == "rep" for e in kept.events)
    assert kept.events == whole[: len(kept.events)]
