"""What one person's back can do: own ranges, and how much of a bend is the lumbar spine."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np

from calibration.alignment import FloatArray
from calibration.errors import CalibrationError

_TILT_SIGMA_RAD: Final = math.radians(1.5)
"""Of one bend's peak: inclination of a 6-axis filter on the trunk, 1.2 to 1.4 deg RMS."""
_WITHIN_PERSON: Final = 0.05
"""How far a person's lumbar share differs from day to day: 3.4 to 6.4 % (63 people, PMC5034504)."""
_HELD: Final = 0.5
"""Under a load the back is held: hinges use 20 to 70 % of the own flexion, a full bend all of it. The pelvis
alone does not show how much, so half of what the bends would give is unsure."""
_LEAST_BEND_RAD: Final = math.radians(40.0)
_LEAST_LUMBAR_RAD: Final = math.radians(8.0)
"""Full bends: T12 tilts by 111 +- 16 deg, of which the lumbar spine is 52 +- 11 (Laird 2018)."""


@dataclass(frozen=True, slots=True)
class OwnRanges:
    """A person's own ranges from the neutral pose in rad, all positive; None where not measured.

    Parameters
    ----------
    bend_rad, back_bend_rad
        Pelvic tilt at a full bend forward and backward.
    flexion_rad, extension_rad
        Lumbar flexion and extension in them; need two sensors or the two-position procedure.
    arch_rad, tuck_rad
        Reach of the pelvis forward (arch) and backward (tuck), standing.
    seated_arch_rad, seated_tuck_rad
        The same against the pad of a machine, from the seat reference.
    """

    bend_rad: float | None = None
    back_bend_rad: float | None = None
    flexion_rad: float | None = None
    extension_rad: float | None = None
    arch_rad: float | None = None
    tuck_rad: float | None = None
    seated_arch_rad: float | None = None
    seated_tuck_rad: float | None = None

    @property
    def arch_tuck_rad(self) -> float | None:
        """From full arch to full tuck, standing."""
        return _sum(self.arch_rad, self.tuck_rad)

    @property
    def seated_arch_tuck_rad(self) -> float | None:
        """From full arch to full tuck against the pad."""
        return _sum(self.seated_arch_rad, self.seated_tuck_rad)

    def to_json(self) -> dict[str, float | None]:
        """Return the ranges in degrees."""
        return {
            name.replace("_rad", "_deg"): None if value is None else math.degrees(value)
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, made: Any) -> OwnRanges:
        """Return what `to_json` wrote; CalibrationError if it is something else."""
        if not isinstance(made, dict):
            raise CalibrationError("the ranges are no JSON object")
        values = {f.name: made.get(f.name.replace("_rad", "_deg")) for f in fields(cls)}
        for name, value in values.items():
            if value is not None and not (_is_number(value) and -30.0 < value < 180.0):
                raise CalibrationError(f"range {name.replace('_rad', '_deg')} is no angle: {value!r}")
        return cls(**{name: None if v is None else math.radians(v) for name, v in values.items()})


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, slots=True)
class LumbarShare:
    """How much of the tilt at T12 is the lumbar spine, in one person's forward bends.

    It holds for bends and hinges only: in squats and on machines pelvis and trunk go their own ways.

    Parameters
    ----------
    share
        Lumbar flexion over the tilt at T12, 0 to 1.
    sigma
        Its standard deviation, day-to-day repeatability included.
    """

    share: float
    sigma: float

    def flexion(
        self, pelvic_tilt_rad: FloatArray, tilt_sigma_rad: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return lumbar flexion and its standard deviation, (N,) each in rad.

        Parameters
        ----------
        pelvic_tilt_rad, tilt_sigma_rad
            (N,) tilt at the sacrum from neutral and its standard deviation, in rad.
        """
        part = self.share / (1.0 - self.share)
        spread = math.hypot(self.sigma / (1.0 - self.share) ** 2, _HELD * part)
        sigma = np.hypot(np.abs(pelvic_tilt_rad) * spread, tilt_sigma_rad * part)
        return pelvic_tilt_rad * part, sigma

    def to_json(self) -> dict[str, float]:
        """Return it as a JSON object."""
        return {"share": self.share, "sigma": self.sigma}

    @classmethod
    def from_json(cls, made: Any) -> LumbarShare:
        """Return what `to_json` wrote; CalibrationError if it is something else."""
        made = made if isinstance(made, dict) else {}
        share: Any = made.get("share")
        sigma: Any = made.get("sigma")
        if not (_is_number(share) and 0.0 < share < 0.95 and _is_number(sigma) and 0.0 <= sigma < 1.0):
            raise CalibrationError("the lumbar share must be a share between 0 and 0.95 with its sigma")
        return cls(float(share), float(sigma))


def lumbar_share(sacrum_rad: FloatArray, t12_rad: FloatArray) -> LumbarShare:
    """Return the lumbar share from full bends with a sensor at the sacrum and with one at T12.

    It may be one sensor, worn at one place and then at the other.

    Parameters
    ----------
    sacrum_rad, t12_rad
        (N,) and (M,) largest tilt from neutral in rad of each full bend at that place.

    Raises
    ------
    CalibrationError
        The bends are too small, or T12 did not tilt further than the sacrum.
    """
    sacrum, t12 = float(np.mean(sacrum_rad)), float(np.mean(t12_rad))
    if t12 < _LEAST_BEND_RAD:
        raise CalibrationError(
            f"the bends at T12 reached only {math.degrees(t12):.0f} deg: bend as far as is comfortable"
        )
    if t12 - sacrum < _LEAST_LUMBAR_RAD:
        raise CalibrationError(
            f"both places tilted alike ({math.degrees(sacrum):.0f} and {math.degrees(t12):.0f} deg): "
            "is the upper place just below the lowest ribs?"
        )
    relative = math.hypot(_mean_sigma(sacrum_rad) / sacrum, _mean_sigma(t12_rad) / t12)
    return LumbarShare(1.0 - sacrum / t12, math.hypot(sacrum / t12 * relative, _WITHIN_PERSON))


def _mean_sigma(peaks_rad: FloatArray) -> float:
    """Return the standard deviation of the mean; one bend alone is taken to vary as much as the filter."""
    spread = float(np.std(peaks_rad, ddof=1)) if len(peaks_rad) > 1 else 0.0
    return math.hypot(spread, _TILT_SIGMA_RAD) / math.sqrt(len(peaks_rad))
