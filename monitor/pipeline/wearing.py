"""A calibration profile worn: its alignments put in force, renewed, and given up when they are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from calibration.lifetime import Fit, Verdict
from calibration.profile import Profile
from monitor.model.events import Event, FaultKind, Notice, Rep
from monitor.model.exercise import Exercise
from monitor.model.samples import LOWER, UPPER, ImuBlock, SensorInfo
from monitor.pipeline.posture import PostureEstimator
from monitor.pipeline.profile_watch import UPRIGHT, ProfileWatch
from monitor.pipeline.recent import RecentRows
from monitor.pipeline.reps import RepCounter
from monitor.pipeline.stillness import LONGEST_HOLD_ROWS

_TAKEN_ANEW: Final = "nothing absolute is judged by the old neutral, it is taken anew from how you stood"
_JUDGED_AGAIN: Final = (
    "no angle is judged until it is calibrated again: stand still, then one slow repetition"
)


class Wearing:
    """Keep the alignments of a profile in force for as long as they hold.

    Parameters
    ----------
    profile, sensors
        The profile, and the sensors that are worn.
    posture
        Where the alignments are put in force.
    """

    def __init__(self, profile: Profile, sensors: tuple[SensorInfo, ...], posture: PostureEstimator) -> None:
        self.given_up = False
        """True once nothing is counted from the profile any more."""
        self._watch = ProfileWatch(profile, sensors)
        self._posture = posture
        self._begun = False
        posture.share = profile.share
        self._put_on()

    def corrected(self, block: ImuBlock) -> ImuBlock:
        """Return a block without the errors of its sensor."""
        return self._watch.corrected(block)

    def begin(self, now_s: float) -> list[Event]:
        """Return what is to be said before the first row; nothing ever after."""
        if self._begun:
            return []
        self._begun = True
        return [self._posture.calibrated("profile", self._watch.quality, now_s), *self._watch.notices(now_s)]

    def turn_to(self, exercise: Exercise) -> None:
        """Count from standing again if `exercise` begins from it."""
        if self._stands(exercise):
            self._put_on()

    def rested(self, recent: RecentRows, still: int, reps: RepCounter, now_s: float) -> list[Event]:
        """Take a stillness of `still` rows that ends now; return what it shows of the sensors."""
        # A stillness too long for a hold is rest, whatever the repetitions seem to be in.
        resting = still >= LONGEST_HOLD_ROWS or not reps.busy or not self._watch.opened
        if not resting or reps.in_set or not self._stands(reps.exercise):
            return []
        told = self._told_of(self._watch.stood(recent.last(min(still, LONGEST_HOLD_ROWS)), now_s), now_s)
        self._put_on()
        return told

    def moved_on(self, reps: RepCounter, now_s: float) -> None:
        """Give up a neutral on trial if no repetition followed."""
        if self._stands(reps.exercise) and self._watch.moved_on(now_s, reps.busy):
            self._put_on()

    def give_up(self) -> bool:
        """Return whether a sensor was clipped on anew and no alignment holds from now on, said once."""
        if self.given_up or not self._watch.lost:
            return False
        self.given_up = True
        self._posture.lower = self._posture.upper = None
        return True

    def repeated(self, rep: Rep, reps: RepCounter) -> tuple[Rep, list[Event]]:
        """Return a repetition with what may be said of it, and what it shows of the sensors."""
        if self._posture.share is not None and self._posture.upper is None:
            # Flexion by share follows the pelvis: one sensor does not see the back round.
            rep = replace(rep, faults=tuple(f for f in rep.faults if f.kind is not FaultKind.ROUNDING))
        if reps.lift_off.seated and self._posture.lower is not None:
            seat = self._posture.lower.sensor_to_segment[2]
            return rep, list(self._watch.repeated_seated(rep, seat))
        if not self._stands(reps.exercise):
            return rep, []
        told = self._told_of(self._watch.repeated(rep), rep.decided_s)
        return replace(rep, faults=()) if self._watch.lost else rep, told

    def _stands(self, exercise: Exercise) -> bool:
        """Return whether the lifter stands in `exercise` and the alignments hold."""
        return exercise.name in UPRIGHT and not self._watch.lost

    def _put_on(self) -> None:
        worn = self._watch.alignments()
        self._posture.lower, self._posture.upper = worn.get(LOWER), worn.get(UPPER)

    def _told_of(self, verdicts: Sequence[Verdict], now_s: float) -> list[Event]:
        """Return what is to be said of verdicts on how the sensors sit."""
        made: list[Event] = []
        for verdict in verdicts:
            follows = f": {_JUDGED_AGAIN if verdict.fit is Fit.REMOUNT else _TAKEN_ANEW}"
            made.append(Notice(now_s, verdict.text() + (follows if verdict.invalid else "")))
        if any(v.invalid for v in verdicts):
            made.append(self._posture.calibrated("profile", "poor" if self._watch.lost else "fair", now_s))
        return made
