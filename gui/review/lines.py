"""Events and what was said of them as the rows that tables, plots and overview show. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gui.review.session_data import Opened
from gui.review.words import noticed_text
from gui.words import CAUSE_TITLE, CONFIDENCE, UNSCORED, rivals_text, with_sign
from monitor.model.events import Cause, Confidence, Level
from monitor.model.exercise import exercise
from monitor.model.red_flag import flag_words
from monitor.pipeline.cause_words import rep_words
from monitor.recording.labels import Labels

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RepLine:
    """One repetition in the table and on the time axis; figures in deg and s, None where unknown."""

    index: int
    set_index: int
    start_s: float
    turn_s: float
    end_s: float
    down_s: float | None
    up_s: float | None
    range_deg: float | None
    flexion_deg: float | None
    noticed: str
    level: Level | None
    corrected: bool = False
    entered: int | None = None
    """Place among the missed repetitions that were entered by hand; None for one that was counted."""


@dataclass(frozen=True, slots=True)
class SetLine:
    """One set on the time axis."""

    index: int
    start_s: float
    end_s: float
    reps: int
    load_kg: float | None
    summary: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding with its evidence, and what the lifter says of it (None: nothing yet)."""

    cause: Cause
    set_index: int
    title: str
    about: str
    evidence: tuple[str, ...]
    cue: str
    rivals: str
    level: Level
    time_s: float
    confirmed: bool | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something at one time: a note, a mark, a pain value, a lift-off, an alert."""

    time_s: float
    end_s: float
    kind: str
    text: str
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class SessionLines:
    """All rows of one session, each in order of time."""

    sets: tuple[SetLine, ...]
    reps: tuple[RepLine, ...]
    findings: tuple[FindingLine, ...]
    moments: tuple[Moment, ...]


def session_lines(opened: Opened, labels: Labels) -> SessionLines:
    """Return the rows of a session as `labels` correct it."""
    events = opened.session.reviewed(labels).events
    sets = _sets(events)
    reps = sorted(_reps(events, opened), key=lambda rep: rep.start_s)
    findings = sorted(_findings(events, reps), key=lambda f: (f.set_index, f.time_s))
    moments = sorted(_moments(events, opened, labels), key=lambda m: m.time_s)
    return SessionLines(tuple(sets), tuple(reps), tuple(findings), tuple(moments))


def _sets(events: Sequence[Json]) -> list[SetLine]:
    return [
        SetLine(e["index"], e["start_s"], e["end_s"], len(e["reps"]), e.get("load_kg"), e["summary"])
        for e in events
        if e["type"] == "set"
    ]


def _reps(events: Sequence[Json], opened: Opened) -> list[RepLine]:
    lifted = {e["rep"]: e for e in events if e["type"] == "lift_off"}
    last = max((e["index"] for e in opened.session.events if e["type"] == "rep"), default=0)
    made = []
    for event in events:
        if event["type"] != "rep":
            continue
        index = event["index"]
        level, noticed = noticed_text(event, lifted.get(index))
        made.append(
            RepLine(
                index=index,
                set_index=event.get("set", 0),
                start_s=event["start_s"],
                turn_s=event["turn_s"],
                end_s=event["end_s"],
                down_s=event.get("eccentric_s"),
                up_s=event.get("concentric_s"),
                range_deg=event.get("tilt_range_deg"),
                flexion_deg=event.get("peak_flexion_deg"),
                noticed=noticed,
                level=level,
                corrected=bool(event.get("corrected")),
                entered=index - last - 1 if index > last else None,
            )
        )
    return made


def _findings(events: Sequence[Json], reps: Sequence[RepLine]) -> list[FindingLine]:
    last = {(e["cause"], e["set"]): e for e in events if e["type"] == "finding"}
    starts = {rep.index: rep.start_s for rep in reps}
    return [_finding(event, starts) for event in last.values()]


def _finding(event: Json, starts: dict[int, float]) -> FindingLine:
    cause, reps = Cause(event["cause"]), tuple(event["reps"])
    about = [] if cause in UNSCORED else [CONFIDENCE[Confidence(event["confidence"])]]
    about += [f"set {event['set']}"] + ([rep_words(reps)] if reps else [])
    rivals = ((Cause(r["cause"]), Confidence(r["confidence"])) for r in event["rivals"])
    verdict, time_s = event.get("verdict"), float(event["time_s"])
    return FindingLine(
        cause=cause,
        set_index=event["set"],
        title=CAUSE_TITLE[cause],
        about=", ".join(about),
        evidence=tuple(map(with_sign, event["evidence"])),
        cue=event["cue"],
        rivals=rivals_text(cause, rivals),
        level=Level(event["level"]),
        time_s=starts.get(reps[0], time_s) if reps else time_s,
        confirmed=None if verdict is None else verdict == "confirmed",
    )


def _moments(events: Sequence[Json], opened: Opened, labels: Labels) -> list[Moment]:
    made = []
    for e in events:
        match e["type"]:
            case "lift_off":
                text = f"lift-off {abs(e['peak_deg']):.0f}°"
                made.append(Moment(e["start_s"], e["end_s"], "lift_off", text, Level(e["level"])))
            case "gap":
                text = f"{e['sensor']} sensor: nothing received"
                made.append(Moment(e["start_s"], e["end_s"], "gap", text))
            case "rep":
                for f in e.get("faults", ()):
                    text = noticed_text({"faults": [f]}, None)[1]
                    made.append(Moment(f["time_s"], f["time_s"], "fault", text, Level(f["level"])))
    made += [
        Moment(a.time_s, a.time_s, a.kind, _said(a.kind, a.value))
        for a in opened.session.annotations
        if a.kind in {"mark", "note", "pain", "red_flag", "exercise"}
    ]
    made += [Moment(n.time_s, n.time_s, "your_note", n.text) for n in labels.notes if n.time_s is not None]
    return made


def _said(kind: str, value: str | float) -> str:
    match kind:
        case "pain":
            return f"pain {float(value):g} of 10"
        case "red_flag":
            return flag_words(str(value))
        case "exercise":
            return str(exercise(str(value)))
        case _:
            return str(value)
