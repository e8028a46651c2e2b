"""A whole session at once: what `lumbar analyze` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np

from monitor.engine import Engine, EngineOptions
from monitor.model.as_json import Json, event_json
from monitor.model.events import (
    Alert,
    Calibrated,
    Cause,
    Event,
    Finding,
    Gap,
    LiftOff,
    Notice,
    Rep,
    SetSummary,
)
from monitor.model.red_flag import RedFlag, in_order
from monitor.model.samples import LOWER, UPPER, FloatArray, ImuBlock, PostureBlock, join_posture
from monitor.model.session import Annotation, Delivery, Output, SampleSource, SessionInfo, SourceItem
from monitor.recording.reader import Recording

SCHEMA: Final = "lumbar.analysis/1"
_TOGETHER_S: Final = 10.0
"""Samples are handed on in stretches of this length: a bar can move, and Python's share stays small."""

_E = TypeVar("_E")


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What became of a session.

    Parameters
    ----------
    info
        Its header.
    events
        Everything that happened, in order of decision.
    posture
        Rows of the 100 Hz grid.
    sample_times_s
        (N,) times of the lower sensor's samples in s.
    samples, lost_samples
        Of all sensors.
    warnings
        What the source left out.
    """

    info: SessionInfo
    events: tuple[Event, ...]
    posture: PostureBlock
    sample_times_s: FloatArray
    samples: int
    lost_samples: int
    warnings: tuple[str, ...] = ()

    def of(self, kind: type[_E]) -> list[_E]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def findings(self) -> list[Finding]:
        """The last word on each cause of each set."""
        last: dict[tuple[int, Cause], Finding] = {}
        for finding in self.of(Finding):
            last[finding.set_index, finding.cause] = finding
        return list(last.values())


@dataclass(slots=True)
class _Stretch:
    """Deliveries of some seconds, laid together sensor by sensor."""

    blocks: dict[str, list[ImuBlock]] = field(default_factory=dict)

    def items(self) -> list[SourceItem]:
        return [Delivery(_joined(blocks)) for blocks in self.blocks.values()]


def analyze(
    source: SampleSource,
    options: EngineOptions | None = None,
    *,
    warnings: Sequence[str] = (),
    pain: float | None = None,
    red_flags: Sequence[RedFlag] = (),
    progress: Callable[[float], None] | None = None,
) -> Analysis:
    """Run the pipeline over everything `source` holds.

    Parameters
    ----------
    source
        A file, a recording or a simulation.
    options
        How it is judged.
    warnings
        What was already said of the source; handed on.
    pain
        What the lifter reported after the session, 0 to 10; None if nothing.
    red_flags
        Signs the lifter reported after the session.
    progress
        Called with the session time reached, in s.
    """
    engine = Engine(source.info, options)
    outputs: list[Output] = []
    times: list[FloatArray] = []
    for stretch in _stretches(source):
        delivered = [item.block for item in stretch if isinstance(item, Delivery)]
        times.extend(block.t_s for block in delivered if block.sensor == LOWER)
        outputs.append(engine.feed(stretch))
        if progress is not None and times and len(times[-1]):
            progress(float(times[-1][-1]))
    end_s = float(times[-1][-1]) if times and len(times[-1]) else 0.0
    said = [Annotation(end_s, "red_flag", flag.value) for flag in in_order(red_flags)]
    if pain is not None:
        said.append(Annotation(end_s, "pain", pain))
    outputs.append(engine.feed(said))
    outputs.append(engine.finish())
    return Analysis(
        info=source.info,
        events=tuple(event for output in outputs for event in output.events),
        posture=join_posture([o.posture for o in outputs if len(o.posture)]),
        sample_times_s=np.concatenate(times) if times else np.empty(0),
        samples=engine.samples,
        lost_samples=engine.lost_samples,
        warnings=(*warnings, *_uncounted(source.info), *_all_opening(options, end_s)),
    )


def _uncounted(info: SessionInfo) -> list[str]:
    """Return what is to be said of sensors whose losses do not show."""
    return [
        f"{s.name} sensor: losses not counted, it sends neither time nor numbers"
        for s in info.sensors
        if not s.loss_counted
    ]


def _all_opening(options: EngineOptions | None, end_s: float) -> list[str]:
    """Return what is to be said where nothing is left after the opening that is a calibration."""
    until_s = None if options is None else options.calibrate_until_s
    if until_s is None or until_s < end_s:
        return []
    return [
        f"the calibration was to last until {until_s:g} s, the session ends at {end_s:.1f} s: nothing counts"
    ]


def _stretches(source: SampleSource) -> Iterator[list[SourceItem]]:
    """Yield the items in stretches; samples are laid together, annotations keep their place."""
    match source:
        case _Headed():
            yield from ([i for i in stretch if source.keeps(i)] for stretch in _stretches(source.source))
        case Recording():
            yield from source.stretches(_TOGETHER_S)
        case _:
            yield from _gathered(source.items())


def _gathered(items: Iterator[SourceItem]) -> Iterator[list[SourceItem]]:
    now = _Stretch()
    begun_s: float | None = None
    for item in items:
        if isinstance(item, Annotation):
            yield [*now.items(), item]
            now, begun_s = _Stretch(), None
        elif isinstance(item, Delivery) and len(item.block):
            begun_s = float(item.block.t_s[0]) if begun_s is None else begun_s
            now.blocks.setdefault(item.block.sensor, []).append(item.block)
            if item.block.t_s[-1] - begun_s >= _TOGETHER_S:
                yield now.items()
                now, begun_s = _Stretch(), None
    yield now.items()


def _joined(blocks: list[ImuBlock]) -> ImuBlock:
    if len(blocks) == 1:
        return blocks[0]
    return ImuBlock(
        np.concatenate([b.t_s for b in blocks]),
        np.concatenate([b.acc_ms2 for b in blocks]),
        np.concatenate([b.gyr_rads for b in blocks]),
        blocks[0].sensor,
        sum(b.lost_before for b in blocks),
    )


def analysis_json(analysis: Analysis) -> Json:
    """Return the analysis as the public JSON ``lumbar.analysis/1``."""
    times = analysis.sample_times_s
    calibrations = [event_json(event) for event in analysis.of(Calibrated)]
    calibration = calibrations[-1] if calibrations else {"kind": "none", "quality": "none"}
    if calibrations:
        # A new seat reference moves the matrices, the axis stays that of the first calibration.
        calibration = {**calibration, "kind": calibrations[0]["kind"], "quality": calibrations[0]["quality"]}
    return {
        "schema": SCHEMA,
        "exercise": analysis.info.exercise.name,
        "sets": [event_json(event) for event in analysis.of(SetSummary)],
        "sensors": [sensor.name for sensor in analysis.info.sensors],
        "calibration": calibration,
        "duration_s": float(times[-1] - times[0]) if len(times) else 0.0,
        "samples": analysis.samples,
        "lost_samples": analysis.lost_samples,
        "gaps": [event_json(event) for event in analysis.of(Gap)],
        "reps": [event_json(event) for event in analysis.of(Rep)],
        "lift_offs": [event_json(event) for event in analysis.of(LiftOff)],
        "findings": [event_json(finding) for finding in analysis.findings],
        "alerts": [event_json(event) for event in analysis.of(Alert)],
        "notes": [*analysis.warnings, *(notice.text for notice in analysis.of(Notice))],
    }


def angle_table(analysis: Analysis) -> tuple[list[str], FloatArray]:
    """Return the columns of ``--angles`` and their rows, one a lower sample; NaN is unknown."""
    p, t = analysis.posture, analysis.sample_times_s
    names = [
        "t_s",
        "pelvic_tilt_deg",
        "side_tilt_deg",
        "lumbar_flexion_deg",
        "lumbar_flexion_sigma_deg",
        "lower_up_x",
        "lower_up_y",
        "lower_up_z",
    ]
    angles = [p.pelvic_tilt_rad, p.side_tilt_rad, p.lumbar_flexion_rad, p.lumbar_flexion_sigma_rad]
    columns = [np.degrees(_at(t, p.t_s, a)) for a in angles] + list(_directions_at(t, p.t_s, p.lower_up).T)
    if UPPER in [sensor.name for sensor in analysis.info.sensors]:
        names += ["upper_tilt_deg", "upper_up_x", "upper_up_y", "upper_up_z"]
        columns.append(np.degrees(_at(t, p.t_s, p.upper_tilt_rad)))
        columns += list(_directions_at(t, p.t_s, p.upper_up).T)
    return names, np.column_stack([t, *columns])


def _at(t_s: FloatArray, grid_s: FloatArray, values: FloatArray) -> FloatArray:
    return np.interp(t_s, grid_s, values) if len(grid_s) else np.full(len(t_s), np.nan)


def _directions_at(t_s: FloatArray, grid_s: FloatArray, vectors: FloatArray) -> FloatArray:
    made = np.stack([_at(t_s, grid_s, vectors[:, i]) for i in range(3)], axis=1)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def with_header(source: SampleSource, info: SessionInfo) -> SampleSource:
    """Return `source` under another header: what is said of it now overrides the file.

    Other loads also override those that were said during the session.
    """
    return _Headed(source, info)


@dataclass(frozen=True, slots=True)
class _Headed:
    source: SampleSource
    info: SessionInfo

    def items(self) -> Iterator[SourceItem]:
        return (item for item in self.source.items() if self.keeps(item))

    def keeps(self, item: SourceItem) -> bool:
        """Return whether what the source says still holds under this header."""
        said_load = isinstance(item, Annotation) and item.kind == "load_kg"
        return not said_load or self.info.loads_kg == self.source.info.loads_kg
