"""A profile in a session: in force from the first row, and given up when gravity says so."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from guided_runs import guided, injected

from calibration.profile import Profile
from calibration.ranges import LumbarShare, OwnRanges
from monitor.analysis import Analysis, analyze
from monitor.engine import Engine, EngineOptions
from monitor.model.events import Alert, Calibrated, FaultKind, Notice, Rep
from monitor.model.samples import LOWER, UPPER
from monitor.model.session import Annotation, Delivery, SourceItem
from monitor.pipeline.baseline import baseline
from monitor.pipeline.settings import PipelineSettings
from monitor.sensors.simulated.guided import calibrated_wearing, calibration
from monitor.sensors.simulated.scenario import SimulatedSession, simulate
from monitor.sensors.simulated.wearing import SAME_CHIP, Slip, Wearing

SEED = 1


@cache
def profile(sensors: int = 1, machine: str = "") -> Profile:
    return guided(calibration(SEED, sensors=sensors, machine=machine))[0]


def session(
    exercise: str = "squat", sensors: int = 1, wearing: Wearing | None = None, **more: object
) -> SimulatedSession:
    kind = {"sets": 2, "reps": 4, "rest_s": 22.0, **more}
    return simulate(
        exercise,
        sensors=sensors,
        seed=SEED,
        spec=SAME_CHIP,
        wearing=wearing or calibrated_wearing(SEED),
        **kind,  # type: ignore[arg-type]
    )


def with_profile(made: SimulatedSession, worn: Profile) -> Analysis:
    return analyze(made.source, EngineOptions(worn))


def kinds(made: Analysis) -> list[tuple[str, str]]:
    return [(event.kind, event.quality) for event in made.of(Calibrated)]


def notices(made: Analysis) -> list[str]:
    return [event.text for event in made.of(Notice)]


def error_deg(made: Analysis, truth: SimulatedSession) -> float:
    """Return the RMS error of the pelvic tilt within the sets."""
    angles, rows = truth.truth.angles, made.posture
    true = np.interp(rows.t_s, angles.t_s, angles.pelvic_tilt_deg)
    inside = np.zeros(len(rows), bool)
    for done in truth.truth.sets:
        inside |= (rows.t_s >= done.start_s) & (rows.t_s < done.end_s)
    return float(np.sqrt(np.mean((np.degrees(rows.pelvic_tilt_rad) - true)[inside] ** 2)))


def test_angles_are_there_from_the_first_row() -> None:
    truth = session(sensors=2)
    made = with_profile(truth, profile(2))
    assert kinds(made) == [("profile", "good")]
    assert made.of(Calibrated)[0].decided_s < 0.2
    assert not notices(made)
    assert np.isfinite(made.posture.pelvic_tilt_rad).all()
    assert np.isfinite(made.posture.lumbar_flexion_rad[100:-100]).all()
    assert error_deg(made, truth) < 1.5
    assert len(made.of(Rep)) == 8


def test_a_live_run_gets_the_first_angle_with_the_first_samples() -> None:
    truth = session()
    engine = Engine(truth.source.info, EngineOptions(profile()))
    for item in truth.source.items():
        posture = engine.feed([item]).posture
        if len(posture):
            break
    assert posture.t_s[0] < 0.1
    assert np.isfinite(posture.pelvic_tilt_rad).all()


@pytest.mark.parametrize("exercise", ["squat", "rdl"])
@pytest.mark.parametrize("sensors", [1, 2])
@pytest.mark.parametrize("angle_deg", [6.0, -6.0])
def test_a_slip_of_six_degrees_between_sets_is_given_back(
    exercise: str, sensors: int, angle_deg: float
) -> None:
    wearing = replace(calibrated_wearing(SEED), slip=Slip(angle_deg))
    truth = session(exercise, sensors, wearing)
    made = with_profile(truth, profile(sensors))
    [text] = notices(made)
    found = re.search(r"the lower sensor stands ([\d.]+) deg off its calibrated neutral", text)
    assert found is not None, text
    assert float(found[1]) == pytest.approx(6.0, rel=0.10)
    assert "nothing absolute is judged by the old neutral" in text
    assert kinds(made) == [("profile", "good"), ("profile", "fair")]
    assert error_deg(made, truth) < 1.5, "the second set counts from the new neutral"
    assert len(made.of(Rep)) == 8


def test_an_upper_sensor_that_slips_is_named() -> None:
    wearing = replace(calibrated_wearing(SEED), slip=Slip(7.0, UPPER))
    made = with_profile(session("rdl", 2, wearing), profile(2))
    [text] = notices(made)
    assert text.startswith("the upper sensor stands")


def test_who_stands_otherwise_with_two_sensors_has_not_lost_them() -> None:
    # Both sensors turned alike: the lifter leans.
    wearing = calibrated_wearing(SEED)
    lean = np.radians(7.0)
    forward = np.array([[np.cos(lean), 0, np.sin(lean)], [0, 1, 0], [-np.sin(lean), 0, np.cos(lean)]])
    leaning = replace(
        wearing,
        sensors={n: replace(w, to_segment=forward @ w.to_segment) for n, w in wearing.sensors.items()},
    )
    assert kinds(with_profile(session("rdl", 2, leaning), profile(2))) == [("profile", "good")]
    one = with_profile(session("rdl", 1, leaning), profile(1))
    assert kinds(one)[1] == ("profile", "fair"), "one sensor cannot tell"


def test_a_small_drift_is_reported_and_goes_on() -> None:
    wearing = replace(calibrated_wearing(SEED), slip=Slip(3.6))
    made = with_profile(session(wearing=wearing), profile())
    [text] = notices(made)
    assert "little enough to go on" in text
    assert kinds(made) == [("profile", "good")]


@pytest.mark.parametrize("sensors", [1, 2])
def test_nobody_stands_alike_twice_and_that_is_no_slip(sensors: int) -> None:
    wearing = replace(calibrated_wearing(SEED), stance_deg=1.5)
    for exercise in ("squat", "rdl", "deadlift"):
        made = with_profile(session(exercise, sensors, wearing, sets=3, reps=3), profile(sensors))
        assert kinds(made) == [("profile", "good")]
        assert not [text for text in notices(made) if "slipped" in text]


def test_a_sensor_clipped_on_upside_down_is_calibrated_anew() -> None:
    wearing = calibrated_wearing(SEED)
    over = replace(
        wearing,
        sensors={
            n: replace(w, to_segment=np.diag([1.0, -1, -1]) @ w.to_segment)
            for n, w in wearing.sensors.items()
        },
    )
    truth = session(wearing=over)
    made = with_profile(truth, profile())
    [text] = notices(made)
    assert re.search(r"clipped on 17\d\.\d deg otherwise .* no angle is judged until", text)
    assert kinds(made) == [("profile", "good"), ("profile", "poor"), ("auto", "good")]
    assert error_deg(made, truth) < 1.5
    assert len(made.of(Rep)) == 8


def test_a_slip_and_a_new_clip_do_not_depend_on_how_the_data_are_cut() -> None:
    wearing = calibrated_wearing(SEED)
    over = {
        n: replace(w, to_segment=np.diag([1.0, -1, -1]) @ w.to_segment) for n, w in wearing.sensors.items()
    }
    slipped, clipped = replace(wearing, slip=Slip(6.0)), replace(wearing, sensors=over)
    for worn, sizes in ((slipped, (1, 7)), (clipped, (7,))):
        truth = session(wearing=worn, reps=2, rest_s=20.0)
        whole = with_profile(truth, profile())
        assert len(kinds(whole)) > 1
        for size in sizes:
            engine = Engine(truth.source.info, EngineOptions(profile()))
            made = [engine.feed(batch) for batch in chunks(truth, size)] + [engine.finish()]
            assert tuple(event for output in made for event in output.events) == whole.events


def chunks(truth: SimulatedSession, size: int) -> list[list[SourceItem]]:
    blocks = [item.block for item in truth.source.items() if isinstance(item, Delivery)]
    return [[Delivery(b[i : i + size])] for b in blocks for i in range(0, len(b), size)]


def test_sitting_down_between_sets_is_no_slip() -> None:
    truth = session("squat")
    items = [item for item in truth.source.items() if isinstance(item, Delivery)]
    first, second = truth.truth.sets
    # Sit on a bench for some seconds of the rest: the pelvis rolls back by 20 deg and comes up again.
    start, end = first.end_s + 8.0, first.end_s + 18.0
    assert end < second.start_s - 6
    made = analyze_items(truth, [tilted(item, -20.0, start, end) for item in items])
    assert kinds(made) == [("profile", "good")]
    assert not notices(made)


def tilted(item: Delivery, angle_deg: float, start_s: float, end_s: float) -> Delivery:
    """Return the samples as if the pelvis leaned by `angle_deg` from `start_s` to `end_s`, smoothly."""
    block = item.block
    matrix = profile().sensors[LOWER].alignment.sensor_to_segment
    ramp = np.clip(np.minimum(block.t_s - start_s, end_s - block.t_s), 0.0, 1.0)
    angle = np.radians(angle_deg) * ramp
    rising = (block.t_s > start_s) & (block.t_s < start_s + 1)
    falling = (block.t_s < end_s) & (block.t_s > end_s - 1)
    speed = np.radians(angle_deg) * (rising.astype(float) - falling)
    acc = block.acc_ms2 @ matrix.T
    x = acc[:, 0] * np.cos(angle) - acc[:, 2] * np.sin(angle)
    z = acc[:, 0] * np.sin(angle) + acc[:, 2] * np.cos(angle)
    gyr = block.gyr_rads @ matrix.T + np.outer(speed, [0, 1, 0])
    moved = replace(block, acc_ms2=np.stack([x, acc[:, 1], z], axis=1) @ matrix, gyr_rads=gyr @ matrix)
    return Delivery(moved)


class Items:
    def __init__(self, like: SimulatedSession, items: list[Delivery]) -> None:
        self.info = like.source.info
        self._items = items

    def items(self) -> object:
        return iter(self._items)


def analyze_items(like: SimulatedSession, items: list[Delivery]) -> Analysis:
    return analyze(Items(like, items), EngineOptions(profile()))  # type: ignore[arg-type]


def test_who_sits_otherwise_is_told_so_at_the_first_repetition_of_a_set() -> None:
    worn = profile(1, "leg_press")
    truth = session("leg_press", reps=3)
    made = with_profile(truth, worn)
    assert kinds(made)[:2] == [("profile", "good"), ("seat", "good")]
    assert not notices(made), "who sits as then is told nothing"
    seat, left = worn.sensors[LOWER].seat_up, worn.sensors[LOWER].alignment.sensor_to_segment[1]
    assert seat is not None
    turned = np.cos(0.3) * seat + np.sin(0.3) * np.cross(left, seat)
    other = replace(worn, sensors={LOWER: replace(worn.sensors[LOWER], seat_up=turned)})
    made = with_profile(truth, other)
    [text] = notices(made)
    found = re.match(r"you sit (\d+) deg otherwise than when the profile was made", text)
    assert found is not None
    assert 12 < int(found[1]) < 23
    [event] = made.of(Notice)
    assert event.time_s == made.of(Rep)[0].decided_s


def test_a_slip_on_the_machine_is_taken_up_by_the_next_seat() -> None:
    wearing = replace(calibrated_wearing(SEED), slip=Slip(8.0))
    truth = session("leg_press", reps=3, wearing=wearing)
    made = with_profile(truth, replace(profile(), machine=""))
    [text] = notices(made)
    assert re.match(
        r"you sit [789] deg otherwise than in the set before, or the lower sensor has slipped", text
    )
    assert error_deg(made, truth) < 1.5


def test_standing_up_from_the_machine_brings_the_standing_neutral_back() -> None:
    truth = session("leg_press", sets=1, reps=3)
    end_s = truth.truth.duration_s - 3.0
    items: list[SourceItem] = []
    for item in truth.source.items():
        if isinstance(item, Delivery) and len(item.block) and item.block.t_s[-1] > end_s:
            items.append(Annotation(end_s, "exercise", "squat"))
            end_s = np.inf
        items.append(item)
    engine = Engine(truth.source.info, EngineOptions(profile(1, "leg_press")))
    made = engine.feed(items)
    seated, standing = made.posture[-800:-600], made.posture[-100:]
    assert np.abs(np.degrees(standing.pelvic_tilt_rad)).max() < 4.0
    assert len(seated)


def test_the_errors_of_the_sensor_are_taken_away() -> None:
    offset = np.array([0.0, 0.0, 0.5])
    wearing = injected(calibrated_wearing(SEED), acc_offset_ms2=offset)
    truth = session(wearing=wearing)
    worn = profile().sensors[LOWER]
    known = replace(
        profile(), sensors={LOWER: replace(worn, errors=replace(worn.errors, acc_offset_ms2=offset))}
    )
    other = replace(known, sensors={LOWER: replace(known.sensors[LOWER], device="another")})
    same = np.degrees(with_profile(truth, known).posture.pelvic_tilt_rad[50:150].mean())
    made = with_profile(truth, other)
    off = np.degrees(made.posture.pelvic_tilt_rad[50:150].mean())
    assert abs(same - off) > 1.5
    assert any("was made with another lower sensor (another, this is sim:worn)" in t for t in notices(made))


def test_a_profile_of_one_sensor_says_what_the_second_is_missing() -> None:
    made = with_profile(session(sensors=2), profile(1))
    assert "the profile knows no upper sensor: two-sensor flexion is not known" in notices(made)
    assert np.isnan(made.posture.lumbar_flexion_rad).all()


def test_the_own_share_gives_flexion_in_hinges_and_never_rounding() -> None:
    worn = replace(profile(), share=LumbarShare(0.2, 0.05))
    truth = session("rdl", cause="improper_form", reps=8)
    made = with_profile(truth, worn)
    tilt, flexion = made.posture.pelvic_tilt_rad, made.posture.lumbar_flexion_rad
    np.testing.assert_allclose(flexion, 0.25 * tilt, atol=1e-12)
    assert np.degrees(made.posture.lumbar_flexion_sigma_rad).max() > 4.0
    assert not any(f.kind is FaultKind.ROUNDING for rep in made.of(Rep) for f in rep.faults)
    assert np.isnan(with_profile(session("squat"), worn).posture.lumbar_flexion_rad).all()


def test_own_ranges_move_the_limits() -> None:
    truth = session("leg_press", cause="lack_of_spinal_support", reps=6, sets=1)
    worn = profile(1, "leg_press")
    wide = replace(worn, ranges=OwnRanges(seated_arch_rad=0.4, seated_tuck_rad=0.5))
    narrow = with_profile(truth, replace(worn, ranges=OwnRanges()))
    assert len(truth.truth.lift_offs) >= 2
    assert sum(type(e).__name__ == "LiftOff" for e in narrow.events) == len(truth.truth.lift_offs)
    assert not any(type(e).__name__ == "LiftOff" for e in with_profile(truth, wide).events)


def test_rounding_is_told_against_the_own_flexion() -> None:
    made = simulate("rdl", cause="improper_form", sensors=2, seed=5)
    usual = baseline(analyze(simulate("rdl", sensors=2, seed=55, athlete_seed=5).source).of(Rep))

    def rounded(own_deg: float | None) -> int:
        options = EngineOptions(pipeline=PipelineSettings(own_flexion_deg=own_deg), baselines={"rdl": usual})
        reps = analyze(made.source, options).of(Rep)
        return sum(f.kind is FaultKind.ROUNDING for rep in reps for f in rep.faults)

    assert rounded(None) >= 3
    assert rounded(30.0) == rounded(None), "30 to 40 deg are all of a stiff back"
    assert rounded(80.0) == 0, "a supple one is far from its end"


def test_who_sat_down_before_anything_was_known_is_not_measured_backwards() -> None:
    # The small roll before sitting down looked like a repetition, and gave the axis the wrong sign.
    truth = simulate("leg_press", seed=812031)
    made = analyze(truth.source)
    angles, rows = truth.truth.angles, made.posture
    first, last = truth.truth.sets[0].start_s, truth.truth.sets[0].end_s
    inside = (rows.t_s > first) & (rows.t_s < last)
    true = np.interp(rows.t_s[inside], angles.t_s, angles.pelvic_tilt_deg)
    assert np.median(np.abs(np.degrees(rows.pelvic_tilt_rad[inside]) - true)) < 1.5


@pytest.mark.parametrize("exercise", ["squat", "rdl", "leg_press"])
def test_a_hundred_clean_repetitions_make_no_sound(exercise: str) -> None:
    made = analyze(simulate(exercise, seed=9000, sets=10, reps=10).source)
    assert abs(len(made.of(Rep)) - 100) <= 1
    assert not [alert for alert in made.of(Alert) if alert.audible]
