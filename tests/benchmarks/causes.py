"""Causes, announcements of lift-off and silence over simulated sessions; printed by validation.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from monitor.analysis import Analysis, analyze
from monitor.engine import EngineOptions
from monitor.model.events import Alert, Approaching, Finding, LiftOffStarted, Rep
from monitor.pipeline.baseline import baseline
from monitor.scoring import match_onsets
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

EXERCISES = {
    "lack_of_spinal_support": ("leg_press", "hack_squat"),
    "improper_form": ("squat", "rdl", "lunge", "hip_thrust"),
    "too_much_weight": ("squat", "deadlift", "rdl"),
    "poor_core_engagement": ("squat", "lunge", "rdl"),
}
CLEAN = ("squat", "leg_press", "rdl", "deadlift", "lunge", "hip_thrust")


def session(exercise: str, seed: int, cause: str | None) -> tuple[SimulatedSession, Analysis]:
    """Return a session of a lifter whose usual repetitions are known from another simulated day."""
    usual = analyze(simulate(exercise, seed=seed + 50_000, athlete_seed=seed, sensors=2).source).of(Rep)
    made = simulate(exercise, seed=seed, athlete_seed=seed, sensors=2, cause=cause)
    options = EngineOptions(baselines={exercise: baseline(usual)} if usual else {})
    return made, analyze(made.source, options)


def causes(count: int, first: int) -> Iterator[str]:
    said: dict[str, Counter[str]] = {}
    by_exercise: Counter[tuple[str, str, str]] = Counter()
    for cause, exercises in EXERCISES.items():
        said[cause] = Counter()
        for k in range(count):
            exercise = exercises[k % len(exercises)]
            _, made = session(exercise, first + k, cause)
            found = Counter(finding.cause.value for finding in made.of(Finding))
            top = found.most_common(1)[0][0] if found else "unclear"
            said[cause][top] += 1
            by_exercise[cause, exercise, top] += 1
    for cause, counts in said.items():
        right = counts[cause]
        named = sum(other[cause] for other in said.values())
        abstained = counts["unclear"]
        yield (
            f"{cause}: recall {right / count:.2f}, precision {right / named if named else 1:.2f}, "
            f"abstained {abstained / count:.2f}; said {dict(counts)}"
        )
    for (cause, exercise, top), n in sorted(by_exercise.items()):
        yield f"    {cause} in {exercise}: {top} {n}"


def clean(count: int, first: int) -> Iterator[str]:
    loud, which = 0, Counter()
    for k in range(count):
        exercise = CLEAN[k % len(CLEAN)]
        _, made = session(exercise, first + 2000 + k, None)
        heard = [alert for alert in made.of(Alert) if alert.audible]
        loud += bool(heard)
        which.update({(exercise, alert.kind) for alert in heard})
    yield f"clean sets with any audible alert: {loud} of {count} {dict(which)}"


def warnings(count: int, first: int) -> Iterator[str]:
    """Announcements of lift-offs, in sets with and, as many, without any."""
    for exercise in EXERCISES["lack_of_spinal_support"]:
        truths = warned = extra = 0
        ahead: list[float] = []
        for k in range(count):
            for cause in ("lack_of_spinal_support", None):
                made = simulate(exercise, seed=first + 4000 + k, cause=cause)
                result = analyze(made.source)
                soon = [event.decided_s for event in result.of(Approaching)]
                true = [event.start_s for event in made.truth.lift_offs]
                matches = match_onsets(true, soon, 1.0)
                truths, warned = truths + len(true), warned + len(matches.pairs)
                extra += len(soon) - len(matches.pairs)
                ahead += [true[i] - soon[j] for i, j in matches.pairs]
                assert len(result.of(LiftOffStarted)) <= len(true) + 1
        early = sum(value >= 0.3 for value in ahead) / truths
        yield (
            f"{exercise}: lift-off announced: {warned} of {truths}, at least 0.3 s ahead {early:.2f}, "
            f"median {np.median(ahead):.2f} s ahead, false {extra / max(warned + extra, 1):.2f}"
        )
