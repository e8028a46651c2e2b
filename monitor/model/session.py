"""What flows through a session: deliveries in, outputs out, and the seams between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitor.model.events import Event
from monitor.model.exercise import EXERCISES, Exercise
from monitor.model.samples import LOWER, ImuBlock, PostureBlock, RawPacket, SensorInfo


@dataclass(frozen=True, slots=True)
class Delivery:
    """Decoded samples, with the notifications they came from (none for files)."""

    block: ImuBlock
    packets: tuple[RawPacket, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """The state of one sensor's link; not part of the maths, never changes an event.

    Parameters
    ----------
    time_s
        Session time in s of the last sample before it, 0 at the beginning.
    state
        ``"connecting"``, ``"streaming"``, ``"lost"``, ``"ended"``.
    text
        One line for a person.
    battery
        Charge 0 to 1; None if unknown.
    rssi_dbm
        Received signal strength in dBm; None if unknown.
    loss_counted
        As of `SensorInfo`: a share of lost samples means nothing where this is False.
    """

    time_s: float
    sensor: str
    state: str
    text: str = ""
    battery: float | None = None
    rssi_dbm: float | None = None
    loss_counted: bool = True


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something a person said during the session, by key, button or message.

    Parameters
    ----------
    kind
        ``"mark"``, ``"note"``, ``"exercise"``, ``"load_kg"``, ``"snooze_s"``, ``"pain"``,
        ``"red_flag"`` (the name of a `RedFlag`) or ``"calibrate"``: a guided calibration begins at
        this wall clock (ISO 8601), or is given up (`GIVE_UP`).
    value
        A text, or a number in the unit the kind names.
    """

    time_s: float
    kind: str
    value: str | float


SourceItem = Delivery | LinkStatus | Annotation
GIVE_UP = "give up"
"""Value of a ``"calibrate"`` annotation that ends a guided calibration without a profile."""


@dataclass(frozen=True, slots=True)
class MadeProfile:
    """A calibration profile that a guided calibration made during a session.

    Parameters
    ----------
    begun_at
        Value of the ``"calibrate"`` annotation it began with.
    time_s
        Session time in s of the last sample it was made of: what comes later is judged by it.
    text
        The profile.
    """

    begun_at: str
    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What is fixed when a session begins; the header of its recording."""

    exercise: Exercise = EXERCISES["squat"]
    sensors: tuple[SensorInfo, ...] = (SensorInfo(LOWER),)
    athlete: str = "me"
    loads_kg: tuple[float, ...] = ()
    """One load a set, in order; the last one holds on."""
    started_at: str = ""
    """Wall clock, ISO 8601 with offset; empty if unknown."""
    session_id: str = "session"
    """Prefix of alert ids."""
    profile: str = ""
    """Text of the calibration profile the session runs with; empty without one."""
    baselines: str = ""
    """Text of the usual repetitions it is compared with from the first one on; empty without any."""
    made: tuple[MadeProfile, ...] = ()
    """Profiles made on the way, in order: of a recording, which is judged by them again."""


class SampleSource(Protocol):
    """Anything samples come from that can be read at once: a file, a recording, a simulation."""

    @property
    def info(self) -> SessionInfo:
        """What the source knows of the session."""
        ...

    def items(self) -> Iterator[SourceItem]:
        """Yield everything in order of arrival; MonitorError if it cannot be read."""
        ...


class LiveSource(Protocol):
    """Anything that delivers in its own time: a radio, or a paced SampleSource."""

    @property
    def info(self) -> SessionInfo:
        """What the source knows of the session; complete once the first item has come."""
        ...

    def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        """Yield batches until the source ends or the task is cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class Guidance:
    """Where a guided calibration is.

    Parameters
    ----------
    step, steps
        Number of the present step from 1, and of all.
    prompt, hint
        What is asked, and what is wrong just now.
    step_progress, progress
        How much of the step and of everything is done, 0 to 1.
    told
        What was just said, each with its kind: ``"prompt"``, ``"count"``, ``"refusal"``, ``"skip"``
        or ``"done"``.
    made, quality
        The calibration profile and how good it is, once it is done; None and empty before.
    """

    step: int
    steps: int
    prompt: str
    hint: str
    step_progress: float
    progress: float
    told: tuple[tuple[str, str], ...] = ()
    made: MadeProfile | None = None
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """What the engine made of some input: rows of posture and events, in order of decision."""

    posture: PostureBlock = field(default_factory=PostureBlock)
    events: tuple[Event, ...] = ()
    provisional: PostureBlock = field(default_factory=PostureBlock)
    """Rows that wait for the calibration, with how far the lower sensor has tilted so far: for the eye
    alone, never recorded, sent or judged. `posture` brings the same rows once they are known."""
    header: SessionInfo | None = None
    """The session's header, once more: what it says was not all known when the sinks began."""
    guidance: Guidance | None = None
    """While a guided calibration runs, and once when it is done; nothing is judged meanwhile."""


class Sink(Protocol):
    """Anything that takes part in a session from the far end: recording, broker, sound, screen.

    A sink may raise MonitorError or OSError; the session then shows it and goes on without it.
    """

    name: str

    def begin(self, info: SessionInfo) -> None:
        """Take the session's header."""
        ...

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Take a batch of input and what became of it; must not block."""
        ...

    def end(self) -> None:
        """Flush and close."""
        ...
