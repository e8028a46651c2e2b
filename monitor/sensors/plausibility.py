"""Are these numbers in the units they claim? What gravity and rotation must look like.

A sensor on a person sees 9.81 m/s2 most of the time, and when it turns, gravity turns in its
frame by just as much the other way. Both hold for any mounting, so both betray a wrong unit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from monitor.model.errors import SensorError

if TYPE_CHECKING:
    from monitor.model.samples import FloatArray

STANDARD_GRAVITY_MS2 = 9.80665
"""CGPM 1901."""
ACC_UNITS = {"m/s2": 1.0, "g": STANDARD_GRAVITY_MS2}
GYR_UNITS = {"rad/s": 1.0, "deg/s": math.pi / 180.0}

_GRAVITY_SHARE = (0.7, 1.4)
"""Median norm over gravity that passes: uncalibrated parts are within 10 %, lifting adds some."""
_OTHER_ACC_UNITS = {
    "milli-g: divide by 1000 and pass --acc-unit g": STANDARD_GRAVITY_MS2 / 1000.0,
    "cm/s2: divide by 100": 0.01,
    "counts of 16384 a g: divide by 16384 and pass --acc-unit g": STANDARD_GRAVITY_MS2 / 16384.0,
    "counts of 8192 a g: divide by 8192 and pass --acc-unit g": STANDARD_GRAVITY_MS2 / 8192.0,
    "counts of 4096 a g: divide by 4096 and pass --acc-unit g": STANDARD_GRAVITY_MS2 / 4096.0,
    "counts of 2048 a g: divide by 2048 and pass --acc-unit g": STANDARD_GRAVITY_MS2 / 2048.0,
}
_FASTEST_RADS = 35.0
"""Full scale of the consumer gyroscopes we know, 2000 deg/s; no trunk comes near it."""
_BIN_S = 0.25
"""Averages the accelerations of lifting out of gravity's direction, and is short against a repetition."""
_LEAST_BINS = 8
_LEAST_TURN_RAD = 0.005
"""Root mean square turn a bin under which nobody moved and nothing can be said."""
_LEAST_CORRELATION = 0.5
_WRONG_FACTOR = math.sqrt(180.0 / math.pi)
"""Half way, on a ratio scale, between the right unit and the wrong one."""


def check_acceleration(acc: FloatArray, unit: str, where: str) -> None:
    """Raise SensorError if gravity does not have its size.

    Parameters
    ----------
    acc
        (N, 3) accelerations in `unit`, sensor frame.
    unit
        A key of `ACC_UNITS`.
    where
        Name of the file, for the message.

    Raises
    ------
    SensorError
        Names the unit that would fit.
    """
    median = float(np.median(np.linalg.norm(acc, axis=1)))
    if _is_gravity(median * ACC_UNITS[unit]):
        return
    seen = f"{where}: acceleration at rest reads {median:.4g} where {unit} should read "
    seen += f"{STANDARD_GRAVITY_MS2 / ACC_UNITS[unit]:.4g}"
    for other, ms2 in ACC_UNITS.items():
        if _is_gravity(median * ms2):
            raise SensorError(f"{seen}: looks like {other}: pass --acc-unit {other}")
    for advice, ms2 in _OTHER_ACC_UNITS.items():
        if _is_gravity(median * ms2):
            raise SensorError(f"{seen}: looks like {advice}")
    if median * ACC_UNITS[unit] < 0.5 * STANDARD_GRAVITY_MS2:
        raise SensorError(f"{seen}: gravity seems to be removed; export the raw acceleration")
    raise SensorError(f"{seen}: scale the columns to m/s2 or g")


def _is_gravity(value_ms2: float) -> bool:
    low, high = _GRAVITY_SHARE
    return low <= value_ms2 / STANDARD_GRAVITY_MS2 <= high


def check_rates(t_s: FloatArray, acc_ms2: FloatArray, gyr_rads: FloatArray, unit: str, where: str) -> None:
    """Raise SensorError if the gyroscope does not turn as gravity does.

    Parameters
    ----------
    t_s
        (N,) time in s, strictly increasing.
    acc_ms2, gyr_rads
        (N, 3) samples in SI units as converted from `unit`, sensor frame.
    unit
        The key of `GYR_UNITS` they were converted from.
    where
        Name of the file, for the message.

    Raises
    ------
    SensorError
        Names the unit that would fit.
    """
    fast = float(np.percentile(np.linalg.norm(gyr_rads, axis=1), 99))
    if fast > _FASTEST_RADS:
        hint = ": looks like deg/s: pass --gyr-unit deg/s" if unit == "rad/s" else ": scale the columns"
        raise SensorError(f"{where}: the gyroscope reads {fast:.0f} rad/s, which no trunk reaches{hint}")
    share = turn_share(t_s, acc_ms2, gyr_rads)
    if share is None:
        return
    if unit == "rad/s" and share < 1.0 / _WRONG_FACTOR:
        raise SensorError(
            f"{where}: the gyroscope turns {1.0 / share:.0f} times as far as gravity does: "
            "looks like deg/s: pass --gyr-unit deg/s"
        )
    if unit == "deg/s" and share > _WRONG_FACTOR:
        raise SensorError(
            f"{where}: gravity turns {share:.0f} times as far as the gyroscope: "
            "looks like rad/s: pass --gyr-unit rad/s"
        )


def turn_share(t_s: FloatArray, acc_ms2: FloatArray, gyr_rads: FloatArray) -> float | None:
    """Return how far gravity turns against what the gyroscope says; 1 where both agree.

    Parameters
    ----------
    t_s
        (N,) time in s, strictly increasing.
    acc_ms2, gyr_rads
        (N, 3) in m/s2 and rad/s, sensor frame.

    Returns
    -------
    float or None
        None where there is too little motion to tell, or where the two are unrelated.
    """
    bins = ((t_s - t_s[0]) / _BIN_S).astype(np.int64)
    first = np.flatnonzero(np.diff(bins, prepend=-1))
    rows = np.diff(np.append(first, len(bins)))
    if len(first) < _LEAST_BINS:
        return None
    at_s = np.add.reduceat(t_s, first) / rows
    up = np.add.reduceat(acc_ms2, first) / rows[:, None]
    up /= np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-9)
    rate = np.add.reduceat(gyr_rads, first) / rows[:, None]
    seen = np.diff(up, axis=0)
    # A fixed direction moves in a frame turning at w with -w x u.
    said = -np.cross(rate[1:] + rate[:-1], up[1:] + up[:-1]) / 4.0 * np.diff(at_s)[:, None]
    near = np.diff(bins[first]) == 1
    seen, said = seen[near], said[near]
    if len(seen) < _LEAST_BINS or math.sqrt(float(np.mean(np.sum(seen**2, axis=1)))) < _LEAST_TURN_RAD:
        return None
    both, power = float(np.sum(seen * said)), float(np.sum(said**2))
    if power == 0.0 or both / math.sqrt(power * float(np.sum(seen**2))) < _LEAST_CORRELATION:
        return None
    return both / power
