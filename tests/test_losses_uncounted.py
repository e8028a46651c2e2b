"""A sensor that sends neither time nor numbers: nobody is told that it lost nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recorded import record

from monitor.analysis import analysis_json, analyze, with_header
from monitor.recording.reader import open_recording
from monitor.sensors.simulated.scenario import simulate

NOTE = "lower sensor: losses not counted, it sends neither time nor numbers"


def test_a_recording_keeps_it_and_its_analysis_says_so(tmp_path: Path) -> None:
    counted = simulate("squat", reps=3, seed=1).source
    (sensor,) = counted.info.sensors
    uncounted = with_header(counted, replace(counted.info, sensors=(replace(sensor, loss_counted=False),)))
    for source, said in ((counted, False), (uncounted, True)):
        path = tmp_path / f"{said}.mcap"
        record(path, source)
        kept = open_recording(path)
        assert kept.info.sensors[0].loss_counted is not said
        assert (NOTE in analysis_json(analyze(kept))["notes"]) is said
