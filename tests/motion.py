"""Hand-made motion of one sensor with a known truth, for tests of signs, gaps and limits."""

from __future__ import annotations

import numpy as np

from monitor.model.samples import LOWER, FloatArray, ImuBlock

UPRIGHT = np.eye(3)
"""A sensor mounted along the segment: x forward, y left, z up."""


def bending(
    tilt_rad: FloatArray, rate_hz: float = 100.0, mounting: FloatArray = UPRIGHT, sensor: str = LOWER
) -> ImuBlock:
    """Return what a sensor feels that is bent forward by `tilt_rad` (N,) about the body's left axis.

    `mounting` (3, 3) turns segment vectors into sensor vectors.
    """
    zero = np.zeros_like(tilt_rad)
    up = np.stack([-np.sin(tilt_rad), zero, np.cos(tilt_rad)], axis=1)
    rate = np.stack([zero, np.gradient(tilt_rad) * rate_hz, zero], axis=1)
    t = np.arange(len(tilt_rad)) / rate_hz
    return ImuBlock(t, 9.81 * up @ mounting.T, rate @ mounting.T, sensor)


def leaning(side_rad: FloatArray, rate_hz: float = 100.0) -> ImuBlock:
    """Return what an aligned sensor feels that leans right by `side_rad` (N,)."""
    zero = np.zeros_like(side_rad)
    up = np.stack([zero, np.sin(side_rad), np.cos(side_rad)], axis=1)
    rate = np.stack([np.gradient(side_rad) * rate_hz, zero, zero], axis=1)
    return ImuBlock(np.arange(len(side_rad)) / rate_hz, 9.81 * up, rate)


def still_then_bends(
    peaks_deg: tuple[float, ...], still_s: float = 3.0, bend_s: float = 2.0, rate_hz: float = 100.0
) -> FloatArray:
    """Return a tilt in rad: stillness, then smooth bends to each peak and back, one after the other."""
    parts = [np.zeros(round(still_s * rate_hz))]
    phase = np.arange(round(bend_s * rate_hz)) / (bend_s * rate_hz)
    parts += [np.radians(peak) * (1 - np.cos(2 * np.pi * phase)) / 2 for peak in peaks_deg]
    parts.append(np.zeros(round(rate_hz)))
    return np.concatenate(parts)
