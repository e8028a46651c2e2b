"""`lumbar calibrate` and the profile it writes, as a user's script sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import fails, lumbar

from monitor.recording.writer import write_recording
from monitor.sensors.simulated.guided import Habits, calibration
from monitor.sensors.simulated.scenario import scenario

SAMPLE = Path(__file__).parents[1] / "recordings" / "squat.mcap"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the profile of the simulated lifter."""
    path = tmp_path_factory.mktemp("profile") / "me.json"
    done = lumbar("calibrate", "--lower", "sim", "--headless", "--athlete", "ann", "-o", path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any("Stand upright" in line for line in lines)
    assert any("bend 3 of 3" in line for line in lines)
    assert lines[-2] == "quality: good"
    return path


def test_the_profile_says_whose_it_is_and_how_good(made: Path) -> None:
    profile = json.loads(made.read_text())
    assert (profile["format"], profile["version"], profile["athlete"]) == ("lumbar.profile", 1, "ann")
    assert profile["made_at"]
    assert profile["sensors"]["lower"]["device"] == "sim:worn"
    assert 40 < profile["ranges"]["bend_deg"] < 75
    assert [path.name for path in made.parent.iterdir()] == ["me.json"]


def test_analyze_counts_from_the_profile(made: Path, tmp_path: Path) -> None:
    session = scenario("calibrated:squat:slip")
    write_recording(tmp_path / "slip.mcap", session.source.info, session.source.items())
    done = lumbar("analyze", tmp_path / "slip.mcap", "--calibration", made, "--json", "-")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["calibration"]["kind"], result["calibration"]["quality"]) == ("profile", "good")
    assert len(result["reps"]) == 10
    assert any("it has slipped, or you stand otherwise" in note for note in result["notes"])


def test_the_first_sample_has_its_angle(made: Path, tmp_path: Path) -> None:
    session = scenario("calibrated:squat")
    write_recording(tmp_path / "squat.mcap", session.source.info, session.source.items())
    angles = tmp_path / "angles.csv"
    done = lumbar("analyze", tmp_path / "squat.mcap", "--calibration", made, "--angles", angles)
    assert done.returncode == 0, done.stderr
    first = angles.read_text().splitlines()[1].split(",")
    assert abs(float(first[1])) < 5.0


def test_a_recording_of_a_calibration_gives_the_same_profile(made: Path, tmp_path: Path) -> None:
    session = calibration(0)
    write_recording(tmp_path / "guided.mcap", session.source.info, session.source.items())
    out = tmp_path / "again.json"
    done = lumbar("calibrate", "--lower", f"file:{tmp_path / 'guided.mcap'}", "-o", out)
    assert done.returncode == 0, done.stderr
    again, first = json.loads(out.read_text()), json.loads(made.read_text())
    assert (again["sensors"], again["ranges"]) == (first["sensors"], first["ranges"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--upper", "sim"), "lumbar share of a bend"),
        (("--exercise", "leg_press"), "arch to tuck on the pad"),
        (("--two-position",), "lumbar share of a bend"),
        (("--six-poses",), "side 6 of 6"),
    ],
)
def test_every_procedure_ends(more: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = lumbar("calibrate", "--lower", "sim", *more, "-o", tmp_path / "me.json")
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert (tmp_path / "me.json").exists()


def test_a_calibration_that_is_not_finished_leaves_no_file(tmp_path: Path) -> None:
    session = calibration(2, habits=Habits(bends_deg=(-40.0, -40.0, -40.0)))
    write_recording(tmp_path / "half.mcap", session.source.info, session.source.items())
    done = lumbar("calibrate", "--lower", f"file:{tmp_path / 'half.mcap'}", "-o", tmp_path / "me.json")
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("lumbar: the calibration stopped at step 2 of 4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half.mcap"]


def test_what_cannot_be_is_said_in_one_line(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "me.json"
    assert "no sensor" in fails("calibrate", "-o", out)
    assert "is no calibration" in fails("calibrate", "--lower", "sim:squat", "-o", out)
    assert "for one sensor" in fails(
        "calibrate", "--lower", "sim", "--upper", "sim", "--two-position", "-o", out
    )
    assert "there is no folder" in fails("calibrate", "--lower", "sim", "-o", tmp_path / "none" / "me.json")
    assert "write recorded, auto, none or the file" in fails("analyze", SAMPLE, "--calibration", "automatic")
    assert "not JSON" in fails("analyze", SAMPLE, "--calibration", Path(__file__))
    assert "leave out --calibrate-until" in fails(
        "analyze", SAMPLE, "--calibration", made, "--calibrate-until", "5"
    )
    assert "No such file" in fails(
        "live", "--lower", "sim", "--profile", tmp_path / "none.json", "--headless"
    )
    assert not out.exists()


def test_no_output_is_wrong_use() -> None:
    assert lumbar("calibrate", "--lower", "sim").returncode == 2
