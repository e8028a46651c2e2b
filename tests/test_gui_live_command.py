"""`lumbar live` without a sensor: the window says what to do, and the session goes on from there."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from click.testing import CliRunner
from gui_harness import DEADLINE_MS
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from calibration.alignment import IDENTITY
from calibration.profile import Profile, WornSensor
from gui.mend_sheets import SensorSheet
from gui.window import Window
from monitor.cli.kept_profile import profile_path
from monitor.cli.live import command
from monitor.model.samples import LOWER
from monitor.recording.reader import open_recording


def driven(steps: list[Callable[[Window], bool]]) -> QTimer:
    """Return a timer that takes one step after the other; each says whether it is done."""
    left = list(steps)
    timer = QTimer()

    def step() -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, Window) and window.isVisible() and left and left[0](window):
                left.pop(0)

    timer.timeout.connect(step)
    timer.start(20)
    return timer


def test_from_no_sensor_to_the_first_angle_and_a_recording(qtbot: QtBot, tmp_path: Path) -> None:  # noqa: ARG001
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    shown: list[str] = []

    def press_find(window: Window) -> bool:
        text = window.preflight.shown_text()
        if "Find sensors" not in text:
            return False
        shown.append(text)
        QTest.mouseClick(window.preflight.mend_button("Lower sensor"), Qt.MouseButton.LeftButton)
        return isinstance(window.commands.sheet, SensorSheet)

    def take_simulated(window: Window) -> bool:
        sheet = window.commands.sheet
        buttons = (
            [] if sheet is None else [b for b in sheet.findChildren(QPushButton) if "simulated" in b.text()]
        )
        if buttons:
            QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
        return bool(buttons)

    def see_angle(window: Window) -> bool:
        text = window.preflight.shown_text()
        if "provisional" in text:
            shown.append(text)
            window.close()
        return len(shown) == 2

    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(QApplication.closeAllWindows)
    limit.start(3 * DEADLINE_MS)
    timer = driven([press_find, take_simulated, see_angle])
    done = CliRunner().invoke(command, ["--no-sound"])
    timer.stop()
    assert limit.isActive(), shown
    assert done.exit_code == 0, done.output
    assert "Lower sensor: none chosen yet: press Find sensors." in shown[0]
    assert "Lower sensor: " in shown[1]
    assert "samples a second" in shown[1] or "connected" in shown[1] or "moving" in shown[1]
    [path] = Path(os.environ["LUMBAR_RECORDINGS"]).glob("*.mcap")
    assert f"recorded {path}" in done.output
    assert open_recording(path).info.sensors[0].device == "sim:squat"


@pytest.mark.parametrize(("more", "used"), [((), True), (("--calibration", "auto"), False)])
def test_a_calibration_kept_before_is_used_unless_told_otherwise(
    qtbot: QtBot,  # noqa: ARG001
    tmp_path: Path,
    more: tuple[str, ...],
    used: bool,
) -> None:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    worn = WornSensor(IDENTITY, "sim:squat", "open")
    kept = profile_path("me", simulated=True)
    kept.parent.mkdir(parents=True)
    kept.write_text(Profile("2026-11-20T18:00:00+01:00", {LOWER: worn}).to_text(), encoding="utf-8")
    shown: list[str] = []
    silent: list[str] = []

    def see_angle(window: Window) -> bool:
        view = window.presenter.view()
        silent.append(window.side.alert_to_sound)
        if view.headline.value_deg is not None:
            shown.extend(view.notices)
            window.close()
        return view.headline.value_deg is not None

    timer = driven([see_angle])
    done = CliRunner().invoke(command, ["--lower", "sim", "--no-sound", *more])
    timer.stop()
    assert done.exit_code == 0, done.output
    assert any("Worn as then? Else press C." in line for line in shown) is used
    assert set(silent) == {""}, "--no-sound"
    [path] = Path(os.environ["LUMBAR_RECORDINGS"]).glob("*.mcap")
    # The header says what the session was judged by: replayed, it gives the same.
    assert bool(open_recording(path).info.profile) is used
