"""One known error goes in, that number comes out: over seeds, with one sensor and with two."""

from __future__ import annotations

import numpy as np
import pytest
from guided_runs import guided, injected, turn_deg

from monitor.analysis import analyze
from monitor.engine import EngineOptions
from monitor.sensors.simulated.guided import Habits, calibrated_wearing, calibration
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.sensor import NOMINAL
from monitor.sensors.simulated.wearing import SAME_CHIP, Wearing


@pytest.mark.parametrize("sensors", [1, 2])
@pytest.mark.parametrize("seed", [700, 702, 711])
def test_bias_and_scale_of_every_worn_sensor_come_back(sensors: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bias, gain = np.radians(rng.choice((-1, 1), 3)), 1 + 0.02 * rng.choice((-1, 1), 3)
    wearing = injected(Wearing.askew(20, (0, 0, 1)), gyr_bias_rads=bias, acc_gain=gain)
    session = calibration(seed, sensors=sensors, wearing=wearing, habits=Habits(six_poses=True))
    made, _ = guided(session, six_poses=True)
    assert len(made.sensors) == sensors
    for worn in made.sensors.values():
        np.testing.assert_allclose(worn.errors.gyr_offset_rads, bias, rtol=0.10)
        np.testing.assert_allclose(worn.errors.acc_gain - 1, gain - 1, rtol=0.10)


@pytest.mark.parametrize(("angle_deg", "upside_down"), [(30.0, False), (0.0, True)])
def test_the_mounting_of_every_worn_sensor_comes_back(angle_deg: float, upside_down: bool) -> None:
    for seed in (720, 721):
        axis = np.random.default_rng(seed).normal(size=3)
        wearing = Wearing.askew(angle_deg, (axis[0], axis[1], axis[2]), upside_down)
        made, _ = guided(calibration(seed, sensors=2, wearing=wearing))
        for name, worn in made.sensors.items():
            found = worn.alignment.sensor_to_segment
            assert turn_deg(found, NOMINAL) == pytest.approx(180.0 if upside_down else 30.0, rel=0.10)
            assert turn_deg(found, wearing.sensors[name].to_segment) < 3.0


def test_flexion_by_the_own_share_is_as_unsure_as_it_says() -> None:
    # Loaded hinges keep the back straighter than the bends that gave the share.
    made, _ = guided(calibration(800, habits=Habits(two_position=True)), two_position=True)
    truth = simulate(
        "rdl", seed=800, athlete_seed=800, reps=4, wearing=calibrated_wearing(800), spec=SAME_CHIP
    )
    rows, true = analyze(truth.source, EngineOptions(made)).posture, truth.truth.angles
    error = rows.lumbar_flexion_rad - np.interp(rows.t_s, true.t_s, np.radians(true.lumbar_flexion_deg))
    known = np.isfinite(error)
    assert np.mean(np.abs(error[known]) <= 1.96 * rows.lumbar_flexion_sigma_rad[known]) > 0.9
