"""What the window shows, on Qt's offscreen platform."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from gui_harness import DEADLINE_MS, shown
from gui_scenes import Scene, calibrating, deadlift_two_sensors, leg_press_lift_off, sensor_lost, squat_tuck
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.app import run_window
from gui.behind import Behind
from gui.ends import SideStatus
from gui.window import Window
from monitor.model.errors import SensorError
from monitor.model.events import LiftOff
from monitor.model.session import SessionInfo, Sink


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    assert [t.name for t in threading.enumerate() if t.name == "session"] == []


def test_lift_offs_stand_at_their_time_with_the_likely_cause(qtbot: QtBot) -> None:
    scene = leg_press_lift_off()
    window = shown(qtbot, scene)
    marks = window.live.traces.shown_marks()
    lift_offs = [e for e in scene.events if isinstance(e, LiftOff)]
    assert [m.label for m in marks] == [
        "lift-off 9°, likely lack of support",
        "lift-off 13°, likely lack of support",
    ]
    now_s = window.ring.snapshot().t_s[-1]
    expected = [e.start_s - now_s for e in lift_offs]
    assert window.live.traces.mark_seconds_ago() == pytest.approx(expected)


def test_the_card_shows_cause_confidence_evidence_and_cue(qtbot: QtBot) -> None:
    window = shown(qtbot, leg_press_lift_off())
    text = window.live.card.shown_text()
    assert "Lack of spinal support" in text
    assert "medium confidence, reps 6, 7" in text
    assert "posterior tilt 13.1° past the seat reference" in text
    assert "Your hips are rolling off the pad." in text


def test_the_number_says_what_it_is(qtbot: QtBot) -> None:
    two, one = shown(qtbot, deadlift_two_sensors()), shown(qtbot, squat_tuck())
    assert two.live.headline.shown_text().startswith("Lumbar flexion 2")
    assert one.live.headline.shown_text().startswith("Pelvic tilt 1")


def test_repetitions_are_counted_and_listed_newest_first(qtbot: QtBot) -> None:
    window = shown(qtbot, squat_tuck())
    model = window.live.table.reps
    assert window.live.reps.text() == "6"
    assert [model.data(model.index(i, 0)) for i in range(model.rowCount())] == ["6", "5", "4", "3", "2", "1"]
    assert model.data(model.index(0, 7)) == "hips tucked 17°"


def test_the_table_is_a_sound_model(qtbot: QtBot, qtmodeltester: object) -> None:
    window = shown(qtbot, squat_tuck())
    qtmodeltester.check(window.live.table.reps)  # type: ignore[attr-defined]


def test_the_status_bar_names_sensor_recording_and_broker(qtbot: QtBot) -> None:
    side = SideStatus(
        "legs.mcap",
        1_240_000,
        broker="broker localhost:1883: not reached; 3 messages waiting",
        broker_ok=False,
        waiting_messages=3,
    )
    window = shown(qtbot, squat_tuck(), side)
    text = window.status.shown_text()
    assert "Lower: 100 Hz, 0.0 % lost" in text
    assert "Recording legs.mcap, 1.2 MB" in text
    assert "Broker localhost:1883: not reached; 3 messages waiting" in text


def test_before_the_calibration_the_window_says_hold_still(qtbot: QtBot) -> None:
    window = shown(qtbot, calibrating())
    assert window.header.calibration.whole() == "Not calibrated yet: hold still, then begin"


def test_a_lost_sensor_is_said_in_the_middle_of_the_plot(qtbot: QtBot) -> None:
    window = shown(qtbot, sensor_lost())
    assert window.live.traces.message().startswith("Lower sensor: no data for 2 s")
    assert window.live.headline.shown_text().startswith("Pelvic tilt – no data")


@pytest.mark.parametrize("size", [(1180, 760), (1920, 1080)])
@pytest.mark.parametrize("make", [leg_press_lift_off, squat_tuck, deadlift_two_sensors])
def test_nothing_leaves_the_window_or_overlaps(qtbot: QtBot, make: object, size: tuple[int, int]) -> None:
    window = shown(qtbot, make())  # type: ignore[operator]
    window.resize(*size)
    QApplication.processEvents()
    parts = [
        window.live.headline,
        window.live.figure,
        window.live.traces,
        window.live.bars,
        window.live.table,
        window.live.card,
    ]
    boxes = [part.rect().translated(part.mapTo(window, part.rect().topLeft())) for part in parts]
    for at, box in enumerate(boxes):
        assert window.rect().contains(box)
        assert not [other for other in boxes[at + 1 :] if box.intersects(other)]


def test_twenty_thousand_updates_do_not_eat_references_to_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 drops one reference to None a call and aborts Python 3.11 after 5,300."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(20_000):
        widget.update()
    assert sys.getrefcount(None) > before - 1000


def run(scene: Scene, session: object, **options: object) -> tuple[int, list[str]]:
    """Run the whole window; return its status and what the notice line said."""
    said: list[str] = []

    def look() -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, Window) and window.isVisible():
                text = window.header.notice.text()
                if text and text not in said:
                    said.append(text)
                    window.close()

    watch = QTimer()
    watch.timeout.connect(look)
    watch.start(20)
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(QApplication.closeAllWindows)
    limit.start(DEADLINE_MS)
    status = run_window(Behind(session), info=scene.info, title="test", **options)  # type: ignore[arg-type]
    assert limit.isActive(), "the window did not close by itself"
    watch.stop()
    return status, said


def test_a_session_that_ends_closes_the_window_where_asked(qtbot: QtBot) -> None:  # noqa: ARG001
    scene = squat_tuck()

    async def session(sink: Sink, stop: asyncio.Event) -> None:
        sink.begin(scene.info)
        for items, output in scene.batches():
            sink.take(items, output)
            await asyncio.sleep(0)
        assert not stop.is_set()
        sink.end()

    assert run(scene, session, close_when_done=True) == (0, [])


def test_closing_the_window_stops_the_session(qtbot: QtBot) -> None:  # noqa: ARG001
    scene = squat_tuck()
    left: list[str] = []

    async def session(sink: Sink, stop: asyncio.Event) -> None:
        sink.begin(scene.info)
        QTimer.singleShot(0, QApplication.instance(), QApplication.closeAllWindows)
        await stop.wait()
        left.append("stopped")

    assert run(scene, session) == (0, [])
    assert left == ["stopped"]


def test_a_failure_is_one_plain_line_in_the_window(qtbot: QtBot) -> None:  # noqa: ARG001
    async def session(sink: Sink, stop: asyncio.Event) -> None:  # noqa: ARG001
        raise SensorError("no sensor answers: switch it on and try again")

    status, said = run(squat_tuck(), session)
    assert status == 1
    assert said == ["no sensor answers: switch it on and try again"]


def test_a_session_deaf_to_stop_is_cancelled(qtbot: QtBot) -> None:
    window = Window(SessionInfo())
    qtbot.addWidget(window)
    from gui.worker import AsyncThread  # noqa: PLC0415

    async def deaf(stop: asyncio.Event) -> None:  # noqa: ARG001
        await asyncio.Event().wait()

    worker = AsyncThread(deaf)
    window.start(worker)
    assert worker.finish(patience_s=0.2)
    window.close()
