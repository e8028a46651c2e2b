"""Events of a recording and entries of the library in the words a lifter reads. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gui.words import FAULT, MISSING, clock_text, percent_text, whole_degrees
from monitor.model.errors import MonitorError
from monitor.model.events import FaultKind, Level
from monitor.pipeline.faults import LEAST_COVERAGE

Json = dict[str, Any]


def noticed_text(rep: Json, lifted: Json | None) -> tuple[Level | None, str]:
    """Return level and words of what was noticed in a repetition of the public JSON."""
    parts, levels = [], set()
    if lifted is not None:
        parts.append(f"lift-off {whole_degrees(abs(lifted['peak_deg']))}")
        levels.add(Level(lifted["level"]))
    # A narrow table cuts the end off: what made the level comes first.
    for fault in sorted(rep.get("faults", ()), key=lambda f: f["level"] != Level.ALERT):
        size = fault.get("value_deg")
        parts.append(
            FAULT[FaultKind(fault["kind"])] + ("" if size is None else f" {whole_degrees(abs(size))}")
        )
        levels.add(Level(fault["level"]))
    coverage = rep.get("coverage")
    if coverage is not None and coverage < LEAST_COVERAGE:
        parts.append(f"not judged: {percent_text(coverage)} of the samples")
    level = Level.ALERT if Level.ALERT in levels else next(iter(levels), None)
    return level, ", ".join(parts)


def degrees_cell(value_deg: float | None) -> str:
    """Return whole degrees, or a dash."""
    return MISSING if value_deg is None else whole_degrees(value_deg)


def seconds_cell(value_s: float | None) -> str:
    """Return seconds with a tenth, or a dash."""
    return MISSING if value_s is None else f"{value_s:.1f}"


def count_cell(value: int | None) -> str:
    """Return a count, or a dash where nobody has counted."""
    return MISSING if value is None else str(value)


def share_cell(value: float | None) -> str:
    """Return a share in whole percent, rounded down: 100 % means all of it."""
    return MISSING if value is None else f"{int(value * 100 + 1e-9)} %"


def when_text(started_at: str) -> str:
    """Return an ISO date as ``22 Nov 2026, 16:40``; a dash where it is unknown."""
    try:
        when = datetime.fromisoformat(started_at)
    except ValueError:
        return MISSING
    return f"{when.day} {when:%b %Y, %H:%M}"


def length_text(duration_s: float) -> str:
    """Return a length as h:mm:ss or m:ss."""
    if duration_s < 3600:
        return clock_text(duration_s)
    whole = int(duration_s)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def loads_of(text: str) -> tuple[float, ...] | None:
    """Return loads written as ``60, 80`` in kg; None for nothing.

    Raises
    ------
    MonitorError
        It is no list of loads.
    """
    parts = [part.strip() for part in text.replace("kg", "").replace(";", ",").split(",")]
    if not any(parts):
        return None
    try:
        loads = tuple(float(part) for part in parts if part)
    except ValueError:
        raise MonitorError(f"{text!r} is no load: write kilograms, one a set, such as 60, 80") from None
    if not all(0 <= load <= 2000 for load in loads):
        raise MonitorError("a load is 0 to 2000 kg")
    return loads
