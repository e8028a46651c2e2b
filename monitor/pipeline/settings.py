"""Every threshold of the pipeline in one frozen object; angles in degrees, as in the config file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """Thresholds of what is judged.

    Parameters
    ----------
    lift_off_caution_deg, lift_off_alert_deg
        Posterior tilt past the seat reference. 5 to 10 deg are ordinary at depth, since hip
        flexion brings a quarter to a third of itself as pelvic tilt (Bohannon 1985).
    lift_off_dwell_s
        How long it must last.
    hysteresis_deg
        How far back before another excursion can begin.
    tuck_caution_deg, tuck_alert_deg
        Posterior reversal around the turn of a squat.
    rest_s
        Time without a repetition that closes a set.
    """

    lift_off_caution_deg: float = 8.0
    lift_off_alert_deg: float = 12.0
    lift_off_dwell_s: float = 0.2
    hysteresis_deg: float = 5.0
    tuck_caution_deg: float = 10.0
    tuck_alert_deg: float = 15.0
    rest_s: float = 15.0
