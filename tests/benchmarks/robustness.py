"""How the figures move when the same movements come from another sensor, clip, radio or opening.

Usage: python tests/benchmarks/robustness.py DATASETS [--only WORD] [--seed SEED]

The models stay frozen: weights that judge a person were fitted to the others' recordings as they are.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from accuracy import analyzed, flexion_error_deg, inclination_error_deg, rep_intervals
from squat_faults import EXECUTIONS, NAMED, Row, auc, balanced, fit, limits
from variations import PARTS, VARIATIONS, Part, Samples, Variation, read

from monitor.analysis import Analysis, angle_table
from monitor.model.errors import MonitorError
from monitor.model.events import Calibrated, Notice, Rep
from monitor.model.samples import FloatArray
from monitor.pipeline.baseline import baseline
from monitor.pipeline.squat_model import CLASSES, log_odds, relative, shown
from monitor.scoring import match_intervals, trimmed_rmse

Intervals = list[tuple[float, float]]


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


def squats(folder: Path, how: Variation, work: Path, seed: int) -> Seen:
    made, reps = Seen(), dict[tuple[str, str, int], list[Rep]]()
    for path in sorted(folder.glob("*.csv")):
        samples = varied(read(path), how, path.stem, seed)
        truth = [
            (r["start_s"] * samples.rate + samples.offset_s, r["end_s"] * samples.rate + samples.offset_s)
            for r in json.loads(path.with_suffix(".truth.json").read_text())["reps"]
        ]
        person, _, rest = path.stem.partition("_")
        execution, _, number = rest.rpartition("_")
        found = scored(made, work, samples, truth)
        reps[person, execution, int(number)] = found
    made.rows = judged(reps)
    return made


def scored(made: Seen, work: Path, samples: Samples, truth: Intervals) -> list[Rep]:
    made.sets += 1
    try:
        result = run(work, "squat", samples)
    except MonitorError as refused:
        made.said.add(str(refused).replace(str(work), "")[:110])
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


def judged(reps: dict[tuple[str, str, int], list[Rep]]) -> list[Row]:
    rows = []
    for base in (1, 2):
        for (who, execution, number), found in reps.items():
            usual = reps.get((who, "correct", base))
            if usual and (execution, number) != ("correct", base):
                b = baseline(usual)
                rows += [Row(who, base, execution, r.index, relative(r, b), shown(r, b), 0.0) for r in found]
    return rows


Models = dict[str, tuple[FloatArray, FloatArray, FloatArray]]


def models(rows: list[Row]) -> Models:
    """Return for each person the weights, offsets and limits fitted to the others."""
    x = np.stack([row.features for row in rows])
    y = np.array([EXECUTIONS[row.execution] for row in rows])
    person = np.array([row.person for row in rows])
    made = {}
    for who in sorted(set(person)):
        others = person != who
        weights, offsets = fit(x[others], y[others])
        made[who] = weights, offsets, limits(log_odds(x[others], weights, offsets), y[others])
    return made


def faults(rows: list[Row], by: Models) -> list[float]:
    """Return the AUC of lean, tuck and short, and the balanced accuracy of any."""
    if not rows:
        return [float("nan")] * 4
    y = np.array([EXECUTIONS[row.execution] for row in rows])
    odds = np.stack([log_odds(row.features[None], *by[row.person][:2])[0] for row in rows])
    named = [CLASSES.index(EXECUTIONS[name]) for name in NAMED]
    told = np.array(
        [
            [odds[i, k] > by[row.person][2][k] and row.shown[CLASSES[k]] for k in named]
            for i, row in enumerate(rows)
        ]
    )
    made = [auc(odds[y == CLASSES[k], k], odds[y != CLASSES[k], k]) for k in named]
    return [*made, balanced(told.any(axis=1), np.isin(y, [CLASSES[k] for k in named]))]


def seated(folder: Path, how: Variation, work: Path, seed: int) -> tuple[list[float], set[str]]:
    """Return the median RMSE of lower, upper and flexion, trials without flexion, and the band's coverage."""
    errors: list[list[float]] = [[], [], []]
    held, said, missing = [], set(), 0
    for trial in sorted(p for p in folder.iterdir() if p.is_dir()):
        sensors, truths = {}, {}
        for name in ("lower", "upper"):
            s = varied(read(trial / f"{name}.csv"), how, trial.name + name, seed)
            true = np.loadtxt(trial / f"truth_{name}.csv", delimiter=",", skiprows=1)
            time_s = true[:, 0] * s.rate + s.offset_s
            sensors[name], truths[name] = s, np.column_stack([time_s, true[:, 1:4] @ s.turned.T])
        try:
            made = run(work, "other", sensors["lower"], sensors["upper"])
        except MonitorError as refused:
            said.add(str(refused).replace(str(work), "")[:110])
            missing += 1
            continue
        said |= {n.text for n in made.of(Notice)}
        names, rows = angle_table(made)
        column = {name: rows[:, i] for i, name in enumerate(names)}
        for k, name in enumerate(("lower", "upper")):
            errors[k].append(trimmed_rmse(inclination_error_deg(column, name, truths[name])))
        matrices = made.of(Calibrated)[-1].sensor_to_segment if made.of(Calibrated) else {}
        if len(matrices) < 2:
            missing += 1
            continue
        t, error = flexion_error_deg(column, truths, matrices)
        errors[2].append(trimmed_rmse(error))
        sigma = np.interp(t, column["t_s"], column["lumbar_flexion_sigma_deg"])
        held.append(float(np.mean(np.abs(error) <= 1.96 * sigma)))
    medians = [float(np.median(e)) if e else float("nan") for e in errors]
    return [*medians, float(missing), 100 * float(np.mean(held)) if held else float("nan")], said


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
        whole = [
            (r["start_s"], r["end_s"])
            for r in json.loads(path.with_suffix(".truth.json").read_text())["reps"]
        ]
        samples, truth = how(read(path), whole)
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
