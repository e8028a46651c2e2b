"""Lift-off: the lower back leaving the pad it should rest on."""

from __future__ import annotations

import math
from typing import Final

from monitor.model.events import Approaching, Level, LiftOff, LiftOffStarted
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.settings import PipelineSettings

_RATE_S: Final = 0.08
_FASTER_THAN_RADS: Final = math.radians(9.0)
_CLEARLY_BEGUN_RAD: Final = math.radians(2.0)
"""An ordinary repetition rolls the pelvis by 3 to 7 deg in a second or more."""
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
        self._ahead_s = settings.approach_s
        self._hysteresis_rad = math.radians(settings.hysteresis_deg)
        self.seated = False
        self._past_rad = math.nan
        self._rate_rads = 0.0
        self._warned = False
        self._off: LiftOffStarted | None = None
        self._since_s = math.nan
        self._above_s = math.nan
        self._peak_rad = 0.0

    def sit(self) -> None:
        """Take the present posture for the seat reference: lift-off is judged from here on."""
        self.seated = True
        self._past_rad, self._rate_rads = math.nan, 0.0

    def get_up(self) -> LiftOff | None:
        """Judge nothing until there is a new seat reference; return a lift-off this ends."""
        self.seated = False
        self._since_s = math.nan
        return self._end()

    def step(
        self, t_s: float, tilt_rad: float, side_rad: float, rep: int | None
    ) -> Approaching | LiftOffStarted | LiftOff | None:
        """Take one row; return what it decides: a lift-off ahead, its beginning, or its end."""
        if not self.seated:
            return None
        if tilt_rad > _LOST_ANTERIOR_RAD or tilt_rad < -_LOST_POSTERIOR_RAD or abs(side_rad) > _LOST_SIDE_RAD:
            return self.get_up()
        past = -tilt_rad
        ahead = self._approach(t_s, past, rep)
        if past >= self._alert_rad:
            if math.isnan(self._since_s):
                self._since_s, self._peak_rad = t_s, past
            self._above_s = t_s
            self._peak_rad = max(self._peak_rad, past)
        if self._off is None:
            return self._begin(t_s, past, rep) or ahead
        return self._end() if past < self._back_rad else None

    def finish(self) -> LiftOff | None:
        """Return the lift-off that lasts to the end of the data."""
        return self._end()

    def _approach(self, t_s: float, past: float, rep: int | None) -> Approaching | None:
        """Return a warning where tilt and its rate lead past the limit shortly."""
        if not math.isnan(self._past_rad):
            rate = (past - self._past_rad) * GRID_HZ
            self._rate_rads += (rate - self._rate_rads) / (1.0 + _RATE_S * GRID_HZ)
        self._past_rad = past
        if past < self._back_rad - self._hysteresis_rad + _CLEARLY_BEGUN_RAD and self._rate_rads < 0:
            self._warned = False
        if self._warned or past < _CLEARLY_BEGUN_RAD or self._rate_rads < _FASTER_THAN_RADS:
            return None
        if past + self._rate_rads * self._ahead_s < self._alert_rad:
            return None
        self._warned = True
        return None if past >= self._alert_rad else Approaching(t_s, t_s, past, rep)

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
