"""Pages, sheets, keys and looks of the window, on Qt's offscreen platform."""

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

from gui_harness import DEADLINE_MS, Said, shown
from gui_scenes import deadlift_two_sensors, leg_press_lift_off, rest_after_set, set_not_clear, squat_tuck
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui.ends import SideStatus
from gui.preferences import Preferences
from gui.say_sheets import LoadSheet
from gui.screenshots import weak_contrasts
from gui.sheets import HelpSheet, LinkSheet
from gui.shortcuts import SHORTCUTS, Action
from gui.style import Look
from gui.theme import DARK, LIGHT, THEMES, Sizes
from gui.view_state import Standing
from gui.window import Window
from monitor.engine import Engine
from monitor.model.events import Approaching, Level, LiftOff, LiftOffStarted
from monitor.model.session import Output, SessionInfo
from monitor.pipeline.cause_words import UNCLEAR_CUE
from monitor.sensors.simulated.scenario import simulate


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))


def test_without_a_sensor_the_first_page_says_what_to_do(qtbot: QtBot) -> None:
    window = Window(SessionInfo())
    qtbot.addWidget(window)
    window.show()
    window.redraw()
    assert window.preflight.isVisible()
    text = window.preflight.shown_text()
    assert text.startswith("Switch the sensor on")
    assert "'lumbar demo' needs no sensor" in text


def test_from_some_steps_away_what_stood_out_is_read_as_the_cue_is(qtbot: QtBot) -> None:
    scene = rest_after_set()
    window = Window(scene.info)
    qtbot.addWidget(window)
    for items, output in scene.batches():
        window.sink.take(items, output)
    tall: dict[int, tuple[int, ...]] = {}
    for width, height in ((1180, 760), (1920, 1080)):
        window.resize(width, height)
        window.show()
        window.redraw()
        window.show_page(Action.AFTER_SET)
        window.redraw()
        after = window.presenter.view().after_set
        assert after is not None
        parts = window.after.findChildren(QLabel)
        tall[width] = tuple(
            max(part.fontInfo().pixelSize() for part in parts if part.text() == words)
            for words in (after.cue, after.title, after.stood_out, "Tuck")
        )
    cue, title, stood_out, figure = tall[1920]
    assert (title, stood_out >= 0.75 * cue) == (cue, True)
    assert cue >= 44, "12 mm on a screen of 24 inches"
    assert figure >= 20 > tall[1180][3]


def test_the_window_goes_live_with_the_first_angle_and_to_the_summary_after_a_set(qtbot: QtBot) -> None:
    scene = rest_after_set()
    window = Window(scene.info)
    qtbot.addWidget(window)
    window.show()
    window.redraw()
    assert window.preflight.isVisible()
    pages = []
    for items, output in scene.batches():
        window.sink.take(items, output)
        window.redraw()
        page = next(p for p in (window.preflight, window.live, window.after) if p.isVisible())
        if not pages or pages[-1] is not page:
            pages.append(page)
    assert pages == [window.live, window.after]
    text = window.after.shown_text()
    assert "Set 1: 7 reps of squat, 60 kg" in text
    assert "Go only as deep as you can hold your arch." in text
    assert "Improper form" in text
    assert window.after.rest.text() in {"0:33", "0:34"}


def test_a_page_a_person_chose_is_not_turned(qtbot: QtBot) -> None:
    scene = squat_tuck()
    window = Window(scene.info)
    qtbot.addWidget(window)
    window.show()
    window.show_page(Action.PREFLIGHT)
    for items, output in scene.batches():
        window.sink.take(items, output)
        window.redraw()
    assert window.preflight.isVisible()


def test_keys_say_what_a_lifter_says(qtbot: QtBot, preferences: Preferences) -> None:
    said: Said = []
    window = shown(qtbot, squat_tuck(), preferences=preferences, said=said)
    with qtbot.waitActive(window):
        window.activateWindow()
    for key in (Qt.Key.Key_M, Qt.Key.Key_S, Qt.Key.Key_A, Qt.Key.Key_P):
        qtbot.keyClick(window, key)
    qtbot.keyClick(window.commands.sheet, Qt.Key.Key_4)
    assert said == [("mark", "mark 1"), ("snooze_s", 60.0), ("mark", "say"), ("pain", 4.0)]
    assert window.commands.sheet is None


