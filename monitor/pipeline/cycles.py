"""One repetition as a cycle of its carrier signal, before anything is known of its posture."""

from __future__ import annotations

import itertools
import math
from typing import Final, NamedTuple

from monitor.pipeline.grid import GRID_HZ

_LOW: Final = 0.9
_BOTTOM: Final = 0.8
"""Shares of the depth past which a squat is at its lowest, and at its bottom."""


class Cycle(NamedTuple):
    """A cycle [start_s, end_s) with its turn.

    `depth` is the travel in m or the tilt in rad from the top to the turn; `deep_from_s` is when
    half of it was first passed on the way down, `low_from_s` when nine tenths were. `bottom_s` is the
    time spent in its lowest fifth, `descent_ms` the largest speed on the way down; NaN where tilt
    carries the repetition.
    """

    start_s: float
    turn_s: float
    end_s: float
    decided_s: float
    depth: float
    deep_from_s: float
    low_from_s: float = math.nan
    bottom_s: float = math.nan
    descent_ms: float = math.nan


def from_path(
    start_s: float, turn_s: float, end_s: float, depth: float, path: list[tuple[float, float]]
) -> Cycle:
    """Return the cycle with what its path (time in s, height in m) shows of the way down."""

    def passed_s(share: float) -> float:
        return next(t for t, height in path if height <= -share * depth)

    down = itertools.pairwise(path)
    return Cycle(
        start_s,
        turn_s,
        end_s,
        end_s,
        depth,
        deep_from_s=passed_s(0.5),
        low_from_s=passed_s(_LOW),
        bottom_s=sum(height <= -_BOTTOM * depth for _, height in path) / GRID_HZ,
        descent_ms=max(((a - b) * GRID_HZ for (_, a), (t, b) in down if t <= turn_s), default=0.0),
    )
