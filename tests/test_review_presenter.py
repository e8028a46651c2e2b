"""Transport, tables and corrections of the review page, without a window."""

from __future__ import annotations

import hashlib
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from review_sessions import put

from gui.review.decimation import columns, coverage_steps, envelope, extremes
from gui.review.keys import KEYS
from gui.review.review_presenter import ReviewPresenter, place_text
from gui.review.session_data import open_session
from gui.review.transport import SPEEDS, STEPS_S, Transport
from gui.review.words import loads_of
from monitor.model.errors import MonitorError, RecordingError
from monitor.model.events import Cause
from monitor.recording.labels import labels_path, read_labels, write_labels


def opened(folder: Path, kind: str = "press") -> ReviewPresenter:
    path = put(folder, kind, kind)
    return ReviewPresenter(open_session(path), partial(write_labels, path))


# -- transport -----------------------------------------------------------------------------


class Transporting(RuleBasedStateMachine):
    """Whatever is done, the cursor and the view stay inside the session."""

    def __init__(self) -> None:
        super().__init__()
        self.at = Transport.over(300.0)

    @rule(elapsed_s=st.floats(0, 30))
    def play(self, elapsed_s: float) -> None:
        self.at = self.at.advanced(elapsed_s)
        if self.at.playing:
            start_s, stop_s = self.at.view_s
            assert start_s <= self.at.now_s <= stop_s, "the cursor stays in view while it plays"

    @rule()
    def toggle(self) -> None:
        self.at = self.at.toggled()

    @rule(now_s=st.floats(-100, 500))
    def seek(self, now_s: float) -> None:
        self.at = self.at.sought(now_s)
        assert self.at.view_s[0] <= self.at.now_s <= self.at.view_s[1]

    @rule(steps=st.integers(-20, 20))
    def step(self, steps: int) -> None:
        self.at = self.at.stepped(steps)
        assert not self.at.playing

    @rule(pages=st.integers(-3, 3))
    def turn(self, pages: int) -> None:
        width_s = self.at.width_s
        self.at = self.at.turned(pages)
        assert self.at.width_s == pytest.approx(width_s)

    @rule(factor=st.floats(0.01, 100))
    def zoom(self, factor: float) -> None:
        self.at = self.at.widened(factor)

    @rule(start_s=st.floats(-50, 350), stop_s=st.floats(-50, 350))
    def show(self, start_s: float, stop_s: float) -> None:
        self.at = self.at.shown(start_s, stop_s)

    @rule(start_s=st.floats(0, 290), length_s=st.floats(0.5, 10))
    def loop(self, start_s: float, length_s: float) -> None:
        self.at = self.at.looped((start_s, start_s + length_s))

    @rule()
    def play_on(self) -> None:
        self.at = self.at.looped(None)

    @rule(steps=st.integers(-9, 9))
    def change_speed(self, steps: int) -> None:
        self.at = self.at.at_speed(steps)

    @invariant()
    def inside(self) -> None:
        start_s, stop_s = self.at.view_s
        assert 0 <= start_s < stop_s <= self.at.end_s + 1e-6
        assert 0 <= self.at.now_s <= self.at.end_s + 10
        assert self.at.speed in SPEEDS


TestTransport = Transporting.TestCase


def test_a_full_page_is_turned_not_scrolled() -> None:
    at = Transport.over(300.0).shown(0.0, 10.0).sought(9.5).toggled()
    views = set()
    for _ in range(40):
        at = at.advanced(0.1)
        views.add(at.view_s)
    assert len(views) == 2


def test_playing_at_sixteen_is_sixteen_times_as_fast_and_ends_at_the_end() -> None:
    at = Transport.over(100.0).at_speed(+9).toggled()
    assert at.advanced(1.0).now_s == 16.0
    ended = at.advanced(10.0)
    assert (ended.now_s, ended.playing) == (100.0, False)
    assert ended.toggled().now_s == 0.0


