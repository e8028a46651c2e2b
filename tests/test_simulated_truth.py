"""The virtual lifter's truth, and that its sensor feels the motion it claims to make."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from monitor.model.errors import ConfigError
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER
from monitor.sensors.simulated.curves import Channel, Ring, Wave
from monitor.sensors.simulated.exercises import CAUSES, MOVEMENTS
from monitor.sensors.simulated.lifter import Body
from monitor.sensors.simulated.scenario import SimulatedSession, leg_day, scenario, simulate
from monitor.sensors.simulated.sensor import sense

SEEDS = range(6)


def cases() -> list[tuple[str, str | None]]:
    made: list[tuple[str, str | None]] = [(name, None) for name in MOVEMENTS]
    for name in MOVEMENTS:
        for cause in CAUSES:
            try:
                simulate(name, cause=cause, reps=1)
            except ConfigError:
                continue
            made.append((name, cause))
    return made


@pytest.mark.parametrize("name", MOVEMENTS)
def test_repetitions_are_whole_ordered_and_within_their_set(name: str) -> None:
    truth = simulate(name, sets=2, reps=4, seed=3, rest_s=12).truth
    assert [r.index for r in truth.reps] == list(range(1, 9))
    assert [r.set for r in truth.reps] == [1] * 4 + [2] * 4
    for rep in truth.reps:
        assert rep.start_s < rep.bottom_start_s <= rep.turn_s <= rep.bottom_end_s < rep.end_s
        moving = (rep.bottom_start_s - rep.start_s) + (rep.end_s - rep.bottom_end_s)
        assert 1.5 <= moving <= 5.1
    ends = [(r.start_s, r.end_s) for r in truth.reps]
    assert all(a[1] <= b[0] for a, b in pairwise(ends))
    for one in truth.sets:
        assert one.reference.end_s < one.start_s


@pytest.mark.parametrize("name", MOVEMENTS)
def test_holds_still_before_every_set(name: str) -> None:
    session = simulate(name, sets=2, reps=3, seed=5, rest_s=12)
    angles = session.truth.angles
    for one in session.truth.sets:
        still = (angles.t_s >= one.start_s - 2.0) & (angles.t_s < one.start_s)
        rate = np.gradient(angles.pelvic_tilt_deg[still], angles.t_s[still])
        # The zero of the angles changes at the end of the reference: leave that row out.
        assert np.percentile(np.abs(rate), 95) < 3.0
        assert np.sqrt(np.median(rate**2)) < 1.5


def test_every_exercise_of_the_product_but_the_nameless_one_can_be_simulated() -> None:
    assert set(MOVEMENTS) == set(EXERCISES) - {"other"}
    for name, move in MOVEMENTS.items():
        assert move.on_pad == EXERCISES[name].back_supported


@pytest.mark.parametrize("seed", SEEDS)
def test_lift_offs_are_where_they_were_put(seed: int) -> None:
    truth = simulate("leg_press", cause="lack_of_spinal_support", seed=seed).truth
    meant = {r.index for r in truth.reps if r.causes}
    assert len(meant) >= 2
    assert {x.rep for x in truth.lift_offs} == meant
    for found in truth.lift_offs:
        assert 13.0 <= found.peak_deg <= 23.0
        assert 0.35 <= found.end_s - found.start_s <= 2.2
        rep = truth.reps[found.rep - 1]
        assert rep.start_s < found.start_s < found.end_s < rep.end_s
    early = {x.rep: x.start_s for x in truth.lift_offs_caution}
    assert all(early[x.rep] <= x.start_s for x in truth.lift_offs)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [n for n, m in MOVEMENTS.items() if m.on_pad])
def test_a_clean_set_on_a_pad_stays_on_it(name: str, seed: int) -> None:
    truth = simulate(name, seed=seed).truth
    assert truth.lift_offs == ()
    assert truth.lift_offs_caution == ()
    assert all(2.5 <= r.tilt_range_deg <= 8.0 for r in truth.reps)


@pytest.mark.parametrize("seed", SEEDS)
def test_squats_tuck_a_little_and_with_bad_form_a_lot(seed: int) -> None:
    clean = simulate("squat", seed=seed).truth
    assert max(r.tuck_deg for r in clean.reps) < 8.0
    faulty = [r for r in simulate("squat", cause="improper_form", seed=seed).truth.reps if r.causes]
    usual = np.median([r.tilt_range_deg for r in clean.reps])
    assert all(r.tuck_deg >= 10.0 or r.tilt_range_deg > usual for r in faulty)
    assert sum(r.tuck_deg >= 10.0 for r in faulty) >= 3


@pytest.mark.parametrize("name", ["squat", "leg_press", "rdl", "hip_thrust"])
def test_too_much_weight_slows_the_effort_by_a_third_at_least(name: str) -> None:
    truth = simulate(name, cause="too_much_weight", seed=2).truth
    first_half = not MOVEMENTS[name].effort_first
    effort = [
        (r.end_s - r.bottom_end_s) if first_half else (r.bottom_start_s - r.start_s) for r in truth.reps
    ]
    assert effort[-1] / min(effort) >= 1.3
    assert truth.lift_offs == ()
    assert truth.reps[-1].causes == ("too_much_weight",)
    assert truth.reps[0].causes == ()


def test_poor_core_engagement_sways_more_than_the_same_lifter_otherwise() -> None:
    def sway(session: SimulatedSession) -> float:
        rows = [r for r in session.truth.reps if r.index > 3]
        return float(np.mean([abs(r.side_tilt_deg) for r in rows]))

    steady = simulate("squat", seed=4, athlete_seed=9)
    unsteady = simulate("squat", cause="poor_core_engagement", seed=4, athlete_seed=9)
    assert sway(unsteady) > 1.65 * sway(steady)
    assert [bool(r.causes) for r in unsteady.truth.reps] == [False] * 3 + [True] * 5


@pytest.mark.parametrize(("name", "cause"), cases())
def test_the_same_seed_gives_the_same_bytes(name: str, cause: str | None) -> None:
    once, again = (simulate(name, cause=cause, reps=2, sensors=2, seed=11) for _ in range(2))
    assert once.source.packets == again.source.packets
    assert json.dumps(once.truth.to_json()) == json.dumps(again.truth.to_json())
    assert simulate(name, cause=cause, reps=2, seed=12).source.packets != once.source.packets


def test_the_lower_sensor_does_not_change_when_a_second_one_is_worn() -> None:
    one = simulate("squat", reps=2, seed=1).source.packets
    two = simulate("squat", reps=2, seed=1, sensors=2).source.packets
    assert one == tuple(p for p in two if p.sensor == LOWER)
    assert {p.sensor for p in two} == {LOWER, UPPER}


def test_leg_day_squats_then_presses_and_says_so() -> None:
    session = leg_day(seed=7, sensors=2)
    truth = session.truth
    assert [s.exercise for s in truth.sets] == ["squat", "leg_press"]
    assert len(truth.reps) == 10
    assert [r.index for r in truth.reps if r.causes == ("improper_form",)] == [3, 5]
    assert [x.rep for x in truth.lift_offs] == [8, 10]
    assert all(truth.reps[i - 1].tuck_deg >= 10 for i in (3, 5))
    (said,) = session.source.annotations
    assert (said.kind, said.value) == ("exercise", "leg_press")
    assert truth.sets[0].end_s < said.time_s < truth.sets[1].reference.start_s
    assert 60 <= truth.duration_s <= 90


def test_an_opening_calibration_bends_far_and_holds_no_repetition() -> None:
    truth = simulate("rdl", seed=1, opening_bends=3).truth
    assert truth.calibrate_until_s is not None
    opening = truth.angles.t_s < truth.calibrate_until_s
    assert np.max(truth.angles.pelvic_tilt_deg[opening]) > 48
    assert np.max(truth.angles.lumbar_flexion_deg[opening]) > 42
    assert truth.reps[0].start_s > truth.calibrate_until_s


@pytest.mark.parametrize(
    "call",
    [
        lambda: simulate("skwat"),
        lambda: simulate("squat", cause="gravity"),
        lambda: simulate("squat", cause="lack_of_spinal_support"),
        lambda: simulate("leg_press", cause="poor_core_engagement"),
        lambda: simulate("squat", reps=0),
        lambda: simulate("squat", sensors=3),
        lambda: scenario("leg_night"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_one_line(call) -> None:
    with pytest.raises(ConfigError) as failed:
        call()
    assert "\n" not in str(failed.value)


def test_a_scenario_can_name_its_cause() -> None:
    named = scenario("leg_press:lack_of_spinal_support", 2)
    assert (
        named.truth.to_json() == simulate("leg_press", cause="lack_of_spinal_support", seed=2).truth.to_json()
    )


def test_motion_is_smooth_enough_to_be_felt() -> None:
    channel = Channel()
    channel.move(1.0, 0.5, 1.5, 0.3)
    channel.terms += [Wave(0.2, 2.0, 0.3, 2.0, 0.7), Ring(1.0, 0.2, 6.0, 0.1)]
    t_s = np.arange(0, 2.5, 1e-4)
    acceleration = np.gradient(np.gradient(channel(t_s), t_s), t_s)
    assert np.max(np.abs(np.diff(acceleration))) < 0.05 * np.max(np.abs(acceleration))


def test_a_still_sensor_feels_gravity_and_a_turning_one_its_rate() -> None:
    body = Body()
    body.tilt.move(np.radians(60), 1.0, 2.0)
    t_s = np.arange(0, 3, 1 / 104)
    acc, gyr = sense(body, LOWER, t_s, np.eye(3))
    assert acc[0] == pytest.approx([0, 0, 9.80665], abs=1e-6)
    # Leaning forward by 60 degrees: up is now behind (-x) and above.
    assert acc[-1] == pytest.approx([-9.80665 * np.sin(np.pi / 3), 0, 9.80665 * 0.5], abs=1e-6)
    assert np.degrees(np.sum(gyr[:, 1]) / 104) == pytest.approx(60, abs=0.1)


def test_rates_and_forces_are_those_of_the_rotation_they_come_from() -> None:
    session_body = Body()
    for channel, size in (
        (session_body.tilt, 0.9),
        (session_body.side, 0.4),
        (session_body.twist, 1.2),
        (session_body.flexion, 0.5),
        (session_body.z, 0.3),
    ):
        channel.terms.append(Wave(-5, 10, size, 0.5, 0.3 * size))
    t_s = np.arange(0, 4, 0.0025)
    _, gyr = sense(session_body, UPPER, t_s, np.eye(3))
    side, tilt, twist = session_body.angles(UPPER, t_s)
    turned = [_rotation(s, p, y) for s, p, y in zip(side, tilt, twist, strict=True)]
    for row in range(1, len(t_s) - 1, 97):
        # The skew part of R' R-transposed, by central differences, is the rate.
        rate = turned[row].T @ (turned[row + 1] - turned[row - 1]) / 0.005
        assert gyr[row] == pytest.approx([rate[2, 1], rate[0, 2], rate[1, 0]], abs=2e-3)


def _rotation(side: float, tilt: float, twist: float) -> np.ndarray:
    def about(axis: int, angle: float) -> np.ndarray:
        made, c, s = np.eye(3), np.cos(angle), np.sin(angle)
        i, j = ((1, 2), (2, 0), (0, 1))[axis]
        made[i, i] = made[j, j] = c
        made[i, j], made[j, i] = -s, s
        return made

    return about(2, twist) @ about(1, tilt) @ about(0, side)
