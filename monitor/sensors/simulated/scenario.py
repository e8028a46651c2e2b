"""Named sessions of the virtual lifter, with their truth."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from monitor.model.errors import ConfigError
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER, SensorInfo
from monitor.model.session import Annotation, SessionInfo
from monitor.sensors.simulated.exercises import MOVEMENTS, Movement, checked_cause, movement
from monitor.sensors.simulated.guided import DEVICE, calibrated_wearing
from monitor.sensors.simulated.lifter import breathe
from monitor.sensors.simulated.plan import Person, lift_off, plain_rep, plan_set, tucked
from monitor.sensors.simulated.script import Script
from monitor.sensors.simulated.sensor import CHEAP, GYR_RANGE_RADS, SensorSpec
from monitor.sensors.simulated.source import Dropout, Radio, SimulatedSource, transmit
from monitor.sensors.simulated.truth import Truth, write_down
from monitor.sensors.simulated.wearing import SAME_CHIP, Slip, Wearing, Worn

_STANCE_DEG = 1.5
"""Standard deviation of the pelvis of somebody who stands anew, of the order of the sway of stance."""
_DRAINED_S = 0.5
"""The session goes on a little, so that what is still on its way arrives."""


@dataclass(frozen=True, slots=True)
class SimulatedSession:
    """A session to run, and what really happened in it."""

    source: SimulatedSource
    truth: Truth


def simulate(
    exercise: str,
    *,
    cause: str | None = None,
    sensors: int = 1,
    reps: int = 8,
    sets: int = 1,
    seed: int = 0,
    athlete_seed: int | None = None,
    rate_hz: float = 104.0,
    rest_s: float = 18.0,
    opening_bends: int = 0,
    loss: float = 0.0,
    dropouts: tuple[Dropout, ...] = (),
    repeated: float = 0.0,
    spec: SensorSpec = CHEAP,
    upside_down: bool | None = None,
    wearing: Wearing | None = None,
) -> SimulatedSession:
    """Simulate a session of one exercise.

    Parameters
    ----------
    exercise
        One of `MOVEMENTS`.
    cause
        What to inject: ``lack_of_spinal_support`` (lift-offs, on pads only), ``improper_form``,
        ``too_much_weight``, ``poor_core_engagement``, or one with the fault it shows as, such as
        ``improper_form:hips_first``; None or ``"none"`` for clean sets.
    sensors
        1 for the lower one, 2 for lower and upper.
    seed, athlete_seed
        The same seeds give the same bytes. The same `athlete_seed` with another `seed` is the
        same lifter, in another session.
    rate_hz
        Announced sample rate in Hz, 26 to 416.
    rest_s
        Time between sets in s, about.
    opening_bends
        Slow forward bends at the opening, as for a calibration.
    loss, repeated, dropouts
        Share of packets lost and share received twice, and spans in which nothing arrives.
    spec
        How good the sensors are.
    upside_down
        Whether they are worn so; None leaves it to the seed.
    wearing
        How they are worn, where that is known from another session, and whether one slips; its errors
        are those of the chip then, and `spec` is to leave them out.

    Raises
    ------
    ConfigError
        Unknown exercise or cause, or numbers that make no session.
    """
    move = movement(exercise)
    cause, fault = checked_cause(exercise, cause)
    if not (reps >= 1 and sets >= 1 and sensors in (1, 2) and 26 <= rate_hz <= 416 and 0 <= loss < 1):
        raise ConfigError(
            "a simulation needs at least 1 repetition and 1 set, 1 or 2 sensors, 26 to 416 Hz, loss under 1"
        )
    rng = _rng(exercise, seed)
    person = Person.drawn(_rng(exercise, seed if athlete_seed is None else athlete_seed, b"athlete"), move)
    script = Script(rng)
    script.still(3.2, 4.2)
    calibrated_s = None
    if opening_bends:
        script.bends(opening_bends)
        calibrated_s = script.now_s
        script.still(1.5, 2.5)
    _take_place(script, move, person)
    slipped_s = 0.0
    for number in range(sets):
        if wearing is not None and wearing.slip is not None and number == wearing.slip.after_set:
            slipped_s = script.now_s
        if number:
            _rest(script, move, rest_s, _STANCE_DEG if wearing is None else wearing.stance_deg)
        script.perform(exercise, move, plan_set(rng, person, move, cause, reps, fault))
        script.still(1.5, 2.5)
        if wearing is not None and move.seat_deg is None:
            script.stand_up(wearing.stance_deg)
    _leave(script, move)
    info = SessionInfo(
        exercise=EXERCISES[exercise],
        sensors=_worn(sensors, f"sim:{exercise}" if wearing is None else DEVICE, rate_hz),
        session_id=f"sim-{exercise}-{seed}",
    )
    radio = Radio(loss, dropouts, repeated)
    worn = {} if wearing is None else wearing.slipped(slipped_s)
    return _send(script, info, seed, cause, calibrated_s, spec, radio, upside_down, exercise, worn, fault)


def leg_day(seed: int = 0, *, sensors: int = 1, rate_hz: float = 104.0) -> SimulatedSession:
    """Simulate a short leg day: five squats, two of them tucked; five leg presses, two lift-offs."""
    rng = _rng("leg_day", seed)
    script = Script(rng)
    squat, press = MOVEMENTS["squat"], MOVEMENTS["leg_press"]
    squatter = replace(Person.drawn(rng, squat), tempo_s=2.9, tuck_deg=rng.uniform(1.5, 4.0), upright_deg=1.5)
    script.still(3.5, 4.0)
    script.walk(2.0, 2.4)
    script.still(2.6, 3.0)
    squats = [plain_rep(rng, squatter, steady=True) for _ in range(5)]
    for index in (2, 4):
        deep = replace(squats[index], tilt_deg=max(squats[index].tilt_deg, 22.0))
        squats[index] = replace(tucked(rng, deep), tuck_deg=rng.uniform(17.0, 20.0))
    script.perform("squat", squat, squats)
    script.still(1.6, 2.0)
    script.walk(3.5, 4.5, turn_deg=120)
    chosen = Annotation(script.now_s, "exercise", "leg_press")
    script.still(1.0, 1.5)
    script.walk(3.0, 3.5, turn_deg=-60)
    presser = replace(Person.drawn(rng, press), tempo_s=3.0)
    script.sit(presser.seat_deg or -45.0, press.seat_m)
    script.still(3.4, 3.8)
    presses = [plain_rep(rng, presser, steady=True) for _ in range(5)]
    for index in (2, 4):
        presses[index] = lift_off(rng, presses[index])
    script.perform("leg_press", press, presses)
    script.still(3.0, 3.5)
    info = SessionInfo(
        exercise=EXERCISES["squat"],
        sensors=_worn(sensors, "sim:leg_day", rate_hz),
        session_id=f"sim-leg_day-{seed}",
    )
    made = _send(script, info, seed, None, None, CHEAP, Radio(), None, "leg_day")
    return replace(made, source=replace(made.source, annotations=(chosen,)))


def scenario(name: str, seed: int = 0, *, sensors: int = 1) -> SimulatedSession:
    """Return the session called `name`.

    ``leg_day``, an exercise, ``EXERCISE:CAUSE``, or ``calibrated:EXERCISE[:slip]`` for two sets with
    the sensors worn as in the calibration of the same seed, with a slip in between.
    """
    if name == "leg_day":
        return leg_day(seed, sensors=sensors)
    if name.startswith("calibrated:"):
        _, exercise, *more = name.split(":")
        if more not in ([], ["slip"]):
            raise ConfigError(f"no simulation of {name!r}: write calibrated:{exercise} or with :slip")
        wearing = replace(calibrated_wearing(seed), slip=Slip() if more else None)
        return simulate(
            exercise, sensors=sensors, seed=seed, sets=2, reps=5, rest_s=24.0, wearing=wearing, spec=SAME_CHIP
        )
    exercise, _, cause = name.partition(":")
    return simulate(exercise, cause=cause or None, sensors=sensors, seed=seed)


def _rng(name: str, seed: int, purpose: bytes = b"") -> np.random.Generator:
    return np.random.default_rng([abs(seed), int(seed < 0), zlib.crc32(name.encode() + b"/" + purpose)])


def _worn(sensors: int, device: str, rate_hz: float) -> tuple[SensorInfo, ...]:
    names = (LOWER, UPPER)[:sensors]
    return tuple(SensorInfo(name, device, "open", rate_hz, GYR_RANGE_RADS) for name in names)


def _take_place(script: Script, move: Movement, person: Person) -> None:
    """Go to the bar or the machine and hold still there."""
    if move.seat_deg is None or person.seat_deg is None:
        if script.rng.uniform() < 0.8:
            script.walk(2.2, 3.5)
        script.still(2.6, 4.0)
        return
    script.walk(3.0, 4.0, turn_deg=script.rng.uniform(-90, 90))
    script.still(0.4, 1.0)
    script.walk(2.0, 2.6, turn_deg=180.0 * script.rng.choice((-1, 1)))
    script.sit(person.seat_deg, move.seat_m)
    script.still(3.3, 4.5)


def _rest(script: Script, move: Movement, rest_s: float, stance_deg: float) -> None:
    """Rest between sets: about, or seated; then hold still."""
    until_s = script.now_s + rest_s
    while script.now_s < until_s - 7:
        if move.seat_deg is None and script.rng.uniform() < 0.6:
            script.walk(2.0, 4.0, turn_deg=script.rng.uniform(-120, 120))
        else:
            script.shuffle(1.5, 3.5)
        script.still(0.5, 3.0)
    script.shuffle(1.0, 1.5, 0.5)
    if move.seat_deg is None:
        # Whoever walks about comes back to the way he stands, but for a draw.
        script.stand_up(stance_deg)
    script.still(3.3, 4.5)


def _leave(script: Script, move: Movement) -> None:
    if move.seat_deg is None:
        script.walk(2.0, 3.0)
    else:
        script.shuffle(1.0, 1.5, 0.5)
        script.get_up()
    script.still(1.5, 2.5)


def _send(
    script: Script,
    info: SessionInfo,
    seed: int,
    cause: str | None,
    calibrated_s: float | None,
    spec: SensorSpec,
    radio: Radio,
    upside_down: bool | None,
    name: str,
    worn: Mapping[str, Worn] | None = None,
    fault: str | None = None,
) -> SimulatedSession:
    breathe(script.body, script.rng, script.now_s)
    packets = [
        packet
        for sensor in info.sensors
        for packet in transmit(
            script.body,
            sensor.name,
            duration_s=script.now_s + _DRAINED_S,
            rate_hz=sensor.rate_hz or 104.0,
            spec=spec,
            radio=radio,
            rng=_rng(name, seed, sensor.name.encode()),
            upside_down=upside_down,
            worn=(worn or {}).get(sensor.name),
        )
    ]
    packets.sort(key=lambda packet: packet.received_ns)
    truth = write_down(script, name, seed, cause, calibrated_s, fault)
    return SimulatedSession(SimulatedSource(info, tuple(packets)), truth)
