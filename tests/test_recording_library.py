"""The library finds sessions, keeps what is said about them, and never touches a recording."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from mcap.reader import make_reader

from monitor.model.errors import RecordingError
from monitor.model.events import (
    Cause,
    Confidence,
    Finding,
    Level,
    Rep,
    RepMetrics,
    SetSummary,
)
from monitor.model.exercise import EXERCISES
from monitor.model.samples import ImuBlock, PostureBlock
from monitor.model.session import Delivery, Output, SessionInfo
from monitor.recording.labels import Labels, Note, RepEdit, labels_path, read_labels, write_labels
from monitor.recording.library import Entry, Filter, Library, new_recording_path
from monitor.recording.reader import Recording, open_recording
from monitor.recording.writer import RecordingWriter, write_recording

if TYPE_CHECKING:
    from monitor.model.events import Event

METRICS = RepMetrics(1.0, 0.9, 0.9, 0.1, None, None, 0.0, 0.0, -1.6, 0.4, 1.0)


def rep(index: int) -> Rep:
    return Rep(index, 1, index * 1.0, index + 0.4, index + 0.9, index + 1.0, METRICS)


def finding(cause: Cause, time_s: float = 4.0) -> Finding:
    return Finding(
        cause, Confidence.MEDIUM, Level.ALERT, (2, 3), ("13.1 deg",), "Stop higher.", time_s, time_s
    )


EVENTS: tuple[Event, ...] = (
    rep(1),
    rep(2),
    rep(3),
    finding(Cause.UNCLEAR),
    finding(Cause.UNCLEAR, 5.0),
    finding(Cause.IMPROPER_FORM),
    SetSummary(1, 1.0, 3.9, 6.0, (1, 2, 3), "squat", 60.0, "3 repetitions"),
)


def deliveries(count: int = 60, lost: int = 0) -> list[Delivery]:
    return [
        Delivery(
            ImuBlock(k / 10 + np.arange(10) / 100, np.ones((10, 3)), np.zeros((10, 3)), lost_before=lost)
        )
        for k in range(count)
    ]


def record(
    folder: Path, *, day: str = "2026-03-01", exercise: str = "squat", athlete: str = "me", end: bool = True
) -> Path:
    info = SessionInfo(EXERCISES[exercise], athlete=athlete, started_at=f"{day}T18:30:05+01:00")
    writer = RecordingWriter(new_recording_path(info, folder))
    writer.begin(info)
    n = 500
    present = np.arange(n) >= 50
    columns = {name: np.zeros(n) for name in PostureBlock.__dataclass_fields__}
    vectors = {"lower_up": np.zeros((n, 3)), "upper_up": np.zeros((n, 3)), "present": present}
    writer.take(deliveries(), Output(PostureBlock(**{**columns, **vectors}), EVENTS))
    if end:
        writer.end()
    else:
        writer._stream.close()  # what a killed process leaves
    return writer.path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    made = tmp_path / "bin"
    made.mkdir()
    return made


@pytest.fixture
def library(tmp_path: Path, bin_: Path) -> Library:
    return Library(tmp_path / "sessions", trash=lambda path: shutil.move(path, bin_ / path.name))


def test_a_session_is_summed_up(library: Library) -> None:
    path = record(library.folder)
    library.refresh()
    (entry,) = library.sessions()
    assert entry == Entry(
        name=path.name,
        started_at="2026-03-01T18:30:05+01:00",
        athlete="me",
        exercise="squat",
        sensors=1,
        duration_s=entry.duration_s,
        sets=1,
        reps=3,
        causes=("improper_form", "unclear"),
        coverage=0.9,
    )
    assert entry.duration_s == pytest.approx(5.99)
    assert path.name == "2026-03-01_18-30-05_me_squat.mcap"


def test_an_import_has_no_counts_unless_somebody_analyses(tmp_path: Path) -> None:
    def analyse(recording: Recording) -> list[dict[str, Any]]:
        assert recording.info.exercise.name == "rdl"
        return [{"type": "rep", "index": 1, "start_s": 1.0, "turn_s": 2.0, "end_s": 3.0}]

    write_recording(tmp_path / "a.mcap", SessionInfo(EXERCISES["rdl"]), deliveries(lost=10))
    with Library(tmp_path) as plain:
        plain.refresh()
        (entry,) = plain.sessions()
        assert (entry.sets, entry.reps, entry.coverage) == (None, None, 0.5)
    with Library(tmp_path, analyse=analyse) as analysed:
        analysed.refresh()  # no file changed, but nobody has counted yet
        (entry,) = analysed.sessions()
        assert (entry.sets, entry.reps) == (0, 1)


def test_filters(library: Library) -> None:
    record(library.folder, day="2026-02-01", exercise="leg_press", athlete="Łucja")
    record(library.folder, day="2026-03-01")
    press, squat = "2026-02-01_18-30-05_Łucja_leg_press.mcap", "2026-03-01_18-30-05_me_squat.mcap"
    library.refresh()
    library.rename(squat, "Heavy Monday")
    library.tag(squat, ["belt", " belt ", "", "new shoes"])
    library.label(press, Labels(notes=(Note("Seat too far back", 12.0),)))

    def names(**which: Any) -> list[str]:
        return [entry.name for entry in library.sessions(Filter(**which))]

    assert names() == [squat, press]
    assert names(words="ŁUCJA leg press") == [press]
    assert names(words="seat") == [press]
    assert names(words="monday unclear") == [squat]
    assert names(words="100%") == []
    assert names(athlete="me") == names(exercise="squat") == names(tag="new shoes") == [squat]
    assert names(tag="shoes") == []
    assert names(cause="improper_form") == [squat, press]
    assert names(cause="too_much_weight") == []
    assert names(since=date(2026, 2, 2)) == names(since=date(2026, 3, 1)) == [squat]
    assert names(until=date(2026, 2, 1)) == [press]
    assert library.sessions(Filter(words="belt"))[0].tags == ("belt", "new shoes")


def test_what_is_said_never_changes_the_recording(library: Library) -> None:
    path = record(library.folder)
    before = digest(path)
    library.rename(path.name, "Title")
    library.tag(path.name, ["a"])
    library.label(
        path.name,
        library.labels(path.name)
        .done_as("hack squat")
        .judged("unclear", 1, confirmed=False)
        .corrected(RepEdit(2))
        .corrected(RepEdit(None, 8.0, 8.5, 9.0))
        .corrected(RepEdit(None, 9.0, 9.5, 10.0)),
    )
    assert digest(path) == before
    (entry,) = library.sessions()
    assert (entry.title, entry.tags, entry.exercise, entry.reps) == ("Title", ("a",), "hack_squat", 4)
    assert entry.causes == ("improper_form",)
    assert read_labels(path).title == "Title"


def test_files_that_cannot_be_read_are_listed_with_why(library: Library) -> None:
    (library.folder / "junk.mcap").write_text("no recording")
    path = record(library.folder)
    labels_path(path).write_text("{}")
    library.refresh()
    problems = {entry.name: entry.problem for entry in library.sessions()}
    assert "is not a recording" in problems["junk.mcap"]
    assert "labels.json makes no sense" in problems[path.name]
    with pytest.raises(RecordingError, match="mend it or move it away"):
        library.rename(path.name, "x")
    assert labels_path(path).read_text() == "{}", "what we do not understand is left alone"


def test_deleted_sessions_are_in_the_trash(library: Library, bin_: Path) -> None:
    path = record(library.folder)
    library.rename(path.name, "x")
    library.delete(path.name)
    assert library.sessions() == []
    assert {p.name for p in bin_.iterdir()} == {path.name, labels_path(path).name}
    with pytest.raises(RecordingError, match="not there any more"):
        library.delete(path.name)
    with pytest.raises(RecordingError, match="not there any more"):
        library.path("../bin/" + path.name)


def test_a_cut_session_is_recovered_and_readable_by_others(library: Library, bin_: Path) -> None:
    path = record(library.folder, end=False)
    path.write_bytes(path.read_bytes()[:-300] + b"garbage")
    library.refresh()
    (entry,) = library.sessions()
    assert entry.cut
    assert "without its closing mark" in entry.problem
    before, was = list(open_recording(path).items()), digest(path)
    (lost,) = library.recover(path.name)
    assert "without its closing mark" in lost
    assert digest(bin_ / path.name) == was
    (entry,) = library.sessions()
    assert not entry.cut
    assert entry.problem == f"recovered file: {lost}"
    after = list(open_recording(path).items())
    assert len(after) == len(before)
    assert all(np.array_equal(a.block.t_s, b.block.t_s) for a, b in zip(after, before, strict=True))
    with path.open("rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    assert summary.statistics is not None
    assert summary.statistics.chunk_count >= 5
    assert library.recover(path.name) == (f"recovered file: {lost}",), "nothing is left to do"


def test_what_cannot_go_to_the_trash_stays(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        raise RecordingError(f"{path} cannot be moved to the trash: no trash here; it is still there")

    with Library(tmp_path, trash=full) as library:
        path = record(library.folder, end=False)
        was = digest(path)
        library.refresh()
        with pytest.raises(RecordingError, match="still there"):
            library.recover(path.name)
        with pytest.raises(RecordingError, match="still there"):
            library.delete(path.name)
        assert digest(path) == was
        assert list(tmp_path.glob(".*.part")) == []
        assert len(library.sessions()) == 1


def test_a_session_being_recorded_is_left_alone(library: Library) -> None:
    info = SessionInfo(started_at="2026-03-01T18:30:05+01:00")
    writer = RecordingWriter(new_recording_path(info, library.folder))
    writer.begin(info)
    writer.take(deliveries(), Output())
    library.refresh()
    (entry,) = library.sessions()
    assert (entry.problem, entry.cut) == ("being recorded now", False)
    with pytest.raises(RecordingError, match="being recorded now"):
        library.recover(entry.name)
    with pytest.raises(RecordingError, match="being recorded now"):
        library.delete(entry.name)
    writer.end()
    library.refresh()
    assert library.sessions()[0].problem == ""


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_index_comes_back(tmp_path: Path, damage: bytes) -> None:
    record(tmp_path)
    with Library(tmp_path) as library:
        library.refresh()
        kept = library.sessions()
    (index,) = tmp_path.glob(".*.sqlite")
    index.write_bytes(damage)
    with Library(tmp_path) as library:
        library.refresh()
        assert library.sessions() == kept


def test_only_changed_files_are_read_again(library: Library) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        record(library.folder, day=day)
    seen: list[tuple[int, int]] = []
    library.refresh(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)
    seen.clear()
    library.refresh(lambda done, total: seen.append((done, total)))
    assert seen == [(0, 0)]


def test_names_do_not_collide_and_suit_any_system(tmp_path: Path) -> None:
    info = SessionInfo(athlete='../a:b*"c"', started_at="2026-03-01T18:30:05+01:00")
    first = new_recording_path(info, tmp_path / "new" / "folder")
    assert first.name == "2026-03-01_18-30-05_a-b-c_squat.mcap"
    first.touch()
    assert new_recording_path(info, first.parent).name == "2026-03-01_18-30-05_a-b-c_squat_2.mcap"
    assert new_recording_path(SessionInfo(athlete="/"), tmp_path).name == "undated_someone_squat.mcap"
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="name another folder in LUMBAR_RECORDINGS"):
        new_recording_path(info, tmp_path / "file")


def test_the_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBAR_RECORDINGS", str(tmp_path / "mine"))
    assert new_recording_path(SessionInfo()).parent == tmp_path / "mine"


class KeptAndRebuilt(RuleBasedStateMachine):
    """Whatever happens to the folder, the kept index equals one made anew from the files."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.folder, self.bin = self.root / "sessions", self.root / "bin"
        self.bin.mkdir()
        self.library = Library(self.folder, trash=self.throw)
        self.days = 0

    def throw(self, path: Path) -> None:
        shutil.move(path, self.bin / f"{len(list(self.bin.iterdir()))}-{path.name}")

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.root)

    def names(self) -> list[str]:
        return sorted(p.name for p in self.folder.glob("*.mcap"))

    @rule(exercise=st.sampled_from(["squat", "rdl"]), end=st.booleans())
    def a_session(self, exercise: str, end: bool) -> None:
        self.days += 1
        record(self.folder, day=f"2026-03-{self.days % 28 + 1:02}", exercise=exercise, end=end)

    @rule(which=st.integers(0, 99), title=st.text(max_size=5), tags=st.lists(st.text(max_size=3), max_size=2))
    def said(self, which: int, title: str, tags: list[str]) -> None:
        if names := self.names():
            name = names[which % len(names)]
            self.library.rename(name, title)
            self.library.tag(name, tags)

    @rule(which=st.integers(0, 99), text=st.text(max_size=5))
    def said_elsewhere(self, which: int, text: str) -> None:
        if names := self.names():
            path = self.folder / names[which % len(names)]
            write_labels(path, Labels(notes=(Note(text),)).judged("unclear", 1, confirmed=False))

    @rule(which=st.integers(0, 99))
    def deleted(self, which: int) -> None:
        if names := self.names():
            self.library.delete(names[which % len(names)])

    @rule(which=st.integers(0, 99))
    def removed_elsewhere(self, which: int) -> None:
        if names := self.names():
            (self.folder / names[which % len(names)]).unlink()

    @rule(which=st.integers(0, 99))
    def recovered(self, which: int) -> None:
        if names := self.names():
            self.library.recover(names[which % len(names)])

    @rule()
    def opened_again(self) -> None:
        self.library.close()
        self.library = Library(self.folder, trash=self.throw)

    @invariant()
    def kept_equals_rebuilt(self) -> None:
        self.library.refresh()
        kept = self.library.sessions()
        assert sorted(entry.name for entry in kept) == self.names()
        self.library.rebuild()
        assert self.library.sessions() == kept


TestKeptAndRebuilt = KeptAndRebuilt.TestCase
TestKeptAndRebuilt.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
