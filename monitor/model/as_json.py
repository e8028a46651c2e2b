"""Events as the public JSON of files, recordings and messages: degrees, plain numbers, null."""

from __future__ import annotations

import math
from typing import Any

from monitor.model.events import (
    Alert,
    Approaching,
    Calibrated,
    Event,
    Fault,
    Finding,
    Gap,
    LiftOff,
    LiftOffStarted,
    Notice,
    Rep,
    SetSummary,
)

Json = dict[str, Any]


def degrees(value_rad: float | None) -> float | None:
    """Return `value_rad` in degrees; None for None and for NaN, which JSON does not know."""
    return None if value_rad is None or math.isnan(value_rad) else math.degrees(value_rad)


def event_type(event: Event) -> str:
    """Return the name of the event's kind in files and messages."""
    return _TYPES[type(event)]


_TYPES: dict[type, str] = {
    Rep: "rep",
    Approaching: "approaching",
    LiftOffStarted: "lift_off_started",
    LiftOff: "lift_off",
    Fault: "fault",
    Finding: "finding",
    SetSummary: "set",
    Gap: "gap",
    Calibrated: "calibrated",
    Notice: "notice",
    Alert: "alert",
}


def event_json(event: Event) -> Json:  # noqa: C901, PLR0911 - one shape a kind
    """Return one event as a JSON object."""
    match event:
        case Rep():
            return _rep(event)
        case LiftOff():
            return {
                "start_s": event.start_s,
                "end_s": event.end_s,
                "decided_s": event.decided_s,
                "peak_deg": degrees(event.peak_rad),
                "rep": event.rep,
                "level": event.level.value,
            }
        case LiftOffStarted():
            return {
                "start_s": event.start_s,
                "decided_s": event.decided_s,
                "value_deg": degrees(event.value_rad),
                "rep": event.rep,
                "level": event.level.value,
            }
        case Approaching():
            return {
                "time_s": event.time_s,
                "decided_s": event.decided_s,
                "value_deg": degrees(event.value_rad),
                "rep": event.rep,
                "fault": None if event.fault is None else event.fault.value,
            }
        case Fault():
            return _fault(event)
        case Finding():
            return {
                "cause": event.cause.value,
                "confidence": event.confidence.value,
                "level": event.level.value,
                "set": event.set_index,
                "reps": list(event.reps),
                "evidence": list(event.evidence),
                "rivals": [{"cause": r.cause.value, "confidence": r.confidence.value} for r in event.rivals],
                "cue": event.cue,
                "time_s": event.time_s,
                "decided_s": event.decided_s,
            }
        case SetSummary():
            return {
                "index": event.index,
                "start_s": event.start_s,
                "end_s": event.end_s,
                "reps": list(event.reps),
                "exercise": event.exercise,
                "load_kg": event.load_kg,
                "summary": event.summary,
            }
        case Gap():
            return {"sensor": event.sensor, "start_s": event.start_s, "end_s": event.end_s}
        case Calibrated():
            return {
                "kind": event.kind,
                "quality": event.quality,
                "decided_s": event.decided_s,
                **{
                    sensor: {"sensor_to_segment": [list(row) for row in matrix]}
                    for sensor, matrix in event.sensor_to_segment.items()
                },
            }
        case Notice():
            return {"time_s": event.time_s, "text": event.text}
        case Alert():
            return {
                "id": event.id,
                "time_s": event.time_s,
                "kind": event.kind,
                "cause": event.cause.value,
                "confidence": event.confidence.value,
                "level": event.level.value,
                "rep": event.rep,
                "text": event.text,
                "audible": event.audible,
            }


def _fault(fault: Fault) -> Json:
    made: Json = {"kind": fault.kind.value, "level": fault.level.value}
    if fault.value_rad is not None:
        made["value_deg"] = degrees(fault.value_rad)
    if fault.value is not None:
        made["value"] = fault.value
    return {**made, "time_s": fault.time_s, "decided_s": fault.decided_s}


def _rep(rep: Rep) -> Json:
    m = rep.metrics
    return {
        "index": rep.index,
        "set": rep.set_index,
        "start_s": rep.start_s,
        "turn_s": rep.turn_s,
        "end_s": rep.end_s,
        "decided_s": rep.decided_s,
        "eccentric_s": rep.eccentric_s,
        "concentric_s": rep.concentric_s,
        "tilt_range_deg": degrees(m.tilt_range_rad),
        "peak_tilt_deg": degrees(m.peak_tilt_rad),
        "lean_deg": degrees(m.lean_rad),
        "tuck_deg": degrees(m.tuck_rad),
        "peak_flexion_deg": degrees(m.peak_flexion_rad),
        "flexion_sigma_deg": degrees(m.flexion_sigma_rad),
        "side_tilt_deg": degrees(m.side_tilt_rad),
        "twist_deg": degrees(m.twist_rad),
        "smoothness_sparc": m.smoothness_sparc,
        "depth_m": m.depth_m,
        "coverage": m.coverage,
        "roll_under_deg": degrees(m.roll_under_rad),
        "double_hump_deg": degrees(m.double_hump_rad),
        "bottom_s": m.bottom_s,
        "descent_ms": m.descent_ms,
        "peak_extension_deg": degrees(m.peak_extension_rad),
        "sway_deg_s": degrees(m.sway_rads),
        "to_and_fro": m.to_and_fro,
        "hips_first_deg": degrees(m.hips_first_rad),
        "faults": [_fault(f) for f in rep.faults],
    }
