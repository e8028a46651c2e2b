"""How often hips-first is told, where it was put and where not, simulated and on real squats.

Usage: python tests/benchmarks/hips_first.py [DATASETS] [--seed SEED] [--sets N]

Each simulated lifter's usual repetitions are those of another, clean, session. The real squats hold no
such fault: each person's are compared with their first correct set, then, swapped, the second.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from squat_sets import compared, found_sets

from monitor.analysis import analyze
from monitor.engine import EngineOptions
from monitor.model.events import FaultKind, Finding, Rep
from monitor.model.exercise import EXERCISES
from monitor.pipeline.baseline import Baseline, baseline
from monitor.pipeline.faults import faults
from monitor.pipeline.settings import PipelineSettings
from monitor.sensors.simulated.scenario import simulate
from monitor.wording import counted

INJECTED = {
    "squat": (
        None,
        "improper_form:hips_first",
        "too_much_weight:hips_first",
        "improper_form:lean",
        "improper_form:tuck",
        "improper_form:rounding",
        "improper_form:side_tilt",
        "improper_form:twist",
        "too_much_weight",
        "poor_core_engagement",
    ),
    "deadlift": (
        None,
        "improper_form:hips_first",
        "too_much_weight:hips_first",
        "improper_form:lean",
        "improper_form:rounding",
        "too_much_weight",
        "poor_core_engagement",
    ),
}


def told(reps: list[Rep]) -> set[int]:
    return {rep.index for rep in reps if any(f.kind is FaultKind.HIPS_FIRST for f in rep.faults)}


def simulated(count: int, first: int) -> Iterator[str]:
    for exercise, causes in INJECTED.items():
        for sensors in (1, 2):
            usual = {seed: clean(exercise, sensors, seed) for seed in range(first, first + count)}
            for cause in causes:
                found = row(exercise, sensors, cause, usual)
                yield f"{exercise}, {counted(sensors, 'sensor')}, {cause or 'clean'}: {found}"


def clean(exercise: str, sensors: int, seed: int) -> Baseline:
    made = simulate(exercise, seed=seed + 50_000, athlete_seed=seed, sensors=sensors)
    return baseline(analyze(made.source).of(Rep))


def row(exercise: str, sensors: int, cause: str | None, usual: dict[int, Baseline]) -> str:
    labelled = hits = others = sets = 0
    named: Counter[str] = Counter()
    for seed, base in usual.items():
        made = simulate(exercise, seed=seed, athlete_seed=seed, sensors=sensors, cause=cause)
        result = analyze(made.source, EngineOptions(baselines={exercise: base}))
        reps = result.of(Rep)
        wrong = {
            rep.index
            for true in made.truth.reps
            for rep in reps
            if true.causes and true.start_s < rep.turn_s < true.end_s
        }
        labelled, hits = labelled + len(wrong), hits + len(wrong & told(reps))
        others, sets = others + len(told(reps) - wrong), sets + (len(told(reps)) >= 3)
        named.update({finding.cause.value for finding in result.of(Finding)})
    return (
        f"told in {hits} of {labelled} repetitions with the cause, {others} without, "
        f"3 and more in {sets} of {len(usual)} sets; findings {dict(named)}"
    )


def people(folder: Path) -> Iterator[str]:
    fired, judged, whole = Counter[str](), Counter[str](), Counter[str]()
    for name, reps, _, usual in compared(found_sets(folder)):
        count = sum(
            fault.kind is FaultKind.HIPS_FIRST
            for rep in reps
            for fault in faults(rep, EXERCISES["squat"], usual, rep.concentric_s, PipelineSettings())
        )
        fired[name.execution] += count
        judged[name.execution] += len(reps)
        whole[name.execution] += count >= 3
    for execution, count in judged.items():
        yield (
            f"real squats, {execution}: told in {fired[execution]} of {count} repetitions, "
            f"3 and more in {whole[execution]} sets"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=3000)
    parser.add_argument("--sets", type=int, default=20)
    asked = parser.parse_args()
    if asked.datasets is not None:
        for line in people(asked.datasets / "squats"):
            print(line, flush=True)
    for line in simulated(asked.sets, asked.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
