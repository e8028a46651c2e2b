"""Short made-up sessions for the tests of the window: every state, no pipeline needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from monitor.model.events import (
    Calibrated,
    Cause,
    Confidence,
    Event,
    Fault,
    FaultKind,
    Finding,
    Level,
    LiftOff,
    LiftOffStarted,
    Rep,
    RepMetrics,
    Rival,
    SetSummary,
)
from monitor.model.exercise import exercise
from monitor.model.samples import LOWER, UPPER, FloatArray, ImuBlock, PostureBlock, SensorInfo
from monitor.model.session import Delivery, LinkStatus, Output, SessionInfo, SourceItem
from monitor.pipeline.causes import CauseModel
from monitor.pipeline.sets import set_words
from monitor.pipeline.settings import PipelineSettings

RATE_HZ = 100.0
_BATCH = 10
_FIRST_S = 4.0
_PERIOD_S = 3.6
_WORK_S = 2.8
_ECCENTRIC_S = 1.6

Batch = tuple[tuple[SourceItem, ...], Output]


@dataclass(frozen=True, slots=True)
class Scene:
    """One session in a few numbers.

    Parameters
    ----------
    exercise
        Name of the exercise.
    peaks_deg
        Pelvic tilt at the turn of each repetition.
    flexion_deg
        Lumbar flexion at the turn of each repetition; None with one sensor.
    events
        What the engine says, beyond the repetitions.
    duration_s
        Length; after it nothing comes.
    """

    exercise: str
    peaks_deg: tuple[float, ...]
    flexion_deg: tuple[float, ...] | None = None
    events: tuple[Event, ...] = ()
    load_kg: float = 60.0
    duration_s: float = 30.0
    statuses: tuple[LinkStatus, ...] = ()
    calibrated: bool = True

    @property
    def info(self) -> SessionInfo:
        """Return the session's header."""
        names = (LOWER,) if self.flexion_deg is None else (LOWER, UPPER)
        sensors = tuple(SensorInfo(name, f"demo sensor {name}", "open", RATE_HZ) for name in names)
        return SessionInfo(exercise(self.exercise), sensors, loads_kg=(self.load_kg,))

    def batches(self) -> Iterator[Batch]:
        """Yield the session in order, ten rows at a time."""
        t_s = np.arange(round(self.duration_s * RATE_HZ)) / RATE_HZ
        rows = self._rows(t_s)
        waiting = sorted([*self._own_events(), *self.events], key=_decided)
        statuses = list(self.statuses)
        for start in range(0, len(t_s), _BATCH):
            part = slice(start, start + _BATCH)
            now_s = float(t_s[part][-1])
            due = tuple(e for e in waiting if _decided(e) <= now_s)
            waiting = waiting[len(due) :]
            said = tuple(s for s in statuses if s.time_s <= now_s)
            statuses = statuses[len(said) :]
            yield (*said, *self._deliveries(t_s[part])), Output(rows(part), due)

    def rep_times(self, index: int) -> tuple[float, float, float]:
        """Return start, turn and end of repetition `index`, counted from 1, in s."""
        start_s = _FIRST_S + (index - 1) * _PERIOD_S
        return start_s, start_s + _ECCENTRIC_S, start_s + _WORK_S

    def _deliveries(self, t_s: FloatArray) -> tuple[Delivery, ...]:
        still = np.zeros((len(t_s), 3))
        return tuple(Delivery(ImuBlock(t_s, still, still, s.name)) for s in self.info.sensors)

    def _rows(self, t_s: FloatArray) -> Callable[[slice], PostureBlock]:
        tilt = np.radians(self._curve(t_s, self.peaks_deg))
        unknown = np.full(len(t_s), np.nan)
        flexion = unknown if self.flexion_deg is None else np.radians(self._curve(t_s, self.flexion_deg))

        def part(rows: slice) -> PostureBlock:
            n = len(t_s[rows])
            return PostureBlock(
                t_s=t_s[rows],
                pelvic_tilt_rad=tilt[rows],
                pelvic_tilt_sigma_rad=np.full(n, math.radians(2.5)),
                side_tilt_rad=np.zeros(n),
                twist_rate_rads=np.zeros(n),
                lumbar_flexion_rad=flexion[rows],
                lumbar_flexion_sigma_rad=np.full(n, math.radians(4.0)),
                lower_up=np.tile([0.0, 0.0, 1.0], (n, 1)),
                upper_up=np.full((n, 3), np.nan),
                upper_tilt_rad=(tilt + flexion)[rows],
                present=np.ones(n, dtype=np.bool_),
            )

        return part

    def _curve(self, t_s: FloatArray, peaks_deg: tuple[float, ...]) -> FloatArray:
        angle = 0.6 * np.sin(0.9 * t_s) + 0.25 * np.sin(2.3 * t_s + 1)
        for index, peak in enumerate(peaks_deg, start=1):
            start_s, turn_s, end_s = self.rep_times(index)
            down = np.clip((t_s - start_s) / (turn_s - start_s), 0, 1)
            up = np.clip((t_s - turn_s) / (end_s - turn_s), 0, 1)
            angle = angle + peak * (_smooth(down) - _smooth(up))
        return angle

    def _own_events(self) -> Iterator[Event]:
        if self.calibrated:
            kind = "seat" if exercise(self.exercise).back_supported else "auto"
            yield Calibrated(kind, "good", 1.2)
        for index, peak_deg in enumerate(self.peaks_deg, start=1):
            start_s, turn_s, end_s = self.rep_times(index)
            if end_s + 0.2 > self.duration_s:
                return
            mine = tuple(e for e in self.events if isinstance(e, Fault) and start_s <= e.time_s < end_s)
            flexion = None if self.flexion_deg is None else math.radians(self.flexion_deg[index - 1])
            yield Rep(
                index, 1, start_s, turn_s, end_s, end_s + 0.2, _metrics(peak_deg, flexion, mine), faults=mine
            )


