"""What a report of pain leads to."""

from __future__ import annotations

from typing import Final

from monitor.model.events import Cause, Confidence, Finding, Level
from monitor.pipeline.cause_words import PAIN_EASE_CUE, PAIN_STOP_CUE

_PAIN_EASE: Final = 4.0
_PAIN_STOP: Final = 6.0
"""Pain of 0-3 goes on, 4-5 is acceptable if it settles in a day, 6 and more stops (traffic light in use)."""


def reported(level: float, time_s: float, set_index: int) -> Finding | None:
    """Weigh a report of pain, 0 to 10, made at `time_s`; return None for one that changes nothing."""
    if level < _PAIN_EASE:
        return None
    stop = level >= _PAIN_STOP
    return Finding(
        cause=Cause.UNDERLYING_CONDITION,
        confidence=Confidence.LOW,
        level=Level.ALERT if stop else Level.CAUTION,
        reps=(),
        evidence=(f"you reported pain {level:g} of 10",),
        cue=PAIN_STOP_CUE if stop else PAIN_EASE_CUE,
        time_s=time_s,
        decided_s=time_s,
        set_index=set_index,
    )
