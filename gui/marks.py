"""Lift-offs and faults at their time, each with the cause that fits it best."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gui.view_state import Mark
from gui.words import CAUSE_TAG, STRENGTH, YET, degrees_text, fault_text
from monitor.model.events import (
    Cause,
    Confidence,
    Fault,
    FaultKind,
    Finding,
    Level,
    LiftOff,
    LiftOffStarted,
)

KEPT = 200
"""Marks and findings remembered; a window of 20 s shows a handful."""
SAID = "said"
"""Kind of a mark set by a person."""
_NOT_A_MOMENT = {FaultKind.SLOW_REP, FaultKind.SHORT_REP, FaultKind.UNSTEADY}
"""These belong to a whole repetition: the table names them, the curve does not."""
_SAME_MOMENT_S = 0.5


Name = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    time_s: float
    kind: str
    what: str
    level: Level | None
    rep: int | None
    end_s: float | None = None


def name_of(mark: Mark | _Seen) -> Name:
    """Return what a mark is known by: its kind and time; of what a person said at a time, its words, too."""
    return mark.kind, mark.what if mark.kind == SAID else "", round(mark.time_s * 100)


class MarkBook:
    """Collects what happened and answers with marks; a later finding renames earlier marks."""

    def __init__(self) -> None:
        self._seen: dict[Name, _Seen] = {}
        self._findings: list[Finding] = []

    def lift_off_started(self, event: LiftOffStarted) -> None:
        """Remember a lift-off that still lasts."""
        what = f"off the pad {degrees_text(abs(event.value_rad))}"
        self._put(_Seen(event.start_s, "lift_off", what, event.level, event.rep))

    def lift_off(self, event: LiftOff) -> None:
        """Remember a whole lift-off in place of its beginning."""
        what = f"lift-off {degrees_text(abs(event.peak_rad))}"
        self._put(_Seen(event.start_s, "lift_off", what, event.level, event.rep, event.end_s))

    def fault(self, event: Fault, rep: int | None) -> None:
        """Remember a fault; told twice (at once, and with its repetition) it is one mark."""
        if event.kind not in _NOT_A_MOMENT:
            self._put(_Seen(event.time_s, event.kind.value, fault_text(event), event.level, rep))

    def finding(self, event: Finding) -> None:
        """Remember a finding: it names the cause of the marks in its repetitions."""
        self._findings.append(event)
        del self._findings[:-KEPT]

    def said(self, time_s: float, text: str) -> None:
        """Remember something a person marked."""
        self._put(_Seen(time_s, SAID, text, None, None))

    def marks(self) -> tuple[Mark, ...]:
        """Return all marks, oldest first."""
        return tuple(self._mark(seen) for seen in sorted(self._seen.values(), key=lambda s: s.time_s))

    def _put(self, seen: _Seen) -> None:
        key = name_of(seen)
        before = self._seen.get(key)
        if before is not None and seen.rep is None:
            seen = replace(seen, rep=before.rep)
        self._seen[key] = seen
        while len(self._seen) > KEPT:
            del self._seen[next(iter(self._seen))]

    def _mark(self, seen: _Seen) -> Mark:
        if seen.kind == SAID:
            return Mark(seen.time_s, seen.kind, seen.what, None, "", None)
        found = self._cause_of(seen)
        cause = found.cause if found else Cause.UNCLEAR
        words = CAUSE_TAG[cause] + ("" if found else YET)
        if found and cause is not Cause.UNCLEAR:
            words = f"{'possibly' if found.confidence is Confidence.LOW else 'likely'} {words}"
        return Mark(seen.time_s, seen.kind, seen.what, cause, words, seen.level, seen.rep, seen.end_s)

    def _cause_of(self, seen: _Seen) -> Finding | None:
        about = [
            f for f in self._findings if seen.rep in f.reps or abs(f.time_s - seen.time_s) <= _SAME_MOMENT_S
        ]
        if seen.kind == "lift_off":
            about = [f for f in about if f.cause is Cause.LACK_OF_SPINAL_SUPPORT] or about
        clear = [f for f in about if f.cause is not Cause.UNCLEAR]
        return max(clear or about, key=lambda f: (STRENGTH[f.confidence], f.decided_s), default=None)
