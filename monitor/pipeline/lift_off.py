"""Lift-off: the lower back leaving the pad it should rest on."""

from __future__ import annotations

import math
from typing import Final

from monitor.model.events import Level, LiftOff, LiftOffStarted
from monitor.pipeline.settings import PipelineSettings

_LOST_ANTERIOR_RAD: Final = math.radians(15.0)
_LOST_POSTERIOR_RAD: Final = math.radians(35.0)
_LOST_SIDE_RAD: Final = math.radians(20.0)
"""Nobody lying against a pad turns so far: the lifter sits up, gets up or sits down."""


class LiftOffDetector:
    """Posterior tilt past the seat reference, row by row: threshold, dwell, hysteresis."""

    def __init__(self, settings: PipelineSettings) -> None:
        self._alert_rad = math.radians(settings.lift_off_alert_deg)
        self._back_rad = math.radians(settings.lift_off_alert_deg - settings.hysteresis_deg)
        self._dwell_s = settings.lift_off_dwell_s
        self.seated = False
        self._off: LiftOffStarted | None = None
        self._since_s = math.nan
        self._above_s = math.nan
        self._peak_rad = 0.0

    def sit(self) -> None:
        """Take the present posture for the seat reference: lift-off is judged from here on."""
        self.seated = True

    def get_up(self) -> LiftOff | None:
        """Judge nothing until there is a new seat reference; return a lift-off this ends."""
        self.seated = False
        self._since_s = math.nan
        return self._end()

    def step(
        self, t_s: float, tilt_rad: float, side_rad: float, rep: int | None
    ) -> LiftOffStarted | LiftOff | None:
        """Take one row; return a lift-off in the row that decides its beginning or shows its end."""
        if not self.seated:
            return None
        if tilt_rad > _LOST_ANTERIOR_RAD or tilt_rad < -_LOST_POSTERIOR_RAD or abs(side_rad) > _LOST_SIDE_RAD:
            return self.get_up()
        past = -tilt_rad
        if past >= self._alert_rad:
            if math.isnan(self._since_s):
                self._since_s, self._peak_rad = t_s, past
            self._above_s = t_s
            self._peak_rad = max(self._peak_rad, past)
        if self._off is None:
            return self._begin(t_s, past, rep)
        return self._end() if past < self._back_rad else None

    def finish(self) -> LiftOff | None:
        """Return the lift-off that lasts to the end of the data."""
        return self._end()

    def _begin(self, t_s: float, past: float, rep: int | None) -> LiftOffStarted | None:
        if past < self._alert_rad:
            self._since_s = math.nan
            return None
        if t_s - self._since_s < self._dwell_s - 1e-9:
            return None
        self._off = LiftOffStarted(self._since_s, t_s, self._peak_rad, rep, Level.ALERT)
        return self._off

    def _end(self) -> LiftOff | None:
        off, self._off = self._off, None
        if off is None:
            return None
        self._since_s = math.nan
        return LiftOff(off.start_s, self._above_s, off.decided_s, self._peak_rad, off.rep, off.level)
