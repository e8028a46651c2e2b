"""A leg press session whose lift-offs have the size that a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, SensorInfo
from monitor.model.session import SessionInfo
from monitor.sensors.simulated.exercises import MOVEMENTS
from monitor.sensors.simulated.lifter import breathe
from monitor.sensors.simulated.plan import Person, lift_off, plain_rep
from monitor.sensors.simulated.scenario import SimulatedSession
from monitor.sensors.simulated.script import Script
from monitor.sensors.simulated.sensor import CHEAP, GYR_RANGE_RADS
from monitor.sensors.simulated.source import Radio, SimulatedSource, transmit
from monitor.sensors.simulated.truth import write_down


def pressing(lifts_deg: Sequence[float], seed: int = 0) -> SimulatedSession:
    """Return one set, a repetition a number: how far the pelvis rolls off the pad in it, 0 for not."""
    rng = np.random.default_rng(seed)
    move, script = MOVEMENTS["leg_press"], Script(rng)
    person = replace(Person.drawn(rng, move), tempo_s=3.0)
    script.still(3.5, 4.0)
    script.walk(3.0, 3.5)
    script.sit(person.seat_deg or -45.0, move.seat_m)
    script.still(3.4, 3.8)
    reps = [plain_rep(rng, person, steady=True) for _ in lifts_deg]
    plans = [
        replace(lift_off(rng, rep), lift_deg=lift, lift_held_s=0.6) if lift else rep
        for rep, lift in zip(reps, lifts_deg, strict=True)
    ]
    script.perform("leg_press", move, plans)
    script.still(3.0, 3.5)
    breathe(script.body, rng, script.now_s)
    info = SessionInfo(
        exercise=EXERCISES["leg_press"],
        sensors=(SensorInfo(LOWER, "sim:leg_press", "open", 104.0, GYR_RANGE_RADS),),
        session_id=f"pressing-{seed}",
    )
    packets = transmit(
        script.body,
        LOWER,
        duration_s=script.now_s,
        rate_hz=104.0,
        spec=CHEAP,
        radio=Radio(),
        rng=rng,
        upside_down=None,
    )
    truth = write_down(script, "leg_press", seed, None, None)
    return SimulatedSession(SimulatedSource(info, tuple(packets)), truth)
