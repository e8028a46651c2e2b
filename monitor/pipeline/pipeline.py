"""From blocks of samples to posture and events: the one object behind live, replay and analysis.

Pure and synchronous; time comes with the data, and the result does not depend on how the data
are cut into blocks. Here is only who gets the rows next; each job has a module of its own: `waiting`
for a calibration, `seating` on a pad, `wearing` a profile, counting `reps`, and `weighing` them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from calibration.alignment import IDENTITY
from calibration.profile import Profile
from monitor.model.events import Event, Notice, Rep
from monitor.model.exercise import Exercise
from monitor.model.red_flag import RedFlag
from monitor.model.samples import ImuBlock, PostureBlock
from monitor.model.session import Output
from monitor.pipeline.auto_calibration import AutoResult
from monitor.pipeline.frames import Frame, FrameMaker, cut
from monitor.pipeline.grid import GRID_HZ
from monitor.pipeline.history import PostureHistory
from monitor.pipeline.joining import decided_at, joined, not_before
from monitor.pipeline.own_limits import personal
from monitor.pipeline.posture import PostureEstimator
from monitor.pipeline.recent import RecentRows
from monitor.pipeline.reps import RepCounter, Seen
from monitor.pipeline.seating import Seating
from monitor.pipeline.sets import SetKeeper
from monitor.pipeline.settings import PipelineSettings, PipelineSetup
from monitor.pipeline.stillness import STILL_ROWS, StillSeconds
from monitor.pipeline.waiting import NO_AXIS, Waiting, put_on
from monitor.pipeline.wearing import Wearing
from monitor.pipeline.weighing import Weighing

_NO_SEAT: Final = "no seat reference: lift-off not judged"


class Pipeline:
    """Blocks of samples in, posture rows and events out."""

    def __init__(self, setup: PipelineSetup) -> None:
        self._posture = PostureEstimator(setup.exercise)
        self._wearing: Wearing | None = None
        self._waiting: Waiting | None = None
        if isinstance(setup.calibration, Profile):
            self._wearing = Wearing(setup.calibration, setup.sensors, self._posture)
            setup = replace(setup, settings=personal(setup.settings, setup.calibration.ranges))
        elif setup.calibration == "none":
            self._posture.lower = self._posture.upper = IDENTITY
        else:
            self._waiting = Waiting(setup.exercise, setup.calibrate_until_s)
        self._setup = setup
        self._frames = FrameMaker(setup.sensors)
        self._history = PostureHistory()
        self._recent = RecentRows()
        self._still = StillSeconds()
        self._seating = Seating(self._posture)
        self._weighing = Weighing(setup.settings, SetKeeper(setup.exercise, setup.loads_kg))
        self._reps = self._counter(setup.exercise)
        self._now_s = self._taken_s = 0.0
        self.provisional = PostureBlock()
        """What the last update left waiting for the calibration, for the eye alone."""

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
            self._frames.push(block if self._wearing is None else self._wearing.corrected(block))
        self.provisional = PostureBlock()
        frame = self._frames.pull()
        return self._begun(frame) if frame is not None else Output()

    def finish(self) -> Output:
        """Take what waits, close what is open, and say what was not judged."""
        made = []
        frame = self._frames.pull(flush=True)
        if frame is not None:
            made.append(self._begun(frame))
        if self._waiting is not None:
            made.append(self._calibrated(self._waiting, self._waiting.finish()))
        ended = self._reps.lift_off.finish()
        last: list[Event] = [ended] if ended is not None else []
        last += self._weighing.close(self._now_s)
        if self._reps.exercise.back_supported and not self._seating.ever:
            last.append(Notice(self._now_s, _NO_SEAT))
        return joined([*made, Output(events=tuple(last))])

    def set_exercise(self, exercise: Exercise) -> Output:
        """Close the set and watch for `exercise` from the next row on; the calibration holds."""
        closed = Output(events=tuple(self._weighing.close(self._now_s)))
        self._weighing.sets.exercise = exercise
        self._posture.exercise = exercise
        self._reps = self._counter(exercise, self._reps.count)
        self._still.begin_anew()
        self._lose()
        if self._wearing is not None:
            self._wearing.turn_to(exercise)
        if self._waiting is None:
            return closed
        # The way this turn tilts the pelvis differs: begin to look anew, nothing was judged yet.
        self._waiting.begin_anew(exercise, self._setup.calibrate_until_s)
        return joined([self._unjudged(self._waiting), closed])

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
        made._now_s, made._taken_s = self._now_s, self._taken_s
        before = self._weighing
        made._weighing = Weighing(made._setup.settings, before.sets, before.reports)
        made._reps = made._counter(self._reps.exercise, self._reps.count)
        return made

    def set_load(self, load_kg: float) -> None:
        """Log the load of the present set, and of those after it."""
        self._weighing.sets.set_load(load_kg)

    def report_pain(self, level: float) -> Output:
        """Take a report of pain, 0 to 10; return what follows from it."""
        return Output(events=tuple(self._weighing.pain(level, self._said_s)))

    def report_red_flag(self, flag: RedFlag) -> Output:
        """Take a red flag that was reported; return what follows from it."""
        return Output(events=tuple(self._weighing.red_flag(flag, self._said_s)))

    @property
    def _said_s(self) -> float:
        """Session time in s of what is said now: rows that wait for the calibration have been seen too."""
        return self._now_s if self._waiting is None else max(self._now_s, self._taken_s)

    def _counter(self, exercise: Exercise, count: int = 0) -> RepCounter:
        base, set_index = self._setup.baselines.get(exercise.name), self._weighing.sets.index
        return RepCounter(exercise, self._setup.settings, self._history, base, count, set_index)

    def _begun(self, frame: Frame) -> Output:
        """Take rows, the first ones of a session among them."""
        told = [] if self._wearing is None else self._wearing.begin(frame[0].first / GRID_HZ)
        return joined([Output(events=tuple(told)), self._take(frame)]) if told else self._take(frame)

    def _take(self, frame: Frame) -> Output:
        self._taken_s = (frame[0].first + len(frame[0]) - 1) / GRID_HZ
        if self._waiting is None:
            return self._process(frame)
        found, rest = self._waiting.update(frame)
        if found is None:
            self.provisional = self._waiting.provisional(frame)
            return self._unjudged(self._waiting) if self._waiting.too_long else Output()
        made = [self._calibrated(self._waiting, found)]
        if len(rest[0]):
            made.append(self._process(rest))
        return joined(made)

    def _unjudged(self, waiting: Waiting) -> Output:
        """Hand on the rows that wait without angles."""
        rows = waiting.release()
        return joined([Output(self._posture.rows(*frame), self._frames.notes(frame)) for frame in rows])

    def _calibrated(self, waiting: Waiting, found: AutoResult | None) -> Output:
        """Put a calibration in force, and hand on the rows that waited for it."""
        self._waiting = None
        if found is None:
            return joined([self._unjudged(waiting), Output(events=(Notice(self._now_s, NO_AXIS),))])
        told = put_on(found, self._posture, len(self._setup.sensors))
        self._reps.expect(found.acc_offset_ms2)
        made = [self._process(f, found.judge_from_s, found.decided_s) for f in waiting.release()]
        return joined([Output(events=tuple(told)), *made])

    def _process(self, frame: Frame, judge_from_s: float = -math.inf, decided_s: float = -math.inf) -> Output:
        """Return posture and events of the rows of `frame`, judged with the calibration in force.

        No event is dated as decided before `decided_s`, when the rows could first be judged.
        """
        on_pad = self._reps.exercise.back_supported
        watched = self._wearing is not None and not self._wearing.given_up
        stops = [(len(frame[0]), 0)]
        if on_pad or watched:
            stops = self._still.stops(frame[0], each_second=watched)
        made, start = [], 0
        for stop, still in stops:
            made.append(self._judge(cut(frame, start, stop), judge_from_s, decided_s))
            if still and on_pad:
                if self._seating.rested(self._recent, self._reps, self._now_s):
                    seated_s = max(self._now_s, decided_s)
                    made.append(Output(events=(self._posture.calibrated("seat", "good", seated_s),)))
            elif self._wearing is not None:
                told = self._check_fit(self._wearing, still, frame[0].first + stop)
                made.append(Output(events=tuple(told)))
            if self._waiting is not None and stop < len(frame[0]):
                made.append(self._take(cut(frame, stop, len(frame[0]))))
                break
            start = stop
        return joined(made)

    def _judge(self, frame: Frame, judge_from_s: float, decided_s: float) -> Output:
        rows, carriers = self._posture.rows(*frame), self._posture.carriers(frame[0])
        self._history.append(rows, carriers)
        self._recent.append(frame)
        events: list[Event] = list(self._frames.notes(frame))
        skip = int(np.searchsorted(rows.t_s, judge_from_s))
        if skip < len(rows):
            for seen in self._reps.update(rows[skip:], carriers[skip:]):
                events += self._follows(seen)
        self._now_s = float(rows.t_s[-1])
        events = [not_before(event, decided_s) for event in events]
        return Output(rows, tuple(sorted(events, key=decided_at)))

    def _follows(self, seen: Seen) -> list[Event]:
        """Return an event with what follows from it."""
        told: list[Event] = []
        if isinstance(seen, Rep) and self._wearing is not None:
            seen, told = self._wearing.repeated(seen, self._reps)
        return [*told, *self._weighing.weigh(seen, self._reps.exercise, self._reps.usual)]

    def _check_fit(self, wearing: Wearing, still: int, row: int) -> list[Event]:
        """Look whether a profile still holds, after `still` quiet rows up to `row` of the grid."""
        told = wearing.rested(self._recent, still, self._reps, self._now_s) if still else []
        if row % STILL_ROWS == 0:
            wearing.moved_on(self._reps, self._now_s)
            self._lose()
        return told

    def _lose(self) -> None:
        """Begin to calibrate anew once a sensor was clipped on anew; nothing is judged until then."""
        if self._wearing is not None and self._wearing.give_up():
            self._waiting = Waiting(self._reps.exercise)
            self._reps.reset(self._now_s)
