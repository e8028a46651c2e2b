"""Rows that wait for an automatic calibration, and a first angle for the eye meanwhile."""

from __future__ import annotations

from typing import Final

from monitor.model.events import Event, Notice
from monitor.model.exercise import Exercise
from monitor.model.samples import PostureBlock
from monitor.pipeline.auto_calibration import AutoCalibration, AutoResult
from monitor.pipeline.frames import Frame, cut
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.posture import PostureEstimator
from monitor.pipeline.provisional import ProvisionalTilt

NO_AXIS: Final = "no bend and no repetition to align the sensor with: no angle is judged"
_NO_STILL: Final = "nothing was still at the beginning: only changes of angle are judged"
_NO_UPPER: Final = "the upper sensor did not turn with the lower one: two-sensor flexion is not known"
_LONGEST_ROWS: Final = round(120 * GRID_HZ)


class Waiting:
    """Keep rows until it is known how the sensors sit.

    Parameters
    ----------
    exercise, until_s
        As in `AutoCalibration`.
    """

    def __init__(self, exercise: Exercise, until_s: float | None = None) -> None:
        self._auto = AutoCalibration(exercise, until_s)
        self._tilt = ProvisionalTilt()
        self._rows: list[Frame] = []

    @property
    def too_long(self) -> bool:
        """True once the first rows have waited for longer than anybody wants to wait."""
        return sum(len(f[0]) for f in self._rows) > _LONGEST_ROWS

    def begin_anew(self, exercise: Exercise, until_s: float | None) -> None:
        """Look for the calibration of another exercise, from the next row on."""
        self._auto = AutoCalibration(exercise, until_s)

    def update(self, frame: Frame) -> tuple[AutoResult | None, Frame]:
        """Take the next rows; return the calibration once it is found, and the rows it did not need."""
        used, found = self._auto.update(frame)
        self._rows.append(cut(frame, 0, used))
        return found, cut(frame, used, len(frame[0]))

    def provisional(self, frame: Frame) -> PostureBlock:
        """Return rows that wait, with how far the lower sensor has tilted so far."""
        return self._tilt.rows(frame[0])

    def finish(self) -> AutoResult | None:
        """Return the calibration as far as the rows give one."""
        return self._auto.finish()

    def release(self) -> list[Frame]:
        """Return the rows that wait; they wait no longer."""
        rows, self._rows = self._rows, []
        return rows


def put_on(found: AutoResult, posture: PostureEstimator, sensors: int) -> list[Event]:
    """Put a calibration in force; return what is to be said of it where so many `sensors` are worn."""
    posture.lower, posture.upper = found.lower, found.upper
    told: list[Event] = [posture.calibrated(found.kind, found.quality, found.decided_s)]
    if found.quality == "poor":
        told.append(Notice(found.decided_s, _NO_STILL))
    if found.upper is None and sensors > 1:
        told.append(Notice(found.decided_s, _NO_UPPER))
    return told
