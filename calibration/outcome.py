"""What came of a guided calibration, and how good it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.alignment import Alignment, FloatArray
from calibration.ranges import LumbarShare, OwnRanges
from calibration.steps import Body

_CLEAR_SHARE: Final = 0.85
_CLOSE_RAD: Final = math.radians(5.0)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a calibration is: ``"good"`` or ``"fair"``, and why not better."""

    level: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ProcedureResult:
    """What came of it; keys are ``"lower"`` and ``"upper"``.

    Parameters
    ----------
    alignments, seats, axis_shares
        Alignment from the standing neutral, up-vector (3,) of the seat reference on a machine, and
        share of the medio-lateral axis in the bends.
    accelerometers
        Gain and offset (3,) of sensors that were laid on their six sides.
    ranges, share
        Own ranges; lumbar share if both places were measured.
    still_s, lying_s
        Spans at rest on the body, and on a table, in s.
    quality
        How good it is.
    """

    alignments: dict[str, Alignment]
    seats: dict[str, FloatArray]
    axis_shares: dict[str, float]
    accelerometers: dict[str, tuple[FloatArray, FloatArray]]
    ranges: OwnRanges
    share: LumbarShare | None
    still_s: tuple[tuple[float, float], ...]
    lying_s: tuple[tuple[float, float], ...]
    quality: Quality


def own_ranges(body: Body, share: LumbarShare | None) -> OwnRanges:
    """Return the own ranges: the median of what each step has seen, None where it saw nothing."""

    def median(name: str) -> float | None:
        peaks = [p for p in body.peaks_rad.get(name, []) if not math.isnan(p)]
        return float(np.median(peaks)) if peaks else None

    bend, t12 = median("bend"), median("t12")
    flexion = median("flexion")
    if flexion is None and share is not None and bend is not None and t12 is not None:
        flexion = t12 - bend
    return OwnRanges(
        bend,
        median("back_bend"),
        flexion,
        median("extension"),
        median("arch"),
        median("tuck"),
        median("seated_arch"),
        median("seated_tuck"),
    )


def quality(body: Body, skipped: list[str]) -> Quality:
    """Return how good it is: how straight and alike the bends were, and which steps were skipped."""
    reasons = [
        f"the bends leaned or turned a little ({100 * share:.0f} % of the rotation was forward)"
        for share in body.axis_share.values()
        if share < _CLEAR_SHARE
    ]
    if body.spread_rad > _CLOSE_RAD:
        reasons.append(f"the bends differed by {math.degrees(body.spread_rad):.0f} deg")
    level = "fair" if reasons else "good"
    return Quality(level, (*reasons, *(f"{name} not measured" for name in skipped)))
