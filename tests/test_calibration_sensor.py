"""The sensor's own errors: one known error goes in, that number comes out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.errors import CalibrationError
from calibration.motion import G_MS2
from calibration.sensor import (
    SensorCalibration,
    calibrated_sensor,
    fit_accelerometer,
    gyro_offset,
)
from calibration.stillness import still_spans

HZ = 100.0
SIDES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=float)


def turned(vector: np.ndarray, axis: np.ndarray, angle_rad: float) -> np.ndarray:
    k = axis / np.linalg.norm(axis)
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return vector * cos + np.cross(k, vector) * sin + k * (k @ vector) * (1 - cos)


def tumbled(
    rng: np.random.Generator, sides: np.ndarray = SIDES, askew_deg: float = 8.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return what an exact sensor feels that lies 2 s on each of `sides`, askew, and is turned between."""
    up: list[np.ndarray] = []
    directions = [turned(s, rng.normal(size=3), np.radians(askew_deg) * rng.uniform(-1, 1)) for s in sides]
    for here, there in zip(directions, [*directions[1:], directions[-1]], strict=True):
        up += [here] * 200
        share = np.linspace(0, 1, 80)[:, None]
        # Bulge sideways so that the way to the opposite side has a direction.
        way = here * (1 - share) + there * share + 0.3 * np.sin(np.pi * share) * np.roll(here, 1)
        up += list(way / np.linalg.norm(way, axis=1, keepdims=True))
    direction = np.array(up)
    rate = np.cross(np.gradient(direction, axis=0) * HZ, direction)
    return (
        G_MS2 * direction + rng.normal(0, 0.02, direction.shape),
        rate + rng.normal(0, 0.001, direction.shape),
    )


def test_a_scale_error_of_two_percent_is_given_back() -> None:
    acc, gyr = tumbled(np.random.default_rng(1))
    wrong = np.array([1.02, 0.98, 1.0])
    made = calibrated_sensor(acc * wrong, gyr, HZ)
    np.testing.assert_allclose((made.acc_gain - 1)[:2], [0.02, -0.02], rtol=0.10)
    assert abs(made.acc_gain[2] - 1) < 0.002


def test_an_offset_is_given_back() -> None:
    acc, gyr = tumbled(np.random.default_rng(2))
    made = calibrated_sensor(acc + np.array([0.3, -0.5, 0.2]), gyr, HZ)
    np.testing.assert_allclose(made.acc_offset_ms2, [0.3, -0.5, 0.2], rtol=0.10)


def test_a_gyro_bias_of_one_degree_a_second_is_given_back() -> None:
    acc, gyr = tumbled(np.random.default_rng(3))
    bias = np.radians([1.0, -1.0, 1.0])
    made = calibrated_sensor(acc, gyr + bias, HZ)
    np.testing.assert_allclose(made.gyr_offset_rads, bias, rtol=0.10)


@settings(max_examples=20, deadline=None)
@given(
    order=st.permutations(range(6)),
    gain=st.tuples(*[st.floats(0.95, 1.05)] * 3),
    offset=st.tuples(*[st.floats(-0.8, 0.8)] * 3),
    seed=st.integers(0, 1000),
)
def test_any_order_of_poses_and_any_errors(
    order: list[int], gain: tuple[float, ...], offset: tuple[float, ...], seed: int
) -> None:
    acc, gyr = tumbled(np.random.default_rng(seed), SIDES[order])
    made = calibrated_sensor(acc * gain + offset, gyr, HZ)
    corrected, _ = made.apply(acc * gain + offset, gyr)
    assert np.abs(corrected - acc).max() < 0.06


def test_a_missing_side_is_named() -> None:
    acc, gyr = tumbled(np.random.default_rng(4), SIDES[:5])
    with pytest.raises(CalibrationError, match="5 poses of six: no pose with -z up"):
        calibrated_sensor(acc, gyr, HZ)


def test_a_sensor_that_is_carried_about_is_refused() -> None:
    rng = np.random.default_rng(5)
    gyr = np.cumsum(rng.normal(0, 0.1, (800, 3)), axis=0)
    with pytest.raises(CalibrationError, match="never lay still"):
        calibrated_sensor(np.tile([0, 0, G_MS2], (800, 1)), gyr, HZ)


def test_readings_in_g_are_refused() -> None:
    with pytest.raises(CalibrationError, match="another unit"):
        fit_accelerometer(SIDES)


def test_other_units_are_refused() -> None:
    made = SensorCalibration()
    with pytest.raises(CalibrationError, match="not in g and deg/s"):
        made.apply(np.zeros((1, 3)), np.zeros((1, 3)), acc_unit="g", gyr_unit="deg/s")


def test_it_reads_back_as_it_was_written() -> None:
    made = SensorCalibration(np.array([1.02, 0.99, 1.0]), np.array([0.1, 0, -0.2]), np.array([0.01, 0, 0]))
    again = SensorCalibration.from_json(json.loads(json.dumps(made.to_json())))
    for name in ("acc_gain", "acc_offset_ms2", "gyr_offset_rads"):
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "no sensor calibration"),
        ({"version": 2}, "version 2"),
        ({"acc_unit": "g"}, "must be in m/s2"),
        ({"acc_gain": [1, 2]}, "acc_gain must be three numbers"),
        ({"acc_offset": [0, 0, "x"]}, "acc_offset must be three numbers"),
        ({"acc_gain": [9.81, 9.81, 9.81]}, "not near 1"),
    ],
)
def test_a_file_of_another_kind_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(CalibrationError, match=said):
        SensorCalibration.from_json({**SensorCalibration().to_json(), **change})


@pytest.mark.parametrize("seed", range(6))
def test_the_gyro_bias_of_a_worn_sensor_survives_sway_and_breath(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.arange(400) / HZ
    breath = np.radians(0.5) * np.sin(2 * np.pi * 0.25 * t + rng.uniform(0, 6))
    sway = np.radians(0.2) * np.sin(2 * np.pi * 0.4 * t + rng.uniform(0, 6))
    up = np.stack([-np.sin(breath), np.sin(sway), np.ones_like(t)], axis=1)
    rate = np.stack([np.gradient(sway), np.gradient(breath), np.zeros_like(t)], axis=1) * HZ
    bias = np.radians([1.0, -1.0, 1.0])
    noise = rng.normal(0, 0.001, rate.shape)
    found = gyro_offset(G_MS2 * up + rng.normal(0, 0.02, up.shape), rate + bias + noise, HZ)
    np.testing.assert_allclose(found, bias, rtol=0.10)


def test_a_gyro_that_turns_is_not_at_rest() -> None:
    t = np.arange(300) / HZ
    tilt = 0.3 * np.sin(2 * np.pi * t)
    up = np.stack([-np.sin(tilt), np.zeros_like(t), np.cos(tilt)], axis=1)
    rate = np.stack([np.zeros_like(t), np.gradient(tilt) * HZ, np.zeros_like(t)], axis=1)
    with pytest.raises(CalibrationError, match="moved"):
        gyro_offset(G_MS2 * up, rate, HZ)


def test_a_bias_does_not_hide_stillness() -> None:
    acc, gyr = tumbled(np.random.default_rng(6))
    spans = still_spans(acc, gyr + np.radians(5.0), HZ)
    assert len(spans) == 6
    assert all(1.3 < (stop - start) / HZ < 2.1 for start, stop in spans)
