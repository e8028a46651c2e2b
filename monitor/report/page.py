"""One session as the report's template takes it: text and drawings, no arithmetic left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from monitor.compare import curve, difference
from monitor.model.exercise import exercise
from monitor.model.red_flag import flag_words
from monitor.report import charts, figures, words
from monitor.report.figures import MISSING, ErrorRow, FindingRow, SetRow
from monitor.reviewed import Reviewed
from monitor.wording import capital, counted

Json = dict[str, Any]

_MOST_NOTES: Final = 5
_MOST_PHASES: Final = 3
_SHORT_S: Final = 0.5
"""A shorter gap is bridged and not drawn."""


@dataclass(frozen=True, slots=True)
class SessionPage:
    """What is printed of one session."""

    title: str
    date: str
    athlete: str
    name: str
    glance: tuple[tuple[str, str], ...]
    worn: tuple[tuple[str, str], ...]
    sure: str
    errors: tuple[ErrorRow, ...]
    overview: Markup | None
    legend: tuple[tuple[str, str], ...]
    sets: tuple[SetRow, ...]
    sets_left_out: int
    has_tuck: bool
    has_flexion: bool
    has_pad: bool
    phases: tuple[Markup, ...]
    findings: tuple[FindingRow, ...]
    said: tuple[str, ...]
    not_judged: tuple[str, ...]


def session_page(session: Reviewed, columns: int = charts.MOST_COLUMNS) -> SessionPage:
    """Return what is printed of `session`, its angles drawn in so many columns."""
    rows, left_out = figures.set_rows(session)
    names = list(dict.fromkeys(s["exercise"] for s in session.of("set")))
    titles = [str(exercise(name)) for name in names] or [str(session.info.exercise)]
    return SessionPage(
        title=session.labels.title or capital(", ".join(titles)),
        date=_date(session.info.started_at),
        athlete=session.info.athlete,
        name=session.name,
        glance=tuple(_glance(session)),
        worn=tuple(_worn(session)),
        sure=words.TWO_SENSORS if len(session.info.sensors) > 1 else words.ONE_SENSOR,
        errors=tuple(figures.error_rows(session)),
        overview=_overview(session, columns),
        legend=_legend(session),
        sets=tuple(rows),
        sets_left_out=left_out,
        has_tuck=any(name in figures.TUCKING for name in names),
        has_flexion=any(row.flexion != MISSING for row in rows),
        has_pad=any(row.lift_offs != MISSING for row in rows),
        phases=tuple(_phases(session)),
        findings=tuple(figures.finding_rows(session)),
        said=tuple(_said(session)),
        not_judged=tuple(_not_judged(session)),
    )


def _date(started_at: str) -> str:
    try:
        when = datetime.fromisoformat(started_at)
    except ValueError:
        return "date unknown"
    return f"{when.day} {when:%B %Y, %H:%M}"


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)} min {seconds % 60:.0f} s" if seconds >= 60 else f"{seconds:.0f} s"


def _glance(session: Reviewed) -> list[tuple[str, str]]:
    sets, reps = session.of("set"), session.of("rep")
    loads = [s["load_kg"] for s in sets if s["load_kg"] is not None]
    span = MISSING
    if loads:
        span = f"{min(loads):g}\u2013{max(loads):g} kg" if min(loads) < max(loads) else f"{loads[0]:g} kg"
    t_s = session.posture.t_s
    made = [
        ("sets", str(len(sets))),
        ("repetitions", str(len(reps))),
        ("load", span),
        ("likely causes found", str(len({f["cause"] for f in session.findings}))),
        ("pain said", MISSING if session.pain is None else f"{session.pain:g} of 10"),
        ("recorded", _minutes(float(t_s[-1] - t_s[0])) if len(t_s) else MISSING),
    ]
    if session.red_flags:
        made.insert(5, ("red flags said", str(len(session.red_flags))))
    if any(e["type"] == "lift_off" for e in session.events):
        made.insert(4, ("lift-offs", str(len(session.of("lift_off")))))
    return made


def _worn(session: Reviewed) -> list[tuple[str, str]]:
    made = []
    for sensor in session.info.sensors:
        rate = f", {sensor.rate_hz:.0f} samples a second" if sensor.rate_hz else ""
        made.append((words.PLACE.get(sensor.name, sensor.name), f"{sensor.device or 'unnamed sensor'}{rate}"))
    kinds: dict[str, Json] = {c["kind"]: c for c in session.of("calibrated")}
    for kind, calibrated in kinds.items():
        quality = words.QUALITY.get(calibrated["quality"], calibrated["quality"])
        how = words.CALIBRATION.get(kind, kind)
        if kind == "profile" and session.profile is not None:
            how += f" of {_date(session.profile.made_at)}"
        made.append(("calibrated", f"{how}; quality {quality}"))
    if not kinds:
        made.append(("calibrated", words.CALIBRATION["none"]))
    made.append(("received", _received(session)))
    return made


def _received(session: Reviewed) -> str:
    if not len(session.posture):
        return "nothing"
    share = f"{100 * float(np.mean(session.posture.present)):.1f} % of the time"
    gaps = session.of("gap")
    if not gaps:
        return f"{share}, without a gap"
    longest = max(gap["end_s"] - gap["start_s"] for gap in gaps)
    return f"{share}; {counted(len(gaps), 'gap')}, the longest {longest:.1f} s"


def _overview(session: Reviewed, columns: int) -> Markup | None:
    posture = session.posture
    if not np.isfinite(posture.pelvic_tilt_rad).any():
        return None
    lines = [charts.Line("pelvic tilt", posture.t_s, np.degrees(posture.pelvic_tilt_rad), charts.TILT)]
    if _bends(session):
        flexion = np.degrees(posture.lumbar_flexion_rad)
        lines.append(charts.Line("lumbar flexion", posture.t_s, flexion, charts.FLEXION))
    sets = [charts.Span(s["start_s"], s["end_s"], str(s["index"])) for s in session.of("set")]
    marks = [charts.Span(e["start_s"], e["end_s"]) for e in session.of("lift_off")]
    faults = [fault for rep in session.of("rep") for fault in rep.get("faults", ())]
    marks += [charts.Span(fault["time_s"], fault["time_s"]) for fault in faults]
    long = [e for e in session.of("gap") if e["end_s"] - e["start_s"] > _SHORT_S]
    gaps = [charts.Span(e["start_s"], e["end_s"]) for e in long]
    return Markup(charts.overview(lines, sets, marks, gaps, columns))  # noqa: S704  made of numbers and our own words


def _bends(session: Reviewed) -> bool:
    """Return whether lumbar flexion is more than the pelvic tilt with another sign."""
    return len(session.info.sensors) > 1 and bool(np.isfinite(session.posture.lumbar_flexion_rad).any())


def _legend(session: Reviewed) -> tuple[tuple[str, str], ...]:
    made = [("pelvic tilt", charts.TILT)]
    if _bends(session):
        made.append(("lumbar flexion", charts.FLEXION))
    return tuple(made)


def _phases(session: Reviewed) -> list[Markup]:
    """Draw the first set of each exercise against its last."""
    reps = {rep["index"]: rep for rep in session.of("rep")}
    by_exercise: dict[str, list[Json]] = {}
    for s in session.of("set"):
        by_exercise.setdefault(s["exercise"], []).append(s)
    made = []
    for name, sets in by_exercise.items():
        channels = ["lumbar_flexion_rad", "pelvic_tilt_rad"] if _bends(session) else ["pelvic_tilt_rad"]
        for channel in channels:
            first, last = (
                curve(session.posture, [reps[i] for i in s["reps"] if i in reps], channel)
                for s in (sets[0], sets[-1])
            )
            if len(sets) < 2 or not (first.count and last.count):
                continue
            apart = difference(first, last, name, same_wearing=True)
            what = "lumbar flexion" if channel == "lumbar_flexion_rad" else "pelvic tilt"
            title = f"{capital(str(exercise(name)))}: {what}"
            labels = (_set_name(sets[0]), _set_name(sets[-1]))
            made.append(Markup(charts.phase(first, last, apart, labels, title)))  # noqa: S704  our own words
    return made[:_MOST_PHASES]


def _set_name(of: Json) -> str:
    load = "" if of["load_kg"] is None else f", {of['load_kg']:g} kg"
    return f"set {of['index']}{load}"


def _said(session: Reviewed) -> list[str]:
    # Few lines fit: what should be seen to comes first.
    flags = [(flag_words(str(a.value)), a.time_s) for a in session.annotations if a.kind == "red_flag"]
    pains = [(f"pain {float(a.value):g} of 10", a.time_s) for a in session.annotations if a.kind == "pain"]
    made = [f"{what}, {_minutes(time_s)} into the session" for what, time_s in (*flags, *pains)]
    made += [str(a.value) for a in session.annotations if a.kind == "note"]
    made += [note.text for note in session.labels.notes]
    rejected = {e["cause"] for e in session.of("finding") if e.get("verdict") == "rejected"}
    made += [f"\u201c{words.cause_words(c)}\u201d was rejected by the athlete" for c in sorted(rejected)]
    return [words.sentence(line) for line in made[: max(_MOST_NOTES, len(flags) + len(pains[:1]))]]


def _not_judged(session: Reviewed) -> list[str]:
    texts: Sequence[str] = [*session.warnings, *(notice["text"] for notice in session.of("notice"))]
    if not session.as_told:
        texts = [*texts, "judged when this report was made, not during the session"]
    return [words.sentence(line) for line in list(dict.fromkeys(texts))[:_MOST_NOTES]]
