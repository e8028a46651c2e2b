"""Sensor-to-segment alignment: from the frame of a clipped-on sensor to that of the body segment.

Segment frame: x anterior, y left, z up, right-handed; z is up in the neutral pose. The
medio-lateral axis is the principal axis of the angular rate while the trunk bends
(functional calibration by quiet stance and principal axis; cf. Mihy 2022).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A constant rotation from the sensor frame to the segment frame.

    Parameters
    ----------
    sensor_to_segment
        (3, 3) rotation: segment vector = matrix @ sensor vector. Its rows are the segment's
        axes anterior, left and up in the sensor frame.
    """

    sensor_to_segment: FloatArray

    def with_neutral(self, up: FloatArray) -> Alignment:
        """Return the alignment with the same medio-lateral axis and a new neutral up-vector (3,)."""
        return align(up, self.sensor_to_segment[1])

    def rows(self) -> tuple[tuple[float, float, float], ...]:
        """Return the matrix as plain numbers, row by row."""
        return tuple((float(r[0]), float(r[1]), float(r[2])) for r in self.sensor_to_segment)


IDENTITY = Alignment(np.eye(3))
"""For sensors mounted along the segment's own axes: x forward, y left, z up."""


def align(up_neutral: FloatArray, left: FloatArray) -> Alignment:
    """Return the alignment for an up-vector and a medio-lateral axis, both in the sensor frame.

    Parameters
    ----------
    up_neutral
        (3,) up in the neutral pose; any length.
    left
        (3,) axis of forward bending (positive rotation bends forward); made perpendicular to up.

    Raises
    ------
    ValueError
        If the two are parallel: the axis says nothing then.
    """
    z = up_neutral / np.linalg.norm(up_neutral)
    y = left - z * (left @ z)
    length = np.linalg.norm(y)
    if length < 0.2 * np.linalg.norm(left):
        raise ValueError("the rotation axis lies along the vertical: bend forward, do not turn")
    y = y / length
    return Alignment(np.stack([np.cross(y, z), y, z]))


def rotation_axis(gyr_rads: FloatArray, up_neutral: FloatArray) -> tuple[FloatArray, float]:
    """Return the principal horizontal axis of a rotation and its share of the horizontal rotation.

    Parameters
    ----------
    gyr_rads
        (N, 3) angular rate in rad/s, sensor frame, bias removed.
    up_neutral
        (3,) unit up-vector of the neutral pose, sensor frame.

    Returns
    -------
    axis : (3,) unit vector perpendicular to `up_neutral`, of arbitrary sign.
    share : its share of the squared horizontal rate, 0.5 to 1.
    """
    flat = gyr_rads - np.outer(gyr_rads @ up_neutral, up_neutral)
    values, vectors = np.linalg.eigh(flat.T @ flat)
    total = float(values.sum())
    return vectors[:, -1], float(values[-1]) / total if total > 0 else 0.0


def transferred_axis(
    axis: FloatArray, gyr_rads: FloatArray, up: FloatArray, other_gyr_rads: FloatArray, other_up: FloatArray
) -> tuple[FloatArray, float]:
    """Return the axis of one sensor in the frame of another on the same body, and their agreement.

    Whatever way the trunk moves, neighbouring segments turn about the same horizontal direction
    most of the time: the rotation about the vertical that best lays one sensor's horizontal
    angular rates over the other's joins the two frames (a Procrustes fit in the plane).

    Parameters
    ----------
    axis
        (3,) horizontal unit axis in the first sensor's frame.
    gyr_rads, other_gyr_rads
        (N, 3) simultaneous angular rates in rad/s, each in its own sensor frame, finite.
    up, other_up
        (3,) up-vectors of the neutral pose in those frames.

    Returns
    -------
    axis : (3,) the same axis in the other sensor's frame.
    agreement : share of the other sensor's horizontal rate that the fit explains, -1 to 1.
    """
    east, north = _horizontal(up)
    other_east, other_north = _horizontal(other_up)
    # Complex numbers for directions in the plane: the fit is one mean phase.
    rate = gyr_rads @ east + 1j * (gyr_rads @ north)
    other_rate = other_gyr_rads @ other_east + 1j * (other_gyr_rads @ other_north)
    common = complex(np.vdot(rate, other_rate))
    power = math.sqrt(float(np.vdot(rate, rate).real * np.vdot(other_rate, other_rate).real))
    if common == 0 or power == 0:
        return other_east, 0.0
    turned = complex(axis @ east, axis @ north) * common / abs(common)
    return other_east * turned.real + other_north * turned.imag, abs(common) / power


def _horizontal(up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return two unit vectors that span the plane perpendicular to `up`, right-handed with it."""
    east = np.cross(up, np.eye(3)[int(np.argmin(np.abs(up)))])
    east /= np.linalg.norm(east)
    return east, np.cross(up, east)


def tilt_from(up: FloatArray, alignment: Alignment) -> tuple[FloatArray, FloatArray]:
    """Return the sagittal and frontal tilt in rad of up-vectors (N, 3) given in the sensor frame.

    Turning the segment by +a about +y (left) bends it forward and moves up to
    (-sin a, 0, cos a) in the segment's frame; leaning right by b moves it to (0, sin b, cos b).
    """
    # einsum, not matmul: its sums do not depend on the number of rows.
    x, y, z = np.einsum("ij,kj->ki", up, alignment.sensor_to_segment)
    return np.arctan2(-x, z), np.arctan2(y, np.hypot(x, z))


def angle_between(a: FloatArray, b: FloatArray) -> float:
    """Return the angle in rad between two vectors (3,)."""
    return math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))
