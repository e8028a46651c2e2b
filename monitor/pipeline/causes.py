"""From what was seen to its likely cause, with the numbers it rests on - or "not clear".

Order of precedence: what the lifter reports, support (on a pad), weight, form, core. A finding is
made as soon as its evidence suffices and made again, larger, when more of the set supports it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from monitor.model.events import (
    Cause,
    Confidence,
    Fault,
    FaultKind,
    Finding,
    Level,
    LiftOffStarted,
    Rep,
    Rival,
)
from monitor.model.exercise import Exercise
from monitor.pipeline.baseline import Baseline
from monitor.pipeline.cause_words import (
    CORE_CUE,
    FORM_CUES,
    SUPPORT_CUE,
    UNCLEAR_CUE,
    WEIGHT_CUE,
    absent_words,
    fault_words,
    rep_words,
    span_words,
)
from monitor.pipeline.faults import tempo_loss
from monitor.pipeline.growth import FIRST_REPS, GROWTH_RAD, SetGrowth
from monitor.pipeline.lighter_sets import DoneSets, LighterSets
from monitor.pipeline.settings import PipelineSettings

_FORM_REPS: Final = 3
_SUPPORT_REPS: Final = 2
_SUPPORT_OF: Final = 3
_WEIGHT_REPS: Final = 2
_OFF_REPS: Final = 2
_LEAST_TUCK_RAD: Final = math.radians(2.0)
"""A repetition may be told from the usual ones by less; a cause wants a tuck one would see."""
_CORE_REPS: Final = 4
_ON_A_BENCH: Final = frozenset({"hip_thrust"})
_CORE_MEDIUM: Final = 0.65


class CauseModel:
    """Weigh the repetitions, lift-offs and reports of one set.

    Parameters
    ----------
    settings
        Thresholds.
    """

    def __init__(self, settings: PipelineSettings) -> None:
        self._settings = settings
        self._caution_rad = math.radians(settings.lift_off_caution_deg)
        self._done = DoneSets()
        self._forget()

    def new_set(self, exercise: Exercise, load_kg: float | None = None) -> None:
        """End the set, of which `exercise` was done with `load_kg`: heavier ones are held against it."""
        if not self._heavy:  # what came of the weight there is no habit
            off = frozenset(kind for kind, seen in self._angles().items() if len(seen) >= _OFF_REPS)
            self._done.add(exercise.name, load_kg, self._count, off)
        self._forget()

    def _forget(self) -> None:
        self._count = 0
        self._lighter: LighterSets | None = None
        self._heavy = False
        self._first: int | None = None
        self._best_s = math.inf
        self._rolled: dict[int, float] = {}
        self._lifted: set[int] = set()
        self._faults: dict[FaultKind, dict[int, Fault]] = {}
        self._slowed: dict[int, float] = {}
        self._growth = SetGrowth()
        self._clearly: set[int] = set()
        self._named = False

    def lift_off(self, event: LiftOffStarted, set_index: int) -> Finding | None:
        """Weigh a lift-off the moment it is known."""
        rep = event.rep or 0
        if rep in self._lifted:
            return None
        self._lifted.add(rep)
        self._named = True
        self._rolled[rep] = event.value_rad
        return self._support(event.start_s, event.decided_s, set_index)

    def rep(
        self, rep: Rep, exercise: Exercise, base: Baseline | None = None, load_kg: float | None = None
    ) -> Finding | None:
        """Weigh a finished repetition against the usual one and against lighter sets, where these are known.

        Return what it makes likely, the first in precedence.
        """
        self._count += 1
        self._lighter = self._done.lighter(exercise.name, load_kg)
        self._first = rep.index if self._first is None else self._first
        self._best_s = min(self._best_s, rep.concentric_s)
        loss = tempo_loss(rep, self._best_s)
        if loss >= self._settings.tempo_caution:
            self._slowed[rep.index] = loss
        self._growth.add(rep, exercise)
        usual_rad = 0.0 if base is None else base.usual.tuck_rad
        little = rep.metrics.tuck_rad - usual_rad < _LEAST_TUCK_RAD
        for fault in rep.faults:
            if fault.kind is FaultKind.TUCK and little:
                continue
            self._faults.setdefault(fault.kind, {})[rep.index] = fault
            more_rad = (fault.value_rad or 0.0) - (usual_rad if fault.kind is FaultKind.TUCK else 0.0)
            if more_rad >= GROWTH_RAD:
                self._clearly.add(rep.index)
        # On a pad the sensor hardly sees the sled: what slows a press is not to be read off the pelvis.
        weighed: list[Callable[[Rep], Finding | None]] = [self._weight, self._form]
        if exercise.back_supported:
            weighed = [self._pad]
        elif exercise.name not in _ON_A_BENCH:
            weighed.append(self._core)
        found = next((found for found in (weigh(rep) for weigh in weighed) if found is not None), None)
        if found is not None:
            self._named, self._heavy = True, self._heavy or found.cause is Cause.TOO_MUCH_WEIGHT
        return found

    def undecided(self, time_s: float, set_index: int) -> Finding | None:
        """Return, at the end of a set, what was off in it though no cause could be named."""
        off = sorted({i for seen in self._angles().values() for i in seen})
        evidence = tuple(self._evidence(off))
        if self._named or len(off) < _FORM_REPS or not evidence:
            return None
        return Finding(
            cause=Cause.UNCLEAR,
            confidence=Confidence.LOW,
            level=Level.CAUTION,
            reps=tuple(off),
            evidence=evidence,
            cue=UNCLEAR_CUE,
            time_s=time_s,
            decided_s=time_s,
            rivals=(
                Rival(Cause.IMPROPER_FORM, Confidence.LOW),
                Rival(Cause.TOO_MUCH_WEIGHT, Confidence.LOW),
            ),
            set_index=set_index,
        )

    def _pad(self, rep: Rep) -> Finding | None:
        if rep.metrics.tuck_rad < self._caution_rad:
            return None
        known = rep.index in self._lifted
        self._rolled[rep.index] = rep.metrics.tuck_rad
        recent = [i for i in self._rolled if i > rep.index - _SUPPORT_OF]
        if known or (not self._lifted and len(recent) < _SUPPORT_REPS):
            return None
        return self._support(rep.turn_s, rep.decided_s, rep.set_index)

    def _support(self, time_s: float, decided_s: float, set_index: int) -> Finding:
        size, where = span_words(self._rolled.values()), rep_words(self._rolled)
        return Finding(
            cause=Cause.LACK_OF_SPINAL_SUPPORT,
            confidence=Confidence.MEDIUM,
            level=Level.ALERT if self._lifted else Level.CAUTION,
            reps=tuple(sorted(i for i in self._rolled if i > 0)),
            evidence=(f"posterior tilt {size} deg past the seat reference at {where}",),
            cue=SUPPORT_CUE,
            time_s=time_s,
            decided_s=decided_s,
            rivals=(Rival(Cause.IMPROPER_FORM, Confidence.LOW),),
            set_index=set_index,
        )

    def _angles(self) -> dict[FaultKind, dict[int, Fault]]:
        """Return the faults of form; swaying tips and turns too, one thing seen twice."""
        unsteady = self._faults.get(FaultKind.UNSTEADY, {})
        made = {}
        for kind, seen in self._faults.items():
            swayed = unsteady if kind in {FaultKind.SIDE_TILT, FaultKind.TWIST} else {}
            left = {i: fault for i, fault in seen.items() if i not in swayed}
            if kind in FORM_CUES and left:
                made[kind] = left
        return made

    def _early(self, seen: Iterable[int]) -> int:
        """Return how many of these repetitions are among the first of the set."""
        return sum(i < (self._first or 0) + FIRST_REPS for i in seen)

    def _weight(self, rep: Rep) -> Finding | None:
        """Weigh slowing together with angles that were not off at the beginning of the set."""
        angles, lighter = self._angles(), self._lighter
        clean_start = all(self._early(seen) < _WEIGHT_REPS for seen in angles.values())
        if rep.index not in self._slowed or not clean_start or (lighter is not None and lighter.off):
            return None
        aside = {FaultKind.SIDE_TILT, FaultKind.TWIST}
        late = {i for kind, seen in angles.items() if kind not in aside for i in seen}
        grown = self._growth.by_rep_rad
        both = sorted(((late & self._clearly) | set(grown)) & set(self._slowed))
        if len(both) < _WEIGHT_REPS:
            return None
        loss = max(self._slowed[i] for i in both)
        evidence, further = self._evidence(both), [grown[i] for i in both if i in grown]
        if further and not evidence:
            evidence = [f"back moved {span_words(further)} deg further than at the start of the set"]
        alert = loss >= self._settings.tempo_alert
        return Finding(
            cause=Cause.TOO_MUCH_WEIGHT,
            confidence=Confidence.MEDIUM if lighter is None else Confidence.HIGH,
            level=Level.ALERT if alert else Level.CAUTION,
            reps=tuple(both),
            evidence=(
                f"up to {100 * loss:.0f} % slower than the set's best repetition at {rep_words(both)}",
                *evidence,
                *absent_words(lighter),
            ),
            cue=WEIGHT_CUE,
            time_s=rep.turn_s,
            decided_s=rep.decided_s,
            rivals=(Rival(Cause.IMPROPER_FORM, Confidence.LOW),),
            set_index=rep.set_index,
        )

    def _form(self, rep: Rep) -> Finding | None:
        kinds = {kind: seen for kind, seen in self._angles().items() if rep.index in seen}
        lighter = self._lighter
        habit = frozenset() if lighter is None else lighter.off
        kinds = {k: s for k, s in kinds.items() if len(s) >= _FORM_REPS and (self._early(s) or k in habit)}
        if not kinds:
            return None
        kind, seen = max(kinds.items(), key=lambda pair: len(pair[1]))
        if kind in habit:
            lighter = None  # they had it too: they say nothing against it
        slowed = max((self._slowed.get(i, 0.0) for i in seen), default=0.0)
        rival = Rival(Cause.TOO_MUCH_WEIGHT, Confidence.LOW if lighter is None else Confidence.MEDIUM)
        alert = any(fault.level is Level.ALERT for fault in seen.values())
        return Finding(
            cause=Cause.IMPROPER_FORM,
            confidence=Confidence.MEDIUM if slowed < self._settings.tempo_caution else Confidence.LOW,
            level=Level.ALERT if alert else Level.CAUTION,
            reps=tuple(seen),
            evidence=(*self._evidence(seen, kind), *absent_words(lighter)),
            cue=FORM_CUES[kind],
            time_s=rep.turn_s,
            decided_s=rep.decided_s,
            rivals=(rival,),
            set_index=rep.set_index,
        )

    def _core(self, rep: Rep) -> Finding | None:
        unsteady = self._faults.get(FaultKind.UNSTEADY, {})
        if rep.index not in unsteady or len(unsteady) < _CORE_REPS:
            return None
        if any(len(seen) >= _FORM_REPS for seen in self._angles().values()):
            return None
        more = [fault.value or 0.0 for fault in unsteady.values()]
        sway = f"{100 * min(more):.0f} to {100 * max(more):.0f} % more sway than usual"
        clear = sum(value >= _CORE_MEDIUM for value in more) >= _CORE_REPS
        return Finding(
            cause=Cause.POOR_CORE_ENGAGEMENT,
            confidence=Confidence.MEDIUM if clear else Confidence.LOW,
            level=Level.CAUTION,
            reps=tuple(unsteady),
            evidence=(f"{sway} at {rep_words(unsteady)}",),
            cue=CORE_CUE,
            time_s=rep.turn_s,
            decided_s=rep.decided_s,
            rivals=(Rival(Cause.IMPROPER_FORM, Confidence.LOW),),
            set_index=rep.set_index,
        )

    def _evidence(self, reps: Iterable[int], only: FaultKind | None = None) -> list[str]:
        wanted = set(reps)
        made = []
        for kind, seen in self._angles().items():
            here = {i: fault.value_rad for i, fault in seen.items() if i in wanted}
            sizes = [size for size in here.values() if size is not None]
            if sizes and only in {None, kind}:
                made.append(fault_words(kind, sizes, here))
        return made
