"""Repetitions carried by vertical travel: squats, hack squats, lunges.

Vertical acceleration is integrated to velocity V and travel P since the last top. A constant
accelerometer offset b over the time T adds b T to V and b T^2/2 to P, so the closure
c = P - V T/2 does not feel it: with V truly zero, c is the true height. Tilt alone fails here,
since many pelves make two humps in one squat or never return fully upright.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from statistics import median
from typing import Final, NamedTuple

from monitor.pipeline.cycles import Cycle
from monitor.pipeline.grid import GRID_HZ

_DT: Final = 1.0 / GRID_HZ
_G_MS2: Final = 9.81

# Gates settled on squats of one person and held on the others; see VALIDATION.md.
_DESCENT_MS: Final = -0.15
_DESCENT_M: Final = -0.03
_ASCENT_GAIN_MS: Final = 0.45
_SLOW_ASCENT_GAIN_MS: Final = 0.22
_CLOSED_SHARE: Final = 0.08
_CLOSED_BRAKED_SHARE: Final = 0.35
_BRAKED_LOSS_MS: Final = 0.15
_RUNNING_MS2: Final = 12.0
"""A squat with a bounce reaches 8 m/s2 about gravity at the sacrum, every footfall of a run 15 and more."""
_LEAST_DEPTH_M: Final = 0.12
_LEAST_DEPTH_SHARE: Final = 0.4
_LEAST_TIME_S: Final = 1.1
_LONGEST_TIME_S: Final = 14.0
_LEAST_PHASE_S: Final = 0.4
_LEAST_RISE_S: Final = 0.3
"""Closure says nothing while the way down is still being braked."""
_SINKS_AGAIN_MS: Final = 0.1
_LATEST_END_S: Final = 0.28
_OFFSET_GAIN: Final = 0.2
_LEFT_MS: Final = 0.4
"""No more than this is left of the way up where a repetition ends: what goes beyond is drift at once."""
_STILL_RATE_RADS: Final = 0.10
_STILL_CHANGE_MS2: Final = 0.08
_LARGEST_OFFSET_MS2: Final = 0.8
_KNOWN_OFFSET_MS2: Final = 0.2
"""At rest the pelvis does not turn and the force does not change; it may be off by an offset
until that has been learned. A grinding ascent is steady too, at 0.3 m/s2."""
_LONG_ROWS: Final = round(1.5 * GRID_HZ)
"""No ascent is steady for so long: the sensor was turned, and its offset shows otherwise now."""
_STILL_ROWS: Final = round(0.4 * GRID_HZ)
_FIRST_ROWS: Final = round(1.0 * GRID_HZ)
_HOLD_ROWS: Final = round(0.7 * GRID_HZ)
"""Steady for longer than any descent is free of acceleration: velocity is zero."""
_SHALLOW_M: Final = 0.10
_SAME_TILT_RAD: Final = math.radians(4.0)
_SAME_TILT_SHALLOW_M: Final = 0.25
_MISSING_S: Final = 0.2
_ADRIFT_S: Final = 8.0
"""Longer than a repetition: whoever has not been at the usual top by then stands otherwise now."""
_LOW: Final = 0.9
_BOTTOM: Final = 0.8
"""Shares of the depth past which a squat is at its lowest, and at its bottom."""
_RISES_S: Final = 0.8
"""Who is first seen at the bottom rises before he descends: after a push that no offset explains, upward
velocity is no drift until it has been braked, which takes no longer than this."""
_TOP: Final = 0
_DOWN: Final = 1
_UP: Final = 2


class TravelGates(NamedTuple):
    """What a cycle must show besides its travel to be a repetition.

    `tilt_rad` is the least range of sagittal tilt, `ml_share` the least share of the rotation
    that is about the medio-lateral axis, `most_tilt_rad` the range from which it is something else.
    """

    tilt_rad: float = 0.0
    ml_share: float = 0.0
    most_tilt_rad: float = math.inf


GATES: Final = {
    "squat": TravelGates(math.radians(8.0), 0.35),
    "lunge": TravelGates(math.radians(1.0), 0.1),
    "hack_squat": TravelGates(most_tilt_rad=math.radians(35.0)),
}
"""Walking and stairs travel too: where the trunk leans in the exercise, it must lean."""


class TravelCycles:
    """Find squat-like cycles row by row, in the order of time, without looking ahead.

    Parameters
    ----------
    gates
        What else a repetition of the exercise shows.
    """

    def __init__(self, gates: TravelGates) -> None:
        self._gates = gates
        self._offset_ms2 = 0.0
        self._depths: deque[float] = deque(maxlen=6)
        self._tops_rad: deque[float] = deque(maxlen=6)
        self._row_s, self._adrift_s, self._was_upright = math.nan, math.inf, False
        self._still_run = self._still_rows = self._steady_run = 0
        self._smooth_ms2 = self._slow_ms2 = 0.0
        self._tilt_rad = 0.0
        self._pushed_s, self._risen_ms = -math.inf, 0.0
        self._begun = False  # whether the velocity is known: it was at rest, or a repetition closed well
        self.reset(0.0)

    @property
    def in_cycle(self) -> bool:
        """True from the descent until the cycle is closed or given up."""
        return self._phase != _TOP

    @property
    def started_s(self) -> float:
        """Time at which the current cycle, if there is one, left the top."""
        return self._top_s

    @property
    def deep(self) -> bool:
        """True on the way down past half of the usual depth; never before a depth is usual."""
        half_m = median(self._depths) / 2 if self._depths else math.inf
        return self._phase != _TOP and self._velocity <= 0.0 and -self._height >= half_m

    def expect(self, acc_offset_ms2: float) -> None:
        """Take a first guess of the accelerometer's offset along the vertical."""
        self._offset_ms2 = acc_offset_ms2

    def new_set(self) -> None:
        """Forget the depths of the last set: the next may be another exercise."""
        self._depths.clear()

    def reset(self, t_s: float) -> None:
        """Begin at the top at `t_s`; what was learned of offset and depth is kept."""
        self._phase = _TOP
        self._top_s = self._anchor_s = t_s
        self._velocity = self._height = 0.0
        self._slowest = self._fastest = 0.0
        self._path: list[tuple[float, float]] = []
        self._settled = 0
        self._lowest = self._settled_lowest = (0.0, t_s)
        self._nearly_s = math.nan
        self._rising_s = t_s
        self._hold_s: tuple[float, float] | None = None
        self._top_tilt_rad = self._tilt_rad
        self._tilts = (math.inf, -math.inf)
        self._rate_energy = self._ml_energy = self._hardest_ms2 = 0.0

    def step(
        self, t_s: float, force_ms2: float, rate_rads: float, ml_rads: float, tilt_rad: float
    ) -> Cycle | None:
        """Take one row; return a cycle in the row that closes it.

        Parameters
        ----------
        t_s
            Time in s.
        force_ms2
            Vertical specific force in m/s2, 9.81 at rest.
        rate_rads, ml_rads
            Size of the angular rate and its part about the medio-lateral axis, rad/s.
        tilt_rad
            Sagittal tilt in rad.
        """
        acc = force_ms2 - _G_MS2 - self._offset_ms2
        self._smooth_ms2 += (acc - self._smooth_ms2) * _DT / 0.05
        self._velocity += acc * _DT
        self._height += self._velocity * _DT
        self._tilt_rad = tilt_rad
        self._slow_ms2 += (self._smooth_ms2 - self._slow_ms2) * _DT / 0.4
        steady = (
            rate_rads < _STILL_RATE_RADS
            and abs(self._smooth_ms2 - self._slow_ms2) < _STILL_CHANGE_MS2
            and abs(self._smooth_ms2) < _LARGEST_OFFSET_MS2
        )
        self._steady_run = self._steady_run + 1 if steady else 0
        known = self._still_rows > _STILL_ROWS and self._steady_run < _LONG_ROWS
        still = steady and (not known or abs(self._smooth_ms2) < _KNOWN_OFFSET_MS2)
        self._still_run = self._still_run + 1 if still else 0
        self._rate_energy += rate_rads * rate_rads
        self._ml_energy += ml_rads * ml_rads
        self._hardest_ms2 = max(self._hardest_ms2, abs(acc))
        low, high = self._tilts
        self._tilts = (min(low, tilt_rad), max(high, tilt_rad))
        if self._adrift(t_s, rate_rads):
            self.reset(t_s)
            return None
        if self._phase == _TOP:
            self._at_top(t_s, acc)
            return None
        if not self._begun and self._steady_run > _STILL_ROWS:
            self.reset(t_s)  # at rest, whatever the velocity seemed to be
            return None
        self._path.append((t_s, self._height))
        if self._still_run >= _HOLD_ROWS and not self._hold(t_s):
            return None
        if self._height < self._lowest[0]:
            self._lowest = (self._height, t_s)
        if t_s - self._top_s > _LONGEST_TIME_S:
            self.reset(t_s)
            return None
        return self._moving(t_s)

    def _adrift(self, t_s: float, rate_rads: float) -> bool:
        """Return whether rows were missing and the usual top was not reached since.

        They may have ended in the middle of a repetition, which must not be taken for the top.
        """
        if t_s - self._row_s > _MISSING_S:
            self._adrift_s, self._was_upright, self._begun = t_s, False, False
        self._row_s = t_s
        if math.isinf(self._adrift_s):
            return False
        if not self._tops_rad or t_s - self._adrift_s > _ADRIFT_S:
            self._adrift_s = math.inf
            return False
        upright = abs(self._tilt_rad - median(self._tops_rad)) < _SAME_TILT_RAD
        rests = rate_rads < _STILL_RATE_RADS and abs(self._smooth_ms2) < _KNOWN_OFFSET_MS2
        if (upright and rests) or (self._was_upright and not upright):
            self._adrift_s = math.inf
        self._was_upright = upright
        return True

    def _at_top(self, t_s: float, acc: float) -> None:
        if self._still_run > _STILL_ROWS:
            # Quickly at first, then slowly: a slow descent must not be taken for an offset.
            self._begun = True
            self._still_rows += 1
            self._offset_ms2 += acc * (0.05 if self._still_rows < _FIRST_ROWS else 0.005)
            self._velocity *= 0.9
            self._height *= 0.9
        if self._velocity >= -0.03 or t_s - self._top_s > 1.5:
            # Still at the top, or moving up to it, or drifting too slowly for a descent.
            velocity = 0.0 if t_s - self._top_s > 1.5 else self._upward(t_s)
            self.reset(t_s)
            self._velocity = velocity
        elif self._velocity < _DESCENT_MS and self._height < _DESCENT_M:
            self._phase = _DOWN
            self._slowest = self._velocity
        self._path.append((t_s, self._height))

    def _upward(self, t_s: float) -> float:
        """Return the velocity at the top without what of it is drift."""
        v = self._velocity
        if not self._begun and self._smooth_ms2 > _LARGEST_OFFSET_MS2:
            self._pushed_s = t_s
        if t_s - self._pushed_s < _RISES_S:
            self._risen_ms = max(self._risen_ms, v)
            if v > self._risen_ms - _BRAKED_LOSS_MS or self._smooth_ms2 < -0.3:
                return v
            v = 0.0
        self._pushed_s, self._risen_ms = -math.inf, 0.0
        return min(v, 0.3) * 0.98 if v > 0 else v

    def _hold(self, t_s: float) -> bool:
        """Stand still: velocity is known to be zero, so take the drift out.

        Return False if this is the top after all, and no hold at depth.
        """
        span = t_s - self._anchor_s
        if span > 0.5:
            self._offset_ms2 += _OFFSET_GAIN * self._velocity / span
        if span > 0:
            self._rebase(t_s)
        upright = abs(self._tilt_rad - self._top_tilt_rad) < _SAME_TILT_RAD
        if self._height > -_SHALLOW_M or (upright and self._height > -_SAME_TILT_SHALLOW_M):
            self.reset(t_s)
            return False
        self._hold_s = (self._hold_s[0] if self._hold_s else t_s - _HOLD_ROWS * _DT, t_s)
        self._slowest = self._fastest = 0.0
        self._phase = _DOWN
        return True

    def _rebase(self, t_s: float) -> None:
        """Take the drift since the anchor out of the path, and make now the anchor."""
        span = t_s - self._anchor_s
        slope = self._velocity / (2 * span)
        anchor = self._anchor_s
        for i in range(self._settled, len(self._path)):
            t, height = self._path[i]
            height -= slope * (t - anchor) ** 2
            self._path[i] = (t, height)
            self._settled_lowest = min(self._settled_lowest, (height, t))
        self._height -= self._velocity * span / 2
        self._velocity = 0.0
        self._anchor_s = t_s
        self._settled = len(self._path)
        self._lowest = self._settled_lowest

    def _moving(self, t_s: float) -> Cycle | None:
        v = self._velocity
        if self._phase == _DOWN:
            self._slowest = min(self._slowest, v)
            gain = min(max(-1.4 * self._slowest, _SLOW_ASCENT_GAIN_MS), _ASCENT_GAIN_MS)
            if v > self._slowest + gain:
                self._phase, self._fastest, self._rising_s = _UP, v, t_s
            return None
        self._fastest = max(self._fastest, v)
        if v < self._slowest - _SINKS_AGAIN_MS:
            self._phase, self._slowest = _DOWN, v
            return None
        if t_s - self._rising_s < _LEAST_RISE_S:
            return None
        span = t_s - self._anchor_s
        closure = self._height - v * span / 2
        lowest, lowest_s = self._lowest
        since = max(lowest_s - self._anchor_s, 0.0)
        depth = max(0.01, v * since * since / (2 * max(span, _DT)) - lowest)
        braked = v < self._fastest - _BRAKED_LOSS_MS and self._smooth_ms2 > -0.3
        if math.isnan(self._nearly_s):
            near = closure > -_CLOSED_SHARE * depth or (braked and closure > -_CLOSED_BRAKED_SHARE * depth)
            if not near:
                return None
            self._nearly_s = t_s
        # Nearly up: the end is where the braking ends, but never long after.
        if self._smooth_ms2 > -0.3 or v <= 0.0 or t_s - self._nearly_s > _LATEST_END_S:
            return self._close(t_s)
        return None

    def _close(self, t_s: float) -> Cycle | None:
        start_s, duration = self._top_s, t_s - self._top_s
        velocity, span = self._velocity, t_s - self._anchor_s
        if span > 0:
            self._rebase(t_s)
        lowest, turn_s = self._lowest
        if self._hold_s is not None:
            turn_s = sum(self._hold_s) / 2
        depth = -lowest
        share = self._ml_energy / max(self._rate_energy, 1e-9)
        usual = median(self._depths) if self._depths else 0.0
        whole = (
            depth >= max(_LEAST_DEPTH_M, _LEAST_DEPTH_SHARE * usual)
            and duration >= _LEAST_TIME_S
            and min(turn_s - start_s, t_s - turn_s) >= _LEAST_PHASE_S
            and self._gates.tilt_rad <= self._tilts[1] - self._tilts[0] <= self._gates.most_tilt_rad
            and share >= self._gates.ml_share
            and self._hardest_ms2 < _RUNNING_MS2
        )
        path, top_rad = self._path, self._top_tilt_rad
        self.reset(t_s)
        if not whole:
            return None
        self._begun = self._begun or abs(velocity) < _LEFT_MS
        self._tops_rad.append(top_rad)
        self._depths.append(depth)
        if span > 0:
            left = min(max(velocity, -_LEFT_MS), _LEFT_MS)
            self._offset_ms2 += (_OFFSET_GAIN * left + velocity - left) / span
        return _cycle(start_s, turn_s, t_s, depth, path)


def _cycle(
    start_s: float, turn_s: float, end_s: float, depth: float, path: list[tuple[float, float]]
) -> Cycle:
    """Return the cycle with what its path (time in s, height in m) shows of the way down."""

    def passed_s(share: float) -> float:
        return next(t for t, height in path if height <= -share * depth)

    down = itertools.pairwise(path)
    return Cycle(
        start_s,
        turn_s,
        end_s,
        end_s,
        depth,
        deep_from_s=passed_s(0.5),
        low_from_s=passed_s(_LOW),
        bottom_s=sum(height <= -_BOTTOM * depth for _, height in path) / GRID_HZ,
        descent_ms=max(((a - b) * GRID_HZ for (_, a), (t, b) in down if t <= turn_s), default=0.0),
    )
