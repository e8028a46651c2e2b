"""What a log of another program comes to: one sensor's samples in SI units."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np

from monitor.model.errors import SensorError
from monitor.model.samples import BoolArray, FloatArray

_HOLE_STEPS: Final = 3.0
"""Between samples further apart than this many usual steps nothing is made up."""


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """One sensor's samples.

    Parameters
    ----------
    program
        What wrote it.
    t_s
        (N,) time in s of the sensor's own clock, or of the phone's.
    acc_ms2
        (N, 3) specific force in m/s2, sensor frame.
    gyr_rads
        (N, 3) angular rate in rad/s, sensor frame.
    device
        What it calls the sensor; empty if it does not.
    epoch_s
        Wall clock at t_s = 0 in seconds since 1970; None if unknown.
    warnings
        What was changed, one line each.
    """

    program: str
    t_s: FloatArray
    acc_ms2: FloatArray
    gyr_rads: FloatArray
    device: str = ""
    epoch_s: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Samples of one kind: (N,) times in s and (N, 3) values."""

    t_s: FloatArray
    values: FloatArray


def beside(one: Series, other: Series, where: str) -> tuple[Series, FloatArray]:
    """Return `one` as far as `other` covers it, and the values of `other` at its times.

    Phones stamp accelerometer and gyroscope each in its own time; in between lies a straight
    line, but none across a hole.

    Raises
    ------
    SensorError
        They share no time.
    """
    one, other = _rising(one), _rising(other)
    if len(one.t_s) < 2 or len(other.t_s) < 2:
        raise SensorError(f"{where}: there are hardly any samples in it: export the recording again")
    steps = np.diff(other.t_s)
    right = np.searchsorted(other.t_s, one.t_s)
    inside = (right > 0) & (right < len(other.t_s))
    inside |= np.isin(one.t_s, other.t_s)
    gap = steps[np.clip(right - 1, 0, len(steps) - 1)]
    keep: BoolArray = inside & ((gap <= _HOLE_STEPS * float(np.median(steps))) | np.isin(one.t_s, other.t_s))
    if not keep.any():
        raise SensorError(
            f"{where}: accelerometer and gyroscope share no time "
            f"({one.t_s[0]:.2f} to {one.t_s[-1]:.2f} s, {other.t_s[0]:.2f} to {other.t_s[-1]:.2f} s)"
        )
    kept = Series(one.t_s[keep], one.values[keep])
    values = np.stack([np.interp(kept.t_s, other.t_s, other.values[:, i]) for i in range(3)], axis=1)
    return kept, values


def _rising(series: Series) -> Series:
    order = np.argsort(series.t_s, kind="stable")
    t_s, values = series.t_s[order], series.values[order]
    first = np.concatenate([[True], np.diff(t_s) > 0]) if len(t_s) else np.empty(0, np.bool_)
    return Series(t_s[first], values[first])


def evenly(stamps_s: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """Return times for samples that came in bundles with one stamp each, and a word on it.

    Times that rise are kept. Where more than a twentieth repeat, the samples of a stretch
    without a pause are spread evenly over it: the sensor took them so.
    """
    steps = np.diff(stamps_s)
    repeats = int(np.count_nonzero(steps <= 0))
    if 20 * repeats <= len(stamps_s):
        return stamps_s, ()
    rising = steps[steps > 0]
    if len(rising) == 0:
        return stamps_s, ()
    pause_s = max(5.0 * float(np.median(rising)), 0.5)
    edges = [0, *(np.flatnonzero((steps > pause_s) | (steps < -pause_s)) + 1).tolist(), len(stamps_s)]
    made = stamps_s.copy()
    for first, last in itertools.pairwise(edges):
        if last - first > 2:
            rows = np.arange(last - first, dtype=np.float64)
            slope, start = np.polyfit(rows, stamps_s[first:last], 1)
            made[first:last] = start + max(float(slope), 1e-6) * rows
    return made, (f"{repeats} samples came in bundles with one time each: spread evenly",)
