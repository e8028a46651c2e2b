"""Vertical motion of the sensor: velocity V and height P since an anchor, and when it stands still.

A constant accelerometer offset b over the time T adds b T to V and b T^2/2 to P, so the closure
c = P - V T/2 does not feel it: with V truly zero, c is the true height.
"""

from __future__ import annotations

from typing import Final

from calibration.motion import G_MS2
from monitor.pipeline.grid import GRID_HZ

_DT: Final = 1.0 / GRID_HZ
_OFFSET_GAIN: Final = 0.2
LEFT_MS: Final = 0.4
"""No more than this is left of the way up where a repetition ends: what goes beyond is drift at once."""
STILL_RATE_RADS: Final = 0.10
_STILL_CHANGE_MS2: Final = 0.08
_LARGEST_OFFSET_MS2: Final = 0.8
"""At rest the pelvis does not turn and the force does not change; it may be off by an offset
until that has been learned."""
HELD_MS2: Final = 0.2
"""The same held in the lean of the turn, of which the offset has a share. A grinding ascent is steady
too, at 0.3 m/s2."""
_KNOWN_MS2: Final = 0.06
"""Once the offset is known rest feels no more than this. The slowest way down, 0.3 m in 4 s, begins with
0.1 m/s2."""
_CONSTANT_ROWS: Final = round(1.5 * GRID_HZ)
_CONSTANT_MS2: Final = 0.03
"""More than that felt for so long and not changing is no way down, which is braked by then: the sensor was
turned, and its offset shows otherwise now."""
_UNSURE_MS: Final = 0.04
_UNSURE_MS2: Final = 0.01
STILL_ROWS: Final = round(0.4 * GRID_HZ)
HOLD_ROWS: Final = round(0.7 * GRID_HZ)
"""Steady for longer than any descent, or turn, is free of acceleration: velocity is zero."""
_FIRST_ROWS: Final = round(1.0 * GRID_HZ)


