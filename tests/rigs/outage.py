"""What every family of sensors has to live through, on either rig: five seconds of absence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
import pytest
from peripherals.device import Peripheral
from peripherals.metamotion import MetaMotion
from peripherals.motion import FloatArray, Motion
from peripherals.movella import Dot
from peripherals.movesense import Movesense
from peripherals.open_sensor import OpenSensor
from peripherals.polar import VeritySense
from peripherals.witmotion import WitMotion

from monitor.engine import Engine
from monitor.model.events import Event, Gap, Rep
from monitor.model.samples import ImuBlock
from monitor.model.session import Delivery, SessionInfo, SourceItem
from monitor.sensors.ble import BleSource
from monitor.sensors.ble.link import LinkTimes
from monitor.sensors.simulated.scenario import simulate
from rigs.carried import CarriedPeer
from rigs.listening import Heard, Listener
from rigs.peer import Peer

AWAY_S = 5.0
_BEFORE_S = 30.0
_UNTIL_S = 70.0
"""60 s of streaming and the absence, with some time to be found again."""
_BLOCK = 8


@dataclass(frozen=True)
class Family:
    """One family and what it is asked for."""

    device: type[Peripheral]
    protocol: str
    rate_hz: float
    within_ms2: float
    """How far an acceleration may be off by the device's own rounding."""


FAMILIES = (
    Family(OpenSensor, "open", 104, 2.5e-3),
    Family(Movesense, "movesense", 104, 1e-5),
    Family(WitMotion, "witmotion", 100, 3e-3),
    Family(MetaMotion, "metamotion", 100, 2.5e-3),
    Family(VeritySense, "polar", 52, 2.5e-3),
    Family(Dot, "movella", 60, 1e-5),
)
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.protocol)


def squats(rate_hz: float) -> tuple[Motion, SessionInfo]:
    """Return a set of squats as a sensor at the lower back measures it, longer than an absence test."""
    made = simulate("squat", reps=14, rate_hz=rate_hz, seed=3).source
    blocks = [item.block for item in made.items() if isinstance(item, Delivery)]
    acc, gyr = (np.concatenate(rows) for rows in zip(*((b.acc_ms2, b.gyr_rads) for b in blocks), strict=True))
    assert len(acc) > rate_hz * (_UNTIL_S + 5)
    return Motion(acc, gyr), made.info


async def vanish_and_return(
    family: Family,
    peer: CarriedPeer,
    info: SessionInfo,
    take_away: Callable[[Peer], Awaitable[None]],
    bring_back: Callable[[Peer], Awaitable[None]],
    times: LinkTimes | None = None,
) -> tuple[Heard, SessionInfo]:
    """Return what a session hears of `peer`, which is away for `AWAY_S` in the middle."""
    loop = asyncio.get_running_loop()
    live = BleSource(
        {"lower": peer.address},
        info,
        rate_hz=family.rate_hz,
        times=times,
        clock_ns=lambda: round(loop.time() * 1e9),
    )
    async with Listener(live) as listener:
        await listener.until(lambda heard: _reached_s(heard) > _BEFORE_S)
        await take_away(peer)
        await listener.until(lambda heard: heard.states()[-1] == "lost")
        await asyncio.sleep(AWAY_S)
        await bring_back(peer)
        await listener.until(lambda heard: _reached_s(heard) > _UNTIL_S)
        return listener.heard, live.info


