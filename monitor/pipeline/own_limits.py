"""Thresholds for a lifter whose own ranges are known: degrees or a share of them, the greater."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from calibration.ranges import OwnRanges
from monitor.pipeline.settings import PipelineSettings

_LIFT_OFF_SHARES: Final = (0.30, 0.50)
_TUCK_SHARES: Final = (0.35, 0.50)
"""Caution and alert, of the own range from arch to tuck: proposals of the evidence model."""


def personal(settings: PipelineSettings, ranges: OwnRanges) -> PipelineSettings:
    """Return the thresholds for a lifter whose own ranges are known: degrees or share, the greater."""
    lift_off = (settings.lift_off_caution_deg, settings.lift_off_alert_deg)
    lift_off = _at_least(lift_off, _LIFT_OFF_SHARES, ranges.seated_arch_tuck_rad)
    tuck = (settings.tuck_caution_deg, settings.tuck_alert_deg)
    tuck = _at_least(tuck, _TUCK_SHARES, ranges.arch_tuck_rad)
    return replace(
        settings,
        own_flexion_deg=_degrees(ranges.flexion_rad),
        own_extension_deg=_degrees(ranges.extension_rad),
        lift_off_caution_deg=lift_off[0],
        lift_off_alert_deg=lift_off[1],
        tuck_caution_deg=tuck[0],
        tuck_alert_deg=tuck[1],
    )


def _at_least(
    limits_deg: tuple[float, float], shares: tuple[float, float], span_rad: float | None
) -> tuple[float, float]:
    """Return the limits, raised to their shares of a span where that is known."""
    if span_rad is None:
        return limits_deg
    span = math.degrees(span_rad)
    return max(limits_deg[0], shares[0] * span), max(limits_deg[1], shares[1] * span)


def _degrees(angle_rad: float | None) -> float | None:
    return None if angle_rad is None else math.degrees(angle_rad)
