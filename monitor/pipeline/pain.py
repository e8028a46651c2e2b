"""What a lifter's own report leads to: pain from 0 to 10, and red flags."""

from __future__ import annotations

from typing import Final

from monitor.model.events import Cause, Confidence, Finding, Level
from monitor.model.red_flag import RedFlag, in_order
from monitor.pipeline.cause_words import (
    FLAG_CUE,
    FLAG_STOP_CUE,
    FLAG_TODAY_CUE,
    PAIN_EASE_CUE,
    PAIN_STOP_CUE,
)

_PAIN_EASE: Final = 4.0
_PAIN_STOP: Final = 6.0
"""Pain of 0-3 goes on, 4-5 is acceptable if it settles in a day, 6 and more stops (traffic light in use)."""


class Reports:
    """What was reported in a session: a red flag stands to its end, pain until it is said anew."""

    def __init__(self) -> None:
        self._flags: tuple[RedFlag, ...] = ()
        self._pain = 0.0

    def pain(self, level: float, time_s: float, set_index: int) -> Finding | None:
        """Weigh a report of pain, 0 to 10, made at `time_s`; return None for one that changes nothing."""
        self._pain = level
        return self._finding(time_s, set_index) if level >= _PAIN_EASE else None

    def flag(self, flag: RedFlag, time_s: float, set_index: int) -> Finding:
        """Weigh a red flag reported at `time_s`."""
        self._flags = in_order((*self._flags, flag))
        return self._finding(time_s, set_index)

    def _finding(self, time_s: float, set_index: int) -> Finding:
        """Return one finding on all that stands: a later report takes nothing back."""
        told = [flag.words for flag in self._flags]
        if self._pain >= _PAIN_EASE:
            told.append(f"pain {self._pain:g} of 10")
        return Finding(
            cause=Cause.UNDERLYING_CONDITION,
            confidence=Confidence.LOW,
            level=Level.ALERT if self._flags or self._pain >= _PAIN_STOP else Level.CAUTION,
            reps=(),
            evidence=tuple(f"you reported {what}" for what in told),
            cue=self._cue(),
            time_s=time_s,
            decided_s=time_s,
            set_index=set_index,
        )

    def _cue(self) -> str:
        stop = self._pain >= _PAIN_STOP
        if any(flag.today for flag in self._flags):
            return FLAG_TODAY_CUE
        if self._flags:
            return FLAG_STOP_CUE if stop else FLAG_CUE
        return PAIN_STOP_CUE if stop else PAIN_EASE_CUE
