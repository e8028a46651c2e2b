"""What follows from what was seen: a word on a fault, a likely cause, a summary at a set's end."""

from __future__ import annotations

from monitor.model.events import Event, Finding, Level, LiftOffStarted, Rep
from monitor.model.exercise import Exercise
from monitor.model.red_flag import RedFlag
from monitor.pipeline.baseline import Baseline
from monitor.pipeline.cause_words import FORM_CUES
from monitor.pipeline.causes import CauseModel
from monitor.pipeline.pain import Reports
from monitor.pipeline.reps import Rested, Seen
from monitor.pipeline.sets import SetKeeper
from monitor.pipeline.settings import PipelineSettings


class Weighing:
    """Weigh what is seen in a set, and close it.

    Parameters
    ----------
    settings
        Thresholds.
    sets
        The sets of the session.
    reports
        What the lifter reported so far; None if nothing.
    """

    def __init__(self, settings: PipelineSettings, sets: SetKeeper, reports: Reports | None = None) -> None:
        self.sets = sets
        self.reports = reports or Reports()
        self._causes = CauseModel(settings)

    def weigh(self, seen: Seen, exercise: Exercise, usual: Baseline | None) -> list[Event]:
        """Return an event with what follows from it.

        Parameters
        ----------
        seen
            What has been seen; a repetition with the faults that may be said of it.
        exercise, usual
            What is done, and the lifter's usual repetition of it, None if not known yet.
        """
        if isinstance(seen, Rested):
            return self.close(seen.decided_s)
        spoken: list[Event] = []
        finding: Finding | None = None
        if isinstance(seen, Rep):
            spoken += _spoken(seen)
            self.sets.add(seen)
            finding = self._causes.rep(seen, exercise, usual, self.sets.load_kg)
        elif isinstance(seen, LiftOffStarted):
            finding = self._causes.lift_off(seen, self.sets.index)
        if finding is None:
            return [*spoken, seen]
        self.sets.found(finding)
        return [*spoken, seen, finding]

    def pain(self, level: float, now_s: float) -> list[Event]:
        """Return what follows from a report of pain, 0 to 10."""
        finding = self.reports.pain(level, now_s, self.sets.index)
        return [] if finding is None else self._reported(finding)

    def red_flag(self, flag: RedFlag, now_s: float) -> list[Event]:
        """Return what follows from a red flag."""
        return self._reported(self.reports.flag(flag, now_s, self.sets.index))

    def close(self, now_s: float) -> list[Event]:
        """End the present set; return what was not clear in it, and its summary."""
        unclear = self._causes.undecided(now_s, self.sets.index)
        self._causes.new_set(self.sets.exercise, self.sets.load_kg)
        if unclear is not None:
            self.sets.found(unclear)
        summary = self.sets.close(now_s)
        return [event for event in (unclear, summary) if event is not None]

    def _reported(self, finding: Finding) -> list[Event]:
        self.sets.found(finding)
        return [finding]


def _spoken(rep: Rep) -> list[Event]:
    """Return the faults worth a word of their own; the others wait for company in a finding."""
    return [fault for fault in rep.faults if fault.kind in FORM_CUES and fault.level is Level.ALERT]
