from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from gui_scenes import (
    SCENES,
    Scene,
    deadlift_two_sensors,
    leg_press_lift_off,
    rest_after_set,
    set_not_clear,
    squat_tuck,
)
from hypothesis import given
from hypothesis import strategies as st

from gui.cards import NOT_CLEAR_CUE
from gui.presenter import Presenter
from gui.review.words import noticed_text
from gui.usual import usual_of, zone_for
from gui.view_state import Phase, Standing, ViewState
from gui.words import CAUSE_TAG, CAUSE_TITLE, FAULT, degrees_text, whole_degrees
from monitor.baseline_text import DatedBaseline, baselines_text
from monitor.model.events import (
    Approaching,
    Calibrated,
    Cause,
    Confidence,
    Fault,
    FaultKind,
    Finding,
    Gap,
    Level,
    LiftOff,
    LiftOffStarted,
    Notice,
    Rep,
    RepMetrics,
    SetSummary,
)
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER
from monitor.model.session import Annotation, LinkStatus, Output, SessionInfo
from monitor.pipeline.baseline import baseline
from monitor.pipeline.cause_words import UNCLEAR_CUE
from monitor.pipeline.faults import personal_change_rad
from monitor.pipeline.settings import PipelineSettings

NEVER_SAID = re.compile(r"danger|injur|diagnos|unsafe|prevent|disc\b", re.IGNORECASE)


def played(scene: Scene, until_s: float = math.inf) -> ViewState:
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        if output.posture.t_s[0] > until_s:
            break
        presenter.take(items, output)
    return presenter.view()


def test_a_lift_off_is_marked_at_its_time_and_renamed_once_the_cause_is_found() -> None:
    scene = leg_press_lift_off()
    first = next(e for e in scene.events if isinstance(e, LiftOffStarted))
    during = played(scene, first.decided_s + 0.15)
    assert during.lifted_off
    assert [m.time_s for m in during.marks] == [first.start_s]
    assert during.marks[0].cause_words == "cause not clear yet"
    assert during.marks[0].end_s is None

    after = played(scene)
    lift_offs = [e for e in scene.events if isinstance(e, LiftOff)]
    assert [m.time_s for m in after.marks] == [e.start_s for e in lift_offs]
    assert [m.what for m in after.marks] == ["lift-off 9°", "lift-off 13°"]
    assert {m.cause_words for m in after.marks} == {"likely lack of support"}
    assert not after.lifted_off
    assert "lift-off 9°" in next(r for r in after.reps if r.index == 6).noticed


def test_the_big_number_is_tilt_on_a_pad_and_flexion_with_two_sensors() -> None:
    seated, free = played(leg_press_lift_off()), played(deadlift_two_sensors())
    assert (seated.headline.title, seated.headline.reference) == ("Pelvic tilt", "from the seat reference")
    assert (free.headline.title, free.headline.is_flexion) == ("Lumbar flexion", True)
    assert free.thorax_measured
    assert not seated.thorax_measured


def test_past_the_seat_limit_is_said_while_it_lasts() -> None:
    scene = leg_press_lift_off()
    deepest = played(scene, scene.rep_times(7)[1])
    assert deepest.headline.standing is Standing.ALERT
    assert deepest.headline.direction == "rolled back"


def test_on_the_way_to_the_limit_is_said_for_a_moment() -> None:
    scene = leg_press_lift_off()
    presenter = Presenter(scene.info)
    for items, output in list(scene.batches())[:60]:
        presenter.take(items, output)
    now_s = presenter.view().now_s
    assert presenter.view().headline.standing is Standing.USUAL
    presenter.take((), Output(events=(Approaching(now_s, now_s, 0.1, 1),)))
    assert presenter.view().headline.standing is Standing.CAUTION
    for items, output in list(scene.batches())[60:75]:
        presenter.take(items, output)
    assert presenter.view().headline.standing is Standing.USUAL


def test_a_set_that_ends_without_a_cause_says_so_on_card_marks_and_page() -> None:
    scene = set_not_clear()
    during = played(scene, scene.rep_times(7)[2] + 1.0)
    assert during.card.title == "Cause not clear yet"
    assert {mark.cause_words for mark in during.marks} == {"cause not clear yet"}

    view = played(scene)
    assert view.after_set is not None
    card = view.after_set.cards[0]
    assert view.card == card
    assert card.title == "Cause not clear"
    assert (card.level, card.confidence, card.provisional) == ("caution", None, False)
    assert card.about == "reps 5 to 7"
    assert card.evidence == ("lower back bent 33.0 to 34.0° more than usual at reps 5 to 7",)
    assert card.rivals == "Possible: improper form (low), too much weight (low)"
    assert view.after_set.cue == card.cue == UNCLEAR_CUE
    assert view.after_set.stood_out == f"Lower back{card.evidence[0].removeprefix('lower back')}."
    assert {mark.cause_words for mark in view.marks} == {"cause not clear"}