def test_exercise_and_load_take_two_actions_and_the_last_used_come_first(
    qtbot: QtBot, preferences: Preferences
) -> None:
    said: Said = []
    preferences.keep_exercise("lunge")
    preferences.keep_load("lunge", 42.5)
    window = shown(qtbot, squat_tuck(), preferences=preferences, said=said)
    window.commands.do(Action.EXERCISE)
    qtbot.keyClick(window.commands.sheet, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: isinstance(window.commands.sheet, LoadSheet), timeout=DEADLINE_MS)
    sheet = window.commands.sheet
    assert isinstance(sheet, LoadSheet)
    assert sheet.field.value() == 42.5
    sheet.field.setValue(45.0)
    window.commands.do(Action.NEXT)
    assert said == [("exercise", "lunge"), ("load_kg", 45.0)]
    assert preferences.loads_kg("lunge") == [45.0, 42.5]


def test_where_nobody_listens_there_are_no_buttons_to_say_anything(qtbot: QtBot) -> None:
    window = shown(qtbot, squat_tuck())
    buttons = [b.text() for b in window.controls.findChildren(QPushButton)]
    assert [b.split()[0] for b in buttons] == ["Links", "Keys"]
    window.commands.do(Action.PAIN)
    assert window.commands.sheet is None


def test_the_help_sheet_lists_every_key(qtbot: QtBot) -> None:
    window = shown(qtbot, squat_tuck())
    qtbot.keyClick(window, Qt.Key.Key_Question)
    sheet = window.commands.sheet
    assert isinstance(sheet, HelpSheet)
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    for shortcut in SHORTCUTS:
        assert shortcut.words in texts
        assert " or ".join(shortcut.keys) in texts
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.commands.sheet is None


def test_every_action_has_a_key_and_does_something(qtbot: QtBot, preferences: Preferences) -> None:
    assert {s.action for s in SHORTCUTS} == set(Action)
    keys = [key for s in SHORTCUTS for key in s.keys]
    assert len(keys) == len(set(keys))
    window = shown(qtbot, squat_tuck(), preferences=preferences, said=[])
    for action in Action:
        if action not in {Action.QUIT, Action.FULL_SCREEN}:
            window.commands.do(action)
            window.redraw()


def test_the_link_sheet_shows_the_figures(qtbot: QtBot) -> None:
    side = SideStatus("legs.mcap", 2_000_000, alert_to_broker="7.1 ms, median 6.9 ms, p99 13 ms of 12")
    window = shown(qtbot, deadlift_two_sensors(), side)
    window.commands.do(Action.LINKS)
    window.redraw()
    sheet = window.commands.sheet
    assert isinstance(sheet, LinkSheet)
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    for expected in ("Lower sensor", "Upper sensor", "100.0 Hz", "-58 dBm", "82 %", "legs.mcap, 2.0 MB"):
        assert expected in texts
    assert texts[texts.index("alert to broker") + 1] == "7.1 ms, median 6.9 ms, p99 13 ms of 12"
    assert texts[texts.index("alert to sound player") + 1] == "off"


def test_a_lift_off_is_announced_on_the_screen_before_it_is_one(qtbot: QtBot) -> None:
    source = simulate("leg_press", seed=341, cause="lack_of_spinal_support").source
    window, engine = Window(source.info), Engine(source.info)
    qtbot.addWidget(window)
    window.show()
    window.sink.begin(source.info)
    window.show_page(Action.LIVE)
    ahead = None
    for item in source.items():
        output = engine.feed([item])
        window.sink.take((item,), output)
        ahead = next((event for event in output.events if isinstance(event, Approaching)), None)
        if ahead is not None:
            break
    assert ahead is not None
    for _ in range(2):  # digits and figure take turns
        window.redraw()
    now = window.presenter.view().headline
    assert now.value_deg is not None
    assert abs(now.value_deg) < abs(now.zone.alert_deg or 0.0), "it has not happened yet"
    assert "limit ahead: stop" in window.live.headline.shown_text()
    assert not window.presenter.view().lifted_off
    started = LiftOffStarted(ahead.decided_s, ahead.decided_s + 0.1, -0.2, 1, Level.ALERT)
    window.sink.take((), Output(events=(started,)))
    for _ in range(2):
        window.redraw()
    assert "limit ahead" not in window.live.headline.shown_text(), "it is too late for that"


