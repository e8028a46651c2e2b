"""What alerts say, in the words a lifter hears. Cues follow the cause; numbers are rounded."""

from __future__ import annotations

import math
from typing import NamedTuple

from monitor.model.events import Cause, Fault, FaultKind

LIFT_OFF = "Your hips are rolling off the pad. Stop a little higher, keep your back flat."
APPROACHING = "Hips about to lift."
APPROACHING_TUCK = "Hips about to tuck."
BACK_IN_RANGE = "Back on the pad."
NOT_CALIBRATED = "Not calibrated, so nothing is judged. Hold still for a second before the next set."


class FaultCue(NamedTuple):
    """What one kind of fault says and which cause it points to on its own."""

    cause: Cause
    seen: str
    """What was seen; ``{deg}`` stands for the size of an angular fault."""
    cue: str


FAULT_CUES = {
    FaultKind.TUCK: FaultCue(
        Cause.IMPROPER_FORM,
        "Your hips tucked {deg} degrees at the bottom.",
        "Go only as deep as you can hold your arch.",
    ),
    FaultKind.LEAN: FaultCue(
        Cause.IMPROPER_FORM, "You leaned forward {deg} degrees.", "Chest and hips up together."
    ),
    FaultKind.ROUNDING: FaultCue(
        Cause.IMPROPER_FORM, "Your lower back bent {deg} degrees.", "Brace and keep your back long."
    ),
    FaultKind.OVEREXTENSION: FaultCue(
        Cause.IMPROPER_FORM, "Your lower back arched {deg} degrees at the top.", "Finish tall, ribs down."
    ),
    FaultKind.SIDE_TILT: FaultCue(
        Cause.IMPROPER_FORM, "You leaned {deg} degrees to one side.", "Push evenly through both feet."
    ),
    FaultKind.TWIST: FaultCue(
        Cause.IMPROPER_FORM, "You turned {deg} degrees to one side.", "Keep your hips square."
    ),
    FaultKind.HIPS_FIRST: FaultCue(
        Cause.IMPROPER_FORM, "Your hips rose first.", "Chest and hips up together."
    ),
    # Tempo, range and steadiness have several causes: alone they name none.
    FaultKind.SLOW_REP: FaultCue(
        Cause.UNCLEAR, "That one was slower than your others.", "Rest if you need to."
    ),
    FaultKind.SHORT_REP: FaultCue(
        Cause.UNCLEAR, "That one was shorter than your others.", "Same depth each time."
    ),
    FaultKind.UNSTEADY: FaultCue(Cause.UNCLEAR, "Less steady than usual.", "Breathe in, brace, then move."),
}


def fault_text(fault: Fault) -> str:
    """Return what to say about `fault`: what was seen, then what to do."""
    _, seen, cue = FAULT_CUES[fault.kind]
    if "{deg}" in seen:
        if fault.value_rad is None or math.isnan(fault.value_rad):
            return cue
        seen = seen.format(deg=round(abs(math.degrees(fault.value_rad))))
    return f"{seen} {cue}"


def gap_text(sensor: str, length_s: float) -> str:
    """Return what to say once `sensor` is back after `length_s` seconds of silence."""
    return f"No data from the {sensor} sensor for {length_s:.1f} s: nothing was judged meanwhile."
