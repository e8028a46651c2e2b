"""One session, three ways: live, replayed from its recording, and analysed at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from monitor.analysis import analyze
from monitor.model.as_json import event_json, event_type
from monitor.model.errors import RecordingError, SensorError
from monitor.model.events import Alert, Event, LiftOff, Notice, Rep, SetSummary
from monitor.model.session import Output, SessionInfo, Sink, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import leg_day, simulate
from monitor.session import Session


class Seen:
    """A sink that keeps what it was given."""

    name = "seen"

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ended = False

    def begin(self, info: SessionInfo) -> None:
        self.info = info

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        self.events += output.events

    def end(self) -> None:
        self.ended = True


class FullDisk(Seen):
    """A recording that fails in the middle of the session."""

    name = "recording"

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        super().take(items, output)
        if any(isinstance(event, Rep) for event in output.events):
            raise RecordingError("monday.mcap cannot be written: no space left on the disk; free some room")


def live(source: Paced, *sinks: Sink, stop_set: bool = False) -> Session:
    session = Session(source, None, sinks)

    async def run() -> None:
        stop = asyncio.Event()
        if stop_set:
            stop.set()
        await session.run(stop)

    asyncio.run(run())
    return session


@pytest.mark.parametrize("name", ["squat", "leg_press", "leg_day"])
def test_live_replay_and_analysis_agree(name: str, tmp_path: Path) -> None:
    cause = {"squat": "improper_form", "leg_press": "lack_of_spinal_support"}.get(name)
    made = leg_day() if name == "leg_day" else simulate(name, cause=cause, seed=5, sensors=2, loss=0.01)
    path = tmp_path / "session.mcap"
    seen, again = Seen(), Seen()
    live(Paced(made.source, None), RecordingWriter(path), seen)
    recording = open_recording(path)
    live(Paced(recording, None), again)
    assert any(isinstance(event, Alert) for event in seen.events)
    assert again.events == seen.events
    assert list(analyze(recording).events) == seen.events
    assert list(analyze(made.source).events) == seen.events
    assert recording.events == [{"type": event_type(e), **event_json(e)} for e in seen.events]
    assert recording.warnings == ()


def test_a_recording_that_fails_is_told_and_the_session_goes_on() -> None:
    seen = Seen()
    session = live(Paced(simulate("squat", seed=1, reps=4).source, None), FullDisk(), seen)
    told = [event.text for event in seen.events if isinstance(event, Notice)]
    assert any("no space left on the disk" in text for text in told)
    assert [e.index for e in seen.events if isinstance(e, Rep)] == [1, 2, 3, 4]
    assert "recording" in session.failed
    assert seen.ended


def test_what_was_said_during_the_session_is_recorded_in_its_place(tmp_path: Path) -> None:
    source = simulate("squat", seed=3, reps=3).source
    path = tmp_path / "said.mcap"
    paced = Paced(source, None)
    session = Session(paced, None, [], RecordingWriter(path))
    session.annotate("load_kg", 80.0)
    asyncio.run(session.run(asyncio.Event()))
    [summary] = analyze(open_recording(path)).of(SetSummary)
    assert summary.load_kg == 80.0


class DiesEarly:
    """A live source whose sensor cannot be used after a while."""

    def __init__(self, paced: Paced) -> None:
        self._paced = paced
        self.info = paced.info

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        count = 0
        async for batch in self._paced.stream():
            yield batch
            count += 1
            if count == 10:
                raise SensorError("the adapter was pulled out: plug it in again")


def test_a_source_that_dies_leaves_a_whole_recording(tmp_path: Path) -> None:
    source = simulate("leg_press", seed=1, cause="lack_of_spinal_support").source
    path = tmp_path / "short.mcap"
    seen = Seen()
    dying = DiesEarly(Paced(source, None))
    session = Session(dying, None, [seen], RecordingWriter(path))
    with pytest.raises(SensorError, match="pulled out"):
        asyncio.run(session.run(asyncio.Event()))
    assert seen.ended
    recording = open_recording(path)
    assert recording.warnings == ()
    assert sum(1 for _ in recording.items()) > 10


def test_stopping_at_once_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "empty.mcap"
    live(Paced(simulate("squat", seed=1).source, 1.0), RecordingWriter(path), stop_set=True)
    assert open_recording(path).warnings == ()


def test_an_exercise_said_in_the_middle_changes_what_is_judged() -> None:
    seen = Seen()
    live(Paced(leg_day().source, None), seen)
    sets = [event for event in seen.events if isinstance(event, SetSummary)]
    assert [s.exercise for s in sets] == ["squat", "leg_press"]
    assert len([e for e in seen.events if isinstance(e, LiftOff)]) == 2
    ids = [event.id for event in seen.events if isinstance(event, Alert)]
    assert len(ids) == len(set(ids))
