from __future__ import annotations

import math
import re

import pytest
from gui_scenes import SCENES, Scene, deadlift_two_sensors, leg_press_lift_off, rest_after_set, squat_tuck
from hypothesis import given
from hypothesis import strategies as st

from gui.presenter import Presenter
from gui.usual import zone_for
from gui.view_state import Phase, Standing, ViewState
from gui.words import CAUSE_TAG, CAUSE_TITLE, FAULT, degrees_text, reps_text, whole_degrees
from monitor.model.events import Calibrated, Cause, FaultKind, LiftOff, LiftOffStarted, Notice
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER
from monitor.model.session import Annotation, LinkStatus, Output, SessionInfo
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


def test_the_card_of_a_cause_that_is_not_clear_names_both_rivals() -> None:
    card = played(deadlift_two_sensors()).card
    assert card.title == "Cause not clear yet"
    assert card.rivals == "Possible: improper form (low), too much weight (low)"
    assert card.confidence is None


def test_something_noticed_without_a_finding_is_not_called_nothing() -> None:
    scene = squat_tuck()
    view = played(scene, scene.rep_times(4)[0])
    assert view.card.title == "Cause not clear yet"
    assert view.card.evidence == ("rep 3: hips tucked 11°",)


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
    scene = squat_tuck()
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


@given(st.lists(st.floats(-1.5, 1.5), max_size=12), st.sampled_from(sorted(EXERCISES)), st.booleans())
def test_the_gauge_is_sane_for_any_repetitions(peaks: list[float], name: str, flexion: bool) -> None:
    zone = zone_for(EXERCISES[name], peaks, PipelineSettings(), flexion=flexion, judged=True)
    assert zone.low_deg < zone.high_deg
    if zone.usual_deg is not None:
        assert zone.usual_deg[0] <= zone.usual_deg[1]
    if zone.caution_deg is not None and zone.alert_deg is not None:
        assert abs(zone.alert_deg) > abs(zone.caution_deg)


def test_runs_of_repetitions_are_named_short() -> None:
    assert reps_text((4,)) == "rep 4"
    assert reps_text((4, 5, 6)) == "reps 4 to 6"
    assert reps_text((4, 6)) == "reps 4, 6"
