"""Recorded events as a person corrected them: what follows from a correction is corrected with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from monitor.model.exercise import EXERCISES, exercise
from monitor.model.samples import FloatArray, PostureBlock
from monitor.pipeline.sets import sentence
from monitor.pipeline.settings import PipelineSettings
from monitor.recording.labels import Labels, RepEdit

Json = dict[str, Any]

NO_REP: Final = "no repetition counts"
_REST_S: Final = PipelineSettings().rest_s
"""A missed repetition this near to a set belongs to it: a longer pause ends a set."""


def corrected(
    events: Sequence[Json], labels: Labels, posture: PostureBlock | None = None, done: str = ""
) -> list[Json]:
    """Return recorded events as a person corrected them.

    Corrected repetitions say ``"corrected": true``, and what follows from their times is theirs; those
    removed are gone, also from their sets, findings and lift-offs; missed ones come last, numbered on, and
    belong to the set they lie in or near. A set whose repetitions, load or findings changed is summed up
    anew. A finding that rests on no repetition any more is gone, one that rests on fewer says so. Findings
    judged carry ``"verdict": "confirmed"`` or ``"rejected"``.

    Parameters
    ----------
    events
        The public JSON of each event with its `type`.
    labels
        What was said since.
    posture
        The angles, from which figures of corrected repetitions follow; None where they are not at hand.
    done
        Name of the exercise, as recorded, of missed repetitions that are in no set.
    """
    if not (labels.reps or labels.verdicts or labels.loads_kg):
        return list(events)
    edits = {edit.rep: edit for edit in labels.reps if edit.rep is not None}
    removed = {index for index, edit in edits.items() if edit.removed}
    sets = [event for event in events if event.get("type") == "set"]
    missed = _missed(events, labels, sets, posture, labels.exercise or done)
    reps = {e["index"]: e for e in (*events, *missed) if e.get("type") == "rep" and e["index"] not in removed}
    for index in edits.keys() & reps.keys():
        reps[index] = _moved(reps[index], edits[index], posture)
    left = [e for e in (_finding(e, labels, removed) for e in events) if e is not None]
    standing = {(e["cause"], e["set"]): e for e in left if e.get("type") == "finding"}
    made: list[Json | None] = []
    for event in left:
        match event.get("type"):
            case "rep":
                made.append(reps.get(event["index"]))
            case "set":
                made.append(_set(event, labels, reps, list(standing.values())))
            case "lift_off" if event["rep"] in removed:
                made.append({**event, "rep": None})
            case _:
                made.append(event)
    return [event for event in (*made, *missed) if event is not None]


def not_counted(reps: Sequence[int]) -> str:
    """Return the line of evidence that says which repetitions a finding lost."""
    if len(reps) == 1:
        return f"rep {reps[0]} does not count any more"
    return f"reps {', '.join(map(str, reps))} do not count any more"


def _missed(
    events: Sequence[Json], labels: Labels, sets: Sequence[Json], posture: PostureBlock | None, done: str
) -> list[Json]:
    last = max((event["index"] for event in events if event.get("type") == "rep"), default=0)
    made = []
    for number, edit in enumerate((edit for edit in labels.reps if edit.rep is None), 1):
        one = _set_of(edit, sets)
        exercised = EXERCISES.get(done if one is None else one.get("exercise", ""))
        effort_first = exercised is not None and exercised.effort_first
        times = _times(edit, posture, effort_first=effort_first)
        made.append({"type": "rep", "index": last + number, **times})
        if one is not None:
            made[-1]["set"] = one["index"]
    return made


def _set_of(edit: RepEdit, sets: Sequence[Json]) -> Json | None:
    """Return the set a missed repetition lies in, or the nearest where no rest is between."""

    def apart_s(one: Json) -> float:
        return max(float(one["start_s"]) - end_s, start_s - float(one["end_s"]), 0.0)

    start_s, end_s = edit.start_s or 0.0, edit.end_s or 0.0
    nearest = min(sets, key=apart_s, default=None)
    return nearest if nearest is not None and apart_s(nearest) <= _REST_S else None


def _moved(rep: Json, edit: RepEdit, posture: PostureBlock | None) -> Json:
    first_s = rep["turn_s"] - rep["start_s"]
    effort_first = not math.isclose(rep.get("eccentric_s", first_s), first_s, abs_tol=1e-6)
    return {**rep, **_times(edit, posture, effort_first=effort_first)}


def _times(edit: RepEdit, posture: PostureBlock | None, *, effort_first: bool) -> Json:
    start_s, turn_s, end_s = (float(t) for t in (edit.start_s, edit.turn_s, edit.end_s) if t is not None)
    down_s, up_s = turn_s - start_s, end_s - turn_s
    if effort_first:
        down_s, up_s = up_s, down_s
    made: Json = {"start_s": start_s, "turn_s": turn_s, "end_s": end_s, "corrected": True}
    made |= {"eccentric_s": down_s, "concentric_s": up_s}
    return made if posture is None or not len(posture) else made | _measured(posture, start_s, end_s)


def _measured(posture: PostureBlock, start_s: float, end_s: float) -> Json:
    """Return what follows from the angles between two times."""
    rows = slice(*np.searchsorted(posture.t_s, (start_s, end_s)).tolist())
    tilt, flexion = _known_deg(posture.pelvic_tilt_rad[rows]), _known_deg(posture.lumbar_flexion_rad[rows])
    return {
        "tilt_range_deg": float(np.ptp(tilt)) if len(tilt) else None,
        "peak_flexion_deg": float(flexion.max()) if len(flexion) else None,
        "coverage": float(posture.present[rows].mean()) if len(tilt) else 0.0,
    }


def _known_deg(values: FloatArray) -> FloatArray:
    return np.degrees(values[np.isfinite(values)])


def _finding(event: Json, labels: Labels, removed: set[int]) -> Json | None:
    """Return a finding as it stands now, None where it does not, and any other event as it is."""
    if event.get("type") != "finding":
        return event
    reps = event.get("reps") or []
    lost = [index for index in reps if index in removed]
    if lost and len(lost) == len(reps):
        return None
    made = dict(event)
    if lost:
        made["reps"] = [index for index in reps if index not in removed]
        made["evidence"] = [*event["evidence"], not_counted(lost)]
    for verdict in labels.verdicts:
        if (verdict.cause, verdict.set_index) == (event["cause"], event["set"]):
            made["verdict"] = "confirmed" if verdict.confirmed else "rejected"
    return made


def _set(event: Json, labels: Labels, reps: Mapping[int, Json], findings: Sequence[Json]) -> Json:
    index = event["index"]
    loads = labels.loads_kg
    load_kg = loads[min(index, len(loads)) - 1] if loads else event.get("load_kg")
    added = [rep["index"] for rep in reps.values() if rep.get("corrected") and rep.get("set") == index]
    kept = [i for i in dict.fromkeys((*event["reps"], *added)) if i in reps]
    kept.sort(key=lambda i: float(reps[i]["start_s"]))
    told = [f for f in findings if f["set"] == index]
    stands = [f for f in told if f.get("verdict") != "rejected"]
    changed = {"reps": kept, "load_kg": load_kg}
    same = all(event.get(key) == value for key, value in changed.items()) and len(stands) == len(told)
    if same or "summary" not in event:
        return event if same else {**event, **changed}
    members = [reps[i] for i in kept]
    if members:
        changed |= {"start_s": members[0]["start_s"], "end_s": max(rep["end_s"] for rep in members)}
    off = [f["kind"] for rep in members for f in rep.get("faults", ()) if f["level"] == "alert"]
    # What the lifter reported comes first, as during the session.
    first = sorted(stands, key=lambda f: f["cause"] != "underlying_condition")[:1]
    said = (first[0]["evidence"][0], first[0]["cue"]) if first else None
    words = sentence(len(kept), exercise(event["exercise"]), load_kg, off, said) if kept else NO_REP
    return {**event, **changed, "summary": words}
