"""A guided calibration in the middle of a session: what is told, what is judged after, and again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from calibrated_day import day

from calibration.profile import Profile
from monitor.analysis import analyze, with_header
from monitor.engine import Engine, EngineOptions
from monitor.history import trends
from monitor.model.errors import ConfigError
from monitor.model.events import Calibrated, Event, Rep, SetSummary
from monitor.model.session import GIVE_UP, Annotation, Guidance, MadeProfile, Output, SessionInfo, SourceItem
from monitor.recording.reader import Recording, open_recording
from monitor.recording.writer import RecordingWriter
from monitor.report import report_html
from monitor.reviewed import review

BEGUN = "2026-11-22T18:00:00+00:00"


@cache
def items() -> tuple[SourceItem, ...]:
    return tuple(day().items())


def run(said: dict[int, Annotation]) -> list[Output]:
    """Return what the engine makes of the day, with something said before some of its items."""
    engine = Engine(day().info)
    made = []
    for at, item in enumerate(items()):
        if at in said:
            made.append(engine.feed([said[at]]))
        made.append(engine.feed([item]))
    return [*made, engine.finish()]


def events(made: list[Output]) -> list[Event]:
    return [event for output in made for event in output.events]


@cache
def calibrated() -> list[Output]:
    return run({3: Annotation(0.1, "calibrate", BEGUN)})


def test_it_is_guided_to_a_profile_that_is_in_force_at_once() -> None:
    made = calibrated()
    guided = [o.guidance for o in made if o.guidance is not None]
    assert all(isinstance(g, Guidance) for g in guided)
    prompts = list(dict.fromkeys(g.prompt for g in guided))
    assert [p.split()[0] for p in prompts] == ["Stand", "Bend", "Bend", "Arch", "calibrated"]
    shares = [g.progress for g in guided]
    assert shares == sorted(shares)
    last = guided[-1].made
    assert last is not None
    assert Profile.from_text(last.text).made_at == BEGUN
    assert guided[-1].quality == "good"
    assert [g for g in guided[:-1] if g.made] == []
    kinds = [e.kind for e in events(made) if isinstance(e, Calibrated)]
    assert kinds == ["profile"]


def test_bends_of_the_calibration_are_no_repetitions_and_those_after_it_are_all_counted() -> None:
    made = calibrated()
    done = next(i for i, o in enumerate(made) if o.guidance is not None and o.guidance.made)
    reps = [e for e in events(made) if isinstance(e, Rep)]
    assert [rep.index for rep in reps] == [1, 2, 3, 4, 5, 6]
    assert not [e for e in events(made[:done]) if isinstance(e, Rep)]
    after = [o.posture for o in made[done + 1 :] if len(o.posture)]
    assert np.isfinite(after[0].pelvic_tilt_rad).all(), "no angle has to wait any more"


def test_what_was_given_up_leaves_the_calibration_as_it_was() -> None:
    made = run({3: Annotation(0.1, "calibrate", BEGUN), 60: Annotation(2.0, "calibrate", GIVE_UP)})
    assert made[-2].guidance is None
    assert [e.kind for e in events(made) if isinstance(e, Calibrated)] == ["auto"]


def test_counting_goes_on_where_it_was_after_a_calibration_between_sets() -> None:
    done = next(i for i, o in enumerate(calibrated()) if any(isinstance(e, Rep) for e in o.events))
    first = Annotation(0.1, "calibrate", BEGUN)
    again = {3: first, done + 2: replace(first, time_s=70.0), done + 60: replace(first, value=GIVE_UP)}
    made = events(run(again))
    reps = [e for e in made if isinstance(e, Rep)]
    assert [rep.index for rep in reps] == list(range(1, len(reps) + 1))
    sets = [e for e in made if isinstance(e, SetSummary)]
    assert [e.index for e in sets] == [1, 2, 3], "the calibration closed the first set"
    assert [index for e in sets for index in e.reps] == [rep.index for rep in reps]


def recorded(path: Path, extra_deg: float = 0.0) -> tuple[Path, list[Event], int]:
    """Record the day; return the file, what was told, and how many samples were taken.

    With `extra_deg` the profile is kept with a fuller bend, as another version would have measured it.
    """
    engine, info = Engine(day().info), replace(day().info, started_at="2026-11-22T17:50:00+00:00")
    writer = RecordingWriter(path)
    writer.begin(info)
    told: list[Event] = []
    for at, item in enumerate(items()):
        batch = [Annotation(0.1, "calibrate", BEGUN), item] if at == 3 else [item]
        output = engine.feed(batch)
        told += output.events
        writer.take(batch, bent_more(output, extra_deg))
    last = engine.finish()
    writer.take((), last)
    writer.end()
    return path, [*told, *last.events], engine.samples


def bent_more(output: Output, extra_deg: float) -> Output:
    now = output.guidance
    if now is None or now.made is None:
        return output
    profile = Profile.from_text(now.made.text)
    bend_rad = (profile.ranges.flexion_rad or 0.0) + math.radians(extra_deg)
    text = replace(profile, ranges=replace(profile.ranges, flexion_rad=bend_rad)).to_text()
    return replace(output, guidance=replace(now, made=replace(now.made, text=text)))


def test_a_recording_of_it_gives_the_same_again(tmp_path: Path) -> None:
    path, told, samples = recorded(tmp_path / "day.mcap")
    for source in (open_recording(path), Items(open_recording(path))):
        again = analyze(source)
        assert list(again.events) == told
        assert again.samples == samples


def test_the_profile_travels_in_the_recording_and_is_the_one_that_is_used(tmp_path: Path) -> None:
    path, _, _ = recorded(tmp_path / "day.mcap", extra_deg=77.0)
    engine = Engine(open_recording(path).info)
    for item in open_recording(path).items():
        engine.feed([item])
    [kept] = open_recording(path).info.made
    assert engine.info.profile == kept.text, "not what this version makes of the bends"
    session = review(path)
    assert session.profile is not None
    assert session.profile.to_text() == kept.text
    [trend] = trends([session])
    assert trend.points[0].own_flexion_deg == pytest.approx(77.0)
    assert "calibration profile of 22 November 2026, 18:00" in report_html([session], [trend])


def test_who_asks_for_another_calibration_gets_it_and_the_bends_still_do_not_count(tmp_path: Path) -> None:
    path, told, _ = recorded(tmp_path / "day.mcap")
    made = analyze(open_recording(path), EngineOptions("auto"))
    assert {e.kind for e in made.of(Calibrated)} == {"auto"}
    assert len(made.of(Rep)) == len([e for e in told if isinstance(e, Rep)])


def test_a_recorded_profile_that_makes_no_sense_is_told_in_one_line(tmp_path: Path) -> None:
    path, _, _ = recorded(tmp_path / "day.mcap")
    source = open_recording(path)
    spoilt = replace(source.info, made=(MadeProfile(BEGUN, 60.0, "{}"),))
    with pytest.raises(ConfigError, match="the calibration profile in the recording"):
        analyze(with_header(source, spoilt))


@dataclass(frozen=True)
class Items:
    """A recording notification by notification, as a replay hands it on."""

    recording: Recording

    @property
    def info(self) -> SessionInfo:
        return self.recording.info

    def items(self) -> Iterator[SourceItem]:
        return self.recording.items()
