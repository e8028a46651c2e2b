"""Which way is up, in the frame of one sensor.

VQF (Laidig & Seel 2023, Information Fusion 91) with gyroscope and accelerometer only: near iron a
magnetometer misleads more than it helps, and tilt needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from vqf import VQF

from calibration.errors import CalibrationError
from calibration.sensor import gyro_offset
from monitor.model.samples import BoolArray, FloatArray
from monitor.pipeline.grid import GRID_HZ, GridRows

TAU_ACC_S = 2.0
"""How long gravity takes to correct tilt. VQF's 3 s suits boards thrown about; for the trunk the simulated
lifts are best served by 2 to 2.5 s, and recorded trunk bends no worse."""

_LOOK_ROWS: Final = round(1.0 * GRID_HZ)
_LIKELY_OFFSET_RADS: Final = np.radians(1.5)
"""VQF learns an offset of the gyroscope from a prior of 0.5 deg/s and never past 2; uncalibrated chips
are off by up to 10 (LSM6DS3, data sheet). A wider prior would cost the others tilt while they move."""
_MOST_LOOKS: Final = 10
"""A chip's offset stays what it is but for warming up, which the filter follows."""
_REST_RADS: Final = 0.03
_REST_MS2: Final = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class OrientedRows:
    """Rows of the grid with their attitude.

    Parameters
    ----------
    first
        Index of the first row on the grid.
    up
        (N, 3) unit up-vector in the sensor frame; NaN inside a long gap.
    acc_ms2
        (N, 3) specific force in m/s2, sensor frame.
    gyr_rads
        (N, 3) angular rate in rad/s, sensor frame, less the estimated bias.
    present, clipped
        (N,) as in GridRows.
    """

    first: int
    up: FloatArray
    acc_ms2: FloatArray
    gyr_rads: FloatArray
    present: BoolArray
    clipped: BoolArray

    @property
    def force_ms2(self) -> FloatArray:
        """(N,) vertical specific force in m/s2, that of gravity at rest."""
        made: FloatArray = np.einsum("ij,ij->i", self.acc_ms2, self.up)
        return made

    @property
    def rate_rads(self) -> FloatArray:
        """(N,) size of the angular rate in rad/s."""
        made: FloatArray = np.sqrt(np.einsum("ij,ij->i", self.gyr_rads, self.gyr_rads))
        return made

    def __len__(self) -> int:
        """Return the number of rows N."""
        return len(self.up)

    def __getitem__(self, rows: slice) -> OrientedRows:
        """Return a slice by rows."""
        start, _, _ = rows.indices(len(self))
        return OrientedRows(
            self.first + start,
            self.up[rows],
            self.acc_ms2[rows],
            self.gyr_rads[rows],
            self.present[rows],
            self.clipped[rows],
        )


def join_rows(blocks: list[OrientedRows]) -> OrientedRows:
    """Return consecutive blocks as one; at least one is needed."""
    return OrientedRows(
        blocks[0].first,
        np.concatenate([b.up for b in blocks]),
        np.concatenate([b.acc_ms2 for b in blocks]),
        np.concatenate([b.gyr_rads for b in blocks]),
        np.concatenate([b.present for b in blocks]),
        np.concatenate([b.clipped for b in blocks]),
    )


def rows_between(blocks: list[OrientedRows], start: int, stop: int) -> OrientedRows:
    """Return rows [start, stop) of the blocks laid end to end; at least one is needed."""
    parts, offset = [], 0
    for block in blocks:
        here = block[max(start - offset, 0) : max(stop - offset, 0)]
        if len(here):
            parts.append(here)
        offset += len(block)
    return join_rows(parts)


class OrientationFilter:
    """The attitude filter of one sensor; begins anew after a gap too long to bridge, bias kept.

    An offset of the gyroscope too large for VQF is taken away before it, from the first seconds at rest on.
    """

    def __init__(self) -> None:
        self._filter = VQF(1.0 / GRID_HZ, tauAcc=TAU_ACC_S)
        self._after_gap = False
        self._offset_rads = np.zeros(3)
        self._second: list[tuple[FloatArray, FloatArray]] = []
        self._looks_left = _MOST_LOOKS

    def update(self, rows: GridRows) -> OrientedRows:
        """Return `rows` with their up-vectors; the result does not depend on the block size."""
        count = len(rows.present)
        up = np.full_like(rows.acc_ms2, np.nan)
        gyr = np.full_like(rows.gyr_rads, np.nan)
        # Whole seconds of the grid are looked at, wherever the data are cut, and once enough were, none.
        seconds = np.flatnonzero((rows.first + np.arange(1, count + 1)) % _LOOK_ROWS == 0) + 1
        looks = seconds.tolist() if self._looks_left else []
        for start, stop in pairwise([0, *looks, count]):
            here = slice(start, stop)
            up[here], gyr[here] = self._oriented(rows.acc_ms2[here], rows.gyr_rads[here])
            if self._looks_left:
                self._second.append((rows.acc_ms2[here], rows.gyr_rads[here]))
                if (rows.first + stop) % _LOOK_ROWS == 0:
                    self._look()
        return OrientedRows(rows.first, up, rows.acc_ms2, gyr, rows.present, rows.clipped)

    def _oriented(self, acc_ms2: FloatArray, gyr_rads: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return up-vectors (N, 3) and rates (N, 3) without their offset."""
        up, gyr = np.full_like(acc_ms2, np.nan), np.full_like(gyr_rads, np.nan)
        filled = np.isfinite(acc_ms2[:, 0])
        edges = np.flatnonzero(np.diff(filled.astype(np.int8))) + 1
        for part in np.split(np.arange(len(filled)), edges):
            if len(part) == 0:
                continue
            if not filled[part[0]]:
                self._after_gap = True
                continue
            if self._after_gap:
                self._restart()
            here = slice(part[0], part[-1] + 1)
            rate = gyr_rads[here] - self._offset_rads
            made = self._filter.updateBatch(rate, np.ascontiguousarray(acc_ms2[here]))
            up[here] = _up_in_sensor(made["quat6D"])
            gyr[here] = rate - made["bias"]
        return up, gyr

    def _look(self) -> None:
        """Take an unlikely offset away if the second just over was at rest, and begin anew."""
        acc, gyr = (np.concatenate(part) for part in zip(*self._second, strict=True))
        self._second.clear()
        if len(acc) < _LOOK_ROWS or not (acc.std(axis=0) < _REST_MS2).all():
            return
        if not (gyr.std(axis=0) < _REST_RADS).all():
            return
        self._looks_left -= 1
        try:
            offset = gyro_offset(acc, gyr, GRID_HZ)
        except CalibrationError:
            return
        bias, _ = self._filter.getBiasEstimate()
        if np.linalg.norm(offset - self._offset_rads - bias) > _LIKELY_OFFSET_RADS:
            self._offset_rads = offset
            self._filter.resetState()

    def _restart(self) -> None:
        self._after_gap = False
        bias, sigma = self._filter.getBiasEstimate()
        self._filter.resetState()
        self._filter.setBiasEstimate(bias, sigma)


def _up_in_sensor(quat: FloatArray) -> FloatArray:
    """Return the earth's z axis in the sensor frame for sensor-to-earth quaternions (N, 4), w first."""
    w, x, y, z = quat.T
    return np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], axis=1)
