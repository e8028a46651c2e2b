"""What other programs read back is what was recorded."""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pyxdf
from mcap.reader import make_reader
from scipy.spatial.transform import Rotation

from monitor.model.errors import ConfigError, RecordingError
from monitor.model.events import Calibrated, Fault, FaultKind, Level, Notice, Rep, RepMetrics, SetSummary
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER, ImuBlock, PostureBlock, SensorInfo
from monitor.model.session import Annotation, Delivery, Output, SessionInfo
from monitor.recording.export import FORMATS, ExportData, export, gather
from monitor.recording.labels import Labels, RepEdit
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.sensors.csv_file import csv_source

if TYPE_CHECKING:
    from monitor.model.samples import FloatArray

G = 9.80665
BODY_FROM_SENSOR = Rotation.from_euler("xz", [90, 40], degrees=True)
"""How the sensor sits on the back in these tests: body vector = this applied to the sensor's."""


def bending(start_s: float = 0.3, rate_hz: float = 104.0, duration_s: float = 20.0) -> tuple[FloatArray, ...]:
    """Return times, angle, acc and gyr of a sensor on a body that bends forward 40 degrees each 4 s."""
    t_s = start_s + np.arange(round(duration_s * rate_hz)) / rate_hz
    angle = np.radians(20.0) * (1.0 - np.cos(2.0 * np.pi * t_s / 4.0))
    rate = np.radians(20.0) * np.sin(2.0 * np.pi * t_s / 4.0) * 2.0 * np.pi / 4.0
    zero = np.zeros_like(t_s)
    acc = np.column_stack([-G * np.sin(angle), zero, G * np.cos(angle)])
    gyr = np.column_stack([zero, rate, zero])
    to_sensor = BODY_FROM_SENSOR.inv()
    return t_s, angle, to_sensor.apply(acc), to_sensor.apply(gyr)


METRICS = RepMetrics(1.0, 0.9, 0.9, 0.1, None, None, 0.0, 0.0, -1.6, 0.4, 1.0)
MATRIX = tuple(tuple(float(x) for x in row) for row in BODY_FROM_SENSOR.as_matrix())
EVENTS = (
    Calibrated("auto", "good", 1.0, {LOWER: MATRIX, UPPER: MATRIX}),
    Notice(1.5, 'tabs\tand "quotes", and\nlines'),
    Rep(1, 1, 2.0, 4.0, 6.0, 6.5, METRICS),
    Rep(2, 1, 6.0, 8.0, 10.0, 10.5, METRICS),
    Fault(FaultKind.TUCK, Level.ALERT, 8.0, 8.1, math.radians(13.0)),
    SetSummary(1, 2.0, 10.0, 15.0, (1, 2), "rdl", None, "2 repetitions"),
)


@pytest.fixture
def data(tmp_path: Path) -> ExportData:
    info = SessionInfo(
        EXERCISES["rdl"],
        (SensorInfo(LOWER, "open sensor", rate_hz=104.0), SensorInfo(UPPER, rate_hz=52.0)),
        "me",
        started_at="2026-03-01T18:30:05+01:00",
    )
    writer = RecordingWriter(tmp_path / "monday.mcap")
    writer.begin(info)
    t_s, _, acc, gyr = bending()
    upper_s, _, upper_acc, upper_gyr = bending(1.0, 52.0, 18.0)
    writer.take(
        [Delivery(ImuBlock(t_s[k : k + 10], acc[k : k + 10], gyr[k : k + 10])) for k in range(0, 2080, 10)],
        Output(),
    )
    writer.take(
        [Delivery(ImuBlock(upper_s, upper_acc, upper_gyr, UPPER)), Annotation(7.5, "mark", "here")], Output()
    )
    n = 1900
    columns = {name: np.full(n, 0.1) for name in PostureBlock.__dataclass_fields__}
    columns["lumbar_flexion_rad"][:100] = np.nan
    vectors = {"lower_up": np.zeros((n, 3)), "upper_up": np.zeros((n, 3)), "present": np.ones(n, np.bool_)}
    writer.take([], Output(PostureBlock(**{**columns, **vectors, "t_s": 0.3 + np.arange(n) / 100}), EVENTS))
    writer.end()
    return gather(open_recording(writer.path), Labels())


def samples(data: ExportData, sensor: str) -> FloatArray:
    block = data.imu[sensor]
    return np.column_stack([block.t_s, block.acc_ms2, block.gyr_rads])