def test_a_loop_comes_back_to_its_start() -> None:
    at = Transport.over(100.0).looped((10.0, 12.0)).sought(10.0).toggled()
    assert at.advanced(2.5).now_s == pytest.approx(10.5)


def test_a_step_is_what_was_chosen() -> None:
    at = Transport.over(100.0).with_step(STEPS_S[0]).stepped(3)
    assert at.now_s == pytest.approx(0.03)


# -- fewer points --------------------------------------------------------------------------


@given(
    st.lists(st.floats(-90, 90), min_size=2, max_size=400),
    st.integers(1, 50),
    st.floats(0, 3.9),
    st.floats(0.1, 4),
)
def test_the_drawn_points_reach_every_extreme_in_view(
    values: list[float], columns: int, start_s: float, width_s: float
) -> None:
    t_s, y = np.arange(len(values)) / 100, np.array(values)
    x, drawn = envelope(t_s, y, start_s, start_s + width_s, columns)
    inside = (t_s >= start_s) & (t_s <= start_s + width_s)
    assert len(x) == len(drawn) <= 2 * columns + 4
    assert (np.diff(x) >= 0).all()
    if inside.any():
        assert drawn.min() <= y[inside].min()
        assert drawn.max() >= y[inside].max()


def test_an_empty_column_stays_empty_and_unknown_values_are_left_out() -> None:
    low, high = extremes(
        np.array([0.0, 0.1, 5.0]), np.array([1.0, np.nan, 3.0]), np.array([0.0, 1.0, 2.0, 6.0])
    )
    assert low.tolist()[::2] == [1.0, 3.0]
    assert math.isnan(high[1])


@given(st.integers(5, 300), st.floats(0, 3), st.floats(0.2, 6))
def test_a_band_fills_every_pixel_between_its_rows_and_none_in_a_gap(
    pixels: int, start_s: float, width_s: float
) -> None:
    t_s = np.concatenate((np.arange(200) / 100, 3 + np.arange(200) / 100))  # nothing from 1.99 to 3 s
    middle = np.sin(t_s)
    at_s, low, high = columns(t_s, middle - 0.5, middle + 0.5, start_s, start_s + width_s, pixels)
    step = width_s / pixels
    in_gap = (at_s > 1.99 + step) & (at_s < 3 - step)
    assert not in_gap.any()
    seen = t_s[(t_s >= start_s + step) & (t_s <= start_s + width_s - step)]
    for row_s in seen:
        near = np.argmin(np.abs(at_s - row_s))
        assert abs(at_s[near] - row_s) <= step
        assert low[near] <= np.sin(row_s) + 0.5
        assert high[near] >= np.sin(row_s) - 0.5
    assert (high >= low).all()


def test_a_second_without_samples_is_seen_from_afar() -> None:
    shares = np.ones(3600)
    shares[1234] = 0.0
    edges, least = coverage_steps(np.arange(3601.0), shares, 0.0, 3600.0, 500)
    assert len(edges) == len(least) + 1 <= 502
    assert least.min() == 0.0


# -- one session ---------------------------------------------------------------------------