def _metrics(peak_deg: float, flexion_rad: float | None, faults: tuple[Fault, ...]) -> RepMetrics:
    tuck = next((f.value_rad for f in faults if f.kind is FaultKind.TUCK), None)
    return RepMetrics(
        tilt_range_rad=math.radians(abs(peak_deg) + 1.5),
        peak_tilt_rad=math.radians(peak_deg),
        lean_rad=math.radians(max(0.0, peak_deg)),
        tuck_rad=math.radians(4.0) if tuck is None else tuck,
        peak_flexion_rad=flexion_rad,
        flexion_sigma_rad=None if flexion_rad is None else math.radians(4.0),
        side_tilt_rad=math.radians(1.5),
        twist_rad=math.radians(2.0),
        smoothness_sparc=-1.8,
        depth_m=None,
        coverage=1.0,
    )


def _smooth(share: FloatArray) -> FloatArray:
    return share * share * (3 - 2 * share)


def _decided(event: Event) -> float:
    return event.time_s if not hasattr(event, "decided_s") else float(event.decided_s)


def _streaming(*sensors: str) -> tuple[LinkStatus, ...]:
    return tuple(LinkStatus(0.0, s, "streaming", "streaming", 0.82, -58.0) for s in sensors)


def leg_press_lift_off() -> Scene:
    """Return a seated set whose last repetitions roll off the pad, with the cause found."""
    peaks = (-5.2, -5.6, -4.9, -5.8, -6.3, -9.4, -13.1)
    turn_s = [_FIRST_S + i * _PERIOD_S + _ECCENTRIC_S for i in range(len(peaks))]
    rolled = math.radians(9.4)
    deep = math.radians(13.1)
    return Scene(
        "leg_press",
        peaks,
        events=(
            LiftOffStarted(turn_s[5] - 0.3, turn_s[5] - 0.1, rolled, 6, Level.CAUTION),
            LiftOff(turn_s[5] - 0.3, turn_s[5] + 0.3, turn_s[5] + 0.4, rolled, 6, Level.CAUTION),
            LiftOffStarted(turn_s[6] - 0.5, turn_s[6] - 0.3, math.radians(9.8), 7, Level.ALERT),
            LiftOff(turn_s[6] - 0.5, turn_s[6] + 0.4, turn_s[6] + 0.5, deep, 7, Level.ALERT),
            Finding(
                Cause.LACK_OF_SPINAL_SUPPORT,
                Confidence.MEDIUM,
                Level.ALERT,
                (6, 7),
                ("posterior tilt 13.1 deg past the seat reference at the turn of reps 6, 7",),
                "Your hips are rolling off the pad. Stop a little higher, keep your back flat.",
                turn_s[6],
                turn_s[6] + 0.45,
                (Rival(Cause.IMPROPER_FORM, Confidence.LOW),),
            ),
        ),
        load_kg=120,
        duration_s=turn_s[6] + 0.9,
        statuses=_streaming(LOWER),
    )


