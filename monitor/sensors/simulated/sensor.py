"""A virtual motion sensor on the skin: bias, noise, a mounting at some angle, int16 counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.model.samples import FloatArray
from monitor.sensors.profiles.base import G_MS2
from monitor.sensors.simulated.lifter import Body

ACC_SCALE = 0.244e-3 * G_MS2
"""m/s2 per count of an LSM6DS3 at 8 g (0.244 mg, data sheet)."""
GYR_SCALE = math.radians(35e-3)
"""rad/s per count of an LSM6DS3 at 1000 deg/s (35 mdeg/s, data sheet)."""
GYR_RANGE_RADS = math.radians(1000)
_H_S = 0.001
"""Step of the differences that make rates and accelerations of the analytic motion."""
NOMINAL = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
"""Sensor to segment when worn as meant: sensor x up along the spine, y left, z out of the back."""


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """How good a motion sensor is; `IDEAL` has no errors but its counts.

    Parameters
    ----------
    acc_noise_ms2_rthz, gyr_noise_rads_rthz
        Noise densities per square root of Hz.
    acc_bias_ms2, gyr_bias_rads
        Largest bias an axis may have.
    gain
        Largest relative error of an axis' sensitivity.
    rate_error
        Largest relative error of the sample rate: these chips have no crystal.
    clock_ppm
        Largest error of the clock that stamps the samples.
    mounting_rad
        Largest angle off the nominal mounting.
    """

    acc_noise_ms2_rthz: float = 120e-6 * G_MS2
    gyr_noise_rads_rthz: float = math.radians(7e-3)
    acc_bias_ms2: float = 0.3
    gyr_bias_rads: float = math.radians(1.0)
    gain: float = 0.005
    rate_error: float = 0.01
    clock_ppm: float = 40.0
    mounting_rad: float = math.radians(30)


CHEAP = SensorSpec()
IDEAL = SensorSpec(0, 0, 0, 0, 0, 0, 0, 0)


def mounting(rng: np.random.Generator, spec: SensorSpec, upside_down: bool | None) -> FloatArray:
    """Return a sensor-to-segment rotation (3, 3): clipped on anyhow, one in five upside down."""
    axis = rng.normal(size=3)
    x, y, z = axis / np.linalg.norm(axis)
    angle = spec.mounting_rad * math.sqrt(rng.uniform())
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    tilt = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    turned = rng.uniform() < 0.2
    if upside_down if upside_down is not None else turned:
        # Turned by half about the axis that points out of the back.
        tilt = tilt @ np.diag((1.0, -1.0, -1.0))
    return np.asarray(tilt @ NOMINAL)


def sense(body: Body, sensor: str, t_s: FloatArray, to_segment: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what a perfect sensor feels.

    Parameters
    ----------
    t_s
        (N,) moments in s, ascending, further apart than 2 ms.
    to_segment
        (3, 3) sensor to segment rotation.

    Returns
    -------
    (N, 3) specific force in m/s2 and (N, 3) angular rate in rad/s, sensor frame.
    """
    around = (t_s[:, None] + np.array([-_H_S, 0.0, _H_S])).ravel()
    position = body.position(sensor, around).reshape(-1, 3, 3)
    world = (position[:, 0] - 2 * position[:, 1] + position[:, 2]) / _H_S**2
    world[:, 2] += G_MS2
    angles = [a.reshape(-1, 3) for a in body.angles(sensor, around)]
    side, tilt, _ = (a[:, 1] for a in angles)
    side_rate, tilt_rate, twist_rate = ((a[:, 2] - a[:, 0]) / (2 * _H_S) for a in angles)
    sin_s, cos_s, sin_t, cos_t = np.sin(side), np.cos(side), np.sin(tilt), np.cos(tilt)
    # Segment to world is Rz(twist) Ry(tilt) Rx(side); positions turn with the twist already.
    forward = cos_t * world[:, 0] - sin_t * world[:, 2]
    lifted = sin_t * world[:, 0] + cos_t * world[:, 2]
    force = np.stack(
        (forward, cos_s * world[:, 1] + sin_s * lifted, cos_s * lifted - sin_s * world[:, 1]), axis=1
    )
    rate = np.stack(
        (
            side_rate - twist_rate * sin_t,
            tilt_rate * cos_s + twist_rate * cos_t * sin_s,
            twist_rate * cos_t * cos_s - tilt_rate * sin_s,
        ),
        axis=1,
    )
    return force @ to_segment, rate @ to_segment


def counts(
    rng: np.random.Generator,
    spec: SensorSpec,
    rate_hz: float,
    acc_ms2: FloatArray,
    gyr_rads: FloatArray,
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Return what a chip of quality `spec` makes of it: (N, 3) counts of both, saturating."""
    band = math.sqrt(rate_hz / 2)
    made = []
    for perfect, noise, bias, scale in (
        (acc_ms2, spec.acc_noise_ms2_rthz, spec.acc_bias_ms2, ACC_SCALE),
        (gyr_rads, spec.gyr_noise_rads_rthz, spec.gyr_bias_rads, GYR_SCALE),
    ):
        gain = 1 + spec.gain * rng.uniform(-1, 1, 3)
        offset = bias * rng.uniform(-1, 1, 3)
        noisy = perfect * gain + offset + noise * band * rng.normal(size=perfect.shape)
        made.append(np.clip(np.rint(noisy / scale), -32768, 32767).astype(np.int16))
    return made[0], made[1]
