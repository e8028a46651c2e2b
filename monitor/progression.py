"""What the trend of an exercise suggests: the next load, and a range that became smaller."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from monitor.certainty import FIGURES, change
from monitor.history import Bar, Point, Trend

Json = dict[str, Any]

SCHEMA: Final = "lumbar.history/1"
_JUMP: Final = 0.10
"""Loads are best raised by 2 to 10 % at a time (ACSM position stand 2009, Med Sci Sports Exerc 41:687)."""
_CLEAN_SESSIONS: Final = 2
_SAID: Final = {"underlying_condition": "pain reported"}
_PAIN: Final = 4
_STOP: Final = 6
"""0 to 3 of 10 is gone on with, 4 and 5 if it settles within a day; 6 and more is a reason to stop."""


def remarks(points: Sequence[Point]) -> list[str]:
    """Return what one athlete's sessions of one exercise suggest, often nothing.

    Parameters
    ----------
    points
        Oldest first.
    """
    if not points:
        return []
    made = [*_range(points), *_load(points)]
    pain = points[-1].pain or 0
    if pain >= _STOP:
        made.append(f"pain {pain:g} of 10 was said last time: see a health professional if it lasts")
    elif pain >= _PAIN:
        made.append(f"pain {pain:g} of 10 was said last time: ease off and see if it settles within a day")
    return made


def _range(points: Sequence[Point]) -> list[str]:
    made = []
    for key in ("tilt_range_deg", "peak_flexion_deg"):
        known = [p for p in points if p.figures[key].count]
        if len(known) < 2 or known[-1] is not points[-1]:
            continue
        then, now = known[-2], known[-1]
        if then.sensors != now.sensors:
            continue  # one sensor and two do not measure the same flexion
        found = change(FIGURES[key], then.figures[key], now.figures[key], now.exercise, same_wearing=False)
        if found.real and found.delta < 0:
            made.append(
                f"range lower than last time: {found.figure.words} {now.figures[key].mean:.0f} deg after "
                f"{then.figures[key].mean:.0f} deg (a change counts from {found.least:.0f} deg)"
            )
    return made


def _load(points: Sequence[Point]) -> list[str]:
    loaded = [p for p in points if p.load_kg]
    if not loaded or loaded[-1] is not points[-1]:
        return []
    now, before = loaded[-1], loaded[:-1]
    held = now.load_kg or 0.0
    said = ", ".join(_SAID.get(cause, cause.replace("_", " ")) for cause in now.causes)
    if before and now.causes:
        last = before[-1].load_kg or 0.0
        if held > (1 + _JUMP) * last:
            jump = f"load went from {last:g} to {held:g} kg ({held / last - 1:+.0%})"
            return [f"{jump} and this session had findings ({said}): raise it by up to 10 % at a time"]
    if "too_much_weight" in now.causes:
        return [f"this session pointed to the weight: about {_plate(0.9 * held):g} kg next time is 10 % less"]
    recent = loaded[-_CLEAN_SESSIONS:]
    clean = len(recent) == _CLEAN_SESSIONS and not any(p.causes or (p.pain or 0) >= _PAIN for p in recent)
    more = _plate((1 + _JUMP) * held)
    if clean and more > held and all((p.load_kg or 0.0) >= held for p in recent):
        clear = f"nothing stood out in the last {_CLEAN_SESSIONS} sessions at {held:g} kg"
        return [f"{clear}: {more:g} kg would be a step of {more / held - 1:.0%}"]
    return []


def _plate(load_kg: float) -> float:
    """Return the load below that plates of 1.25 kg a side make."""
    return math.floor(load_kg / 2.5 + 1e-9) * 2.5


def history_json(made: Sequence[Trend]) -> Json:
    """Return trends as the public JSON ``lumbar.history/1``; null is unknown."""
    return {
        "schema": SCHEMA,
        "trends": [
            {
                "athlete": trend.athlete,
                "exercise": trend.exercise,
                "sessions": [_point_json(point) for point in trend.points],
                "remarks": remarks(trend.points),
            }
            for trend in made
        ],
    }


def _point_json(point: Point) -> Json:
    bars = {key: point.bar(key) for key in FIGURES}
    bars |= {
        "peak_flexion_share": point.flexion_share,
        "lift_off_share": point.lift_off_share,
        "tempo_loss": point.tempo_loss,
    }
    return {
        "session": point.session,
        "started_at": point.started_at,
        "sensors": point.sensors,
        "sets": point.sets,
        "reps": point.reps,
        "load_kg": point.load_kg,
        "volume_kg": point.volume_kg,
        **{key: _bar_json(bar) for key, bar in bars.items()},
        "own_flexion_deg": point.own_flexion_deg,
        "pain": point.pain,
        "causes": list(point.causes),
    }


def _bar_json(bar: Bar) -> Json | None:
    if not bar.known:
        return None
    return {"value": bar.value, "error": bar.error if math.isfinite(bar.error) else None}
