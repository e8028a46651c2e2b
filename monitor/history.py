"""Trends of an athlete's exercises over sessions, each figure with its error."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from monitor.certainty import FIGURES, Estimate, estimate
from monitor.compare import LEAST_COVERAGE
from monitor.model.exercise import EXERCISES
from monitor.reviewed import Reviewed

Json = dict[str, Any]

_Z95: Final = 1.96
_FEWEST_TEMPO_REPS: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its error.

    Parameters
    ----------
    value
        NaN where it is not known.
    error
        Half width of its 95 % interval; NaN where it cannot be told.
    """

    value: float = math.nan
    error: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)


@dataclass(frozen=True, slots=True)
class Point:
    """One exercise in one session.

    Parameters
    ----------
    session, started_at
        Stem of its file, and when; empty if unknown.
    athlete, exercise, sensors
        Who, what, and with how many sensors.
    sets, reps
        Counted, as corrected.
    load_kg, volume_kg
        Heaviest load, and load times repetitions over all sets; None where no load was logged.
    figures
        Means of `FIGURES` over the repetitions that were received well enough.
    own_flexion_deg
        The athlete's own largest flexion; None where it was never measured.
    lift_off_share
        Share of the repetitions with a lift-off, 0 to 1; not known off a pad or without a seat reference.
    tempo_loss
        How much slower sets went up at their end than at their start, as a share; not known on a pad.
    pain
        The most that was said, 0 to 10; None if nothing was said.
    red_flags
        Names of those that were said, each once.
    causes
        Of the findings that stand, each once.
    """

    session: str
    started_at: str
    athlete: str
    exercise: str
    sensors: int
    sets: int
    reps: int
    load_kg: float | None
    volume_kg: float | None
    figures: dict[str, Estimate]
    own_flexion_deg: float | None
    lift_off_share: Bar
    tempo_loss: Bar
    pain: float | None
    red_flags: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def speed(self) -> Bar:
        """Speed of the way up at the end of sets against their start, as a share; minus is slower."""
        return Bar(-self.tempo_loss.value, self.tempo_loss.error)

    def bar(self, key: str) -> Bar:
        """Return a figure of `FIGURES` with its error against another session."""
        figure, made = FIGURES[key], self.figures[key]
        if not made.count:
            return Bar()
        # A change is the difference of two sessions: one session's share of its limit is 1/sqrt(2).
        again = figure.least_change(self.exercise, same_wearing=False) / math.sqrt(2)
        again /= math.sqrt(made.count) if figure.unit == "s" else 1.0
        return Bar(made.mean, max(again, made.error))

    @property
    def flexion_share(self) -> Bar:
        """Largest flexion as a share of the athlete's own, where that is known."""
        flexion = self.bar("peak_flexion_deg")
        if self.own_flexion_deg is None or self.own_flexion_deg <= 0 or not flexion.known:
            return Bar()
        return Bar(flexion.value / self.own_flexion_deg, flexion.error / self.own_flexion_deg)


@dataclass(frozen=True, slots=True)
class Trend:
    """One athlete's sessions of one exercise, oldest first."""

    athlete: str
    exercise: str
    points: tuple[Point, ...]


def trends(
    sessions: Iterable[Reviewed],
    *,
    athlete: str | None = None,
    exercise: str | None = None,
    own_flexion_deg: Mapping[str, float] | None = None,
) -> list[Trend]:
    """Return the trends of all exercises in `sessions`, or of one athlete or one exercise.

    Parameters
    ----------
    own_flexion_deg
        Athlete to the own largest flexion in deg, in place of what the calibration profiles of the
        sessions say.
    """
    sessions = list(sessions)
    own = _recorded_flexion_deg(sessions) | dict(own_flexion_deg or {})
    found: dict[tuple[str, str], list[Point]] = {}
    for session in sessions:
        for point in points(session, own.get(session.info.athlete)):
            found.setdefault((point.athlete, point.exercise), []).append(point)
    made = []
    for (who, what), mine in sorted(found.items()):
        if who == (athlete or who) and what == (exercise or what):
            mine.sort(key=lambda p: (p.started_at, p.session))
            made.append(Trend(who, what, tuple(mine)))
    return made


def _recorded_flexion_deg(sessions: Sequence[Reviewed]) -> dict[str, float]:
    """Return the own largest flexion in deg of each athlete, from the latest profile that holds one."""
    made = {}
    for session in sorted(sessions, key=lambda s: s.info.started_at):
        profile = session.profile
        if profile is not None and profile.ranges.flexion_rad:
            made[session.info.athlete] = math.degrees(profile.ranges.flexion_rad)
    return made


