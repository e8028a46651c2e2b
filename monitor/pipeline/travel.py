"""Repetitions carried by vertical travel: squats, hack squats, lunges.

Down from a top and up again to where the closure says that it is as high as before. Tilt alone fails
here, since many pelves make two humps in one squat or never return fully upright.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import Final, NamedTuple

from monitor.pipeline.cycles import Cycle, from_path
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.vertical import (
    HELD_MS2,
    HOLD_ROWS,
    LEFT_MS,
    STILL_RATE_RADS,
    STILL_ROWS,
    VerticalMotion,
)

_DT: Final = 1.0 / GRID_HZ

# Gates settled on squats of one person and held on the others; see VALIDATION.md.
_DESCENT_MS: Final = -0.15
_DESCENT_M: Final = -0.03
_SLOW_DESCENT_MS: Final = -0.06
_SLOW_DESCENT_M: Final = -0.06
"""A way down of 0.3 m in 4 s goes at 0.1 m/s."""
_LEAVE_S: Final = 1.5
_KNOWN_LEAVE_S: Final = 4.0
"""Leaving the top may take so long before it is drift; longer where the offset is known."""
_ASCENT_GAIN_MS: Final = 0.45
_SLOW_ASCENT_GAIN_MS: Final = 0.22
_SLOW_ASCENT_MS: Final = 0.45
"""Slower than people squat unhindered, 0.6 m/s and more: such a way up fades out over half a second."""
_CLOSED_SHARE: Final = 0.08
_CLOSED_BRAKED_SHARE: Final = 0.35
_BRAKED_LOSS_MS: Final = 0.15
_BRAKING_MS2: Final = -0.3
_LONGEST_RISE_S: Final = 3.0
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
_MOST_DRIFT_SHARE: Final = 3.0
"""Drift that is taken out bows the path by this times its depth at most; beyond, no depth can be told."""
_SHALLOW_M: Final = 0.10
_SAME_TILT_RAD: Final = math.radians(4.0)
_SAME_TILT_SHALLOW_M: Final = 0.25
_LEANT_RAD: Final = math.radians(12.0)
_BRAKED_SHARE: Final = 0.25
_LOWEST_M: Final = 2.0
"""Three times as low as any lift goes: with a known offset, drift that hides whatever is done meanwhile."""
_STILL_M: Final = 0.7
"""No lift goes so far, and none without a change of the force."""
_STOOD_ROWS: Final = round(0.1 * GRID_HZ)
_STOOD_LONG_ROWS: Final = round(0.25 * GRID_HZ)
_MISSING_S: Final = 0.2
_ADRIFT_S: Final = 8.0
"""Longer than a repetition: whoever has not been at the usual top by then stands otherwise now."""
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
        self._motion = VerticalMotion()
        self._depths: deque[float] = deque(maxlen=6)
        self._tops_rad: deque[float] = deque(maxlen=6)
        self._row_s, self._adrift_s, self._was_upright = math.nan, math.inf, False
        self._tilt_rad = self._risen_ms = self._risen_s = 0.0
        self._begun = False  # whether the velocity is known: it was at rest, or a repetition closed well
        self.reset(0.0)

    @property
    def in_cycle(self) -> bool:
        """True from the descent until the cycle is closed or given up."""
        return self._phase != _TOP

    @property
    def rests(self) -> bool:
        """False where the force shows that this is no rest, however quiet: a slow way down begins so."""
        return not self._motion.known or self._motion.still_run >= STILL_ROWS

    @property
    def deep(self) -> bool:
        """True on the way down past half of the usual depth; never before a depth is usual."""
        if self._phase == _TOP or self._turned or not self._depths:
            return False
        return -self._motion.height >= median(self._depths) / 2

    def expect(self, acc_offset_ms2: float) -> None:
        """Take what the accelerometer reads beyond gravity along the vertical, in m/s2."""
        self._motion.offset_ms2 = acc_offset_ms2

    def new_set(self) -> None:
        """Forget the depths of the last set: the next may be another exercise."""
        self._depths.clear()

    def reset(self, t_s: float) -> None:
        """Begin at the top at `t_s`; what was learned of offset and depth is kept."""
        self._phase = _TOP
        self._top_s = t_s
        self._motion.begin(t_s)
        self._slowest = self._fastest = 0.0
        self._nearly_s = math.nan
        self._rising_s = t_s
        self._hold_s: tuple[float, float] | None = None
        self._top_tilt_rad = self._tilt_rad
        self._tilts = (math.inf, -math.inf)
        self._turned, self._turn_lean_rad = False, 0.0
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
        motion = self._motion
        acc = motion.step(t_s, force_ms2, rate_rads)
        self._tilt_rad = tilt_rad
        self._rate_energy += rate_rads * rate_rads
        self._ml_energy += ml_rads * ml_rads
        self._hardest_ms2 = max(self._hardest_ms2, abs(acc))
        low, high = self._tilts
        self._tilts = (min(low, tilt_rad), max(high, tilt_rad))
        adrift = self._adrift(t_s, rate_rads)
        # At rest, whatever the velocity seemed to be.
        rests = abs(motion.still_m) > _STILL_M or (not self._begun and motion.steady_run > STILL_ROWS)
        if adrift or (rests and self._phase != _TOP):
            self.reset(t_s)
            return None
        if self._phase == _TOP:
            self._at_top(t_s, acc)
            return None
        self._turned = self._turned or motion.velocity > 0.0
        lean_rad = abs(tilt_rad - self._top_tilt_rad)
        if motion.velocity > _BRAKED_SHARE * self._slowest:
            self._turn_lean_rad = max(self._turn_lean_rad, lean_rad)
        if self._stands(lean_rad) or self._back(t_s, lean_rad):
            motion.sink(t_s)
            if motion.stand(t_s):
                self._hold_s = None
            return self._close(t_s)
        if motion.held_run >= HOLD_ROWS and not self._hold(t_s, lean_rad):
            return None
        motion.sink(t_s)
        lost = motion.known and motion.height < -_LOWEST_M
        if lost or t_s - self._top_s > _LONGEST_TIME_S:
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
        rests = rate_rads < STILL_RATE_RADS and abs(self._motion.smooth_ms2) < HELD_MS2
        if (upright and rests) or (self._was_upright and not upright):
            self._adrift_s = math.inf
        self._was_upright = upright
        return True

    def _at_top(self, t_s: float, acc: float) -> None:
        motion = self._motion
        if motion.still_run > STILL_ROWS:
            self._begun = True
            motion.rest(acc)
        v = motion.velocity
        late = t_s - self._top_s > (_KNOWN_LEAVE_S if motion.known else _LEAVE_S)
        quick = v < _DESCENT_MS and motion.height < _DESCENT_M
        slow = v < _SLOW_DESCENT_MS and motion.height < _SLOW_DESCENT_M
        if v >= -0.03 or late:
            # Still at the top, or moving up to it, or drifting too slowly for a descent.
            velocity = self._upward(t_s) if v > 0 else 0.0 if late else v
            self.reset(t_s)
            motion.velocity = velocity
        elif quick or slow:
            self._phase = _DOWN
            self._slowest = v
        motion.note(t_s)

    def _upward(self, t_s: float) -> float:
        """Return the upward velocity at the top without what of it is drift.

        Faster than drift it is a way up of which the way down was not seen: it ends where it is braked,
        and there is the top. Else what brakes it would be taken for a way down.
        """
        v = self._motion.velocity
        if v < _SLOW_ASCENT_GAIN_MS and not self._risen_ms:
            return v * 0.98
        if not self._risen_ms:
            self._risen_s = t_s
        self._risen_ms = max(self._risen_ms, v)
        braked = v < self._risen_ms - _BRAKED_LOSS_MS and self._motion.smooth_ms2 > _BRAKING_MS2
        if not braked and t_s - self._risen_s < _LONGEST_RISE_S:
            return v
        self._risen_ms = 0.0
        return 0.0

    def _stands(self, lean_rad: float) -> bool:
        """Return whether the trunk leant at the turn, is back as it was at the top, and rests there.

        In a grinding repetition the velocity drifts by more than the hips move: the sensor tilts, and a
        share of its offset goes with that. Who crouches has his trunk up at the turn already.
        """
        motion = self._motion
        rests = motion.steady_run >= (_STOOD_ROWS if self._phase == _UP else _STOOD_LONG_ROWS)
        leant = self._turn_lean_rad > _LEANT_RAD
        return rests and leant and lean_rad < _SAME_TILT_RAD and abs(motion.smooth_ms2) < HELD_MS2

    def _back(self, t_s: float, lean_rad: float) -> bool:
        """Return whether it rests at the top again, but for the holds that there seemed to be on the way.

        A slow way up is as steady as a hold is.
        """
        motion = self._motion
        if not self._turned or lean_rad > _SAME_TILT_RAD or motion.still_run < STILL_ROWS:
            return False
        return motion.whole(t_s) > -_SHALLOW_M

    def _hold(self, t_s: float, lean_rad: float) -> bool:
        """Stand still: velocity is known to be zero, so take the drift out.

        Return False if this is the top after all, and no hold at depth.
        """
        height = self._motion.closure(t_s)
        upright = lean_rad < _SAME_TILT_RAD
        # Until the offset is known a height may be drift, and upright tells more.
        least_m = _SAME_TILT_SHALLOW_M if upright and not self._motion.known else _SHALLOW_M
        shallow = height > -least_m
        if shallow and self._motion.still_run < HOLD_ROWS:
            return True  # slowly on the way down, perhaps
        self._motion.stop(t_s)
        if shallow:
            self.reset(t_s)
            return False
        self._hold_s = (self._hold_s[0] if self._hold_s else t_s - HOLD_ROWS * _DT, t_s)
        self._slowest = self._fastest = 0.0
        self._phase = _DOWN
        return True

    def _moving(self, t_s: float) -> Cycle | None:
        v, smooth_ms2 = self._motion.velocity, self._motion.smooth_ms2
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
        closure, depth = self._motion.closure(t_s), self._motion.depth(t_s)
        braked = v < self._fastest - _BRAKED_LOSS_MS and smooth_ms2 > _BRAKING_MS2
        if math.isnan(self._nearly_s):
            near = closure > -_CLOSED_SHARE * depth or (braked and closure > -_CLOSED_BRAKED_SHARE * depth)
            if not near:
                return None
            self._nearly_s = t_s
        # Nearly up: the end is where the braking ends, but never long after.
        if smooth_ms2 > _BRAKING_MS2 or v <= 0.0 or t_s - self._nearly_s > _LATEST_END_S:
            return self._close(t_s)
        return None

    def _close(self, t_s: float) -> Cycle | None:
        start_s, duration = self._top_s, t_s - self._top_s
        velocity, span = self._motion.velocity, t_s - self._motion.anchor_s
        self._motion.settle(t_s)
        lowest, turn_s = self._motion.lowest
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
            and abs(velocity) * span / 8 < _MOST_DRIFT_SHARE * depth
            and self._hardest_ms2 < _RUNNING_MS2
        )
        path, top_rad, fastest = self._motion.path, self._top_tilt_rad, self._fastest
        self.reset(t_s)
        if fastest < _SLOW_ASCENT_MS:
            # It may not be over yet: what is left of the way up is not drift alone.
            self._motion.velocity = min(max(velocity, 0.0), _SLOW_ASCENT_GAIN_MS)
        if not whole:
            return None
        self._begun = self._begun or abs(velocity) < LEFT_MS
        self._tops_rad.append(top_rad)
        self._depths.append(depth)
        self._motion.ended(velocity, span)
        return from_path(start_s, turn_s, t_s, depth, path)
