"""Repetitions, sets and findings of a session, as told and as a person corrected them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gui.cards import after_set, card_of, card_without_finding
from gui.rows import chart_of, row_of
from gui.usual import usual_of
from gui.view_state import AfterSet, BarChart, Card, RepRow, RepSpan
from monitor.baseline_text import DatedBaseline
from monitor.model.events import Cause, Finding, Level, LiftOff, Rep, SetSummary
from monitor.model.exercise import Exercise, exercise
from monitor.model.session import SessionInfo
from monitor.pipeline.baseline import Baseline
from monitor.pipeline.settings import PipelineSettings
from monitor.recording.corrected import not_counted
from monitor.recording.labels import Labels

KEPT_REPS = 400
"""Rows of the table; a long leg day has about 200 repetitions."""
KEPT_SETS = 60
_SPANS = 12


class SetBook:
    """Keeps repetitions and sets; what is made of them is made anew only when one of them changes.

    Parameters
    ----------
    info
        The session's header.
    settings
        Limits the pipeline judges by.
    """

    def __init__(self, info: SessionInfo, settings: PipelineSettings) -> None:
        self._settings = settings
        self._given: Mapping[str, DatedBaseline] = {}
        self.exercise = info.exercise
        """What is being done now."""
        self.two_sensors = False
        self._loads_kg = info.loads_kg
        self._said_load_kg: float | None = None
        self._first_exercise = True
        self._reps: list[Rep] = []
        self._lift_offs: dict[int, LiftOff] = {}
        self._done_as: dict[int, tuple[str, bool]] = {}
        self._findings: dict[int, list[Finding]] = {}
        self._summaries: dict[int, SetSummary] = {}
        self._labels = Labels()
        # Made on demand, and kept until something changes.
        self._rows: tuple[RepRow, ...] | None = None
        self._chart: BarChart | None = None
        self._after: AfterSet | None = None
        self._card: Card | None = None
        self._bases: dict[str, Baseline | None] = {}

    def change_exercise(self, changed: Exercise) -> bool:
        """Take what is done from now on; False if it is the same."""
        if changed == self.exercise:
            return False
        self.exercise, self._first_exercise = changed, False
        self._forget()
        return True

    def load(self, load_kg: float) -> None:
        """Take the load of the present set and of those after it."""
        self._said_load_kg = load_kg

    def rep(self, rep: Rep) -> None:
        """Take a repetition."""
        self._reps.append(rep)
        self._done_as.setdefault(rep.set_index, (self.exercise.name, self._first_exercise))
        del self._reps[:-KEPT_REPS]
        self._forget()

    def lift_off(self, event: LiftOff) -> None:
        """Take a lift-off; the largest of a repetition counts."""
        if event.rep is None:
            return
        before = self._lift_offs.get(event.rep)
        if before is None or event.peak_rad > before.peak_rad:
            self._lift_offs[event.rep] = event
        self._forget()

    def finding(self, event: Finding) -> None:
        """Take a finding; it replaces an earlier one of its cause and set."""
        others = [f for f in self._findings.get(event.set_index, []) if f.cause is not event.cause]
        self._findings[event.set_index] = [*others, event]
        self._forget()

    def closed(self, summary: SetSummary) -> None:
        """Take a set that is over."""
        _, first = self._done_as.get(summary.index, (summary.exercise, self._first_exercise))
        # The exercise may have been changed by the very batch that closes the set.
        self._done_as[summary.index] = (summary.exercise, first)
        self._summaries[summary.index] = summary
        while len(self._summaries) > KEPT_SETS:
            oldest = next(iter(self._summaries))
            del self._summaries[oldest]
            self._findings.pop(oldest, None)
        self._forget()

    def compare(self, given: Mapping[str, DatedBaseline]) -> None:
        """Take the usual repetitions of an earlier session, by the name of the exercise."""
        self._given = given
        self._forget()

    def limits(self, settings: PipelineSettings) -> None:
        """Take other limits, as a calibration makes them."""
        self._settings = settings
        self._forget()

    def label(self, labels: Labels) -> None:
        """Take what a person corrected; what was told stays as it was."""
        self._labels = labels
        self._forget()

    @property
    def set_index(self) -> int:
        """Number of the set of the last repetition."""
        return self._reps[-1].set_index if self._reps else 1

    @property
    def begun(self) -> bool:
        """True once there was a repetition."""
        return bool(self._reps)

    @property
    def last_summary(self) -> SetSummary | None:
        """The set closed last, as it was told."""
        return next(reversed(self._summaries.values()), None)

    def reps_of(self, set_index: int) -> list[Rep]:
        """Return the repetitions of a set that count."""
        return [rep for rep in self._counted() if rep.set_index == set_index]

    def load_kg(self, set_index: int) -> float | None:
        """Return the load of a set in kg; None if it is not known."""
        corrected = self._labels.loads_kg
        if corrected is not None and set_index <= len(corrected):
            return corrected[set_index - 1]
        summary = self._summaries.get(set_index)
        if summary is not None:
            return summary.load_kg
        if self._said_load_kg is not None:
            return self._said_load_kg
        loads = self._loads_kg
        return loads[min(set_index, len(loads)) - 1] if loads else None

    def of_header(self, set_index: int) -> bool:
        """Return whether the exercise of a set is the one the session began with."""
        return self._done_as.get(set_index, ("", True))[1]

    def rows(self) -> tuple[RepRow, ...]:
        """Return the table, oldest first."""
        if self._rows is None:
            self._rows = tuple(row_of(rep, self._lift_offs.get(rep.index)) for rep in self._counted())
        return self._rows

    def spans(self) -> tuple[RepSpan, ...]:
        """Return the last repetitions on the time axis."""
        return tuple(RepSpan(r.index, r.start_s, r.turn_s, r.end_s) for r in self._counted()[-_SPANS:])

    def chart(self) -> BarChart:
        """Return the bars of the present set."""
        if self._chart is None:
            self._chart = self._bars(self.set_index)
        return self._chart

    def given(self) -> DatedBaseline | None:
        """Return the usual repetition of an earlier session that holds now; None if there is none."""
        return self._given.get(self.exercise.name)

    def usual(self) -> Baseline | None:
        """Return the usual repetition of the exercise under way; None until it is known."""
        return self._base(self.exercise)

    def after_set(self) -> AfterSet | None:
        """Return the page of the set closed last; None once the next one has begun."""
        told = self.last_summary
        if told is None or told.index < self.set_index:
            return None
        if self._after is None:
            self._after = self._page(told)
        return self._after

    def card(self) -> Card:
        """Return the latest finding, or that there is none."""
        if self._card is None:
            self._card = self._latest()
        return self._card

    def _latest(self) -> Card:
        after = self.after_set()
        if after is not None:
            return after.cards[0]
        found = self._findings.get(self.set_index, [])
        if found:
            stop = [f for f in found if f.cause is Cause.UNDERLYING_CONDITION and f.level is Level.ALERT]
            return card_of((stop or found)[-1], provisional=True)
        return card_without_finding([row for row in self.rows() if row.set_index == self.set_index])

    def _forget(self) -> None:
        self._rows = self._chart = self._after = self._card = None
        self._bases = {}

    def _counted(self) -> list[Rep]:
        gone = {edit.rep for edit in self._labels.reps if edit.removed}
        return [rep for rep in self._reps if rep.index not in gone] if gone else self._reps

    def _exercise_of(self, set_index: int) -> Exercise:
        name, first = self._done_as.get(set_index, (self.exercise.name, self._first_exercise))
        return exercise(self._labels.exercise if first and self._labels.exercise else name)

    def _base(self, done: Exercise) -> Baseline | None:
        if done.name not in self._bases:
            # What is usual in one exercise says nothing about another, and off the pad is not usual:
            # the engine's own measure is not used where a back rests on one, and does not see it.
            mine = [
                rep
                for rep in self._counted()
                if self._exercise_of(rep.set_index) == done and rep.index not in self._lift_offs
            ]
            given = self._given.get(done.name)
            self._bases[done.name] = usual_of(mine, None if given is None else given.usual)
        return self._bases[done.name]

    def _bars(self, set_index: int) -> BarChart:
        done = self._exercise_of(set_index)
        return chart_of(
            self.reps_of(set_index),
            self._base(done),
            self._lift_offs,
            done,
            self._settings,
            flexion=self.two_sensors,
        )

    def _page(self, told: SetSummary) -> AfterSet:
        reps, done = self.reps_of(told.index), self._exercise_of(told.index)
        count = {rep.index for rep in reps}
        # What is reported in the rest counts to the set to come, and is answered here.
        later = [f for f in self._findings.get(told.index + 1, []) if f.cause is Cause.UNDERLYING_CONDITION]
        own = [f for f in self._findings.get(told.index, []) if not later or f.cause is not later[0].cause]
        found = [_resting(f, count) for f in (*own, *later)]
        findings = [f for f in found if f is not None]
        now = replace(
            told,
            reps=tuple(index for index in told.reps if index in count),
            exercise=done.name,
            load_kg=self.load_kg(told.index),
        )
        corrected = now != told
        if reps:
            now = replace(now, start_s=reps[0].start_s, end_s=reps[-1].end_s)
        page = after_set(now, reps, self._base(done), findings, self._lift_offs, done, self._bars(told.index))
        return replace(page, corrected=corrected)


def _resting(found: Finding, counted: set[int]) -> Finding | None:
    """Return a finding without repetitions that were none; None where nothing is left of it."""
    lost = [index for index in found.reps if index not in counted]
    if not lost:
        return found
    rest = tuple(index for index in found.reps if index in counted)
    return replace(found, reps=rest, evidence=(*found.evidence, not_counted(lost))) if rest else None
