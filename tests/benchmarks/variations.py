"""What a recording of the same movement may look like on another day: each keeps the truth it had.

Every variation takes the samples of one sensor and a generator, and returns them as another sensor,
clip, radio or chip would have given them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfiltfilt
from scipy.spatial.transform import Rotation

from monitor.model.samples import FloatArray

HEADER = "t_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
_G_MS2 = 9.80665
_HOLE_S = 0.06


@dataclass(frozen=True)
class Samples:
    """Time (N,) in s, specific force (N, 3) in m/s2, rate (N, 3) in rad/s; what was done to time and axes.

    A true moment t is at `rate * t + offset_s` now, a true vector v in the sensor frame is at `turned @ v`.
    """

    t_s: FloatArray
    acc: FloatArray
    gyr: FloatArray
    rate: float = 1.0
    offset_s: float = 0.0
    turned: FloatArray = field(default_factory=lambda: np.eye(3))

    def rows(self, keep: np.ndarray | slice) -> Samples:
        return replace(self, t_s=self.t_s[keep], acc=self.acc[keep], gyr=self.gyr[keep])

    def write(self, path: Path) -> Path:
        table = np.column_stack([self.t_s, self.acc, self.gyr])
        np.savetxt(path, table, "%.6f", delimiter=",", header=HEADER, comments="")
        return path


def read(path: Path) -> Samples:
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    return Samples(table[:, 0], table[:, 1:4], table[:, 4:7])


Variation = Callable[[Samples, np.random.Generator], Samples]

RIGHT_ANGLES = [
    np.diag(signs) @ np.eye(3)[list(order)]
    for order, signs in product(permutations(range(3)), product((-1.0, 1.0), repeat=3))
    if np.linalg.det(np.diag(signs) @ np.eye(3)[list(order)]) > 0
]


def _turn(s: Samples, matrix: FloatArray, axial: float = 1.0) -> Samples:
    return replace(s, acc=s.acc @ matrix.T, gyr=axial * s.gyr @ matrix.T, turned=matrix @ s.turned)


def right_angle(s: Samples, rng: np.random.Generator) -> Samples:
    return _turn(s, RIGHT_ANGLES[rng.integers(24)])


def any_way(s: Samples, rng: np.random.Generator) -> Samples:
    return _turn(s, Rotation.random(random_state=rng).as_matrix())


def mirrored(s: Samples, rng: np.random.Generator) -> Samples:  # noqa: ARG001
    """Left for right, and the frame with it: a reflection turns rates the other way."""
    return _turn(s, np.diag([1.0, 1.0, -1.0]), axial=-1.0)


def at_rate(hz: float) -> Variation:
    def made(s: Samples, rng: np.random.Generator) -> Samples:
        own_hz = 1.0 / float(np.median(np.diff(s.t_s)))
        t = np.arange(s.t_s[0] + rng.uniform(0, 1 / hz), s.t_s[-1], 1 / hz)
        fine = np.arange(s.t_s[0], s.t_s[-1], 1 / own_hz)
        columns = np.column_stack([s.acc, s.gyr])
        columns = np.column_stack([np.interp(fine, s.t_s, c) for c in columns.T])
        if hz < own_hz:
            columns = sosfiltfilt(butter(4, 0.4 * hz, fs=own_hz, output="sos"), columns, axis=0)
        columns = CubicSpline(fine, columns)(np.minimum(t, fine[-1]))
        after = np.searchsorted(s.t_s, t).clip(1, len(s.t_s) - 1)
        there = s.t_s[after] - s.t_s[after - 1] < _HOLE_S
        return replace(s, t_s=t[there], acc=columns[there, :3], gyr=columns[there, 3:])

    return made


def jittered(s: Samples, rng: np.random.Generator) -> Samples:
    """Stamps off by up to a third of a step."""
    dt = float(np.median(np.diff(s.t_s)))
    return replace(s, t_s=s.t_s + rng.uniform(-0.33, 0.33, len(s.t_s)) * dt)


def batched(s: Samples, rng: np.random.Generator) -> Samples:
    """Eight samples stamped as they arrive together, half a millisecond apart, up to 30 ms late."""
    count = np.arange(len(s.t_s))
    last = np.minimum(count // 8 * 8 + 7, len(s.t_s) - 1)
    late_s = rng.uniform(0.0, 0.03, len(s.t_s))[last]
    return replace(s, t_s=s.t_s[last] + late_s - (last - count) * 0.0005)


def lossy(share: float) -> Variation:
    """Lose bursts of 1 to 12 samples."""

    def made(s: Samples, rng: np.random.Generator) -> Samples:
        keep = np.ones(len(s.t_s), bool)
        while keep.mean() > 1 - share:
            start = rng.integers(1, len(keep) - 13)
            keep[start : start + rng.integers(1, 13)] = False
        return s.rows(keep)

    return made


def repeated(s: Samples, rng: np.random.Generator) -> Samples:
    """Two in a hundred rows come twice; one in fifty holds the values of the one before."""
    again = np.sort(np.concatenate([np.arange(len(s.t_s)), rng.choice(len(s.t_s), len(s.t_s) // 50)]))
    s = s.rows(again)
    held = rng.choice(np.arange(1, len(s.t_s)), len(s.t_s) // 50)
    acc, gyr = s.acc.copy(), s.gyr.copy()
    acc[held], gyr[held] = acc[held - 1], gyr[held - 1]
    return replace(s, acc=acc, gyr=gyr)


def timed(rate: float = 1.0, offset_s: float = 0.0) -> Variation:
    def made(s: Samples, rng: np.random.Generator) -> Samples:  # noqa: ARG001
        return replace(s, t_s=rate * s.t_s + offset_s, rate=rate, offset_s=offset_s)

    return made


def chip(
    gyr_bias_degs: float = 0.0,
    gain: float = 0.0,
    acc_offset_ms2: float = 0.0,
    noise: float = 0.0,
    steps: tuple[float, float] = (0.0, 0.0),
    range_g: float = math.inf,
    range_degs: float = math.inf,
) -> Variation:
    """Errors of size `bias`, `gain`, `offset` in a random direction; `noise` in MPU-6050s.

    `steps` is one count of accelerometer (m/s2) and gyroscope (rad/s).
    """

    def made(s: Samples, rng: np.random.Generator) -> Samples:
        band = math.sqrt(0.5 / float(np.median(np.diff(s.t_s))))
        # 400 ug and 0.005 deg/s per root hertz, data sheet of the MPU-6050.
        acc = s.acc * (1 + gain * rng.choice((-1, 1), 3)) + acc_offset_ms2 * rng.choice((-1, 1), 3)
        acc = acc + noise * 400e-6 * _G_MS2 * band * rng.normal(size=acc.shape)
        gyr = s.gyr + math.radians(gyr_bias_degs) * rng.choice((-1, 1), 3)
        gyr = gyr + noise * math.radians(0.005) * band * rng.normal(size=gyr.shape)
        acc, gyr = (
            np.round(v / step) * step if step else v for v, step in zip((acc, gyr), steps, strict=True)
        )
        most = math.radians(range_degs)
        return replace(
            s, acc=np.clip(acc, -range_g * _G_MS2, range_g * _G_MS2), gyr=np.clip(gyr, -most, most)
        )

    return made


COARSE = (16 * _G_MS2 / 256, math.radians(1000.0 / 256))
"""Eight bits over +-8 g and +-500 deg/s."""

VARIATIONS: dict[str, Variation] = {
    "as it is": lambda s, _: s,
    "right angles": right_angle,
    "any way round": any_way,
    "upside down": lambda s, _: _turn(s, np.diag([-1.0, -1.0, 1.0])),
    "mirrored": mirrored,
    **{f"{hz} Hz": at_rate(hz) for hz in (25, 50, 60, 104, 200, 400)},
    "jitter": jittered,
    "batches of 8": batched,
    **{f"{share:.0%} lost": lossy(share) for share in (0.01, 0.05, 0.10)},
    "repeated rows": repeated,
    "clock +100 ppm": timed(1.0001),
    "t from 1234.567": timed(offset_s=1234.567),
    "t in unix time": timed(offset_s=1.79e9),
    "t from -20": timed(offset_s=-20.0),
    "gyr bias 1": chip(gyr_bias_degs=1.0),
    "gyr bias 3": chip(gyr_bias_degs=3.0),
    "acc gain 3 %": chip(gain=0.03),
    "acc offset 0.3": chip(acc_offset_ms2=0.3),
    "noise 3x": chip(noise=3.0),
    "all of these": chip(3.0, 0.03, 0.3, 3.0),
    "8 bits": chip(steps=COARSE),
    "gyr 250 deg/s": chip(range_degs=250.0),
    "gyr 100 deg/s": chip(range_degs=100.0),
    "acc 2 g": chip(range_g=2.0),
    "acc 1.2 g": chip(range_g=1.2),
}

Intervals = list[tuple[float, float]]
Part = Callable[[Samples, Intervals], tuple[Samples, Intervals]]


def from_rep(share: float) -> Part:
    """Begin so far into the first repetition, of its length; it need not be counted then."""

    def made(s: Samples, truth: Intervals) -> tuple[Samples, Intervals]:
        start, end = truth[0]
        return s.rows(s.t_s >= start + share * (end - start)), truth[1:]

    return made


def until(count: int, late_s: float) -> Part:
    """End so long after repetition `count` (of ten)."""

    def made(s: Samples, truth: Intervals) -> tuple[Samples, Intervals]:
        return s.rows(s.t_s <= truth[count - 1][1] + late_s), truth[:count]

    return made


def without_middle(s: Samples, truth: Intervals) -> tuple[Samples, Intervals]:
    """Lose 0.8 s in the middle of repetition 5, which need not be counted then."""
    middle_s = sum(truth[4]) / 2
    return s.rows(np.abs(s.t_s - middle_s) > 0.4), truth[:4] + truth[5:]


PARTS: dict[str, Part] = {
    "from 0.2 s before": lambda s, truth: (s.rows(s.t_s >= truth[0][0] - 0.2), truth),
    "from a quarter on": from_rep(0.25),
    "from the middle on": from_rep(0.5),
    "from rep 8 on": lambda s, truth: (s.rows(s.t_s >= truth[7][0] - 0.2), truth[7:]),
    "ends with rep 10": until(10, 0.0),
    "ends 0.1 s early": until(10, -0.1),
    "ends inside rep 10": lambda s, truth: (s.rows(s.t_s <= sum(truth[9]) / 2), truth[:9]),
    "three repetitions": until(3, 0.1),
    "hole in rep 5": without_middle,
}