def test_what_the_session_said_is_shown_without_judging_again(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    assert shown.session.as_told
    assert len(shown.sets) == 2
    assert [s.load_kg for s in shown.sets] == [120.0, 140.0]
    assert any("lift-off" in rep.noticed for rep in shown.reps)
    assert {f.cause for f in shown.findings} == {Cause.LACK_OF_SPINAL_SUPPORT}
    assert all(f.evidence for f in shown.findings)


def test_an_import_is_judged_when_it_is_opened(tmp_path: Path) -> None:
    told: list[float] = []
    path = put(tmp_path, "import", "imported")
    made = open_session(path, progress=lambda share, _: told.append(share))
    assert not made.session.as_told
    assert sum(e["type"] == "rep" for e in made.session.events) == 5
    assert max(told) > 0.5, "long work tells how far it is"


def test_the_values_under_the_cursor_are_those_of_the_curve(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    curves = shown.opened.curves
    row = len(curves.t_s) // 2
    reading = shown.reading(float(curves.t_s[row]))
    assert reading.tilt == curves.tilt[row]
    assert reading.coverage == 1.0
    assert math.isnan(shown.reading(shown.session.end_s + 100).tilt)


def test_choosing_a_repetition_jumps_and_a_loop_follows_it(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    first, second = shown.reps[0], shown.reps[1]
    shown.choose_rep(first.index)
    assert shown.transport.now_s == first.start_s
    assert place_text(shown).endswith(f"rep {first.index}")
    shown.toggle_loop()
    assert shown.transport.loop_s is not None
    shown.choose_neighbour(+1)
    assert shown.selected_rep == second.index
    assert shown.transport.loop_s[0] < second.start_s < second.end_s < shown.transport.loop_s[1]
    shown.toggle_loop()
    assert shown.transport.loop_s is None


def test_confirming_twice_takes_the_word_back_and_undo_brings_it_again(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    shown.choose_finding(0)
    shown.judge(confirmed=True)
    assert shown.findings[0].confirmed is True
    shown.judge(confirmed=False)
    assert shown.findings[0].confirmed is False
    shown.judge(confirmed=False)
    assert shown.findings[0].confirmed is None
    shown.undo()
    assert shown.findings[0].confirmed is False
    shown.redo()
    assert shown.findings[0].confirmed is None


def test_borders_keep_their_order_and_figures_follow(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    shown.choose_rep(shown.reps[0].index)
    before = shown.rep
    assert before is not None
    with pytest.raises(MonitorError, match="in this order"):
        shown.move_border("turn", before.end_s + 1)
    shown.move_border("end", before.end_s + 0.4)
    after = shown.rep
    assert after is not None
    assert after.corrected
    assert after.end_s == pytest.approx(before.end_s + 0.4)
    assert after.up_s == pytest.approx((before.up_s or 0) + 0.4, abs=0.02)
    assert not shown.reps[1].corrected


def test_a_missed_repetition_can_be_entered_moved_and_taken_away(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    count = len(shown.reps)
    shown.add_missed(5.0)
    assert len(shown.reps) == count + 1
    assert shown.rep is not None
    assert shown.rep.entered == 0
    shown.move_border("start", 4.5)
    assert shown.rep.start_s == 4.5
    shown.remove_rep()
    assert len(shown.reps) == count
    for _ in range(3):
        shown.undo()
    assert len(shown.reps) == count
    assert not shown.edits.past


def test_a_repetition_that_was_none_is_gone_until_undone(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    gone = shown.reps[2].index
    shown.choose_rep(gone)
    shown.remove_rep()
    assert gone not in [rep.index for rep in shown.reps]
    assert shown.rep is None
    shown.undo()
    assert gone in [rep.index for rep in shown.reps]


def test_what_is_said_is_kept_beside_a_recording_that_stays_as_it_is(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    path = shown.session.path
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    shown.call("Heavy day")
    shown.tag("legs, heavy")
    shown.add_note("felt the pad slip", 20.0)
    shown.correct_exercise("hack_squat")
    shown.correct_loads("125; 145 kg")
    shown.choose_finding(0)
    shown.judge(confirmed=False)
    shown.choose_rep(shown.reps[0].index)
    shown.remove_rep()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    again = ReviewPresenter(open_session(path), partial(write_labels, path))
    assert again.title == "Heavy day"
    assert again.exercise.name == "hack_squat"
    assert again.labels == shown.labels
    assert again.labels.loads_kg == (125.0, 145.0)
    assert again.labels.notes[0].text == "felt the pad slip"


def test_going_back_to_what_was_recorded_leaves_no_labels_behind(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    shown.correct_exercise("squat")
    assert shown.needs_judging
    assert labels_path(shown.session.path).exists()
    shown.correct_exercise("leg_press")
    assert not shown.needs_judging
    assert not labels_path(shown.session.path).exists()


def test_a_change_that_cannot_be_kept_is_not_made(tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise RecordingError("the disk is full")

    shown = ReviewPresenter(open_session(put(tmp_path, "press", "press")), refuse)
    with pytest.raises(RecordingError, match="full"):
        shown.call("x")
    assert shown.labels.title == ""
    assert not shown.edits.past


@pytest.mark.parametrize(
    ("text", "loads"),
    [("60, 80", (60.0, 80.0)), ("62.5 kg", (62.5,)), ("  ", None), ("60;80;", (60.0, 80.0))],
)
def test_loads_are_read_as_people_write_them(text: str, loads: tuple[float, ...] | None) -> None:
    assert loads_of(text) == loads


@pytest.mark.parametrize("text", ["heavy", "60, x", "-5", "9999"])
def test_a_load_that_is_none_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(MonitorError) as refused:
        loads_of(text)
    assert "\n" not in str(refused.value)


def test_no_key_does_two_things() -> None:
    keys = [spelled for key in KEYS for spelled in key.keys]
    assert len(keys) == len(set(keys))


def test_labels_of_undo_and_redo_are_on_disk(tmp_path: Path) -> None:
    shown = opened(tmp_path)
    path = shown.session.path
    shown.call("one")
    shown.call("two")
    shown.undo()
    assert read_labels(path).title == "one"
    shown.redo()
    assert read_labels(path).title == "two"


DEEDS = (
    "call", "tag", "note", "exercise", "loads", "finding", "border", "none", "missed", "undo", "redo",
)  # fmt: skip


def do(shown: ReviewPresenter, deed: str, n: int) -> None:  # noqa: C901 - one line a deed
    if deed in {"border", "none"} and shown.reps:
        shown.choose_rep(shown.reps[n % len(shown.reps)].index)
    match deed:
        case "call":
            shown.call(f"title {n}")
        case "tag":
            shown.tag(f"legs, {n}")
        case "note":
            shown.add_note(f"note {n}", float(n))
        case "exercise":
            shown.correct_exercise(("squat", "leg_press", "hack_squat")[n % 3])
        case "loads":
            shown.correct_loads(f"{100 + n}")
        case "finding":
            shown.choose_finding(n % 2)
            shown.judge(confirmed=n % 3 == 0)
        case "border" if shown.rep is not None:
            shown.move_border("end", shown.rep.end_s + 0.02 * n)
        case "none":
            shown.remove_rep()
        case "missed":
            shown.add_missed(5.0 + n)
        case "undo":
            shown.undo()
        case "redo":
            shown.redo()


STEPS = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 20)), max_size=12)


@settings(max_examples=25, deadline=None)
@example([("call", 0), ("call", 1), ("undo", 0), ("call", 0)])  # leaving a field says again what stands
@example([("call", 0), ("tag", 1), ("undo", 0), ("undo", 0), ("redo", 0)])
@given(STEPS)
def test_whatever_is_said_and_undone_the_recording_stays_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    shown = opened(tmp_path_factory.mktemp("said"))
    path = shown.session.path
    before, first = hashlib.sha256(path.read_bytes()).hexdigest(), (shown.reps, shown.findings, shown.moments)
    for deed, n in steps:
        do(shown, deed, n)
        assert read_labels(path) == shown.labels, "what is shown is what is kept"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    last, past, future = shown.labels, len(shown.edits.past), len(shown.edits.future)
    while shown.edits.past:
        shown.undo()
    assert (shown.reps, shown.findings, shown.moments) == first
    assert not labels_path(path).exists()
    for _ in range(past):
        shown.redo()
    assert (shown.labels, len(shown.edits.past), len(shown.edits.future)) == (last, past, future)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
