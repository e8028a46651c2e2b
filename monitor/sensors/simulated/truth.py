"""What really happened in a simulated session, measured on the motion itself.

Every repetition runs from its rest pose to its rest pose: squat, lunge, rdl and deadlift from
standing to standing (the bar comes from a rack and goes back to it), leg press and hack squat
from legs extended to legs extended, leg curl and leg extension from the hanging or straight leg
back to it, hip thrust from the bottom to the bottom. The turn is the other end of the movement;
where it is held, `turn_s` is the middle of the hold.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from monitor.model.samples import FloatArray
from monitor.sensors.simulated.exercises import FORM_FAULTS
from monitor.sensors.simulated.script import DoneRep, DoneSet, Script

ALERT_DEG = 12.0
CAUTION_DEG = 8.0
_HELD_S = 0.2
_HYSTERESIS_DEG = 5.0
"""An excursion is one until it has come back by so much."""
_GRID_HZ = 100.0
_AROUND = 15
"""Rows before and after the hold that belong to the turn."""


@dataclass(frozen=True, slots=True)
class TrueRep:
    """One repetition; angles in deg from the reference of its set."""

    index: int
    set: int
    start_s: float
    turn_s: float
    end_s: float
    bottom_start_s: float
    bottom_end_s: float
    tilt_range_deg: float
    tuck_deg: float
    peak_flexion_deg: float
    side_tilt_deg: float
    causes: tuple[str, ...]
    twist_deg: float
    peak_extension_deg: float
    hips_first_deg: float | None
    hips_first_pelvis_deg: float | None
    """How much further forward trunk and pelvis tip a third of the way up than they did before the hips
    rose; None in exercises where they need not rise together."""


@dataclass(frozen=True, slots=True)
class TrueLiftOff:
    """Pelvis rolled past a level, [start_s, end_s)."""

    start_s: float
    end_s: float
    peak_deg: float
    rep: int


@dataclass(frozen=True, slots=True)
class TrueReference:
    """The still time angles count from, and the absolute pelvic tilt it held."""

    start_s: float
    end_s: float
    tilt_deg: float


@dataclass(frozen=True, slots=True)
class TrueSet:
    """One set [start_s, end_s)."""

    index: int
    exercise: str
    start_s: float
    end_s: float
    reference: TrueReference
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AngleSeries:
    """The true angles at 100 Hz, (N,) each, from the reference in force."""

    t_s: FloatArray
    pelvic_tilt_deg: FloatArray
    lumbar_flexion_deg: FloatArray


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of a session: seconds of session time, degrees."""

    exercise: str
    seed: int
    cause: str | None
    fault: str | None
    """What alone the cause was to show as, if that was asked."""
    duration_s: float
    neutral: TrueReference
    calibrate_until_s: float | None
    sets: tuple[TrueSet, ...]
    reps: tuple[TrueRep, ...]
    lift_offs: tuple[TrueLiftOff, ...]
    lift_offs_caution: tuple[TrueLiftOff, ...]
    angles: AngleSeries

    def to_json(self) -> dict[str, Any]:
        """Return everything but the series as a JSON object."""
        rows = {name: getattr(self, name) for name in ("sets", "reps", "lift_offs", "lift_offs_caution")}
        return {
            "schema": "lumbar.truth/1",
            "exercise": self.exercise,
            "seed": self.seed,
            "cause": self.cause,
            "fault": self.fault,
            "duration_s": _rounded(self.duration_s),
            "neutral": _rounded(asdict(self.neutral)),
            "calibrate_until_s": _rounded(self.calibrate_until_s),
            **{name: [_rounded(asdict(row)) for row in made] for name, made in rows.items()},
        }


def _rounded(value: Any) -> Any:
    # A tenth of a millisecond and of a thousandth of a degree: readable, and alike on any machine.
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {key: _rounded(inner) for key, inner in value.items()}
        case tuple():
            return [_rounded(inner) for inner in value]
    return value


class _Motion(NamedTuple):
    """What the body did at 100 Hz, (N,) each: deg from the reference in force, height of the sacrum in m."""

    t_s: FloatArray
    pelvic: FloatArray
    lumbar: FloatArray
    side: FloatArray
    twist: FloatArray
    height: FloatArray


def write_down(
    script: Script,
    exercise: str,
    seed: int,
    cause: str | None,
    calibrate_until_s: float | None,
    fault: str | None = None,
) -> Truth:
    """Measure what `script` performed."""
    body, t_s = script.body, np.arange(0.0, script.now_s, 1 / _GRID_HZ)
    tilt, flexion = np.degrees(body.tilt(t_s)), np.degrees(body.flexion(t_s))
    neutral = _reference(t_s, tilt, (0.2, 1.2))
    pelvic, lumbar = tilt - neutral.tilt_deg, flexion - _mean(t_s, flexion, (0.2, 1.2))
    # Leaning to a side is told by gravity: bent forward, turning about the own long axis is part of it.
    side = np.degrees(np.arcsin(np.cos(body.tilt(t_s)) * np.sin(body.side(t_s))))
    twist = np.degrees(body.twist(t_s))
    motion = _Motion(t_s, pelvic, lumbar, side, twist, body.z(t_s))
    sets: list[TrueSet] = []
    reps: list[TrueRep] = []
    alert: list[TrueLiftOff] = []
    caution: list[TrueLiftOff] = []
    for number, done in enumerate(script.sets, start=1):
        reference = neutral
        if done.move.on_pad:
            reference = _reference(t_s, tilt, done.reference_s)
            since = t_s >= reference.end_s
            pelvic[since] = tilt[since] - reference.tilt_deg
            lumbar[since] = flexion[since] - _mean(t_s, flexion, done.reference_s)
        made = [
            _true_rep(rep, len(reps) + i, number, done.exercise, motion)
            for i, rep in enumerate(done.reps, start=1)
        ]
        if done.move.on_pad:
            alert += _lift_offs(done, t_s, pelvic, ALERT_DEG, len(reps))
            caution += _lift_offs(done, t_s, pelvic, CAUTION_DEG, len(reps))
        causes = tuple(sorted({c for rep in made for c in rep.causes}))
        sets.append(TrueSet(number, done.exercise, made[0].start_s, made[-1].end_s, reference, causes))
        reps += made
    return Truth(
        exercise=exercise,
        seed=seed,
        cause=cause,
        fault=fault,
        duration_s=script.now_s,
        neutral=neutral,
        calibrate_until_s=calibrate_until_s,
        sets=tuple(sets),
        reps=tuple(reps),
        lift_offs=tuple(alert),
        lift_offs_caution=tuple(caution),
        angles=AngleSeries(t_s, pelvic, lumbar),
    )


