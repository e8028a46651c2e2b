"""Repetitions of one exercise, its lift-offs and what is ahead, row by row."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from monitor.model.events import Approaching, LiftOff, LiftOffStarted, Rep
from monitor.model.exercise import Carrier, Exercise
from monitor.model.samples import PostureBlock
from monitor.pipeline.baseline import Baseline, BaselineKeeper
from monitor.pipeline.cycles import Cycle
from monitor.pipeline.faults import TUCKING, faults, tuck_limit_rad
from monitor.pipeline.history import PostureHistory
from monitor.pipeline.lift_off import LiftOffDetector
from monitor.pipeline.metrics import hips_turn_s, measure
from monitor.pipeline.posture import CarrierRows
from monitor.pipeline.settings import PipelineSettings
from monitor.pipeline.tilt_cycles import TiltCycles
from monitor.pipeline.travel import GATES, TravelCycles
from monitor.pipeline.tuck import TuckWatch


class Rested(NamedTuple):
    """A rest has closed the set at `decided_s`."""

    decided_s: float


Seen = Rep | Approaching | LiftOffStarted | LiftOff | Rested


class RepCounter:
    """Find the repetitions of `exercise` and, on a pad, its lift-offs.

    Parameters
    ----------
    exercise, settings
        What is done, and the thresholds.
    history
        Posture rows; the rows of a call must be in it before the call.
    base
        The lifter's usual repetition of this exercise; None lets the first ones make it.
    count, set_index
        Repetitions already counted in the session, and the number of the set to come.
    """

    def __init__(
        self,
        exercise: Exercise,
        settings: PipelineSettings,
        history: PostureHistory,
        base: Baseline | None = None,
        count: int = 0,
        set_index: int = 1,
    ) -> None:
        self.exercise = exercise
        self.count = count
        self.set_index = set_index
        self.lift_off = LiftOffDetector(settings)
        self.travels = exercise.carrier is Carrier.TRAVEL
        self._cycles = TravelCycles(GATES[exercise.name]) if self.travels else TiltCycles(exercise)
        self._settings = settings
        self._history = history
        self._base = BaselineKeeper(base)
        self._best_s = math.inf
        self._rested_s = math.inf
        self._tuck = TuckWatch() if self.travels and exercise.name in TUCKING else None
        self._tuck_limit_rad = tuck_limit_rad(exercise, self._base.now, settings)

    @property
    def busy(self) -> bool:
        """True inside a repetition."""
        return self._cycles.in_cycle

    @property
    def rests(self) -> bool:
        """False where the hips seem to go slowly down, or up; tilt alone does not tell."""
        return not isinstance(self._cycles, TravelCycles) or self._cycles.rests

    @property
    def usual(self) -> Baseline | None:
        """The usual repetition of this exercise; None until it is known."""
        return self._base.now

    @property
    def in_set(self) -> bool:
        """True from the first repetition of a set until a rest closes it."""
        return not math.isinf(self._rested_s)

    def expect(self, acc_offset_ms2: float) -> None:
        """Take what the accelerometer reads beyond gravity at rest, in m/s2."""
        if isinstance(self._cycles, TravelCycles):
            self._cycles.expect(acc_offset_ms2)

    def reset(self, t_s: float) -> None:
        """Give up a repetition in progress, after a gap or a new reference."""
        self._cycles.reset(t_s)

    def update(self, rows: PostureBlock, carriers: CarrierRows) -> list[Seen]:
        """Take rows; return what they decide, in order."""
        made: list[Seen] = []
        cycles, pad = self._cycles, self.lift_off if self.exercise.back_supported else None
        watched = pad is not None or self._tuck is not None
        series = zip(
            rows.t_s.tolist(),
            carriers.force_ms2.tolist(),
            carriers.rate_rads.tolist(),
            carriers.ml_rads.tolist(),
            rows.pelvic_tilt_rad.tolist(),
            rows.side_tilt_rad.tolist(),
            strict=True,
        )
        for t_s, force, rate, ml, tilt, side in series:
            if math.isnan(force) or math.isnan(tilt):
                cycles.reset(t_s)
                ended = pad.get_up() if pad is not None else None
                if ended is not None:
                    made.append(ended)
                if t_s >= self._rested_s:
                    made.append(self._rest(t_s))
                continue
            cycle = cycles.step(t_s, force, rate, ml, tilt)
            event = self._watch(t_s, tilt, side) if watched else None
            if event is not None:
                made.append(event)
            if cycle is not None:
                made.append(self._rep(cycle))
            elif t_s >= self._rested_s and not cycles.in_cycle:
                made.append(self._rest(t_s))
        return made

    def _watch(
        self, t_s: float, tilt_rad: float, side_rad: float
    ) -> Approaching | LiftOffStarted | LiftOff | None:
        """Return what a row shows before its repetition is over."""
        cycles = self._cycles
        if self._tuck is not None and isinstance(cycles, TravelCycles):
            return self._tuck.step(
                t_s,
                tilt_rad,
                self.count + 1,
                in_rep=cycles.in_cycle,
                deep=cycles.deep,
                limit_rad=self._tuck_limit_rad,
            )
        rep = self.count + 1 if cycles.in_cycle else self.count or None
        # Who travels rolls off the pad on the way; between repetitions he shifts about or gets up.
        exercising = self.in_set and (cycles.in_cycle or not self.travels)
        return self.lift_off.step(t_s, tilt_rad, side_rad, rep, in_set=exercising, in_rep=cycles.in_cycle)

    def _rest(self, t_s: float) -> Rested:
        self._rested_s = self._best_s = math.inf
        self.set_index += 1
        self._cycles.new_set()
        return Rested(t_s)

    def _rep(self, cycle: Cycle) -> Rep:
        self.count += 1
        self._rested_s = cycle.end_s + self._settings.rest_s
        cycle = cycle._replace(turn_s=hips_turn_s(cycle, self._history, self.exercise))
        rep = Rep(
            index=self.count,
            set_index=self.set_index,
            start_s=cycle.start_s,
            turn_s=cycle.turn_s,
            end_s=cycle.end_s,
            decided_s=cycle.decided_s,
            metrics=measure(cycle, self._history, self.exercise),
            eccentric_first=not self.exercise.effort_first,
        )
        self._best_s = min(self._best_s, rep.concentric_s)
        rep = replace(rep, faults=faults(rep, self.exercise, self._base.now, self._best_s, self._settings))
        self._base.add(rep)
        self._tuck_limit_rad = tuck_limit_rad(self.exercise, self._base.now, self._settings)
        return rep
