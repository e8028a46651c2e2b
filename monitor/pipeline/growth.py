"""How much further the back moves in a repetition than at the beginning of its set."""

from __future__ import annotations

import math
from statistics import median
from typing import Final

from monitor.model.events import Rep
from monitor.model.exercise import Exercise
from monitor.pipeline.faults import HINGES, change_rad

FIRST_REPS: Final = 3
"""Form shows from the first repetitions; what comes later may be the weight."""
GROWTH_RAD: Final = math.radians(6.0)
"""Within a set nothing is taken off and put on again: the smaller of the detectable changes."""
_TO_A_GIVEN_DEPTH: Final = frozenset({"squat", "deadlift"})
"""Here a trunk further forward, pelvis and lower back together, is the way round a weight. In an RDL or a
lunge it may just be a deeper repetition."""


class SetGrowth:
    """The growth of lumbar flexion, or of what stands for it, over one set."""

    def __init__(self) -> None:
        self.by_rep_rad: dict[int, float] = {}
        """Growth in rad by the number of the repetition, where it is more than the least change."""
        self._first: list[dict[str, float]] = []

    def add(self, rep: Rep, exercise: Exercise) -> None:
        """Take the next repetition of the set."""
        now = _reached_rad(rep, exercise)
        if len(self._first) < FIRST_REPS:
            self._first.append(now)
            return
        least = {"trunk": change_rad(exercise)}
        for kind, value in now.items():
            if not all(kind in first for first in self._first):
                continue
            more = value - median(first[kind] for first in self._first)
            if more >= least.get(kind, GROWTH_RAD):
                self.by_rep_rad[rep.index] = max(more, self.by_rep_rad.get(rep.index, 0.0))


def _reached_rad(rep: Rep, exercise: Exercise) -> dict[str, float]:
    """Return the angles whose growth within a set shows the weight."""
    tilt_rad, flexion_rad = exercise.turn_sign * rep.metrics.peak_tilt_rad, rep.metrics.peak_flexion_rad
    if flexion_rad is None:
        # One sensor cannot tell a deeper hinge from a rounder back.
        return {} if exercise.name in HINGES else {"tilt": tilt_rad}
    made = {"flexion": flexion_rad}
    if exercise.name in _TO_A_GIVEN_DEPTH:
        made["trunk"] = tilt_rad + flexion_rad
    return made
