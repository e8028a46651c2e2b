"""Samples stamped as they arrive, several at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monitor.sensors.csv_file import csv_source
from monitor.sensors.csv_stamps import evened

STEP_S = 1 / 104


def arrivals(true_s: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Return the stamps of samples that come `size` at a time, up to 25 ms late."""
    rows = np.arange(len(true_s))
    last = np.minimum(rows // size * size + size - 1, len(rows) - 1)
    late_s = np.random.default_rng(seed).uniform(0, 0.025, len(rows))[last]
    return np.maximum.accumulate(true_s[last] + late_s - (last - rows) * 4e-4 + rows * 1e-7)


@pytest.mark.parametrize("size", [4, 8, 12])
@pytest.mark.parametrize("seed", range(3))
def test_times_of_arrival_become_even(size: int, seed: int) -> None:
    true_s = 7.0 + np.arange(4000) * STEP_S * 1.003
    true_s[2016:] += 0.8  # lost between two batches
    made = evened(arrivals(true_s, size, seed))
    assert made is not None
    assert (np.diff(made) > 0).all()
    apart = made - true_s
    assert np.abs(apart - np.median(apart)).max() < 0.012
    assert np.diff(made)[2015] == pytest.approx(0.8, abs=0.03), "the hole stays"


def test_a_sensor_s_own_times_are_left_alone() -> None:
    rng = np.random.default_rng(5)
    even = np.arange(2000) * STEP_S
    assert evened(even) is None
    assert evened(even + rng.uniform(-0.33, 0.33, 2000) * STEP_S) is None
    assert evened(even[rng.uniform(size=2000) > 0.3]) is None


def test_a_file_stamped_in_batches_is_read_and_said(tmp_path: Path) -> None:
    t_s = arrivals(np.arange(1500) * STEP_S, 8, 1)
    still = np.tile([0.0, 0.0, 9.81, 0.0, 0.0, 0.0], (1500, 1))
    path = tmp_path / "lower.csv"
    header = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
    np.savetxt(path, np.column_stack([t_s, still]), "%.7f", delimiter=",", header=header, comments="")
    source = csv_source(path)
    assert source.info.sensors[0].rate_hz == pytest.approx(104, rel=0.01)
    assert any("times of arrival" in text for text in source.warnings)