def assert_only_the_absence_is_missing(
    family: Family,
    motion: Motion,
    heard: Heard,
    info: SessionInfo,
    away_up_to_s: float,
    within_s: float,
) -> None:
    """Check samples, times, gap and repetitions against what the sensor measured.

    Times may be off by `within_s`: how late the rig is to hand on what was sent.
    """
    (known,) = info.sensors
    assert known.protocol == family.protocol
    assert heard.states() == ["connecting", "streaming", "lost", "streaming"]
    blocks = [d.block for d in heard.deliveries()]
    assert sum(block.lost_before for block in blocks) == 0
    # Each sample is one that was measured, none twice, and all of them but those of the absence.
    rows = located(np.concatenate([block.acc_ms2 for block in blocks]), motion.acc_ms2, family.within_ms2)
    (jump,) = np.flatnonzero(np.diff(rows) != 1)
    missing_s = (rows[jump + 1] - rows[jump]) / family.rate_hz
    assert AWAY_S < missing_s < away_up_to_s
    assert len(rows) > 60 * family.rate_hz - family.rate_hz * (away_up_to_s - AWAY_S)
    # Where they are missing is where the time goes on without them.
    steps = np.diff(heard.times())
    assert steps.min() > 0
    assert steps.argmax() == jump
    assert steps[jump] == pytest.approx(missing_s, abs=0.1 + within_s)
    assert np.delete(steps, jump).max() < max(0.1, within_s)

    events = fed(info, heard.items)
    gap, *others = sorted((e for e in events if isinstance(e, Gap)), key=lambda e: e.start_s - e.end_s)
    # Samples that only their arrival places in time leave gaps where they were late.
    assert all(e.end_s - e.start_s < max(0.1, within_s) for e in others)
    assert gap.end_s - gap.start_s == pytest.approx(steps[jump], abs=1e-6)
    # The first packets show how late they are only when others have come sooner.
    later_s = float(np.median(heard.times() - rows / family.rate_hz))
    assert_same_reps(events, fed(info, measured(motion, rows, family.rate_hz)), later_s, within_s)


def located(acc: FloatArray, measured_acc: FloatArray, within: float) -> np.ndarray:
    """Return the row of `measured_acc` that each row of `acc` is, in rising order."""
    rows = np.empty(len(acc), dtype=int)
    row = -1
    for number, sample in enumerate(acc):
        row += 1
        if row >= len(measured_acc) or np.abs(measured_acc[row] - sample).max() > within:
            # One row alone could be like another one by chance.
            few = acc[number : number + 5]
            ahead = range(row, len(measured_acc) - len(few) + 1)
            row = next((r for r in ahead if np.abs(measured_acc[r : r + len(few)] - few).max() <= within), -1)
            assert row >= 0, f"sample {number} was not measured, or before the one that came before it"
        rows[number] = row
    return rows


def measured(motion: Motion, rows: np.ndarray, rate_hz: float) -> list[SourceItem]:
    """Return `rows` of a movement as they would stand in a file."""
    items: list[SourceItem] = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
        for some in np.split(run, range(_BLOCK, len(run), _BLOCK)):
            block = ImuBlock(some / rate_hz, motion.acc_ms2[some], motion.gyr_rads[some], "lower", 0)
            items.append(Delivery(block))
    return items


def fed(info: SessionInfo, items: list[SourceItem]) -> list[Event]:
    """Return the events of `items`."""
    engine = Engine(info)
    return [*engine.feed(items).events, *engine.finish().events]


def assert_same_reps(events: list[Event], expected: list[Event], later_s: float, within_s: float) -> None:
    """Check that both hold the same repetitions, the first ones `later_s` later."""
    reps = [e for e in events if isinstance(e, Rep)]
    others = [e for e in expected if isinstance(e, Rep)]
    assert len(others) >= 8, "the session holds repetitions to compare"
    assert len(reps) == len(others)
    for rep, other in zip(reps, others, strict=True):
        for name in ("start_s", "turn_s", "end_s"):
            at_s = getattr(rep, name) - later_s
            assert at_s == pytest.approx(getattr(other, name), abs=within_s)
        tilt = other.metrics.tilt_range_rad
        assert rep.metrics.tilt_range_rad == pytest.approx(tilt, abs=np.radians(1.5))


def _reached_s(heard: Heard) -> float:
    """Return the session time of the newest sample."""
    found = (i for i in reversed(heard.items) if isinstance(i, Delivery) and len(i.block))
    newest = next(found, None)
    return float(newest.block.t_s[-1]) if newest is not None else 0.0
