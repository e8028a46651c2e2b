"""What the review window shows and what a click or a key does, on Qt's offscreen platform."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot
from review_sessions import put

from gui.preferences import Preferences
from gui.review.keys import KEYS, Do
from gui.review.window import ReviewWindow
from gui.review.worker import Worker
from monitor.model.errors import RecordingError
from monitor.recording.labels import read_labels

DEADLINE_MS = 20_000
PRESS, SQUAT = "2026-11-20_me_leg_press", "2026-11-21_guest_squat"


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    assert [t.name for t in threading.enumerate() if t.name == "review"] == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of two athletes."""
    put(tmp_path / "library", PRESS, "press")
    put(tmp_path / "library", SQUAT, "squat")
    return tmp_path / "library"


@pytest.fixture
def trashed() -> list[Path]:
    return []


@pytest.fixture
def make(
    qtbot: QtBot, tmp_path: Path, folder: Path, trashed: list[Path]
) -> Iterator[Callable[[], ReviewWindow]]:
    """Return a maker of windows on the library; each is closed at the end."""
    made: list[ReviewWindow] = []

    def trash(path: Path) -> None:
        trashed.append(path)
        path.unlink()

    def make() -> ReviewWindow:
        kept = Preferences(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
        window = ReviewWindow(folder, preferences=kept, trash=trash)
        qtbot.addWidget(window)
        window.resize(1180, 760)
        window.show()
        made.append(window)
        settled(qtbot, window)
        return window

    yield make
    for window in made:
        window.close()


@pytest.fixture
def window(make: Callable[[], ReviewWindow]) -> ReviewWindow:
    return make()


def settled(qtbot: QtBot, window: ReviewWindow) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not window.busy, timeout=DEADLINE_MS)
    QApplication.processEvents()


