"""Pipeline and alert policy as one object: the same for a live run, a replay and an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from calibration.profile import Profile
from monitor.alerts.policy import AlertPolicy
from monitor.alerts.settings import AlertSettings
from monitor.baseline_text import recorded_baselines
from monitor.model.errors import ConfigError
from monitor.model.events import Event
from monitor.model.exercise import exercise
from monitor.model.red_flag import red_flag
from monitor.model.samples import ImuBlock, PostureBlock
from monitor.model.session import (
    GIVE_UP,
    Annotation,
    Delivery,
    Output,
    SessionInfo,
    SourceItem,
)
from monitor.pipeline.baseline import Baseline
from monitor.pipeline.joining import decided_at, joined
from monitor.pipeline.pipeline import Pipeline
from monitor.pipeline.settings import PipelineSettings, PipelineSetup
from monitor.recalibrating import Recalibration, recorded_profile


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a session is judged.

    Parameters
    ----------
    calibration
        ``"recorded"`` (the profile in the session's header; without one, or with `calibrate_until_s`,
        ``"auto"``; and those made on the way), ``"auto"``, ``"none"`` (sensors along the axes of their
        segment: x forward, y left, z up) or a profile. Other than ``"recorded"`` it holds throughout: a
        guided calibration is still not judged, but what it makes is left out.
    calibrate_until_s
        The opening seconds up to here are a calibration; None if they are not.
    pipeline, alerts
        Thresholds, and how much is said.
    baselines
        Exercise name to the lifter's usual repetition; what is missing the first repetitions make.
        None is what stands in the session's header.
    """

    calibration: str | Profile = "recorded"
    calibrate_until_s: float | None = None
    pipeline: PipelineSettings = field(default_factory=PipelineSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    baselines: Mapping[str, Baseline] | None = None


class Engine:
    """Items of a source in, posture rows and events with their alerts out.

    Parameters
    ----------
    info
        The session's header.
    options
        How it is judged.
    """

    def __init__(self, info: SessionInfo, options: EngineOptions | None = None) -> None:
        options = options or EngineOptions()
        self._pipeline = Pipeline(
            PipelineSetup(
                info.exercise,
                info.sensors,
                info.loads_kg,
                _calibration(info, options),
                options.calibrate_until_s,
                _baselines(info, options),
                options.pipeline,
            )
        )
        self._policy = AlertPolicy(options.alerts, info.session_id)
        self._info, self._options = info, options
        self._guided: Recalibration | None = None
        self._made = {made.begun_at: made for made in info.made}
        self._counted = [0, 0]

    @property
    def info(self) -> SessionInfo:
        """The session's header as it is by now: exercise, load and profile in force."""
        return self._info

    @property
    def samples(self) -> int:
        """Samples taken, of all sensors."""
        return self._counted[0] + self._pipeline.samples

    @property
    def lost_samples(self) -> int:
        """Samples known to be lost, of all sensors."""
        return self._counted[1] + self._pipeline.lost_samples

    def feed(self, items: Sequence[SourceItem]) -> Output:
        """Take items in order of arrival; return what they complete."""
        made: list[Output] = []
        blocks: list[ImuBlock] = []
        for item in items:
            if isinstance(item, Delivery):
                blocks.append(item.block)
            elif isinstance(item, Annotation):
                made.append(self._fed(blocks))
                blocks = []
                made.append(self._annotated(item))
        made.append(self._fed(blocks))
        done = (o.guidance for o in made if o.guidance is not None and o.guidance.made is not None)
        return replace(
            joined(made),
            provisional=self._pipeline.provisional,
            guidance=next(done, made[-1].guidance),
        )

    def finish(self) -> Output:
        """Take what waits and close what is open; the engine is used up afterwards."""
        return Output() if self._guided is not None else self._judged(self._pipeline.finish())

    def _fed(self, blocks: list[ImuBlock]) -> Output:
        if self._guided is None:
            return self._judged(self._pipeline.update(blocks))
        self._counted[0] += sum(len(block) for block in blocks)
        guidance = self._guided.feed(blocks, self._info)
        if guidance.made is None:
            return Output(guidance=guidance)
        later = self._guided.later(guidance.made.time_s)
        self._counted[0] -= sum(len(block) for block in later)
        if self._options.calibration == "recorded":
            self._info = replace(self._info, profile=guidance.made.text)
            self._go_on(recorded_profile(guidance.made.text))
        else:
            self._go_on(_calibration(self._info, self._options))
        return replace(self._judged(self._pipeline.update(later)), guidance=guidance)

    def _calibrate(self, said: str) -> Output:
        """Begin a guided calibration, or give it up; what is under way is closed."""
        if said == GIVE_UP:
            if self._guided is not None:
                self._go_on(_calibration(self._info, self._options))
            return Output()
        now = self._pipeline.exercise
        closed = self._judged(self._pipeline.set_exercise(now))
        self._guided = Recalibration(replace(self._info, exercise=now), said, self._made.get(said))
        self._pipeline.provisional = PostureBlock()
        return closed

    def _go_on(self, calibration: str | Profile) -> None:
        """Judge what comes under another calibration; repetitions and sets are counted on."""
        self._guided = None
        self._counted[0] += self._pipeline.samples
        self._counted[1] += self._pipeline.lost_samples
        self._pipeline = self._pipeline.renewed(calibration, self._options.pipeline)

    def _annotated(self, said: Annotation) -> Output:
        self._policy.annotate(said)
        if said.kind == "exercise":
            changed = exercise(str(said.value))
            self._info = replace(self._info, exercise=changed)
            return self._judged(self._pipeline.set_exercise(changed))
        if said.kind == "pain":
            return self._judged(self._pipeline.report_pain(float(said.value)))
        if said.kind == "red_flag":
            return self._judged(self._pipeline.report_red_flag(red_flag(str(said.value))))
        if said.kind == "calibrate":
            return self._calibrate(str(said.value))
        if said.kind == "load_kg":
            self._info = replace(self._info, loads_kg=(float(said.value),))
            self._pipeline.set_load(float(said.value))
        return Output()

    def _judged(self, output: Output) -> Output:
        """Return `output` with each alert right after the event it follows from."""
        events: list[Event] = []
        for event in output.events:
            # What was waiting for its time comes before what happened later, however data are cut.
            events += self._policy.update((), decided_at(event))
            events.append(event)
            events += self._policy.update((event,), decided_at(event))
        events += self._policy.update((), self._pipeline.now_s)
        return Output(output.posture, tuple(events))


def _baselines(info: SessionInfo, options: EngineOptions) -> Mapping[str, Baseline]:
    """Return the usual repetitions a session is compared with from its first repetition on."""
    if options.baselines is not None:
        return options.baselines
    return {name: one.usual for name, one in recorded_baselines(info.baselines).items()}


def _calibration(info: SessionInfo, options: EngineOptions) -> str | Profile:
    """Return what the session is calibrated by, as the pipeline takes it."""
    match options.calibration:
        case Profile() | "auto" | "none":
            return options.calibration
        case "recorded" if info.profile and options.calibrate_until_s is None:
            return recorded_profile(info.profile)
        case "recorded":
            return "auto"
        case unknown:
            raise ConfigError(f"unknown calibration {unknown!r}: choose recorded, auto, none or a profile")
