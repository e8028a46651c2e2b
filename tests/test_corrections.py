"""After a set: what a lifter corrects is shown at once and kept beside the recording, nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui_scenes import Scene, leg_press_lift_off, rest_after_set

from gui.corrections import NOT_KEPT, NOTHING, OTHER_EXERCISE, Corrections
from gui.presenter import Presenter
from gui.view_state import AfterSet
from monitor.engine import Engine
from monitor.model.errors import RecordingError
from monitor.model.events import SetSummary
from monitor.model.session import Annotation, Output, SourceItem
from monitor.recording.labels import Labels, RepEdit, write_labels
from monitor.recording.writer import RecordingWriter
from monitor.reviewed import review
from monitor.sensors.simulated.scenario import simulate


def over(scene: Scene | None = None) -> tuple[Presenter, Corrections, list[Labels]]:
    """Return a presenter whose set is over, its corrections, and what was kept of them."""
    scene = scene or rest_after_set()
    presenter, kept = Presenter(scene.info), list[Labels]()
    for items, output in scene.batches():
        presenter.take(items, output)
    return presenter, Corrections(presenter, kept.append), kept


def after(presenter: Presenter) -> AfterSet:
    made = presenter.view().after_set
    assert made is not None
    return made


def test_a_repetition_that_was_none_is_gone_from_count_table_bars_and_summary() -> None:
    presenter, corrections, kept = over()
    assert "7 reps" in after(presenter).title
    corrections.take_back_rep()
    corrections.take_back_rep()
    view = presenter.view()
    assert "5 reps" in after(presenter).title
    assert after(presenter).title == "Set 1: 5 reps of squat, 60 kg"
    assert after(presenter).corrected
    assert [row.index for row in view.reps] == [1, 2, 3, 4, 5]
    assert [bar.index for bar in after(presenter).chart.bars] == [1, 2, 3, 4, 5]
    assert view.reps_in_set == 5
    assert kept[-1].reps == (RepEdit(7), RepEdit(6))
    assert view.notices[-1] == "rep 6 does not count any more"


def test_every_correction_can_be_undone() -> None:
    presenter, corrections, kept = over()
    before = after(presenter)
    corrections.take_back_rep()
    corrections.load(70.0)
    assert corrections.exercise("lunge")
    assert after(presenter).title == "Set 1: 6 reps of lunge, 70 kg"
    assert kept[-1] == Labels(exercise="lunge", loads_kg=(70.0,), reps=(RepEdit(7),))
    for _ in range(3):
        corrections.undo()
    assert after(presenter) == before
    assert kept[-1] == Labels()
    corrections.undo()
    assert presenter.view().notices[-1] == "nothing was corrected"


def test_all_repetitions_taken_back_leave_an_empty_set() -> None:
    presenter, corrections, _ = over()
    for _ in range(7):
        corrections.take_back_rep()
    assert after(presenter).stood_out == "No repetition counts."
    corrections.take_back_rep()
    assert presenter.view().notices[-1] == NOTHING


def test_a_finding_that_rests_on_nothing_any_more_is_gone() -> None:
    scene = leg_press_lift_off()
    presenter, corrections, _ = over(scene)
    end_s = scene.rep_times(7)[2]
    told = SetSummary(1, 4.0, end_s, end_s, (1, 2, 3, 4, 5, 6), "leg_press", 120.0, "six")
    presenter.take((), Output(events=(told,)))
    assert after(presenter).cards[0].title == "Lack of spinal support"
    corrections.take_back_rep()
    assert after(presenter).cards[0].title != "Lack of spinal support"


def test_a_set_in_between_without_a_load_takes_the_one_said_now() -> None:
    presenter, corrections, kept = over()
    told = SetSummary(2, 60.0, 80.0, 90.0, (), "squat", None, "nothing")
    presenter.take((), Output(events=(told,)))
    corrections.load(82.5)
    assert kept[-1].loads_kg == (60.0, 82.5)
    assert presenter.sets.load_kg(1) == 60.0


def test_only_the_exercise_of_the_beginning_is_corrected_here() -> None:
    presenter, corrections, kept = over()
    presenter.take((Annotation(60.0, "exercise", "leg_press"),), Output())
    told = SetSummary(2, 60.0, 80.0, 90.0, (), "leg_press", None, "nothing")
    presenter.take((), Output(events=(told,)))
    assert not corrections.exercise("hack_squat")
    assert presenter.view().notices[-1] == OTHER_EXERCISE
    assert kept == []


@pytest.mark.parametrize("why", ["no recording", "full disk"])
def test_what_cannot_be_kept_is_shown_all_the_same_and_said(why: str) -> None:
    presenter, _, _ = over()

    def full(labels: Labels) -> None:  # noqa: ARG001
        raise RecordingError("legs.labels.json cannot be written: no space left on device")

    Corrections(presenter, None if why == "no recording" else full).take_back_rep()
    assert "6 reps" in after(presenter).title
    said = presenter.view().notices[-1]
    assert (NOT_KEPT if why == "no recording" else "no space left on device") in said


def test_before_the_first_set_is_over_there_is_nothing_to_correct() -> None:
    presenter = Presenter(rest_after_set().info)
    corrections = Corrections(presenter, None)
    corrections.take_back_rep()
    corrections.load(50.0)
    assert not corrections.exercise("lunge")
    assert corrections.labels == Labels()
    assert presenter.view().notices == (NOTHING,)


def test_a_corrected_load_holds_against_the_one_said_in_the_session(tmp_path: Path) -> None:
    made = simulate("squat", reps=2, seed=3).source
    engine, path = Engine(made.info), tmp_path / "legs.mcap"
    writer = RecordingWriter(path)
    writer.begin(made.info)
    items: list[SourceItem] = [Annotation(0.0, "load_kg", 80.0), *made.items()]
    writer.take(items, engine.feed(items))
    writer.take((), engine.finish())
    writer.end()
    assert [event["load_kg"] for event in review(path).of("set")] == [80.0]
    write_labels(path, Labels(loads_kg=(82.5,)))
    assert [event["load_kg"] for event in review(path).of("set")] == [82.5]
