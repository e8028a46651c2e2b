"""What happens in a session: repetitions, lift-offs, faults, findings, alerts.

Times are session seconds. ``decided_s`` is the time of the last sample a decision needed:
a live run speaks then, not earlier and not later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How strongly something is past its threshold."""

    CAUTION = "caution"
    ALERT = "alert"


class Confidence(StrEnum):
    """How sure a finding is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Cause(StrEnum):
    """The likely causes, and the honest default."""

    LACK_OF_SPINAL_SUPPORT = "lack_of_spinal_support"
    IMPROPER_FORM = "improper_form"
    TOO_MUCH_WEIGHT = "too_much_weight"
    POOR_CORE_ENGAGEMENT = "poor_core_engagement"
    UNDERLYING_CONDITION = "underlying_condition"
    UNCLEAR = "unclear"


class FaultKind(StrEnum):
    """What can be off in one repetition."""

    TUCK = "tuck"
    LEAN = "lean"
    ROUNDING = "rounding"
    OVEREXTENSION = "overextension"
    SIDE_TILT = "side_tilt"
    TWIST = "twist"
    HIPS_FIRST = "hips_first"
    SLOW_REP = "slow_rep"
    SHORT_REP = "short_rep"
    UNSTEADY = "unsteady"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing off in one repetition.

    Parameters
    ----------
    kind, level
        What and how strongly.
    time_s
        Where in the session it peaked.
    value_rad
        Size of an angular fault in rad; None for the others.
    value
        Size of any other fault in its own measure (metres, share); None for angular ones.
    decided_s
        Time of the last sample the decision needed.
    """

    kind: FaultKind
    level: Level
    time_s: float
    decided_s: float
    value_rad: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class RepMetrics:
    """Figures of one repetition; angles in rad, None where it was not measured.

    Parameters
    ----------
    tilt_range_rad
        Largest minus smallest pelvic tilt.
    peak_tilt_rad
        Pelvic tilt from neutral at its largest excursion in the exercise's direction.
    lean_rad
        Largest forward tilt from the repetition's own start.
    tuck_rad
        Posterior reversal of the tilt around the turn.
    peak_flexion_rad, flexion_sigma_rad
        Largest lumbar flexion and its standard deviation.
    side_tilt_rad, twist_rad
        Largest deviations to either side, signed (right and left positive).
    smoothness_sparc
        Spectral arc length of the angular speed (Balasubramanian 2012); nearer 0 is smoother.
    depth_m
        Vertical travel of the sensor down to the turn in m; None where tilt carries the repetition.
    coverage
        Share of the samples that were received, 0 to 1.
    roll_under_rad
        Fall of the tilt over the last tenth of the way down; None where tilt carries the repetition.
    double_hump_rad
        Fourth Legendre coefficient of the tilt over the repetition, two humps being positive.
    bottom_s
        Time in the lowest fifth of the depth; None where tilt carries the repetition.
    descent_ms
        Largest speed on the way down in m/s; None where tilt carries the repetition.
    peak_extension_rad
        Largest lumbar extension, positive past neutral; None where flexion is not known.
    hips_first_rad
        How much further forward the trunk (one sensor: the pelvis) is tipped when the hips are up by a
        third than before they rose, negative where it has come up with them; None where they need not
        rise together.
    to_and_fro
        Way that side tilt and twist went over twice their range: 1 for a lean out and back, more for swaying.
    sway_rads
        RMS angular rate about the axes that the exercise does not turn about.
    """

    tilt_range_rad: float
    peak_tilt_rad: float
    lean_rad: float
    tuck_rad: float
    peak_flexion_rad: float | None
    flexion_sigma_rad: float | None
    side_tilt_rad: float
    twist_rad: float
    smoothness_sparc: float | None
    depth_m: float | None
    coverage: float
    roll_under_rad: float | None = None
    double_hump_rad: float = 0.0
    bottom_s: float | None = None
    descent_ms: float | None = None
    sway_rads: float = 0.0
    peak_extension_rad: float | None = None
    hips_first_rad: float | None = None
    to_and_fro: float | None = None


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition [start_s, end_s), counted from 1 through the session."""

    index: int
    set_index: int
    start_s: float
    turn_s: float
    end_s: float
    decided_s: float
    metrics: RepMetrics
    eccentric_first: bool = True
    """False where the effort comes first (hip thrust, leg curl and extension)."""
    faults: tuple[Fault, ...] = ()

    @property
    def eccentric_s(self) -> float:
        """Time of the lowering phase in s."""
        return self.turn_s - self.start_s if self.eccentric_first else self.end_s - self.turn_s

    @property
    def concentric_s(self) -> float:
        """Time of the lifting phase in s."""
        return self.end_s - self.turn_s if self.eccentric_first else self.turn_s - self.start_s


@dataclass(frozen=True, slots=True)
class LiftOffStarted:
    """The lower back has left the pad: the moment to speak."""

    start_s: float
    decided_s: float
    value_rad: float
    rep: int | None
    level: Level


@dataclass(frozen=True, slots=True)
class Approaching:
    """The pelvis is on its way past a limit: time to stop.

    `fault` is what it comes to, a tuck; None is a lift-off.
    """

    time_s: float
    decided_s: float
    value_rad: float
    rep: int | None
    fault: FaultKind | None = None


@dataclass(frozen=True, slots=True)
class LiftOff:
    """A whole lift-off, once the back rests again. `decided_s` is that of its beginning."""

    start_s: float
    end_s: float
    decided_s: float
    peak_rad: float
    rep: int | None
    level: Level


@dataclass(frozen=True, slots=True)
class Rival:
    """Another cause that would fit, and how well."""

    cause: Cause
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Finding:
    """A likely cause with the numbers it rests on; a later one of the same cause and set replaces it."""

    cause: Cause
    confidence: Confidence
    level: Level
    reps: tuple[int, ...]
    evidence: tuple[str, ...]
    cue: str
    time_s: float
    decided_s: float
    rivals: tuple[Rival, ...] = ()
    set_index: int = 1


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A set [start_s, end_s), closed by rest."""

    index: int
    start_s: float
    end_s: float
    decided_s: float
    reps: tuple[int, ...]
    exercise: str
    load_kg: float | None
    summary: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples of one sensor that never came, [start_s, end_s)."""

    sensor: str
    start_s: float
    end_s: float
    decided_s: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration came into force at `decided_s`.

    Parameters
    ----------
    kind
        ``"auto"``, ``"opening"`` (the opening seconds were one), ``"seat"`` (a new seat
        reference), ``"profile"`` or ``"none"``.
    quality
        ``"good"``, ``"fair"`` or ``"poor"``; poor judges no absolute angle.
    sensor_to_segment
        Sensor name to a 3x3 rotation, row by row: segment vector = matrix @ sensor vector.
    """

    kind: str
    quality: str
    decided_s: float
    sensor_to_segment: dict[str, tuple[tuple[float, float, float], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know: what is not judged, and why."""

    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What goes out over sound, haptics and MQTT."""

    id: str
    time_s: float
    kind: str
    cause: Cause
    confidence: Confidence
    level: Level
    rep: int | None
    text: str
    audible: bool = True
    """False once the budget of sounds is spent: shown and sent, not sounded."""


Event = (
    Rep
    | Approaching
    | LiftOffStarted
    | LiftOff
    | Fault
    | Finding
    | SetSummary
    | Gap
    | Calibrated
    | Notice
    | Alert
)
