"""What the report says of calibration, causes and limits, in plain words."""

from __future__ import annotations

from typing import Final

from monitor.wording import capital

CAUSE: Final[dict[str, str]] = {
    "lack_of_spinal_support": "Lack of spinal support",
    "improper_form": "Form",
    "too_much_weight": "Too much weight",
    "poor_core_engagement": "Less steady than usual",
    "underlying_condition": "Reported by the athlete",
    "unclear": "Cause not clear",
}
"""A physiotherapist's reading: what was reported or measured, never more."""
FAULT: Final = {
    "tuck": "hips tucked at the turn",
    "lean": "leaned forward",
    "rounding": "lower back bent further",
    "overextension": "arched past standing",
    "side_tilt": "leaned to one side",
    "twist": "turned to one side",
    "hips_first": "hips rose first",
    "slow_rep": "slower",
    "short_rep": "shorter",
    "unsteady": "less steady",
}
CALIBRATION: Final = {
    "auto": "by itself: neutral is the first still second, forward the axis of the first repetitions",
    "opening": "from the opening seconds: standing still, then slow bends",
    "seat": "seat reference: the back at rest against the pad, before the set",
    "profile": "from the athlete's calibration profile",
    "none": "none: sensors taken as mounted along the body",
}
QUALITY: Final = {
    "good": "good",
    "fair": "fair",
    "poor": "poor, so no absolute angle was judged",
    "none": "not judged",
}
PLACE: Final = {"lower": "lower back, at the sacrum", "upper": "top of the lumbar spine (T12/L1)"}
SIGNS: Final = (
    "Pelvic tilt: forward positive. Lumbar flexion: upper minus lower sensor, forward bend positive. "
    "All from neutral; on machines from the seat reference."
)
ONE_SENSOR: Final = (
    "One sensor at the sacrum shows the pelvis. Bending of the lumbar spine itself was not measured; on a "
    "back pad it is inferred from the pelvis, since the thorax rests."
)
TWO_SENSORS: Final = (
    "Two sensors show the bend between sacrum and T12/L1 as it appears on the skin: 1 to 2° against sensors "
    "of a motion laboratory, 4 to 7° or more against bone."
)
LIMITS: Final = (
    "Measured is movement, not pain, load on tissue or muscle. More movement is not in itself harmful; "
    "\u201cdiffers from the usual\u201d is all a finding claims. A likely cause is a suggestion of rules "
    "that were tried on few people. This is a training record, not a medical device."
)


def cause_words(cause: str) -> str:
    """Return a cause as it is printed; one of a later version as it is called."""
    return CAUSE.get(cause, cause.replace("_", " ").capitalize())


def sentence(text: str) -> str:
    """Return `text` with a capital and a full stop."""
    return f"{capital(text)}{'' if text.endswith('.') else '.'}"