def test_what_made_a_repetitions_level_is_named_first_live_and_in_review() -> None:
    slow = Fault(FaultKind.SLOW_REP, Level.CAUTION, 4.0, 5.0, None)
    tuck = Fault(FaultKind.TUCK, Level.ALERT, 4.0, 5.0, math.radians(16.0))
    presenter = Presenter(SessionInfo())
    presenter.take((), Output(events=(rep(1, faults=(slow, tuck)),)))
    assert presenter.view().reps[0].noticed == "hips tucked 16°, slower"
    told = [
        {"kind": "slow_rep", "level": "caution"},
        {"kind": "tuck", "level": "alert", "value_deg": 16.0},
    ]
    assert noticed_text({"faults": told}, None) == (Level.ALERT, "hips tucked 16°, slower")


def test_something_noticed_without_a_finding_is_not_called_nothing() -> None:
    scene = squat_tuck()
    view = played(scene, scene.rep_times(4)[0])
    assert view.card.title == "Cause not clear yet"
    assert view.card.evidence == ("rep 3: hips tucked 11°",)
    presenter = Presenter(SessionInfo())
    slow = rep(2, faults=(Fault(FaultKind.SLOW_REP, Level.CAUTION, 4.0, 5.0, None),))
    over = SetSummary(1, 0.0, 9.0, 20.0, (1, 2), "squat", None, "")
    presenter.take((), Output(events=(rep(1), slow, over)))
    after = presenter.view().after_set
    assert after is not None
    assert after.stood_out == "Slower once, no cause clear."
    assert (after.cue, after.cards[0].title) == (NOT_CLEAR_CUE, "Cause not clear yet")


def test_a_set_of_one_repetition_is_told_as_one() -> None:
    presenter = Presenter(SessionInfo())
    over = SetSummary(1, 0.0, 9.0, 20.0, (1,), "squat", None, "")
    presenter.take((), Output(events=(rep(1), over)))
    after = presenter.view().after_set
    assert after is not None
    assert after.title == "Set 1: 1 rep of squat"
    assert not [row for row in after.comparisons if "up to" in row.this_set], "it differs from no other"
    assert after.cards[0].about == "Nothing in the repetitions so far stood out."


def test_rest_counts_from_the_end_of_the_set() -> None:
    scene = rest_after_set()
    view = played(scene)
    assert view.phase is Phase.RESTING
    assert view.rest_s == pytest.approx(34.0, abs=0.2)
    assert view.reps_in_set == 7


def test_a_lost_sensor_takes_the_number_away() -> None:
    scene = squat_tuck()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    assert presenter.view().headline.value_deg is not None
    presenter.take((LinkStatus(20.0, LOWER, "lost", "no data"),), Output())
    assert presenter.view().headline.value_deg is None
    assert presenter.view().headline.direction == "no data"


def test_a_new_exercise_forgets_what_was_usual() -> None:
    scene = deadlift_two_sensors()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    assert presenter.view().headline.zone.usual_deg is not None
    presenter.take((Annotation(30.0, "exercise", "lunge"), Annotation(30.0, "load_kg", 42.5)), Output())
    view = presenter.view()
    assert view.exercise == "lunge"
    assert view.load == "42.5 kg"
    assert view.headline.zone.usual_deg is None


@pytest.mark.parametrize(
    ("kind", "quality", "judged"), [("auto", "good", True), ("auto", "poor", False), ("none", "poor", False)]
)
def test_limits_are_shown_only_where_a_calibration_allows_them(kind: str, quality: str, judged: bool) -> None:
    presenter = Presenter(SessionInfo(EXERCISES["leg_press"]))
    presenter.take((), Output(events=(Calibrated(kind, quality, 1.0),)))
    view = presenter.view()
    assert view.calibration_ok is judged
    assert (view.headline.zone.alert_deg is not None) is judged
    if not judged:
        assert "not judged" in view.calibration


def test_the_newest_notice_is_last_and_none_is_told_twice() -> None:
    presenter = Presenter(SessionInfo())
    for text in ("one", "two", "one"):
        presenter.take((), Output(events=(Notice(0.0, text),)))
    assert presenter.view().notices == ("two", "one")