def test_csv_can_be_imported_again_and_is_the_same(data: ExportData, tmp_path: Path) -> None:
    written = export(data, "csv", tmp_path / "out.csv")
    assert [path.name for path in written] == ["out.csv", "out_angles.csv", "out_events.csv", "out_upper.csv"]
    source = csv_source(tmp_path / "out.csv", tmp_path / "out_upper.csv")
    for sensor in (LOWER, UPPER):
        blocks = [item.block for item in source.items() if item.block.sensor == sensor]
        again = np.vstack([np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for b in blocks])
        assert np.array_equal(again, samples(data, sensor))
    with (tmp_path / "out_angles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1900
    assert rows[0]["lumbar_flexion_deg"] == ""
    assert float(rows[150]["lumbar_flexion_deg"]) == pytest.approx(math.degrees(0.1))
    with (tmp_path / "out_events.csv").open(newline="") as file:
        events = list(csv.DictReader(file))
    assert [e["type"] for e in events] == ["calibrated", "notice", "rep", "set", "rep", "annotation", "fault"]
    assert events[1]["text"] == EVENTS[1].text  # type: ignore[union-attr]


def test_lower_and_upper_keep_their_names(data: ExportData, tmp_path: Path) -> None:
    names = {path.name for path in export(data, "csv", tmp_path / "lower.csv")}
    assert {"lower.csv", "upper.csv"} <= names


def test_mcap_holds_a_json_message_a_sample_in_order_of_time(data: ExportData, tmp_path: Path) -> None:
    export(data, "mcap", tmp_path / "out.mcap")
    seen: dict[str, list[dict[str, object]]] = {}
    times = []
    with (tmp_path / "out.mcap").open("rb") as file:
        for schema, channel, message in make_reader(file).iter_messages(log_time_order=False):
            assert schema is not None
            assert (channel.message_encoding, schema.encoding) == ("json", "jsonschema")
            assert json.loads(schema.data)["type"] == "object"
            seen.setdefault(channel.topic, []).append(json.loads(message.data))
            times.append(message.log_time)
    assert times == sorted(times)
    assert times[0] == 1772386205_300000000
    assert seen.keys() == {"/lower/imu", "/upper/imu", "/posture", "/events", "/log"}
    got = np.array([list(made.values()) for made in seen["/upper/imu"]])
    assert np.array_equal(got, samples(data, UPPER))
    assert "lumbar_flexion_deg" not in seen["/posture"][0]
    assert seen["/posture"][150]["pelvic_tilt_deg"] == pytest.approx(math.degrees(0.1))
    assert [made["type"] for made in seen["/events"]] == [
        "calibrated",
        "notice",
        "rep",
        "set",
        "rep",
        "fault",
    ]
    assert seen["/log"][-1]["level"] == 4
    assert seen["/log"][-1]["timestamp"] == {"sec": 1772386213, "nsec": 0}


def test_xdf_is_read_back_by_pyxdf(data: ExportData, tmp_path: Path) -> None:
    export(data, "xdf", tmp_path / "out.xdf")
    streams, header = pyxdf.load_xdf(tmp_path / "out.xdf", dejitter_timestamps=False)
    assert header["info"]["version"] == ["1.0"]
    by_name = {stream["info"]["name"][0]: stream for stream in streams}
    assert by_name.keys() == {"lower back sensor", "upper back sensor", "posture", "events"}
    for sensor in (LOWER, UPPER):
        stream = by_name[f"{sensor} back sensor"]
        assert np.array_equal(stream["time_stamps"], data.imu[sensor].t_s)
        assert np.array_equal(stream["time_series"], samples(data, sensor)[:, 1:])
        assert stream["footer"]["info"]["sample_count"] == [str(len(data.imu[sensor]))]
    channels = by_name["upper back sensor"]["info"]["desc"][0]["channels"][0]["channel"]
    assert [(c["label"][0], c["unit"][0]) for c in channels][2:4] == [("acc_z", "m/s^2"), ("gyr_x", "rad/s")]
    assert by_name["upper back sensor"]["info"]["nominal_srate"] == ["52.0"]
    assert np.isnan(by_name["posture"]["time_series"][0, 4])
    assert [text for (text,) in by_name["events"]["time_series"]][2:5] == [
        "rep: repetition 1",
        "set: set 1: 2 repetitions",
        "rep: repetition 2",
    ]


def read_sto(path: Path) -> tuple[dict[str, str], list[str], FloatArray, list[FloatArray]]:
    head, _, body = path.read_text().partition("endheader\n")
    meta = dict(line.split("=") for line in head.splitlines())
    names, *rows = [line.split("\t") for line in body.splitlines()]
    cells = [[[float(x) for x in cell.split(",")] for cell in row[1:]] for row in rows]
    return meta, names, np.array([float(row[0]) for row in rows]), list(np.array(cells).transpose(1, 0, 2))


def test_sto_holds_the_bodies_orientations(data: ExportData, tmp_path: Path) -> None:
    export(data, "sto", tmp_path / "out.sto")
    meta, names, t_s, bodies = read_sto(tmp_path / "out.sto")
    assert meta == {
        "DataRate": "100.000000",
        "DataType": "Quaternion",
        "version": "3",
        "OpenSimVersion": "4.5",
    }
    assert names == ["time", "pelvis_imu", "torso_imu"]
    assert np.allclose(np.diff(t_s), 0.01)
    assert t_s[0] == pytest.approx(1.0)
    bent = np.radians(20.0) * (1.0 - np.cos(2.0 * np.pi * t_s / 4.0))
    for quaternions in bodies:
        assert np.allclose(np.linalg.norm(quaternions, axis=1), 1.0)
        body = Rotation.from_quat(np.roll(quaternions, -1, axis=1))
        # Forward bending is positive about y: the body's x dips by the angle, and stays ahead.
        forward = body.apply([1.0, 0.0, 0.0])
        assert np.abs(np.degrees(np.arcsin(-forward[:, 2]) - bent)).max() < 2.0
        assert np.abs(np.degrees(np.arctan2(forward[:, 1], forward[:, 0]))).max() < 2.0


def test_sto_leaves_out_what_no_sensor_said(data: ExportData, tmp_path: Path) -> None:
    block = data.imu[LOWER]
    hole = (block.t_s < 8.0) | (block.t_s > 11.0)
    cut = ImuBlock(block.t_s[hole], block.acc_ms2[hole], block.gyr_rads[hole])
    export(replace(data, imu={LOWER: cut}), "sto", tmp_path / "out.sto")
    _, names, t_s, (body,) = read_sto(tmp_path / "out.sto")
    assert names == ["time", "pelvis_imu"]
    assert not ((t_s > 8.02) & (t_s < 10.98)).any()
    assert np.isfinite(body).all()


def read_tsv(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def test_bids_has_a_tracking_system_a_sensor(data: ExportData, tmp_path: Path) -> None:
    (written,) = export(data, "bids-motion", tmp_path / "bids")
    motion = written / "sub-me" / "motion"
    stems = [f"sub-me_task-rdl_tracksys-{sensor}" for sensor in (LOWER, UPPER)]
    expected = {
        f"{stem}_{kind}"
        for stem in stems
        for kind in ("motion.tsv", "motion.json", "channels.tsv", "channels.json")
    }
    assert {path.name for path in motion.iterdir()} == expected | {
        "sub-me_task-rdl_events.tsv",
        "sub-me_task-rdl_events.json",
    }
    for sensor, stem in zip((LOWER, UPPER), stems, strict=True):
        rows = read_tsv(motion / f"{stem}_motion.tsv")
        channels = read_tsv(motion / f"{stem}_channels.tsv")
        about = json.loads((motion / f"{stem}_motion.json").read_text())
        assert channels[0][:5] == ["name", "component", "type", "tracked_point", "units"]
        assert len(channels) - 1 == len(rows[0]) == about["MotionChannelCount"] == 7
        assert about["SamplingFrequency"] == data.sensor(sensor).rate_hz
        assert np.array_equal(np.array(rows, dtype=float)[:, 1:], samples(data, sensor)[:, 1:])
        assert np.allclose(np.array(rows, dtype=float)[:, 0], data.imu[sensor].t_s - 0.3, atol=1e-6)
    scans = read_tsv(written / "sub-me" / "sub-me_scans.tsv")
    assert scans[1] == [f"motion/{stems[0]}_motion.tsv", "2026-03-01T18:30:05.300000"]
    events = read_tsv(motion / "sub-me_task-rdl_events.tsv")
    assert events[0][:2] == ["onset", "duration"]
    assert {len(row) for row in events} == {5}
    assert [float(x) for x in events[3][:2]] == pytest.approx([1.7, 4.0])


def test_bids_satisfies_the_validator(data: ExportData, tmp_path: Path) -> None:
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    validator = shutil.which("bids-validator-deno", path=beside)
    if validator is None:
        pytest.skip("needs bids-validator-deno: pip install bids-validator-deno")
    (written,) = export(data, "bids-motion", tmp_path / "bids")
    done = subprocess.run([validator, "--json", written], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in found if issue["severity"] == "error"] == []


@pytest.mark.usefixtures("data")
def test_corrections_are_exported(tmp_path: Path) -> None:
    labels = Labels().done_as("deadlift").corrected(RepEdit(1)).corrected(RepEdit(2, 6.5, 8.0, 9.5))
    corrected = gather(open_recording(tmp_path / "monday.mcap"), labels)
    assert corrected.info.exercise.name == "deadlift"
    reps = [(h.start_s, h.end_s) for h in corrected.happenings() if h.kind == "rep"]
    assert reps == [(6.5, 9.5)]


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_overwritten_and_nothing_half_written_stays(
    data: ExportData, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "x.csv").write_text("mine")
    with pytest.raises(RecordingError, match=r"x\.csv exists already"):
        export(data, kind, folder / "x.csv")
    assert [p.read_text() for p in folder.iterdir()] == ["mine"]
    with pytest.raises(RecordingError, match="no folder"):
        export(data, kind, folder / "nowhere" / "x")

    def stopped(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(data, kind, folder / "y", stopped)
    assert [p.name for p in folder.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_session_nobody_analysed_or_dated_can_be_exported(
    data: ExportData, tmp_path: Path, kind: str
) -> None:
    bare = replace(data, info=SessionInfo(athlete="Łucja"), posture=PostureBlock(), events=[], annotations=())
    assert export(bare, kind, tmp_path / "bare") != []


def test_unknown_formats_name_the_known(data: ExportData, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose one of csv, mcap, bids-motion, sto, xdf"):
        export(data, "c3d", tmp_path / "x")


def test_a_recording_without_samples(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.mcap")
    writer.begin(SessionInfo())
    writer.end()
    with pytest.raises(RecordingError, match="holds no samples"):
        gather(open_recording(writer.path), Labels())
