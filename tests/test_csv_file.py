"""A CSV becomes a session, or one clear line says why not."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.errors import ConfigError, SensorError
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER
from monitor.sensors.csv_file import csv_source

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.model.samples import FloatArray
    from monitor.sensors.csv_file import CsvSource

HEADER = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
G = 9.80665


def bending(duration_s: float = 20.0, rate_hz: float = 100.0) -> FloatArray:
    """Return (N, 7) rows of a sensor that bends 60 degrees forward and back, and again."""
    t_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    angle = np.radians(30.0) * (1.0 - np.cos(2.0 * np.pi * t_s / 4.0))
    rate = np.radians(30.0) * np.sin(2.0 * np.pi * t_s / 4.0) * 2.0 * np.pi / 4.0
    zero = np.zeros_like(t_s)
    # Turning by +angle about y tips the sensor's x down: gravity's reaction appears on -x.
    return np.column_stack([t_s, -G * np.sin(angle), zero, G * np.cos(angle), zero, rate, zero])


def write(path: Path, rows: FloatArray | list[list[object]], header: str = HEADER, end: str = "\n") -> Path:
    lines = [header, *(",".join(str(cell) for cell in row) for row in np.asarray(rows).tolist())]
    path.write_text(end.join(lines) + end, encoding="utf-8", newline="")
    return path


def joined(source: CsvSource, sensor: str = LOWER) -> FloatArray:
    blocks = [i.block for i in source.items() if i.block.sensor == sensor]
    return np.vstack([np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for b in blocks])


def test_every_sample_arrives_in_order_and_in_si(tmp_path: Path) -> None:
    rows = bending()
    source = csv_source(write(tmp_path / "lower.csv", rows), exercise=EXERCISES["rdl"], loads_kg=[60, 80])
    assert np.array_equal(joined(source), rows)
    assert source.warnings == ()
    assert source.info.exercise.name == "rdl"
    assert source.info.loads_kg == (60, 80)
    (sensor,) = source.info.sensors
    assert (sensor.name, sensor.device) == (LOWER, "lower.csv")
    assert sensor.rate_hz == pytest.approx(100.0)
    assert max(float(i.block.t_s[-1] - i.block.t_s[0]) for i in source.items()) <= 0.1


def test_g_and_degrees_are_converted(tmp_path: Path) -> None:
    rows = bending()
    scaled = rows / [1.0, G, G, G, *[math.pi / 180.0] * 3]
    source = csv_source(write(tmp_path / "a.csv", scaled), acc_unit="g", gyr_unit="deg/s")
    assert np.allclose(joined(source), rows, rtol=0, atol=1e-12)


def test_two_sensors_stay_in_step(tmp_path: Path) -> None:
    lower, upper = bending(rate_hz=100.0), bending(rate_hz=52.0)
    upper[:, 0] += 0.37
    source = csv_source(write(tmp_path / "l.csv", lower), write(tmp_path / "u.csv", upper))
    assert np.array_equal(joined(source, LOWER), lower)
    assert np.array_equal(joined(source, UPPER), upper)
    seen = {LOWER: 0.37, UPPER: 0.37}
    for item in source.items():
        seen[item.block.sensor] = max(float(item.block.t_s[-1]), 0.37)
        if float(item.block.t_s[-1]) < lower[-1, 0]:
            assert abs(seen[LOWER] - seen[UPPER]) <= 0.1 + 1 / 52


@pytest.mark.parametrize("order", [[6, 5, 4, 3, 2, 1, 0], [1, 2, 3, 0, 4, 5, 6]])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_may_stand_in_any_order(tmp_path: Path, order: list[int], end: str) -> None:
    rows, names = bending(), HEADER.split(",")
    path = write(tmp_path / "a.csv", rows[:, order], ",".join(names[i] for i in order), end)
    assert np.array_equal(joined(csv_source(path)), rows)


def test_a_spreadsheet_mark_and_spaces_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", bending(), "\ufeff" + HEADER.replace(",", ", "))
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    assert np.array_equal(joined(csv_source(path)), bending())


def test_lost_samples_are_counted_where_they_are_missing(tmp_path: Path) -> None:
    rows = np.delete(bending(), [*range(500, 530), 900], axis=0)
    source = csv_source(write(tmp_path / "a.csv", rows))
    lost = {
        round(float(i.block.t_s[0]), 2): i.block.lost_before for i in source.items() if i.block.lost_before
    }
    assert lost == {5.3: 30, 9.01: 1}
    assert np.array_equal(joined(source), rows)


def test_jittering_times_are_not_taken_for_losses(tmp_path: Path) -> None:
    rows = bending()
    rows[:, 0] += np.random.default_rng(0).uniform(-0.004, 0.004, len(rows))
    assert all(i.block.lost_before == 0 for i in csv_source(write(tmp_path / "a.csv", rows)).items())


def test_rows_without_a_value_are_left_out_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", bending())
    lines = path.read_text().splitlines()
    lines[101] = lines[101].replace(lines[101].split(",")[2], "nan", 1)
    lines[201] = ",".join([*lines[201].split(",")[:6], ""])
    path.write_text("\n".join(lines))
    source = csv_source(path)
    assert source.warnings == ("a.csv: 2 rows without a value left out, the first in line 102",)
    assert len(joined(source)) == 1998


def test_late_and_repeated_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = bending()
    rows[[300, 301]] = rows[[301, 300]]
    rows[700] = rows[699]
    source = csv_source(write(tmp_path / "a.csv", rows))
    assert source.warnings == (
        "a.csv: 2 rows that repeat a time or come late left out, the first in line 303",
    )
    assert (np.diff(joined(source)[:, 0]) > 0).all()


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(SensorError) as caught:
        csv_source(path, **options)  # type: ignore[arg-type]
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text


def test_no_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "a.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    assert "cannot be read" in refusal(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (HEADER, "no rows"),
        (HEADER + "\n\n", "no rows"),
        (HEADER + "\n" + "0.0,0,0,9.81,0,0,0\n" * 3, "only 3 rows"),
        (HEADER.replace("t_s", "time"), "t_s missing, 'time' unknown"),
        (HEADER.replace(",gyr_z", ""), "6 columns, gyr_z missing"),
        (HEADER + ",temp", "8 columns, 'temp' unknown"),
        (HEADER + ",gyr_z", "8 columns"),
        (HEADER.replace(",", ";"), "by ';': save it with commas"),
        ("0.0,0,0,9.81,0,0,0\n" * 30, "it should be exactly t_s,acc_x"),
    ],
)
def test_files_that_are_not_ours(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert words in refusal(tmp_path / "a.csv")


@pytest.mark.parametrize("data", [HEADER.encode("utf-16"), b"\x89PNG\r\n\x1a\n\xff\xfe" * 9])
def test_files_that_are_no_text(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    assert "not a text file" in refusal(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("5.00,0,0,9.81,0,0,0,1", "line 502 has 8 cells instead of 7"),
        ("5.00,0,0,9.81", "line 502 has 4 cells instead of 7"),
        ("5.00,0,0,abc,0,0,0", "line 502: 'abc' is no number"),
        (HEADER, "line 502: 't_s' is no number"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = write(tmp_path / "a.csv", bending())
    lines = path.read_text().splitlines()
    lines[501] = line
    path.write_text("\n".join(lines))
    assert words in refusal(path)


def test_mostly_missing_values(tmp_path: Path) -> None:
    rows = bending()
    rows[::2, 3] = np.nan
    rows[1, 3] = np.nan
    assert "1001 of 2000 rows have no value" in refusal(write(tmp_path / "a.csv", rows))


def test_a_sensor_switched_on_again(tmp_path: Path) -> None:
    rows = np.vstack([bending(), bending()[:50]])
    assert "line 2002: time starts again (19.99 s to 0.00 s)" in refusal(write(tmp_path / "a.csv", rows))


def test_time_that_runs_backwards(tmp_path: Path) -> None:
    rows = bending()
    rows[:, 0] = rows[::-1, 0]
    assert "time does not go on" in refusal(write(tmp_path / "a.csv", rows))


def test_time_with_too_few_decimals(tmp_path: Path) -> None:
    rows = bending()
    rows[:, 0] = np.round(rows[:, 0], 1)
    assert "more decimals" in refusal(write(tmp_path / "a.csv", rows))


def test_time_that_jumps_ahead(tmp_path: Path) -> None:
    rows = bending()
    rows[-1, 0] = 1e9
    assert "line 2001: time jumps from" in refusal(write(tmp_path / "a.csv", rows))


@pytest.mark.parametrize(
    ("factor", "unit"), [(1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")]
)
def test_time_in_another_unit(tmp_path: Path, factor: float, unit: str) -> None:
    rows = bending() * [factor, 1, 1, 1, 1, 1, 1]
    assert f"looks like {unit}" in refusal(write(tmp_path / "a.csv", rows))


@pytest.mark.parametrize(
    ("factor", "unit", "words"),
    [
        (1 / G, "m/s2", "looks like g: pass --acc-unit g"),
        (1.0, "g", "looks like m/s2: pass --acc-unit m/s2"),
        (1000 / G, "m/s2", "milli-g"),
        (16384 / G, "g", "counts of 16384"),
        (0.1, "m/s2", "looks like g"),
        (0.02, "m/s2", "gravity seems to be removed"),
        (3.0, "m/s2", "scale the columns"),
    ],
)
def test_acceleration_in_another_unit(tmp_path: Path, factor: float, unit: str, words: str) -> None:
    rows = bending() * [1, factor, factor, factor, 1, 1, 1]
    assert words in refusal(write(tmp_path / "a.csv", rows), acc_unit=unit)


def test_rates_in_another_unit(tmp_path: Path) -> None:
    degrees = bending() * [1, 1, 1, 1, *[180.0 / math.pi] * 3]
    assert "looks like deg/s: pass --gyr-unit deg/s" in refusal(write(tmp_path / "a.csv", degrees))
    slow = bending() * [2, 1, 1, 1, *[90.0 / math.pi] * 3]  # never above 24 deg/s: gravity has to tell
    assert "times as far as gravity does: looks like deg/s" in refusal(write(tmp_path / "b.csv", slow))
    assert "looks like rad/s: pass --gyr-unit rad/s" in refusal(
        write(tmp_path / "c.csv", bending()), gyr_unit="deg/s"
    )


def test_unknown_units_name_the_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose m/s2 or g"):
        csv_source(write(tmp_path / "a.csv", bending()), acc_unit="furlong")


def test_files_of_different_clocks(tmp_path: Path) -> None:
    late = bending()
    late[:, 0] += 1000.0
    lower, upper = write(tmp_path / "l.csv", bending()), write(tmp_path / "u.csv", late)
    with pytest.raises(SensorError, match="share no time"):
        csv_source(lower, upper)


def test_files_that_overlap_in_part(tmp_path: Path) -> None:
    late = bending()
    late[:, 0] += 5.0
    source = csv_source(write(tmp_path / "l.csv", bending()), write(tmp_path / "u.csv", late))
    assert source.warnings == ("both sensors are there from 5.00 to 19.99 s only",)


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, 200),
    junk=st.binary(max_size=60)
    | st.text(alphabet="0123456789.,-e\n\r\"' nanif;", max_size=60).map(str.encode),
    keep=st.booleans(),
)
def test_any_damage_is_mended_or_explained(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes, keep: bool
) -> None:
    path = write(tmp_path_factory.mktemp("csv") / "a.csv", bending(2.0))
    data = path.read_bytes()
    at = at * len(data) // 200
    path.write_bytes(data[:at] + junk + (data[at:] if keep else b""))
    with contextlib.suppress(SensorError):
        times = joined(csv_source(path))[:, 0]
        assert (np.diff(times) > 0).all()
