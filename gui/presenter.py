"""Turns a session's output into what the screen shows: pure, no Qt, no clock.

The window gives every batch to `Presenter.take` and reads `Presenter.view` once a frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from calibration.profile import Profile
from gui.angle_now import AngleNow
from gui.links import LinkBook
from gui.marks import MarkBook
from gui.set_book import SetBook
from gui.view_state import Guide, Mark, Phase, ViewState
from gui.words import NO_SEAT, WORN_AS_THEN, calibration_text, guide_of, load_text
from monitor.age import day_words, made_words
from monitor.alerts.settings import REQUEST_MARK
from monitor.baseline_text import recorded_baselines
from monitor.model.errors import ConfigError
from monitor.model.events import (
    Alert,
    Approaching,
    Calibrated,
    Event,
    Fault,
    Finding,
    Gap,
    LiftOff,
    LiftOffStarted,
    Notice,
    Rep,
    SetSummary,
)
from monitor.model.exercise import exercise
from monitor.model.red_flag import flag_words
from monitor.model.samples import LOWER, UPPER
from monitor.model.session import (
    GIVE_UP,
    Annotation,
    Delivery,
    Guidance,
    LinkStatus,
    Output,
    SessionInfo,
    SourceItem,
)
from monitor.pipeline.baseline import FEWEST_REPS
from monitor.pipeline.own_limits import personal
from monitor.pipeline.settings import PipelineSettings
from monitor.recalibrating import recorded_profile

KEPT_NOTICES = 4
LEARNED = "of this session's first repetitions"
TO_LEARN = f"your first {FEWEST_REPS} repetitions show it"
BEGUN = Guide("Calibration", "It begins with the next samples", "", 0.0, 0.0)


class Presenter:
    """Keeps what happened so far and answers with a frozen view of it.

    Parameters
    ----------
    info
        The session's header, as far as it is known.
    settings
        Limits the pipeline judges by, drawn where they apply.
    """

    def __init__(self, info: SessionInfo, settings: PipelineSettings | None = None) -> None:
        self._settings = settings or PipelineSettings()
        self.begin(info)

    def begin(self, info: SessionInfo) -> None:
        """Take the header of a session: everything of an earlier one is gone."""
        self.sets = SetBook(info, self._settings)
        self._angle = AngleNow(self._settings)
        self._links = LinkBook()
        self._book = MarkBook()
        self._marks: tuple[Mark, ...] | None = None
        self._notices: list[str] = []
        self._guide: Guide | None = None
        self._pain = ""
        self._reported: tuple[str, ...] = ()
        self._snoozed_until_s = -math.inf
        self._ended = False
        self._profile_made = ""
        self._headed(info)

    @property
    def exercise_name(self) -> str:
        """Name of the exercise under way, as in files."""
        return self.sets.exercise.name

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Take a batch of input and what the engine made of it."""
        if output.header is not None:
            self._headed(output.header)
        for item in items:
            match item:
                case Delivery():
                    self._links.block(item.block)
                case LinkStatus():
                    self._links.status(item)
                case Annotation():
                    self._annotation(item)
        self._angle.take(output.posture, output.provisional)
        self._see_two(self._angle.two_sensors)
        if output.guidance is not None:
            self._guided(output.guidance)
        for event in output.events:
            self._event(event)

    def end(self) -> None:
        """Mark the end of the session."""
        self._ended = True

    def notice(self, text: str) -> None:
        """Show a line of our own, such as why the session stopped."""
        if text in self._notices:
            self._notices.remove(text)
        self._notices.append(text)
        del self._notices[:-KEPT_NOTICES]

    def view(self) -> ViewState:
        """Return everything on the screen but the curves."""
        sets, angle = self.sets, self._angle
        if self._marks is None:
            self._marks = self._book.marks()
        phase = self._phase()
        last = sets.last_summary
        resting_since_s = last.end_s if phase is Phase.RESTING and last else None
        silent = self._links.silent(LOWER)
        return ViewState(
            now_s=angle.now_s,
            phase=phase,
            exercise=str(sets.exercise),
            back_supported=sets.exercise.back_supported,
            load=load_text(sets.load_kg(sets.set_index + (phase is Phase.RESTING))),
            set_index=sets.set_index,
            reps_in_set=len(sets.reps_of(sets.set_index)),
            rest_s=None if resting_since_s is None else max(0.0, angle.now_s - resting_since_s),
            calibration=self._calibration(),
            calibration_ok=angle.judged,
            seat_ok=angle.seat_ok,
            headline=angle.headline(
                sets.exercise, sets.usual(), silent=silent, streaming=self._links.streaming(LOWER)
            ),
            tilt_rad=None if silent else angle.tilt_rad,
            flexion_rad=angle.flexion_rad,
            thorax_measured=angle.two_sensors,
            reps=sets.rows(),
            spans=sets.spans(),
            marks=self._marks,
            card=sets.card(),
            notices=tuple(self._notices),
            links=self._links.lines(),
            lifted_off=angle.lifted_off,
            pain=self._pain,
            reported=self._reported,
            snooze_s=max(0.0, self._snoozed_until_s - angle.now_s),
            chart=sets.chart(),
            after_set=sets.after_set(),
            guide=self._guide,
            profile_made=self._profile_made,
            usual=self._usual(),
            usual_known=sets.usual() is not None,
        )

    def _headed(self, info: SessionInfo) -> None:
        """Take what a header says of sensors and lifter: it is complete only once a sensor was chosen."""
        self._links.begin(info.sensors)
        self._see_two(self._angle.two_sensors or any(s.name == UPPER for s in info.sensors))
        self._profile = recorded_profile(info.profile) if info.profile else None
        self._begun_at = info.started_at
        self.sets.compare(recorded_baselines(info.baselines))

    def _see_two(self, two: bool) -> None:
        self._angle.two_sensors = self.sets.two_sensors = two

    def _annotation(self, said: Annotation) -> None:
        match said.kind:
            case "exercise":
                self._change_exercise(str(said.value))
            case "load_kg":
                self.sets.load(float(said.value))
            case "pain":
                self._pain = f"{float(said.value):g} of 10"
                self._mark(said.time_s, f"pain {self._pain}")
            case "red_flag":
                words = flag_words(str(said.value))
                self._reported = tuple(dict.fromkeys((*self._reported, words)))
                self._mark(said.time_s, words)
            case "snooze_s":
                self._snoozed_until_s = said.time_s + float(said.value)
            case "calibrate":
                self._guide = None
                if said.value != GIVE_UP:
                    self._angle.hold()
                    self._guide = BEGUN
            case "mark" | "note" if said.value != REQUEST_MARK:
                self._mark(said.time_s, str(said.value) or said.kind)

    def _mark(self, time_s: float, text: str) -> None:
        self._book.said(time_s, text)
        self._marks = None

    def _change_exercise(self, name: str) -> None:
        try:
            changed = exercise(name)
        except ConfigError as wrong:
            self.notice(str(wrong))
            return
        if self.sets.change_exercise(changed):
            self._angle.seat_ok = False

    def _guided(self, now: Guidance) -> None:
        self._angle.hold()
        self._guide = guide_of(now, self._guide)
        if now.made is not None:
            self._profile, self._profile_made = None, ""
            self._own_limits(Profile.from_text(now.made.text))

    def _own_limits(self, profile: Profile) -> None:
        """Draw the limits the engine judges by: those of the lifter's own ranges."""
        limits = personal(self._settings, profile.ranges)
        self._angle.limits(limits)
        self.sets.limits(limits)

    def _calibrated(self, event: Calibrated) -> None:
        self._angle.calibrated = event
        self._angle.seat_ok = self._angle.seat_ok or event.kind == "seat"
        if event.kind != "profile" or event.quality == "poor":
            self._profile_made = ""
        elif self._profile is not None and not self._profile_made:
            # It is in force only now: a sensor chosen on the way may have none.
            self._own_limits(self._profile)
            self._profile_made = made_words(self._profile, self._begun_at)
            self.notice(f"Your calibration {self._profile_made}. {WORN_AS_THEN}")

    def _event(self, event: Event) -> None:  # noqa: C901 - one flat case an event
        match event:
            case Rep():
                for fault in event.faults:
                    self._book.fault(fault, event.index)
                self.sets.rep(event)
            case Approaching():
                self._angle.approach(event.decided_s)
            case LiftOffStarted():
                self._angle.lifted_off = True
                self._book.lift_off_started(event)
            case LiftOff():
                self._angle.lifted_off = False
                self._book.lift_off(event)
                self.sets.lift_off(event)
            case Fault():
                self._book.fault(event, None)
            case Finding():
                self._book.finding(event)
                self.sets.finding(event)
            case SetSummary():
                self.sets.closed(event)
            case Gap():
                self._links.gap(event)
            case Calibrated():
                self._calibrated(event)
            case Notice():
                self.notice(event.text)
            case Alert():
                pass  # its finding or lift-off is on the screen already; the alert is for ears
        self._marks = None

    def _phase(self) -> Phase:
        if self._ended:
            return Phase.ENDED
        last = self.sets.last_summary
        if last is not None and last.index >= self.sets.set_index:
            return Phase.RESTING
        return Phase.WORKING if self.sets.begun else Phase.READY

    def _usual(self) -> str:
        given = self.sets.given()
        if given is None:
            return LEARNED if self.sets.usual() is not None else TO_LEARN
        return f"of {day_words(given.date, self._begun_at)}" if given.date else "from the session you named"

    def _calibration(self) -> str:
        if self._guide is not None and not self._guide.done:
            return "Calibrating: nothing is judged meanwhile"
        if self._angle.judged and self.sets.exercise.back_supported and not self._angle.seat_ok:
            return NO_SEAT
        return calibration_text(self._angle.calibrated)
