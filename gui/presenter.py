"""Turns a session's output into what the screen shows: pure, no Qt, no clock.

The window gives every batch to `Presenter.take` and reads `Presenter.view` once a frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gui.links import LinkBook
from gui.marks import MarkBook
from gui.usual import zone_for
from gui.view_state import Card, Headline, Mark, Phase, RepRow, RepSpan, Standing, ViewState, Zone
from gui.words import (
    CAUSE_TITLE,
    CONFIDENCE,
    calibration_text,
    clock_text,
    degrees_text,
    fault_text,
    load_text,
    reps_text,
)
from monitor.model.errors import ConfigError
from monitor.model.events import (
    Alert,
    Calibrated,
    Cause,
    Event,
    Fault,
    Finding,
    Gap,
    Level,
    LiftOff,
    LiftOffStarted,
    Notice,
    Rep,
    SetSummary,
)
from monitor.model.exercise import exercise
from monitor.model.samples import LOWER, UPPER, PostureBlock
from monitor.model.session import Annotation, Delivery, LinkStatus, Output, SessionInfo, SourceItem

KEPT_REPS = 400
"""Rows of the table; a long leg day has about 200 repetitions."""
KEPT_NOTICES = 4
LEAST_COVERAGE = 0.8
"""A repetition with fewer of its samples is not judged; evidence model, 'when to speak'."""


class Presenter:
    """Keeps what happened so far and answers with a frozen view of it."""

    def __init__(self, info: SessionInfo) -> None:
        self._begin_with(info)

    def begin(self, info: SessionInfo) -> None:
        """Take the header of a session: everything of an earlier one is gone."""
        self._begin_with(info)

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
        return ViewState(
            now_s=self._now_s,
            phase=self._phase(),
            exercise=str(self._exercise),
            back_supported=self._exercise.back_supported,
            load=load_text(self._load(set_index)),
            set_index=set_index,
            reps_in_set=sum(rep.set_index == set_index for rep in self._reps),
            rest_s=self._rest_s(),
            calibration=calibration_text(self._calibrated),
            calibration_ok=self._judged(),
            headline=self._headline(),
            tilt_rad=self._tilt_rad,
            flexion_rad=self._flexion_rad,
            thorax_measured=self._two_sensors,
            reps=self._table(),
            spans=tuple(self._spans),
            marks=self._marked(),
            card=self._card(),
            notices=tuple(self._notices),
            links=self._links.lines(),
            lifted_off=self._lifted_since_s is not None,
        )

    def _begin_with(self, info: SessionInfo) -> None:
        self._info = info
        self._exercise = info.exercise
        self._two_sensors = any(s.name == UPPER for s in info.sensors)
        self._links = LinkBook()
        self._links.begin(info.sensors)
        self._book = MarkBook()
        self._marks: tuple[Mark, ...] | None = ()
        self._reps: list[Rep] = []
        self._lift_offs: dict[int, LiftOff] = {}
        self._rows: tuple[RepRow, ...] | None = ()
        self._spans: list[RepSpan] = []
        self._peak_tilts: list[float] = []
        self._peak_flexions: list[float] = []
        self._notices: list[str] = []
        self._summaries: list[SetSummary] = []
        self._finding: Finding | None = None
        self._calibrated: Calibrated | None = None
        self._said_load_kg: float | None = None
        self._lifted_since_s: float | None = None
        self._now_s = 0.0
        self._tilt_rad: float | None = None
        self._tilt_sigma_rad: float | None = None
        self._flexion_rad: float | None = None
        self._flexion_sigma_rad: float | None = None
        self._ended = False

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

    def _change_exercise(self, name: str) -> None:
        try:
            changed = exercise(name)
        except ConfigError as wrong:
            self.notice(str(wrong))
            return
        if changed != self._exercise:
            self._exercise = changed
            # What is usual in one exercise says nothing about the next.
            self._peak_tilts.clear()
            self._peak_flexions.clear()

    def _event(self, event: Event) -> None:  # noqa: C901 - one flat case an event
        match event:
            case Rep():
                self._rep(event)
            case LiftOffStarted():
                self._lifted_since_s = event.start_s
                self._book.lift_off_started(event)
                self._marks = None
            case LiftOff():
                self._lifted_since_s = None
                if event.rep is not None:
                    self._lift_offs[event.rep] = event
                    self._rows = None
                self._book.lift_off(event)
                self._marks = None
            case Fault():
                self._book.fault(event, None)
                self._marks = None
            case Finding():
                self._finding = event
                self._book.finding(event)
                self._marks = None
            case SetSummary():
                self._summaries.append(event)
            case Gap():
                self._links.gap(event)
            case Calibrated():
                self._calibrated = event
            case Notice():
                self.notice(event.text)
            case Alert():
                pass  # its finding or lift-off is on the screen already; the alert is for ears

    def _rep(self, rep: Rep) -> None:
        metrics = rep.metrics
        for fault in rep.faults:
            self._book.fault(fault, rep.index)
            self._marks = None
        self._reps.append(rep)
        self._rows = None
        self._spans.append(RepSpan(rep.index, rep.start_s, rep.turn_s, rep.end_s))
        del self._reps[:-KEPT_REPS], self._spans[:-KEPT_REPS]
        if metrics.coverage >= LEAST_COVERAGE:
            self._peak_tilts.append(metrics.peak_tilt_rad)
            if metrics.peak_flexion_rad is not None:
                self._peak_flexions.append(metrics.peak_flexion_rad)

    def _marked(self) -> tuple[Mark, ...]:
        if self._marks is None:
            self._marks = self._book.marks()
        return self._marks

    def _table(self) -> tuple[RepRow, ...]:
        if self._rows is None:
            self._rows = tuple(_row(rep, self._lift_offs.get(rep.index)) for rep in self._reps)
        return self._rows

    def _set_index(self) -> int:
        return self._reps[-1].set_index if self._reps else 1

    def _phase(self) -> Phase:
        if self._ended:
            return Phase.ENDED
        if self._summaries and self._summaries[-1].index >= self._set_index():
            return Phase.RESTING
        return Phase.WORKING if self._reps else Phase.READY

    def _rest_s(self) -> float | None:
        resting = self._phase() is Phase.RESTING
        return max(0.0, self._now_s - self._summaries[-1].end_s) if resting else None

    def _load(self, set_index: int) -> float | None:
        if self._said_load_kg is not None:
            return self._said_load_kg
        loads = self._info.loads_kg
        return loads[min(set_index, len(loads)) - 1] if loads else None

    def _judged(self) -> bool:
        made = self._calibrated
        return made is not None and made.kind != "none" and made.quality != "poor"

    def _headline(self) -> Headline:
        # On a pad the flexion of one sensor is the tilt with its sign turned round, and every
        # limit is one of tilt: tilt is what is shown.
        silent = self._links.silent(LOWER)
        known = self._flexion_rad is not None
        flexion = known and (self._two_sensors or not self._exercise.back_supported)
        value_rad, sigma_rad = (
            (self._flexion_rad, self._flexion_sigma_rad)
            if flexion
            else (self._tilt_rad, self._tilt_sigma_rad)
        )
        peaks = self._peak_flexions if flexion else self._peak_tilts
        zone = zone_for(self._exercise, peaks, flexion=flexion, judged=self._judged())
        value_deg = None if value_rad is None or silent else math.degrees(value_rad)
        return Headline(
            title="Lumbar flexion" if flexion else "Pelvic tilt",
            reference=self._reference(flexion=flexion),
            value_deg=value_deg,
            sigma_deg=None if sigma_rad is None else math.degrees(sigma_rad),
            direction=_direction(value_deg, flexion=flexion),
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

    def _card_without_finding(self) -> Card:
        if not self._reps:
            return Card("Watching", about="A likely cause appears here once repetitions show one.")
        differed = [row for row in self._table() if row.level is not None]
        if not differed:
            return Card("Nothing to report", about="Repetitions so far stay in your range.")
        return Card(
            CAUSE_TITLE[Cause.UNCLEAR],
            Cause.UNCLEAR,
            level=differed[-1].level,
            about="More repetitions are needed to tell.",
            evidence=tuple(_noticed(row) for row in differed[-3:]),
        )

    def _reference(self, *, flexion: bool) -> str:
        if self._calibrated is None or self._calibrated.kind == "none":
            return "no reference yet"
        if self._exercise.back_supported and not flexion:
            return "from the seat reference"
        return "from standing neutral"

    def _card(self) -> Card:
        found = self._finding
        if found is None:
            return self._card_without_finding()
        unclear = found.cause is Cause.UNCLEAR
        rivals = [f"{CAUSE_TITLE[r.cause].lower()} ({r.confidence.value})" for r in found.rivals]
        about = [] if unclear else [CONFIDENCE[found.confidence]]
        if found.reps:
            about.append(reps_text(found.reps))
        return Card(
            title=CAUSE_TITLE[found.cause],
            cause=found.cause,
            confidence=None if unclear else found.confidence,
            level=found.level,
            about=", ".join(about),
            evidence=found.evidence,
            cue=found.cue,
            rivals=f"{'Possible' if unclear else 'Could also be'}: {', '.join(rivals)}" if rivals else "",
        )


def _noticed(row: RepRow) -> str:
    return f"rep {row.index}: {row.noticed}"


def _row(rep: Rep, lift_off: LiftOff | None) -> RepRow:
    metrics = rep.metrics
    levels = {fault.level for fault in rep.faults}
    noticed = [fault_text(fault) for fault in rep.faults]
    if lift_off is not None:
        levels.add(lift_off.level)
        noticed.insert(0, f"lift-off {degrees_text(abs(lift_off.peak_rad))}")
    level = Level.ALERT if Level.ALERT in levels else next(iter(levels), None)
    complete = metrics.coverage >= LEAST_COVERAGE
    if not complete:
        noticed.append(f"not judged: {metrics.coverage:.0%} of the samples")
    return RepRow(
        index=rep.index,
        set_index=rep.set_index,
        time=clock_text(rep.turn_s),
        tempo=f"{rep.eccentric_s:.1f} / {rep.concentric_s:.1f}",
        tilt_range=degrees_text(metrics.tilt_range_rad),
        tuck=degrees_text(metrics.tuck_rad),
        flexion=degrees_text(metrics.peak_flexion_rad),
        noticed=", ".join(noticed),
        level=level,
        complete=complete,
    )


def _direction(value_deg: float | None, *, flexion: bool) -> str:
    if value_deg is None:
        return "no data"
    if abs(value_deg) < 0.5:
        return "level"
    if flexion:
        return "bent forward" if value_deg > 0 else "arched"
    return "tipped forward" if value_deg > 0 else "rolled back"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
