"""The simulated source: the same road as a radio's bytes, with loss, repeats and dropouts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from vqf import offlineVQF

from monitor.cli import lumbar
from monitor.model.errors import MonitorError
from monitor.model.samples import LOWER, UPPER, ImuBlock
from monitor.model.session import Annotation, Delivery, LinkStatus
from monitor.sensors.simulated.scenario import SimulatedSession, leg_day, simulate
from monitor.sensors.simulated.sensor import CHEAP, IDEAL
from monitor.sensors.simulated.source import Dropout


def blocks(session: SimulatedSession, sensor: str = LOWER) -> list[ImuBlock]:
    return [i.block for i in session.source.items() if isinstance(i, Delivery) and i.block.sensor == sensor]


def joined(made: list[ImuBlock]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    t_s, acc, gyr = ([getattr(b, name) for b in made] for name in ("t_s", "acc_ms2", "gyr_rads"))
    return np.concatenate(t_s), np.concatenate(acc), np.concatenate(gyr)


def inclination(t_s: np.ndarray, acc: np.ndarray, gyr: np.ndarray) -> np.ndarray:
    """Return the up-vector (N, 3) in the sensor frame by an independent filter."""
    hz = (len(t_s) - 1) / (t_s[-1] - t_s[0])
    quat = offlineVQF(np.ascontiguousarray(gyr), np.ascontiguousarray(acc), None, 1 / hz)["quat6D"]
    w, x, y, z = quat.T
    return np.stack((2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)), axis=1)


@pytest.mark.parametrize("sensor", [LOWER, UPPER])
@pytest.mark.parametrize("name", ["rdl", "squat", "leg_press", "hip_thrust"])
def test_an_independent_filter_finds_the_true_tilt_in_the_samples(name: str, sensor: str) -> None:
    session = simulate(name, sensors=2, seed=8, reps=4)
    t_s, acc, gyr = joined(blocks(session, sensor))
    up, truth = inclination(t_s, acc, gyr), session.truth
    angles = truth.angles
    tilt = angles.pelvic_tilt_deg + (angles.lumbar_flexion_deg if sensor == UPPER else 0)
    since, until = truth.sets[0].reference.start_s, truth.reps[-1].end_s
    still = up[(t_s >= since) & (t_s < truth.sets[0].reference.end_s)].mean(axis=0)
    at = np.arange(max(truth.sets[0].reference.end_s, truth.reps[0].start_s - 1), until, 0.01)
    then = np.stack([np.interp(at, t_s, column) for column in up.T], axis=1)
    found = np.degrees(np.arccos(np.clip(then @ still / np.linalg.norm(still), -1, 1)))
    expected = np.abs(np.interp(at, angles.t_s, tilt))
    assert np.sqrt(np.mean((found - expected) ** 2)) < 3.0


def test_an_ideal_sensor_at_rest_feels_gravity_and_nothing_else() -> None:
    _, acc, gyr = joined(blocks(simulate("squat", spec=IDEAL, seed=2, reps=1)))
    assert np.linalg.norm(acc[:100], axis=1) == pytest.approx(9.80665, abs=0.03)
    assert np.degrees(np.abs(gyr[:100])).max() < 3


def test_a_cheap_sensor_has_bias_noise_and_sits_askew_but_no_more_than_it_may() -> None:
    ups, offsets = [], []
    for seed in range(25):
        _, acc, gyr = joined(blocks(simulate("squat", seed=seed, reps=1, upside_down=False)))
        ups.append(acc[:200].mean(axis=0) / 9.80665)
        offsets.append(np.degrees(gyr[:200].mean(axis=0)))
    askew = np.degrees(np.arccos(np.clip(np.array(ups)[:, 0], -1, 1)))
    assert 10 < askew.max() < np.degrees(CHEAP.mounting_rad) + 4
    assert 0.5 < np.abs(offsets).max() < 2.5


def test_upside_down_turns_the_sensor_over() -> None:
    (upright, turned) = (
        joined(blocks(simulate("squat", seed=3, reps=1, upside_down=down, spec=IDEAL)))[1] for down in (0, 1)
    )
    assert upright[0, 0] == pytest.approx(9.8, abs=0.1)
    assert turned[0, 0] == pytest.approx(-9.8, abs=0.1)


def test_lost_packets_are_counted_sample_by_sample() -> None:
    whole, lossy = simulate("squat", seed=4, reps=3), simulate("squat", seed=4, reps=3, loss=0.1)
    everything = sum(len(b) for b in blocks(whole))
    made = blocks(lossy)
    lost = sum(b.lost_before for b in made)
    assert lost > 0.05 * everything
    # What was lost at the very end nobody can know.
    assert 0 <= everything - sum(len(b) for b in made) - lost <= 64
    t_s, *_ = joined(made)
    assert np.all(np.diff(t_s) > 0)


def test_repeated_packets_change_nothing() -> None:
    once, twice = simulate("leg_press", seed=4, reps=3), simulate("leg_press", seed=4, reps=3, repeated=0.5)
    assert len(twice.source.packets) > 1.3 * len(once.source.packets)
    packets = [p for i in twice.source.items() if isinstance(i, Delivery) for p in i.packets]
    assert len(packets) == len(twice.source.packets)
    made = [b for b in blocks(twice) if len(b)]
    assert sum(b.lost_before for b in made) == 0
    assert len(joined(made)[0]) == len(joined(blocks(once))[0])


def test_a_dropout_is_a_lost_link_of_one_sensor_only() -> None:
    session = simulate("squat", sensors=2, seed=1, reps=3, dropouts=(Dropout(8.0, 11.0, UPPER),))
    said = [(i.sensor, i.state) for i in session.source.items() if isinstance(i, LinkStatus)]
    assert said == [
        (LOWER, "streaming"),
        (UPPER, "streaming"),
        (UPPER, "lost"),
        (UPPER, "streaming"),
        (LOWER, "ended"),
        (UPPER, "ended"),
    ]
    (gap,) = [b for b in blocks(session, UPPER) if b.lost_before]
    assert gap.lost_before == pytest.approx(3 * 104, abs=16)
    assert not [b for b in blocks(session, LOWER) if b.lost_before]


def test_the_source_can_be_read_again_and_gives_the_same() -> None:
    session = simulate("lunge", seed=6, reps=2, loss=0.05)
    once, again = joined(blocks(session)), joined(blocks(session))
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("rate_hz", [26.0, 52.0, 208.0, 416.0])
def test_other_rates_are_kept(rate_hz: float) -> None:
    session = simulate("squat", seed=6, reps=2, rate_hz=rate_hz)
    t_s, acc, _ = joined(blocks(session))
    assert session.source.info.sensors[0].rate_hz == rate_hz
    assert len(t_s) / (t_s[-1] - t_s[0]) == pytest.approx(rate_hz, rel=0.02)
    assert np.linalg.norm(acc, axis=1).max() < 40


def test_times_of_truth_are_those_of_the_samples() -> None:
    session = simulate("rdl", seed=2, reps=4, spec=IDEAL)
    t_s, _, gyr = joined(blocks(session))
    speed = np.degrees(np.linalg.norm(gyr, axis=1))
    for rep in session.truth.reps:
        fast = t_s[(speed > 40) & (t_s > rep.start_s - 0.5) & (t_s < rep.end_s + 0.5)]
        assert rep.start_s < fast[0] < rep.start_s + 0.7
        assert rep.end_s - 0.7 < fast[-1] < rep.end_s


def test_the_annotation_of_leg_day_comes_when_it_is_said() -> None:
    items = list(leg_day(1).source.items())
    (place,) = [n for n, item in enumerate(items) if isinstance(item, Annotation)]
    said = items[place]
    assert isinstance(said, Annotation)
    before = [i for i in items[:place] if isinstance(i, Delivery)][-1]
    after = next(i for i in items[place:] if isinstance(i, Delivery))
    assert before.block.t_s[0] < said.time_s + 0.1
    assert after.block.t_s[-1] > said.time_s - 0.1


def run(*arguments: str):
    return CliRunner().invoke(lumbar, ["simulate", *arguments], catch_exceptions=True)


def test_simulate_writes_csv_of_both_sensors_truth_and_angles(tmp_path: Path) -> None:
    out, truth, angles = tmp_path / "lower.csv", tmp_path / "truth.json", tmp_path / "angles.csv"
    done = run(
        *("--exercise", "squat", "--cause", "improper_form", "--sensors", "2", "--reps", "3", "--seed", "5"),
        *("-o", str(out), "--truth", str(truth), "--truth-angles", str(angles)),
    )
    assert done.exit_code == 0, done.output
    for name in ("lower.csv", "upper.csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["t_s", "acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"]
        table = np.array(rows[1:], dtype=float)
        assert np.all(np.diff(table[:, 0]) > 0)
        assert np.linalg.norm(table[0, 1:4]) == pytest.approx(9.8, abs=0.6)
    said = json.loads(truth.read_text(encoding="utf-8"))
    assert said["schema"] == "lumbar.truth/1"
    assert len(said["reps"]) == 3
    assert angles.read_text(encoding="utf-8").startswith("t_s,pelvic_tilt_deg,lumbar_flexion_deg\n0.00,")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "angles.csv",
        "lower.csv",
        "truth.json",
        "upper.csv",
    ]


def test_the_same_seed_writes_the_same_file(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        assert run("--exercise", "leg_press", "--reps", "2", "-o", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--exercise", "squat", "--cause", "lack_of_spinal_support"), "no pad"),
        (("--exercise", "leg_day", "--reps", "3"), "leave --reps away"),
    ],
)
def test_what_cannot_be_simulated_leaves_no_file(tmp_path: Path, arguments: tuple, words: str) -> None:
    done = run(*arguments, "-o", str(tmp_path / "x.csv"))
    assert isinstance(done.exception, MonitorError)
    assert words in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    done = run("--exercise", "squat", "--reps", "1", "-o", str(tmp_path / "nowhere" / "x.csv"))
    assert isinstance(done.exception, MonitorError)
    assert "nowhere" in str(done.exception)
