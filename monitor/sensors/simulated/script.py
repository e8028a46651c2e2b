"""Performing a session: plans become motion, and what was done is written down."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from monitor.model.samples import LOWER, UPPER
from monitor.sensors.simulated.curves import Channel, Wave
from monitor.sensors.simulated.exercises import Movement
from monitor.sensors.simulated.lifter import Body, knock, shuffle, walk, waves
from monitor.sensors.simulated.plan import RepPlan

_RADIANS = math.pi / 180
_REFERENCE_S = (1.2, 0.2)
"""The reference is the mean from so long to so long before the first repetition."""


@dataclass(frozen=True, slots=True)
class DoneRep:
    """A repetition as it was performed; [bottom_start_s, bottom_end_s] is the hold at the turn."""

    start_s: float
    bottom_start_s: float
    bottom_end_s: float
    end_s: float
    plan: RepPlan


@dataclass(frozen=True, slots=True)
class DoneSet:
    """A set as it was performed, with the still time its angles count from."""

    exercise: str
    move: Movement
    reference_s: tuple[float, float]
    reps: tuple[DoneRep, ...]


@dataclass(slots=True)
class Script:
    """The session so far: `now_s` is where the next thing begins."""

    rng: np.random.Generator
    body: Body = field(default_factory=lambda: Body(wobble={LOWER: Channel(), UPPER: Channel()}))
    now_s: float = 0.0
    sets: list[DoneSet] = field(default_factory=list)

    def still(self, shortest_s: float, longest_s: float) -> None:
        """Do nothing for a while."""
        self.now_s += self.rng.uniform(shortest_s, longest_s)

    def walk(self, shortest_s: float, longest_s: float, turn_deg: float = 0.0) -> None:
        """Walk for a while."""
        end_s = self.now_s + self.rng.uniform(shortest_s, longest_s)
        walk(self.body, self.rng, self.now_s, end_s, turn_deg)
        self.now_s = end_s

    def shuffle(self, shortest_s: float, longest_s: float, size: float = 1.0) -> None:
        """Shift about for a while."""
        end_s = self.now_s + self.rng.uniform(shortest_s, longest_s)
        shuffle(self.body, self.rng, self.now_s, end_s, size)
        self.now_s = end_s

    def bends(self, count: int) -> None:
        """Bend slowly forward as far as it goes, `count` times: an opening calibration."""
        body, rng = self.body, self.rng
        pelvis, lumbar = rng.uniform(52, 66), rng.uniform(46, 58)
        for _ in range(count):
            down, up = self.now_s + rng.uniform(1.8, 2.6), 0.0
            up = down + rng.uniform(0.3, 0.8)
            end = up + rng.uniform(1.8, 2.6)
            for channel, size in (
                (body.tilt, pelvis * rng.normal(1, 0.02) * _RADIANS),
                (body.flexion, lumbar * rng.normal(1, 0.02) * _RADIANS),
                (body.x, -0.15),
                (body.z, -0.06),
            ):
                level = channel.level
                channel.move(level + float(size), self.now_s, down)
                channel.move(level, up, end)
            self.now_s = end + rng.uniform(0.5, 1.0)

    def sit(self, seat_deg: float, seat_m: float) -> None:
        """Sit down, lean back onto the pad, find a place; the pelvis then rests at `seat_deg`."""
        body, rng, start = self.body, self.rng, self.now_s
        down = start + rng.uniform(1.2, 1.8)
        back = down + rng.uniform(1.3, 2.0)
        body.tilt.move(rng.uniform(22, 34) * _RADIANS, start, down)
        body.z.move(body.z.level - seat_m, start + 0.2, down)
        body.x.move(body.x.level - rng.uniform(0.15, 0.25), start, down)
        knock(body, rng, down, 1.5)
        body.tilt.move(seat_deg * _RADIANS, down, back)
        # Sitting flattens the hollow of the back.
        body.flexion.move(rng.uniform(12, 22) * _RADIANS, start, back)
        knock(body, rng, back, 1.2)
        self.now_s = back
        self.shuffle(1.2, 2.2, 0.7)

    def stand_up(self, sway_deg: float) -> None:
        """Come back to the way one stands, but for a draw of standard deviation `sway_deg`."""
        end_s = self.now_s + 1.2
        for channel in (self.body.tilt, self.body.flexion):
            channel.move(self.rng.normal(0, sway_deg) * _RADIANS, self.now_s, end_s)
        self.now_s = end_s

    def get_up(self) -> None:
        """Stand up from a seat."""
        body, rng, start = self.body, self.rng, self.now_s
        forward = start + rng.uniform(1.0, 1.6)
        end = forward + rng.uniform(0.9, 1.4)
        body.tilt.move(30 * _RADIANS, start, forward)
        body.tilt.move(0.0, forward, end)
        body.flexion.move(0.0, start, end)
        body.z.move(0.0, forward - 0.2, end)
        self.now_s = end

    def perform(self, name: str, move: Movement, plans: list[RepPlan]) -> None:
        """Do a set from rest pose to rest pose; the seconds before must have been still."""
        rest_rad = self.body.tilt.level
        reference = (self.now_s - _REFERENCE_S[0], self.now_s - _REFERENCE_S[1])
        done = []
        for index, plan in enumerate(plans):
            done.append(_rep(self, move, plan, rest_rad, side=1 if index % 2 else -1))
            self.now_s = done[-1].end_s + (plan.pause_s if index < len(plans) - 1 else 0.0)
        self.sets.append(DoneSet(name, move, reference, tuple(done)))


def _rep(script: Script, move: Movement, plan: RepPlan, rest_rad: float, side: int) -> DoneRep:
    body, rng, start = script.body, script.rng, script.now_s
    there, back = start + plan.there_s, start + plan.there_s + plan.hold_s
    end = back + plan.back_s
    x, z, flexion = body.x.level, body.z.level, body.flexion.level
    for channel, at_turn, at_end in (
        (body.tilt, rest_rad + plan.tilt_deg * _RADIANS, rest_rad + plan.rest_tilt_deg * _RADIANS),
        (body.flexion, flexion + plan.flexion_deg * _RADIANS, flexion),
        (body.z, z - plan.drop_m, z),
        (body.x, x + plan.shift_m, x),
    ):
        lead = move.lead if channel is body.tilt else 0.0
        late_s = plan.trunk_held_s if channel is body.tilt or channel is body.flexion else 0.0
        channel.move(at_turn, start, there - lead * plan.there_s, rng.uniform(0.4, 0.6))
        back_s = min(0.8 * lead * plan.back_s + late_s, _LATEST * plan.back_s)
        channel.move(at_end, back + back_s, end, rng.uniform(0.4, 0.6))
    done = DoneRep(start, there, back, end, plan)
    _faults(body, done)
    _irregular(body, rng, move, done, side)
    return done


_LATEST = 0.5
"""Share of the way up by which the trunk comes along at the latest."""
_QUICKEST_TIP_S = 0.25
_PELVIS = 0.7
"""Share of the pelvis in a trunk that tips; the rest is the lower back."""
_ROLL = 0.45
"""Share of the way in in which the pelvis rolls off, and of the way out in which it comes back."""


def _faults(body: Body, rep: DoneRep) -> None:
    """Add what is not the exercise: from tuck and lean to hips-first and lift-off."""
    plan, start, there, back, end = rep.plan, rep.start_s, rep.bottom_start_s, rep.bottom_end_s, rep.end_s
    in_s, out_s = there - start, end - back
    near = ((there - 0.45 * in_s, there - 0.02 * in_s), (back + 0.05 * out_s, back + 0.5 * out_s))
    most = ((start + 0.25 * in_s, there), (back + 0.3 * out_s, end))
    if plan.tuck_deg:
        body.tilt.bump(-plan.tuck_deg * _RADIANS, *near)
        body.flexion.bump(0.8 * plan.tuck_deg * _RADIANS, *near)
    if plan.lean_deg:
        body.tilt.bump(plan.lean_deg * _RADIANS, *most)
    if plan.rounding_deg:
        body.flexion.bump(plan.rounding_deg * _RADIANS, *most)
    if plan.side_deg:
        body.side.bump(plan.side_deg * _RADIANS, *most)
    if plan.twist_deg:
        body.twist.bump(plan.twist_deg * _RADIANS, *most)
    if plan.hips_first_deg:
        # The legs extend under a trunk that is left behind: the sacrum's way up is as always.
        tipped = back + min(max(plan.trunk_held_s, _QUICKEST_TIP_S), 0.4 * out_s)
        tip = ((back, tipped), (tipped, back + 0.85 * out_s))
        body.tilt.bump(_PELVIS * plan.hips_first_deg * _RADIANS, *tip)
        body.flexion.bump((1 - _PELVIS) * plan.hips_first_deg * _RADIANS, *tip)
    if plan.overextension_deg:
        body.flexion.bump(-plan.overextension_deg * _RADIANS, *near)
        body.tilt.bump(0.5 * plan.overextension_deg * _RADIANS, *near)
    if plan.lift_deg:
        extra = plan.lift_deg + plan.tilt_deg
        middle, half = (there + back) / 2, plan.lift_held_s / 2
        # Past the hip's range the pelvis goes on with the thigh: it rolls for as long as the legs go on.
        rise, fall = (
            (middle - half - _ROLL * in_s, middle - half),
            (middle + half, middle + half + _ROLL * out_s),
        )
        body.tilt.bump(-extra * _RADIANS, rise, fall)
        body.flexion.bump(0.9 * extra * _RADIANS, rise, fall)
        body.z.bump(0.025, rise, fall)


def _irregular(body: Body, rng: np.random.Generator, move: Movement, rep: DoneRep, side: int) -> None:
    """Add what no two repetitions share: sway, sides, ringing tissue, the sled's rattle."""
    span = (rep.start_s, rep.end_s)
    free = move.seat_deg is None
    sway = (1.0 if free else 0.35) * _RADIANS
    waves(body.side, rng, span, 0.5 * sway, (0.3, 1.2), 2)
    waves(body.twist, rng, span, 0.8 * sway, (0.3, 1.2), 2)
    waves(body.flexion, rng, span, 0.5 * sway, (0.3, 1.0), 2)
    if rep.plan.unsteady:
        # Two to three times the sway of a steady repetition, and quicker.
        more = rng.uniform(0.9, 1.3) * _RADIANS
        waves(body.tilt, rng, span, 0.6 * more, (0.7, 2.0), 3)
        waves(body.side, rng, span, 1.2 * more, (0.6, 2.0), 3)
        waves(body.twist, rng, span, 2.0 * more, (0.6, 2.0), 3)
        waves(body.y, rng, span, 0.004, (0.6, 1.6), 2)
    if move.alternates:
        there, back = (rep.start_s, rep.bottom_start_s), (rep.bottom_end_s, rep.end_s)
        body.side.bump(side * rng.uniform(1.0, 3.0) * _RADIANS, there, back)
        body.twist.bump(side * rng.uniform(2.0, 5.0) * _RADIANS, there, back)
        knock(body, rng, rep.start_s + 0.5 * (rep.bottom_start_s - rep.start_s), 1.8)
    size = 1.2 if free else 0.6
    for at_s in (rep.bottom_start_s, rep.bottom_end_s, rep.end_s):
        knock(body, rng, at_s - 0.05, size * rng.uniform(0.5, 1.0))
    if move.on_pad:
        for frequency in rng.uniform(11, 32, 3):
            rattle_m = rng.uniform(0.05, 0.2) / (2 * math.pi * frequency) ** 2
            body.shake.terms.append(Wave(*span, float(rattle_m), float(frequency), 0.0))
