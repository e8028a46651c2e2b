"""What the trend of an exercise suggests: the next load, and a range that became smaller."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import Any, Final

from monitor.certainty import FIGURES, Change, change
from monitor.history import Bar, Point, Trend
from monitor.model.red_flag import flag_words

Json = dict[str, Any]

SCHEMA: Final = "lumbar.history/1"
_JUMP: Final = 0.10
"""Loads are best raised by 2 to 10 % at a time (ACSM position stand 2009, Med Sci Sports Exerc 41:687)."""
_CLEAN_SESSIONS: Final = 2
_SAID: Final = {"underlying_condition": "pain or another sign reported"}
_PAIN: Final = 4
_STOP: Final = 6
"""0 to 3 of 10 is gone on with, 4 and 5 if it settles within a day; 6 and more is a reason to stop."""
_RANGES: Final = ("tilt_range_deg", "peak_flexion_deg")
_SIDE: Final = "side_tilt_deg"


def remarks(points: Sequence[Point]) -> list[str]:
    """Return what one athlete's sessions of one exercise suggest, often nothing.

    Parameters
    ----------
    points
        Oldest first.
    """
    if not points:
        return []
    supported = _supported(points)
    made = [*_range(points, besides=supported), *_load(points)]
    borne_out = f", and on 2 days {'; '.join(supported.values())}" if supported else ""
    flags = points[-1].red_flags
    pain = points[-1].pain or 0
    if flags:
        signs = " and ".join(map(flag_words, flags))
        was = f"{signs} {'was' if len(flags) == 1 else 'were'} reported last time"
        return [f"{was}{borne_out}: see a health professional before the next session", *made]
    if borne_out:
        made.insert(0, f"{_said(points[-2:])}{borne_out}")
    if pain >= _STOP:
        made.append(f"pain {pain:g} of 10 was said last time: see a health professional if it lasts")
    elif pain >= _PAIN:
        made.append(f"pain {pain:g} of 10 was said last time: ease off and see if it settles within a day")
    return made


def _said(points: Sequence[Point]) -> str:
    """Return what was reported in some sessions: every red flag once, and the most pain."""
    told = [flag_words(flag) for flag in dict.fromkeys(f for p in points for f in p.red_flags)]
    pain = max(p.pain or 0 for p in points)
    if pain >= _PAIN:
        told.append(f"pain {pain:g} of 10")
    return f"you reported {' and '.join(told)}" if told else ""


def _supported(points: Sequence[Point]) -> dict[str, str]:
    """Return which movements bear a report out: less range, or leaning to one side, on two days running.

    Movement alone says nothing of the kind: without a report it is empty.
    """
    if len(points) < 3 or not _said(points[-2:]) or len({p.started_at[:10] for p in points[-2:]}) < 2:
        return {}
    made = {}
    for key in (*_RANGES, _SIDE):
        known = [p for p in points[:-2] if p.figures[key].count and p.sensors == points[-1].sensors]
        if not known or any(p.sensors != known[-1].sensors or not p.figures[key].count for p in points[-2:]):
            continue
        usual = known[-1]
        found = [_change(key, usual, p) for p in points[-2:]]
        further = all(f.real and (abs(f.after.mean) > abs(f.before.mean)) is (key == _SIDE) for f in found)
        if not further or found[0].delta * found[1].delta < 0:
            continue
        one, two = (abs(f.after.mean) for f in found)
        least = max(f.least for f in found)
        what = "you leaned further to one side" if key == _SIDE else "range was lower"
        made[key] = (
            f"{what}: {found[0].figure.words} {one:.0f} and {two:.0f} deg after "
            f"{abs(found[0].before.mean):.0f} deg (a change counts from {least:.0f} deg)"
        )
    return made


def _change(key: str, before: Point, after: Point) -> Change:
    return change(FIGURES[key], before.figures[key], after.figures[key], after.exercise, same_wearing=False)


def _range(points: Sequence[Point], besides: Container[str]) -> list[str]:
    """Return which ranges are lower than last time, those in `besides` left out."""
    made = []
    for key in _RANGES:
        if key in besides:
            continue
        known = [p for p in points if p.figures[key].count]
        if len(known) < 2 or known[-1] is not points[-1]:
            continue
        then, now = known[-2], known[-1]
        if then.sensors != now.sensors:
            continue  # one sensor and two do not measure the same flexion
        found = _change(key, then, now)
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
            jump = f"load went from {last:g} to {held:g} kg ({100 * (held / last - 1):+.0f} %)"
            return [f"{jump} and this session had findings ({said}): raise it by up to 10 % at a time"]
    if "too_much_weight" in now.causes:
        return [f"this session pointed to the weight: about {_plate(0.9 * held):g} kg next time is 10 % less"]
    recent = loaded[-_CLEAN_SESSIONS:]
    clean = len(recent) == _CLEAN_SESSIONS and not any(p.causes or _said([p]) for p in recent)
    more = _plate((1 + _JUMP) * held)
    if clean and more > held and all((p.load_kg or 0.0) >= held for p in recent):
        clear = f"nothing stood out in the last {_CLEAN_SESSIONS} sessions at {held:g} kg"
        return [f"{clear}: {more:g} kg would be a step of {100 * (more / held - 1):.0f} %"]
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
        "red_flags": list(point.red_flags),
        "causes": list(point.causes),
    }


def _bar_json(bar: Bar) -> Json | None:
    if not bar.known:
        return None
    return {"value": bar.value, "error": bar.error if math.isfinite(bar.error) else None}
