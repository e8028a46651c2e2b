"""Smooth functions of time that a body's motion is summed from.

Every term is twice continuously differentiable, so a sensor on the body feels finite and
continuous accelerations. All are evaluated at ascending times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from monitor.model.samples import FloatArray

Moment = float
"""Seconds since the session began."""


def smooth_step(u: FloatArray) -> FloatArray:
    """Return the minimum-jerk step from 0 to 1 over `u` from 0 to 1 (Flash & Hogan 1985)."""
    u = np.clip(u, 0.0, 1.0)
    return np.asarray(u * u * u * (10.0 + u * (6.0 * u - 15.0)))


class _Term(Protocol):
    def add_to(self, total: FloatArray, after: FloatArray, t_s: FloatArray) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """A change by `size` between two moments that lasts."""

    start_s: Moment
    end_s: Moment
    size: float

    def add_to(self, total: FloatArray, after: FloatArray, t_s: FloatArray) -> None:
        """Add to `total`; what lasts goes to `after`, whose running sum is added at the end."""
        first, last = np.searchsorted(t_s, (self.start_s, self.end_s))
        total[first:last] += self.size * smooth_step(
            (t_s[first:last] - self.start_s) / (self.end_s - self.start_s)
        )
        after[last] += self.size


@dataclass(frozen=True, slots=True)
class Wave:
    """A sine of `size` between two moments, faded in and out over `fade_s`."""

    start_s: Moment
    end_s: Moment
    size: float
    frequency_hz: float
    phase_rad: float
    fade_s: float = 0.5

    def add_to(self, total: FloatArray, after: FloatArray, t_s: FloatArray) -> None:  # noqa: ARG002
        """Add to `total`."""
        first, last = np.searchsorted(t_s, (self.start_s, self.end_s))
        t = t_s[first:last]
        fade = min(self.fade_s, (self.end_s - self.start_s) / 2)
        wave = self.size * np.sin(2 * math.pi * self.frequency_hz * (t - self.start_s) + self.phase_rad)
        inside, outside = np.searchsorted(t, (self.start_s + fade, self.end_s - fade))
        wave[:inside] *= smooth_step((t[:inside] - self.start_s) / fade)
        wave[outside:] *= smooth_step((self.end_s - t[outside:]) / fade)
        total[first:last] += wave


@dataclass(frozen=True, slots=True)
class Ring:
    """Damped oscillation of soft tissue after a knock or a turn."""

    start_s: Moment
    size: float
    frequency_hz: float
    decay_s: float

    def add_to(self, total: FloatArray, after: FloatArray, t_s: FloatArray) -> None:  # noqa: ARG002
        """Add to `total`."""
        whole_s = 8 * self.decay_s
        first, last = np.searchsorted(t_s, (self.start_s, self.start_s + whole_s))
        t = t_s[first:last] - self.start_s
        # The squared onset makes the beginning grow like t cubed: no jump in acceleration.
        # Even a thousandth of it cut off would be felt as a knock: the end is faded out.
        onset = -np.expm1(-t / 0.02)
        fading = self.size * np.exp(-t / self.decay_s) * smooth_step((whole_s - t) / (2 * self.decay_s))
        total[first:last] += fading * onset * onset * np.sin(2 * math.pi * self.frequency_hz * t)


@dataclass(slots=True)
class Channel:
    """One coordinate of the body as a sum of terms, with the level it has come to."""

    level: float = 0.0
    terms: list[_Term] = field(default_factory=list)
    origin: float = 0.0

    def move(self, to: float, start_s: Moment, end_s: Moment, share: float = 0.5) -> None:
        """Go to `to` in two overlapping efforts, the first of which makes `share` of the way."""
        change, span = to - self.level, end_s - start_s
        self.terms.append(Step(start_s, start_s + 0.75 * span, change * share))
        self.terms.append(Step(start_s + 0.25 * span, end_s, change * (1 - share)))
        self.level = to

    def bump(self, size: float, up: tuple[Moment, Moment], down: tuple[Moment, Moment]) -> None:
        """Add `size` during `up`, take it away during `down`."""
        self.terms += (Step(*up, size), Step(*down, -size))

    def __call__(self, t_s: FloatArray) -> FloatArray:
        """Return the coordinate at the ascending times `t_s` (N,)."""
        total = np.full(len(t_s), self.origin)
        after = np.zeros(len(t_s) + 1)
        for term in self.terms:
            term.add_to(total, after, t_s)
        return np.asarray(total + np.cumsum(after[:-1]))
