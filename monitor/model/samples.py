"""Samples on their way from a sensor to an angle.

Arrays are contiguous float64, SI units. Intervals are [start, end). A missing value is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LOWER = "lower"
"""Sensor on the sacrum or low lumbar spine; always worn."""
UPPER = "upper"
"""Sensor at T12/L1; optional."""


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """What is known of a sensor before its first sample.

    Parameters
    ----------
    name
        Place on the body, ``"lower"`` or ``"upper"``.
    device
        What it is: a product, an address or a file name.
    protocol
        Name of the profile its raw notifications speak; empty where there are none.
    rate_hz
        Announced sample rate; None if unknown.
    gyr_range_rads
        Full scale of the gyroscope; None if unknown.
    loss_counted
        Whether every lost sample is counted. Where a sensor sends neither time nor numbers, only
        what was seen to go is.
    """

    name: str
    device: str = ""
    protocol: str = ""
    rate_hz: float | None = None
    gyr_range_rads: float | None = None
    loss_counted: bool = True


@dataclass(frozen=True, slots=True)
class RawPacket:
    """One notification, undecoded: the unit of recording and replay.

    Parameters
    ----------
    received_ns
        Host time of arrival, nanoseconds on a monotonic clock.
    sensor
        ``"lower"`` or ``"upper"``.
    characteristic
        UUID of the characteristic that sent it.
    payload
        The bytes.
    """

    received_ns: int
    sensor: str
    characteristic: str
    payload: bytes


@dataclass(frozen=True, slots=True, eq=False)
class ImuBlock:
    """Samples of one sensor in the sensor's own frame.

    Parameters
    ----------
    t_s
        (N,) session time in s, from the device's clock, strictly increasing.
    acc_ms2
        (N, 3) specific force in m/s2 (+9.81 upwards at rest).
    gyr_rads
        (N, 3) angular rate in rad/s.
    sensor
        ``"lower"`` or ``"upper"``.
    lost_before
        Samples known to be lost directly before the first one.
    """

    t_s: FloatArray
    acc_ms2: FloatArray
    gyr_rads: FloatArray
    sensor: str = LOWER
    lost_before: int = 0

    def __len__(self) -> int:
        """Return the number of samples N."""
        return len(self.t_s)

    def __getitem__(self, rows: slice) -> ImuBlock:
        """Return a slice by rows; what was lost stays with the first row."""
        start, _, _ = rows.indices(len(self))
        lost = self.lost_before if start == 0 else 0
        return ImuBlock(self.t_s[rows], self.acc_ms2[rows], self.gyr_rads[rows], self.sensor, lost)


def _empty_rows() -> FloatArray:
    return np.empty(0)


def _empty_vectors() -> FloatArray:
    return np.empty((0, 3))


@dataclass(frozen=True, slots=True, eq=False)
class PostureBlock:
    """Angles on the pipeline's uniform time grid (100 Hz).

    Signs (segment frame x anterior, y left, z up): forward tilt and flexion positive, lean to
    the right positive, turn to the left positive. All angles count from the neutral pose, on
    machines from the seat reference.

    Parameters
    ----------
    t_s
        (N,) session time in s.
    pelvic_tilt_rad
        (N,) sagittal tilt of the lower segment in rad; NaN where nothing was received.
    pelvic_tilt_sigma_rad
        (N,) its standard deviation in rad.
    side_tilt_rad
        (N,) frontal tilt in rad.
    twist_rate_rads
        (N,) rotation rate about the vertical in rad/s.
    lumbar_flexion_rad
        (N,) flexion between lower and upper segment in rad; NaN where no estimator applies.
    lumbar_flexion_sigma_rad
        (N,) its standard deviation in rad.
    lower_up, upper_up
        (N, 3) estimated up-vector in the frame of that sensor; NaN where unknown.
    upper_tilt_rad
        (N,) sagittal tilt of the upper segment in rad; NaN without an upper sensor.
    present
        (N,) True where the lower sensor delivered samples, False where a gap was bridged.
    """

    t_s: FloatArray = field(default_factory=_empty_rows)
    pelvic_tilt_rad: FloatArray = field(default_factory=_empty_rows)
    pelvic_tilt_sigma_rad: FloatArray = field(default_factory=_empty_rows)
    side_tilt_rad: FloatArray = field(default_factory=_empty_rows)
    twist_rate_rads: FloatArray = field(default_factory=_empty_rows)
    lumbar_flexion_rad: FloatArray = field(default_factory=_empty_rows)
    lumbar_flexion_sigma_rad: FloatArray = field(default_factory=_empty_rows)
    lower_up: FloatArray = field(default_factory=_empty_vectors)
    upper_up: FloatArray = field(default_factory=_empty_vectors)
    upper_tilt_rad: FloatArray = field(default_factory=_empty_rows)
    present: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))

    def __len__(self) -> int:
        """Return the number of rows N."""
        return len(self.t_s)

    def __getitem__(self, rows: slice) -> PostureBlock:
        """Return a slice by rows."""
        return PostureBlock(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def join_posture(blocks: list[PostureBlock]) -> PostureBlock:
    """Return the rows of all `blocks`, in order, as one block."""
    if not blocks:
        return PostureBlock()
    names = PostureBlock.__dataclass_fields__
    return PostureBlock(**{name: np.concatenate([getattr(b, name) for b in blocks]) for name in names})
