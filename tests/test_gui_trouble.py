"""Source, broker and disk fail under the window: a plain line says so, and it goes on."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

import numpy as np
from gui_live import LiveWindow
from listener import Listener
from mosquitto import Mosquitto, mosquitto, needs_mosquitto
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_session_disk import Disk, disk

from gui.ends import SideStatus
from gui.helm import Helm
from gui.shortcuts import Action
from gui.silence import OVER
from gui.view_state import Phase
from monitor.alerts.mqtt_sink import MqttSink
from monitor.model.errors import RecordingError, SensorError
from monitor.model.events import Alert, Rep
from monitor.model.samples import LOWER
from monitor.model.session import Delivery, LinkStatus, SessionInfo, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.sensors.simulated.scenario import SimulatedSession, simulate
from monitor.session import Session

__all__ = ["disk", "mosquitto"]

GONE = "no data for 2 s: keep the computer within 5 m"


@dataclass(frozen=True, slots=True)
class Failing:
    """A session whose sensor goes silent for a while, or dies for good."""

    session: SimulatedSession
    gone_s: tuple[float, float]
    dies: bool = False

    @property
    def info(self) -> SessionInfo:
        return self.session.source.info

    def items(self) -> Iterator[SourceItem]:
        lost = back = False
        for item in self.session.source.items():
            at_s = float(item.block.t_s[-1]) if isinstance(item, Delivery) and len(item.block) else 0.0
            if self.gone_s[0] <= at_s < self.gone_s[1]:
                if self.dies:
                    raise SensorError("the sensor ended the connection\nand does not answer any more")
                if not lost:
                    yield LinkStatus(at_s, LOWER, "lost", GONE)
                lost = True
                continue
            if lost and not back and at_s:
                yield LinkStatus(at_s, LOWER, "streaming", "back")
                back = True
            yield item


@pytest.fixture(scope="module")
def squats() -> SimulatedSession:
    return simulate("squat", reps=6, seed=3)


def between_reps(made: SimulatedSession, number: int) -> float:
    """Return a moment a while after repetition `number`, where the lifter stands."""
    return made.truth.reps[number - 1].end_s + 0.3


def only_say(session: Session) -> Helm:
    return Helm(say=session.annotate)


def test_a_sensor_that_goes_silent_is_said_and_the_curve_is_broken_not_bridged(
    qtbot: QtBot, tmp_path: Path, squats: SimulatedSession
) -> None:
    gone_s = between_reps(squats, 2)
    live = LiveWindow(qtbot, tmp_path, Failing(squats, (gone_s, gone_s + 2.5)), only_say)
    window = live.window
    live.until(lambda: window.live.isVisible() and window.live.reps.text() == "2")
    live.until(lambda: window.live.traces.message() == f"Lower sensor: {GONE}")
    live.wait(lambda: window.live.headline.shown_text().startswith("Pelvic tilt – no data"))
    assert "Lower: signal lost" in window.status.shown_text()
    live.key(Qt.Key.Key_P)  # nothing stands in the way meanwhile
    assert window.commands.sheet is not None
    assert QApplication.activeModalWidget() is None
    live.until(lambda: window.live.traces.message() == "")
    assert window.commands.sheet is not None, "the stream went on under the sheet"
    live.key(Qt.Key.Key_Escape)
    rows = window.ring.snapshot()
    hole = (rows.t_s > gone_s + 0.7) & (rows.t_s < gone_s + 2.3)
    assert not np.isfinite(rows.pelvic_tilt_rad[hole]).any()
    live.until(lambda: int(window.live.reps.text()) >= 4)
    window.close()
    assert not live.worker.is_alive()


def test_a_source_that_dies_leaves_a_plain_line_and_a_window_that_works(
    qtbot: QtBot, tmp_path: Path, squats: SimulatedSession
) -> None:
    gone_s = between_reps(squats, 2)
    recording = tmp_path / "squats.mcap"
    live = LiveWindow(
        qtbot,
        tmp_path,
        Failing(squats, (gone_s, gone_s + 1), dies=True),
        only_say,
        recording=RecordingWriter(recording),
    )
    window = live.window
    live.until(lambda: "does not answer any more" in window.header.notice.text())
    assert window.header.notice.text() == "the sensor ended the connection and does not answer any more"
    window.show_page(Action.LIVE)
    live.wait(lambda: window.live.traces.message() == OVER)
    window.commands.do(Action.LINKS)
    assert window.commands.sheet is not None
    assert open_recording(recording).warnings == ()
    window.close()
    assert not window.isVisible()


@needs_mosquitto
@pytest.mark.broker
def test_a_broker_that_is_killed_is_said_and_every_alert_arrives_once_it_is_back(
    qtbot: QtBot, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    press = simulate("leg_press", cause="lack_of_spinal_support", seed=5)
    sink = MqttSink(mosquitto.url, outbox_path=tmp_path / "outbox.sqlite")

    def helm(session: Session) -> Helm:
        def status() -> SideStatus:
            up = sink.wait_connected(0.0)
            return SideStatus(broker=sink.status(), broker_ok=up, waiting_messages=sink.waiting)

        return Helm(say=session.annotate, status=status)

    live = LiveWindow(qtbot, tmp_path, press.source, helm, [sink])
    window = live.window
    live.until(lambda: "Broker 127.0.0.1" in window.status.shown_text())
    live.wait(lambda: fresh(live) and ": connected" in window.status.shown_text())
    mosquitto.kill()
    live.wait(lambda: fresh(live) and "trying again" in window.status.shown_text())
    live.until(lambda: sum(isinstance(e, Alert) for e in live.seen.events) >= 2)
    window.show_page(Action.PREFLIGHT)
    live.wait(lambda: fresh(live) and "are kept and sent later" in window.preflight.shown_text())
    assert "Broker: " in window.preflight.shown_text()
    mosquitto.start()
    sent = {e.id for e in live.seen.events if isinstance(e, Alert)}
    with Listener(mosquitto.port, "lumbar/+/alert") as heard:
        live.wait(lambda: fresh(live) and ": connected" in window.status.shown_text())
        window.close()
        assert {h.json["id"] for h in heard.wait_for("alert", len(sent))} >= set(sent)


@needs_mosquitto
@pytest.mark.broker
def test_what_is_said_over_mqtt_is_shown_as_if_a_key_were_pressed(
    qtbot: QtBot, tmp_path: Path, mosquitto: Mosquitto, squats: SimulatedSession
) -> None:
    said: list[Session] = []
    sink = MqttSink(mosquitto.url, on_annotation=lambda kind, value: said[0].annotate(kind, value))  # noqa: PLW0108 - made later

    def helm(session: Session) -> Helm:
        said.append(session)
        return Helm(say=session.annotate)

    live = LiveWindow(qtbot, tmp_path, squats.source, helm, [sink])
    window = live.window
    live.until(lambda: window.live.reps.text() == "1")
    live.wait(lambda: sink.wait_connected(0.0))
    with Listener(mosquitto.port, "lumbar/+/command") as other:
        command = '{"pain": 3, "snooze_s": 60, "load_kg": 72.5, "mark": "belt on"}'
        other.client.publish("lumbar/me/command", command, 1)
        other.wait_for("command")
        live.until(lambda: window.header.pain.whole() == "Pain 3 of 10")
    assert window.header.quiet.whole().startswith("Quiet for ")
    assert window.live.load.text() == "72.5 kg"
    assert "belt on" in [mark.label for mark in window.live.traces.shown_marks()]
    window.close()


def fresh(live: LiveWindow) -> bool:
    """Let the window ask for the broker's state with the next frame, not only once a second."""
    live.window.ask_side()
    return True


