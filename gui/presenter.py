"""Turns a session's output into what the screen shows: pure, no Qt, no clock.

The window gives every batch to `Presenter.take` and reads `Presenter.view` once a frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gui.cards import after_set, card_of, card_without_finding
from gui.links import LinkBook
from gui.marks import MarkBook
from gui.rows import chart_of, comfortable, row_of
from gui.usual import BASELINE_REPS, zone_for
from gui.view_state import (
    AfterSet,
    BarChart,
    Card,
    Headline,
    Mark,
    Phase,
    RepRow,
    RepSpan,
    Standing,
    ViewState,
    Zone,
)
from gui.words import NO_SEAT, calibration_text, load_text
from monitor.alerts.settings import REQUEST_MARK
from monitor.model.errors import ConfigError
from monitor.model.events import (
    Alert,
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
from monitor.model.exercise import Exercise, exercise
from monitor.model.samples import LOWER, UPPER, PostureBlock
from monitor.model.session import Annotation, Delivery, LinkStatus, Output, SessionInfo, SourceItem
from monitor.pipeline.settings import PipelineSettings

KEPT_REPS = 400
"""Rows of the table; a long leg day has about 200 repetitions."""
KEPT_NOTICES = 4


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
        self._info = info
        self._exercise = info.exercise
        self._two_sensors = any(s.name == UPPER for s in info.sensors)
        self._links = LinkBook()
        self._links.begin(info.sensors)
        self._book = MarkBook()
        self._notices: list[str] = []
        self._reps: list[Rep] = []
        self._set_exercise: dict[int, str] = {}
        self._lift_offs: dict[int, LiftOff] = {}
        self._findings: list[Finding] = []
        self._summary: SetSummary | None = None
        self._after_set: AfterSet | None = None
        self._calibrated: Calibrated | None = None
        self._seat_ok = False
        self._lifted_since_s: float | None = None
        self._said_load_kg: float | None = None
        self._pain = ""
        self._snoozed_until_s = -math.inf
        self._ended = False
        self._now_s = 0.0
        self._tilt_rad: float | None = None
        self._tilt_sigma_rad: float | None = None
        self._flexion_rad: float | None = None
        self._flexion_sigma_rad: float | None = None
        # What is made of repetitions and marks is kept until one of them changes.
        self._rows: tuple[RepRow, ...] | None = None
        self._marks: tuple[Mark, ...] | None = None
        self._chart: BarChart | None = None
        self._usual: list[Rep] = []

    @property
    def exercise_name(self) -> str:
        """Name of the exercise under way, as in files."""
        return self._exercise.name

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Take a batch of input and what the engine made of it."""
        for item in items:
            match item:
                case Delivery():
                    self._links.block(item.block)
                case LinkStatus():
                    self._links.status(item)
                case Annotation():
                    self._annotation(item)
        self._posture(output.posture)
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
        set_index = self._set_index()
        if self._rows is None:
            self._rows = tuple(row_of(rep, self._lift_offs.get(rep.index)) for rep in self._reps)
            known = self._set_exercise.get(set_index, self._exercise.name)
            self._chart = self._make_chart(set_index, exercise(known))
            self._usual = comfortable(self._earlier(self._exercise), self._lift_offs)[:BASELINE_REPS]
        if self._marks is None:
            self._marks = self._book.marks()
        phase = self._phase()
        resting_since_s = self._summary.end_s if phase is Phase.RESTING and self._summary else None
        return ViewState(
            now_s=self._now_s,
            phase=phase,
            exercise=str(self._exercise),
            back_supported=self._exercise.back_supported,
            load=load_text(self._load(set_index)),
            set_index=set_index,
            reps_in_set=sum(rep.set_index == set_index for rep in self._reps),
            rest_s=None if resting_since_s is None else max(0.0, self._now_s - resting_since_s),
            calibration=self._calibration(),
            calibration_ok=self._judged(),
            seat_ok=self._seat_ok,
            headline=self._headline(),
            tilt_rad=None if self._links.silent(LOWER) else self._tilt_rad,
            flexion_rad=self._flexion_rad,
            thorax_measured=self._two_sensors,
            reps=self._rows,
            spans=tuple(RepSpan(r.index, r.start_s, r.turn_s, r.end_s) for r in self._reps[-12:]),
            marks=self._marks,
            card=self._card(),
            notices=tuple(self._notices),
            links=self._links.lines(),
            lifted_off=self._lifted_since_s is not None,
            pain=self._pain,
            snooze_s=max(0.0, self._snoozed_until_s - self._now_s),
            chart=self._chart or BarChart(""),
            after_set=self._after_set,
        )

    def _posture(self, rows: PostureBlock) -> None:
        if len(rows) == 0:
            return
        self._now_s = float(rows.t_s[-1])
        self._tilt_rad = _known(rows.pelvic_tilt_rad[-1])
        self._tilt_sigma_rad = _known(rows.pelvic_tilt_sigma_rad[-1])
        self._flexion_rad = _known(rows.lumbar_flexion_rad[-1])
        self._flexion_sigma_rad = _known(rows.lumbar_flexion_sigma_rad[-1])
        if not self._two_sensors and bool(np.isfinite(rows.upper_tilt_rad[-1])):
            self._two_sensors = True

    def _annotation(self, said: Annotation) -> None:
        match said.kind:
            case "exercise":
                self._change_exercise(str(said.value))
            case "load_kg":
                self._said_load_kg = float(said.value)
            case "pain":
                self._pain = f"{float(said.value):g} of 10"
                self._mark(said.time_s, f"pain {self._pain}")
            case "snooze_s":
                self._snoozed_until_s = said.time_s + float(said.value)
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
        if changed != self._exercise:
            self._exercise = changed
            self._seat_ok = False
            self._rows = None

    def _event(self, event: Event) -> None:  # noqa: C901 - one flat case an event
        match event:
            case Rep():
                self._rep(event)
            case LiftOffStarted():
                self._lifted_since_s = event.start_s
                self._book.lift_off_started(event)
            case LiftOff():
                self._lift_off(event)
            case Fault():
                self._book.fault(event, None)
            case Finding():
                self._findings = [f for f in self._findings if f.cause is not event.cause] + [event]
                self._book.finding(event)
            case SetSummary():
                self._set_over(event)
            case Gap():
                self._links.gap(event)
            case Calibrated():
                self._calibrated = event
                self._seat_ok = self._seat_ok or event.kind == "seat"
            case Notice():
                self.notice(event.text)
            case Alert():
                pass  # its finding or lift-off is on the screen already; the alert is for ears
        self._marks = None

    def _rep(self, rep: Rep) -> None:
        if self._reps and rep.set_index != self._reps[-1].set_index:
            self._after_set = None
        for fault in rep.faults:
            self._book.fault(fault, rep.index)
        self._reps.append(rep)
        self._set_exercise.setdefault(rep.set_index, self._exercise.name)
        del self._reps[:-KEPT_REPS]
        self._rows = None

    def _lift_off(self, event: LiftOff) -> None:
        self._lifted_since_s = None
        self._book.lift_off(event)
        if event.rep is not None:
            before = self._lift_offs.get(event.rep)
            if before is None or event.peak_rad > before.peak_rad:
                self._lift_offs[event.rep] = event
            self._rows = None

    def _set_over(self, summary: SetSummary) -> None:
        self._summary = summary
        # The exercise may have been changed by the very batch that closes the set.
        self._set_exercise[summary.index] = summary.exercise
        done = exercise(summary.exercise)
        self._after_set = after_set(
            summary,
            [rep for rep in self._reps if rep.set_index == summary.index],
            self._earlier(done),
            self._findings,
            self._lift_offs,
            done,
            self._make_chart(summary.index, done),
        )
        self._findings = []

    def _earlier(self, done: Exercise) -> list[Rep]:
        """Return the repetitions of one exercise: what is usual in it says nothing about another."""
        return [rep for rep in self._reps if self._set_exercise[rep.set_index] == done.name]

    def _make_chart(self, set_index: int, done: Exercise) -> BarChart:
        return chart_of(
            [rep for rep in self._reps if rep.set_index == set_index],
            self._earlier(done),
            self._lift_offs,
            done,
            self._settings,
            flexion=self._two_sensors,
        )

    def _set_index(self) -> int:
        return self._reps[-1].set_index if self._reps else 1

    def _phase(self) -> Phase:
        if self._ended:
            return Phase.ENDED
        if self._summary is not None and self._summary.index >= self._set_index():
            return Phase.RESTING
        return Phase.WORKING if self._reps else Phase.READY

    def _load(self, set_index: int) -> float | None:
        if self._said_load_kg is not None:
            return self._said_load_kg
        loads = self._info.loads_kg
        return loads[min(set_index, len(loads)) - 1] if loads else None

    def _calibration(self) -> str:
        if self._judged() and self._exercise.back_supported and not self._seat_ok:
            return NO_SEAT
        return calibration_text(self._calibrated)

    def _judged(self) -> bool:
        made = self._calibrated
        return made is not None and made.kind != "none" and made.quality != "poor"

    def _card(self) -> Card:
        if self._findings:
            return card_of(self._findings[-1], provisional=True)
        if self._after_set is not None and self._after_set.cards:
            return self._after_set.cards[0]
        set_index = self._set_index()
        return card_without_finding([row for row in self._rows or () if row.set_index == set_index])

    def _headline(self) -> Headline:
        # On a pad the flexion of one sensor is the tilt with its sign turned round, and every
        # limit is one of tilt: tilt is what is shown.
        known = self._flexion_rad is not None
        flexion = known and (self._two_sensors or not self._exercise.back_supported)
        value_rad = self._flexion_rad if flexion else self._tilt_rad
        sigma_rad = self._flexion_sigma_rad if flexion else self._tilt_sigma_rad
        if self._links.silent(LOWER):
            value_rad = None
        peaks = [r.metrics.peak_flexion_rad if flexion else r.metrics.peak_tilt_rad for r in self._usual]
        zone = zone_for(
            self._exercise,
            [p for p in peaks if p is not None],
            self._settings,
            flexion=flexion,
            judged=self._judged(),
        )
        value_deg = None if value_rad is None else math.degrees(value_rad)
        return Headline(
            title="Lumbar flexion" if flexion else "Pelvic tilt",
            reference=self._reference(flexion=flexion),
            value_deg=value_deg,
            sigma_deg=None if sigma_rad is None or value_rad is None else math.degrees(sigma_rad),
            direction=self._direction(value_deg, flexion=flexion),
            standing=self._standing(zone, value_deg),
            zone=zone,
            is_flexion=flexion,
        )

    def _standing(self, zone: Zone, value_deg: float | None) -> Standing:
        if value_deg is None:
            return Standing.UNKNOWN
        standing = zone.standing(value_deg)
        if self._lifted_since_s is not None and standing is not Standing.ALERT:
            return Standing.CAUTION
        return standing

    def _reference(self, *, flexion: bool) -> str:
        if self._calibrated is None or self._calibrated.kind == "none":
            return "no reference yet"
        if self._exercise.back_supported and not flexion:
            return "from the seat reference" if self._seat_ok else "from upright: no seat reference yet"
        return "from standing neutral"

    def _direction(self, value_deg: float | None, *, flexion: bool) -> str:
        if value_deg is None:
            waits = self._calibrated is None and self._links.streaming(LOWER)
            return "waits for the calibration" if waits else "no data"
        if abs(value_deg) < 0.5:
            return "level"
        if flexion:
            return "bent forward" if value_deg > 0 else "arched"
        return "tipped forward" if value_deg > 0 else "rolled back"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