def _mean(t_s: FloatArray, values: FloatArray, span: tuple[float, float]) -> float:
    first, last = np.searchsorted(t_s, span)
    return float(np.mean(values[first:last]))


def _reference(t_s: FloatArray, tilt: FloatArray, span: tuple[float, float]) -> TrueReference:
    return TrueReference(*span, _mean(t_s, tilt, span))


def _true_rep(rep: DoneRep, index: int, number: int, exercise: str, motion: _Motion) -> TrueRep:
    borders = (rep.start_s, rep.bottom_start_s, rep.bottom_end_s, rep.end_s)
    first, there, back, last = np.searchsorted(motion.t_s, borders).tolist()
    pelvic, lumbar = motion.pelvic, motion.lumbar
    # Largest forward tilt on the way there against the least around the turn.
    peak = first + int(np.argmax(pelvic[first : there + 1]))
    around = slice(max(peak, there - _AROUND), back + _AROUND)
    tuck = float(max(0.0, pelvic[peak] - np.min(pelvic[around]))) if rep.plan.tilt_deg > 0 else 0.0
    bent = lumbar[first:last]
    together = exercise in FORM_FAULTS["hips_first"]
    trunk_late = _tipped(pelvic + lumbar, motion.height, first, back, last) if together else None
    return TrueRep(
        index=index,
        set=number,
        start_s=rep.start_s,
        turn_s=(rep.bottom_start_s + rep.bottom_end_s) / 2,
        end_s=rep.end_s,
        bottom_start_s=rep.bottom_start_s,
        bottom_end_s=rep.bottom_end_s,
        tilt_range_deg=float(np.ptp(pelvic[first:last])),
        tuck_deg=tuck,
        peak_flexion_deg=float(bent[np.argmax(np.abs(bent))]),
        side_tilt_deg=_largest(motion.side[first:last]),
        causes=rep.plan.causes,
        twist_deg=_largest(motion.twist[first:last]),
        peak_extension_deg=-float(np.min(bent)),
        hips_first_deg=trunk_late,
        hips_first_pelvis_deg=_tipped(pelvic, motion.height, first, back, last) if together else None,
    )


def _largest(values: FloatArray) -> float:
    """Return the largest deviation from the first value, with its sign."""
    deviation = values - values[0]
    return float(deviation[np.argmax(np.abs(deviation))])


def _tipped(tilt: FloatArray, height: FloatArray, first: int, back: int, last: int) -> float:
    """Return how much further forward than ever before `tilt` is once the sacrum is up by a third."""
    third = height[back] + (height[last - 1] - height[back]) / 3
    risen = back + int(np.argmax(height[back:last] >= third))
    return float(tilt[risen] - np.max(tilt[first : back + 1]))


def _lift_offs(
    done: DoneSet, t_s: FloatArray, pelvic: FloatArray, level_deg: float, before: int
) -> list[TrueLiftOff]:
    """Return the excursions past `level_deg` posterior that are held for `_HELD_S`."""
    first, last = np.searchsorted(t_s, (done.reps[0].start_s, done.reps[-1].end_s))
    past = -pelvic[first:last]
    found = []
    for start, stop in _excursions(past, level_deg):
        over = np.flatnonzero(past[start:stop] >= level_deg) + start
        if (over[-1] + 1 - over[0]) / _GRID_HZ < _HELD_S:
            continue
        start_s, end_s = float(t_s[first + over[0]]), float(t_s[first + over[-1]]) + 1 / _GRID_HZ
        rep = sum(r.start_s <= start_s for r in done.reps)
        found.append(TrueLiftOff(start_s, end_s, float(np.max(past[start:stop])), before + rep))
    return found


def _excursions(past: FloatArray, level_deg: float) -> list[tuple[int, int]]:
    """Return the row spans from crossing `level_deg` until coming back by the hysteresis."""
    spans, start = [], None
    for row, value in enumerate(past):
        if start is None and value >= level_deg:
            start = row
        elif start is not None and value < level_deg - _HYSTERESIS_DEG:
            spans.append((start, row))
            start = None
    return spans if start is None else [*spans, (start, len(past))]


def series_csv(angles: AngleSeries) -> str:
    """Return the true angles as CSV text with one header line."""
    rows = zip(
        angles.t_s.tolist(), angles.pelvic_tilt_deg.tolist(), angles.lumbar_flexion_deg.tolist(), strict=True
    )
    lines = [f"{t:.2f},{tilt:.4f},{bend:.4f}" for t, tilt, bend in rows]
    return "\n".join(("t_s,pelvic_tilt_deg,lumbar_flexion_deg", *lines, ""))
