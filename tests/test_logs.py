"""Logs of other programs come in by their headers, in SI units, or one line says what is missing."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cli import fails, lumbar

from monitor.analysis import analyze
from monitor.cli.import_ import command as import_command
from monitor.model.errors import ConfigError, SensorError
from monitor.model.samples import FloatArray
from monitor.model.session import Delivery
from monitor.recording.reader import open_recording
from monitor.sensors.csv_file import CsvSource, csv_source
from monitor.sensors.logs import Log, read_log

G = 9.80665
AXES = "xyz"


def bending(duration_s: float = 12.0, rate_hz: float = 100.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times, specific force and angular rate of a sensor that bends 60 degrees and back."""
    t_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    angle = np.radians(30.0) * (1.0 - np.cos(2.0 * np.pi * t_s / 4.0))
    rate = np.radians(30.0) * np.sin(2.0 * np.pi * t_s / 4.0) * 2.0 * np.pi / 4.0
    zero = np.zeros_like(t_s)
    return (
        t_s,
        np.column_stack([-G * np.sin(angle), zero, G * np.cos(angle)]),
        np.column_stack([zero, rate, zero]),
    )


def table(path: Path, header: list[str], rows: FloatArray, delimiter: str = ",", comma: bool = False) -> Path:
    lines = [delimiter.join(header)]
    for row in rows.tolist():
        cells = [f"{value:.9E}" for value in row]
        lines.append(delimiter.join(cell.replace(".", ",") if comma else cell for cell in cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def zipped(path: Path, *files: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, file.name)
        archive.writestr("meta/device.csv", "property,value\nversion,1\n")
    return path


def phyphox_zip(folder: Path) -> Path:
    t_s, acc, gyr = bending()
    late = t_s + 0.0037  # phones stamp each sensor in its own time
    rate = np.column_stack([np.interp(late, t_s, gyr[:, i]) for i in range(3)])
    units = [f'"Acceleration {a} (m/s^2)"' for a in AXES]
    one = table(folder / "Accelerometer.csv", ['"Time (s)"', *units], np.column_stack([t_s, acc]))
    names = ['"Time (s)"', *(f'"Gyroscope {a} (rad/s)"' for a in AXES), '"Absolute (rad/s)"']
    other = table(
        folder / "Gyroscope.csv", names, np.column_stack([late, rate, np.linalg.norm(rate, axis=1)])
    )
    return zipped(folder / "phyphox.zip", one, other)


def phyphox_table(folder: Path) -> Path:
    """Return one table of both sensors, separated by tabs, with decimal commas."""
    t_s, acc, gyr = bending()
    header = [
        "Time (s)",
        *(f"Acceleration {a} (m/s^2)" for a in AXES),
        *(f"Gyroscope {a} (rad/s)" for a in AXES),
    ]
    return table(folder / "raw.csv", header, np.column_stack([t_s, acc, gyr]), "\t", comma=True)


EPOCH_NS = 1_767_620_467_350_470_700


def logger_tables(
    folder: Path, acc: dict[str, FloatArray], gyr: FloatArray, t_s: FloatArray, platform: str = "android"
) -> list[Path]:
    made = []
    for name, values in (acc | {"Gyroscope": gyr}).items():
        lines = ["time,seconds_elapsed,z,y,x"]
        for t, (x, y, z) in zip(t_s.tolist(), values.tolist(), strict=True):
            lines.append(f"{EPOCH_NS + round(t * 1e9)},{t + 0.143471:.6f},{z:.9f},{y:.9f},{x:.9f}")
        path = folder / f"{name}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        made.append(path)
    (folder / "Metadata.csv").write_text(
        f"version,platform,standardisation\n3,{platform},false\n", encoding="utf-8"
    )
    return [*made, folder / "Metadata.csv"]


def logger_android(folder: Path) -> Path:
    t_s, acc, gyr = bending()
    moved = {"TotalAcceleration": acc, "Accelerometer": acc - [0, 0, G], "Gravity": acc * 0 + [0, 0, G]}
    return zipped(folder / "android.zip", *logger_tables(folder, moved, gyr, t_s))


def logger_iphone(folder: Path) -> Path:
    """Return a folder whose acceleration is split and has the other sign, as iOS gives it."""
    t_s, acc, gyr = bending()
    inside = folder / "iphone"
    inside.mkdir()
    logger_tables(inside, {"Accelerometer": -0.1 * acc, "Gravity": -0.9 * acc}, gyr, t_s, "ios")
    return inside


def logger_json(folder: Path) -> Path:
    t_s, acc, gyr = bending()
    rows = [
        {
            "sensor": name,
            "time": str(EPOCH_NS),
            "seconds_elapsed": f"{t:.6f}",
            "x": f"{x}",
            "y": f"{y}",
            "z": f"{z}",
        }
        for name, values in (("TotalAcceleration", acc), ("Gyroscope", gyr))
        for t, (x, y, z) in zip(t_s.tolist(), values.tolist(), strict=True)
    ]
    path = folder / "log.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


WIT = ["AccX(g)", "AccY(g)", "AccZ(g)", "AsX(°/s)", "AsY(°/s)", "AsZ(°/s)"]


def wit_new(folder: Path, delimiter: str = ",", bundle: int = 1, devices: int = 1) -> Path:
    t_s, acc, gyr = bending()
    lines = [delimiter.join(["time", "DeviceName", "ChipTime()", *WIT, "AngleX(°)"])]
    for i, values in enumerate(np.column_stack([acc / G, np.degrees(gyr)]).tolist()):
        t = t_s[i - i % bundle]
        stamp = f"2026-03-01 18:59:{54 + t:06.3f}" if 54 + t < 60 else f"2026-03-01 19:00:{t - 6:06.3f}"
        name = f"WT901BLE67({i % devices:02X})"
        lines.append(delimiter.join([stamp, name, "null", *(f"{v:.7f}" for v in values), "1.0"]))
        if i == 500:
            lines.append(lines[0])  # the program writes its header again after a pause
    path = folder / "wit.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def wit_bundled(folder: Path) -> Path:
    return wit_new(folder, "\t", bundle=4)


def wit_old(folder: Path) -> Path:
    t_s, acc, gyr = bending()
    names = [
        "address",
        "Time(s)",
        *(f"a{a}(g)" for a in AXES),
        *(f"w{a}(deg/s)" for a in AXES),
        "AngleX(deg)",
    ]
    lines = ["StartTime: 2026-03-01 18:30:05.123", "\t".join(names)]
    for t, values in zip(t_s.tolist(), np.column_stack([acc / G, np.degrees(gyr)]).tolist(), strict=True):
        lines.append(
            "\t".join(
                ["0x50", f"23:59:{55 + t:06.3f}" if t < 5 else f"00:00:{t - 5:06.3f}", *map(str, values), "0"]
            )
        )
    path = folder / "data.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def chunks(lost: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """Return measurements of eight samples, time in ms of each first one."""
    t_s, acc, gyr = bending()
    rates = np.degrees(gyr)
    made = []
    for first in range(0, len(t_s) - 7, 8):
        rows = slice(first, first + 8)
        made.append(
            {
                "Timestamp": round(t_s[first] * 1000) + 158319,
                "ArrayAcc": [dict(zip(AXES, v, strict=True)) for v in acc[rows].tolist()],
                "ArrayGyro": [dict(zip(AXES, v, strict=True)) for v in rates[rows].tolist()],
            }
        )
    return [chunk for number, chunk in enumerate(made) if number not in lost]


def as_json(path: Path, made: object) -> Path:
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def movesense_app(folder: Path) -> Path:
    return as_json(folder / "imu_stream.json", {"data": [{"imu": chunk} for chunk in chunks()]})


def movesense_flash(folder: Path) -> Path:
    return as_json(folder / "MovesenseLog.json", {"Meas": {"IMU9": chunks()}})


def movesense_sbem(folder: Path) -> Path:
    samples = [{"TimeDetailed": {"utcTime": 1}}, *({"MeasIMU6": chunk} for chunk in chunks())]
    return as_json(folder / "log.json", {"Samples": samples})


def movesense_apart(folder: Path) -> Path:
    """Return accelerometer and gyroscope as two subscriptions."""
    made = []
    for chunk in chunks():
        made.append(
            {"Body": {"Timestamp": chunk["Timestamp"], "ArrayAcc": chunk["ArrayAcc"]}, "Uri": "/Meas/Acc/104"}
        )
        made.append(
            {
                "Body": {"Timestamp": chunk["Timestamp"], "ArrayGyro": chunk["ArrayGyro"]},
                "Uri": "/Meas/Gyro/104",
            }
        )
    return as_json(folder / "mds.json", made)


def movesense_csv(folder: Path) -> Path:
    t_s, acc, gyr = bending()
    header = [
        "Timestamp",
        *(f"Acc{a}" for a in "XYZ"),
        *(f"Gyro{a}" for a in "XYZ"),
        *(f"Magn{a}" for a in "XYZ"),
    ]
    return table(
        folder / "multi.csv", header, np.column_stack([np.round(t_s * 1000), acc, np.degrees(gyr), acc])
    )


LOGS: dict[Callable[[Path], Path], str] = {
    phyphox_zip: "phyphox",
    phyphox_table: "phyphox",
    logger_android: "Sensor Logger",
    logger_iphone: "Sensor Logger",
    logger_json: "Sensor Logger",
    wit_new: "WitMotion",
    wit_bundled: "WitMotion",
    wit_old: "WitMotion",
    movesense_app: "Movesense",
    movesense_flash: "Movesense",
    movesense_sbem: "Movesense",
    movesense_apart: "Movesense",
    movesense_csv: "Movesense",
}


def samples(source: CsvSource) -> FloatArray:
    blocks = [i.block for i in source.items()]
    return np.vstack([np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for b in blocks])


@pytest.mark.parametrize("make", LOGS, ids=lambda make: make.__name__)
def test_every_format_gives_the_motion_back_in_si(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    log = read_log(path)
    assert log is not None
    assert log.program == LOGS[make]
    t_s, acc, gyr = bending()
    got = samples(csv_source(path))
    since = got[:, 0] - log.t_s[0] + (0.0037 if make is phyphox_zip and log.t_s[0] else 0.0)
    since += 0.01 * (make is phyphox_zip)  # its first sample has no rate yet
    inside = since < t_s[-1] - 0.05
    assert inside.sum() > 0.97 * len(t_s)
    for axis in range(3):
        assert got[inside, 1 + axis] == pytest.approx(np.interp(since[inside], t_s, acc[:, axis]), abs=0.15)
        assert got[inside, 4 + axis] == pytest.approx(np.interp(since[inside], t_s, gyr[:, axis]), abs=0.03)


@pytest.mark.parametrize("make", [logger_android, wit_new, movesense_app], ids=lambda make: make.__name__)
def test_device_and_time_of_day(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    info = csv_source(path).info
    assert info.sensors[0].device.startswith(LOGS[make])
    assert info.sensors[0].device.endswith(f"({path.name})")
    dated = {logger_android: "2026-01-05T", wit_new: "2026-03-01T"}.get(make)
    assert info.started_at.startswith(dated) if dated else info.started_at == ""


def test_what_was_mended_is_said(tmp_path: Path) -> None:
    (logger_iphone(tmp_path) / "Metadata.csv").unlink()
    assert any("taken for an iPhone's" in line for line in csv_source(tmp_path / "iphone").warnings)
    assert any("spread evenly" in line for line in csv_source(wit_bundled(tmp_path)).warnings)


def test_a_lost_chunk_stays_a_gap(tmp_path: Path) -> None:
    path = as_json(tmp_path / "a.json", {"Meas": {"IMU6": chunks(lost=(40, 41))}})
    source = csv_source(path)
    assert sum(i.block.lost_before for i in source.items()) == pytest.approx(16, abs=1)


def test_two_logs_share_the_wall_clock(tmp_path: Path) -> None:
    lower = logger_android(tmp_path)
    (tmp_path / "two").mkdir()
    t_s, acc, gyr = bending()
    late = logger_tables(tmp_path / "two", {"TotalAcceleration": acc}, gyr, t_s)
    for path in late:  # switched on two seconds later
        path.write_text(path.read_text().replace(str(EPOCH_NS)[:10], str(int(str(EPOCH_NS)[:10]) + 2)))
    source = csv_source(lower, zipped(tmp_path / "upper.zip", *late))
    first = {i.block.sensor: i.block.t_s[0] for i in reversed(list(source.items()))}
    assert first["upper"] - first["lower"] == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["Time (s)", *(f"Linear Acceleration {a} (m/s^2)" for a in AXES)], "gravity is removed"),
        (["Time (s)", *(f"Acceleration {a} (m/s^2)" for a in AXES)], "no gyroscope"),
        (["Time (s)", *(f"Gyroscope {a} (rad/s)" for a in AXES)], "no acceleration with g"),
    ],
)
def test_what_phyphox_left_out_is_named(header: list[str], words: str, tmp_path: Path) -> None:
    t_s, acc, _ = bending()
    path = table(tmp_path / "raw.csv", header, np.column_stack([t_s, acc]))
    with pytest.raises(SensorError, match=words):
        csv_source(path)


def test_what_else_is_missing_is_named(tmp_path: Path) -> None:
    t_s, acc, gyr = bending()
    with pytest.raises(SensorError, match="without gravity"):
        csv_source(zipped(tmp_path / "a.zip", *logger_tables(tmp_path, {"Accelerometer": acc}, gyr, t_s)))
    with pytest.raises(SensorError, match="holds 2 sensors"):
        csv_source(wit_new(tmp_path, devices=2))
    with pytest.raises(SensorError, match="no gyroscope"):
        csv_source(
            as_json(tmp_path / "b.json", [{k: c[k] for k in ("Timestamp", "ArrayAcc")} for c in chunks()])
        )
    with pytest.raises(ConfigError, match="knows its units"):
        csv_source(movesense_csv(tmp_path), acc_unit="g")
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(SensorError, match="known here"):
        csv_source(tmp_path / "c.zip")
    (tmp_path / "d.json").write_text("{")
    with pytest.raises(SensorError, match="is not JSON"):
        csv_source(tmp_path / "d.json")
    with pytest.raises(SensorError, match="cannot be read"):
        csv_source(tmp_path / "nowhere.zip")


def test_a_table_nobody_knows_is_told_what_ours_looks_like(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["when", "what", "where"], np.ones((20, 3)))
    assert read_log(path) is None
    with pytest.raises(SensorError, match="t_s,acc_x"):
        csv_source(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(make=st.sampled_from([phyphox_table, wit_old, movesense_app, logger_json]), data=st.data())
def test_any_damage_is_mended_or_explained(
    make: Callable[[Path], Path], data: st.DataObject, tmp_path: Path
) -> None:
    whole = make(tmp_path).read_bytes()[:20000]
    at = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=12))
    path = tmp_path / f"damaged{make(tmp_path).suffix}"
    path.write_bytes(whole[:at] + junk + whole[at + data.draw(st.integers(0, 200)) :])
    with contextlib.suppress(SensorError):
        found = read_log(path)
        assert found is None or isinstance(found, Log)


@pytest.mark.parametrize("make", LOGS, ids=lambda make: make.__name__)
def test_an_imported_log_is_a_recording_like_any_other(make: Callable[[Path], Path], tmp_path: Path) -> None:
    path, out = make(tmp_path), tmp_path / "out.mcap"
    done = CliRunner().invoke(import_command, ["--lower", str(path), "--exercise", "rdl", "-o", str(out)])
    assert done.exit_code == 0, done.output
    recording = open_recording(out)
    assert recording.info.sensors[0].device.startswith(LOGS[make])
    blocks = [i.block for i in recording.items() if isinstance(i, Delivery)]
    again = np.vstack([np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for b in blocks])
    assert np.array_equal(again, samples(csv_source(path)))
    judged = analyze(recording)
    assert judged.samples == len(again)
    bent = np.degrees(judged.posture.pelvic_tilt_rad)
    assert np.nanmax(bent) - np.nanmin(bent) == pytest.approx(60.0, abs=3.0)


def test_import_takes_a_log(tmp_path: Path) -> None:
    path = logger_android(tmp_path)
    done = lumbar("import", "--lower", path, "--exercise", "rdl", "-o", tmp_path / "a.mcap")
    assert done.returncode == 0, done.stderr
    recording = open_recording(tmp_path / "a.mcap")
    assert recording.info.started_at.startswith("2026-01-05T")
    assert recording.info.sensors[0].device == "Sensor Logger (android.zip)"
    assert "gravity is removed" in fails(
        "import",
        "--lower",
        table(
            tmp_path / "x.csv",
            ["Time (s)", *(f"Linear Acceleration {a} (m/s^2)" for a in AXES)],
            np.ones((50, 4)),
        ),
        "-o",
        tmp_path / "b.mcap",
    )
