"""`lumbar import` and `lumbar export` as a user meets them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from monitor.cli import main
from monitor.recording.reader import open_recording

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    t_s = np.arange(1000) / 100
    rows = np.column_stack([t_s, np.zeros((1000, 2)), np.full(1000, 1.0), np.zeros((1000, 3))])
    np.savetxt(tmp_path / "lower.csv", rows, delimiter=",", header=HEADER, comments="", fmt="%.6f")
    np.savetxt(tmp_path / "upper.csv", rows, delimiter=",", header=HEADER, comments="", fmt="%.6f")
    return tmp_path


def lumbar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> tuple[int, str, str]:
    """Return exit status, output and errors of one command line."""
    monkeypatch.setattr(sys, "argv", ["lumbar", *line.split()])
    try:
        main()
        status = 0
    except SystemExit as done:
        status = int(done.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_import(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    files = "--lower lower.csv --upper upper.csv --acc-unit g"
    line = f"import {files} --exercise leg-press --load-kg 60,80 -o a.mcap"
    assert lumbar(monkeypatch, capsys, line) == (
        0,
        "wrote a.mcap: 10.0 s, 1000 samples lower, 1000 samples upper\n",
        "",
    )
    info = open_recording(folder / "a.mcap").info
    assert (info.exercise.name, info.loads_kg) == ("leg_press", (60.0, 80.0))
    assert [sensor.device for sensor in info.sensors] == ["lower.csv", "upper.csv"]


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("import --lower lower.csv -o b.mcap", 1, "looks like g: pass --acc-unit g"),
        ("import --lower none.csv -o b.mcap", 1, "none.csv cannot be read: no such file"),
        ("import --lower lower.csv --acc-unit g -o nowhere/b.mcap", 1, "there is no folder nowhere"),
        ("import --lower lower.csv --acc-unit g --exercise squatt -o b.mcap", 2, "did you mean squat?"),
        ("import --lower lower.csv --acc-unit furlong -o b.mcap", 2, "'furlong' is not one of"),
        ("import --lower lower.csv --acc-unit g --load-kg heavy -o b.mcap", 2, "one a set such as 60,80"),
        ("import --lower lower.csv", 2, "Missing option '-o'"),
        ("export lower.csv --format csv -o b.csv", 1, "lower.csv is not a recording"),
        ("export none.mcap --format csv -o b.csv", 1, "none.mcap cannot be read: no such file"),
        ("export none.mcap --format c3d -o b", 2, "'c3d' is not one of"),
    ],
)
def test_what_goes_wrong_is_one_line(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    line: str,
    status: int,
    words: str,
) -> None:
    got, out, err = lumbar(monkeypatch, capsys, line)
    assert (got, out) == (status, "")
    assert words in err
    assert "Traceback" not in err
    assert status == 2 or err.count("\n") == 1
    assert {path.name for path in folder.iterdir()} == {"lower.csv", "upper.csv"}


def test_what_was_left_out_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "lower.csv").read_text().replace("5.000000,0.000000", "5.000000,nan")
    (folder / "lower.csv").write_text(text)
    _, out, err = lumbar(monkeypatch, capsys, "import --lower lower.csv --acc-unit g -o a.mcap")
    assert out == "wrote a.mcap: 10.0 s, 999 samples lower\n"
    assert err == "note: lower.csv: 1 row without a value left out, the first in line 502\n"


def test_an_import_is_analysed_for_its_export(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lumbar(monkeypatch, capsys, "import --lower lower.csv --acc-unit g -o a.mcap")
    status, out, err = lumbar(monkeypatch, capsys, "export a.mcap --format csv -o out.csv")
    assert (status, err) == (0, "")
    assert "out_angles.csv" in out
    assert (folder / "out_angles.csv").read_text().startswith("t_s,pelvic_tilt_deg")
    status, out, err = lumbar(monkeypatch, capsys, "export a.mcap --format csv -o out.csv")
    assert (status, out, err) == (1, "", "lumbar: out.csv exists already: choose another name\n")