def open_session(qtbot: QtBot, window: ReviewWindow, name: str = PRESS) -> None:
    window.library.choose(f"{name}.mcap")
    qtbot.mouseClick(window.library.detail.open, Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert window.page() is Do.REVIEW


def press(qtbot: QtBot, window: ReviewWindow, key: Qt.Key, held: Qt.KeyboardModifier | None = None) -> None:
    qtbot.keyClick(window, key, held or Qt.KeyboardModifier.NoModifier)


# -- library -------------------------------------------------------------------------------


def test_the_library_lists_date_athlete_exercise_counts_findings_and_coverage(window: ReviewWindow) -> None:
    text = window.library.table.shown_text().splitlines()
    assert len(text) == 2
    assert text[0].startswith("21 Nov 2026  Squat")
    assert "  me  " in text[1]
    assert "lack of spinal support" in text[1]
    assert text[1].endswith("100 %")
    assert window.library.count.text().startswith("2 sessions")


def test_typing_and_choosing_narrow_the_list(qtbot: QtBot, window: ReviewWindow) -> None:
    page = window.library
    qtbot.keyClicks(page.search, "support")
    qtbot.waitUntil(lambda: len(page.shown()) == 1, timeout=DEADLINE_MS)
    assert page.shown()[0].athlete == "me"
    page.search.clear()
    qtbot.waitUntil(lambda: len(page.shown()) == 2, timeout=DEADLINE_MS)
    page.athlete.setCurrentIndex(page.athlete.findData("guest"))
    assert [entry.athlete for entry in page.shown()] == ["guest"]
    page.exercise.setCurrentIndex(page.exercise.findData("leg_press"))
    assert page.shown() == ()
    assert page.empty.isVisible()


def test_title_and_tags_are_kept_beside_the_file(qtbot: QtBot, window: ReviewWindow, folder: Path) -> None:
    path = folder / f"{PRESS}.mcap"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    window.library.choose(path.name)
    detail = window.library.detail
    detail.title.setText("Heavy day")
    detail.title.editingFinished.emit()
    detail.tags.setText("legs, heavy")
    detail.tags.editingFinished.emit()
    settled(qtbot, window)
    assert "Heavy day" in window.library.table.shown_text()
    assert read_labels(path).tags == ("heavy", "legs")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    window.library.tag.setCurrentIndex(window.library.tag.findData("heavy"))
    assert [entry.name for entry in window.library.shown()] == [path.name]


def test_deleting_asks_inside_the_page_and_goes_to_the_trash(
    qtbot: QtBot, window: ReviewWindow, folder: Path, trashed: list[Path]
) -> None:
    window.library.choose(f"{PRESS}.mcap")
    detail = window.library.detail
    qtbot.mouseClick(detail.delete, Qt.MouseButton.LeftButton)
    assert detail.strip.isVisible()
    qtbot.mouseClick(detail.no, Qt.MouseButton.LeftButton)
    assert not detail.strip.isVisible()
    settled(qtbot, window)
    assert trashed == []
    qtbot.mouseClick(detail.delete, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(detail.yes, Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert trashed == [folder / f"{PRESS}.mcap"]
    assert [entry.name for entry in window.library.shown()] == [f"{SQUAT}.mcap"]
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog | QMessageBox)]


def test_a_session_that_was_cut_off_says_so_and_is_recovered(
    qtbot: QtBot, make: Callable[[], ReviewWindow], folder: Path
) -> None:
    path = folder / f"{PRESS}.mcap"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    window = make()
    window.library.choose(path.name)
    assert "cut off" in window.library.detail.shown_text()
    qtbot.mouseClick(window.library.detail.recover, Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    window.library.choose(path.name)
    assert not window.library.detail.recover.isVisible()
    assert "closed properly" in window.frame.notice.text()


def test_a_file_that_is_no_recording_is_listed_and_cannot_be_opened(
    make: Callable[[], ReviewWindow], folder: Path
) -> None:
    (folder / "junk.mcap").write_bytes(b"not a recording at all")
    window = make()
    window.library.choose("junk.mcap")
    assert not window.library.detail.open.isEnabled()
    assert "not a recording" in window.library.detail.shown_text()


def test_enter_opens_and_ctrl_f_comes_back_to_search(qtbot: QtBot, window: ReviewWindow) -> None:
    window.library.choose(f"{PRESS}.mcap")
    qtbot.keyClick(window.library.table, Qt.Key.Key_Return)
    settled(qtbot, window)
    assert window.page() is Do.REVIEW
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.page() is Do.LIBRARY
    assert window.library.search.hasFocus()


# -- review --------------------------------------------------------------------------------


def test_an_opened_session_shows_reps_findings_and_values_at_the_cursor(
    qtbot: QtBot, window: ReviewWindow
) -> None:
    open_session(qtbot, window)
    shown = window.review.presenter
    assert shown is not None
    assert window.review.reps.table.texts.rowCount() == len(shown.reps)
    window.review.show_side("Findings")
    text = window.review.findings.shown_text()
    assert "Lack of spinal support" in text
    assert "past the seat reference" in text
    window.review.seek(shown.reps[0].turn_s)
    tilt = shown.reading().tilt
    assert f"Pelvic tilt {abs(round(tilt))}" in window.review.plots.values_shown().replace("\u2212", "")


def test_the_keys_move_play_page_and_zoom(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    shown = window.review.presenter
    assert shown is not None
    press(qtbot, window, Qt.Key.Key_Right)
    assert shown.transport.now_s == pytest.approx(0.1)
    press(qtbot, window, Qt.Key.Key_Left)
    assert shown.transport.now_s == pytest.approx(0.0)
    width_s = shown.transport.width_s
    press(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert shown.transport.view_s[0] == pytest.approx(min(width_s, shown.session.end_s - width_s))
    press(qtbot, window, Qt.Key.Key_Home)
    assert shown.transport.width_s == pytest.approx(width_s / 2)
    press(qtbot, window, Qt.Key.Key_End)
    assert shown.transport.width_s == pytest.approx(width_s)
    press(qtbot, window, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert shown.transport.now_s == 0.0
    press(qtbot, window, Qt.Key.Key_Plus)
    assert shown.transport.speed == 2.0
    press(qtbot, window, Qt.Key.Key_Space)
    assert shown.transport.playing
    qtbot.waitUntil(lambda: shown.transport.now_s > 0.1, timeout=DEADLINE_MS)
    press(qtbot, window, Qt.Key.Key_Space)
    assert not shown.transport.playing
    assert window.review.plots.view() == pytest.approx(shown.transport.view_s)


def test_a_click_on_a_repetition_jumps_selects_and_l_loops_it(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    shown = window.review.presenter
    assert shown is not None
    table = window.review.reps.table
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.texts.index(2, 0)).center()
    )
    rep = shown.reps[2]
    assert shown.selected_rep == rep.index
    assert shown.transport.now_s == rep.start_s
    assert window.review.plots.border_line("turn").isVisible()
    assert window.review.plots.border_line("turn").value() == rep.turn_s
    press(qtbot, window, Qt.Key.Key_L)
    assert shown.transport.loop_s is not None
    assert window.review.bar.loop.isChecked()
    press(qtbot, window, Qt.Key.Key_Down)
    assert shown.selected_rep == shown.reps[3].index
    assert table.at() == 3


def test_a_finding_is_confirmed_and_rejected_by_button_and_key(
    qtbot: QtBot, window: ReviewWindow, folder: Path
) -> None:
    open_session(qtbot, window)
    window.review.show_side("Findings")
    card = window.review.findings.cards[0]
    qtbot.mouseClick(card.yes, Qt.MouseButton.LeftButton)
    assert "Confirmed" in card.shown_text()
    assert read_labels(folder / f"{PRESS}.mcap").verdicts[0].confirmed
    press(qtbot, window, Qt.Key.Key_X)
    assert "Rejected" in card.shown_text()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "Confirmed" in card.shown_text()
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert "Rejected" in card.shown_text()


def test_corrections_never_touch_the_recording(qtbot: QtBot, window: ReviewWindow, folder: Path) -> None:
    path = folder / f"{PRESS}.mcap"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    open_session(qtbot, window)
    shown = window.review.presenter
    assert shown is not None
    press(qtbot, window, Qt.Key.Key_Down)
    rep = shown.rep
    assert rep is not None
    window.review.seek(rep.end_s + 0.3)
    press(qtbot, window, Qt.Key.Key_O)
    assert shown.rep is not None
    assert shown.rep.end_s == pytest.approx(rep.end_s + 0.3)
    window.review.plots.border_line("start").setValue(rep.start_s - 0.2)
    window.review.plots.border_line("start").sigPositionChangeFinished.emit(
        window.review.plots.border_line("start")
    )
    assert shown.rep.start_s == pytest.approx(rep.start_s - 0.2)
    press(qtbot, window, Qt.Key.Key_Delete)
    press(qtbot, window, Qt.Key.Key_Insert)
    window.review.session.note.setText("pad slipped")
    window.review.session.note.returnPressed.emit()
    assert "pad slipped" in window.review.session.shown_text()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert read_labels(path).notes[0].text == "pad slipped"


def test_another_exercise_is_judged_anew_behind_the_window(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    shown = window.review.presenter
    assert shown is not None
    window.review.session.exercise_chosen.emit("hack_squat")
    settled(qtbot, window)
    assert window.review.presenter is shown
    assert not shown.session.as_told
    assert "judged now as hack squat" in window.review.session.shown_text()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window)
    assert shown.exercise.name == "leg_press"
    assert "as judged during the session" in window.review.session.shown_text()


def test_what_cannot_be_done_is_said_in_one_line(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    window.review.session.loads_written.emit("heavy")
    assert "kilograms" in window.frame.notice.text()
    press(qtbot, window, Qt.Key.Key_I)
    assert "choose one in the table" in window.frame.notice.text()


def test_dragging_the_overview_moves_the_plots_and_nothing_swings_back(
    qtbot: QtBot, window: ReviewWindow
) -> None:
    open_session(qtbot, window)
    review = window.review
    shown = review.presenter
    assert shown is not None
    review.do(Do.LESS)
    before = shown.transport.view_s
    middle = round(review.overview.x_of(sum(before) / 2))
    heard: list[tuple[float, float]] = []
    review.plots.viewed.connect(lambda a, b: heard.append((a, b)))
    bar = review.overview
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(middle, 20))
    qtbot.mouseMove(bar, QPoint(middle + 100, 20))
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(middle + 100, 20))
    by_s = 100 / bar.width() * shown.session.end_s
    assert shown.transport.view_s[0] == pytest.approx(before[0] + by_s, abs=0.5)
    assert review.plots.view() == pytest.approx(shown.transport.view_s)
    assert heard == [], "what was asked of the plots does not come back as a wish"


def test_panning_a_plot_moves_the_overview(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    review = window.review
    review.plots._top.setXRange(10.0, 20.0, padding=0)
    assert review.presenter is not None
    assert review.presenter.transport.view_s == pytest.approx((10.0, 20.0))


def test_the_sheet_of_keys_is_made_from_the_table(qtbot: QtBot, window: ReviewWindow) -> None:
    from PySide6.QtWidgets import QLabel  # noqa: PLC0415

    window.do(Do.HELP)
    assert window.sheet is not None
    said = {shown.text() for shown in window.sheet.findChildren(QLabel)}
    assert all(key.words in said for key in KEYS)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.sheet is None


def test_letters_typed_into_a_field_are_letters(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    window.review.show_side("Session")
    press(qtbot, window, Qt.Key.Key_N)
    field = window.review.session.note
    assert field.hasFocus()
    qtbot.keyClicks(field, "xl c i")
    assert field.text() == "xl c i"
    assert window.review.presenter is not None
    assert not window.review.presenter.edits.past


def test_theme_and_text_size_are_kept(make: Callable[[], ReviewWindow]) -> None:
    one = make()
    one.do(Do.THEME)
    one.do(Do.LARGER)
    other = make()
    assert (other.look.theme.name, other.look.sizes.scale) == ("light", 1.25)


def test_deleting_the_open_session_closes_it(qtbot: QtBot, window: ReviewWindow) -> None:
    open_session(qtbot, window)
    window.show_page(Do.LIBRARY)
    window.library.deleted.emit(f"{PRESS}.mcap")
    settled(qtbot, window)
    assert window.review.presenter is None
    window.show_page(Do.REVIEW)
    assert window.review.nothing.isVisible()


# -- compare, what-if, history -------------------------------------------------------------


def test_two_sets_are_laid_over_each_other_with_n_coverage_and_grey_changes(
    qtbot: QtBot, window: ReviewWindow
) -> None:
    open_session(qtbot, window, SQUAT)
    window.show_page(Do.COMPARE)
    settled(qtbot, window)
    text = window.studies.compare.shown_text()
    assert "Set 1, 60 kg, this session" in text
    assert "5 reps, 100 % received" in text
    rows = window.studies.compare.table.texts
    assert rows.rowCount() >= 5
    real = window.studies.compare.shown_real()
    assert rows.greyed == {at for at, is_real in enumerate(real) if not is_real}


def test_a_set_of_another_session_can_be_compared(
    qtbot: QtBot, make: Callable[[], ReviewWindow], folder: Path
) -> None:
    put(folder, "2026-11-14_guest_squat", "imported")
    window = make()
    open_session(qtbot, window, SQUAT)
    window.show_page(Do.COMPARE)
    settled(qtbot, window)
    page = window.studies.compare
    at = next(i for i in range(page.other.count()) if "14 Nov 2026" in page.other.itemText(i))
    page.other.setCurrentIndex(at)
    page.asked.emit()
    settled(qtbot, window)
    assert "Before: Set 1, 60 kg, 14 Nov 2026" in page.shown_text()
    assert "taken off in between" in page.shown_text()


def test_other_limits_show_what_would_come_and_go_and_none_shows_nothing(
    qtbot: QtBot, window: ReviewWindow
) -> None:
    open_session(qtbot, window)
    window.show_page(Do.WHAT_IF)
    page = window.studies.what_if
    qtbot.mouseClick(page.run, Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert page.shown_text().startswith("Nothing would be judged otherwise.")
    page.fields["lift_off_caution_deg"].setValue(35)
    page.fields["lift_off_alert_deg"].setValue(40)
    qtbot.mouseClick(page.run, Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert "gone" in page.summary.text()
    assert page.table.texts.rows[0][-1] == "gone"
    page.table.chosen.emit(0)
    assert window.page() is Do.REVIEW
    assert window.review.presenter is not None
    assert window.review.presenter.transport.now_s > 0
    window.show_page(Do.WHAT_IF)
    qtbot.mouseClick(page.reset, Qt.MouseButton.LeftButton)
    assert page.options() == window.options


def test_history_shows_trends_with_errors_and_advice(
    qtbot: QtBot, make: Callable[[], ReviewWindow], folder: Path
) -> None:
    put(folder, "2026-11-14_guest_squat", "imported")
    window = make()
    open_session(qtbot, window, SQUAT)
    window.show_page(Do.HISTORY)
    settled(qtbot, window)
    text = window.studies.history.shown_text()
    assert "Heaviest load  60 kg" in text
    assert "14 Nov 2026  60 kg  1  5" in text
    assert "±" in text
    assert "." in window.studies.history.advice.text()


def test_a_recording_that_cannot_be_read_is_told_in_one_line_by_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "review", str(tmp_path / "gone.mcap")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "gone.mcap" in done.stderr


# -- the worker ----------------------------------------------------------------------------


def test_a_later_job_of_a_kind_replaces_the_earlier_one_and_failures_are_told(qtbot: QtBot) -> None:
    worker = Worker()
    begun, go_on = threading.Event(), threading.Event()
    told: list[str] = []

    def slow(progress: Callable[[float, str], None]) -> str:
        begun.set()
        go_on.wait(10)
        progress(0.5, "half")
        return "slow"

    def broken(_: object) -> None:
        raise RecordingError("x.mcap\n is gone")

    try:
        worker.start("a", slow, told.append, told.append)
        assert begun.wait(10)
        worker.start("a", lambda _: "quick", told.append, told.append)
        worker.start("b", broken, told.append, told.append)
        go_on.set()
        qtbot.waitUntil(lambda: not worker.busy, timeout=DEADLINE_MS)
    finally:
        worker.close()
    assert told == ["quick", "x.mcap is gone"]
