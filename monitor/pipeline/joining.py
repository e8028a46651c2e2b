"""Outputs laid end to end, and when an event in them was known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.model.events import Alert, Event, Gap, Notice
from monitor.model.samples import join_posture
from monitor.model.session import Output


def joined(outputs: Sequence[Output]) -> Output:
    """Return the rows and events of `outputs`, in order, as one; what is only for the eye is left out."""
    if len(outputs) == 1:
        return outputs[0]
    posture = join_posture([o.posture for o in outputs if len(o.posture)])
    return Output(posture, tuple(event for o in outputs for event in o.events))


def decided_at(event: Event) -> float:
    """Return the session time in s at which `event` was known."""
    return event.time_s if isinstance(event, Notice | Alert) else event.decided_s


def not_before(event: Event, decided_s: float) -> Event:
    """Return `event` as decided at `decided_s` at the earliest; notes and gaps keep their time."""
    if isinstance(event, Notice | Alert | Gap) or event.decided_s >= decided_s:
        return event
    return replace(event, decided_s=decided_s)
