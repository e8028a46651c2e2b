"""Who lifts, and what is to happen in every repetition of a set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from monitor.sensors.simulated.exercises import Movement

_TEMPO_S = (1.6, 5.0)
"""Shortest and longest way down and up again, holds apart."""
_LIFT_PEAK_DEG = (13.5, 22.0)
_LIFT_HELD_S = (0.2, 1.1)
"""Plateau; with the ways in and out 0.4 to 2 s are spent past 12 deg."""
_TUCK_DEG = (12.0, 20.0)
_LEAN_DEG = (13.0, 20.0)
_SIDE_DEG = (10.0, 15.0)
_SEATED_SIDE_DEG = (8.5, 11.0)
"""One hip comes off a pad less far than one hip drops in a squat."""
_ROUNDING_DEG = (20.0, 30.0)
_OVEREXTENSION_DEG = (16.0, 24.0)
_TWIST_DEG = (14.0, 20.0)
_HIPS_FIRST_DEG = (10.0, 18.0)
"""How far the trunk tips further while the hips already rise: in fatigue its extension turns negative
in most people in the first 250 ms of a lift (van Dieen 1998, J Mot Behav 30:20), and near the most weight
that can be squatted it leans on through the sticking region (doi 10.3389/fspor.2021.691459)."""
_HELD_S = (0.25, 0.5)
_SLOWDOWN = (0.5, 0.9)
"""Share by which the last lift of a set that is too heavy takes longer than the first."""


@dataclass(frozen=True, slots=True)
class Person:
    """A lifter's habits in one exercise; angles in deg, lengths in m."""

    tempo_s: float
    lowering_share: float
    tilt_deg: float
    flexion_deg: float
    drop_m: float
    shift_m: float
    tuck_deg: float
    seat_deg: float | None
    upright_deg: float
    """How far from upright, on average, a repetition ends."""

    @classmethod
    def drawn(cls, rng: np.random.Generator, move: Movement) -> Person:
        """Return somebody."""
        return cls(
            tempo_s=rng.uniform(2.2, 4.2),
            lowering_share=rng.uniform(0.45, 0.6),
            tilt_deg=rng.uniform(*move.tilt_deg),
            flexion_deg=rng.uniform(*move.flexion_deg),
            drop_m=rng.uniform(*move.drop_m),
            shift_m=rng.uniform(*move.shift_m),
            tuck_deg=rng.uniform(*move.tuck_deg),
            seat_deg=None if move.seat_deg is None else rng.uniform(*move.seat_deg),
            upright_deg=0.0 if move.seat_deg is not None else rng.uniform(0.0, 4.0),
        )


@dataclass(frozen=True, slots=True)
class RepPlan:
    """What happens in one repetition; deg, m, s. Changes are from rest to turn."""

    there_s: float
    hold_s: float
    back_s: float
    pause_s: float
    tilt_deg: float
    flexion_deg: float
    drop_m: float
    shift_m: float
    tuck_deg: float
    rest_tilt_deg: float
    """Where the repetition ends, against the rest pose."""
    lean_deg: float = 0.0
    side_deg: float = 0.0
    rounding_deg: float = 0.0
    overextension_deg: float = 0.0
    lift_deg: float = 0.0
    lift_held_s: float = 0.0
    twist_deg: float = 0.0
    hips_first_deg: float = 0.0
    """How far the trunk tips further forward while the hips already rise."""
    trunk_held_s: float = 0.0
    """By how much later than usual the trunk begins to come up."""
    unsteady: bool = False
    causes: tuple[str, ...] = ()


def plain_rep(rng: np.random.Generator, person: Person, steady: bool = False) -> RepPlan:
    """Return an ordinary repetition; `steady` keeps to the tempo."""
    jitter = 0.02 if steady else 0.13
    total = float(np.clip(person.tempo_s * rng.normal(1.0, jitter), *_TEMPO_S))
    share = person.lowering_share + rng.normal(0, 0.01 if steady else 0.03)
    long_hold = not steady and rng.uniform() < 0.06
    depth = rng.normal(1.0, 0.03 if steady else 0.05)
    seated = person.seat_deg is not None
    return RepPlan(
        there_s=total * share,
        hold_s=3.0 if long_hold else float(rng.choice((0.0, rng.uniform(0.1, 0.6)))),
        back_s=total * (1 - share),
        pause_s=float(rng.uniform(1.5, 3.0) if rng.uniform() < 0.1 else rng.uniform(0.25, 1.2)),
        tilt_deg=person.tilt_deg * depth + rng.normal(0, 0.03) * abs(person.tilt_deg),
        flexion_deg=person.flexion_deg * depth + rng.normal(0, 0.8),
        drop_m=person.drop_m * depth,
        shift_m=person.shift_m * depth,
        tuck_deg=max(0.0, person.tuck_deg + rng.normal(0, 0.7)) if person.tuck_deg else 0.0,
        rest_tilt_deg=rng.normal(0, 0.3) if seated else max(0.0, rng.normal(person.upright_deg, 1.0)),
    )


