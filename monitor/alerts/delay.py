"""How long alerts take to get out, as measured while a session runs."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

_REMEMBERED = 1000
"""Alerts behind the figures: more than a session has."""


@dataclass(frozen=True, slots=True)
class Delay:
    """What was measured so far.

    Parameters
    ----------
    count
        Alerts measured.
    last_s, median_s, p99_s
        The latest delay, the median, and what 99 of 100 stay within, in s.
    """

    count: int = 0
    last_s: float = math.nan
    median_s: float = math.nan
    p99_s: float = math.nan

    def __str__(self) -> str:
        """Return the figures as a person reads them, in milliseconds."""
        if not self.count:
            return "not measured yet"
        last, median, p99 = (_ms(value) for value in (self.last_s, self.median_s, self.p99_s))
        return f"{last} ms, median {median} ms, p99 {p99} ms of {self.count}"


class DelayBook:
    """Collects delays; `figures` is replaced as a whole, so that any thread may read it."""

    def __init__(self) -> None:
        self._all: deque[float] = deque(maxlen=_REMEMBERED)
        self.figures = Delay()

    def add(self, delay_s: float) -> None:
        """Count one delay in s; a clock that was set back counts as none."""
        self._all.append(max(0.0, delay_s))
        ordered = sorted(self._all)
        self.figures = Delay(
            self.figures.count + 1, self._all[-1], _share(ordered, 0.5), _share(ordered, 0.99)
        )


def _share(ordered: list[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _ms(value_s: float) -> str:
    ms = 1000 * value_s
    return f"{ms:.1f}" if ms < 10 else f"{ms:.0f}"
