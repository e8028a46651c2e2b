"""What the pretended devices measure: an array of movement with known numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """(N, 3) specific force in m/s2 and angular rate in rad/s, one row a sample."""

    acc_ms2: FloatArray
    gyr_rads: FloatArray

    def __len__(self) -> int:
        return len(self.acc_ms2)


def swaying(samples: int, rate_hz: float = 104.0, seed: int = 1) -> Motion:
    """Return smooth movement of all six axes within 3 g and 200 deg/s, gravity on z."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(samples)[:, None] / rate_hz
    hz, phase = rng.uniform(0.3, 2.0, (2, 1, 3)), rng.uniform(0, 2 * np.pi, (2, 1, 3))
    acc = 2.0 * np.sin(2 * np.pi * hz[0] * t_s + phase[0]) + [0.0, 0.0, 9.80665]
    gyr = 2.0 * np.sin(2 * np.pi * hz[1] * t_s + phase[1])
    return Motion(acc, gyr)


def counts(values: FloatArray, scale: float) -> npt.NDArray[np.int16]:
    """Return `values` as a 16-bit chip reports them, one count being `scale`."""
    return np.clip(np.rint(values / scale), -32768, 32767).astype("<i2")
