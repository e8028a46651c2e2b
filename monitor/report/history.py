"""How the report shows the sessions before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from monitor.history import Bar, Point, Trend
from monitor.model.exercise import EXERCISES, exercise
from monitor.progression import remarks
from monitor.report import charts
from monitor.report.words import sentence
from monitor.reviewed import Reviewed
from monitor.wording import capital

_MOST_SESSIONS: Final = 24
"""More points than this in one small chart run together."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One exercise over the sessions."""

    title: str
    charts: tuple[Markup, ...]
    remarks: tuple[str, ...]


def history_pages(sessions: Sequence[Reviewed], history: Sequence[Trend]) -> list[HistoryPage]:
    """Return the history of what was done in `sessions`, up to the last of them."""
    done = {(s.info.athlete, e["exercise"]) for s in sessions for e in s.of("set")}
    until = max((s.info.started_at for s in sessions), default="")
    made = []
    for trend in history:
        known = tuple(p for p in trend.points if p.started_at <= until)[-_MOST_SESSIONS:]
        if (trend.athlete, trend.exercise) in done and len(known) > 1:
            made.append(_page(replace(trend, points=known)))
    return made


def _page(trend: Trend) -> HistoryPage:
    points = trend.points
    dates = [p.started_at[:10] for p in points]
    drawn: list[tuple[str, list[Bar], float | None]] = [
        ("Heaviest load, kg", [Bar(p.load_kg) if p.load_kg is not None else Bar() for p in points], None),
        ("Pelvic tilt range, °", [p.bar("tilt_range_deg") for p in points], 0.0),
        _flexion(points),
        _third(trend),
        ("Pain said, 0 to 10", [Bar(p.pain) if p.pain is not None else Bar() for p in points], 0.0),
    ]
    return HistoryPage(
        title=capital(str(exercise(trend.exercise))),
        charts=tuple(
            Markup(charts.trend(title, bars, dates, floor=floor))  # noqa: S704  made of numbers and our own words
            for title, bars, floor in drawn
            if sum(bar.known for bar in bars) > 1
        )[:4],
        remarks=tuple(sentence(line) for line in remarks(points)),
    )


def _flexion(points: Sequence[Point]) -> tuple[str, list[Bar], float | None]:
    shares = [_percent(p.flexion_share) for p in points]
    if any(bar.known for bar in shares):
        return "Largest flexion, % of own", shares, 0.0
    return "Largest flexion, °", [p.bar("peak_flexion_deg") for p in points], None


def _third(trend: Trend) -> tuple[str, list[Bar], float | None]:
    if trend.exercise in EXERCISES and EXERCISES[trend.exercise].back_supported:
        return "Repetitions with lift-off, %", [_percent(p.lift_off_share) for p in trend.points], 0.0
    return "Change of speed in sets, %", [_percent(p.speed) for p in trend.points], None


def _percent(bar: Bar) -> Bar:
    return Bar(100 * bar.value, 100 * bar.error)
