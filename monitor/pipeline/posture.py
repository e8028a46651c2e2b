"""From up-vectors to the angles of pelvis and lower back: the one place that writes the signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.alignment import Alignment, tilt_from
from calibration.ranges import LumbarShare
from monitor.model.events import Calibrated
from monitor.model.exercise import Exercise
from monitor.model.samples import LOWER, UPPER, FloatArray, PostureBlock
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.orientation import OrientedRows

TILT_SIGMA_RAD: Final = math.radians(1.5)
"""Inclination of a 6-axis VQF on the trunk against motion capture: 1.2 to 1.4 deg RMS."""
SEATED_SIGMA_RAD: Final = math.radians(5.0)
"""Lumbar flexion read from the pelvis alone while the thorax lies on the pad (proposal)."""
_SHARED: Final = frozenset({"rdl", "deadlift"})
"""A share measured in bends holds in hinges; in squats and on machines trunk and pelvis counter-rotate."""
_CLIPPED_RAD: Final = math.radians(8.0)
_PER_LOST_ROW_RAD: Final = math.radians(0.1)
_DISTURBED_FADES_S: Final = 3.0
"""After a clipped gyroscope or a bridged gap the accelerometer pulls tilt back with VQF's tauAcc."""


@dataclass(frozen=True, slots=True, eq=False)
class CarrierRows:
    """What carries repetitions, row by row beside a PostureBlock.

    Parameters
    ----------
    force_ms2
        (N,) vertical specific force, 9.81 at rest.
    rate_rads, ml_rads
        (N,) size of the angular rate, and its part about the medio-lateral axis.
    """

    force_ms2: FloatArray
    rate_rads: FloatArray
    ml_rads: FloatArray

    @property
    def sway_rads(self) -> FloatArray:
        """(N,) angular rate about the axes the exercise does not turn about."""
        made: FloatArray = np.sqrt(np.maximum(self.rate_rads**2 - self.ml_rads**2, 0.0))
        return made

    def __getitem__(self, rows: slice) -> CarrierRows:
        """Return a slice by rows."""
        return CarrierRows(self.force_ms2[rows], self.rate_rads[rows], self.ml_rads[rows])

    @classmethod
    def joined(cls, parts: Sequence[CarrierRows]) -> CarrierRows:
        """Return the rows of several one after another."""
        if not parts:
            return cls(np.empty(0), np.empty(0), np.empty(0))
        columns = ((p.force_ms2, p.rate_rads, p.ml_rads) for p in parts)
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))


class PostureEstimator:
    """Turn oriented rows into angles with the alignments in force.

    Parameters
    ----------
    exercise
        On a machine with a back pad one sensor gives flexion: the thorax stays on the pad.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.lower: Alignment | None = None
        self.upper: Alignment | None = None
        self.share: LumbarShare | None = None
        """The lifter's own lumbar share; gives flexion in hinges, where one sensor is worn."""
        self._disturbed = 0.0

    def rows(self, lower: OrientedRows, upper: OrientedRows | None) -> PostureBlock:
        """Return the posture in the rows given; angles are NaN before there is an alignment."""
        count = len(lower)
        nothing = np.full(count, np.nan)
        tilt, side = (nothing, nothing) if self.lower is None else tilt_from(lower.up, self.lower)
        upper_tilt = nothing
        if upper is not None and self.upper is not None:
            upper_tilt, _ = tilt_from(upper.up, self.upper)
        sigma = np.hypot(TILT_SIGMA_RAD, self._disturbance(lower))
        flexion, flexion_sigma = self._flexion(tilt, upper_tilt, sigma)
        return PostureBlock(
            t_s=np.arange(lower.first, lower.first + count) / GRID_HZ,
            pelvic_tilt_rad=tilt,
            pelvic_tilt_sigma_rad=sigma,
            side_tilt_rad=side,
            twist_rate_rads=np.einsum("ij,ij->i", lower.gyr_rads, lower.up),
            lumbar_flexion_rad=flexion,
            lumbar_flexion_sigma_rad=flexion_sigma,
            lower_up=lower.up,
            upper_up=np.full((count, 3), np.nan) if upper is None else upper.up,
            upper_tilt_rad=upper_tilt,
            present=lower.present,
        )

    def calibrated(self, kind: str, quality: str, now_s: float) -> Calibrated:
        """Return the event that tells which alignments are in force from `now_s` on."""
        worn = {LOWER: self.lower, UPPER: self.upper}
        return Calibrated(kind, quality, now_s, {name: a.rows() for name, a in worn.items() if a is not None})

    def carriers(self, lower: OrientedRows) -> CarrierRows:
        """Return what carries repetitions in the rows given."""
        axis = np.zeros(3) if self.lower is None else self.lower.sensor_to_segment[1]
        return CarrierRows(lower.force_ms2, lower.rate_rads, np.einsum("ij,j->i", lower.gyr_rads, axis))

    def _flexion(
        self, tilt: FloatArray, upper_tilt: FloatArray, sigma: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        if self.upper is not None:
            # Two sensors of one make under one motion: part of their error is common.
            return upper_tilt - tilt, np.where(np.isnan(upper_tilt), np.nan, sigma)
        if self.exercise.back_supported and self.lower is not None:
            return -tilt, np.hypot(SEATED_SIGMA_RAD, sigma)
        if self.exercise.name in _SHARED and self.share is not None:
            return self.share.flexion(tilt, sigma)
        return np.full_like(tilt, np.nan), np.full_like(tilt, np.nan)

    def _disturbance(self, rows: OrientedRows) -> FloatArray:
        """Return the extra standard deviation in rad that fades after clipped and lost rows."""
        lost = ~rows.present
        if self._disturbed < 1e-4 and not (rows.clipped | lost).any():
            self._disturbed = 0.0
            return np.zeros(len(rows))
        fade = math.exp(-1.0 / (GRID_HZ * _DISTURBED_FADES_S))
        made = np.empty(len(rows))
        level = self._disturbed
        for i, (clipped, missing) in enumerate(zip(rows.clipped.tolist(), lost.tolist(), strict=True)):
            level = level + _PER_LOST_ROW_RAD if missing else level * fade
            level = _CLIPPED_RAD if clipped else min(level, _CLIPPED_RAD)
            made[i] = level
        self._disturbed = level
        return made