def test_the_view_does_not_depend_on_how_the_batches_were_cut() -> None:
    scene = leg_press_lift_off()
    one = played(scene)
    batches = list(scene.batches())
    presenter = Presenter(scene.info)
    for items, output in batches:
        for item in items:
            presenter.take((item,), Output())
        presenter.take((), Output(posture=output.posture))
        for event in output.events:
            presenter.take((), Output(events=(event,)))
    assert presenter.view() == one


def test_a_set_closed_by_a_change_of_exercise_keeps_its_own() -> None:
    scene = squat_tuck()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    start_s, _, _ = scene.rep_times(1)
    end_s = scene.rep_times(6)[2]
    summary = SetSummary(1, start_s, end_s, end_s + 3, (1, 2, 3, 4, 5, 6), "squat", 60.0, "six of them")
    presenter.take((Annotation(end_s, "exercise", "leg_press"),), Output(events=(summary,)))
    view = presenter.view()
    assert view.exercise == "leg press"
    assert view.after_set is not None
    assert view.after_set.title == "Set 1: 6 reps of squat, 60 kg"
    assert view.after_set.chart.title == "Tuck at the bottom, each rep"
    assert [c.name for c in view.after_set.comparisons if "Lift" in c.name] == []
    assert view.headline.zone.usual_deg is None
    assert view.calibration == "No seat reference: sit, back flat, hold still"


def test_a_set_in_which_something_differed_without_a_cause_says_so() -> None:
    scene = squat_tuck()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        events = tuple(e for e in output.events if not isinstance(e, Finding))
        presenter.take(items, Output(output.posture, events))
    summary = SetSummary(1, 4.0, 25.0, 40.0, (1, 2, 3, 4, 5, 6), "squat", None, "done")
    presenter.take((), Output(events=(summary,)))
    after = presenter.view().after_set
    assert after is not None
    assert after.cue == "Do the next set the same way: the cause is not clear yet."
    assert after.cards[0].title == "Cause not clear yet"
    assert "rep 6: hips tucked 17°" in after.cards[0].evidence


def test_bars_stand_against_the_band_of_the_engines_own_usual_repetition() -> None:
    scene = squat_tuck()
    reps = [e for _, output in scene.batches() for e in output.events if isinstance(e, Rep)]
    first = [rep for rep in reps if not rep.faults]
    kept = baselines_text("me", {"squat": DatedBaseline(baseline([*first, *first]))})
    presenter = Presenter(replace(scene.info, baselines=kept))
    for items, output in scene.batches():
        presenter.take(items, output)
    chart = presenter.view().chart
    assert chart.title == "Tuck at the bottom, each rep"
    assert [round(bar.value_deg) for bar in chart.bars] == [4, 4, 11, 4, 16, 17]
    assert [bar.level for bar in chart.bars] == [None, None, "caution", None, "alert", "alert"]
    change_deg = math.degrees(personal_change_rad(EXERCISES["squat"], 0.0, same_session=False))
    assert change_deg > 6
    assert chart.usual_deg == pytest.approx((4 - change_deg, 4 + change_deg))
    assert (chart.caution_deg, chart.alert_deg) == (10.0, 15.0)


def test_without_an_earlier_session_the_band_comes_with_the_fifth_repetition() -> None:
    scene = deadlift_two_sensors()
    assert played(scene, scene.rep_times(5)[1]).chart.usual_deg is None
    low, high = played(scene).chart.usual_deg or (0.0, 0.0)
    assert (low + high) / 2 == pytest.approx(25)
    assert high - low >= 16


def test_a_repetition_with_holes_is_not_judged_and_says_nothing_of_the_usual() -> None:
    presenter = Presenter(SessionInfo())
    for index in range(1, 6):
        presenter.take((), Output(events=(rep(index, coverage=0.7 if index < 3 else 1.0),)))
    view = presenter.view()
    assert [row.complete for row in view.reps] == [False, False, True, True, True]
    assert view.reps[0].noticed == "not judged: 70 % of the samples"
    assert [bar.complete for bar in view.chart.bars] == [False, False, True, True, True]


def rep(index: int, *, coverage: float = 1.0, faults: tuple[Fault, ...] = (), peak_rad: float = 0.45) -> Rep:
    start_s = 4.0 * index
    metrics = RepMetrics(0.5, peak_rad, 0.5, 0.05, None, None, 0.02, 0.02, -1.8, 0.4, coverage)
    return Rep(index, 1, start_s, start_s + 1.5, start_s + 3, start_s + 3, metrics, faults=faults)


