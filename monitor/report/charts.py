"""Drawings of the report as SVG text: no script, no file beside it, readable in black and white."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from monitor.compare import Curve, Difference
from monitor.history import Bar
from monitor.model.samples import FloatArray

TILT: Final = "#0b6e99"
FLEXION: Final = "#b26a00"
FIRST: Final = "#7a8793"
ALERT: Final = "#b3261e"
GRID: Final = "#d7dee4"
INK: Final = "#3a4753"
SET: Final = "#eef3f6"
"""Colours that differ in lightness too; no line is told by its colour alone."""

_WIDE, _TALL = 1000.0, 210.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 8.0, 20.0, 24.0
_TIME_STEPS_S: Final = (5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_MOST_TIMES: Final = 10
_FEW_MARKS: Final = 40
_JUMP_DEG: Final = 10.0
"""From one row to the next no trunk moves so far: the reference is a new one there."""
_SCALED: Final = 'transform="scale(.1)"'
MOST_COLUMNS: Final = 900
"""Columns a line is drawn in, each with its least and its largest value: nothing short is lost."""


@dataclass(frozen=True, slots=True)
class Box:
    """Data coordinates onto a rectangle of the drawing; y grows upwards."""

    x0: float
    x1: float
    y0: float
    y1: float
    left: float = _LEFT
    top: float = _TOP
    width: float = _WIDE - _LEFT - _RIGHT
    height: float = _TALL - _TOP - _BOTTOM

    def x(self, value: float) -> float:
        """Return the drawing's x."""
        return self.left + (value - self.x0) / (self.x1 - self.x0) * self.width

    def y(self, value: float) -> float:
        """Return the drawing's y."""
        return self.top + (self.y1 - value) / (self.y1 - self.y0) * self.height

    @property
    def bottom(self) -> float:
        """The drawing's y of the lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the session to shade or mark."""

    start_s: float
    end_s: float
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A course over the session: (N,) times in s and values in deg."""

    name: str
    t_s: FloatArray
    values_deg: FloatArray
    colour: str


def overview(
    lines: Sequence[Line],
    sets: Sequence[Span],
    marks: Sequence[Span],
    gaps: Sequence[Span],
    columns: int = MOST_COLUMNS,
) -> str:
    """Return the whole session: angles in so many columns, sets shaded, findings marked, gaps hatched."""
    end_s = max((float(line.t_s[-1]) for line in lines if len(line.t_s)), default=1.0)
    known = [line.values_deg[np.isfinite(line.values_deg)] for line in lines]
    low, high = _limits(np.concatenate([*known, np.zeros(1)]))
    box = Box(0.0, max(end_s, 1.0), low, high)
    made = [_open(_WIDE, _TALL, "Angles over the session, sets shaded, findings marked")]
    for span in sets:
        x, width = box.x(span.start_s), max(box.x(span.end_s) - box.x(span.start_s), 1.0)
        made.append(_rect(x, box.top, width, box.height, SET))
        made.append(_text(x + width / 2, box.top - 6, span.text, "middle"))
    for span in gaps:
        width = max(box.x(span.end_s) - box.x(span.start_s), 1.0)
        made.append(_rect(box.x(span.start_s), box.bottom - 5, width, 5, INK))
    made += _grid(box, _ticks(low, high, 5), "°")
    made += _time_axis(box, end_s)
    made += [_course(box, line, columns) for line in lines]
    size = 5 if len(marks) <= _FEW_MARKS else 2
    for span in marks:
        x = box.x((span.start_s + span.end_s) / 2)
        made.append(f'<path d="M{x:.1f} {box.top + 9:.1f}l-{size} -8h{2 * size}z" fill="{ALERT}"/>')
    return "".join([*made, "</svg>"])


def _course(box: Box, line: Line, columns: int) -> str:
    """Draw a line column by column, through the least and the largest value of each in their order."""
    values = line.values_deg
    jumps = np.abs(np.diff(values, prepend=values[:1])) > _JUMP_DEG
    column = np.clip((line.t_s / (box.x1 - box.x0) * columns).astype(np.int64), 0, columns - 1)
    points: list[tuple[float, float] | None] = []
    edges = np.flatnonzero((np.diff(column, prepend=-1) != 0) | jumps).tolist()
    for first, last in zip(edges, [*edges[1:], len(values)], strict=True):
        part = values[first:last]
        if jumps[first] or np.isnan(part).all():
            points.append(None)
        if np.isnan(part).all():
            continue
        rows = sorted({int(np.nanargmin(part)), int(np.nanargmax(part))})
        points += [(box.x(float(line.t_s[first + row])), box.y(float(part[row]))) for row in rows]
    return _stroke(points, line.colour, 1.3)


def phase(first: Curve, last: Curve, apart: Difference, names: tuple[str, str], title: str) -> str:
    """Return the mean course of two sets over one repetition; bold where they differ for certain."""
    low_edges, high_edges = zip(first.band_rad, last.band_rad, strict=True)
    low, high = _limits(np.degrees(np.concatenate([*low_edges, *high_edges])))
    wide, tall = 330.0, 196.0
    box = Box(0.0, 100.0, low, high, left=34, top=38, width=wide - 40, height=tall - 58)
    at = np.arange(101.0)
    made = [_open(wide, tall, title), _text(2, 12, title, "start", 10.5, INK)]
    made += _grid(box, _ticks(low, high, 4), "°")
    for value, text in ((0, "start"), (50, "turn"), (100, "end")):
        anchor = {0: "start", 100: "end"}.get(value, "middle")
        made.append(_text(box.x(value), box.bottom + 14, text, anchor))
    for curve, colour, gaps in ((first, FIRST, (5, 3)), (last, TILT, ())):
        lower, upper = (np.degrees(edge) for edge in curve.band_rad)
        band = _points(box, np.concatenate([at, at[::-1]]), np.concatenate([upper, lower[::-1]]))
        made.append(f'<path {_SCALED} d="{_steps(band)}z" fill="{colour}" fill-opacity="0.15"/>')
        made.append(_stroke(_points(box, at, np.degrees(curve.mean_rad)), colour, 1.6, gaps))
    for start, stop in _runs(apart.real):
        part = slice(start, stop)
        made.append(_stroke(_points(box, at[part], np.degrees(last.mean_rad[part])), ALERT, 3.2))
    for x, name, curve, colour, dash in (
        (34, names[0], first, FIRST, "5 3"),
        (184, names[1], last, TILT, ""),
    ):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        made.append(f'<path d="M{x} 24h20" stroke="{colour}" stroke-width="1.6"{dashed}/>')
        made.append(_text(x + 24, 27, f"{name} (n = {curve.count})", "start"))
    return "".join([*made, "</svg>"])


def trend(title: str, bars: Sequence[Bar], dates: Sequence[str], *, floor: float | None = None) -> str:
    """Return one figure over the sessions, with error bars; unknown ones leave a gap."""
    wide, tall = 240.0, 118.0
    known = [(i, bar) for i, bar in enumerate(bars) if bar.known]
    edges = [
        bar.value + side * (bar.error if math.isfinite(bar.error) else 0.0)
        for _, bar in known
        for side in (-1, 1)
    ]
    low, high = _limits(np.array([*edges, *([floor] if floor is not None else [])]))
    low = low if floor is None else max(low, floor)
    box = Box(-0.5, len(bars) - 0.5, low, high, left=34, top=24, width=wide - 42, height=tall - 44)
    made = [_open(wide, tall, title), _text(4, 12, title, "start", 10.5, INK)]
    made += _grid(box, _ticks(low, high, 3), "")
    line = " ".join(f"{box.x(i):.1f},{box.y(bar.value):.1f}" for i, bar in known)
    made.append(f'<polyline points="{line}" fill="none" stroke="{TILT}" stroke-width="1.2"/>')
    for i, bar in known:
        x = box.x(i)
        if math.isfinite(bar.error) and bar.error > 0:
            top, bottom = box.y(min(bar.value + bar.error, high)), box.y(max(bar.value - bar.error, low))
            made.append(f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{INK}" stroke-width="1"/>')
        made.append(f'<circle cx="{x:.1f}" cy="{box.y(bar.value):.1f}" r="2.6" fill="{TILT}"/>')
    if dates:
        made.append(_text(box.left, tall - 5, dates[0], "start"))
        if len(dates) > 1:
            made.append(_text(wide - 8, tall - 5, dates[-1], "end"))
    return "".join([*made, "</svg>"])


def _open(wide: float, tall: float, label: str) -> str:
    return f'<svg viewBox="0 0 {wide:g} {tall:g}" role="img" aria-label="{escape(label)}">'


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str, size: float = 9.5, colour: str = "#5b6b7a") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'fill="{colour}">{escape(text)}</text>'
    )


def _grid(box: Box, ticks: Sequence[float], unit: str) -> list[str]:
    made = []
    for tick in ticks:
        y = box.y(tick)
        made.append(f'<path d="M{box.left:.1f} {y:.1f}h{box.width:.1f}" stroke="{GRID}" stroke-width="0.7"/>')
        made.append(_text(box.left - 4, y + 3.3, f"{tick:g}{unit}".replace("-", "\u2212"), "end"))
    return made


def _time_axis(box: Box, end_s: float) -> list[str]:
    step = next((s for s in _TIME_STEPS_S if end_s / s <= _MOST_TIMES), _TIME_STEPS_S[-1])
    return [
        _text(box.x(at), box.bottom + 15, f"{at // 60}:{at % 60:02d}", "middle")
        for at in range(0, int(end_s) + 1, step)
    ]


def _ticks(low: float, high: float, about: int) -> list[float]:
    """Return round values within [low, high]."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * f for f in (1, 2, 5, 10) if power * f >= raw)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [round((first + i) * step, 10) for i in range(count)]


