"""Repetitions carried by tilt: hinges, thrusts and seated machines.

There the sacrum hardly travels, but the pelvis turns away from a rest pose and comes back to it:
by 50 to 80 degrees in a hinge, by 3 to 10 on a leg press, where breathing turns it by one.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import Final, NamedTuple

from calibration.motion import G_MS2
from monitor.model.exercise import Exercise
from monitor.pipeline.cycles import Cycle
from monitor.pipeline.grid import GRID_HZ

_DT: Final = 1.0 / GRID_HZ
_LEAST_MACHINE_RAD: Final = math.radians(2.0)
_LEAST_FREE_RAD: Final = math.radians(15.0)
_LEAST_DEPTH_SHARE: Final = 0.4
_LEAST_PADDED_SHARE: Final = 0.5
"""Shifting about on a pad rolls the pelvis by nearly as much as a short repetition does."""
_LEAST_TIME_S: Final = 1.2
_LONGEST_TIME_S: Final = 16.0
_LEAST_PHASE_S: Final = 0.3
_LEAST_ML_SHARE: Final = 0.5
_CLEAR_ML_SHARE: Final = 0.75
_SWAYS: Final = 2.5
_FEW: Final = 3
"""Shifting about on a pad turns the pelvis every way: of 31 simulated shifts that were taken for a repetition
23 had a sway 2.5 times that of the repetitions before, and none of 3,500 repetitions had."""
_WALKING_MS2: Final = 0.9
"""RMS of the vertical acceleration: walking is above 1.5, a seated repetition below 0.7."""
_BEFORE_S: Final = 2.0
"""So much of the rest before a cycle is kept."""
_CALM_S: Final = 0.5
_SEAT_M: Final = 0.35
_DRIFT_MS2: Final = 0.022
"""A seat is 0.45 m lower than standing; a height integrated over T is off by up to this times T^2, which is
an accelerometer off by 0.3 m/s2 in the lean of a hinge."""
_BREATH_RAD: Final = math.radians(1.5)
_STAYS_S: Final = 5.0
"""Within what breath moves it for longer than anybody holds a turn: rest."""
_SMOOTH_S: Final = 0.06
_REST_FOLLOWS_S: Final = 10.0
_EDGE_SHARE: Final = 0.04
_BACK_SHARE: Final = 0.15
_LATEST_END_S: Final = 0.28
_HOLD_SHARE: Final = 0.05
_SHIFT_SHARE: Final = 0.25
_FLAT_SHARE_PER_S: Final = 0.15
_PLAIN_ROLL_RAD: Final = math.radians(6.0)
_SHELF_ROWS: Final = round(1.5 * GRID_HZ)
_SHIFTED_ROWS: Final = round(4.5 * GRID_HZ)
"""Held for longer than any turn: a new rest pose."""
_PLATEAU_SHARE: Final = 0.45
_PLATEAU_ROWS: Final = round(0.12 * GRID_HZ)


class _Row(NamedTuple):
    """Time in s, depth in rad, angular rate and its medio-lateral part in rad/s, vertical force in m/s2."""

    t_s: float
    depth: float
    rate_rads: float
    ml_rads: float
    force_ms2: float


class TiltCycles:
    """Find cycles of tilt row by row, in the order of time.

    Parameters
    ----------
    exercise
        Its `turn_sign` is the direction of the turn, its pad decides how small a cycle may be.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._sign = float(exercise.turn_sign)
        self._padded = exercise.back_supported
        self._least_rad = _LEAST_MACHINE_RAD if exercise.back_supported else _LEAST_FREE_RAD
        self._least_share = _LEAST_PADDED_SHARE if exercise.back_supported else _LEAST_DEPTH_SHARE
        self._depths: deque[float] = deque(maxlen=6)
        self._drifts_ms2: deque[float] = deque(maxlen=6)
        self._sways_rads: deque[float] = deque(maxlen=6)
        self._usual_rad = 0.0
        self._smooth = math.nan
        self.reset(0.0)

    @property
    def in_cycle(self) -> bool:
        """True from leaving the rest pose until the cycle is closed or given up."""
        return self._moving

    def new_set(self) -> None:
        """Forget the depths of the last set: the next may be another exercise."""
        self._depths.clear()
        self._usual_rad = 0.0

    def reset(self, t_s: float) -> None:
        """Begin at the rest pose, wherever it is now; the usual depth is kept."""
        self._moving = False
        self._rest = math.inf
        self._smooth = math.nan
        self._path: deque[tuple[float, float, float, float, float]] = deque()  # of _Row, but quicker to make
        self._peak = (-math.inf, 0.0)
        self._valley = (math.inf, 0.0)
        self._back_s = math.nan
        self._shelf = (math.inf, 0.0)
        self._flat_rows = 0
        self._band = (math.inf, -math.inf, t_s)

    def step(
        self,
        t_s: float,
        force_ms2: float,
        rate_rads: float,
        ml_rads: float,
        tilt_rad: float,
    ) -> Cycle | None:
        """Take one row, as TravelCycles does; return a cycle in the row that closes it."""
        depth = self._sign * tilt_rad
        before = depth if math.isnan(self._smooth) else self._smooth
        self._smooth = before + (depth - before) * _DT / (_SMOOTH_S + _DT)
        rate = (self._smooth - before) / _DT
        self._path.append((t_s, self._smooth, rate_rads, ml_rads, force_ms2))
        if not self._moving:
            self._at_rest(t_s)
            return None
        return self._in_motion(t_s, rate)

    def _at_rest(self, t_s: float) -> None:
        now = self._smooth
        self._rest = now if now < self._rest else self._rest + (now - self._rest) * _DT / _REST_FOLLOWS_S
        if now - self._rest > max(0.6 * self._least_rad, 0.15 * self._usual_rad):
            self._moving = True
            self._peak = (now, t_s)
            self._valley = (math.inf, t_s)
            self._band = (now, now, t_s)
            return
        if self._path[0][0] < t_s - _BEFORE_S:
            self._path.popleft()

    def _in_motion(self, t_s: float, rate: float) -> Cycle | None:
        now = self._smooth
        if now > self._peak[0]:
            self._rest_anew(now)
            self._peak = (now, t_s)
            self._valley = (math.inf, t_s)
            self._back_s = math.nan
        if now < self._valley[0]:
            self._valley = (now, t_s)
        depth = self._plain(self._peak[0] - self._rest)
        back = now - self._rest
        flat = abs(rate) < _FLAT_SHARE_PER_S * depth
        self._flat_rows = self._flat_rows + 1 if flat else 0
        if self._flat_rows == _SHELF_ROWS:
            self._shelf = (now, t_s)
        fallen = self._peak[0] - now > 0.3 * (self._peak[0] - self._rest)
        rising = now - self._valley[0] > 0.1 * depth
        if math.isnan(self._back_s) and back < _BACK_SHARE * depth:
            self._back_s = t_s
        if not math.isnan(self._back_s):
            # Nearly back: the end is where it comes to rest, but never long after.
            settled = back < _EDGE_SHARE * depth or flat or now > self._valley[0]
            return self._close(t_s, t_s) if settled or t_s - self._back_s > _LATEST_END_S else None
        if fallen and self._flat_rows >= _PLATEAU_ROWS and back < _PLATEAU_SHARE * depth:
            return self._close(t_s, t_s)
        if fallen and rising and self._valley[0] - self._rest < _PLATEAU_SHARE * depth:
            return self._close(t_s, self._valley[1])
        if t_s - self._path[0][0] > _LONGEST_TIME_S or self._flat_rows > _SHIFTED_ROWS or self._stays(t_s):
            self.reset(t_s)
        return None

    def _stays(self, t_s: float) -> bool:
        """Return whether only breath has moved the tilt for longer than any turn."""
        low, high, since_s = self._band
        low, high = min(low, self._smooth), max(high, self._smooth)
        if high - low > _BREATH_RAD:
            low = high = self._smooth
            since_s = t_s
        self._band = low, high, since_s
        return t_s - since_s > _STAYS_S

    def _rest_anew(self, now: float) -> None:
        """Take a posture long held, from which the tilt went well on, for the rest pose."""
        level, since_s = self._shelf
        if now - level < max(self._least_rad, _SHIFT_SHARE * (now - self._rest)):
            return
        while self._path[0][0] < since_s:
            self._path.popleft()
        self._rest, self._shelf = level, (math.inf, 0.0)

    def _close(self, t_s: float, end_s: float) -> Cycle | None:
        rows = [_Row(*row) for row in self._path]
        peak, turn_s = self._turn(rows)
        # A rest pose that shifted in between - sitting down, lying back - is not part of the cycle.
        end = self._valley[0]
        rest = end if end - self._rest > _SHIFT_SHARE * (peak - self._rest) else self._rest
        depth = peak - rest
        edge = rest + _EDGE_SHARE * self._plain(depth)
        at_rest = (row.t_s for row in reversed(rows) if row.t_s < turn_s and row.depth <= edge)
        start_s = next(at_rest, rows[0].t_s)
        path = [row for row in rows if row.t_s >= start_s]
        turned, forward = sum(row.rate_rads**2 for row in path), sum(row.ml_rads**2 for row in path)
        sway_rads = math.sqrt(max(turned - forward, 0.0) / len(path))
        risen_m = 0.0 if self._padded else _risen_m(path)
        seconds2 = (path[-1].t_s - path[0].t_s) ** 2
        whole = (
            depth >= max(self._least_rad, self._least_share * self._usual_rad)
            and end_s - start_s >= _LEAST_TIME_S
            and min(turn_s - start_s, end_s - turn_s) >= _LEAST_PHASE_S
            and forward >= (_CLEAR_ML_SHARE if self._sways(sway_rads) else _LEAST_ML_SHARE) * turned
            and (start_s > rows[0].t_s or rows[0].depth <= rest + _SHIFT_SHARE * self._plain(depth))
            and (self._seated(path, rows, rest) if self._padded else self._stood(risen_m, seconds2))
        )
        smooth = self._smooth
        self.reset(t_s)
        self._smooth = smooth
        if not whole:
            return None
        self._depths.append(self._plain(depth))
        self._sways_rads.append(sway_rads)
        self._drifts_ms2.append(risen_m / seconds2)
        # A lift-off is no measure for the next: on a pad the usual one is among the smaller ones.
        self._usual_rad = (
            sorted(self._depths)[len(self._depths) // 4] if self._padded else median(self._depths)
        )
        deep_from_s = next(row.t_s for row in path if row.depth >= rest + depth / 2)
        return Cycle(start_s, turn_s, end_s, t_s, depth, deep_from_s)

    def _sways(self, sway_rads: float) -> bool:
        """Return whether the pelvis turned every way much faster than it does in the exercise, on a pad."""
        usual = self._sways_rads if self._padded else ()
        return len(usual) >= _FEW and sway_rads > _SWAYS * median(usual)

    def _seated(self, path: list[_Row], rows: list[_Row], rest: float) -> bool:
        """Return whether a cycle on a pad is neither walked nor, before a set, shifting about."""
        if math.sqrt(sum((row.force_ms2 - G_MS2) ** 2 for row in path) / len(path)) > _WALKING_MS2:
            return False
        # Where the rest pose shifted the path begins on the way already, by as much.
        start_s = path[0].t_s
        before = [row.depth for row in rows if start_s - _CALM_S <= row.t_s <= start_s]
        return self._usual_rad > 0 or max(before) - min(before) < self._least_rad / 2 + rest - self._rest

    def _stood(self, risen_m: float, seconds2: float) -> bool:
        """Return whether one stands after a hinge as before, and has not sat down or got up."""
        drift_m = _DRIFT_MS2 * seconds2
        # A slow one drifts on as the hinges before it did.
        usual_m = median(self._drifts_ms2) * seconds2 if self._drifts_ms2 else 0.0
        return self._sign < 0 or abs(risen_m) < max(_SEAT_M, drift_m) or abs(risen_m - usual_m) < drift_m

    def _plain(self, depth: float) -> float:
        """Return the depth without what rolled off the pad: borders lie where the legs move."""
        return min(depth, _PLAIN_ROLL_RAD) if self._padded else depth

    def _turn(self, rows: list[_Row]) -> tuple[float, float]:
        """Return depth and time of the turn: where the peak is held, the middle of the hold."""
        peak = self._peak[0]
        held = [row.t_s for row in rows if peak - row.depth < _HOLD_SHARE * (peak - self._rest)]
        return peak, (held[0] + held[-1]) / 2


def _risen_m(path: list[_Row]) -> float:
    """Return how much higher in m it ended than it began, if it stood at both ends; no offset is felt."""
    velocity = height = 0.0
    for row in path:
        velocity += (row.force_ms2 - G_MS2) / GRID_HZ
        height += velocity / GRID_HZ
    return height - velocity * len(path) / GRID_HZ / 2