def test_a_set_without_one_cause_ends_with_that_its_evidence_and_what_to_do(qtbot: QtBot) -> None:
    window = shown(qtbot, set_not_clear(), page=Action.AFTER_SET)
    card = window.after.card.shown_text().splitlines()
    assert card[0] == "Cause not clear"
    assert UNCLEAR_CUE in card
    assert "lower back bent 33.0 to 34.0° more than usual at reps 5 to 7" in card
    assert window.after.cue.text() == UNCLEAR_CUE


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize(("size", "scale"), [((1180, 760), 1.0), ((1180, 760), 2.0), ((1920, 1080), 2.0)])
@pytest.mark.parametrize("page", [Action.PREFLIGHT, Action.LIVE, Action.AFTER_SET])
def test_no_word_is_cut_off(
    qtbot: QtBot, preferences: Preferences, page: Action, size: tuple[int, int], scale: float, theme: str
) -> None:
    preferences.keep_look(Look(THEMES[theme], Sizes(scale)))
    side = SideStatus("legs.mcap", 2_000_000, broker="localhost:1883", free_bytes=9_000_000_000)
    window = shown(qtbot, rest_after_set(), side, preferences=preferences, said=[], page=page)
    window.resize(*size)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    plain = [w for w in window.findChildren(QLabel) if type(w) is QLabel and not w.wordWrap()]
    for part in [*plain, *window.findChildren(QPushButton)]:
        if part.isVisible() and part.text():
            assert part.width() >= part.sizeHint().width() - 1, part.text()


def test_theme_and_text_size_are_remembered(qtbot: QtBot, preferences: Preferences) -> None:
    window = shown(qtbot, squat_tuck(), preferences=preferences)
    assert window.look.theme is DARK
    dark = brightness(window)
    window.commands.do(Action.THEME)
    window.commands.do(Action.LARGER)
    QApplication.processEvents()
    assert brightness(window) > dark + 100
    window.close()
    again = Window(SessionInfo(), preferences=preferences)
    qtbot.addWidget(again)
    assert again.look.theme is LIGHT
    assert again.look.sizes.scale == 1.25


def brightness(window: Window) -> float:
    """Return how bright the window is on the whole, 0 to 255."""
    image = window.grab().toImage()
    small = image.scaled(8, 8, mode=Qt.TransformationMode.SmoothTransformation)
    grey = small.convertToFormat(QImage.Format.Format_Grayscale8)
    return sum(grey.pixelColor(x, y).lightness() for x in range(8) for y in range(8)) / 64


def test_every_ink_can_be_read_on_every_ground() -> None:
    assert weak_contrasts() == []


def test_with_less_movement_the_curves_stand_still_until_the_page_is_full(
    qtbot: QtBot, preferences: Preferences
) -> None:
    scene = squat_tuck()
    preferences.calm = True
    window = Window(scene.info, preferences=preferences)
    qtbot.addWidget(window)
    window.show()
    window.show_page(Action.LIVE)
    traces = window.live.traces
    places = set()
    for items, output in scene.batches():
        window.sink.take(items, output)
        window.redraw()
        for mark, place in zip(traces.shown_marks(), traces.mark_seconds_ago(), strict=True):
            places.add((mark.time_s, round(place, 6)))
    assert 0 < len(places) <= 3 * 3


def test_an_unknown_remembered_look_is_the_default(tmp_path: Path) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    for key, value in (("theme", "mauve"), ("scale", "huge"), ("exercises", "dance"), ("geometry", "wide")):
        kept.setValue(key, value)
    read = Preferences(kept)
    assert read.look() == Look()
    assert "dance" not in read.exercises()
    assert read.geometry() is None


def test_opening_and_closing_leaves_nothing_behind(qtbot: QtBot) -> None:
    before = threading.active_count()
    for _ in range(5):
        window = shown(qtbot, squat_tuck())
        window.close()
        assert not window.isVisible()
    assert threading.active_count() == before


def test_off_the_pad_is_shown_while_it_lasts(qtbot: QtBot) -> None:
    scene = leg_press_lift_off()
    window = Window(scene.info)
    qtbot.addWidget(window)
    window.show()
    window.show_page(Action.LIVE)
    lift_off = next(e for e in scene.events if isinstance(e, LiftOff))
    for items, output in scene.batches():
        window.sink.take(items, output)
        window.redraw()
        if output.posture.t_s[-1] >= lift_off.start_s + 0.3:
            break
    assert window.presenter.view().headline.standing in {Standing.CAUTION, Standing.ALERT}
    assert "your limit" in window.live.headline.shown_text()
