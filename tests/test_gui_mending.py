"""Every line of the page before the set has a button, and every button does something."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os
import threading
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from gui_harness import DEADLINE_MS
from gui_scenes import Scene, calibrating, leg_press_lift_off, squat_tuck
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui.ends import Found, SideStatus
from gui.guide_page import BEGIN
from gui.helm import Helm
from gui.mend_sheets import AdviceSheet, SeatSheet, SensorSheet
from gui.mending import NO_BROKER, TRYING
from gui.preflight import Mend, checks
from gui.sheets import LinkSheet
from gui.shortcuts import Action
from gui.window import Window
from monitor.model.errors import BrokerError, RecordingError
from monitor.model.samples import LOWER
from monitor.model.session import GIVE_UP, Annotation, Guidance, LinkStatus, Output, SessionInfo


def window(qtbot: QtBot, helm: Helm, scene: Scene | None = None) -> Window:
    """Return a window on the page before the set, with a scene played into it."""
    scene = scene or squat_tuck()
    made = Window(scene.info, helm=helm)
    qtbot.addWidget(made)
    made.resize(1180, 760)
    made.show()
    made.sink.begin(scene.info)
    for items, output in scene.batches():
        made.sink.take(items, output)
    made.show_page(Action.PREFLIGHT)
    made.redraw()
    return made


def press(made: Window, line: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(made.preflight.mend_button(line), Qt.MouseButton.LeftButton)
    made.redraw()


@pytest.mark.parametrize("scene", [squat_tuck, leg_press_lift_off, calibrating])
def test_every_line_has_a_button_with_its_mend_on_it(qtbot: QtBot, scene: object) -> None:
    helm = Helm(say=lambda *_: None, record=lambda: None, folder="legs")
    made = window(qtbot, helm, scene())  # type: ignore[operator]
    for check in checks(made.presenter.view(), SideStatus()):
        button = made.preflight.mend_button(check.name)
        assert button.isVisible()
        assert button.text() == check.mend.value


def test_a_replay_offers_only_what_can_be_done(qtbot: QtBot) -> None:
    made = window(qtbot, Helm())
    for line in ("Calibration", "Recording", "Disk"):
        assert not made.preflight.mend_button(line).isVisible()
    assert made.preflight.mend_button("Lower link").isVisible()


@pytest.mark.parametrize(
    ("line", "sheet"),
    [("Lower sensor", LinkSheet), ("Lower link", LinkSheet), ("Lower battery", AdviceSheet)],
)
def test_figures_and_advice_open_as_sheets(qtbot: QtBot, line: str, sheet: type) -> None:
    made = window(qtbot, Helm())
    press(made, line, qtbot)
    assert isinstance(made.commands.sheet, sheet)


def test_the_seat_sheet_follows_the_stillness_until_it_is_taken(qtbot: QtBot) -> None:
    made = window(qtbot, Helm(), leg_press_lift_off())
    press(made, "Seat reference", qtbot)
    sheet = made.commands.sheet
    assert isinstance(sheet, SeatSheet)
    assert sheet.state.text().startswith("Taken.")
    made.commands.close_sheet()
    scene = leg_press_lift_off()
    fresh = Window(scene.info)
    qtbot.addWidget(fresh)
    fresh.commands.mending.do(Mend.SEAT)
    fresh.redraw()
    again = fresh.commands.sheet
    assert isinstance(again, SeatSheet)
    assert again.state.text() == "Waits for the sensor."
    for items, _ in list(scene.batches())[:25]:
        fresh.sink.take(items, Output())
    fresh.redraw()
    assert again.state.text() == "Still for 2 of 3 seconds."


def test_a_lost_sensor_is_looked_for_and_one_that_is_found_can_be_taken(qtbot: QtBot) -> None:
    taken: list[str] = []
    found = [Found("ble:AA", "Movesense 1: Movesense, -60 dBm"), Found("sim", "A simulated lifter")]
    made = window(qtbot, Helm(found=lambda: tuple(found), use=taken.append))
    made.sink.take((LinkStatus(30.0, LOWER, "lost", "no data"),), Output())
    made.redraw()
    press(made, "Lower sensor", qtbot)
    sheet = made.commands.sheet
    assert isinstance(sheet, SensorSheet)
    buttons = [b for b in sheet.findChildren(QPushButton) if "Movesense" in b.text()]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert taken == ["ble:AA"]
    assert made.commands.sheet is None


def test_calibrate_tells_the_session_and_shows_the_way(qtbot: QtBot) -> None:
    said: list[tuple[str, str | float]] = []
    made = window(qtbot, Helm(say=lambda kind, value: said.append((kind, value))))
    press(made, "Calibration", qtbot)
    assert made.guide.isVisible()
    assert [kind for kind, _ in said] == ["calibrate"]
    assert BEGIN in made.guide.shown_text()
    made.sink.take((Annotation(30.0, "calibrate", str(said[0][1])),), Output())
    told = (("prompt", "Bend"), ("refusal", "too fast: bend slower"), ("count", "bend 1 of 3"))
    made.sink.take((), Output(guidance=Guidance(2, 4, "Bend forward", "you are moving", 0.3, 0.4, told)))
    made.redraw()
    shown = made.guide.shown_text().split("\n")
    assert shown == ["Step 2 of 4", "Bend forward", "you are moving", "too fast: bend slower", "bend 1 of 3"]
    assert (made.guide.bar.value(), made.guide.whole.value()) == (30, 40)
    assert made.header.calibration.whole() == "Calibrating: nothing is judged meanwhile"
    made.commands.do(Action.CALIBRATE)  # a second press starts nothing anew
    assert len(said) == 1
    made.commands.do(Action.LEAVE_GUIDE)
    assert said[-1] == ("calibrate", GIVE_UP)
    assert made.preflight.isVisible()


def test_recording_begins_or_says_why_not(qtbot: QtBot) -> None:
    tries: list[int] = []

    def record() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RecordingError("legs cannot be made: permission denied")

    made = window(qtbot, Helm(record=record))
    press(made, "Recording", qtbot)
    assert made.header.notice.text() == "legs cannot be made: permission denied"
    press(made, "Recording", qtbot)
    assert made.header.notice.text() == "recording begins"


class Opener(QObject):
    """What opens folders on this desktop."""

    def __init__(self, opened: list[str]) -> None:
        super().__init__()
        self._opened = opened

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self._opened.append(url.toLocalFile())


def test_the_folder_of_the_recordings_opens(qtbot: QtBot, tmp_path: Path) -> None:
    opened: list[str] = []
    taker = Opener(opened)
    made = window(qtbot, Helm(folder=str(tmp_path)))
    QDesktopServices.setUrlHandler("file", taker, "open")
    try:
        press(made, "Disk", qtbot)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert opened == [str(tmp_path)]


@pytest.mark.parametrize("works", [True, False])
def test_the_broker_is_tried_without_holding_up_the_screen(qtbot: QtBot, works: bool) -> None:
    go_on = threading.Event()

    def attempt() -> str:
        assert go_on.wait(DEADLINE_MS / 1000)
        if works:
            return "broker gym:1883 confirms messages"
        raise BrokerError("gym:1883 refuses connections: start the broker")

    made = window(qtbot, Helm(try_broker=attempt))
    press(made, "Broker", qtbot)
    assert made.header.notice.text() == TRYING
    made.commands.do(Action.LIVE)
    made.redraw()
    go_on.set()

    def answered() -> bool:
        made.redraw()
        return made.header.notice.text() != TRYING

    qtbot.waitUntil(answered, timeout=DEADLINE_MS)
    expected = "confirms messages" if works else "start the broker"
    assert expected in made.header.notice.text()


def test_without_a_broker_the_button_says_how_to_name_one(qtbot: QtBot) -> None:
    made = window(qtbot, Helm())
    press(made, "Broker", qtbot)
    assert made.header.notice.text() == NO_BROKER


def test_losses_that_the_sensor_does_not_tell_are_not_called_none(qtbot: QtBot) -> None:
    made = Window(SessionInfo())
    qtbot.addWidget(made)
    made.show()
    made.sink.take((LinkStatus(0.0, LOWER, "streaming", "on", loss_counted=False),), Output())
    for items, _ in list(squat_tuck().batches())[1:30]:
        made.sink.take(items, Output())
    made.redraw()
    assert "losses not counted" in made.status.shown_text()
    assert "losses not counted" in made.preflight.shown_text()
    made.commands.do(Action.LINKS)
    made.redraw()
    sheet = made.commands.sheet
    assert sheet is not None
    assert "not counted" in [label.text() for label in sheet.findChildren(QLabel)]