def _limits(values: FloatArray) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = max(0.06 * (high - low), 0.5 if high - low < 1 else 0.0)
    return low - room, high + room


def _points(box: Box, x: FloatArray, y: FloatArray) -> list[tuple[float, float]]:
    return [(box.x(a), box.y(b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]


def _stroke(
    points: Sequence[tuple[float, float] | None], colour: str, width: float, dash: Sequence[int] = ()
) -> str:
    """Draw a line through points; None lifts the pen."""
    dashed = f' stroke-dasharray="{" ".join(str(10 * d) for d in dash)}"' if dash else ""
    style = f'fill="none" stroke="{colour}" stroke-width="{10 * width:g}"{dashed}'
    return f'<path {_SCALED} d="{_steps(points)}" {style}/>'


def _steps(points: Sequence[tuple[float, float] | None]) -> str:
    """Return points in whole tenths, each from the one before: half the text of plain numbers."""
    made: list[str] = []
    pen: tuple[int, int] | None = None
    for point in points:
        if point is None:
            pen = None
            continue
        at = round(10 * point[0]), round(10 * point[1])
        made.append(f"M{at[0]} {at[1]}" if pen is None else f"l{at[0] - pen[0]} {at[1] - pen[1]}")
        pen = at
    return "".join(made).replace(" -", "-")


def _runs(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return the stretches of True, at least two points long."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