def squat_tuck() -> Scene:
    """Return a squat set of one sensor with tucks at the bottom and form as the cause."""
    peaks = (31.0, 33.0, 32.0, 34.0, 33.5, 32.0, 33.0)
    scene = Scene("squat", peaks)
    turns = [scene.rep_times(i)[1] for i in range(1, 8)]
    faults = [
        Fault(FaultKind.TUCK, Level.CAUTION, turns[2], turns[2] + 0.5, math.radians(11.0)),
        Fault(FaultKind.TUCK, Level.ALERT, turns[4], turns[4] + 0.5, math.radians(16.0)),
        Fault(FaultKind.TUCK, Level.ALERT, turns[5], turns[5] + 0.5, math.radians(17.0)),
    ]
    finding = Finding(
        Cause.IMPROPER_FORM,
        Confidence.MEDIUM,
        Level.ALERT,
        (3, 5, 6),
        ("hips tucked 11, 16 and 17 deg at the bottom of reps 3, 5, 6", "tempo loss 6 %: not the weight"),
        "Go only as deep as you can hold your arch.",
        turns[5],
        scene.rep_times(6)[2] + 0.2,
        (Rival(Cause.POOR_CORE_ENGAGEMENT, Confidence.LOW),),
    )
    return Scene(
        "squat", peaks, events=(*faults, finding), duration_s=turns[6] + 0.7, statuses=_streaming(LOWER)
    )


def deadlift_two_sensors() -> Scene:
    """Return a deadlift set with both sensors, under way: flexion is known, the cause not clear yet."""
    peaks = (58.0, 57.0, 60.0, 59.0, 61.0, 60.0, 60.0)
    flexions = (24.0, 25.0, 24.0, 27.0, 33.0, 34.0, 33.0)
    scene = Scene("deadlift", peaks, flexions)
    turns = [scene.rep_times(i)[1] for i in range(1, 8)]
    rounding = [
        Fault(FaultKind.ROUNDING, Level.CAUTION, turn, turn + 0.4, math.radians(size_deg))
        for turn, size_deg in zip(turns[4:], flexions[4:], strict=True)
    ]
    return Scene(
        "deadlift",
        peaks,
        flexions,
        events=tuple(rounding),
        load_kg=100,
        duration_s=turns[5] + 0.4,
        statuses=_streaming(LOWER, UPPER),
    )


def set_not_clear() -> Scene:
    """Return that set to its end, with what the pipeline's own cause model makes of it."""
    base = deadlift_two_sensors()
    whole = replace(base, duration_s=base.rep_times(7)[2] + 10.0)
    reps = [e for _, output in whole.batches() for e in output.events if isinstance(e, Rep)]
    model = CauseModel(PipelineSettings())
    found = [model.rep(rep, exercise("deadlift")) for rep in reps]
    over_s = reps[-1].end_s + 8.0
    unclear = model.undecided(over_s, 1)
    if unclear is None or any(found):
        raise AssertionError("this set is meant to end without a cause")
    numbers = tuple(rep.index for rep in reps)
    words = set_words(reps, exercise("deadlift"), base.load_kg, [unclear])
    summary = SetSummary(1, reps[0].start_s, reps[-1].end_s, over_s, numbers, "deadlift", base.load_kg, words)
    return replace(whole, events=(*base.events, unclear, summary))


def rest_after_set() -> Scene:
    """Return the rest after a squat set."""
    base = squat_tuck()
    end_s = base.rep_times(7)[2]
    summary = SetSummary(
        1,
        base.rep_times(1)[0],
        end_s,
        end_s + 8.0,
        tuple(range(1, 8)),
        "squat",
        60.0,
        "7 reps, hips tucked in reps 3, 5, 6; tempo held",
    )
    return Scene(
        "squat",
        base.peaks_deg,
        events=(*base.events, summary),
        duration_s=end_s + 34.0,
        statuses=_streaming(LOWER),
    )


def sensor_lost() -> Scene:
    """Return a set in which the sensor went silent."""
    base = squat_tuck()
    lost_s = base.rep_times(4)[1]
    return Scene(
        "squat",
        base.peaks_deg,
        events=base.events[:1],
        duration_s=lost_s,
        statuses=(
            *_streaming(LOWER),
            LinkStatus(
                lost_s - 0.05, LOWER, "lost", "no data for 2 s: keep the phone or computer within 5 m"
            ),
        ),
    )


def calibrating() -> Scene:
    """Return the first second: hold still."""
    return Scene("squat", (), duration_s=0.8, statuses=_streaming(LOWER), calibrated=False)


SCENES = {
    "calibration": calibrating,
    "lift_off": leg_press_lift_off,
    "tuck": squat_tuck,
    "not_clear": deadlift_two_sensors,
    "set_not_clear": set_not_clear,
    "sensor_lost": sensor_lost,
    "rest": rest_after_set,
}
"""Name of a picture to its session."""
