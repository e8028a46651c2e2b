"""What is said of a cause: the evidence in numbers, and one thing to do about it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from monitor.model.events import FaultKind
from monitor.pipeline.lighter_sets import LighterSets

SUPPORT_CUE: Final = "Your hips are rolling off the pad. Stop a little higher, keep your back flat."
WEIGHT_CUE: Final = "You slowed and your back moved more. Rest, or take about 10 % off."
CORE_CUE: Final = "Less steady than usual. Breathe in, brace, then move."
UNCLEAR_CUE: Final = "No one cause fits. See whether the next set shows it again."
PAIN_EASE_CUE: Final = "Ease off and see if it settles within a day."
PAIN_STOP_CUE: Final = "Stop this exercise today. If it lasts, please see a health professional."
FLAG_CUE: Final = "Please see a health professional."
FLAG_STOP_CUE: Final = "Stop this exercise today. Please see a health professional."
FLAG_TODAY_CUE: Final = "Stop for today and see a health professional today."
FORM_CUES: Final = {
    FaultKind.TUCK: "Go only as deep as you can hold your arch.",
    FaultKind.LEAN: "Chest and hips up together.",
    FaultKind.ROUNDING: "Go only as deep as you can hold your arch.",
    FaultKind.OVEREXTENSION: "Finish tall, ribs down.",
    FaultKind.SIDE_TILT: "Press evenly through both feet.",
    FaultKind.TWIST: "Keep hips and shoulders square.",
    FaultKind.HIPS_FIRST: "Chest and hips up together.",
}
"""The faults of form, and what to say of each."""
_FAULT_WORDS: Final = {
    FaultKind.TUCK: "hips tucked {} deg at the turn",
    FaultKind.LEAN: "leaned {} deg further forward than usual",
    FaultKind.ROUNDING: "lower back bent {} deg more than usual",
    FaultKind.OVEREXTENSION: "arched {} deg past usual",
    FaultKind.SIDE_TILT: "leaned {} deg to one side",
    FaultKind.TWIST: "turned {} deg to one side",
    FaultKind.HIPS_FIRST: "hips rose first, {} deg further forward on the way up",
}


def fault_words(kind: FaultKind, sizes_rad: Iterable[float], reps: Iterable[int]) -> str:
    """Return what an angular fault of form was, from its sizes in rad, and in which repetitions."""
    return f"{_FAULT_WORDS[kind].format(span_words(sizes_rad))} at {rep_words(reps)}"


def absent_words(lighter: LighterSets | None) -> tuple[str, ...]:
    """Return that lighter sets, if there are any, showed nothing of it."""
    return () if lighter is None else (f"none of it at {lighter.load_kg:g} kg",)


def span_words(values: Iterable[float]) -> str:
    """Return the least and the largest of at least one angle in rad, in degrees without sign."""
    sizes = [math.degrees(abs(value)) for value in values]
    low, high = min(sizes), max(sizes)
    return f"{high:.1f}" if high - low < 0.1 else f"{low:.1f} to {high:.1f}"


def rep_words(indices: Iterable[int]) -> str:
    """Return which repetitions, such as ``"reps 1 to 4, 6"``; those numbered 0 have no number yet."""
    runs: list[list[int]] = []
    for i in sorted({i for i in indices if i > 0}):
        if runs and i == runs[-1][-1] + 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    if not runs:
        return "a repetition"
    parts = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ("rep " if len(runs) == len(runs[0]) == 1 else "reps ") + ", ".join(parts)
