"""A guided calibration on a source of samples, and the files that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from calibration.errors import CalibrationError
from calibration.motion import MotionRows
from calibration.outcome import ProcedureResult
from calibration.procedure import Plan, Procedure, Told
from calibration.profile import Profile, WornSensor
from calibration.sensor import SensorCalibration, gyro_offset
from monitor.model.errors import ConfigError, SensorError
from monitor.model.samples import UPPER, FloatArray, ImuBlock, SensorInfo
from monitor.model.session import Delivery, Guidance, SessionInfo, SourceItem
from monitor.pipeline.frames import FrameMaker
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.orientation import OrientedRows

_SWAY_RADS: Final = 0.06
"""Angular rate that standing sway and breath seldom reach, and a bend at once."""


class GuidedCalibration:
    """Items of a source in, lines for the lifter out, a profile at the end.

    Parameters
    ----------
    info
        The session's header: the sensors, and on a machine with a pad the exercise.
    two_position, six_poses
        As in `Plan`.

    Raises
    ------
    ConfigError
        A plan that makes no sense.
    """

    def __init__(self, info: SessionInfo, *, two_position: bool = False, six_poses: bool = False) -> None:
        names = [sensor.name for sensor in info.sensors]
        machine = str(info.exercise) if info.exercise.back_supported else ""
        try:
            plan = Plan(UPPER in names, machine, two_position, six_poses)
        except CalibrationError as wrong:
            raise ConfigError(str(wrong)) from wrong
        self._procedure = Procedure(plan)
        self._frames = FrameMaker(info.sensors)
        self._raw: dict[str, list[ImuBlock]] = {name: [] for name in names}

    @property
    def done(self) -> bool:
        """Whether there is a profile."""
        return self._procedure.done

    def guidance(self, told: Sequence[Told] = ()) -> Guidance:
        """Return where it is, with what was just said."""
        now = self._procedure
        return Guidance(
            min(now.settled + 1, now.steps),
            now.steps,
            now.prompt,
            now.hint,
            now.step_progress,
            1.0 if now.done else (now.settled + now.step_progress) / now.steps,
            tuple((line.kind.value, line.text) for line in told),
        )

    def feed(self, items: Sequence[SourceItem]) -> list[Told]:
        """Take items in order of arrival; return what is to be told."""
        for item in items:
            if isinstance(item, Delivery) and item.block.sensor in self._raw:
                self._raw[item.block.sensor].append(item.block)
                self._frames.push(self._corrected(item.block))
        frame = self._frames.pull()
        if frame is None:
            return []
        lower, upper = frame
        return self._procedure.update(_motion(lower), None if upper is None else _motion(upper))

    def profile(self, made_at: str, info: SessionInfo) -> Profile:
        """Return the profile that came of it.

        Parameters
        ----------
        made_at
            Wall clock, ISO 8601 with offset.
        info
            The header as it is by now: what a sensor is may be known only once it is connected.

        Raises
        ------
        SensorError
            The samples ended before the calibration was done; it says where it was.
        """
        try:
            result = self._procedure.result()
        except CalibrationError as unfinished:
            raise SensorError(str(unfinished)) from unfinished
        machine = info.exercise.name if result.seats else ""
        sensors = {sensor.name: self._worn(sensor, result) for sensor in info.sensors}
        return Profile(made_at, sensors, result.ranges, result.share, result.quality, info.athlete, machine)

    def _worn(self, info: SensorInfo, result: ProcedureResult) -> WornSensor:
        name = info.name
        offset_rads = self._gyro_offset(name, result.lying_s or result.still_s)
        errors = SensorCalibration(gyr_offset_rads=offset_rads)
        if name in result.accelerometers:
            gain, offset = result.accelerometers[name]
            errors = replace(errors, acc_gain=gain, acc_offset_ms2=offset)
        return WornSensor(
            result.alignments[name],
            info.device,
            info.protocol,
            result.axis_shares[name],
            result.seats.get(name),
            errors,
        )

    def _corrected(self, block: ImuBlock) -> ImuBlock:
        """Return a block without the errors of its accelerometer, once it has lain on its six sides."""
        found = self._procedure.accelerometers.get(block.sensor)
        if found is None:
            return block
        acc, _ = SensorCalibration(*found).apply(block.acc_ms2, block.gyr_rads)
        return replace(block, acc_ms2=acc)

    def _gyro_offset(self, name: str, rests_s: Sequence[tuple[float, float]]) -> FloatArray:
        """Return the mean offset (3,) in rad/s over the times at rest; zero where none was found."""
        blocks = self._raw[name]
        t_s = np.concatenate([b.t_s for b in blocks])
        acc = np.concatenate([b.acc_ms2 for b in blocks])
        gyr = np.concatenate([b.gyr_rads for b in blocks])
        found = []
        for start_s, end_s in rests_s:
            first, last = np.searchsorted(t_s, (start_s, end_s))
            last += _still_for(gyr[first:last], gyr[last:])
            if last - first < 2:
                continue
            rate_hz = (last - first - 1) / float(t_s[last - 1] - t_s[first])
            try:
                found.append(gyro_offset(acc[first:last], gyr[first:last], rate_hz))
            except CalibrationError:
                continue  # swayed too much for this; the attitude filter learns it anyway
        return np.asarray(np.mean(found, axis=0)) if found else np.zeros(3)


def _still_for(before_rads: FloatArray, after_rads: FloatArray) -> int:
    """Return for how many samples after a rest the sensor goes on resting: sway averages out with time."""
    if not len(before_rads):
        return 0
    turning = np.linalg.norm(after_rads - before_rads.mean(axis=0), axis=1) > _SWAY_RADS
    return int(np.argmax(turning)) if turning.any() else len(after_rads)


def _motion(rows: OrientedRows) -> MotionRows:
    t_s = np.arange(rows.first, rows.first + len(rows)) / GRID_HZ
    return MotionRows(t_s, rows.up, rows.acc_ms2, rows.gyr_rads)


def read_profile(path: Path) -> Profile:
    """Return the profile in a file; ConfigError in one line if there is none in it."""
    try:
        return Profile.from_text(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise ConfigError(f"calibration profile {path}: {failure.strerror}") from failure
    except UnicodeDecodeError as failure:
        raise ConfigError(f"calibration profile {path}: it is no text") from failure
    except CalibrationError as wrong:
        raise ConfigError(f"{path}: {wrong}") from wrong


def chosen_calibration(text: str) -> str | Profile:
    """Return ``"recorded"``, ``"auto"`` or ``"none"`` as they are, else the profile in the file named.

    Raises
    ------
    ConfigError
        There is no such file, or no profile in it.
    """
    if text in {"recorded", "auto", "none"}:
        return text
    if not Path(text).exists():
        raise ConfigError(
            f"calibration {text!r}: write recorded, auto, none or the file of a calibration profile"
        )
    return read_profile(Path(text))
