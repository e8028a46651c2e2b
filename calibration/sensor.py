"""Calibration of the sensor itself: gyroscope offset from stillness, accelerometer from six poses.

The result is a frozen artefact that applies itself, refuses other units, and reads as JSON.
The accelerometer is fitted to what gravity must be in any still pose, so the poses need not be
square to the axes: an ellipsoid through them is turned into a sphere of 9.81 m/s2 (cf. Frosio 2009).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from calibration.alignment import FloatArray, angle_between
from calibration.errors import CalibrationError
from calibration.motion import G_MS2
from calibration.stillness import still_spans

FORMAT: Final = "lumbar.sensor_calibration"
VERSION: Final = 1
ACC_UNIT: Final = "m/s2"
GYR_UNIT: Final = "rad/s"

_SAME_POSE_RAD: Final = math.radians(20.0)
_FARTHEST_RAD: Final = math.radians(35.0)
"""A pose belongs to an axis within this angle of it."""
_LARGEST_OFFSET_MS2: Final = 3.0
_LARGEST_GAIN: Final = 0.15
"""No chip sold is further off (LSM6DS3, MPU-6050: 3 % and 0.1 g at most): something else is wrong then."""
_MOST_SWAY_RAD: Final = math.radians(4.0)
_LEAST_STILL_S: Final = 1.0
_AXES: Final = tuple(f"{sign}{axis}" for axis in "xyz" for sign in "+-")


@dataclass(frozen=True, slots=True, eq=False)
class SensorCalibration:
    """What is off in one sensor; it corrects samples by itself.

    Parameters
    ----------
    acc_gain
        (3,) sensitivity of each axis against the true one, 1.0 if exact.
    acc_offset_ms2
        (3,) reading of each axis in m/s2 where there is no force.
    gyr_offset_rads
        (3,) reading of each axis in rad/s at rest.
    """

    acc_gain: FloatArray = field(default_factory=lambda: np.ones(3))
    acc_offset_ms2: FloatArray = field(default_factory=lambda: np.zeros(3))
    gyr_offset_rads: FloatArray = field(default_factory=lambda: np.zeros(3))

    def apply(
        self, acc: FloatArray, gyr: FloatArray, *, acc_unit: str = ACC_UNIT, gyr_unit: str = GYR_UNIT
    ) -> tuple[FloatArray, FloatArray]:
        """Return corrected samples.

        Parameters
        ----------
        acc, gyr
            (N, 3) specific force and angular rate, sensor frame.
        acc_unit, gyr_unit
            Their units; only m/s2 and rad/s are accepted.

        Raises
        ------
        CalibrationError
            Another unit: the offsets would be wrong by that factor.
        """
        if (acc_unit, gyr_unit) != (ACC_UNIT, GYR_UNIT):
            raise CalibrationError(
                f"the calibration corrects samples in {ACC_UNIT} and {GYR_UNIT}, not in {acc_unit} and "
                f"{gyr_unit}: convert them first"
            )
        return (acc - self.acc_offset_ms2) / self.acc_gain, gyr - self.gyr_offset_rads

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "acc_unit": ACC_UNIT,
            "gyr_unit": GYR_UNIT,
            "acc_gain": self.acc_gain.tolist(),
            "acc_offset": self.acc_offset_ms2.tolist(),
            "gyr_offset": self.gyr_offset_rads.tolist(),
        }

    @classmethod
    def from_json(cls, made: Any) -> SensorCalibration:
        """Return what `to_json` wrote; CalibrationError if it is something else."""
        if not isinstance(made, dict) or made.get("format") != FORMAT:
            raise CalibrationError("this is no sensor calibration")
        if made.get("version") != VERSION:
            raise CalibrationError(
                f"sensor calibration of version {made.get('version')}, this program reads {VERSION}"
            )
        if (made.get("acc_unit"), made.get("gyr_unit")) != (ACC_UNIT, GYR_UNIT):
            raise CalibrationError(
                f"sensor calibration in {made.get('acc_unit')} and {made.get('gyr_unit')}: "
                f"it must be in {ACC_UNIT} and {GYR_UNIT}"
            )
        gain, offset, rate = (_vector(made, name) for name in ("acc_gain", "acc_offset", "gyr_offset"))
        if not (np.abs(gain - 1.0) < 0.5).all():
            raise CalibrationError(f"sensor calibration: acc_gain {gain.tolist()} is not near 1")
        return cls(gain, offset, rate)


def _vector(made: dict[str, Any], name: str) -> FloatArray:
    try:
        vector = np.asarray(made.get(name), dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (3,) or not np.isfinite(vector).all():
        raise CalibrationError(f"sensor calibration: {name} must be three numbers")
    return vector


def gyro_offset(acc_ms2: FloatArray, gyr_rads: FloatArray, rate_hz: float) -> FloatArray:
    """Return the gyroscope's offset (3,) in rad/s from a stretch at rest, lying or worn.

    Worn, a body sways and breathes. What it really turned about the horizontal is known from
    gravity and taken away first; the offset is the slope of what is left of the integrated rate.
    Three seconds of standing give it to about 0.1 deg/s, two of lying to 0.02.

    Parameters
    ----------
    acc_ms2, gyr_rads
        (N, 3) specific force in m/s2 and angular rate in rad/s, sensor frame.
    rate_hz
        Samples a second.

    Raises
    ------
    CalibrationError
        Less than a second, or the sensor moved.
    """
    if len(gyr_rads) < _LEAST_STILL_S * rate_hz:
        raise CalibrationError("less than a second at rest: keep the sensor still a little longer")
    direction = acc_ms2 / np.linalg.norm(acc_ms2, axis=1, keepdims=True)
    up = direction.mean(axis=0)
    up /= np.linalg.norm(up)
    # Turning the sensor by the small vector f takes up to up + up x f, so f is (up(t) x up), but for its
    # part about the vertical.
    turned = np.cross(direction, up)
    step = np.diff(gyr_rads, axis=0) / 2 + gyr_rads[:-1]
    integral = np.concatenate([np.zeros((1, 3)), np.cumsum(step, axis=0)]) / rate_hz
    left = integral - turned
    t_s = np.arange(len(left)) / rate_hz
    t_s -= t_s.mean()
    slope = (t_s @ left) / (t_s @ t_s)
    swayed = turned - turned.mean(axis=0)
    spun = left - left.mean(axis=0) - np.outer(t_s, slope)
    if max(float(np.abs(swayed).max()), float(np.abs(spun).max())) > _MOST_SWAY_RAD:
        raise CalibrationError("the sensor moved while it should be at rest: keep it still and try again")
    return np.asarray(slope)


def fit_accelerometer(poses_ms2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return gain (3,) and offset (3,) in m/s2 of an accelerometer from its mean reading in still poses.

    Parameters
    ----------
    poses_ms2
        (P, 3) mean specific force of each pose in m/s2, in any order; each side of the sensor up once.

    Raises
    ------
    CalibrationError
        A side is missing, or the readings are no gravity in m/s2.
    """
    sizes = np.linalg.norm(poses_ms2, axis=1) if len(poses_ms2) else np.empty(0)
    if len(sizes) and not 0.75 < float(np.median(sizes)) / G_MS2 < 1.25:
        raise CalibrationError(
            f"gravity reads {np.median(sizes):.2f} where it is {G_MS2:.2f} m/s2: is it in another unit?"
        )
    missing = missing_sides(poses_ms2)
    if missing:
        raise CalibrationError(
            f"{_counted(len(_AXES) - len(missing))} of six: no pose with {_listed(missing)} up; "
            "lay the sensor on each of its six sides for two seconds"
        )

    def misses(guess: FloatArray) -> FloatArray:
        return np.asarray(np.linalg.norm((poses_ms2 - guess[3:]) / guess[:3], axis=1) - G_MS2)

    from scipy.optimize import least_squares  # noqa: PLC0415 - half a second, and only needed here

    found = least_squares(misses, np.array([1.0, 1, 1, 0, 0, 0]), xtol=1e-12, ftol=1e-12).x
    gain, offset = found[:3], found[3:]
    if np.abs(gain - 1).max() > _LARGEST_GAIN or np.abs(offset).max() > _LARGEST_OFFSET_MS2:
        raise CalibrationError(
            "the six poses do not fit one gravity: let the sensor lie still in each, away from anything "
            "that shakes, and try again"
        )
    return gain, offset


