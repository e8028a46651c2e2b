"""The sample sessions of the repository give their own truth back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.analysis import analyze
from monitor.model.events import FaultKind, LiftOff, Rep
from monitor.recording.reader import open_recording
from monitor.scoring import match_intervals, match_onsets

RECORDINGS = Path(__file__).parents[1] / "recordings"


@pytest.mark.parametrize("name", ["squat", "leg_press"])
def test_a_sample_session_gives_its_truth_back(name: str) -> None:
    truth = json.loads((RECORDINGS / f"{name}.truth.json").read_text(encoding="utf-8"))
    made = analyze(open_recording(RECORDINGS / f"{name}.mcap"))
    reps = [(rep.start_s, rep.end_s) for rep in made.of(Rep)]
    assert match_intervals([(r["start_s"], r["end_s"]) for r in truth["reps"]], reps).exact
    true = [event["start_s"] for event in truth["lift_offs"]]
    assert match_onsets(true, [event.start_s for event in made.of(LiftOff)]).exact
    tucked = {rep.index for rep in made.of(Rep) if any(f.kind is FaultKind.TUCK for f in rep.faults)}
    if name == "squat":
        assert tucked == {r["index"] for r in truth["reps"] if r["tuck_deg"] >= 10}
    assert made.findings