def plan_set(
    rng: np.random.Generator,
    person: Person,
    move: Movement,
    cause: str | None,
    reps: int,
    fault: str | None = None,
) -> list[RepPlan]:
    """Return the repetitions of one set with `cause` put into some of them, as `fault` if that is asked."""
    plain = [plain_rep(rng, person, steady=cause == "too_much_weight") for _ in range(reps)]
    match cause:
        case "lack_of_spinal_support":
            return _lifting_off(rng, plain)
        case "improper_form":
            return _faulty(rng, plain, (fault,) if fault else move.form_faults)
        case "too_much_weight" if fault:
            return _late_hips_first(rng, plain, _slowing(rng, plain, move))
        case "too_much_weight":
            return _slowing(rng, plain, move)
        case "poor_core_engagement":
            steady = min(3, max(0, reps - 4))
            return [
                replace(rep, unsteady=True, causes=(cause,)) if i >= steady else rep
                for i, rep in enumerate(plain)
            ]
    return plain


def lift_off(rng: np.random.Generator, rep: RepPlan) -> RepPlan:
    """Return `rep` with the pelvis rolling off the pad at the deep end."""
    held = rng.uniform(*_LIFT_HELD_S)
    # What the ways in and out cannot hold of it is spent at the turn.
    hold = max(rep.hold_s, held - 0.3 * (rep.there_s + rep.back_s))
    return replace(
        rep,
        hold_s=hold,
        lift_deg=rng.uniform(*_LIFT_PEAK_DEG),
        lift_held_s=held,
        causes=("lack_of_spinal_support",),
    )


def tucked(rng: np.random.Generator, rep: RepPlan) -> RepPlan:
    """Return `rep` with the pelvis tucking under at the turn."""
    return replace(rep, tuck_deg=rng.uniform(*_TUCK_DEG), causes=("improper_form",))


def _lifting_off(rng: np.random.Generator, plain: list[RepPlan]) -> list[RepPlan]:
    some = rng.choice(len(plain), size=min(len(plain), max(2, round(0.6 * len(plain)))), replace=False)
    return [lift_off(rng, rep) if i in some else rep for i, rep in enumerate(plain)]


def _faulty(rng: np.random.Generator, plain: list[RepPlan], faults: tuple[str, ...]) -> list[RepPlan]:
    made = []
    for index, rep in enumerate(plain):
        # From the first repetition on, and in most: a habit, not fatigue.
        if index > 2 and rng.uniform() < 0.2:
            made.append(rep)
            continue
        made.append(_FAULTS[faults[index % len(faults)]](rng, rep))
    return made


_FAULTS: dict[str, Callable[[np.random.Generator, RepPlan], RepPlan]] = {
    "tuck": tucked,
    "lean": lambda rng, rep: _wrong(rep, lean_deg=rng.uniform(*_LEAN_DEG)),
    "side_tilt": lambda rng, rep: _wrong(rep, side_deg=rng.uniform(*_SIDE_DEG)),
    "seated_side_tilt": lambda rng, rep: _wrong(rep, side_deg=rng.uniform(*_SEATED_SIDE_DEG)),
    "rounding": lambda rng, rep: _wrong(rep, rounding_deg=rng.uniform(*_ROUNDING_DEG)),
    "overextension": lambda rng, rep: _wrong(rep, overextension_deg=rng.uniform(*_OVEREXTENSION_DEG)),
    "twist": lambda rng, rep: _wrong(rep, twist_deg=rng.uniform(*_TWIST_DEG)),
    "hips_first": lambda rng, rep: _wrong(
        rep, hips_first_deg=rng.uniform(*_HIPS_FIRST_DEG), trunk_held_s=rng.uniform(*_HELD_S)
    ),
}


def _wrong(rep: RepPlan, **change: Any) -> RepPlan:
    return replace(rep, **change, causes=("improper_form",))


def _slowing(rng: np.random.Generator, plain: list[RepPlan], move: Movement) -> list[RepPlan]:
    slowdown = rng.uniform(*_SLOWDOWN)
    lean, bend = rng.uniform(9, 14), rng.uniform(9, 13)
    made = []
    for index, rep in enumerate(plain):
        growth = (index / max(1, len(plain) - 1)) ** 1.5
        slower = 1 + slowdown * growth
        changed = replace(
            rep,
            back_s=rep.back_s * (1.0 if move.effort_first else slower),
            there_s=rep.there_s * (slower if move.effort_first else 1.0),
            causes=("too_much_weight",) if slower >= 1.2 else (),
        )
        if move.seat_deg is None:
            changed = replace(changed, lean_deg=lean * growth, rounding_deg=bend * growth)
        elif move.on_pad:
            changed = replace(changed, tilt_deg=rep.tilt_deg * (1 + 0.08 * growth))
        made.append(changed)
    return made


def _late_hips_first(rng: np.random.Generator, plain: list[RepPlan], slowing: list[RepPlan]) -> list[RepPlan]:
    """Return a slowing set in which the back does nothing but follow the hips, ever later."""
    tip, held = rng.uniform(*_HIPS_FIRST_DEG), rng.uniform(*_HELD_S)
    most = max(rep.lean_deg for rep in slowing) or 1.0
    return [
        replace(
            slow,
            lean_deg=0.0,
            rounding_deg=0.0,
            hips_first_deg=tip * slow.lean_deg / most,
            trunk_held_s=held * slow.lean_deg / most * slow.back_s / rep.back_s,
        )
        for rep, slow in zip(plain, slowing, strict=True)
    ]
