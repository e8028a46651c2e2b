"""A guided calibration in the middle of a session: what is told, what is judged after, and again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from calibrated_day import day

from calibration.profile import Profile
from monitor.analysis import analyze
from monitor.engine import Engine
from monitor.model.events import Calibrated, Event, Rep, SetSummary
from monitor.model.session import GIVE_UP, Annotation, Guidance, Output, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter

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
    assert Profile.from_text(guided[-1].profile).made_at == BEGUN
    assert guided[-1].quality == "good"
    assert [g for g in guided[:-1] if g.profile] == []
    kinds = [e.kind for e in events(made) if isinstance(e, Calibrated)]
    assert kinds == ["profile"]


def test_bends_of_the_calibration_are_no_repetitions_and_those_after_it_are_all_counted() -> None:
    made = calibrated()
    done = next(i for i, o in enumerate(made) if o.guidance is not None and o.guidance.profile)
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


def test_a_recording_of_it_gives_the_same_again(tmp_path: Path) -> None:
    engine, path = Engine(day().info), tmp_path / "day.mcap"
    writer = RecordingWriter(path)
    writer.begin(day().info)
    told: list[Event] = []
    for at, item in enumerate(items()):
        batch = [Annotation(0.1, "calibrate", BEGUN), item] if at == 3 else [item]
        output = engine.feed(batch)
        told += output.events
        writer.take(batch, output)
    last = engine.finish()
    writer.take((), last)
    writer.end()
    again = analyze(open_recording(path))
    assert list(again.events) == [*told, *last.events]
    assert again.samples == engine.samples
