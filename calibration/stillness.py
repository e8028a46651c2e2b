"""When a sensor is at rest, told from its own samples."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from calibration.alignment import FloatArray

_WINDOW_S: Final = 0.3
_LEAST_ROWS: Final = 10
_MOST_RATE_RADS: Final = 0.03
"""Deviation of the angular rate from its mean: a cheap chip's noise is 0.002, a hand's tremor 0.05 and more.
Deviation, not size: an offset of several degrees a second must not hide that a sensor lies still."""
_MOST_ACC_MS2: Final = 0.15
_MOST_TURN: Final = 0.03
"""Change of the specific force within a span, as a share: the sensor is being turned slowly."""


def still_spans(
    acc_ms2: FloatArray, gyr_rads: FloatArray, rate_hz: float, least_s: float = 1.0
) -> list[tuple[int, int]]:
    """Return the spans [start, stop) of rows in which a sensor lay still, off the body.

    Parameters
    ----------
    acc_ms2, gyr_rads
        (N, 3) specific force in m/s2 and angular rate in rad/s, sensor frame; offsets do not matter.
    rate_hz
        Samples a second.
    least_s
        Shorter spans do not count.
    """
    size = max(_LEAST_ROWS, round(_WINDOW_S * rate_hz))
    if len(acc_ms2) < size:
        return []
    rough = (_deviation(gyr_rads, size) > _MOST_RATE_RADS) | (_deviation(acc_ms2, size) > _MOST_ACC_MS2)
    # A row is still if a whole window around it is: one quiet moment between two knocks is none.
    moved = np.convolve(rough, np.ones(size), mode="full") > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[True], moved, [True]]).astype(np.int8)))
    spans = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [
        (start, stop)
        for start, stop in spans
        if stop - start >= least_s * rate_hz and _steady(acc_ms2[start:stop])
    ]


def _deviation(values: FloatArray, size: int) -> FloatArray:
    """Return the largest standard deviation of the axes in each window of `size` rows."""
    padded = np.concatenate([np.zeros((1, 3)), values - values.mean(axis=0)])
    first, second = np.cumsum(padded, axis=0), np.cumsum(padded**2, axis=0)
    mean = (first[size:] - first[:-size]) / size
    square = (second[size:] - second[:-size]) / size
    return np.asarray(np.sqrt(np.maximum(square - mean**2, 0.0)).max(axis=1))


def _steady(acc_ms2: FloatArray) -> bool:
    third = math.ceil(len(acc_ms2) / 3)
    begin, end = acc_ms2[:third].mean(axis=0), acc_ms2[-third:].mean(axis=0)
    return float(np.linalg.norm(begin - end)) < _MOST_TURN * float(np.linalg.norm(begin))
