"""Whole sessions through the engine: one alert an excursion however the signal flaps, none in clean sets."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from motion import bending

from monitor.alerts.settings import AlertSettings
from monitor.engine import Engine, EngineOptions
from monitor.model.events import Alert, Event, LiftOff, LiftOffStarted, Rep
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, FloatArray, ImuBlock, SensorInfo
from monitor.model.session import Delivery, SampleSource, SessionInfo
from monitor.pipeline.settings import PipelineSettings
from monitor.sensors.simulated.scenario import simulate

RATE_HZ = 100.0
MINUTES = 10
LIMIT_DEG = PipelineSettings().lift_off_alert_deg
CLEARLY_BACK_DEG = LIMIT_DEG - PipelineSettings().hysteresis_deg

CLEAN = (
    "squat", "leg_press", "hack_squat", "rdl", "deadlift", "lunge", "hip_thrust", "leg_curl",
    "leg_extension", "squat",
)  # fmt: skip
"""Exercises of a leg day, ten repetitions each: a hundred."""


def noise(n: int, sigma: float, slowness_s: float, seed: int) -> FloatArray:
    """Return (n,) noise of standard deviation `sigma` that wanders within about `slowness_s`."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-1 / (slowness_s * RATE_HZ))
    steps = rng.normal(0.0, sigma * np.sqrt(1 - keep**2), n)
    made = np.empty(n)
    at = rng.normal(0.0, sigma)
    for i, step in enumerate(steps):
        at = keep * at + step
        made[i] = at
    return made


def flapping(slowness_s: float, seed: int) -> FloatArray:
    """Return how far the pelvis is past the seat reference, (N,) in deg: on the limit for ten minutes."""
    still, ramp = np.zeros(round(4 * RATE_HZ)), np.linspace(0.0, LIMIT_DEG, round(RATE_HZ))
    n = round(60 * MINUTES * RATE_HZ)
    # A tremor of a few tenths on top: every single pass of the limit is many.
    wobble = noise(n, 2.0, slowness_s, seed) + noise(n, 0.3, 0.01, seed + 1)
    return np.concatenate([still, ramp, LIMIT_DEG + wobble, ramp[::-1], still])


def excursions(past_deg: FloatArray) -> int:
    """Count the true excursions: past the limit, over once clearly back."""
    count, off = 0, False
    for value in past_deg:
        if not off and value >= LIMIT_DEG:
            count, off = count + 1, True
        elif off and value < CLEARLY_BACK_DEG:
            off = False
    return count


def judged(source: SampleSource | None = None, block: ImuBlock | None = None) -> list[Event]:
    """Return the events of a source, or of one sensor's samples on a leg press, a packet at a time."""
    if source is not None:
        engine, items = Engine(source.info), [*source.items()]
    else:
        assert block is not None
        info = SessionInfo(EXERCISES["leg_press"], (SensorInfo(LOWER, rate_hz=RATE_HZ),))
        engine = Engine(info, EngineOptions(calibration="none"))
        items = [Delivery(block[at : at + 10]) for at in range(0, len(block), 10)]
    events = [event for item in items for event in engine.feed((item,)).events]
    return [*events, *engine.finish().events]


@pytest.mark.parametrize("slowness_s", [0.05, 0.3, 3.0])
def test_ten_minutes_on_the_limit_give_one_alert_an_excursion_at_most(slowness_s: float) -> None:
    past_deg = flapping(slowness_s, seed=7)
    events = judged(block=bending(np.radians(-past_deg), RATE_HZ))
    alerts = [e for e in events if isinstance(e, Alert) and e.kind == "lift_off"]
    crossings = int(np.sum((past_deg[1:] >= LIMIT_DEG) & (past_deg[:-1] < LIMIT_DEG)))
    assert crossings > 200, "the signal is to flap"
    assert 1 <= len(alerts) <= excursions(past_deg)
    assert len(alerts) <= sum(isinstance(e, LiftOffStarted) for e in events)
    ends = [e.end_s for e in events if isinstance(e, LiftOff)]
    for before, after in pairwise(alerts):
        assert any(before.time_s <= end_s < after.time_s for end_s in ends), "told twice in one excursion"
    # Nothing moves enough to be a repetition, so all of it is one: the budget of sounds is one.
    assert sum(a.audible for a in alerts) <= 1 + 2 * sum(isinstance(e, Rep) for e in events)


def test_a_lift_off_ahead_is_told_and_then_the_lift_off() -> None:
    source = simulate("leg_press", cause="lack_of_spinal_support", reps=5, seed=3).source
    engine = Engine(source.info, EngineOptions(alerts=AlertSettings(early_cue=True)))
    alerts = [e for item in source.items() for e in engine.feed((item,)).events if isinstance(e, Alert)]
    off = [a for a in alerts if a.kind == "lift_off"]
    ahead = [a for a in alerts if a.kind == "approaching"]
    assert len(off) >= 2
    for alert in off:
        early = [a for a in ahead if 0.2 < alert.time_s - a.time_s < 1.5]
        assert len(early) == 1
        assert not (early[0].audible and alert.audible)


def test_a_hundred_clean_repetitions_are_silent() -> None:
    seen = 0
    for seed, exercise in enumerate(CLEAN):
        events = judged(simulate(exercise, reps=10, seed=seed).source)
        seen += sum(isinstance(e, Rep) for e in events)
        heard = [(e.kind, e.rep, e.text) for e in events if isinstance(e, Alert) and e.audible]
        assert heard == [], exercise
    assert seen >= 98, "judged, not overlooked"
