"""The guided calibration: what is asked, what is refused, and that the true ranges come out."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from guided_runs import cut, guided, injected, through, turn_deg

from calibration.errors import CalibrationError
from calibration.motion import MotionRows
from calibration.procedure import Plan, Procedure, TellKind, Told
from calibration.profile import Profile
from calibration.ranges import LumbarShare, lumbar_share
from monitor.calibrating import GuidedCalibration
from monitor.model.errors import ConfigError, SensorError
from monitor.model.samples import LOWER, UPPER
from monitor.sensors.simulated.guided import GuidedSession, Habits, TrueRanges, calibration
from monitor.sensors.simulated.sensor import NOMINAL
from monitor.sensors.simulated.wearing import Wearing

STRAIGHT = Wearing.askew(0.0, (1.0, 0.0, 0.0))


def texts(told: list[Told], kind: TellKind) -> list[str]:
    return [line.text for line in told if line.kind is kind]


def assert_ranges(made: Profile, truth: TrueRanges, within_deg: float = 2.5) -> None:
    for name, value in made.ranges.to_json().items():
        if value is not None:
            assert value == pytest.approx(getattr(truth, name), abs=within_deg), name


@pytest.mark.parametrize("seed", [3, 4])
def test_one_sensor_gives_the_ranges_of_the_pelvis(seed: int) -> None:
    session = calibration(seed)
    made, told = guided(session)
    assert_ranges(made, session.truth)
    assert made.ranges.bend_rad is not None
    assert made.ranges.arch_tuck_rad is not None
    assert made.ranges.flexion_rad is None, "one sensor at one place sees no lumbar flexion"
    assert made.quality.level == "good"
    assert [line.kind for line in told].count(TellKind.PROMPT) == 4
    assert told[-1].kind is TellKind.DONE
    assert not texts(told, TellKind.REFUSAL)


def test_two_sensors_give_flexion_extension_and_share() -> None:
    session = calibration(5, sensors=2)
    made, _ = guided(session)
    assert_ranges(made, session.truth)
    assert made.ranges.extension_rad is not None
    assert made.share is not None
    assert made.share.share == pytest.approx(session.truth.share, abs=0.03)
    assert set(made.sensors) == {LOWER, UPPER}


def test_a_machine_adds_its_seat() -> None:
    session = calibration(6, machine="leg_press")
    made, told = guided(session)
    assert_ranges(made, session.truth)
    assert made.ranges.seated_arch_tuck_rad is not None
    assert made.machine == "leg_press"
    seat = made.sensors[LOWER].seat_up
    assert seat is not None
    assert np.degrees(np.arccos(seat @ made.sensors[LOWER].neutral_up)) > 30
    assert any("leg press" in text for text in texts(told, TellKind.PROMPT))


def test_one_sensor_at_two_places_gives_the_lumbar_share() -> None:
    session = calibration(7, habits=Habits(two_position=True))
    made, _ = guided(session, two_position=True)
    assert made.share is not None
    assert made.share.share == pytest.approx(session.truth.share, abs=0.03)
    assert 0.03 < made.share.sigma < 0.09, "day-to-day repeatability is part of it"
    assert_ranges(made, session.truth)
    # The sensor is back at the sacrum, clipped on as before.
    assert (
        turn_deg(made.sensors[LOWER].alignment.sensor_to_segment, session.wearing.sensors[LOWER].to_segment)
        < 3
    )


def test_three_bends_more_than_eight_degrees_apart_are_done_again() -> None:
    session = calibration(8, habits=Habits(bends_deg=(0.0, 12.0, -3.0)))
    made, told = guided(session)
    [refusal] = texts(told, TellKind.REFUSAL)
    assert "more than 8 deg apart" in refusal
    assert [text.split(":")[0] for text in texts(told, TellKind.COUNT)[:6]] == [
        "bend 1 of 3", "bend 2 of 3", "bend 3 of 3",
    ] * 2  # fmt: skip
    assert_ranges(made, session.truth)


def test_moving_where_stillness_is_asked_is_refused() -> None:
    made, told = guided(calibration(9, habits=Habits(fidgets=True)))
    assert "you moved: hold still for 3 seconds" in texts(told, TellKind.REFUSAL)[0]
    assert made.quality.level == "good", "it waited for the stillness"


def test_what_is_not_done_is_skipped_and_said() -> None:
    made, told = guided(calibration(10, habits=Habits(skips_back_bends=True)))
    assert texts(told, TellKind.SKIP) == ["own extension stays unknown: on to the next step"]
    assert made.ranges.back_bend_rad is None
    assert "own extension not measured" in made.quality.reasons


def test_bends_too_small_to_be_full_do_not_count() -> None:
    session = calibration(11, habits=Habits(bends_deg=(-40.0, -40.0, -40.0)))
    run = GuidedCalibration(session.source.info)
    told = [line for item in session.source.items() for line in run.feed([item])]
    assert "bend as far as is comfortable" in texts(told, TellKind.REFUSAL)[0]
    assert run.guidance().step == 2
    assert "as far as is comfortable" in run.guidance().hint
    with pytest.raises(SensorError, match="stopped at step 2 of 4"):
        run.profile("", session.source.info)


def test_swapped_sensors_are_noticed() -> None:
    session = calibration(12, sensors=2)
    swap = {LOWER: UPPER, UPPER: LOWER}
    batches = [
        [dataclasses.replace(i, block=dataclasses.replace(i.block, sensor=swap[i.block.sensor]))]
        for [i] in cut(session, 1000)
    ]
    run = GuidedCalibration(session.source.info)
    told = [line for batch in batches for line in run.feed(batch)]
    assert any("swap them" in text for text in texts(told, TellKind.REFUSAL))


def test_progress_never_goes_back_but_by_a_refusal_and_ends_at_one() -> None:
    session = calibration(13)
    run = GuidedCalibration(session.source.info)
    seen = []
    for item in session.source.items():
        run.feed([item])
        seen.append(run.guidance().progress)
    assert seen[0] < 0.1
    assert all(b >= a for a, b in pairwise(seen))
    assert (seen[-1], run.done) == (1.0, True)


def test_the_result_does_not_depend_on_how_the_samples_are_cut() -> None:
    session = calibration(14, sensors=2, habits=Habits(fidgets=True))
    whole, told = through(session, [[i for [i] in cut(session, 100_000)]])
    for size in (1, 7):
        made, lines = through(session, cut(session, size))
        assert lines == told
        assert made.to_text() == whole.to_text()


def test_two_positions_are_for_one_sensor() -> None:
    with pytest.raises(ConfigError, match="for one sensor"):
        GuidedCalibration(calibration(0, sensors=2).source.info, two_position=True)


# One known error goes in, that number comes out.


def test_a_worn_gyro_bias_of_one_degree_a_second_is_given_back() -> None:
    bias = np.radians([1.0, -1.0, 1.0])
    made, _ = guided(calibration(15, wearing=injected(STRAIGHT, gyr_bias_rads=bias)))
    found = made.sensors[LOWER].errors.gyr_offset_rads
    assert np.linalg.norm(found - bias) < 0.10 * np.linalg.norm(bias)


def test_a_gyro_bias_and_a_scale_error_are_given_back_by_six_poses() -> None:
    bias, gain = np.radians([1.0, -1.0, 1.0]), np.array([1.02, 0.98, 1.02])
    wearing = injected(Wearing.askew(20, (0, 0, 1)), gyr_bias_rads=bias, acc_gain=gain)
    session = calibration(16, wearing=wearing, habits=Habits(six_poses=True))
    made, told = guided(session, six_poses=True)
    errors = made.sensors[LOWER].errors
    np.testing.assert_allclose(errors.gyr_offset_rads, bias, rtol=0.10)
    np.testing.assert_allclose(errors.acc_gain - 1, gain - 1, rtol=0.10)
    assert texts(told, TellKind.COUNT)[5] == "side 6 of 6"
    assert_ranges(made, session.truth)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -1, 0.5)])
def test_a_mounting_turned_by_thirty_degrees_is_given_back(axis: tuple[float, float, float]) -> None:
    session = calibration(17, wearing=Wearing.askew(30.0, axis))
    made, _ = guided(session)
    found = made.sensors[LOWER].alignment.sensor_to_segment
    assert turn_deg(found, NOMINAL) == pytest.approx(30.0, rel=0.10)
    assert turn_deg(found, session.wearing.sensors[LOWER].to_segment) < 2.0
    assert_ranges(made, session.truth)


def test_an_upside_down_clip_is_given_back() -> None:
    session = calibration(18, sensors=2, wearing=Wearing.askew(0.0, (1, 0, 0), upside_down=True))
    made, _ = guided(session)
    for sensor in (LOWER, UPPER):
        found = made.sensors[sensor].alignment.sensor_to_segment
        assert turn_deg(found, NOMINAL) == pytest.approx(180.0, rel=0.10)
    assert_ranges(made, session.truth)


# The procedure alone, on plain arrays.


def posed(tilt_deg: np.ndarray, first_s: float = 0.0) -> MotionRows:
    """Return exact rows of an aligned sensor at 100 Hz."""
    tilt, zero = np.radians(tilt_deg), np.zeros_like(tilt_deg)
    up = np.stack([-np.sin(tilt), zero, np.cos(tilt)], axis=1)
    rate = np.stack([zero, np.gradient(tilt) * 100, zero], axis=1)
    return MotionRows(first_s + np.arange(len(tilt)) / 100, up, 9.81 * up, rate)


def swing(to_deg: float, seconds: float = 3.0) -> np.ndarray:
    return to_deg * (1 - np.cos(np.linspace(0, 2 * np.pi, round(100 * seconds)))) / 2


def test_plain_arrays_drive_it() -> None:
    rest = np.zeros(330)
    tilts = np.concatenate([12 * np.sin(np.linspace(0, 6 * np.pi, 900)), swing(6.0)])
    parts = [rest, swing(60), swing(62), swing(59), rest, swing(-15), swing(-16), rest, tilts]
    procedure = Procedure(Plan())
    told = procedure.update(posed(np.concatenate(parts)))
    made = procedure.result()
    assert told[-1].kind is TellKind.DONE
    assert made.ranges.to_json() == pytest.approx(
        {
            "bend_deg": 60, "back_bend_deg": 15.5, "arch_deg": 12, "tuck_deg": 12, "flexion_deg": None,
            "extension_deg": None, "seated_arch_deg": None, "seated_tuck_deg": None,
        },
        abs=0.5,
    )  # fmt: skip
    np.testing.assert_allclose(made.alignments["lower"].sensor_to_segment, np.eye(3), atol=1e-6)


def test_bends_that_turn_are_refused() -> None:
    rng = np.random.default_rng(1)
    rows = posed(np.concatenate([np.zeros(330), swing(60), swing(60), swing(60)]))
    gyr = rows.gyr_rads + np.concatenate([np.zeros((330, 3)), rng.normal(0, 2.0, (900, 3))])
    procedure = Procedure(Plan())
    told = procedure.update(dataclasses.replace(rows, gyr_rads=gyr))
    assert texts(told, TellKind.REFUSAL) == ["the bends leaned or turned: bend straight forward, and again"]


def test_lost_samples_are_no_stillness() -> None:
    rows = posed(np.zeros(600))
    rows.up[200:210] = np.nan
    procedure = Procedure(Plan())
    told = procedure.update(rows)
    assert [line.time_s for line in told if line.kind is TellKind.PROMPT] == pytest.approx(
        [0.0, 5.1], abs=0.02
    )


def test_the_share_of_bends_that_tilt_alike_is_refused() -> None:
    with pytest.raises(CalibrationError, match="both places tilted alike"):
        lumbar_share(np.radians([60.0, 61.0]), np.radians([63.0, 62.0]))
    with pytest.raises(CalibrationError, match="reached only 30 deg"):
        lumbar_share(np.radians([20.0]), np.radians([30.0]))


def test_a_share_gives_flexion_with_its_uncertainty() -> None:
    share = LumbarShare(0.5, 0.05)
    flexion, sigma = share.flexion(np.radians([0.0, 60.0]), np.radians([1.5, 1.5]))
    np.testing.assert_allclose(np.degrees(flexion), [0.0, 60.0])
    np.testing.assert_allclose(np.degrees(sigma), [1.5, np.hypot(60 * np.hypot(0.2, 0.5), 1.5)])


def session_is_the_same(a: GuidedSession, b: GuidedSession) -> bool:
    return [p.payload for p in a.source.packets] == [p.payload for p in b.source.packets]


def test_a_seed_gives_the_same_calibration_again() -> None:
    assert session_is_the_same(calibration(19, sensors=2), calibration(19, sensors=2))
    assert not session_is_the_same(calibration(19), calibration(20))


def test_a_gyroscope_far_off_hides_no_stillness() -> None:
    bias = np.radians([3.0, 3.0, -3.0])
    session = calibration(21, wearing=injected(STRAIGHT, gyr_bias_rads=bias))
    made, told = guided(session)
    assert not texts(told, TellKind.REFUSAL)
    assert_ranges(made, session.truth, within_deg=4.0)
