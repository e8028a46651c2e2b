"""The commands on a poor terminal, with a wrong file, interrupted: plain words, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import fails, lumbar

from monitor.cli import _interrupted

SAMPLES = Path(__file__).parents[1] / "recordings"


def test_signs_a_terminal_does_not_know_are_spelt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = lumbar("history", "--folder", SAMPLES, "--exercise", "leg-press")
    assert done.returncode == 0, done.stderr
    assert "+-" in done.stdout
    assert " deg" in done.stdout


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    recording = tmp_path / "squats[b].mcap"
    lumbar("simulate", "--exercise", "squat", "--reps", "2", "-o", tmp_path / "lower.csv")
    lumbar("import", "--lower", tmp_path / "lower.csv", "--athlete", "Jo [/left]", "-o", recording)
    done = lumbar("history", "--folder", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Squat, Jo [/left]" in done.stdout
    assert "squats[b] " in done.stdout


def test_on_a_narrow_terminal_a_session_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "40")):
        monkeypatch.setenv(name, value)
    done = lumbar("history", "--folder", SAMPLES, "--exercise", "squat")
    title, *lines = done.stdout.splitlines()
    assert "Squat, me" in title
    assert lines[0].startswith("squat: sets/reps 1/6, tilt ")
    assert all(len(line) <= 40 for line in lines)
    assert lines[-1].endswith("found form")
    assert ", speed +" in " ".join(map(str.strip, lines)), "a set that got faster is told as such"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes the output")
def test_an_output_that_is_closed_is_no_error() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m monitor history --folder '{SAMPLES}' >&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_where_nothing_can_be_written_it_is_said_before_the_work(tmp_path: Path) -> None:
    assert "is a folder: name a file" in fails("calibrate", "--lower", "sim", "-o", tmp_path)
    assert "is a folder: name a file" in fails("report", SAMPLES / "squat.mcap", "-o", tmp_path)
    file = tmp_path / "tables"
    file.touch()
    assert "is a file: name a folder" in fails("batch", SAMPLES, "-o", file)
    assert list(tmp_path.iterdir()) == [file]


def test_one_is_one_and_every_file_is_named(tmp_path: Path) -> None:
    kind = ("--exercise", "deadlift", "--reps", "1", "--sensors", "2")
    done = lumbar("simulate", *kind, "-o", "lower.csv", cwd=tmp_path)
    assert done.stdout.startswith("wrote lower.csv, upper.csv: ")
    assert done.stdout.endswith(" s, 1 repetition, 0 lift-offs\n")


def test_repetitions_are_counted_to_what_was_done(tmp_path: Path) -> None:
    lumbar("simulate", "--exercise", "leg_day", "-o", tmp_path / "day.mcap")
    done = lumbar("analyze", tmp_path / "day.mcap")
    assert done.stdout.startswith("squat: 5 repetitions, leg press: 5 repetitions\n")


def test_a_calibration_that_lasts_as_long_as_the_session_is_said() -> None:
    done = lumbar("analyze", SAMPLES / "squat.mcap", "--calibrate-until", "9999")
    assert done.stdout.startswith("squat: 0 repetitions\nnote: the calibration was to last until 9999 s")


def test_a_usual_repetition_of_something_else_is_no_comparison() -> None:
    line = fails("analyze", SAMPLES / "squat.mcap", "--baseline", SAMPLES / "leg_press.mcap")
    assert "leg_press.mcap is of leg press, not of squat" in line
    assert "no such file" in fails("analyze", SAMPLES / "squat.mcap", "--baseline", "none.json")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process there")
def test_ctrl_c_ends_a_calibration_in_one_word(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor", "calibrate", "--lower", "sim", "--speed", "1", "--headless"]
    with subprocess.Popen(
        [*command, "-o", tmp_path / "me.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as running:
        assert running.stdout is not None
        assert "simulated sensor" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=30)
    assert (running.returncode, told.strip()) == (1, "stopped")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process there")
def test_on_the_console_it_is_said_that_a_broker_does_not_answer() -> None:
    command = [sys.executable, "-m", "monitor", "live", "--lower", "sim", "--headless", "--no-record"]
    with subprocess.Popen(
        [*command, "--no-sound", "--broker", "mqtt://127.0.0.1:1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        assert "nobody listens there; trying again" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert running.returncode == 0


def test_nobody_is_no_athlete() -> None:
    assert "--athlete is empty" in fails("live", "--lower", "sim", "--athlete", " ", "--headless")


def test_what_fails_because_it_was_interrupted_is_no_failure() -> None:
    def closing() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise AssertionError("closed in the middle")

    with pytest.raises(AssertionError) as caught:
        closing()
    assert _interrupted(caught.value)
    assert not _interrupted(ValueError())
