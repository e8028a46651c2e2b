"""Every cause, fault, level and state in the words a lifter reads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from gui.ends import LinkLine
from gui.view_state import Guide
from monitor.model.events import Calibrated, Cause, Confidence, Fault, FaultKind, Level
from monitor.model.session import Guidance

MINUS = "\u2212"
MISSING = "\u2013"
"""Shown for what was not measured."""

CAUSE_TITLE = {
    Cause.LACK_OF_SPINAL_SUPPORT: "Lack of spinal support",
    Cause.IMPROPER_FORM: "Improper form",
    Cause.TOO_MUCH_WEIGHT: "Too much weight",
    Cause.POOR_CORE_ENGAGEMENT: "Poor core engagement",
    Cause.UNDERLYING_CONDITION: "Possible underlying condition",
    Cause.UNCLEAR: "Cause not clear",
}
CAUSE_TAG = {
    Cause.LACK_OF_SPINAL_SUPPORT: "lack of support",
    Cause.IMPROPER_FORM: "form",
    Cause.TOO_MUCH_WEIGHT: "too much weight",
    Cause.POOR_CORE_ENGAGEMENT: "core not braced",
    Cause.UNDERLYING_CONDITION: "underlying condition",
    Cause.UNCLEAR: "cause not clear",
}
YET = " yet"
"""Said of an unclear cause while the set may still show it."""
CONFIDENCE = {
    Confidence.LOW: "low confidence",
    Confidence.MEDIUM: "medium confidence",
    Confidence.HIGH: "high confidence",
}
STRENGTH = {Confidence.LOW: 0, Confidence.MEDIUM: 1, Confidence.HIGH: 2}
"""What findings are ordered by."""
UNSCORED = frozenset({Cause.UNCLEAR, Cause.UNDERLYING_CONDITION})
"""No confidence is told of these: the one is open, the other was said, not measured."""
LEVEL = {Level.CAUTION: "caution", Level.ALERT: "alert"}
FAULT = {
    FaultKind.TUCK: "hips tucked",
    FaultKind.LEAN: "leaned forward",
    FaultKind.ROUNDING: "lower back rounded",
    FaultKind.OVEREXTENSION: "arched past standing",
    FaultKind.SIDE_TILT: "leaned to one side",
    FaultKind.TWIST: "twisted",
    FaultKind.HIPS_FIRST: "hips rose first",
    FaultKind.SLOW_REP: "slower",
    FaultKind.SHORT_REP: "shorter",
    FaultKind.UNSTEADY: "less steady",
}
_CALIBRATION_KIND = {
    "auto": "Calibrated by itself",
    "opening": "Calibrated from the opening",
    "seat": "Seat reference taken",
    "profile": "Calibrated from your profile",
    "none": "Not calibrated",
}
_KEPT_SAID = 5
NO_SEAT = "No seat reference: sit, back flat, hold still"
WORN_AS_THEN = "Worn as then? Else press C."
LINK_STATE = {
    "connecting": "connecting",
    "streaming": "streaming",
    "lost": "signal lost",
    "ended": "ended",
}


def degrees_text(value_rad: float | None) -> str:
    """Return an angle in whole degrees with a true minus sign; a dash where it is unknown."""
    if value_rad is None or math.isnan(value_rad):
        return MISSING
    return whole_degrees(math.degrees(value_rad))


def whole_degrees(value_deg: float) -> str:
    """Return degrees as text: a true minus sign, and never a negative zero."""
    rounded = round(value_deg)
    return f"{MINUS}{-rounded}°" if rounded < 0 else f"{rounded}°"


def clock_text(time_s: float) -> str:
    """Return seconds as m:ss."""
    whole = max(0, int(time_s))
    return f"{whole // 60}:{whole % 60:02d}"


def fault_text(fault: Fault) -> str:
    """Return one fault in words, with its size where it is an angle."""
    size = f" {degrees_text(abs(fault.value_rad))}" if fault.value_rad is not None else ""
    return f"{FAULT[fault.kind]}{size}"


def calibration_text(made: Calibrated | None) -> str:
    """Return the state of the calibration as one line."""
    if made is None:
        return "Not calibrated yet: hold still, then begin"
    kind = _CALIBRATION_KIND.get(made.kind, made.kind)
    if made.kind == "none":
        return f"{kind}: angles are not judged"
    if made.quality == "poor":
        return f"{kind}, poor: angles are not judged"
    return f"{kind}, {made.quality}"


def load_text(load_kg: float | None) -> str:
    """Return a load without needless decimals; a dash where none was given."""
    return MISSING if load_kg is None else f"{load_kg:g} kg"


def percent_text(share: float, decimals: int = 0) -> str:
    """Return a share, 0 to 1, in percent."""
    return f"{share * 100:.{decimals}f} %"


def lost_text(link: LinkLine) -> str:
    """Return the share of lost samples; where the sensor does not tell it, that."""
    if not link.loss_counted:
        return "losses not counted"
    return f"{percent_text(link.lost_share, 1)} lost"


def rivals_text(cause: Cause, rivals: Iterable[tuple[Cause, Confidence]]) -> str:
    """Return what else may be the cause; of one that is not clear, what it may be at all."""
    named = ", ".join(f"{CAUSE_TITLE[rival].lower()} ({sure.value})" for rival, sure in rivals)
    if not named:
        return ""
    return f"{'Possible' if cause is Cause.UNCLEAR else 'Could also be'}: {named}"


def breakable(text: str) -> str:
    """Return a text whose file names and addresses may go on in the next line."""
    return re.sub(r"(_|(?<=[^\W\d])[./:@](?=\w))", "\\1\u200b", text)


def with_sign(text: str) -> str:
    """Return what the engine says with the sign for degrees, as everywhere on the screen."""
    return re.sub(r" deg\b", "°", text)


def bytes_text(size: int) -> str:
    """Return a size in kB, MB or GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1e3:.0f} kB"


def guide_of(now: Guidance, before: Guide | None) -> Guide:
    """Return a guided calibration as it is shown."""
    said = [] if before is None else list(before.said)
    said += [(text, kind in {"refusal", "skip"}) for kind, text in now.told if kind not in {"prompt", "done"}]
    if now.made is None:
        step = f"Step {now.step} of {now.steps}"
        return Guide(step, now.prompt, now.hint, now.step_progress, now.progress, tuple(said[-_KEPT_SAID:]))
    return Guide(
        "Calibrated",
        f"Calibration {now.quality}. It is in force and kept.",
        "",
        1.0,
        1.0,
        tuple(said[-_KEPT_SAID:]),
        done=True,
        profile=now.made.text,
    )