def test_a_disk_that_fills_up_is_said_and_recording_begins_again_once_there_is_room(
    qtbot: QtBot, tmp_path: Path, squats: SimulatedSession, disk: Disk
) -> None:
    files = [disk.folder / "one.mcap", disk.folder / "two.mcap"]
    tried: list[Path] = []

    def helm(session: Session) -> Helm:
        def status() -> SideStatus:
            free = os.statvfs(disk.folder).f_bavail * 4096
            name = [files[0], *tried][-1].name
            return SideStatus(name, 1000, "recording" not in session.failed, free_bytes=free)

        def record() -> None:
            if len(tried) == 1 and "recording" not in session.failed:
                raise RecordingError("it is being recorded already")
            tried.append(files[1].with_name(f"again-{len(tried)}.mcap"))
            session.join(RecordingWriter(tried[-1]))

        return Helm(say=session.annotate, status=status, record=record, folder=str(disk.folder))

    live = LiveWindow(qtbot, tmp_path, squats.source, helm, recording=RecordingWriter(files[0]))
    window = live.window
    live.until(lambda: window.live.isVisible() and window.live.reps.text() == "2")
    disk.fill()
    live.until(lambda: "no space left on device" in window.header.notice.text())
    assert window.header.notice.text().startswith("recording stopped: ")
    live.wait(lambda: fresh(live) and "Recording stopped: one.mcap" in window.status.shown_text())
    counted = int(window.live.reps.text())

    window.show_page(Action.PREFLIGHT)
    live.wait(lambda: "Make room on the disk, then record anew." in window.preflight.shown_text())
    live.press("Recording")  # still no room: said again, nothing else
    live.until(lambda: window.presenter.view().notices[-1].startswith("recording stopped: "))
    (disk.folder / "filler").unlink()
    live.press("Recording")
    live.until(lambda: fresh(live) and f"Recording {tried[-1].name}" in window.status.shown_text())
    window.show_page(Action.LIVE)
    live.until(lambda: int(window.live.reps.text()) > counted + 1)
    window.close()
    assert not live.worker.is_alive()
    first, again = open_recording(files[0]), open_recording(tried[-1])
    assert first.warnings
    assert again.warnings == ()
    told = [e.index for e in live.seen.events if isinstance(e, Rep)]
    kept = [e["index"] for e in again.events if e["type"] == "rep"]
    assert kept
    assert kept == told[-len(kept) :]


