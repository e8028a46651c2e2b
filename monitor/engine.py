"""Pipeline and alert policy as one object: the same for a live run, a replay and an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from calibration.errors import CalibrationError
from calibration.profile import Profile
from monitor.alerts.policy import AlertPolicy
from monitor.alerts.settings import AlertSettings
from monitor.baseline_text import baselines_from_text
from monitor.calibrating import GuidedCalibration
from monitor.model.errors import ConfigError
from monitor.model.events import Event
from monitor.model.exercise import exercise
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

_RECENT_S: Final = 3.0
"""Longer than one sensor waits for the other."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a session is judged.

    Parameters
    ----------
    calibration
        ``"recorded"`` (the profile in the session's header; without one, or with `calibrate_until_s`,
        ``"auto"``), ``"auto"``, ``"none"`` (sensors along the axes of their segment: x forward, y left,
        z up) or a profile.
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
                baselines_in_force(info, options),
                options.pipeline,
            )
        )
        self._policy = AlertPolicy(options.alerts, info.session_id)
        self._info, self._options = info, options
        self._guided: GuidedCalibration | None = None
        self._guided_since = ""
        self._recent: list[ImuBlock] = []
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
        return replace(joined(made), provisional=self._pipeline.provisional, guidance=made[-1].guidance)

    def finish(self) -> Output:
        """Take what waits and close what is open; the engine is used up afterwards."""
        return Output() if self._guided is not None else self._judged(self._pipeline.finish())

    def _fed(self, blocks: list[ImuBlock]) -> Output:
        if self._guided is None:
            return self._judged(self._pipeline.update(blocks))
        self._counted[0] += sum(len(block) for block in blocks)
        self._recent += blocks
        told = self._guided.feed([Delivery(block) for block in blocks])
        guidance = self._guided.guidance(told)
        if not self._guided.done:
            newest_s = max((float(b.t_s[-1]) for b in self._recent if len(b)), default=0.0)
            self._recent = [b for b in self._recent if len(b) and b.t_s[-1] > newest_s - _RECENT_S]
            return Output(guidance=guidance)
        made = self._guided.profile(self._guided_since, self._info)
        quality = ": ".join([made.quality.level, "; ".join(made.quality.reasons)]).removesuffix(": ")
        # What came after the row that ended it is judged already, however the samples were cut.
        later = [b[int(np.searchsorted(b.t_s, told[-1].time_s, "right")) :] for b in self._recent]
        self._counted[0] -= sum(len(block) for block in later)
        self._info = replace(self._info, profile=made.to_text())
        self._go_on(made)
        return replace(
            self._judged(self._pipeline.update([block for block in later if len(block)])),
            guidance=replace(guidance, profile=made.to_text(), quality=quality),
        )

    def _calibrate(self, said: str) -> Output:
        """Begin a guided calibration, or give it up; what is under way is closed."""
        if said == GIVE_UP:
            if self._guided is not None:
                self._go_on(_calibration(self._info, self._options))
            return Output()
        now = self._pipeline.exercise
        closed = self._judged(self._pipeline.set_exercise(now))
        self._guided, self._guided_since = GuidedCalibration(replace(self._info, exercise=now)), said
        self._recent = []
        self._pipeline.provisional = PostureBlock()
        return closed

    def _go_on(self, calibration: str | Profile) -> None:
        """Judge what comes under another calibration; repetitions and sets are counted on."""
        self._guided, self._recent = None, []
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


def baselines_in_force(info: SessionInfo, options: EngineOptions) -> Mapping[str, Baseline]:
    """Return the usual repetitions a session is compared with from its first repetition on.

    Raises
    ------
    ConfigError
        Those in the header make no sense.
    """
    if options.baselines is not None or not info.baselines:
        return options.baselines or {}
    try:
        _, kept = baselines_from_text(info.baselines)
    except ConfigError as wrong:
        raise ConfigError(f"in the recording, {wrong}") from wrong
    return {name: one.usual for name, one in kept.items()}


def _calibration(info: SessionInfo, options: EngineOptions) -> str | Profile:
    """Return what the session is calibrated by, as the pipeline takes it."""
    match options.calibration:
        case Profile() | "auto" | "none":
            return options.calibration
        case "recorded" if info.profile and options.calibrate_until_s is None:
            try:
                return Profile.from_text(info.profile)
            except CalibrationError as wrong:
                raise ConfigError(f"the calibration profile in the recording: {wrong}") from wrong
        case "recorded":
            return "auto"
        case unknown:
            raise ConfigError(f"unknown calibration {unknown!r}: choose recorded, auto, none or a profile")
