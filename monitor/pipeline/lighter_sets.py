"""What the lighter sets of a session showed: a fault they had too is no matter of the weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor.model.events import FaultKind

_LEAST_REPS: Final = 3
"""Fewer repetitions do not show what is usual in a set."""


@dataclass(frozen=True, slots=True)
class LighterSets:
    """The sets of the same exercise with less weight.

    Parameters
    ----------
    load_kg
        The heaviest of them.
    off
        The faults they had in two repetitions or more.
    """

    load_kg: float
    off: frozenset[FaultKind]


class DoneSets:
    """The sets of a session so far, where their load is known."""

    def __init__(self) -> None:
        self._done: list[tuple[str, float, frozenset[FaultKind]]] = []

    def add(self, exercise: str, load_kg: float | None, reps: int, off: frozenset[FaultKind]) -> None:
        """Take a set that has ended."""
        if load_kg is not None and reps >= _LEAST_REPS:
            self._done.append((exercise, load_kg, off))

    def lighter(self, exercise: str, load_kg: float | None) -> LighterSets | None:
        """Return what is known of sets of `exercise` with less than `load_kg`; None if nothing is."""
        if load_kg is None:
            return None
        found = [(load, off) for name, load, off in self._done if name == exercise and load < load_kg]
        if not found:
            return None
        return LighterSets(max(load for load, _ in found), frozenset().union(*(off for _, off in found)))
