"""Sets: repetitions until a rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from monitor.model.events import Cause, Finding, Level, Rep, SetSummary
from monitor.model.exercise import Exercise

_OFTEN: Final = {1: "once", 2: "twice"}


class SetKeeper:
    """Collect the repetitions of a set until it is closed.

    Parameters
    ----------
    exercise
        The exercise of the next set.
    loads_kg
        One load a set, in order; the last one holds on.
    """

    def __init__(self, exercise: Exercise, loads_kg: tuple[float, ...]) -> None:
        self.exercise = exercise
        self.index = 1
        self._loads = list(loads_kg)
        self._reps: list[Rep] = []
        self._findings: dict[str, Finding] = {}

    @property
    def active(self) -> bool:
        """True once the set has a repetition and until it is closed."""
        return bool(self._reps)

    @property
    def load_kg(self) -> float | None:
        """Load of the present set in kg; None if not known."""
        return self._loads[min(self.index, len(self._loads)) - 1] if self._loads else None

    def set_load(self, load_kg: float) -> None:
        """Log the load of the present set (if it has begun) or the next one, and of all after it."""
        held = self.load_kg
        while held is not None and len(self._loads) < self.index - 1:
            self._loads.append(held)
        self._loads[self.index - 1 :] = [load_kg]

    def add(self, rep: Rep) -> None:
        """Count a repetition into the present set."""
        self._reps.append(rep)

    def found(self, finding: Finding) -> None:
        """Keep a finding for the summary."""
        self._findings[finding.cause] = finding

    def close(self, now_s: float) -> SetSummary | None:
        """End the present set; return its summary, None if it holds no repetition."""
        if not self._reps:
            return None
        reps, findings = self._reps, list(self._findings.values())
        summary = SetSummary(
            index=self.index,
            start_s=reps[0].start_s,
            end_s=reps[-1].end_s,
            decided_s=now_s,
            reps=tuple(r.index for r in reps),
            exercise=self.exercise.name,
            load_kg=self.load_kg,
            summary=set_words(reps, self.exercise, self.load_kg, findings),
        )
        self._reps, self._findings = [], {}
        self.index += 1
        return summary


def set_words(
    reps: Sequence[Rep], exercise: Exercise, load_kg: float | None, findings: Sequence[Finding]
) -> str:
    """Return what is to be said of a set of at least one repetition, as a sentence or two."""
    off = [f.kind.value for r in reps for f in r.faults if f.level is Level.ALERT]
    # What the lifter reported comes before anything that was measured.
    first = sorted(findings, key=lambda f: f.cause is not Cause.UNDERLYING_CONDITION)[:1]
    said = (first[0].evidence[0], first[0].cue) if first else None
    return sentence(len(reps), exercise, load_kg, off, said)


def sentence(
    count: int, exercise: Exercise, load_kg: float | None, off: Iterable[str], said: tuple[str, str] | None
) -> str:
    """Return what is to be said of a set.

    Parameters
    ----------
    count, exercise, load_kg
        What was done; None for a load that is not known.
    off
        Name of each fault that alerted, once a repetition, where no finding speaks for the set.
    said
        Evidence and cue of the finding that does; None without one.
    """
    begun = f"{count} repetition{'s' if count > 1 else ''} of {exercise}"
    if load_kg is not None:
        begun += f" at {load_kg:g} kg"
    evidence, cue = said or ("", "")
    return f"{begun}: {stood_out(off, evidence)}. {cue}".rstrip()


def stood_out(off: Iterable[str], evidence: str) -> str:
    """Return what stood out in a set: the evidence or, where it is empty, how often which fault."""
    if evidence:
        return evidence
    seen = sorted(Counter(kind.replace("_", " ") for kind in off).items())
    told = [f"{kind} {_OFTEN.get(count, f'{count} times')}" for kind, count in seen]
    return f"{', '.join(told)}, no cause clear" if told else "nothing stood out"
