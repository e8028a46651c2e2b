"""Red flags in the window: ticked by keys, said with or without a number, and shown first."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from gui_harness import Said, shown
from gui_scenes import rest_after_set, squat_tuck
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from gui.say_sheets import TICK_HINT, PainSheet
from gui.shortcuts import Action
from gui.style import Look
from gui.theme import LIGHT, Sizes
from gui.window import Window
from monitor.model.red_flag import RedFlag
from monitor.model.session import Annotation, Output
from monitor.pipeline.pain import Reports

TODAY = "Stop for today and see a health professional today."
SOON = "Please see a health professional."


def asked(qtbot: QtBot, window: Window) -> PainSheet:
    """Open the pain sheet by its key."""
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_P)
    sheet = window.commands.sheet
    assert isinstance(sheet, PainSheet)
    return sheet


def tick(qtbot: QtBot, sheet: PainSheet, steps: int) -> None:
    """Go on by so many Tabs and tick what is there."""
    for _ in range(steps):
        qtbot.keyClick(QApplication.focusWidget() or sheet, Qt.Key.Key_Tab)
    box = QApplication.focusWidget()
    assert isinstance(box, QCheckBox)
    qtbot.keyClick(box, Qt.Key.Key_Space)


def test_signs_are_ticked_and_said_by_keys_alone(qtbot: QtBot) -> None:
    said: Said = []
    window = shown(qtbot, squat_tuck(), said=said)
    sheet = asked(qtbot, window)
    assert sheet.advice.text() == TICK_HINT
    qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert said == [], "nothing ticked, nothing said"
    tick(qtbot, sheet, 5)
    assert sheet.advice.text() == SOON
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    tick(qtbot, sheet, 0)
    assert sheet.advice.text() == TODAY
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert said == [("red_flag", "saddle_numbness"), ("red_flag", "night_pain")]
    assert window.commands.sheet is None


def test_a_number_says_what_is_ticked_as_well(qtbot: QtBot) -> None:
    said: Said = []
    window = shown(qtbot, squat_tuck(), said=said)
    sheet = asked(qtbot, window)
    tick(qtbot, sheet, 8)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_5)
    assert said == [("red_flag", "lasting"), ("pain", 5.0)]
    sheet = asked(qtbot, window)
    tick(qtbot, sheet, 1)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert len(said) == 2, "closed is not said"


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1180, 760, 1.0), (1920, 1080, 1.0), (1180, 760, 2.0)]
)
def test_the_whole_list_is_seen_at_once(qtbot: QtBot, width: int, height: int, scale: float) -> None:
    window = shown(qtbot, squat_tuck(), said=[])
    window.resize(width, height)
    window.restyle(Look(LIGHT, Sizes(scale)))
    sheet = asked(qtbot, window)
    QApplication.processEvents()
    for part in (*sheet.boxes.values(), sheet.say):
        assert sheet.rect().contains(part.rect().translated(part.mapTo(sheet, part.rect().topLeft())))
        assert not part.visibleRegion().isEmpty()
        assert part.visibleRegion().boundingRect().size() == part.size()


def test_what_was_reported_in_a_rest_is_shown_first(qtbot: QtBot) -> None:
    window = shown(qtbot, rest_after_set(), page=Action.AFTER_SET)
    now_s = window.presenter.view().now_s
    assert "Improper form" in window.after.shown_text()
    flags = (RedFlag.LEG_WEAKNESS, RedFlag.LASTING)
    reports = Reports()
    found = tuple(reports.flag(flag, now_s, 2) for flag in flags)
    window.sink.take([Annotation(now_s, "red_flag", flag.value) for flag in flags], Output(events=found))
    window.redraw()
    assert window.after.cue.text() == TODAY
    text = window.after.shown_text()
    assert "Possible underlying condition" in text
    assert "you reported pain for more than six weeks" in text
    assert "confidence" not in window.after.card.shown_text()
    assert window.header.pain.whole() == "New weakness in a leg or foot, 1 more"
    assert window.header.pain.property("role") == "warnchip"
