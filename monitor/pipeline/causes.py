"""From what was seen to its likely cause, with the numbers it rests on - or nothing.

A first, honest version: support and form, the two causes that angles alone can show.
"""

from __future__ import annotations

import math
from typing import Final

from monitor.model.events import (
    Cause,
    Confidence,
    FaultKind,
    Finding,
    Level,
    LiftOffStarted,
    Rep,
    Rival,
)
from monitor.model.exercise import Exercise
from monitor.pipeline.settings import PipelineSettings

SUPPORT_CUE: Final = "Your hips are rolling off the pad. Stop a little higher, keep your back flat."
TUCK_CUE: Final = "Go only as deep as you can hold your arch."
_FORM_REPS: Final = 3
_SUPPORT_REPS: Final = 2


class CauseModel:
    """Weigh the repetitions and lift-offs of one set.

    A finding is made as soon as its evidence suffices and made again, larger, when more of the
    set supports it.
    """

    def __init__(self, settings: PipelineSettings) -> None:
        self._caution_rad = math.radians(settings.lift_off_caution_deg)
        self.new_set()

    def new_set(self) -> None:
        """Forget the last set."""
        self._rolled: dict[int, float] = {}
        self._lifted: set[int] = set()
        self._tucked: dict[int, float] = {}
        self._tuck_level = Level.CAUTION

    def lift_off(self, event: LiftOffStarted, set_index: int) -> Finding | None:
        """Weigh a lift-off the moment it is known."""
        rep = event.rep or 0
        if rep in self._lifted:
            return None
        self._lifted.add(rep)
        self._rolled[rep] = event.value_rad
        return self._support(event.start_s, event.decided_s, set_index)

    def rep(self, rep: Rep, exercise: Exercise) -> Finding | None:
        """Weigh a finished repetition."""
        if exercise.back_supported:
            return self._rolled_rep(rep)
        tuck = next((f for f in rep.faults if f.kind is FaultKind.TUCK), None)
        if tuck is None:
            return None
        self._tucked[rep.index] = rep.metrics.tuck_rad
        if tuck.level is Level.ALERT:
            self._tuck_level = Level.ALERT
        if len(self._tucked) < _FORM_REPS:
            return None
        return Finding(
            cause=Cause.IMPROPER_FORM,
            confidence=Confidence.MEDIUM,
            level=self._tuck_level,
            reps=tuple(self._tucked),
            evidence=(f"hips tucked {_span(self._tucked)} deg at the turn of {_reps(self._tucked)}",),
            cue=TUCK_CUE,
            time_s=tuck.time_s,
            decided_s=rep.decided_s,
            rivals=(Rival(Cause.TOO_MUCH_WEIGHT, Confidence.LOW),),
            set_index=rep.set_index,
        )

    def _rolled_rep(self, rep: Rep) -> Finding | None:
        if rep.metrics.tuck_rad < self._caution_rad:
            return None
        known = rep.index in self._lifted
        self._rolled[rep.index] = rep.metrics.tuck_rad
        recent = [i for i in self._rolled if i > rep.index - 3]
        if known or (not self._lifted and len(recent) < _SUPPORT_REPS):
            return None
        return self._support(rep.turn_s, rep.decided_s, rep.set_index)

    def _support(self, time_s: float, decided_s: float, set_index: int) -> Finding:
        return Finding(
            cause=Cause.LACK_OF_SPINAL_SUPPORT,
            confidence=Confidence.MEDIUM,
            level=Level.ALERT if self._lifted else Level.CAUTION,
            reps=tuple(sorted(i for i in self._rolled if i > 0)),
            evidence=(
                f"posterior tilt {_span(self._rolled)} deg past the seat reference at {_reps(self._rolled)}",
            ),
            cue=SUPPORT_CUE,
            time_s=time_s,
            decided_s=decided_s,
            rivals=(Rival(Cause.IMPROPER_FORM, Confidence.LOW),),
            set_index=set_index,
        )


def _span(values: dict[int, float]) -> str:
    low, high = math.degrees(min(values.values())), math.degrees(max(values.values()))
    return f"{high:.1f}" if high - low < 0.1 else f"{low:.1f} to {high:.1f}"


def _reps(values: dict[int, float]) -> str:
    known = sorted(i for i in values if i > 0)
    return ("rep " if len(known) == 1 else "reps ") + ", ".join(map(str, known)) if known else "a repetition"