class VerticalMotion:
    """Integrate the vertical force row by row, from an anchor at which it stood still."""

    def __init__(self) -> None:
        self.offset_ms2 = 0.0
        self.smooth_ms2 = 0.0
        """Acceleration without the offset and without the ringing of soft tissue."""
        self.steady_run = self.still_run = self.held_run = 0
        """Rows for which the force has not changed, for which it has been rest, and for which it may be a
        hold at the turn."""
        self.still_m = 0.0
        """How far in m it would have gone while it has been rest."""
        self._slow_ms2 = self._slower_ms2 = 0.0
        self._known_rows = self._off_run = 0
        self.begin(0.0)

    @property
    def known(self) -> bool:
        """True once the offset was seen at rest."""
        return self._known_rows > STILL_ROWS

    def begin(self, t_s: float) -> None:
        """Begin a path at `t_s` without velocity."""
        self.anchor_s = t_s
        self.velocity = self.height = 0.0
        self.path: list[tuple[float, float]] = []
        # The same, had it not stood still since: what looked like rest may have been a slow way up.
        self._begun_s = t_s
        self._whole_ms = self._whole_m = 0.0
        self._whole: list[float] = []
        self._settled = 0
        self.lowest = self._settled_lowest = (0.0, t_s)

    def step(self, t_s: float, force_ms2: float, rate_rads: float) -> float:
        """Take a row; return its acceleration in m/s2 without the offset."""
        acc = force_ms2 - G_MS2 - self.offset_ms2
        self.velocity += acc * _DT
        self.height += self.velocity * _DT
        self._whole_ms += acc * _DT
        self._whole_m += self._whole_ms * _DT
        self.smooth_ms2 += (acc - self.smooth_ms2) * _DT / 0.05
        self._slow_ms2 += (self.smooth_ms2 - self._slow_ms2) * _DT / 0.4
        self._slower_ms2 += (self.smooth_ms2 - self._slower_ms2) * _DT / 1.5
        size = abs(self.smooth_ms2)
        steady = (
            rate_rads < STILL_RATE_RADS
            and abs(self.smooth_ms2 - self._slow_ms2) < _STILL_CHANGE_MS2
            and size < _LARGEST_OFFSET_MS2
        )
        self._off_run = self._off_run + 1 if steady and size > _KNOWN_MS2 else 0
        unchanged = abs(self._slow_ms2 - self._slower_ms2) < _CONSTANT_MS2
        constant = self._off_run > _CONSTANT_ROWS and unchanged
        if constant:
            self._known_rows = min(self._known_rows, STILL_ROWS)
        still = steady and (constant or not self.known or size < _KNOWN_MS2)
        held = steady and (constant or (size < HELD_MS2 and self._explained(t_s)))
        self.steady_run = self.steady_run + 1 if steady else 0
        self.still_run = self.still_run + 1 if still else 0
        self.held_run = self.held_run + 1 if held else 0
        self.still_m = self.still_m + self.velocity * _DT if still else 0.0
        return acc

    def _explained(self, t_s: float) -> bool:
        """Return whether an offset as felt now can have made all of the velocity since the anchor."""
        span = t_s - self.anchor_s
        drift, unsure = self.smooth_ms2 * span, _UNSURE_MS + _UNSURE_MS2 * span
        return min(drift, 0.0) - unsure < self.velocity < max(drift, 0.0) + unsure

    def note(self, t_s: float) -> None:
        """Keep the height of this row for the path."""
        self.path.append((t_s, self.height))
        self._whole.append(self._whole_m)

    def sink(self, t_s: float) -> None:
        """Keep the height of this row, which may be the lowest."""
        self.note(t_s)
        if self.height < self.lowest[0]:
            self.lowest = (self.height, t_s)

    def rest(self, acc_ms2: float) -> None:
        """Stand still at the top: what acceleration there is comes from the offset."""
        # Quickly at first, then slowly: a slow descent must not be taken for an offset.
        self._known_rows += 1
        self.offset_ms2 += acc_ms2 * (0.05 if self._known_rows < _FIRST_ROWS else 0.005)
        self.velocity *= 0.9
        self.height *= 0.9

    def stop(self, t_s: float) -> None:
        """Stand still within a path: what velocity there is comes from the offset."""
        span = t_s - self.anchor_s
        if span > 0.5:
            self.offset_ms2 += _OFFSET_GAIN * self.velocity / span
        self.settle(t_s)

    def ended(self, velocity_ms: float, span_s: float) -> None:
        """Learn from the velocity at the end of a repetition, `span_s` after the anchor."""
        if span_s > 0:
            left = min(max(velocity_ms, -LEFT_MS), LEFT_MS)
            self.offset_ms2 += (_OFFSET_GAIN * left + velocity_ms - left) / span_s
            if abs(velocity_ms) < _KNOWN_MS2 * span_s:
                # As well known as from rest, or a slow way down would be taken for an offset.
                self._known_rows = max(self._known_rows, _FIRST_ROWS)

    def settle(self, t_s: float) -> None:
        """Take the drift since the anchor out of the path, and make now the anchor."""
        span = t_s - self.anchor_s
        if span <= 0:
            return
        slope = self.velocity / (2 * span)
        anchor = self.anchor_s
        for i in range(self._settled, len(self.path)):
            t, height = self.path[i]
            height -= slope * (t - anchor) ** 2
            self.path[i] = (t, height)
            self._settled_lowest = min(self._settled_lowest, (height, t))
        self.height -= self.velocity * span / 2
        self.velocity = 0.0
        self.anchor_s = t_s
        self._settled = len(self.path)
        self.lowest = self._settled_lowest

    def whole(self, t_s: float) -> float:
        """Return the height in m if velocity is zero now and was not in between."""
        return self._whole_m - self._whole_ms * (t_s - self._begun_s) / 2

    def stand(self, t_s: float) -> bool:
        """Stand as high as where the path began: what height is left after the drift is drift, too.

        Return whether that is nearer the truth if it did not stand still in between.
        """
        begun_s, span, left = self._begun_s, max(t_s - self._begun_s, _DT), self.whole(t_s)
        moved = abs(left) < abs(self.closure(t_s))
        self.settle(t_s)
        if moved:
            slope = self._whole_ms / (2 * span)
            heights = zip(self.path, self._whole, strict=True)
            self.path = [(t, height - slope * (t - begun_s) ** 2) for (t, _), height in heights]
        else:
            left = self.height
        shares = [(t - begun_s) / span for t, _ in self.path]
        # No velocity at either end.
        self.path = [
            (t, height - left * share * share * (3.0 - 2.0 * share))
            for (t, height), share in zip(self.path, shares, strict=True)
        ]
        self.height = 0.0
        self.lowest = self._settled_lowest = min((height, t) for t, height in self.path)
        return moved

    def closure(self, t_s: float) -> float:
        """Return the height in m if velocity is zero now."""
        return self.height - self.velocity * (t_s - self.anchor_s) / 2

    def depth(self, t_s: float) -> float:
        """Return how far in m the lowest point lies below the anchor if velocity is zero now."""
        lowest, lowest_s = self.lowest
        since = max(lowest_s - self.anchor_s, 0.0)
        return max(0.01, self.velocity * since * since / (2 * max(t_s - self.anchor_s, _DT)) - lowest)
