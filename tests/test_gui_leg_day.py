"""A whole leg day in the window, by keys and buttons: what is SHOWN, from the first page to the last."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from calibrated_day import day
from gui_live import LiveWindow
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calibration.profile import Profile
from gui.ends import SideStatus
from gui.helm import Helm
from gui.preflight import Mend
from gui.say_sheets import LoadSheet, PainSheet
from monitor.cli.kept_profile import KeptProfile
from monitor.model.events import Rep, SetSummary
from monitor.recording.labels import read_labels, write_labels
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.session import Session


def test_a_leg_day_from_the_first_page_to_the_last(qtbot: QtBot, tmp_path: Path) -> None:
    recording, profile = tmp_path / "day.mcap", KeptProfile(tmp_path / "profiles")

    def helm(session: Session) -> Helm:
        return Helm(
            say=session.annotate,
            status=lambda: SideStatus(recording.name, 1000, free_bytes=9_000_000_000),
            label=lambda labels: write_labels(recording, labels),
            folder=str(tmp_path),
        )

    made = day(cause="improper_form", reps=5)
    leg = LiveWindow(qtbot, tmp_path, made, helm, [profile], RecordingWriter(recording))
    window = leg.window
    leg.preferences.keep_load("squat", 80.0)

    # Before: every line is there, and an angle within the first seconds of data.
    leg.until(lambda: "provisional" in window.preflight.shown_text())
    assert window.preflight.isVisible()
    assert leg.source.reached_s < 3.0
    page = window.preflight.shown_text()
    for line in ("Lower sensor: sim:", "Lower battery:", "Lower link:", "Calibration: Not calibrated yet"):
        assert line in page
    for line in ("Recording: day.mcap", "Disk: 9.0 GB free", "Broker: none"):
        assert line in page

    # Calibrate, from its line's own button.
    button = window.preflight.mend_button("Calibration")
    assert button.text() == Mend.CALIBRATE.value
    leg.press("Calibration")
    assert window.guide.isVisible()
    leg.until(lambda: "Stand upright" in window.guide.prompt.text())
    leg.until(lambda: "Bend forward slowly" in window.guide.prompt.text())
    leg.until(lambda: window.guide.bar.value() >= 60)
    assert window.guide.whole.value() >= 25
    leg.until(lambda: "Arch" in window.guide.prompt.text())
    leg.until(lambda: "Calibrated" in window.guide.step.text())
    assert window.guide.prompt.text() == "Calibration good. It is in force and kept."
    leg.wait(lambda: profile.path is not None)
    assert Profile.from_text((profile.path or Path()).read_text()).quality.level == "good"
    leg.until(lambda: window.header.calibration.whole() == "Calibrated from your profile, good")
    leg.key(Qt.Key.Key_Return)
    assert window.live.isVisible()

    # The load, in two actions, the last used first.
    leg.key(Qt.Key.Key_L)
    sheet = window.commands.sheet
    assert isinstance(sheet, LoadSheet)
    assert sheet.field.value() == 80.0
    leg.key(Qt.Key.Key_Return)
    leg.until(lambda: window.live.load.text() == "80 kg")

    # First set: counted, marked at their times, tagged with the likely cause.
    leg.until(lambda: window.live.reps.text() == "1")
    leg.key(Qt.Key.Key_M)
    tags: set[str] = set()

    def watch() -> bool:
        tags.update(mark.label for mark in window.live.traces.shown_marks())
        return window.after.isVisible()

    leg.until(watch)
    assert "mark 1" in tags
    assert any(tag.endswith(("likely form", "possibly form")) for tag in tags), tags
    told = [m.time_s for m in window.presenter.view().marks if m.kind != "said"]
    faults = [f.time_s for e in leg.seen.events if isinstance(e, Rep) for f in e.faults]
    assert set(told) <= set(faults)

    # After it: the summary, a pain report, a repetition taken back and given again.
    text = window.after.shown_text()
    assert "Set 1: 5 reps of squat, 80 kg" in text
    assert "Improper form" in text
    leg.key(Qt.Key.Key_P)
    assert isinstance(window.commands.sheet, PainSheet)
    leg.key(Qt.Key.Key_4, window.commands.sheet)
    leg.until(lambda: window.header.pain.whole() == "Pain 4 of 10")
    leg.key(Qt.Key.Key_Backspace)
    leg.wait(lambda: "Set 1: 4 reps of squat" in window.after.shown_text())
    assert "As you corrected it" in window.after.shown_text()
    assert [edit.rep for edit in read_labels(recording).reps] == [5]
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    leg.wait(lambda: "Set 1: 5 reps of squat" in window.after.shown_text())
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    fix = window.commands.sheet
    assert isinstance(fix, LoadSheet)
    fix.field.setValue(82.5)
    leg.key(Qt.Key.Key_Return)
    leg.wait(lambda: "squat, 82.5 kg" in window.after.shown_text())
    assert read_labels(recording).loads_kg == (82.5,)

    # Second set: the window turns back to the curves by itself, then to the summary.
    leg.until(lambda: window.live.isVisible() and window.live.set.text() == "2")
    leg.until(lambda: window.after.isVisible() and "Set 2" in window.after.shown_text())

    # Close, in the middle of it all: nothing is left, and the recording is whole.
    window.close()
    assert not leg.worker.is_alive()
    kept = open_recording(recording)
    assert kept.warnings == ()
    assert [a.kind for a in kept.annotations] == ["calibrate", "load_kg", "mark", "pain"]
    assert sum(isinstance(e, SetSummary) for e in leg.seen.events) == 2
    assert {e["type"] for e in kept.events} >= {"rep", "set", "finding"}
