"""The commands as a user's script sees them: output, files, exit status, one line on failure."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from monitor.model.session import Delivery
from monitor.sensors.simulated.scenario import simulate

REP_KEYS = {
    "index", "start_s", "turn_s", "end_s", "decided_s", "eccentric_s", "concentric_s", "tilt_range_deg",
    "peak_tilt_deg", "tuck_deg", "peak_flexion_deg", "flexion_sigma_deg", "side_tilt_deg", "twist_deg",
    "smoothness_sparc", "coverage", "faults",
}  # fmt: skip
KEYS = {
    "schema", "exercise", "sets", "sensors", "calibration", "duration_s", "samples", "lost_samples", "gaps",
    "reps", "lift_offs", "findings", "alerts", "notes",
}  # fmt: skip


def lumbar(*args: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def fails(*args: str | Path) -> str:
    """Run a command that must fail in one line, and return the line."""
    done = lumbar(*args)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("lumbar: ")
    return line


def write_csv(path: Path, exercise: str = "squat", sensor: str = "lower", **kind: object) -> Path:
    source = simulate(exercise, reps=4, **kind).source  # type: ignore[arg-type]
    blocks = [i.block for i in source.items() if isinstance(i, Delivery) and i.block.sensor == sensor]
    rows = np.concatenate([np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for b in blocks if len(b)])
    head = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
    np.savetxt(path, rows, fmt="%.6f", delimiter=",", header=head, comments="")
    return path


def test_analyze_prints_the_contract(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lower.csv", "leg_press", cause="lack_of_spinal_support", seed=2)
    done = lumbar("analyze", path, "--exercise", "leg_press", "--load-kg", "120", "--json", "-")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert set(made) >= KEYS
    assert made["schema"] == "lumbar.analysis/1"
    assert [rep["index"] for rep in made["reps"]] == [1, 2, 3, 4]
    assert set(made["reps"][0]) >= REP_KEYS
    assert made["sets"][0]["load_kg"] == 120
    assert made["sets"][0]["reps"] == [1, 2, 3, 4]
    assert np.array(made["calibration"]["lower"]["sensor_to_segment"]).shape == (3, 3)
    assert {"start_s", "end_s", "decided_s", "peak_deg", "rep", "level"} <= set(made["lift_offs"][0])
    [finding] = made["findings"]
    assert finding["cause"] == "lack_of_spinal_support"
    assert {"confidence", "level", "reps", "evidence", "rivals", "cue"} <= set(finding)
    assert {"id", "time_s", "kind", "cause", "level", "text"} <= set(made["alerts"][0])


def test_analyze_writes_angles_a_row_a_sample(tmp_path: Path) -> None:
    lower = write_csv(tmp_path / "lower.csv", seed=3, sensors=2)
    upper = write_csv(tmp_path / "upper.csv", sensor="upper", seed=3, sensors=2)
    out = tmp_path / "angles.csv"
    done = lumbar("analyze", lower, "--upper", upper, "--angles", out)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == len(lower.read_text().splitlines()) - 1
    known = [row for row in rows if row["lumbar_flexion_deg"]]
    assert len(known) > 0.9 * len(rows)
    ups = np.array([[float(row[f"lower_up_{a}"]) for a in "xyz"] for row in rows])
    np.testing.assert_allclose(np.linalg.norm(ups, axis=1), 1.0, atol=1e-6)
    assert {"upper_tilt_deg", "upper_up_x", "upper_up_y", "upper_up_z"} <= set(rows[0])


def test_import_then_analyze_gives_the_same_numbers(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lower.csv", seed=4)
    recording = tmp_path / "rec.mcap"
    assert lumbar("import", "--lower", path, "--exercise", "squat", "-o", recording).returncode == 0
    direct = json.loads(lumbar("analyze", path, "--exercise", "squat", "--json", "-").stdout)
    stored = json.loads(lumbar("analyze", recording, "--json", "-").stdout)
    assert stored["reps"] == direct["reps"]
    assert stored["samples"] == direct["samples"]


def test_simulate_replay_headless(tmp_path: Path) -> None:
    recording, truth = tmp_path / "press.mcap", tmp_path / "truth.json"
    made = lumbar(
        "simulate", "--exercise", "leg_press", "--cause", "lack_of_spinal_support", "--reps", "3",
        "--seed", "6", "-o", recording, "--truth", truth,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = lumbar("replay", recording, "--speed", "max", "--headless")
    assert done.returncode == 0, done.stderr
    for index in range(1, len(json.loads(truth.read_text())["reps"]) + 1):
        assert f"rep {index}: " in done.stdout
    assert "off the pad" in done.stdout
    assert "likely cause: lack of spinal support" in done.stdout


def test_demo_shows_a_leg_day_on_the_console() -> None:
    done = lumbar("demo", "--headless", "--speed", "max")
    assert done.returncode == 0, done.stderr
    assert "rep 10: " in done.stdout
    assert "set 1: 5 repetitions of squat" in done.stdout
    assert "set 2: 5 repetitions of leg press" in done.stdout
    for word in ("dangerous", "injury", "diagnosis", "unsafe", "prevent"):
        assert word not in done.stdout.lower()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n", ""),
        ("t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z,mag\n" + "0,0,0,9.81,0,0,0,1\n" * 50, ""),
        ("a,b,c\n1,2,3\n", "t_s"),
    ],
)
def test_files_that_cannot_be_read_take_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    line = fails("analyze", path, "--json", "-")
    assert "bad.csv" in line
    assert words in line


def test_g_given_as_ms2_names_the_option(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lower.csv")
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    rows[:, 1:4] /= 9.80665
    head = path.read_text().splitlines()[0]
    np.savetxt(path, rows, fmt="%.6f", delimiter=",", header=head, comments="")
    assert "--acc-unit g" in fails("analyze", path)
    assert lumbar("analyze", path, "--acc-unit", "g").returncode == 0


def test_a_cut_recording_is_read_up_to_the_cut(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mcap"
    lumbar("simulate", "--exercise", "squat", "--reps", "4", "--seed", "2", "-o", whole)
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    done = lumbar("analyze", cut, "--json", "-")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["reps"]
    assert any("ends" in note for note in made["notes"])


def test_wrong_use_is_status_two() -> None:
    assert lumbar("analyze").returncode == 2
    assert lumbar("analize").returncode == 2
    assert lumbar("live", "--lower", "sim", "--exercise", "sqat").returncode == 2
    unknown = lumbar("import", "--lower", "a.csv", "--exercise", "sqat", "-o", "a.mcap")
    assert unknown.returncode == 2
    assert "did you mean squat?" in unknown.stderr, "the nearest is named"


def test_failures_name_what_to_do(tmp_path: Path) -> None:
    assert "lumbar scan" in fails("live", "--headless")
    assert "ble:NAME" in fails("live", "--lower", "usb:1")
    assert "missing.mcap" in fails("replay", tmp_path / "missing.mcap")
    assert "8884" in fails("live", "--lower", "sim", "--broker", "mqtt://host:8884:1", "--headless")
    path = write_csv(tmp_path / "lower.csv")
    assert "no_such_folder" in fails("analyze", path, "--json", tmp_path / "no_such_folder" / "out.json")


def test_an_unknown_key_of_the_configuration_names_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    monkeypatch.setenv("LUMBAR_CONFIG", str(config))
    path = write_csv(tmp_path / "lower.csv")
    config.write_text("[pipeline]\nlift_of_alert_deg = 10\n")
    assert "did you mean lift_off_alert_deg" in fails("analyze", path)
    config.write_text("[pipeline]\nrest_s = 'long'\n")
    assert "pipeline.rest_s should be a number" in fails("analyze", path)
    config.write_text("[pipeline]\nrest_s = 30\n[alerts]\nmode = 'after_set'\n")
    assert lumbar("analyze", path).returncode == 0


def test_help_of_every_command_has_an_example() -> None:
    for name in ("live", "demo", "import", "replay", "analyze", "simulate"):
        done = lumbar(name, "--help")
        assert done.returncode == 0
        assert f"Example: lumbar {name}" in " ".join(done.stdout.split())