def points(session: Reviewed, own_deg: float | None = None) -> list[Point]:
    """Return one point for each exercise of a session, in the order in which they were done.

    `own_deg` is the athlete's own largest flexion in deg; None if it is not known.
    """
    sets = session.of("set")
    reps = {rep["index"]: rep for rep in session.of("rep")}
    known = {index for s in sets for index in s["reps"]}
    made = []
    for name in dict.fromkeys(s["exercise"] for s in sets):
        mine = [s for s in sets if s["exercise"] == name]
        members = [reps[i] for s in mine for i in s["reps"] if i in reps]
        if name == session.info.exercise.name:  # repetitions a person added belong to no set
            members += [rep for index, rep in reps.items() if index not in known]
        made.append(_point(session, name, mine, members, own_deg))
    return made


def _point(
    session: Reviewed, exercise: str, sets: list[Json], reps: list[Json], own_deg: float | None
) -> Point:
    loads = [(s["load_kg"], len(s["reps"])) for s in sets if s.get("load_kg") is not None]
    sound = [rep for rep in reps if (rep.get("coverage") or 0.0) >= LEAST_COVERAGE]
    numbers = {s["index"] for s in sets}
    return Point(
        session=session.name,
        started_at=session.info.started_at,
        athlete=session.info.athlete,
        exercise=exercise,
        sensors=len(session.info.sensors),
        sets=len(sets),
        reps=len(reps),
        load_kg=max((load for load, _ in loads), default=None),
        volume_kg=sum(load * count for load, count in loads) if loads else None,
        figures={key: estimate([rep.get(key) for rep in sound]) for key in FIGURES},
        own_flexion_deg=own_deg,
        lift_off_share=_lift_off_share(session, exercise, reps),
        tempo_loss=_tempo_loss(exercise, sets, reps),
        pain=session.pain,
        red_flags=session.red_flags,
        causes=tuple(sorted({f["cause"] for f in session.findings if f.get("set") in numbers})),
    )


def _tempo_loss(exercise: str, sets: list[Json], reps: list[Json]) -> Bar:
    if exercise in EXERCISES and EXERCISES[exercise].back_supported:
        return Bar()  # a sensor between back and pad hardly sees the sled
    return tempo_loss([[rep for rep in reps if rep.get("set") == s["index"]] for s in sets])


def _lift_off_share(session: Reviewed, exercise: str, reps: list[Json]) -> Bar:
    seated = any(c["kind"] == "seat" for c in session.of("calibrated"))
    if not (reps and seated and exercise in EXERCISES and EXERCISES[exercise].back_supported):
        return Bar()
    indices = {rep["index"] for rep in reps}
    lifted = len({lift["rep"] for lift in session.of("lift_off")} & indices)
    return share(lifted, len(reps))


def share(some: int, of: int) -> Bar:
    """Return a share with the longer side of its 95 % interval (Wilson 1927)."""
    if not of:
        return Bar()
    p, z2 = some / of, _Z95**2
    half = _Z95 * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    return Bar(p, half + abs(middle - p))


def tempo_loss(sets: Sequence[Sequence[Json]]) -> Bar:
    """Return how much slower sets go up at their end than at their start, mean over sets.

    A line through the logarithm of a set's times up tells start and end, so that one quick
    repetition makes no slow end; 0.2 is a mean speed 20 % lower, below 0 is faster. Each set counts
    against itself; sets of fewer than four repetitions say nothing.
    """
    losses, errors = [], []
    for reps in sets:
        up = np.array([rep["concentric_s"] for rep in reps if (rep.get("concentric_s") or 0) > 0])
        if len(up) < _FEWEST_TEMPO_REPS:
            continue
        at = np.linspace(-0.5, 0.5, len(up))
        times = np.log(up)
        slope = float(at @ times) / float(at @ at)
        rest = times - times.mean() - slope * at
        variance = float(rest @ rest) / (len(up) - 2) / float(at @ at)
        losses.append(1 - math.exp(-slope))
        errors.append(_Z95 * math.exp(-slope) * math.sqrt(variance))
    if not losses:
        return Bar()
    return Bar(float(np.mean(losses)), max(math.hypot(*errors) / len(errors), estimate(losses).error))
