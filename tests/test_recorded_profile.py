"""A session that ran with a calibration profile carries it: looked at again, it is judged alike."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from guided_runs import guided
from recorded import record
from test_cli import fails, lumbar

from calibration.profile import Profile
from gui.review.session_data import open_session
from monitor.analysis import Analysis, analyze
from monitor.batch import cluster, run_batch
from monitor.cli.running import RunOptions, run
from monitor.config import Config, recorded_with
from monitor.engine import EngineOptions
from monitor.history import trends
from monitor.model.errors import ConfigError
from monitor.model.events import Calibrated
from monitor.model.samples import ImuBlock
from monitor.model.session import Delivery
from monitor.pipeline.settings import PipelineSettings
from monitor.recording.reader import open_recording
from monitor.recording.writer import write_recording
from monitor.report import report_html
from monitor.reviewed import events_of, review
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.guided import calibrated_wearing, calibration
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.source import SimulatedSource
from monitor.sensors.simulated.wearing import SAME_CHIP
from monitor.whatif import what_if

SEED = 1


@cache
def profile(sensors: int = 1) -> Profile:
    return guided(calibration(SEED, sensors=sensors))[0]


def pressed() -> SimulatedSource:
    """Return two sets of a lifter who wears the sensor as it was calibrated."""
    return simulate(
        "squat", seed=SEED, reps=4, sets=2, rest_s=22.0, spec=SAME_CHIP, wearing=calibrated_wearing(SEED)
    ).source


def headed() -> SimulatedSource:
    source = pressed()
    return replace(source, info=replace(source.info, profile=profile().to_text()))


def kind(made: Analysis) -> str:
    return made.of(Calibrated)[0].kind


def test_a_recording_looked_at_again_is_judged_by_the_profile_it_was_made_with(tmp_path: Path) -> None:
    recording = open_recording(record(tmp_path / "a.mcap", headed()))
    again = analyze(recording)
    assert kind(again) == "profile"
    assert events_of(again) == recording.events
    given = analyze(pressed(), EngineOptions(profile()))
    assert [e for e in events_of(given) if e["type"] == "rep"] == [
        e for e in recording.events if e["type"] == "rep"
    ]
    assert what_if(recording, EngineOptions(), EngineOptions()) == []
    assert kind(analyze(recording, EngineOptions("auto"))) == "auto", "who asks for another gets it"
    assert kind(analyze(recording, EngineOptions(calibrate_until_s=5.0))) != "profile"


def test_the_command_line_needs_no_profile_again(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", headed())
    made = json.loads(lumbar("analyze", path, "--json", "-").stdout)
    assert made["calibration"]["kind"] == "profile"
    assert lumbar("whatif", path).stdout == "no difference\n"
    assert lumbar("whatif", path, "--calibration", "auto").stdout != "no difference\n"


def test_a_batch_judges_each_by_its_own(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = headed()
    write_recording(tmp_path / "in" / "a.mcap", source.info, source.items())
    with cluster("local", 1) as client:
        run_batch(tmp_path / "in", tmp_path / "out", client)
    rows = pq.read_table(tmp_path / "out" / "reps.parquet").to_pylist()
    expected = [e for e in events_of(analyze(pressed(), EngineOptions(profile()))) if e["type"] == "rep"]
    assert [row["tuck_deg"] for row in rows] == [rep["tuck_deg"] for rep in expected]


def test_a_live_run_writes_profile_and_settings_into_its_header(tmp_path: Path) -> None:
    strict = PipelineSettings(tuck_alert_deg=9.0, tuck_caution_deg=6.0)
    run(
        Paced(headed(), None),
        Config(),
        EngineOptions(pipeline=strict),
        RunOptions(headless=True, sound=False),
    )
    [path] = (tmp_path / "recordings").iterdir()
    recording = open_recording(path)
    assert recording.info.profile == profile().to_text()
    assert recording.config["pipeline"]["tuck_alert_deg"] == 9.0
    assert open_session(path).in_force.pipeline == strict, "what-if in the window begins there"
    assert lumbar("whatif", path).stdout == "no difference\n", "judged by the settings it was made with"


def test_live_takes_the_profile_that_is_named(tmp_path: Path) -> None:
    block = next(i.block for i in pressed().items() if isinstance(i, Delivery) and len(i.block))
    short = ImuBlock(block.t_s, block.acc_ms2, block.gyr_rads)
    write_recording(tmp_path / "short.mcap", pressed().info, [Delivery(short)])
    (tmp_path / "me.json").write_text(profile().to_text())
    done = lumbar(
        "live", "--lower", f"file:{tmp_path / 'short.mcap'}", "--profile", tmp_path / "me.json", "--headless",
        "--no-sound",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [path] = (tmp_path / "recordings").iterdir()
    assert open_recording(path).info.profile == profile().to_text()


def test_a_profile_that_makes_no_sense_is_told_in_one_line(tmp_path: Path) -> None:
    source = pressed()
    path = tmp_path / "a.mcap"
    write_recording(path, replace(source.info, profile='{"format": "lumbar.profile"}'), source.items())
    line = fails("analyze", path)
    assert "the calibration profile in the recording" in line
    with pytest.raises(ConfigError, match="choose recorded, auto, none or a profile"):
        analyze(source, EngineOptions("automatic"))
    assert kind(analyze(open_recording(path), EngineOptions("auto"))) == "auto"


def test_an_import_can_be_given_the_profile(tmp_path: Path) -> None:
    blocks = [i.block for i in pressed().items() if isinstance(i, Delivery) and len(i.block)]
    rows = np.concatenate([np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for b in blocks])
    head = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
    np.savetxt(tmp_path / "lower.csv", rows, fmt="%.6f", delimiter=",", header=head, comments="")
    (tmp_path / "me.json").write_text(profile().to_text())
    out = tmp_path / "a.mcap"
    lumbar("import", "--lower", tmp_path / "lower.csv", "--profile", tmp_path / "me.json", "-o", out)
    assert kind(analyze(open_recording(out))) == "profile"


def test_report_and_history_know_the_own_range_from_the_recording(tmp_path: Path) -> None:
    bent = replace(profile(2), ranges=replace(profile(2).ranges, flexion_rad=math.radians(60.0)))
    worn = calibrated_wearing(SEED)
    source = simulate("rdl", seed=SEED, reps=4, sensors=2, spec=SAME_CHIP, wearing=worn).source
    sessions = []
    for day, text in (("01", ""), ("08", bent.to_text())):
        info = replace(source.info, profile=text)
        path = record(tmp_path / f"{day}.mcap", replace(source, info=info), started_at=f"2026-03-{day}T18:00")
        sessions.append(review(path))
    [trend] = trends(sessions)
    assert [p.own_flexion_deg for p in trend.points] == [pytest.approx(60.0)] * 2, "of the same athlete"
    [again] = trends(sessions, own_flexion_deg={"me": 50.0})
    assert again.points[0].own_flexion_deg == 50.0, "who names a profile means it"
    words = report_html(sessions[1:], trends(sessions))
    assert "from the athlete&#39;s calibration profile of 1 January 2026" in words
    assert "% of own" in words


def test_a_replay_says_what_the_session_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = EngineOptions(pipeline=PipelineSettings(rest_s=60.0))
    run(Paced(headed(), None), Config(), patient, RunOptions(headless=True, sound=False))
    [path] = (tmp_path / "recordings").iterdir()
    assert [e["index"] for e in open_recording(path).events if e["type"] == "set"] == [1]
    now = tmp_path / "config.toml"
    now.write_text("[pipeline]\nrest_s = 10\n")
    monkeypatch.setenv("LUMBAR_CONFIG", str(now))
    done = lumbar("replay", path, "--headless", "--speed", "max")
    assert done.returncode == 0, done.stderr
    assert "set 1: 8 repetitions" in done.stdout
    assert "set 2" not in done.stdout, "judged by what was in force then"
    assert len(json.loads(lumbar("analyze", path, "--json", "-").stdout)["sets"]) == 2, "and now by what is"


def test_settings_of_another_version_are_left_out() -> None:
    kept = {"pipeline": {"rest_s": 20.0, "gone_since": 1}, "alerts": {"mode": "after_set"}, "colours": {}}
    made = recorded_with(Config(), kept, "a.mcap")
    assert (made.pipeline.rest_s, made.alerts.mode) == (20.0, "after_set")
    assert recorded_with(made, {}, "b.mcap") == made
    with pytest.raises(ConfigError, match=r"a\.mcap: pipeline\.rest_s should be a number"):
        recorded_with(Config(), {"pipeline": {"rest_s": "long"}}, "a.mcap")
