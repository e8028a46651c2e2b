"""One repetition as a cycle of its carrier signal, before anything is known of its posture."""

from __future__ import annotations

import math
from typing import NamedTuple


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
