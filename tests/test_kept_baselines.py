"""What is usual for a lifter is kept of one session and compared with in the next."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, fields, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import record
from test_cli import fails, lumbar

from monitor.analysis import Analysis, analysis_json, analyze
from monitor.baseline_text import SCHEMA, DatedBaseline, baselines_from_text, baselines_text
from monitor.cli.kept_baselines import Comparison, KeptBaselines, baselines_path
from monitor.cli.running import RunOptions, run
from monitor.config import Config
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.model.events import Fault, FaultKind, Finding, Level, Rep
from monitor.model.samples import LOWER, UPPER, ImuBlock, SensorInfo
from monitor.model.session import Delivery, Output, SessionInfo
from monitor.pipeline.baseline import Baseline, Measures, baseline
from monitor.recording.labels import Labels, RepEdit
from monitor.recording.reader import open_recording
from monitor.recording.writer import write_recording
from monitor.reviewed import events_of, review
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.source import SimulatedSource
from monitor.whatif import what_if

ATHLETE = 2
MONDAY = "2026-11-16T18:00:00+01:00"
FRIDAY = "2026-11-20T18:00:00+01:00"
HEADLESS = RunOptions(headless=True, sound=False)


def of_a_person(source: SimulatedSource, at: str) -> SimulatedSource:
    """Return a session as of a sensor that is none of the simulation's."""
    sensors = tuple(replace(sensor, device="AA:BB") for sensor in source.info.sensors)
    return replace(source, info=replace(source.info, sensors=sensors, started_at=at))


def session(at: str, seed: int, cause: str | None = None, exercise: str = "squat") -> SimulatedSource:
    made = simulate(exercise, cause=cause, seed=seed, athlete_seed=ATHLETE, reps=6)
    return of_a_person(made.source, at)


@cache
def judged(seed: int, cause: str | None = None, exercise: str = "squat", sensors: int = 1) -> Analysis:
    made = simulate(exercise, cause=cause, seed=seed, athlete_seed=ATHLETE, sensors=sensors, reps=6)
    return analyze(of_a_person(made.source, MONDAY))


def keep(made: Analysis, info: SessionInfo | None = None) -> KeptBaselines:
    """Hand what became of a session to the sink that keeps its clean sets."""
    info = info or made.info
    sink = KeptBaselines(lambda: info)
    sink.begin(info)
    sink.take((), Output(events=made.events))
    sink.end()
    return sink


def compared(source: SimulatedSource, *, today: bool = True, two: bool = False) -> SimulatedSource:
    """Return a session under the header that ``lumbar live`` gives it."""
    return replace(source, info=Comparison(None, today, two).headed(source.info))


def compared_with(made: Analysis, info: SessionInfo) -> SessionInfo:
    usual = DatedBaseline(baseline(made.of(Rep)), made.info.started_at)
    return replace(info, baselines=baselines_text(info.athlete, {"squat": usual}))


def leans(made: Analysis) -> list[int]:
    return [rep.index for rep in made.of(Rep) if any(fault.kind == "lean" for fault in rep.faults)]


def kept(path: Path) -> dict[str, DatedBaseline]:
    return baselines_from_text(path.read_text(encoding="utf-8"))[1]


def test_a_clean_set_is_compared_with_from_the_first_repetition_of_the_next_session() -> None:
    sink = keep(judged(13))
    assert sink.path is not None
    made = json.loads(sink.path.read_text(encoding="utf-8"))
    assert (made["schema"], made["athlete"]) == (SCHEMA, "me")
    squat = made["exercises"]["squat"]
    assert (squat["date"], squat["count"]) == (MONDAY, 6)
    assert squat["usual"]["depth_m"] == pytest.approx(baseline(judged(13).of(Rep)).usual.depth_m)
    assert squat["usual"]["peak_flexion_deg"] is None, "one sensor knows no flexion"
    off = session(FRIDAY, 52, "improper_form")
    assert leans(analyze(off)) == [] or min(leans(analyze(off))) > 5, "nothing to compare with before"
    assert min(leans(analyze(compared(off)))) <= 3
    assert analyze(compared(session(FRIDAY, 52))).findings == [], "a clean session stays silent"


@pytest.mark.parametrize("labels", [Labels(reps=(RepEdit(1), RepEdit(6))), Labels(exercise="lunge")])
def test_what_the_lifter_took_back_is_not_usual(labels: Labels) -> None:
    sink = KeptBaselines(lambda: judged(13).info)
    sink.begin(judged(13).info)
    sink.take((), Output(events=judged(13).events))
    sink.label(labels)
    sink.end()
    assert sink.path is None, "four repetitions are too few, and another exercise is none of it"


