"""What a person says about a session can be taken back, and is kept whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.errors import ConfigError, RecordingError
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


EVENTS = [
    {"type": "rep", "index": 1, "start_s": 1.0, "turn_s": 2.0, "end_s": 3.0, "coverage": 1.0},
    {"type": "rep", "index": 2, "start_s": 4.0, "turn_s": 5.0, "end_s": 6.0, "coverage": 1.0},
    {"type": "finding", "cause": "unclear", "set": 1},
    {"type": "finding", "cause": "unclear", "set": 2},
    {"type": "set", "index": 1, "reps": [1, 2]},
]


def test_corrections_show_in_the_events() -> None:
    labels = (
        Labels()
        .corrected(RepEdit(1))
        .corrected(RepEdit(2, 4.1, 5.1, 6.1))
        .corrected(RepEdit(None, 7.0, 8.0, 9.0))
        .judged("unclear", 2, confirmed=True)
    )
    assert labels.applied(EVENTS) == [
        {**EVENTS[1], "start_s": 4.1, "turn_s": 5.1, "end_s": 6.1, "corrected": True},
        EVENTS[2],
        {**EVENTS[3], "verdict": "confirmed"},
        {**EVENTS[4], "reps": [2]},
        {"type": "rep", "index": 3, "start_s": 7.0, "turn_s": 8.0, "end_s": 9.0, "corrected": True},
    ]
    assert Labels().applied(EVENTS) == EVENTS


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
