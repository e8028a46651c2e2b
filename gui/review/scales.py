"""The scales of the review plots: clock times along the foot, ranges and levels up the side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from gui.words import MISSING, clock_text, percent_text, whole_degrees
from monitor.model.samples import FloatArray

_STEPS = (5.0, 10.0, 20.0, 30.0, 50.0, 100.0, 200.0, 500.0)
_SEEN_PERCENT = (0.5, 99.5)
"""Share of the values that decides a y range; a stumble on the way does not."""
_CLOCK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
_TICK_PX = 90.0


class ClockAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds as m:ss, with tenths where they matter, at times a clock has."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """Return the distance of the ticks in s."""
        most = max(2.0, size / _TICK_PX)
        return [(next((s for s in _CLOCK_STEPS_S if (high - low) / s <= most), 3600.0), 0.0)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002, N802
        """Return the times as a clock shows them."""
        if spacing >= 1:
            return [clock_text(v) for v in values]
        return [f"{clock_text(v)}.{round(v * 10) % 10}" for v in values]


def value_range(curves: Sequence[FloatArray], least: float, held: Sequence[float]) -> tuple[float, float]:
    """Return a y range in whole steps that holds nearly all of the curves, and all of `held`."""
    known = np.concatenate([c[np.isfinite(c)] for c in curves])
    low, high = np.percentile(known, _SEEN_PERCENT) if len(known) else (0.0, 0.0)
    low, high = min(low, *held), max(high, *held)
    step = least / 2
    return float(np.floor((low - step / 2) / step) * step), float(np.ceil((high + step / 2) / step) * step)


def levels_of(low: float, high: float, most: float) -> FloatArray:
    """Return whole values between `low` and `high`, about `most` of them."""
    step = next((s for s in _STEPS if (high - low) / s <= most), _STEPS[-1])
    return np.arange(np.ceil(low / step) * step, high + 1e-9, step)


def degrees_text(value: float) -> str:
    """Return degrees in whole numbers, or a dash."""
    return MISSING if np.isnan(value) else whole_degrees(value)


def rate_text(value: float) -> str:
    """Return degrees a second in whole numbers, or a dash."""
    return MISSING if np.isnan(value) else f"{whole_degrees(value)}/s"


def share_text(share: float) -> str:
    """Return a share in whole percent, or a dash."""
    return MISSING if np.isnan(share) else percent_text(share)


def number_tick(value: float) -> str:
    """Return a whole number without its unit."""
    return whole_degrees(value).removesuffix("\u00b0")


def percent_tick(value: float) -> str:
    """Return a whole percentage."""
    return percent_text(value / 100)
