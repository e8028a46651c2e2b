"""OpenSim's storage file with one orientation a sensor, for its OpenSense workflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation
from vqf import offlineVQF

from monitor.model.errors import RecordingError
from monitor.pipeline.grid import GRID_HZ, UniformGrid

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from monitor.model.samples import FloatArray
    from monitor.recording.export.data import ExportData

_BODIES = {"lower": "pelvis_imu", "upper": "torso_imu"}
"""Bodies of OpenSim's full-body models, with the suffix its IMU placer looks for."""


def write_sto(data: ExportData, out: Path, progress: Callable[[float], None]) -> None:
    """Write the orientation of each body at 100 Hz to `out`.

    Quaternions are w, x, y, z from the body's axes (x forward, y left, z up; the sensor's own axes
    where the recording holds no calibration) to a world with z up: OpenSense turns it with
    `sensor_to_opensim_rotations` -90, 0, 0 degrees. Without a magnetometer no heading is known:
    each body faces forward at the start and after a gap too long to bridge, and may drift from
    there. Rows where a sensor said nothing are left out.

    Raises
    ------
    RecordingError
        The sensors have no row in common.
    """
    facing = {}
    for done, sensor in enumerate(data.imu):
        facing[sensor] = _orientations(data, sensor)
        progress(0.5 * (done + 1) / len(data.imu))
    rows = sorted(set.intersection(*(set(rows.tolist()) for rows, _ in facing.values())))
    if not rows:
        raise RecordingError(f"{data.name}: the sensors share no time, so no pose has both bodies")
    cells = [_cells(quaternions[np.searchsorted(own, rows)]) for own, quaternions in facing.values()]
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"DataRate={GRID_HZ:.6f}\nDataType=Quaternion\nversion=3\nOpenSimVersion=4.5\nendheader\n")
        file.write("\t".join(["time", *(_BODIES.get(sensor, f"{sensor}_imu") for sensor in facing)]) + "\n")
        for row, *bodies in zip(rows, *cells, strict=True):
            file.write("\t".join([f"{row / GRID_HZ:.6f}", *bodies]) + "\n")
    progress(1.0)


def _orientations(data: ExportData, sensor: str) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return (N,) rows of the 100 Hz grid and (N, 4) quaternions w, x, y, z of the body to the world."""
    known = data.sensor(sensor)
    grid, _ = UniformGrid(sensor, known.rate_hz, known.gyr_range_rads).push(data.imu[sensor])
    body = _sensor_to_body(data, sensor)
    there = np.flatnonzero(np.isfinite(grid.acc_ms2).all(axis=1))
    made = []
    for run in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
        if len(run):
            acc, gyr = np.ascontiguousarray(grid.acc_ms2[run]), np.ascontiguousarray(grid.gyr_rads[run])
            fused = offlineVQF(gyr, acc, None, 1.0 / GRID_HZ)["quat6D"]
            made.append(_facing_forward(Rotation.from_quat(np.roll(fused, -1, axis=1)) * body.inv()))
    turned = np.concatenate(made) if made else np.empty((0, 4))
    return grid.first + there.astype(np.int64), turned


def _facing_forward(body: Rotation) -> FloatArray:
    """Return quaternions turned about the vertical so that the first one faces the world's x."""
    forward = body[0].apply([1.0, 0.0, 0.0])
    heading = np.arctan2(forward[1], forward[0])
    turned: FloatArray = (Rotation.from_euler("z", -heading) * body).as_quat()
    return np.roll(turned, 1, axis=1)  # scipy writes x, y, z, w


def _sensor_to_body(data: ExportData, sensor: str) -> Rotation:
    """Return the first calibration's alignment: a later seat reference only moves the zero."""
    for event in data.events:
        if event["type"] == "calibrated" and sensor in event:
            return Rotation.from_matrix(np.array(event[sensor]["sensor_to_segment"]))
    return Rotation.identity()


def _cells(quaternions: FloatArray) -> list[str]:
    return [",".join(f"{part:.9f}" for part in row) for row in quaternions.tolist()]