def test_another_day_is_not_the_same_session() -> None:
    keep(judged(13))
    _, given_ = baselines_from_text(compared(session(FRIDAY, 52)).info.baselines)
    assert not given_["squat"].usual.same_session


def test_a_set_with_findings_or_few_repetitions_is_nobodys_usual_one() -> None:
    off = judged(52, "improper_form")
    assert off.findings
    assert keep(off).path is None
    short = analyze(of_a_person(simulate("squat", seed=13, athlete_seed=ATHLETE, reps=4).source, MONDAY))
    assert keep(short).path is None


def test_a_slow_repetition_is_left_out_and_spoils_nothing() -> None:
    slow = [r.index for r in judged(12).of(Rep) if any(f.level == "alert" for f in r.faults)]
    assert len(slow) == 1
    path = keep(judged(12)).path
    assert path is not None
    assert kept(path)["squat"].usual.count == 5
    last = judged(12).of(Rep)[-1]
    tucked = replace(last, faults=(Fault(FaultKind.TUCK, Level.ALERT, last.turn_s, last.end_s, 0.3),))
    path.unlink()
    assert keep(replace(judged(12), events=(*judged(12).events, tucked))).path is None


def test_the_first_clean_set_counts() -> None:
    two = simulate("squat", seed=15, athlete_seed=ATHLETE, reps=6, sets=2).source
    made = analyze(of_a_person(two, MONDAY))
    assert made.findings == []
    first, second = ([r for r in made.of(Rep) if r.set_index == index] for index in (1, 2))
    path = keep(made).path
    assert path is not None
    assert kept(path)["squat"].usual.usual.depth_m == baseline(first).usual.depth_m
    finding = replace(judged(52, "improper_form").of(Finding)[0], set_index=1)
    path = keep(replace(made, events=(*made.events, finding))).path
    assert path is not None
    assert kept(path)["squat"].usual.usual.depth_m == baseline(second).usual.depth_m


def test_what_is_kept_of_other_exercises_stays() -> None:
    keep(judged(13, exercise="rdl"))
    path = keep(judged(13), replace(judged(13).info, started_at=FRIDAY)).path
    assert path is not None
    assert {name: one.date for name, one in kept(path).items()} == {"rdl": MONDAY, "squat": FRIDAY}


def test_a_damaged_file_is_said_and_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    path = baselines_path(judged(13).info)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{\xff")
    assert compared(session(FRIDAY, 52)).info.baselines == ""
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"note: {path}")
    assert path.read_bytes() == b"{\xff", "looking at it changes nothing"
    keep(judged(52, "improper_form"))
    assert path.read_bytes() == b"{\xff", "nothing new to keep"
    keep(judged(13))
    assert path.with_name("me.json.bad").read_bytes() == b"{\xff"
    assert "set aside as me.json.bad" in capsys.readouterr().err
    assert list(kept(path)) == ["squat"]


def test_nobody_stands_in_for_another() -> None:
    simulated = simulate("squat", seed=13, athlete_seed=ATHLETE, reps=6).source
    keep(judged(13), replace(simulated.info, started_at=MONDAY))
    off = session(FRIDAY, 52)
    assert compared(off).info.baselines == "", "the simulated lifter's"
    assert compared(simulated).info.baselines
    keep(judged(13))
    assert compared(off).info.baselines
    assert compared(replace(off, info=replace(off.info, athlete="anna"))).info.baselines == ""
    assert compared(off, today=False).info.baselines == "", "a file is not of today"


def test_another_name_with_the_same_file_has_none_of_it() -> None:
    keep(judged(13), replace(judged(13).info, athlete="anna k."))
    info = SessionInfo(athlete="anna k", sensors=(SensorInfo(LOWER, "AA:BB"),))
    assert baselines_path(info) == baselines_path(replace(info, athlete="anna k."))
    assert Comparison(None, today=True, two_sensors=False).headed(info).baselines == ""


def test_what_one_sensor_kept_leaves_flexion_to_a_session_of_two() -> None:
    keep(judged(13))
    off = session(FRIDAY, 52)
    assert compared(off, two=True).info.baselines == ""
    keep(judged(13, sensors=2))
    assert compared(off, two=True).info.baselines
    both = replace(off.info, sensors=(SensorInfo(LOWER), SensorInfo(UPPER)))
    assert Comparison(None, today=True, two_sensors=False).headed(both).baselines


