"""A calibration profile in use: what of it holds on, and whether the sensors still sit as they did.

Between the sets of a standing exercise the lifter stands still now and then, and gravity then says
how each sensor sits. From one such posture a slip cannot be told from sitting down; a repetition
that begins from it decides. Until then the new neutral is in force on trial, so that a repetition
that follows is measured from how the lifter stood right before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from calibration.alignment import Alignment, angle_between
from calibration.lifetime import RESEAT_RAD, Fit, Verdict, judge, told_by_posture
from calibration.profile import Profile
from monitor.model.events import Notice, Rep
from monitor.model.samples import LOWER, UPPER, FloatArray, ImuBlock, SensorInfo
from monitor.pipeline.frames import Frame
from monitor.pipeline.stillness import STILL_ROWS

UPRIGHT: Final = frozenset({"squat", "rdl", "deadlift", "lunge"})
"""Exercises whose repetitions begin from standing."""
OPENING_ROWS: Final = 2 * STILL_ROWS
_SWAY_RAD: Final = math.radians(2.5)
_LEAST_ROWS: Final = STILL_ROWS // 2
_TRIAL_S: Final = 3.0
"""Whoever has moved about for so long since the last stillness may stand otherwise by now."""


@dataclass(slots=True)
class _Trial:
    """A neutral that is in force until a repetition confirms it."""

    alignments: dict[str, Alignment]
    verdicts: list[Verdict]
    still_until_s: float

    @property
    def remounted(self) -> bool:
        return any(v.fit is Fit.REMOUNT for v in self.verdicts)


class ProfileWatch:
    """The alignments of a profile, and whether they still hold.

    Parameters
    ----------
    profile, sensors
        The profile, and the sensors that are worn.
    """

    def __init__(self, profile: Profile, sensors: tuple[SensorInfo, ...]) -> None:
        self.profile = profile
        self.lost = False
        """True once a sensor was clipped on anew: its axis is not known."""
        worn = {s.name: s for s in sensors if s.name in profile.sensors}
        self._standing = {name: profile.sensors[name].alignment for name in worn}
        self._same = {
            name: profile.sensors[name].is_device(info.device, info.protocol) for name, info in worn.items()
        }
        self._missing = [s.name for s in sensors if s.name not in profile.sensors]
        self._sensors = worn
        self._trial: _Trial | None = None
        self._opened = False
        self._seated_set: int | None = None
        self._seat_up = profile.sensors[LOWER].seat_up
        self._drift_told_rad = 0.0

    @property
    def opened(self) -> bool:
        """True once the first stillness, or a repetition, has been seen."""
        return self._opened

    @property
    def quality(self) -> str:
        """Quality of the calibration as it was made."""
        return self.profile.quality.level

    def alignments(self) -> dict[str, Alignment]:
        """Return the alignments in force while the lifter stands."""
        return self._standing if self._trial is None else self._trial.alignments

    def corrected(self, block: ImuBlock) -> ImuBlock:
        """Return a block without the errors of its sensor."""
        if not self._same.get(block.sensor, False):
            return block
        acc, gyr = self.profile.sensors[block.sensor].errors.apply(block.acc_ms2, block.gyr_rads)
        return replace(block, acc_ms2=acc, gyr_rads=gyr)

    def notices(self, now_s: float) -> list[Notice]:
        """Return what is to be said as it comes into force."""
        made = [
            f"the profile was made with another {name} sensor "
            f"({self.profile.sensors[name].device}, this is {self._sensors[name].device}): "
            "its errors are not corrected here"
            for name, same in self._same.items()
            if not same
        ]
        made += [
            f"the profile knows no {name} sensor: two-sensor flexion is not known" for name in self._missing
        ]
        return [Notice(now_s, text) for text in made]

    def stood(self, rows: Frame, now_s: float) -> list[Verdict]:
        """Take a stillness between sets; return verdicts that hold without a repetition.

        Parameters
        ----------
        rows
            Its rows, up to LONGEST_HOLD_ROWS of them.
        now_s
            Time of the last of them.
        """
        up = _ups(rows)
        if LOWER not in up:
            return []
        verdicts = self._judged(up)
        if not self._opened:
            if len(rows[0]) < OPENING_ROWS:
                return []
            self._opened = True
            self._trial = self._tried(verdicts, up, now_s)
            return self._confirm() or self._drifted(verdicts)
        self._trial = self._tried(verdicts, up, now_s)
        return []

    def moved_on(self, now_s: float, busy: bool) -> bool:
        """Return whether a neutral on trial is given up, since no repetition followed."""
        if self._trial is None or busy or now_s - self._trial.still_until_s <= _TRIAL_S:
            return False
        self._trial = None
        return True

    def repeated(self, rep: Rep) -> list[Verdict]:
        """Take a repetition; return the verdicts that it confirms."""
        self._opened = True
        if self._trial is None or rep.start_s - self._trial.still_until_s > _TRIAL_S:
            return []
        drifted = self._drifted(self._trial.verdicts)
        return self._confirm() or drifted

    def repeated_seated(self, rep: Rep, seat_up: FloatArray) -> list[Notice]:
        """Take a repetition on a pad; return what is to be said of the seat reference in force.

        Parameters
        ----------
        rep
            The repetition; the first of its set tells.
        seat_up
            (3,) up-vector of the seat reference in the frame of the lower sensor.
        """
        if rep.set_index == self._seated_set:
            return []
        first, before = self._seated_set is None, self._seat_up
        self._seated_set, self._seat_up = rep.set_index, seat_up
        angle = 0.0 if before is None else angle_between(before, seat_up)
        if angle < RESEAT_RAD:
            return []
        since = "when the profile was made" if first else "in the set before"
        text = (
            f"you sit {math.degrees(angle):.0f} deg otherwise than {since}, or the lower sensor has slipped: "
            "this set counts from a seat reference of its own"
        )
        return [Notice(rep.decided_s, text)]

    def _judged(self, up: dict[str, FloatArray]) -> list[Verdict]:
        held = {name: a for name, a in self._standing.items() if name in up}
        verdicts = [judge(name, a.sensor_to_segment[2], up[name]) for name, a in held.items()]
        posture = len(held) > 1 and told_by_posture(*[(a, up[name]) for name, a in held.items()])
        return [] if posture else verdicts

    def _tried(self, verdicts: list[Verdict], up: dict[str, FloatArray], now_s: float) -> _Trial:
        turned = {v.sensor for v in verdicts if v.invalid}
        alignments = {
            name: a.with_neutral(up[name]) if name in turned else a for name, a in self._standing.items()
        }
        if any(v.fit is Fit.REMOUNT for v in verdicts):
            alignments = self._standing  # sitting, most likely
        return _Trial(alignments, verdicts, now_s)

    def _confirm(self) -> list[Verdict]:
        trial, self._trial = self._trial, None
        if trial is None:
            return []
        invalid = [v for v in trial.verdicts if v.invalid]
        self.lost = trial.remounted
        self._standing = trial.alignments
        return invalid

    def _drifted(self, verdicts: list[Verdict]) -> list[Verdict]:
        """Return the drifts that are larger by a degree than what was told."""
        drifts = [v for v in verdicts if v.fit is Fit.DRIFT]
        most = max((v.angle_rad for v in drifts), default=0.0)
        if most < self._drift_told_rad + math.radians(1.0):
            return []
        self._drift_told_rad = most
        return drifts


def _ups(rows: Frame) -> dict[str, FloatArray]:
    """Return the direction of gravity's reaction in each sensor that kept its posture, by name.

    At rest its mean is the accelerometer's own; the filter may still be learning the gyroscope's offset.
    """
    made = {}
    for name, part in zip((LOWER, UPPER), rows, strict=True):
        known = np.empty(0, np.bool_) if part is None else np.isfinite(part.up[:, 0])
        if part is None or np.count_nonzero(known) < _LEAST_ROWS:
            continue
        up, acc = part.up[known], part.acc_ms2[known].mean(axis=0)
        if (up @ up[-1]).min() > math.cos(_SWAY_RAD):
            made[name] = acc / np.linalg.norm(acc)
    return made
