"""What a person says about a session can be taken back, and is kept whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.errors import ConfigError, RecordingError
from monitor.model.samples import PostureBlock
from monitor.recording.corrected import Json, corrected
from monitor.recording.labels import Edits, Labels, Note, RepEdit, labels_path, read_labels, write_labels

times = st.lists(st.floats(0, 1e5), min_size=3, max_size=3, unique=True).map(sorted)
rep_edits = st.builds(RepEdit, st.integers(1, 9)) | st.builds(
    lambda rep, t: RepEdit(rep, *t), st.none() | st.integers(1, 9), times
)
notes = st.lists(st.builds(Note, st.text(), st.none() | st.floats(0, 1e5)), max_size=3).map(tuple)
edits = st.one_of(
    st.builds(lambda text: lambda labels: replace(labels, title=text), st.text()),
    st.builds(lambda tags: lambda labels: labels.tagged(tags), st.lists(st.text(max_size=5))),
    st.builds(lambda name: lambda labels: labels.done_as(name), st.sampled_from([None, "rdl", "Hip-thrust"])),
    st.builds(
        lambda cause, index, yes: lambda labels: labels.judged(cause, index, confirmed=yes),
        st.sampled_from(["unclear", "improper_form"]),
        st.integers(1, 3),
        st.sampled_from([True, False, None]),
    ),
    st.builds(lambda edit: lambda labels: labels.corrected(edit), rep_edits),
    st.builds(lambda made: lambda labels: replace(labels, notes=made, loads_kg=(60.0, 80.5)), notes),
)


@given(steps=st.lists(st.one_of(edits, st.sampled_from(["undo", "redo"])), max_size=40))
def test_undo_and_redo_walk_exactly_what_was_done(steps: list[object]) -> None:
    stack = Edits()
    line, at = [Labels()], 0  # every state still reachable, and where we are
    for step in steps:
        if step == "undo":
            stack, at = stack.undo(), max(at - 1, 0)
        elif step == "redo":
            stack, at = stack.redo(), min(at + 1, len(line) - 1)
        else:
            labels = step(stack.now)  # type: ignore[operator]
            if labels != line[at]:
                line, at = [*line[: at + 1], labels], at + 1
            stack = stack.do(labels)
        assert stack.now == line[at]
        assert (bool(stack.past), bool(stack.future)) == (at > 0, at < len(line) - 1)


@given(steps=st.lists(edits, max_size=12))
def test_labels_survive_the_file(tmp_path_factory: pytest.TempPathFactory, steps: list[object]) -> None:
    labels = Labels()
    for step in steps:
        labels = step(labels)  # type: ignore[operator]
    recording = tmp_path_factory.mktemp("labels") / "a.mcap"
    write_labels(recording, labels)
    assert read_labels(recording) == labels
    assert labels_path(recording).exists() == (labels != Labels())
    write_labels(recording, Labels())
    assert list(recording.parent.iterdir()) == []


EVENTS: list[Json] = [
    {"type": "rep", "index": i, "set": 1, "start_s": t, "turn_s": t + 1, "end_s": t + 2, "eccentric_s": 1.0}
    for i, t in enumerate((1.0, 4.0, 7.0), 1)
] + [
    {"type": "lift_off", "start_s": 2.0, "end_s": 2.5, "rep": 1},
    {
        "type": "finding",
        "cause": "improper_form",
        "set": 1,
        "reps": [1],
        "evidence": ["tuck in rep 1"],
        "cue": "Less deep.",
    },
    {
        "type": "finding",
        "cause": "unclear",
        "set": 1,
        "reps": [1, 2],
        "evidence": ["reps 1, 2 differ"],
        "cue": "Same again.",
    },
    {
        "type": "set",
        "index": 1,
        "start_s": 1.0,
        "end_s": 9.0,
        "reps": [1, 2, 3],
        "exercise": "squat",
        "load_kg": 60.0,
        "summary": "3 repetitions of squat at 60 kg: tuck in rep 1. Less deep.",
    },
]


def of(events: list[Json], kind: str) -> list[Json]:
    return [event for event in events if event["type"] == kind]


def test_corrections_show_in_the_events_and_in_all_that_follows_from_them() -> None:
    labels = (
        Labels()
        .corrected(RepEdit(1))
        .corrected(RepEdit(2, 4.1, 5.1, 6.3))
        .corrected(RepEdit(None, 12.0, 13.0, 14.5))
    )
    made = corrected(EVENTS, labels)
    assert [(r["index"], r["start_s"], bool(r.get("corrected"))) for r in of(made, "rep")] == [
        (2, 4.1, True),
        (3, 7.0, False),
        (4, 12.0, True),
    ]
    two, _, four = of(made, "rep")
    assert (two["eccentric_s"], two["concentric_s"]) == pytest.approx((1.0, 1.2))
    assert (four["set"], four["concentric_s"]) == (1, 1.5), "it is near the set"
    assert of(made, "lift_off")[0]["rep"] is None
    [found] = of(made, "finding")
    assert (found["cause"], found["reps"]) == ("unclear", [2])
    assert found["evidence"] == ["reps 1, 2 differ", "rep 1 does not count any more"]
    [done] = of(made, "set")
    assert (done["reps"], done["start_s"], done["end_s"]) == ([2, 3, 4], 4.1, 14.5)
    assert done["summary"] == "3 repetitions of squat at 60 kg: reps 1, 2 differ. Same again."
    assert corrected(EVENTS, Labels()) == EVENTS


def test_a_cause_that_was_rejected_and_a_load_that_was_another_are_not_in_the_sentence_of_the_set() -> None:
    labels = Labels().judged("improper_form", 1, confirmed=False).judged("unclear", 1, confirmed=False)
    made = corrected(EVENTS, replace(labels, loads_kg=(62.5,)))
    assert [f["verdict"] for f in of(made, "finding")] == ["rejected", "rejected"]
    assert of(made, "set")[0]["summary"] == "3 repetitions of squat at 62.5 kg: nothing stood out."
    gone = corrected(EVENTS, Labels(reps=(RepEdit(1), RepEdit(2), RepEdit(3))))
    assert of(gone, "set")[0]["summary"] == "no repetition counts"
    assert of(gone, "finding") == []


def test_figures_of_a_repetition_that_was_missed_follow_from_the_angles() -> None:
    t_s = np.arange(0.0, 20.0, 0.01)
    posture = PostureBlock(
        t_s, np.radians(t_s), lumbar_flexion_rad=np.full(len(t_s), np.nan), present=t_s < 14.0
    )
    made = corrected(EVENTS, Labels().corrected(RepEdit(None, 12.0, 13.0, 16.0)), posture)
    rep = of(made, "rep")[-1]
    assert rep["tilt_range_deg"] == pytest.approx(4.0, abs=0.02)
    assert rep["peak_flexion_deg"] is None
    assert rep["coverage"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("done", "down_s", "up_s"), [("squat", 1.0, 3.0), ("hip_thrust", 3.0, 1.0)])
def test_where_no_set_was_found_the_times_down_and_up_are_those_of_what_was_done(
    done: str, down_s: float, up_s: float
) -> None:
    [rep] = corrected([], Labels().corrected(RepEdit(None, 12.0, 13.0, 16.0)), None, done)
    assert (rep["eccentric_s"], rep["concentric_s"]) == (down_s, up_s)


def test_a_later_word_on_the_same_thing_replaces_the_earlier() -> None:
    labels = Labels().corrected(RepEdit(1)).corrected(RepEdit(1, 1.0, 2.0, 3.0))
    assert labels.reps == (RepEdit(1, 1.0, 2.0, 3.0),)
    labels = Labels().judged("unclear", 1, confirmed=True).judged("unclear", 1, confirmed=None)
    assert labels == Labels()


@pytest.mark.parametrize("bad", [(1, 3.0, 2.0, 4.0), (1, 1.0, None, 2.0), (None,)])
def test_repetitions_that_make_no_sense(bad: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="repetition"):
        RepEdit(*bad)  # type: ignore[arg-type]


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean squat"):
        Labels().done_as("squatt")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "makes no sense"),
        ("{}", "makes no sense"),
        ('{"schema": "lumbar.labels/2"}', "another version"),
        ('{"schema": "lumbar.labels/1", "colour": "red"}', "unknown colour"),
        ('{"schema": "lumbar.labels/1", "exercise": "squatt"}', "did you mean squat"),
        ('{"schema": "lumbar.labels/1", "reps": [{"rep": 1, "start_s": 2.0}]}', "needs a start"),
    ],
)
def test_label_files_that_make_no_sense_are_left_alone(tmp_path: Path, text: str, words: str) -> None:
    path = labels_path(tmp_path / "a.mcap")
    path.write_text(text)
    with pytest.raises(RecordingError, match=words):
        read_labels(tmp_path / "a.mcap")
    assert path.read_text() == text
