"""Findings as cards, and a set that is over as a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from gui.rows import is_complete, level_of, row_of
from gui.view_state import AfterSet, BarChart, Card, Comparison, RepRow
from gui.words import (
    CAUSE_TITLE,
    CONFIDENCE,
    FAULT,
    MISSING,
    STRENGTH,
    UNSCORED,
    YET,
    clock_text,
    degrees_text,
    load_text,
    percent_text,
    rivals_text,
    with_sign,
)
from monitor.model.events import Cause, Confidence, Finding, Level, LiftOff, Rep, SetSummary
from monitor.model.exercise import Exercise
from monitor.pipeline.baseline import Baseline, Measures, measures
from monitor.pipeline.cause_words import rep_words
from monitor.pipeline.sets import stood_out
from monitor.wording import capital, counted

NO_REP = "No repetition counts."
NO_CUE = "Nothing stood out: keep the load and the form."
NOT_CLEAR_CUE = "Do the next set the same way: the cause is not clear yet."


def card_of(found: Finding, *, provisional: bool) -> Card:
    """Return the card of one finding."""
    said = found.cause is Cause.UNDERLYING_CONDITION
    confidence = None if found.cause in UNSCORED else found.confidence
    about = [] if confidence is None else [CONFIDENCE[confidence]]
    if found.reps:
        about.append(rep_words(found.reps))
    if provisional and not said:
        about.append("so far")
    return Card(
        title=CAUSE_TITLE[found.cause],
        cause=found.cause,
        confidence=confidence,
        level=found.level,
        about=", ".join(about),
        evidence=tuple(map(with_sign, found.evidence)),
        cue=found.cue,
        rivals=rivals_text(found.cause, ((r.cause, r.confidence) for r in found.rivals)),
        provisional=provisional and not said and confidence in {None, Confidence.LOW},
    )


def card_without_finding(rows: Sequence[RepRow]) -> Card:
    """Return the card shown while no cause was found."""
    if not rows:
        return Card("Watching", about="A likely cause appears here once repetitions show one.")
    differed = [row for row in rows if row.level is not None]
    if not differed:
        return Card("Nothing to report", about="Nothing in the repetitions so far stood out.")
    return Card(
        CAUSE_TITLE[Cause.UNCLEAR] + YET,
        Cause.UNCLEAR,
        level=differed[-1].level,
        about="More repetitions are needed to tell.",
        evidence=tuple(f"rep {row.index}: {row.noticed}" for row in differed[-3:]),
        provisional=True,
    )


def after_set(
    summary: SetSummary,
    reps: Sequence[Rep],
    base: Baseline | None,
    findings: Sequence[Finding],
    lift_offs: Mapping[int, LiftOff],
    exercise: Exercise,
    chart: BarChart,
) -> AfterSet:
    """Return the page of a set that is over.

    Parameters
    ----------
    summary
        The set.
    reps
        Its repetitions.
    base
        The lifter's usual repetition of the exercise; None until it is known.
    findings
        The last finding of each cause in it.
    lift_offs
        Lift-off by repetition.
    exercise
        Its exercise.
    chart
        Its repetitions as bars.
    """
    ranked = sorted(findings, key=_rank, reverse=True)
    load = "" if summary.load_kg is None else f", {load_text(summary.load_kg)}"
    name = str(exercise)
    noticed = sum(rep.index in lift_offs for rep in reps)
    differed = any(level_of(rep, lift_offs.get(rep.index)) for rep in reps)
    comparisons = [
        Comparison("Time under way", clock_text(summary.end_s - summary.start_s), ""),
        Comparison("Tempo loss", _tempo_loss(reps), "last rep against the fastest"),
        *_angles(reps, base),
    ]
    if exercise.back_supported:
        comparisons.append(Comparison("Lift-offs", f"{noticed} of {len(reps)} reps", ""))
    return AfterSet(
        index=summary.index,
        title=f"Set {summary.index}: {counted(len(summary.reps), 'rep')} of {name}{load}",
        stood_out=_stood_out(reps, ranked, lift_offs),
        comparisons=tuple(comparisons),
        chart=chart,
        cards=tuple(card_of(found, provisional=False) for found in ranked)
        or (card_without_finding([row_of(rep, lift_offs.get(rep.index)) for rep in reps]),),
        cue=next((found.cue for found in ranked if found.cue), NOT_CLEAR_CUE if differed else NO_CUE),
    )


def _rank(found: Finding) -> tuple[bool, bool, int]:
    """Return what findings are ordered by: what the lifter reported comes before what was measured."""
    said = found.cause is Cause.UNDERLYING_CONDITION
    return said, found.level is Level.ALERT, STRENGTH[found.confidence]


def _stood_out(reps: Sequence[Rep], ranked: Sequence[Finding], lift_offs: Mapping[int, LiftOff]) -> str:
    if not reps:
        return NO_REP
    # The mildest, too: card and cue beside it speak of it.
    off = [FAULT[fault.kind] for rep in reps for fault in rep.faults]
    off += ["lift-off" for rep in reps if rep.index in lift_offs]
    told = stood_out(off, ranked[0].evidence[0] if ranked and ranked[0].evidence else "")
    return with_sign(f"{capital(told)}.")


def _tempo_loss(reps: Sequence[Rep]) -> str:
    times_s = [rep.concentric_s for rep in reps if is_complete(rep) and rep.concentric_s > 0]
    if len(times_s) < 2:
        return MISSING
    return percent_text(1 - min(times_s) / times_s[-1])


def _angles(reps: Sequence[Rep], base: Baseline | None) -> list[Comparison]:
    shown: list[tuple[str, Callable[[Measures], float]]] = [
        ("Peak pelvic tilt", lambda m: m.peak_rad),
        ("Range of tilt", lambda m: m.range_rad),
        ("Tuck", lambda m: m.tuck_rad),
        ("Peak lumbar flexion", lambda m: m.flexion_rad),
    ]
    made = []
    for name, value in shown:
        here = [v for v in (value(measures(rep)) for rep in reps if is_complete(rep)) if not math.isnan(v)]
        if not here:
            continue
        usual = math.nan if base is None else value(base.usual)
        beside = "" if math.isnan(usual) else f"usual {degrees_text(usual)}"
        middle, furthest = degrees_text(median(here)), degrees_text(max(here, key=abs))
        this_set = middle if furthest == middle else f"{middle}, up to {furthest}"
        made.append(Comparison(name, this_set, beside))
    return made
