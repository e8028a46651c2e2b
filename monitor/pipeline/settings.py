"""What the pipeline is told before the first sample; thresholds in degrees, as in the config file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calibration.profile import Profile
from monitor.model.exercise import EXERCISES, Exercise
from monitor.model.samples import LOWER, SensorInfo
from monitor.pipeline.baseline import Baseline


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
    own_flexion_deg, own_extension_deg
        The lifter's own largest lumbar flexion and extension; None where they are not known.
    tempo_caution, tempo_alert
        Loss of speed against the set's best concentric phase, as a share. Up to 25 % trains
        strength at least as well as more (Hernandez-Belmonte 2022).
    approach_s
        How far ahead tilt, rate and gain of rate are led on to announce a lift-off. They lead too late
        near the end of a roll, so more than the 0.3 to 0.5 s that people need.
    rest_s
        Time without a repetition that closes a set.
    """

    lift_off_caution_deg: float = 8.0
    lift_off_alert_deg: float = 12.0
    lift_off_dwell_s: float = 0.2
    hysteresis_deg: float = 5.0
    tuck_caution_deg: float = 10.0
    tuck_alert_deg: float = 15.0
    own_flexion_deg: float | None = None
    own_extension_deg: float | None = None
    tempo_caution: float = 0.20
    tempo_alert: float = 0.30
    approach_s: float = 0.5
    rest_s: float = 15.0


@dataclass(frozen=True, slots=True)
class PipelineSetup:
    """What the pipeline is told before the first sample.

    Parameters
    ----------
    exercise, sensors, loads_kg
        As in SessionInfo.
    calibration
        ``"auto"``, ``"none"`` (the sensors are mounted along the axes of their segment) or a profile.
    calibrate_until_s
        The opening seconds are a calibration, still and then bending; None if they are not.
    baselines
        Exercise name to the lifter's usual repetition; what is missing the first repetitions make.
    settings
        Thresholds.
    """

    exercise: Exercise = EXERCISES["squat"]
    sensors: tuple[SensorInfo, ...] = (SensorInfo(LOWER),)
    loads_kg: tuple[float, ...] = ()
    calibration: str | Profile = "auto"
    calibrate_until_s: float | None = None
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    settings: PipelineSettings = field(default_factory=PipelineSettings)
