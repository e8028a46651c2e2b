"""Lift-off: the lower back leaving the pad it should rest on."""

from __future__ import annotations

import math
from typing import Final

from monitor.model.events import Approaching, Level, LiftOff, LiftOffStarted
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.settings import PipelineSettings

_RATE_S: Final = 0.02
"""Smoothing of the rate: each 0.01 s more costs a fiftieth of the timely warnings and saves no vain one."""
_FASTER_THAN_RADS: Final = math.radians(8.0)
_FASTER_AGAIN_RADS: Final = math.radians(6.0)
_BEGUN_RAD: Final = math.radians(0.5)
_AGAIN_RAD: Final = math.radians(3.0)
"""An ordinary repetition rolls the pelvis by 3 to 7 deg in a second or more. Whoever has lifted off in
this set is warned a little earlier: it comes again at the same depth."""
_BUMP_RADS: Final = math.radians(2.0)
_BUMP_S: Final = 0.08
"""The sled's turn bumps the sensor for less than this; a roll gathers speed for longer."""
_STEP_S: Final = 0.3
"""A step of walking tilts the pelvis one way for less than this, the legs' way in for longer. Before the
first repetition of a set the lifter may still be on the way to the pad."""
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
        self.seated = False
        self._past_rad = math.nan
        self._low_s = self._slow_s = math.inf
        self._rate_rads = self._gain_rads2 = 0.0
        self._warned = self._again = False
        self._off: LiftOffStarted | None = None
        self._since_s = math.nan
        self._above_s = math.nan
        self._peak_rad = 0.0

    def sit(self) -> None:
        """Take the present posture for the seat reference: lift-off is judged from here on."""
        self.seated = True
        self._past_rad, self._rate_rads, self._gain_rads2 = math.nan, 0.0, 0.0
        self._again = False

    def get_up(self) -> LiftOff | None:
        """Judge nothing until there is a new seat reference; return a lift-off this ends."""
        self.seated = False
        self._since_s = math.nan
        return self._end()

    def step(
        self, t_s: float, tilt_rad: float, side_rad: float, rep: int | None, *, in_set: bool, in_rep: bool
    ) -> Approaching | LiftOffStarted | LiftOff | None:
        """Take one row; return what it decides: a lift-off ahead, its beginning, or its end.

        Where neither a set nor, in a repetition, its first one is going on, a seat or a weight is set
        right: nothing is announced.
        """
        if not self.seated:
            return None
        if tilt_rad > _LOST_ANTERIOR_RAD or tilt_rad < -_LOST_POSTERIOR_RAD or abs(side_rad) > _LOST_SIDE_RAD:
            return self.get_up()
        past = -tilt_rad
        ahead = self._approach(t_s, past, rep if in_set or in_rep else None, in_set)
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

    def _approach(self, t_s: float, past: float, rep: int | None, in_set: bool) -> Approaching | None:
        """Return a warning where the tilt, its rate and the rate's gain lead past the limit shortly."""
        if not math.isnan(self._past_rad):
            new = 1.0 / (1.0 + _RATE_S * GRID_HZ)
            before = self._rate_rads
            self._rate_rads += ((past - self._past_rad) * GRID_HZ - before) * new
            self._gain_rads2 += ((self._rate_rads - before) * GRID_HZ - self._gain_rads2) * new
        self._past_rad = past
        if self._rate_rads <= 0:
            self._low_s = t_s
        if self._rate_rads <= _BUMP_RADS:
            self._slow_s = t_s
        if past < self._alert_rad / 3 and self._rate_rads < 0:
            self._warned = False
        least = _FASTER_AGAIN_RADS if self._again else _FASTER_THAN_RADS
        if rep is None or self._warned or past < _BEGUN_RAD or self._rate_rads < least:
            return None
        if t_s - self._slow_s < _BUMP_S if in_set else t_s - self._low_s < _STEP_S:
            return None
        ahead_s = self._ahead_s
        led = past + self._rate_rads * ahead_s + max(self._gain_rads2, 0.0) * ahead_s * ahead_s / 2
        if led < self._alert_rad - (_AGAIN_RAD if self._again else 0.0):
            return None
        self._warned = True
        return None if past >= self._alert_rad else Approaching(t_s, t_s, past, rep)

    def _begin(self, t_s: float, past: float, rep: int | None) -> LiftOffStarted | None:
        if past < self._alert_rad:
            self._since_s = math.nan
            return None
        if t_s - self._since_s < self._dwell_s - 1e-9:
            return None
        self._again = True
        self._off = LiftOffStarted(self._since_s, t_s, self._peak_rad, rep, Level.ALERT)
        return self._off

    def _end(self) -> LiftOff | None:
        off, self._off = self._off, None
        if off is None:
            return None
        self._since_s = math.nan
        return LiftOff(off.start_s, self._above_s, off.decided_s, self._peak_rad, off.rep, off.level)
