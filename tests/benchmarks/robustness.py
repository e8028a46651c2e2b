"""How the figures move when the same movements come from another sensor, clip, radio or opening.

Usage: python tests/benchmarks/robustness.py DATASETS [--only WORD] [--seed SEED]

The models stay frozen: weights that judge a person were fitted to the others' recordings as they are.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from accuracy import TRUNK, analyzed, rep_intervals, trials, true_intervals, trunk_errors, truth_table
from squat_faults import NAMED, Model, Row, auc, balanced, classes, judged, models, rows
from squat_sets import Sets, set_name
from variations import PARTS, VARIATIONS, Intervals, Part, Samples, Variation, read

from monitor.analysis import Analysis
from monitor.model.errors import MonitorError
from monitor.model.events import Notice, Rep
from monitor.pipeline.squat_model import CLASSES
from monitor.scoring import match_intervals


@dataclass
class Seen:
    """What one variation gives."""

    sets: int = 0
    exact: int = 0
    missed: int = 0
    extra: int = 0
    errors: list[tuple[float, float]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    said: set[str] = field(default_factory=set)


def varied(samples: Samples, how: Variation, name: str, seed: int) -> Samples:
    """Return `samples` varied; the same recording always in the same way."""
    return how(samples, np.random.default_rng([seed, *name.encode()]))


def run(work: Path, exercise: str, lower: Samples, upper: Samples | None = None) -> Analysis:
    other = None if upper is None else upper.write(work / "upper.csv")
    return analyzed(lower.write(work / "lower.csv"), exercise, other)


def refusal(refused: MonitorError, work: Path) -> str:
    return str(refused).replace(str(work), "")[:110]


def squats(folder: Path, how: Variation, work: Path, seed: int) -> Seen:
    made, reps = Seen(), Sets()
    for path in sorted(folder.glob("*.csv")):
        samples = varied(read(path), how, path.stem, seed)
        truth = [
            (start_s * samples.rate + samples.offset_s, end_s * samples.rate + samples.offset_s)
            for start_s, end_s in true_intervals(path)
        ]
        reps[set_name(path)] = scored(made, work, samples, truth)
    made.rows = rows(reps)
    return made


def scored(made: Seen, work: Path, samples: Samples, truth: Intervals) -> list[Rep]:
    made.sets += 1
    try:
        result = run(work, "squat", samples)
    except MonitorError as refused:
        made.said.add(refusal(refused, work))
        made.missed += len(truth)
        return []
    found = rep_intervals(result)
    made.said |= {n.text for n in result.of(Notice)} | {w[:60] for w in result.warnings}
    matched = match_intervals(truth, found)
    # Halves of a repetition matched elsewhere than within a second are neither missed nor extra twice.
    made.exact += len(found) == len(truth)
    made.missed += len(truth) - len(matched.pairs)
    made.extra += len(found) - len(matched.pairs)
    made.errors += [
        (abs(truth[i][0] - found[j][0]), abs(truth[i][1] - found[j][1])) for i, j in matched.pairs
    ]
    return result.of(Rep)


def faults(rows: list[Row], by: dict[str, Model]) -> list[float]:
    """Return the AUC of lean, tuck and short, and the balanced accuracy of any."""
    if not rows:
        return [math.nan] * 4
    odds, told = judged(rows, by)
    named = [*NAMED.values()]
    true = classes(rows)[:, None] == np.array(CLASSES)
    made = [auc(odds[true[:, k], k], odds[~true[:, k], k]) for k in named]
    return [*made, balanced(np.any(told[:, named], axis=1), np.any(true[:, named], axis=1))]


def seated(folder: Path, how: Variation, work: Path, seed: int) -> tuple[list[float], set[str]]:
    """Return the median RMSE of lower, upper and flexion, trials without flexion, and the band's coverage."""
    errors, said = [], set()
    for trial in trials(folder):
        sensors, truths = {}, {}
        for name in TRUNK:
            s = varied(read(trial / f"{name}.csv"), how, trial.name + name, seed)
            true = truth_table(trial, name)
            sensors[name] = s
            truths[name] = np.column_stack([true[:, 0] * s.rate + s.offset_s, true[:, 1:] @ s.turned.T])
        try:
            made = run(work, "other", sensors["lower"], sensors["upper"])
        except MonitorError as refused:
            said.add(refusal(refused, work))
            continue
        said |= {n.text for n in made.of(Notice)}
        errors.append(trunk_errors(made, truths))
    lower, upper, flexion, held = np.array(errors).reshape(-1, 4).T
    there = ~np.isnan(held)
    medians = [float(np.median(e)) if len(e) else math.nan for e in (lower, upper, flexion[there])]
    band = 100 * float(held[there].mean()) if there.any() else math.nan
    return [*medians, float(len(trials(folder)) - there.sum()), band], said


def daily(folder: Path, how: Variation, work: Path, seed: int) -> float:
    count = minutes = 0.0
    for kind in ("walk", "jog", "stairs"):
        for path in sorted(folder.glob(f"*_{kind}_*.csv")):
            samples = varied(read(path), how, path.stem, seed)
            minutes += (samples.t_s[-1] - samples.t_s[0]) / 60
            try:
                count += len(run(work, "squat", samples).of(Rep))
            except MonitorError:
                continue
    return count / minutes


def part(folder: Path, how: Part, work: Path) -> Seen:
    """Count the repetitions of parts of the sets; what was cut through is not asked for."""
    made = Seen()
    for path in sorted(folder.glob("*.csv")):
        samples, truth = how(read(path), true_intervals(path))
        scored(made, work, samples, truth)
    return made


HEAD = (
    f"{'':18}  exact miss xtra  start   end | lean  tuck  short  bal. | "
    "lower upper flex. none  band | false/min"
)


def line(name: str, seen: Seen, marks: list[float], trunk: list[float], false: float) -> str:
    start, end = np.median(seen.errors, axis=0) if seen.errors else (np.nan, np.nan)
    return (
        f"{name:18}  {seen.exact:2}/{seen.sets:2} {seen.missed:4} {seen.extra:4}  {start:.3f}  {end:.3f} | "
        f"{marks[0]:.3f} {marks[1]:.3f} {marks[2]:.3f} {marks[3]:.3f} | "
        f"{trunk[0]:5.2f} {trunk[1]:5.2f} {trunk[2]:5.2f} {trunk[3]:4.0f} {trunk[4]:5.1f} | {false:.2f}"
    )


def table(datasets: Path, only: str, seed: int, work: Path) -> Iterator[str]:
    by = models(squats(datasets / "squats", VARIATIONS["as it is"], work, seed).rows)
    yield HEAD
    for name, how in VARIATIONS.items():
        if only not in name:
            continue
        seen = squats(datasets / "squats", how, work, seed)
        trunk, said = seated(datasets / "seated_trunk", how, work, seed)
        false = daily(datasets / "daily", how, work, seed)
        yield line(name, seen, faults(seen.rows, by), trunk, false)
        for text in sorted(seen.said | said)[:6]:
            yield f"{'':20}says: {text}"
    for name, cut in PARTS.items():
        if only in name:
            seen = part(datasets / "squats", cut, work)
            yield f"{name:18}  {seen.exact:2}/{seen.sets:2} {seen.missed:4} {seen.extra:4}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    os.nice(10)
    with TemporaryDirectory() as work:
        for text in table(told.datasets, told.only, told.seed, Path(work)):
            print(text, flush=True)


if __name__ == "__main__":
    main()
