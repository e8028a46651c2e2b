"""The history page: one athlete's sessions of one exercise as charts with error bars. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gui.review.library_presenter import cause_words, exercise_words
from gui.words import MISSING, load_text, with_sign
from monitor.history import Bar, Point, Trend
from monitor.model.samples import FloatArray
from monitor.progression import remarks
from monitor.wording import capital, counted

COLUMNS = (
    "Date",
    "Load",
    "Sets",
    "Reps",
    "Flexion",
    "Range",
    "Lift-offs",
    "Speed",
    "Pain",
    "Signs",
    "Findings",
)
"""Signs: how many red flags were reported; the session names them."""


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One figure over the sessions; a session in which it is not known leaves a hole.

    Parameters
    ----------
    title, unit
        What is drawn.
    at
        (N,) places of the sessions, 0 the oldest.
    values, errors
        (N,) in the unit shown; an error of 0 is not drawn.
    """

    title: str
    unit: str
    at: FloatArray
    values: FloatArray
    errors: FloatArray


def trend_words(trend: Trend) -> str:
    """Return whose sessions of what, in words."""
    sessions = counted(len(trend.points), "session")
    return f"{exercise_words(trend.exercise)}, {trend.athlete}, {sessions}"


def date_ticks(points: Sequence[Point], most: int = 6) -> list[tuple[float, str]]:
    """Return ticks with the days of the sessions, thinned to what fits."""
    step = max(1, -(-len(points) // most))
    return [(float(at), _day(p)) for at, p in enumerate(points) if at % step == 0 or at == len(points) - 1]


def charts(trend: Trend) -> list[Chart]:
    """Return what is drawn of a trend; only what is known in some session."""
    points = trend.points
    flexion_known = any(p.flexion_share.known for p in points)
    flexion = (
        ("Largest flexion, of own range", "%", [_scaled(p.flexion_share, 100) for p in points])
        if flexion_known
        else ("Largest lumbar flexion", "°", [p.bar("peak_flexion_deg") for p in points])
    )
    made = [
        ("Heaviest load", "kg", [_bar(p.load_kg) for p in points]),
        ("Repetitions", "", [_bar(p.reps) for p in points]),
        flexion,
        ("Range of pelvic tilt", "°", [p.bar("tilt_range_deg") for p in points]),
        ("Repetitions with a lift-off", "%", [_scaled(p.lift_off_share, 100) for p in points]),
        ("Change of speed within sets", "%", [_scaled(p.speed, 100) for p in points]),
        ("Pain as told, 0 to 10", "", [_bar(p.pain) for p in points]),
    ]
    return [_chart(title, unit, bars) for title, unit, bars in made if any(bar.known for bar in bars)]


def advice(trend: Trend) -> list[str]:
    """Return what the trend suggests; a plain word where it suggests nothing."""
    said = remarks(trend.points)
    if said:
        return [f"{capital(with_sign(text))}." for text in said]
    return ["Nothing stands out beyond the measurement's error."]


def rows(trend: Trend) -> list[tuple[str, ...]]:
    """Return the sessions, newest first, in the order of `COLUMNS`."""
    return [
        (
            _day(p, year=True),
            load_text(p.load_kg),
            str(p.sets),
            str(p.reps),
            _text(p.bar("peak_flexion_deg"), "°"),
            _text(p.bar("tilt_range_deg"), "°"),
            _text(_scaled(p.lift_off_share, 100), " %"),
            _text(_scaled(p.speed, 100), " %"),
            MISSING if p.pain is None else f"{p.pain:g}",
            str(len(p.red_flags)) if p.red_flags else MISSING,
            ", ".join(cause_words(c).lower() for c in p.causes) or "none",
        )
        for p in reversed(trend.points)
    ]


def _chart(title: str, unit: str, bars: Sequence[Bar]) -> Chart:
    values = np.array([bar.value for bar in bars], dtype=np.float64)
    errors = np.nan_to_num(np.array([bar.error for bar in bars], dtype=np.float64))
    return Chart(title, unit, np.arange(len(bars), dtype=np.float64), values, errors)


def _bar(value: float | None) -> Bar:
    return Bar() if value is None else Bar(float(value), 0.0)


def _scaled(bar: Bar, by: float) -> Bar:
    return Bar(bar.value * by, bar.error * by)


def _text(bar: Bar, unit: str) -> str:
    if not bar.known:
        return MISSING
    error = f" ± {bar.error:.0f}" if np.isfinite(bar.error) and round(bar.error) else ""
    return f"{bar.value:.0f}{error}{unit}".replace("-", "\u2212")


def _day(point: Point, *, year: bool = False) -> str:
    try:
        when = datetime.fromisoformat(point.started_at)
    except ValueError:
        return point.session if year else "?"
    return f"{when.day} {when:%b %Y}" if year else f"{when.day} {when:%b}"
