"""How right the count is: every simulated exercise, done in every way that people do it.

Usage: python tests/benchmarks/repetitions.py [--seeds N] [--first SEED] [--only WAY,EXERCISE] [--sensors 1,2]

A session is exact if every repetition was found once and nothing else was. Repetitions during which
samples were missing may be found or not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from monitor.analysis import analyze
from monitor.engine import EngineOptions
from monitor.model.events import Rep
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER, SensorInfo
from monitor.model.session import SessionInfo
from monitor.sensors.simulated.exercises import MOVEMENTS, Movement
from monitor.sensors.simulated.lifter import breathe
from monitor.sensors.simulated.plan import Person, RepPlan, plain_rep
from monitor.sensors.simulated.scenario import SimulatedSession
from monitor.sensors.simulated.script import Script
from monitor.sensors.simulated.sensor import CHEAP, GYR_RANGE_RADS
from monitor.sensors.simulated.source import Dropout, Radio, SimulatedSource, transmit
from monitor.sensors.simulated.truth import write_down
from monitor.wording import counted

_RADIANS = np.pi / 180
_RATE_HZ = 104.0


@dataclass(slots=True)
class Lifter:
    """Somebody at an exercise, and what was done so far."""

    name: str
    move: Movement
    person: Person
    script: Script
    rng: np.random.Generator
    missing: list[tuple[float, float]] = field(default_factory=list)

    @property
    def seated(self) -> bool:
        return self.person.seat_deg is not None

    def plans(self, count: int, **change: float) -> list[RepPlan]:
        return [replace(plain_rep(self.rng, self.person), **change) for _ in range(count)]

    def phases(self, plan: RepPlan, *, lowering_s: float = 0.0, effort_s: float = 0.0) -> RepPlan:
        there, back = (effort_s, lowering_s) if self.move.effort_first else (lowering_s, effort_s)
        return replace(plan, there_s=there or plan.there_s, back_s=back or plan.back_s)

    def arrive(self) -> None:
        self.script.still(3.2, 4.2)
        self.script.walk(3.0, 4.0, turn_deg=self.rng.uniform(-90, 90))
        self.take_seat()

    def take_seat(self) -> None:
        if self.seated:
            self.script.still(0.4, 1.0)
            self.script.sit(self.person.seat_deg or 0.0, self.move.seat_m)
        self.script.still(3.0, 4.5)

    def leave(self) -> None:
        self.script.still(1.0, 2.5)
        if self.seated:
            self.script.shuffle(1.0, 1.5, 0.5)
            self.script.get_up()
            self.script.still(0.3, 1.0)
        self.script.walk(2.0, 4.0)
        self.script.still(1.5, 2.5)

    def perform(self, plans: list[RepPlan]) -> None:
        self.script.perform(self.name, self.move, plans)

    def dip(self) -> None:
        """Take the bar from the rack or put it back: a small dip of the knees."""
        body, start = self.script.body, self.script.now_s
        middle, depth = start + self.rng.uniform(0.5, 0.8), self.rng.uniform(0.05, 0.09)
        end = middle + self.rng.uniform(0.5, 0.8)
        level, tilt = body.z.level, body.tilt.level
        body.z.move(level - depth, start, middle)
        body.z.move(level, middle, end)
        body.tilt.move(tilt + self.rng.uniform(2, 5) * _RADIANS, start, middle)
        body.tilt.move(tilt, middle, end)
        self.script.now_s = end

    def sit_up(self, longest_s: float) -> None:
        """Sit up on the machine to set a pin, and lie back."""
        body, seat = self.script.body, self.script.body.tilt.level
        up = self.script.now_s + self.rng.uniform(0.9, 1.6)
        body.tilt.move(seat + self.rng.uniform(15, 45) * _RADIANS, self.script.now_s, up)
        self.script.now_s = up
        self.script.still(0.5, longest_s)
        back = self.script.now_s + self.rng.uniform(0.9, 1.6)
        body.tilt.move(seat + self.rng.normal(0, 1.5) * _RADIANS, self.script.now_s, back)
        self.script.now_s = back

    def rest(self, length_s: float) -> None:
        """Rest in one of the ways people do."""
        until = self.script.now_s + length_s
        way = self.rng.integers(3)
        self.script.still(0.5, 2.0)
        if self.seated and way == 0:
            self.script.shuffle(1.0, 3.0, 0.7)
        elif self.seated and way == 1:
            self.sit_up(min(20.0, length_s / 2))
        elif self.seated:
            self.script.get_up()
            self.script.walk(2.0, 6.0)
            self._wait(until - 9.0)
            self.script.sit(self.person.seat_deg or 0.0, self.move.seat_m)
        elif way == 0:
            self.script.shuffle(1.0, 3.0)
        elif way == 1:
            self.script.walk(3.0, 6.0)
            self.script.sit(self.rng.uniform(-20, -5), 0.45)
            self._wait(until - 6.0)
            self.script.get_up()
        else:
            self.script.walk(3.0, 8.0)
        self._wait(until)
        self.script.still(3.0, 4.5)

    def _wait(self, until_s: float) -> None:
        self.script.now_s = max(self.script.now_s, until_s)


def _whole(change: Callable[[Lifter, RepPlan, int], RepPlan], reps: int = 8) -> Callable[[Lifter], None]:
    """Return a session of one set whose repetitions are changed so."""

    def act(lifter: Lifter) -> None:
        lifter.arrive()
        lifter.perform([change(lifter, plan, i) for i, plan in enumerate(lifter.plans(reps))])
        lifter.leave()

    return act


def _partial(lifter: Lifter, plan: RepPlan, index: int) -> RepPlan:
    if index < 5:
        return plan
    share = lifter.rng.uniform(0.55, 0.7)
    return replace(
        plan,
        tilt_deg=share * plan.tilt_deg,
        drop_m=share * plan.drop_m,
        shift_m=share * plan.shift_m,
        flexion_deg=share * plan.flexion_deg,
    )


def _grinding(lifter: Lifter, plan: RepPlan, index: int) -> RepPlan:
    slowest = max(0.0, index - 4) / 3
    return lifter.phases(plan, effort_s=1.3 + slowest * lifter.rng.uniform(1.7, 2.7))


def _set_up(lifter: Lifter) -> None:
    lifter.script.still(3.0, 4.0)
    lifter.script.walk(8.0, 15.0, turn_deg=lifter.rng.uniform(-180, 180))
    lifter.take_seat()
    if lifter.seated:
        lifter.sit_up(3.0)
        lifter.script.shuffle(1.0, 2.0, 0.7)
    else:
        lifter.dip()
        lifter.script.walk(1.5, 2.5)
    lifter.script.still(2.0, 3.5)
    lifter.perform(lifter.plans(8))
    lifter.script.still(0.5, 1.5)
    if not lifter.seated:
        lifter.script.walk(1.5, 2.5)
        lifter.dip()
        lifter.script.walk(8.0, 15.0)
    lifter.leave()


def _sets(lifter: Lifter) -> None:
    lifter.arrive()
    for index in range(3):
        if index:
            lifter.rest(lifter.rng.uniform(30.0, 120.0))
        lifter.perform(lifter.plans(5))
    lifter.leave()


def _cluster(lifter: Lifter) -> None:
    lifter.arrive()
    for index in range(3):
        if index:
            lifter.script.still(1.0, 2.0)
            if lifter.seated:
                lifter.script.shuffle(1.0, 2.0, 0.5)
            else:
                lifter.dip()
            lifter.script.still(8.0, 14.0)
        lifter.perform(lifter.plans(3))
    lifter.leave()


def _absent(shortest_s: float, longest_s: float) -> Callable[[Lifter], None]:
    def act(lifter: Lifter) -> None:
        lifter.arrive()
        lifter.perform(lifter.plans(12))
        lifter.leave()
        reps = lifter.script.sets[0].reps
        began = lifter.rng.uniform(reps[2].end_s, reps[5].end_s)
        lifter.missing.append((began, began + lifter.rng.uniform(shortest_s, longest_s)))

    return act


WAYS: dict[str, Callable[[Lifter], None]] = {
    "plain": _whole(lambda _, plan, __: plan),
    "slow_lowering": _whole(lambda lifter, plan, _: lifter.phases(plan, lowering_s=4.0)),
    "pause_turn": _whole(lambda lifter, plan, _: replace(plan, hold_s=lifter.rng.uniform(2.0, 3.0))),
    "pause_rest": _whole(lambda _, plan, __: replace(plan, pause_s=3.0)),
    "fast": _whole(lambda lifter, plan, _: lifter.phases(plan, effort_s=0.6)),
    "grinding": _whole(_grinding),
    "partial": _whole(_partial),
    "single": _whole(lambda _, plan, __: plan, 1),
    "double": _whole(lambda _, plan, __: plan, 2),
    "twenty": _whole(lambda _, plan, __: plan, 20),
    "set_up": _set_up,
    "sets": _sets,
    "cluster": _cluster,
    "absent_1s": _absent(0.7, 1.5),
    "absent_5s": _absent(4.5, 5.5),
}


@dataclass(frozen=True, slots=True)
class Done:
    """A session, and when no sample of it arrived."""

    session: SimulatedSession
    missing: tuple[tuple[float, float], ...]


def done(name: str, way: str, seed: int, sensors: int = 1) -> Done:
    """Return exercise `name` done in that `way`."""
    rng = np.random.default_rng([seed, list(MOVEMENTS).index(name), list(WAYS).index(way)])
    move = MOVEMENTS[name]
    lifter = Lifter(name, move, Person.drawn(rng, move), Script(rng), rng)
    WAYS[way](lifter)
    script = lifter.script
    breathe(script.body, rng, script.now_s)
    names = (LOWER, UPPER)[:sensors]
    info = SessionInfo(
        exercise=EXERCISES[name],
        sensors=tuple(SensorInfo(n, f"sim:{name}", "open", _RATE_HZ, GYR_RANGE_RADS) for n in names),
        session_id=f"{name}-{way}-{seed}",
    )
    packets = [
        packet
        for number, sensor in enumerate(names)
        for packet in transmit(
            script.body,
            sensor,
            duration_s=script.now_s + 0.5,
            rate_hz=_RATE_HZ,
            spec=CHEAP,
            radio=Radio(dropouts=tuple(Dropout(*span) for span in lifter.missing)),
            rng=np.random.default_rng([seed, number, 5]),
            upside_down=None,
        )
    ]
    packets.sort(key=lambda packet: packet.received_ns)
    truth = write_down(script, name, seed, None, None)
    return Done(SimulatedSession(SimulatedSource(info, tuple(packets)), truth), tuple(lifter.missing))


@dataclass(slots=True)
class Count:
    """How the counts of some sessions compare with the truth."""

    sessions: int = 0
    exact: int = 0
    reps: int = 0
    missed: int = 0
    extra: int = 0
    starts_s: list[float] = field(default_factory=list)
    ends_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, done: Done, found: Sequence[Rep]) -> None:
        """Count one session in."""
        missed = extra = 0
        left = list(found)
        for true in done.session.truth.reps:
            here = [r for r in left if true.start_s < r.turn_s < true.end_s]
            left = [r for r in left if r not in here]
            if any(a < true.end_s and b > true.start_s for a, b in done.missing):
                extra += max(0, len(here) - 1)
                continue
            self.reps += 1
            missed += not here
            extra += max(0, len(here) - 1)
            if here:
                self.starts_s.append(abs(here[0].start_s - true.start_s))
                self.ends_s.append(abs(here[0].end_s - true.end_s))
        extra += len(left)
        self.sessions += 1
        self.exact += not (missed or extra)
        self.missed += missed
        self.extra += extra
        if missed or extra:
            self.wrong.append(f"{done.session.truth.seed}:-{missed}+{extra}")

    def line(self, label: str) -> str:
        """Return the row of the table."""
        start, end = (float(np.median(e)) if e else float("nan") for e in (self.starts_s, self.ends_s))
        wrong = " ".join(self.wrong[:8])
        return (
            f"{label:34} exact {self.exact:4d}/{self.sessions:<4d} missed {self.missed:4d}/{self.reps:<5d} "
            f"extra {self.extra:4d}  start {start:.2f} s  end {end:.2f} s  {wrong}"
        )


def rows(ways: Sequence[str], names: Sequence[str], sensors: Sequence[int], seeds: range) -> Iterator[str]:
    total, by_way = Count(), {way: Count() for way in ways}
    for number in sensors:
        for name in names:
            for way in ways:
                cell = Count()
                for seed in seeds:
                    session = done(name, way, seed, number)
                    found = analyze(session.session.source, EngineOptions()).of(Rep)
                    for count in (cell, total, by_way[way]):
                        count.add(session, found)
                yield cell.line(f"{name}, {way}, {counted(number, 'sensor')}")
    for way, count in by_way.items():
        count.wrong.clear()
        yield count.line(f"all, {way}")
    total.wrong.clear()
    yield total.line("all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--sensors", default="1,2")
    told = parser.parse_args()
    only = set(filter(None, told.only.split(",")))
    ways = [way for way in WAYS if way in only] or list(WAYS)
    names = [name for name in MOVEMENTS if name in only] or list(MOVEMENTS)
    began = time.monotonic()
    seeds = range(told.first, told.first + told.seeds)
    for row in rows(ways, names, [int(n) for n in told.sensors.split(",")], seeds):
        print(row, flush=True)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