def missing_sides(poses_ms2: Iterable[FloatArray]) -> list[str]:
    """Return the axes (``"+x"`` to ``"-z"``) that none of the poses, (3,) each, holds upwards."""
    there = {_side(pose) for pose in poses_ms2}
    return [name for i, name in enumerate(_AXES) if i not in there]


def _side(pose: FloatArray) -> int:
    """Return the index in _AXES of the axis that points up in `pose`, -1 if none does."""
    axis = int(np.argmax(np.abs(pose)))
    if abs(float(pose[axis])) < math.cos(_FARTHEST_RAD) * float(np.linalg.norm(pose)):
        return -1
    return 2 * axis + int(pose[axis] < 0)


def add_pose(poses: Sequence[FloatArray], pose: FloatArray) -> list[FloatArray]:
    """Return `poses` with one more; it replaces an earlier one that it repeats."""
    return [p for p in poses if angle_between(p, pose) > _SAME_POSE_RAD] + [pose]


def calibrated_sensor(acc_ms2: FloatArray, gyr_rads: FloatArray, rate_hz: float) -> SensorCalibration:
    """Return the calibration of a sensor that was laid on its six sides, in any order.

    Parameters
    ----------
    acc_ms2, gyr_rads
        (N, 3) specific force in m/s2 and angular rate in rad/s, sensor frame; the whole record.
    rate_hz
        Samples a second.

    Raises
    ------
    CalibrationError
        A side is missing, nothing was still, or the readings are no gravity in m/s2.
    """
    spans = still_spans(acc_ms2, gyr_rads, rate_hz)
    if not spans:
        raise CalibrationError("the sensor never lay still: two seconds on each of its six sides")
    poses: list[FloatArray] = []
    for start, stop in spans:
        poses = add_pose(poses, acc_ms2[start:stop].mean(axis=0))
    gain, offset = fit_accelerometer(np.array(poses))
    rates = [gyro_offset(acc_ms2[a:b], gyr_rads[a:b], rate_hz) for a, b in spans]
    weights = np.array([b - a for a, b in spans], dtype=np.float64)
    return SensorCalibration(gain, offset, weights @ np.array(rates) / weights.sum())


def _counted(count: int) -> str:
    return f"{count} pose{'' if count == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
