"""The calibration profile: one person's calibration as a readable file, and what it is good for.

Alignments hold for as long as the sensors sit as they did; the person's own ranges, the lumbar
share and the errors of the sensors hold on. `lifetime` says when an alignment is over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from calibration.alignment import Alignment, FloatArray
from calibration.errors import CalibrationError
from calibration.outcome import Quality
from calibration.ranges import LumbarShare, OwnRanges
from calibration.sensor import SensorCalibration

FORMAT: Final = "lumbar.profile"
VERSION: Final = 1
_UNITS: Final = {"acceleration": "m/s2", "angular_rate": "rad/s", "angle": "deg"}
_LEVELS: Final = ("good", "fair")


@dataclass(frozen=True, slots=True, eq=False)
class WornSensor:
    """One sensor of a profile.

    Parameters
    ----------
    device, protocol
        What it is, as the session's header names it; empty if unknown.
    alignment
        Sensor to segment, z up in the standing neutral.
    axis_share
        Share of the medio-lateral axis in the bends, 0.5 to 1.
    seat_up
        (3,) up-vector of the seat reference in the sensor frame; None without a machine.
    errors
        What is off in the sensor itself.
    """

    alignment: Alignment
    device: str = ""
    protocol: str = ""
    axis_share: float = 1.0
    seat_up: FloatArray | None = None
    errors: SensorCalibration = field(default_factory=SensorCalibration)

    @property
    def neutral_up(self) -> FloatArray:
        """Up-vector (3,) of the standing neutral, sensor frame."""
        up: FloatArray = self.alignment.sensor_to_segment[2]
        return up

    def is_device(self, device: str, protocol: str) -> bool:
        """Return whether it may be that device; files name none and may be any."""
        if not (self.protocol and protocol):
            return True
        return (self.device, self.protocol) == (device, protocol)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A calibration.

    Parameters
    ----------
    made_at
        Wall clock, ISO 8601 with offset.
    sensors
        By name, ``"lower"`` and, if worn, ``"upper"``.
    ranges, share
        The person's own ranges; their lumbar share, None if not measured.
    quality
        How good it is.
    athlete
        Whose it is.
    machine
        Exercise whose seat reference it holds; empty without one.
    """

    made_at: str
    sensors: dict[str, WornSensor]
    ranges: OwnRanges = field(default_factory=OwnRanges)
    share: LumbarShare | None = None
    quality: Quality = field(default_factory=lambda: Quality("good"))
    athlete: str = "me"
    machine: str = ""

    def to_text(self) -> str:
        """Return the text of its file."""
        made = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": self.made_at,
            "athlete": self.athlete,
            "machine": self.machine,
            "units": _UNITS,
            "quality": {"level": self.quality.level, "reasons": list(self.quality.reasons)},
            "sensors": {name: _sensor_json(worn) for name, worn in self.sensors.items()},
            "ranges": self.ranges.to_json(),
            "lumbar_share": None if self.share is None else self.share.to_json(),
        }
        return json.dumps(made, indent=1) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Profile:
        """Return the profile in the text of a file.

        Raises
        ------
        CalibrationError
            It is no profile, one of a later version, in other units, or one whose values cannot be.
        """
        try:
            made = json.loads(text)
        except (ValueError, RecursionError) as failure:
            raise CalibrationError("no calibration profile: it is not JSON") from failure
        if not isinstance(made, dict) or made.get("format") != FORMAT:
            raise CalibrationError("no calibration profile: make one with lumbar calibrate")
        if made.get("version") != VERSION:
            raise CalibrationError(
                f"calibration profile of version {made.get('version')}, this program reads {VERSION}: "
                "calibrate anew"
            )
        if made.get("units") != _UNITS:
            raise CalibrationError(f"calibration profile in other units than {_UNITS}: calibrate anew")
        sensors = _object(made, "sensors")
        if "lower" not in sensors or not set(sensors) <= {"lower", "upper"}:
            raise CalibrationError("a calibration profile has a sensor lower and may have one upper")
        share = made.get("lumbar_share")
        return cls(
            _text(made, "made_at"),
            {name: _sensor(name, worn) for name, worn in sensors.items()},
            OwnRanges.from_json(made.get("ranges")),
            None if share is None else LumbarShare.from_json(share),
            _quality(_object(made, "quality")),
            _text(made, "athlete"),
            _text(made, "machine"),
        )


def _sensor_json(worn: WornSensor) -> dict[str, Any]:
    return {
        "device": worn.device,
        "protocol": worn.protocol,
        "sensor_to_segment": [list(row) for row in worn.alignment.rows()],
        "neutral_up": worn.neutral_up.tolist(),
        "axis_share": worn.axis_share,
        "seat_up": None if worn.seat_up is None else worn.seat_up.tolist(),
        "errors": worn.errors.to_json(),
    }


def _sensor(name: str, made: Any) -> WornSensor:
    if not isinstance(made, dict):
        raise CalibrationError(f"sensor {name} of the profile is no JSON object")
    matrix = _numbers(made, "sensor_to_segment", (3, 3), name)
    if not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6) or np.linalg.det(matrix) < 0:
        raise CalibrationError(f"sensor {name} of the profile: sensor_to_segment is no rotation")
    if not np.allclose(_numbers(made, "neutral_up", (3,), name), matrix[2], atol=1e-6):
        raise CalibrationError(
            f"sensor {name} of the profile: neutral_up is not the last row of its rotation"
        )
    share = made.get("axis_share")
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0.0 <= share <= 1.0:
        raise CalibrationError(f"sensor {name} of the profile: axis_share is a share from 0 to 1")
    seat_up = None if made.get("seat_up") is None else _numbers(made, "seat_up", (3,), name)
    if seat_up is not None and not np.isclose(np.linalg.norm(seat_up), 1.0, atol=1e-6):
        raise CalibrationError(f"sensor {name} of the profile: seat_up is no direction")
    errors = SensorCalibration.from_json(made.get("errors"))
    return WornSensor(
        Alignment(matrix), _text(made, "device"), _text(made, "protocol"), float(share), seat_up, errors
    )


def _numbers(made: dict[str, Any], key: str, shape: tuple[int, ...], name: str) -> FloatArray:
    try:
        values = np.asarray(made.get(key), dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != shape or not np.isfinite(values).all():
        size = " x ".join(map(str, shape))
        raise CalibrationError(f"sensor {name} of the profile: {key} must be {size} numbers")
    return values


def _object(made: dict[str, Any], key: str) -> dict[str, Any]:
    value = made.get(key)
    if not isinstance(value, dict):
        raise CalibrationError(f"{key} of the calibration profile is no JSON object")
    return value


def _text(made: dict[str, Any], key: str) -> str:
    value = made.get(key)
    if not isinstance(value, str):
        raise CalibrationError(f"{key} of the calibration profile is no text")
    return value


def _quality(made: dict[str, Any]) -> Quality:
    level, reasons = made.get("level"), made.get("reasons")
    if level not in _LEVELS or not isinstance(reasons, list) or not all(isinstance(r, str) for r in reasons):
        raise CalibrationError(
            f"quality of the calibration profile is one of {', '.join(_LEVELS)}, with reasons"
        )
    return Quality(level, tuple(reasons))
