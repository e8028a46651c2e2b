"""How sure the figures of a repetition are, and what a change must exceed to be one.

While a sensor stays clipped on, what is common to all repetitions (how it was mounted, how the
skin lies) cancels in a comparison. Once it was taken off and put on again it does not: a change
of 6 deg in squat-like lifts and 8 deg in hinges is the smallest that two sessions can show
(minimal detectable change, 1 to 6 and 1 to 8 deg rep to rep; the upper ends are taken).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

_Z95: Final = 1.96
_TILT_SIGMA_DEG: Final = 1.5
"""Inclination against motion capture, see VALIDATION.md: 1.2 to 1.4 deg (median RMSE)."""
_TIME_SIGMA_S: Final = 0.3
"""Border of a repetition: median error 0.18 to 0.27 s on people, which is a sigma of 0.3 to 0.4 s."""
_HINGES: Final = frozenset({"rdl", "deadlift", "hip_thrust"})
_AGAIN_DEG: Final = 6.0
_AGAIN_HINGE_DEG: Final = 8.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a repetition, as the public JSON names it.

    Parameters
    ----------
    key
        Its name there.
    words
        What a person calls it.
    unit
        ``"deg"`` or ``"s"``.
    sigma
        Standard deviation of one value while the sensor stays on, in its unit.
    """

    key: str
    words: str
    unit: str
    sigma: float

    def least_change(self, exercise: str, *, same_wearing: bool) -> float:
        """Return the smallest difference between two values that is one, in the figure's unit."""
        least = _Z95 * math.sqrt(2.0) * self.sigma
        if same_wearing or self.unit == "s":
            return least
        return max(least, _AGAIN_HINGE_DEG if exercise in _HINGES else _AGAIN_DEG)


FIGURES: Final = {
    figure.key: figure
    for figure in (
        Figure("tilt_range_deg", "pelvic tilt range", "deg", _TILT_SIGMA_DEG),
        Figure("peak_tilt_deg", "pelvic tilt at its largest", "deg", _TILT_SIGMA_DEG),
        Figure("tuck_deg", "tuck at the turn", "deg", _TILT_SIGMA_DEG),
        Figure("hips_first_deg", "forward tilt added as the hips rise", "deg", _TILT_SIGMA_DEG),
        Figure("peak_flexion_deg", "largest lumbar flexion", "deg", _TILT_SIGMA_DEG),
        Figure("side_tilt_deg", "side tilt", "deg", _TILT_SIGMA_DEG),
        Figure("eccentric_s", "time down", "s", _TIME_SIGMA_S),
        Figure("concentric_s", "time up", "s", _TIME_SIGMA_S),
    )
}
"""By key, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean of a figure over some repetitions.

    Parameters
    ----------
    mean
        In the figure's unit; NaN where no repetition has it.
    spread
        Standard deviation between the repetitions; 0 for one.
    count
        Repetitions it rests on.
    """

    mean: float
    spread: float
    count: int

    @property
    def error(self) -> float:
        """Half width of the 95 % interval of the mean, from the spread alone."""
        return _Z95 * self.spread / math.sqrt(self.count) if self.count else math.nan


def estimate(values: Sequence[float | None]) -> Estimate:
    """Return the mean of what is known among `values`."""
    known = np.array([v for v in values if v is not None and math.isfinite(v)], dtype=np.float64)
    if len(known) == 0:
        return Estimate(math.nan, math.nan, 0)
    return Estimate(float(known.mean()), float(known.std(ddof=1)) if len(known) > 1 else 0.0, len(known))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a figure.

    Parameters
    ----------
    figure
        Which one.
    before, after
        Its means.
    least
        What the change must exceed: the measurement's own limit or, where larger, the spread's.
    """

    figure: Figure
    before: Estimate
    after: Estimate
    least: float

    @property
    def delta(self) -> float:
        """After minus before, in the figure's unit; NaN where one is unknown."""
        return self.after.mean - self.before.mean

    @property
    def real(self) -> bool:
        """Whether it is more than the measurement's error."""
        return abs(self.delta) > self.least


def change(figure: Figure, before: Estimate, after: Estimate, exercise: str, *, same_wearing: bool) -> Change:
    """Return the change from `before` to `after`, with what it must exceed.

    Parameters
    ----------
    same_wearing
        The sensor was not taken off in between: both are of one session.
    """
    least = figure.least_change(exercise, same_wearing=same_wearing)
    if figure.unit == "s" and before.count and after.count:
        # Each border errs on its own, so many repetitions tell more than one; angles err together.
        least *= math.sqrt((1 / before.count + 1 / after.count) / 2)
    chance = math.hypot(before.error, after.error)
    return Change(figure, before, after, max(least, chance) if math.isfinite(chance) else least)