moments = st.floats(0, 60).map(lambda t: round(t, 2))
angles = st.floats(-1.5, 1.5)
reps_or_none = st.none() | st.integers(1, 12)
levels = st.sampled_from(list(Level))
events = st.one_of(
    st.builds(LiftOffStarted, moments, moments, angles, reps_or_none, levels),
    st.builds(LiftOff, moments, moments, moments, angles, reps_or_none, levels),
    st.builds(Fault, st.sampled_from(list(FaultKind)), levels, moments, moments, st.none() | angles),
    st.builds(rep, st.integers(1, 12), coverage=st.floats(0, 1)),
    st.builds(
        Finding,
        st.sampled_from(list(Cause)),
        st.sampled_from(list(Confidence)),
        levels,
        st.lists(st.integers(1, 12), max_size=4).map(tuple),
        st.just(("evidence",)),
        st.sampled_from(["", "cue"]),
        moments,
        moments,
    ),
    st.builds(
        SetSummary,
        st.integers(1, 3),
        moments,
        moments,
        moments,
        st.just((1,)),
        st.just("squat"),
        st.none(),
        st.just(""),
    ),
    st.builds(Gap, st.sampled_from(["lower", "upper"]), moments, moments, moments),
    st.builds(
        Calibrated, st.sampled_from(["auto", "seat", "none"]), st.sampled_from(["good", "poor"]), moments
    ),
    st.builds(Notice, moments, st.text(max_size=20)),
)
items = st.one_of(
    st.builds(
        LinkStatus,
        moments,
        st.sampled_from(["lower", "upper"]),
        st.sampled_from(["connecting", "streaming", "lost", "ended"]),
    ),
    st.builds(Annotation, moments, st.just("exercise"), st.sampled_from(["squat", "leg_press", "nonsense"])),
    st.builds(Annotation, moments, st.sampled_from(["load_kg", "pain", "snooze_s"]), st.floats(0, 10)),
    st.builds(Annotation, moments, st.sampled_from(["mark", "note"]), st.text(max_size=10)),
)


@given(st.lists(st.one_of(events.map(lambda e: ((), (e,))), items.map(lambda i: ((i,), ()))), max_size=40))
def test_whatever_happens_in_whatever_order_there_is_a_view(steps: list[tuple[tuple, tuple]]) -> None:  # type: ignore[type-arg]
    presenter = Presenter(SessionInfo())
    for said, happened in steps:
        presenter.take(said, Output(events=happened))
        view = presenter.view()
        assert view.reps_in_set <= len(view.reps)
        times = [mark.time_s for mark in view.marks]
        assert times == sorted(times)
        assert len(view.notices) <= 4


def test_every_cause_and_fault_has_words_and_none_frightens() -> None:
    assert set(CAUSE_TITLE) == set(CAUSE_TAG) == set(Cause)
    assert set(FAULT) == set(FaultKind)
    said = [*CAUSE_TITLE.values(), *CAUSE_TAG.values(), *FAULT.values()]
    said += [str(played(make())) for make in SCENES.values()]
    assert not [text for text in said if NEVER_SAID.search(text)]


@given(st.floats(-720, 720))
def test_degrees_never_show_a_negative_zero_or_a_hyphen(value_deg: float) -> None:
    text = whole_degrees(value_deg)
    assert text != "−0°"
    assert "-" not in text
    assert int(text.replace("−", "-").rstrip("°")) == round(value_deg)


def test_unknown_is_a_dash() -> None:
    assert degrees_text(None) == degrees_text(math.nan) == "–"


@given(st.lists(angles, max_size=12), st.sampled_from(sorted(EXERCISES)), st.booleans())
def test_the_gauge_is_sane_for_any_repetitions(peaks: list[float], name: str, flexion: bool) -> None:
    made = [rep(i, peak_rad=peak) for i, peak in enumerate(peaks)]
    base = usual_of(made, None)
    assert (base is None) is (len(peaks) < 5)
    zone = zone_for(EXERCISES[name], base, PipelineSettings(), flexion=flexion, judged=True)
    assert zone.low_deg < zone.high_deg
    if zone.usual_deg is not None:
        assert zone.usual_deg[0] <= zone.usual_deg[1]
    if zone.caution_deg is not None and zone.alert_deg is not None:
        assert abs(zone.alert_deg) > abs(zone.caution_deg)
