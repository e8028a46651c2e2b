"""The budget of sounds: so many cues in one repetition, so many in several in a row."""

from __future__ import annotations

_REMEMBERED = 64
"""Sounded cues kept: more than any window of repetitions holds."""


class CueBudget:
    """Count what sounded, by repetition.

    What is heard while a repetition runs and what is said about a repetition may differ by one
    (a finding comes after its repetition), so the budget is kept for both.

    Parameters
    ----------
    per_rep
        Sounds in one repetition at most.
    in_window, window_reps
        Sounds at most in any `window_reps` repetitions in a row.
    """

    def __init__(self, per_rep: int, in_window: int, window_reps: int) -> None:
        self._per_rep = per_rep
        self._in_window = in_window
        self._window_reps = window_reps
        self._sounded: list[tuple[int, int]] = []

    def spend(self, about: int, running: int) -> bool:
        """Return whether a cue about repetition `about` may sound in `running`; count it if so."""
        for rep, sounded in (
            (about, [earlier for earlier, _ in self._sounded]),
            (running, [earlier for _, earlier in self._sounded]),
        ):
            if not self._has_room(rep, sounded):
                return False
        self._sounded = [*self._sounded, (about, running)][-_REMEMBERED:]
        return True

    def _has_room(self, rep: int, sounded: list[int]) -> bool:
        if sounded.count(rep) >= self._per_rep:
            return False
        return all(
            sum(first <= earlier < first + self._window_reps for earlier in sounded) < self._in_window
            for first in range(rep - self._window_reps + 1, rep + 1)
        )
