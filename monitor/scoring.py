"""How well events were found: greedy one-to-one matching against the truth.

Scorers stand beside the detectors so that every figure in VALIDATION.md and every test bound is
counted in one way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.model.samples import FloatArray

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs (index of truth, index of found) and how many were on either side."""

    pairs: tuple[tuple[int, int], ...]
    truths: int
    found: int

    @property
    def precision(self) -> float:
        """Share of what was found that is true; 1 if nothing was found."""
        return len(self.pairs) / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the truth that was found; 1 if there was nothing to find."""
        return len(self.pairs) / self.truths if self.truths else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.truths + self.found
        return 2 * len(self.pairs) / total if total else 1.0

    @property
    def exact(self) -> bool:
        """Whether everything was found and nothing else."""
        return len(self.pairs) == self.truths == self.found


def match_intervals(truth: Sequence[Interval], found: Sequence[Interval], within_s: float = 1.0) -> Matches:
    """Match intervals whose starts and ends both agree to `within_s` seconds, nearest first."""
    costs = [
        (abs(t[0] - f[0]) + abs(t[1] - f[1]), i, j)
        for i, t in enumerate(truth)
        for j, f in enumerate(found)
        if abs(t[0] - f[0]) <= within_s and abs(t[1] - f[1]) <= within_s
    ]
    return _greedy(costs, len(truth), len(found))


def match_onsets(truth: Sequence[float], found: Sequence[float], within_s: float = 0.25) -> Matches:
    """Match instants that agree to `within_s` seconds, nearest first."""
    costs = [
        (abs(t - f), i, j) for i, t in enumerate(truth) for j, f in enumerate(found) if abs(t - f) <= within_s
    ]
    return _greedy(costs, len(truth), len(found))


def _greedy(costs: list[tuple[float, int, int]], truths: int, found: int) -> Matches:
    pairs: list[tuple[int, int]] = []
    used_truth: set[int] = set()
    used_found: set[int] = set()
    for _, i, j in sorted(costs):
        if i not in used_truth and j not in used_found:
            used_truth.add(i)
            used_found.add(j)
            pairs.append((i, j))
    return Matches(tuple(sorted(pairs)), truths, found)


def trimmed_rmse(error: FloatArray, share: float = 0.98) -> float:
    """Return the RMS of the best `share` of the errors (N,), NaN left out: marker swaps are the rest."""
    size = np.sort(np.abs(error[np.isfinite(error)]))
    kept = size[: int(share * len(size))]
    return float(np.sqrt(np.mean(kept**2))) if len(kept) else math.nan
