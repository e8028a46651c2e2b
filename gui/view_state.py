"""What the screen shows at one moment: frozen values, degrees and words, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gui.ends import LinkLine
from monitor.model.events import Cause, Confidence, Level


class Standing(StrEnum):
    """Where the angle is now against the lifter's own range."""

    UNKNOWN = "unknown"
    USUAL = "usual"
    CAUTION = "caution"
    ALERT = "alert"


class Phase(StrEnum):
    """Where in a session we are."""

    READY = "ready"
    WORKING = "working"
    RESTING = "resting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Zone:
    """The band gauge: an axis, the lifter's usual range on it, and the limits.

    Parameters
    ----------
    low_deg, high_deg
        Ends of the axis.
    usual_deg
        Usual range; None until enough repetitions are known.
    caution_deg, alert_deg
        Limits; None where none apply. Below zero they are limits downwards.
    """

    low_deg: float
    high_deg: float
    usual_deg: tuple[float, float] | None = None
    caution_deg: float | None = None
    alert_deg: float | None = None

    def standing(self, value_deg: float) -> Standing:
        """Return where `value_deg` stands against the limits."""
        for limit, standing in ((self.alert_deg, Standing.ALERT), (self.caution_deg, Standing.CAUTION)):
            if limit is not None and (value_deg >= limit if limit > 0 else value_deg <= limit):
                return standing
        nothing_known = self.caution_deg is None and self.usual_deg is None
        if nothing_known or not self.low_deg <= value_deg <= self.high_deg:
            return Standing.UNKNOWN
        return Standing.USUAL


@dataclass(frozen=True, slots=True)
class Headline:
    """The big number."""

    title: str
    reference: str
    value_deg: float | None
    sigma_deg: float | None
    direction: str
    standing: Standing
    zone: Zone
    is_flexion: bool = False
    provisional: bool = False
    """True before the calibration: without a sign, and nothing is judged by it."""
    ahead: bool = False
    """True where the movement leads past the limit within half a second, and still can be stopped."""


@dataclass(frozen=True, slots=True)
class RepRow:
    """One line of the table of repetitions, as text."""

    index: int
    set_index: int
    time: str
    tempo: str
    tilt_range: str
    tuck: str
    flexion: str
    noticed: str
    level: Level | None
    complete: bool = True
    """False where samples were missing: the figures may be off."""


@dataclass(frozen=True, slots=True)
class RepSpan:
    """A repetition on the time axis."""

    index: int
    start_s: float
    turn_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at its time on the curve, with the likely cause in words."""

    time_s: float
    kind: str
    what: str
    cause: Cause | None
    cause_words: str
    level: Level | None
    rep: int | None = None
    end_s: float | None = None
    """End of a lift-off; None while it lasts, and for a moment in time."""

    @property
    def label(self) -> str:
        """Return both lines of the tag as one."""
        return ", ".join(part for part in (self.what, self.cause_words) if part)


@dataclass(frozen=True, slots=True)
class Card:
    """The latest finding, or the plain statement that there is none."""

    title: str
    cause: Cause | None = None
    confidence: Confidence | None = None
    level: Level | None = None
    about: str = ""
    evidence: tuple[str, ...] = ()
    cue: str = ""
    rivals: str = ""
    provisional: bool = False
    """True while more repetitions may still change it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One repetition as a bar."""

    index: int
    value_deg: float
    level: Level | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class BarChart:
    """The repetitions of one set by their main measure, against the lifter's own band.

    Parameters
    ----------
    title
        What the bars are.
    usual_deg
        Usual band; None until enough repetitions are known.
    caution_deg, alert_deg
        Limits; None where none apply.
    """

    title: str
    bars: tuple[Bar, ...] = ()
    usual_deg: tuple[float, float] | None = None
    caution_deg: float | None = None
    alert_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of a set beside what is usual."""

    name: str
    this_set: str
    usual: str


@dataclass(frozen=True, slots=True)
class AfterSet:
    """A set that is over."""

    index: int
    title: str
    stood_out: str
    comparisons: tuple[Comparison, ...]
    chart: BarChart
    cards: tuple[Card, ...]
    cue: str
    corrected: bool = False
    """True where a person corrected something of it."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A guided calibration in words and shares.

    Parameters
    ----------
    step
        Which of how many, in words.
    prompt, hint
        What to do, and what is wrong just now.
    step_progress, progress
        How much of the step and of everything is done, 0 to 1.
    said
        What was said so far, the newest last; True where it was a refusal.
    done
        Whether the profile is in force.
    profile
        Its text, once; empty before.
    """

    step: str
    prompt: str
    hint: str
    step_progress: float
    progress: float
    said: tuple[tuple[str, bool], ...] = ()
    done: bool = False
    profile: str = ""


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything on the screen but the curves."""

    now_s: float
    phase: Phase
    exercise: str
    back_supported: bool
    load: str
    set_index: int
    reps_in_set: int
    rest_s: float | None
    calibration: str
    calibration_ok: bool
    seat_ok: bool
    headline: Headline
    tilt_rad: float | None = None
    flexion_rad: float | None = None
    thorax_measured: bool = False
    reps: tuple[RepRow, ...] = ()
    spans: tuple[RepSpan, ...] = ()
    marks: tuple[Mark, ...] = ()
    card: Card = field(default_factory=lambda: Card("Watching"))
    notices: tuple[str, ...] = ()
    links: tuple[LinkLine, ...] = ()
    lifted_off: bool = False
    pain: str = ""
    reported: tuple[str, ...] = ()
    """Red flags the lifter reported, in words."""
    snooze_s: float = 0.0
    chart: BarChart = field(default_factory=lambda: BarChart(""))
    after_set: AfterSet | None = None
    guide: Guide | None = None
    """The guided calibration under way, or just done."""
    usual: str = ""
    """Where the usual repetition of the exercise comes from, in words."""
    usual_known: bool = False
    profile_made: str = ""
    """When the profile in force was made; empty where it is of this session, or none is in force."""