def test_looked_at_again_a_session_is_compared_with_the_same(tmp_path: Path) -> None:
    keep(judged(13))
    run(Paced(compared(session(FRIDAY, 52, "improper_form")), None), Config(), EngineOptions(), HEADLESS)
    [path] = (tmp_path / "recordings").iterdir()
    baselines_path(judged(13).info).unlink()  # the recording needs nothing beside it
    recording = open_recording(path)
    again = analyze(recording)
    assert min(leans(again)) <= 3
    assert events_of(again) == recording.events
    assert review(path, anew=True).events == recording.events
    assert what_if(recording, EngineOptions(), EngineOptions()) == []
    assert what_if(recording, EngineOptions(), EngineOptions(baselines={})) != []
    assert lumbar("whatif", path).stdout == "no difference\n"
    reps = [e for e in recording.events if e["type"] == "rep"]
    as_recorded = json.loads(lumbar("analyze", path, "--json", "-").stdout)
    assert [rep["faults"] for rep in as_recorded["reps"]] == [rep["faults"] for rep in reps]
    alone = json.loads(lumbar("analyze", path, "--json", "-", "--baseline", "none").stdout)
    assert [rep["faults"] for rep in alone["reps"]] != [rep["faults"] for rep in reps]


def test_an_older_recording_opens(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", session(FRIDAY, 52))
    assert open_recording(path).info.baselines == ""


def test_a_header_that_makes_no_sense_is_told_in_one_line(tmp_path: Path) -> None:
    source = session(FRIDAY, 52)
    write_recording(tmp_path / "a.mcap", replace(source.info, baselines="{}"), source.items())
    assert "in the recording, the usual repetitions are no lumbar.baselines/1" in fails(
        "analyze", tmp_path / "a.mcap"
    )
    assert lumbar("analyze", tmp_path / "a.mcap", "--baseline", "none").returncode == 0


def test_live_is_compared_with_what_is_named(tmp_path: Path) -> None:
    block = next(i.block for i in session(FRIDAY, 52).items() if isinstance(i, Delivery) and len(i.block))
    short = Delivery(ImuBlock(block.t_s, block.acc_ms2, block.gyr_rads))
    info = compared_with(judged(13), session(FRIDAY, 52).info)
    write_recording(tmp_path / "short.mcap", info, [short])
    usual = tmp_path / "usual.json"
    usual.write_text(json.dumps(analysis_json(judged(14))), encoding="utf-8")
    other = baseline(judged(14).of(Rep)).usual.depth_m
    live = ("live", "--lower", f"file:{tmp_path / 'short.mcap'}", "--headless", "--no-sound")
    for more, depth_m, said in (
        ((), baseline(judged(13).of(Rep)).usual.depth_m, "compared with your usual squat of 2026-11-16"),
        (("--baseline", "none"), None, ""),
        (("--baseline", str(usual)), other, ""),
    ):
        done = lumbar(*live, *more)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
        [path] = (tmp_path / "recordings").iterdir()
        text = open_recording(path).info.baselines
        assert (baselines_from_text(text)[1]["squat"].usual.usual.depth_m if text else None) == depth_m
        path.unlink()
    assert "no-such.mcap" in fails(*live, "--baseline", "no-such.mcap")


@st.composite
def usual_ones(draw: st.DrawFn) -> Baseline:
    numbers = st.one_of(st.just(math.nan), st.floats(-1e3, 1e3))
    made = [Measures(**{f.name: draw(numbers) for f in fields(Measures)}) for _ in range(2)]
    return Baseline(made[0], made[1], draw(st.integers(1, 100)))


@given(st.dictionaries(st.sampled_from(["squat", "rdl"]), st.tuples(usual_ones(), st.text())), st.text())
def test_the_text_comes_back(made: dict[str, tuple[Baseline, str]], athlete: str) -> None:
    dated = {name: DatedBaseline(*one) for name, one in made.items()}
    whose, back = baselines_from_text(baselines_text(athlete, dated))
    assert (whose, back.keys()) == (athlete, dated.keys())
    for name, one in dated.items():
        assert (back[name].date, back[name].usual.count) == (one.date, one.usual.count)
        for was, now in (
            (one.usual.usual, back[name].usual.usual),
            (one.usual.spread, back[name].usual.spread),
        ):
            assert astuple(now) == pytest.approx(astuple(was), nan_ok=True)


@given(st.text() | st.recursive(st.none() | st.floats() | st.text(), st.lists, max_leaves=5).map(json.dumps))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        baselines_from_text(text)


@pytest.mark.parametrize(
    "change", [{"count": 0}, {"count": True}, {"date": None}, {"usual": {}}, {"spread": []}]
)
def test_an_entry_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    made = json.loads(baselines_text("me", {"squat": DatedBaseline(baseline(judged(13).of(Rep)))}))
    made["exercises"]["squat"] |= change
    with pytest.raises(ConfigError):
        baselines_from_text(json.dumps(made))