def at_once(live: LiveWindow) -> None:
    """Close before the first sample."""


def in_the_calibration(live: LiveWindow) -> None:
    live.until(lambda: live.window.presenter.view().headline.provisional)
    live.key(Qt.Key.Key_C)
    live.until(lambda: "Stand upright" in live.window.guide.prompt.text())


def under_a_sheet(live: LiveWindow) -> None:
    live.until(lambda: live.window.presenter.view().headline.provisional)
    live.key(Qt.Key.Key_P)
    assert live.window.commands.sheet is not None


def in_a_repetition(live: LiveWindow) -> None:
    live.until(lambda: live.window.live.reps.text() == "1")


def after_the_end(live: LiveWindow) -> None:
    live.until(lambda: live.window.presenter.view().phase is Phase.ENDED)


@pytest.mark.parametrize(
    "moment", [at_once, in_the_calibration, under_a_sheet, in_a_repetition, after_the_end]
)
def test_closing_is_clean_at_any_moment(
    qtbot: QtBot, tmp_path: Path, squats: SimulatedSession, moment: Callable[[LiveWindow], None]
) -> None:
    before = threading.active_count()
    recording = tmp_path / "squats.mcap"
    live = LiveWindow(qtbot, tmp_path, squats.source, only_say, recording=RecordingWriter(recording))
    moment(live)
    live.window.close()
    assert not live.worker.is_alive()
    assert live.worker.failure is None
    assert threading.active_count() == before
    assert not recording.exists() or open_recording(recording).warnings == ()
