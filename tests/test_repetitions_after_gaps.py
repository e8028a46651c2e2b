"""A sensor that comes back in the middle of a set: the repetitions after it are those that were done."""

from __future__ import annotations

import pytest

from monitor.engine import Engine
from monitor.model.events import Rep
from monitor.model.samples import ImuBlock
from monitor.model.session import Delivery
from monitor.sensors.simulated.scenario import simulate


@pytest.mark.parametrize("moved_s", [0.0, 0.0037])
@pytest.mark.parametrize("away_s", [5.0, 8.1])
def test_repetitions_after_an_absence_are_found_wherever_it_began(away_s: float, moved_s: float) -> None:
    """`moved_s` moves the moments of sampling: a few milliseconds must not decide what was done."""
    session = simulate("squat", reps=10, rate_hz=60, seed=3)
    blocks = [item.block for item in session.source.items() if isinstance(item, Delivery)]
    for began_s in (26.2, 28.0, 30.1, 31.9, 33.3):
        engine = Engine(session.source.info)
        back_s = began_s + away_s
        kept = [b for b in blocks if b.t_s[-1] < began_s or b.t_s[0] > back_s]
        items = [Delivery(ImuBlock(b.t_s + moved_s, b.acc_ms2, b.gyr_rads, b.sensor)) for b in kept]
        events = [*engine.feed(items).events, *engine.finish().events]
        turns_s = [e.turn_s for e in events if isinstance(e, Rep)]
        whole = [r for r in session.truth.reps if r.end_s < began_s or r.start_s > back_s]
        assert len(whole) >= 7
        hits = [sum(r.start_s < t < r.end_s for t in turns_s) for r in whole]
        assert hits == [1] * len(whole), f"away from {began_s} s to {back_s} s"
        assert len(turns_s) <= len(whole) + 1, "at most the one that was going on when it came back"
