"""From blocks of samples to posture and events: the one object behind live, replay and analysis.

Pure and synchronous; time comes with the data, and the result does not depend on how the data
are cut into blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from calibration.alignment import IDENTITY, angle_between, tilt_from
from calibration.lifetime import Fit, Verdict
from calibration.profile import Profile
from monitor.model.events import (
    Calibrated,
    Event,
    FaultKind,
    Level,
    LiftOffStarted,
    Notice,
    Rep,
)
from monitor.model.exercise import EXERCISES, Exercise
from monitor.model.samples import LOWER, UPPER, ImuBlock, PostureBlock, SensorInfo
from monitor.model.session import Output
from monitor.pipeline.auto_calibration import BACKLOG_ROWS, AutoCalibration, AutoResult
from monitor.pipeline.baseline import Baseline
from monitor.pipeline.causes import FORM_CUES, CauseModel
from monitor.pipeline.frames import Frame, FrameMaker, cut
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.history import PostureHistory
from monitor.pipeline.joining import decided_at, joined, not_before
from monitor.pipeline.orientation import mean_up
from monitor.pipeline.posture import PostureEstimator
from monitor.pipeline.profile_watch import UPRIGHT, ProfileWatch, personal
from monitor.pipeline.provisional import ProvisionalTilt
from monitor.pipeline.recent import RecentRows
from monitor.pipeline.reps import RepCounter, Rested, Seen
from monitor.pipeline.sets import SetKeeper
from monitor.pipeline.settings import PipelineSettings
from monitor.pipeline.stillness import LONGEST_HOLD_ROWS, STILL_ROWS, StillSeconds


@dataclass(frozen=True, slots=True)
class PipelineSetup:
    """What the pipeline is told before the first sample.

    Parameters
    ----------
    exercise, sensors, loads_kg
        As in SessionInfo.
    calibration
        ``"auto"``, ``"none"`` (the sensors are mounted along the axes of their segment) or a profile.
    calibrate_until_s
        The opening seconds are a calibration, still and then bending; None if they are not.
    baselines
        Exercise name to the lifter's usual repetition; what is missing the first repetitions make.
    settings
        Thresholds.
    """

    exercise: Exercise = EXERCISES["squat"]
    sensors: tuple[SensorInfo, ...] = (SensorInfo(LOWER),)
    loads_kg: tuple[float, ...] = ()
    calibration: str | Profile = "auto"
    calibrate_until_s: float | None = None
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    settings: PipelineSettings = field(default_factory=PipelineSettings)


_RESEAT_RAD: Final = math.radians(2.0)
_FARTHEST_ROLL_RAD: Final = math.radians(26.0)
_SEAT_RAD: Final = math.radians(10.0)
"""Less far back than this from standing there is no seat."""
_FEW_REPS: Final = 1
"""Sitting down may have been taken for one."""
_STEADY_RAD: Final = math.radians(1.0)
_SWAY_RAD: Final = math.radians(1.5)
_NO_AXIS: Final = "no bend and no repetition to align the sensor with: no angle is judged"
_NO_STILL: Final = "nothing was still at the beginning: only changes of angle are judged"
_NO_SEAT: Final = "no seat reference: lift-off not judged"
_NO_UPPER: Final = "the upper sensor did not turn with the lower one: two-sensor flexion is not known"
_TAKEN_ANEW: Final = "nothing absolute is judged by the old neutral, it is taken anew from how you stood"
_JUDGED_AGAIN: Final = (
    "no angle is judged until it is calibrated again: stand still, then one slow repetition"
)


class Pipeline:
    """Blocks of samples in, posture rows and events out."""

    def __init__(self, setup: PipelineSetup) -> None:
        self._watch: ProfileWatch | None = None
        if isinstance(setup.calibration, Profile):
            self._watch = ProfileWatch(setup.calibration, setup.sensors)
            setup = replace(setup, settings=personal(setup.settings, setup.calibration.ranges))
        self._setup = setup
        self._frames = FrameMaker(setup.sensors)
        self._history = PostureHistory()
        self._posture = PostureEstimator(setup.exercise)
        self._sets = SetKeeper(setup.exercise, setup.loads_kg)
        self._reps = self._counter(setup.exercise)
        self._causes = CauseModel(setup.settings)
        self._auto: AutoCalibration | None = None
        self._waiting = ProvisionalTilt()
        self.provisional = PostureBlock()
        """What the last update left waiting for the calibration, for the eye alone."""
        self._backlog: list[Frame] = []
        self._recent = RecentRows()
        self._still = StillSeconds()
        self._ever_seated = False
        self._now_s = 0.0
        self._begun = False
        self._lost = False
        if self._watch is not None:
            self._posture.share = self._watch.profile.share
            self._wear(self._watch)
        elif setup.calibration == "none":
            self._posture.lower = self._posture.upper = IDENTITY
        else:
            self._auto = AutoCalibration(setup.exercise, setup.calibrate_until_s)

    @property
    def samples(self) -> int:
        """Samples taken, of all sensors."""
        return self._frames.samples

    @property
    def lost_samples(self) -> int:
        """Samples known to be lost, of all sensors."""
        return self._frames.lost

    @property
    def exercise(self) -> Exercise:
        """What is being done."""
        return self._reps.exercise

    @property
    def now_s(self) -> float:
        """Session time in s of the last row that was judged."""
        return self._now_s

    def update(self, blocks: Iterable[ImuBlock]) -> Output:
        """Take blocks in order of arrival; return what they complete."""
        for block in blocks:
            self._frames.push(block if self._watch is None else self._watch.corrected(block))
        self.provisional = PostureBlock()
        frame = self._frames.pull()
        return self._take(frame) if frame is not None else Output()

    def finish(self) -> Output:
        """Take what waits, close what is open, and say what was not judged."""
        made = []
        frame = self._frames.pull(flush=True)
        if frame is not None:
            made.append(self._take(frame))
        if self._auto is not None:
            made.append(self._calibrated(self._auto.finish()))
        ended = self._reps.lift_off.finish()
        last: list[Event] = [ended] if ended is not None else []
        last += self._close_set(self._now_s)
        if self._reps.exercise.back_supported and not self._ever_seated:
            last.append(Notice(self._now_s, _NO_SEAT))
        return joined([*made, Output(events=tuple(last))])

    def set_exercise(self, exercise: Exercise) -> Output:
        """Close the set and watch for `exercise` from the next row on; the calibration holds."""
        events = self._close_set(self._now_s)
        self._sets.exercise = exercise
        self._posture.exercise = exercise
        self._reps = self._counter(exercise, self._reps.count)
        self._still.begin_anew()
        self._lose()
        if self._standing is not None:
            self._wear(self._standing)
        made = Output(events=tuple(events))
        if self._auto is not None:
            # The way this turn tilts the pelvis differs: begin to look anew, nothing was judged yet.
            made = joined([self._let_go(), made])
            self._auto = AutoCalibration(exercise, self._setup.calibrate_until_s)
        return made

    def renewed(self, calibration: str | Profile, settings: PipelineSettings) -> Pipeline:
        """Return a pipeline that goes on from here under another calibration; close the set before."""
        made = Pipeline(
            replace(
                self._setup,
                exercise=self._reps.exercise,
                calibration=calibration,
                calibrate_until_s=None,
                settings=settings,
            )
        )
        made._sets, made._now_s = self._sets, self._now_s
        made._reps = made._counter(self._reps.exercise, self._reps.count)
        return made

    def set_load(self, load_kg: float) -> None:
        """Log the load of the present set, and of those after it."""
        self._sets.set_load(load_kg)

    def report_pain(self, level: float) -> Output:
        """Take a report of pain, 0 to 10; return what follows from it."""
        finding = self._causes.pain(level, self._now_s, self._sets.index)
        return Output() if finding is None else Output(events=(finding,))

    def _counter(self, exercise: Exercise, count: int = 0) -> RepCounter:
        base = self._setup.baselines.get(exercise.name)
        return RepCounter(exercise, self._setup.settings, self._history, base, count, self._sets.index)

    @property
    def _standing(self) -> ProfileWatch | None:
        """The watch over a profile, where the lifter stands and its alignments hold."""
        upright = self._watch is not None and self._reps.exercise.name in UPRIGHT
        return self._watch if upright and self._watch is not None and not self._watch.lost else None

    def _wear(self, watch: ProfileWatch) -> None:
        """Put the alignments of a profile in force."""
        worn = watch.alignments()
        self._posture.lower, self._posture.upper = worn.get(LOWER), worn.get(UPPER)

    def _begin(self, watch: ProfileWatch, now_s: float) -> Output:
        self._begun = True
        return Output(events=(self._calibration("profile", watch.quality, now_s), *watch.notices(now_s)))

    def _take(self, frame: Frame) -> Output:
        if self._watch is not None and not self._begun:
            return joined([self._begin(self._watch, frame[0].first / GRID_HZ), self._take(frame)])
        if self._auto is None:
            return self._process(frame, judge_from_s=-math.inf)
        used, found = self._auto.update(frame)
        self._backlog.append(cut(frame, 0, used))
        rest = cut(frame, used, len(frame[0]))
        made = []
        if found is not None:
            made.append(self._calibrated(found))
            if len(rest[0]):
                made.append(self._process(rest, judge_from_s=-math.inf))
        else:
            self.provisional = self._waiting.rows(frame[0])
            if sum(len(f[0]) for f in self._backlog) > BACKLOG_ROWS:
                made.append(self._let_go())
        return joined(made)

    def _let_go(self) -> Output:
        """Hand on the rows that wait, without angles: they have waited too long."""
        waiting, self._backlog = self._backlog, []
        return joined([Output(self._posture.rows(*frame), self._frames.notes(frame)) for frame in waiting])

    def _calibrated(self, found: AutoResult | None) -> Output:
        """Put a calibration in force, and hand on the rows that waited for it."""
        self._auto = None
        waiting, self._backlog = self._backlog, []
        if found is None:
            made = [Output(self._posture.rows(*frame), self._frames.notes(frame)) for frame in waiting]
            return joined([*made, Output(events=(Notice(self._now_s, _NO_AXIS),))])
        self._posture.lower, self._posture.upper = found.lower, found.upper
        now_s = found.row / GRID_HZ
        events: list[Event] = [self._calibration(found.kind, found.quality, now_s)]
        if found.quality == "poor":
            events.append(Notice(now_s, _NO_STILL))
        if found.upper is None and len(self._setup.sensors) > 1:
            events.append(Notice(now_s, _NO_UPPER))
        made = [self._process(frame, found.judge_from_s, now_s) for frame in waiting]
        return joined([Output(events=tuple(events)), *made])

    def _calibration(self, kind: str, quality: str, now_s: float) -> Calibrated:
        worn = {LOWER: self._posture.lower, UPPER: self._posture.upper}
        return Calibrated(kind, quality, now_s, {name: a.rows() for name, a in worn.items() if a is not None})

    def _process(self, frame: Frame, judge_from_s: float, decided_s: float = -math.inf) -> Output:
        """Return posture and events of the rows of `frame`, judged with the calibration in force.

        No event is dated as decided before `decided_s`, when the rows could first be judged.
        """
        made, start = [], 0
        on_pad, watched = self._reps.exercise.back_supported, self._watch is not None and not self._lost
        stops = [(len(frame[0]), 0)]
        if on_pad or watched:
            stops = self._still.stops(frame[0], each_second=watched)
        for stop, still in stops:
            part = cut(frame, start, stop)
            start = stop
            made.append(self._judge(part, judge_from_s, decided_s))
            if still and on_pad:
                made.append(self._sit(decided_s))
            elif self._watch is not None:
                made.append(self._stand(self._watch, part, still))
            if self._auto is not None and stop < len(frame[0]):
                made.append(self._take(cut(frame, stop, len(frame[0]))))
                break
        return joined(made)

    def _sit(self, decided_s: float) -> Output:
        """Take the last second for the seat reference, unless a repetition or a set is going on."""
        lower, upper = self._recent.last(STILL_ROWS)
        held = self._posture.lower
        if held is None:
            return Output()
        if (lower.up @ lower.up[-1]).min() < math.cos(_STEADY_RAD):
            return Output()  # slowly on its way
        up = mean_up(lower)
        turned = angle_between(up, held.sensor_to_segment[2])
        if self._reps.in_set and turned < _FARTHEST_ROLL_RAD:
            return Output()
        anterior = tilt_from(up[None], held)[0][0] > 0
        if turned >= _SEAT_RAD and anterior and self._reps.count <= _FEW_REPS:
            # Whoever sits down leans back: what the axis was taken from was no repetition on the pad.
            self._posture.lower = held = held.turned_about()
            if self._posture.upper is not None:
                self._posture.upper = self._posture.upper.turned_about()
        exercising = self._reps.busy and (self._reps.travels or self._reps.lift_off.seated)
        if exercising and turned < _FARTHEST_ROLL_RAD and not self._settled():
            return Output()  # a hold at depth is no new seat
        self._posture.lower = held.with_neutral(up)
        if upper is not None and self._posture.upper is not None and np.isfinite(upper.up).all():
            self._posture.upper = self._posture.upper.with_neutral(mean_up(upper))
        self._reps.reset(self._now_s)
        self._reps.lift_off.sit()
        if self._ever_seated and turned < _RESEAT_RAD:
            return Output()
        self._ever_seated = True
        return Output(events=(self._calibration("seat", "good", max(self._now_s, decided_s)),))

    def _stand(self, watch: ProfileWatch, part: Frame, still: int) -> Output:
        """Look whether the sensors still sit as in the profile, after a part that ends in `still` rows."""
        told: list[Event] = []
        # A stillness too long for a hold is rest, whatever the repetitions seem to be in.
        resting = still >= LONGEST_HOLD_ROWS or not self._reps.busy or not watch.opened
        if still and resting and self._standing is not None and not self._reps.in_set:
            rows = self._recent.last(min(still, LONGEST_HOLD_ROWS))
            told = self._told_of(watch.stood(rows, self._now_s), self._now_s)
            self._wear(watch)
        if (part[0].first + len(part[0])) % STILL_ROWS == 0:
            if self._standing is not None and watch.moved_on(self._now_s, self._reps.busy):
                self._wear(watch)
            self._lose()
        return Output(events=tuple(told))

    def _told_of(self, verdicts: Sequence[Verdict], now_s: float) -> list[Event]:
        """Return what is to be said of verdicts on how the sensors sit."""
        made: list[Event] = []
        for verdict in verdicts:
            follows = f": {_JUDGED_AGAIN if verdict.fit is Fit.REMOUNT else _TAKEN_ANEW}"
            made.append(Notice(now_s, verdict.text() + (follows if verdict.invalid else "")))
        if any(v.invalid for v in verdicts):
            lost = self._watch is not None and self._watch.lost
            made.append(self._calibration("profile", "poor" if lost else "fair", now_s))
        return made

    def _lose(self) -> None:
        """Begin to calibrate anew once a sensor was clipped on anew; nothing is judged until then."""
        if self._lost or self._watch is None or not self._watch.lost:
            return
        self._lost = True
        self._posture.lower = self._posture.upper = None
        self._auto, self._waiting = AutoCalibration(self._reps.exercise), ProvisionalTilt()
        self._reps.reset(self._now_s)

    def _settled(self) -> bool:
        """Return whether the posture has been the same for longer than any hold at depth."""
        up = self._recent.last(LONGEST_HOLD_ROWS)[0].up
        return len(up) >= LONGEST_HOLD_ROWS and bool((up @ up[-1]).min() > math.cos(_SWAY_RAD))

    def _judge(self, frame: Frame, judge_from_s: float, decided_s: float) -> Output:
        lower, upper = frame
        rows = self._posture.rows(lower, upper)
        carriers = self._posture.carriers(lower)
        self._history.append(rows, carriers.sway_rads)
        self._recent.append(frame)
        events: list[Event] = list(self._frames.notes(frame))
        skip = int(np.searchsorted(rows.t_s, judge_from_s))
        if skip < len(rows):
            for seen in self._reps.update(rows[skip:], carriers[skip:]):
                events += self._weigh(seen)
        self._now_s = float(rows.t_s[-1])
        events = [not_before(event, decided_s) for event in events]
        return Output(rows, tuple(sorted(events, key=decided_at)))

    def _weigh(self, seen: Seen) -> list[Event]:
        """Return an event with what follows from it."""
        if isinstance(seen, Rested):
            return self._close_set(seen.decided_s)
        finding = None
        told: list[Event] = []
        if isinstance(seen, Rep):
            seen, told = self._checked(seen)
        faults = [*told, *_spoken(seen)] if isinstance(seen, Rep) else []
        if isinstance(seen, Rep):
            self._sets.add(seen)
            finding = self._causes.rep(seen, self._reps.exercise, self._reps.usual)
        elif isinstance(seen, LiftOffStarted):
            finding = self._causes.lift_off(seen, self._sets.index)
        if finding is None:
            return [*faults, seen]
        self._sets.found(finding)
        return [*faults, seen, finding]

    def _checked(self, rep: Rep) -> tuple[Rep, list[Event]]:
        """Return a repetition with what may be said of it, and what it shows of the sensors."""
        if self._posture.share is not None and self._posture.upper is None:
            # Flexion by share follows the pelvis: one sensor does not see the back round.
            rep = replace(rep, faults=tuple(f for f in rep.faults if f.kind is not FaultKind.ROUNDING))
        if self._watch is not None and self._reps.lift_off.seated and self._posture.lower is not None:
            seat = self._posture.lower.sensor_to_segment[2]
            return rep, list(self._watch.repeated_seated(rep, seat))
        watch = self._standing
        if watch is None:
            return rep, []
        told = self._told_of(watch.repeated(rep), rep.decided_s)
        return replace(rep, faults=()) if watch.lost else rep, told

    def _close_set(self, now_s: float) -> list[Event]:
        unclear = self._causes.undecided(now_s, self._sets.index)
        self._causes.new_set()
        if unclear is not None:
            self._sets.found(unclear)
        summary = self._sets.close(now_s)
        return [event for event in (unclear, summary) if event is not None]


def _spoken(rep: Rep) -> list[Event]:
    """Return the faults worth a word of their own; the others wait for company in a finding."""
    return [fault for fault in rep.faults if fault.kind in FORM_CUES and fault.level is Level.ALERT]
