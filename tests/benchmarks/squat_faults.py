"""Faults of real squats against a personal baseline, leaving one person out.

Usage: python tests/benchmarks/squat_faults.py DATASETS

Each person's baseline is their first correct set, then, swapped, the second; every other set is
judged. The weights that judge a person were fitted to the others; validation.py prints what they reach. This
command prints the weights fitted to everybody: the ones in monitor/pipeline/squat_model.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from squat_sets import Sets, compared, found_sets

from monitor.model.events import FaultKind
from monitor.model.samples import FloatArray
from monitor.pipeline.squat_model import CLASSES, log_odds, relative, shown

EXECUTIONS = dict(
    zip(("correct", "knee_valgus", "excessive_lean", "butt_wink", "partial"), CLASSES, strict=True)
)
NAMED = {name: k for k, (name, kind) in enumerate(EXECUTIONS.items()) if isinstance(kind, FaultKind)}
"""Those that are told, and their place among the classes."""
PENALTY = 0.03
SPECIFICITY = 0.94
USUAL_SD = 1.5


@dataclass
class Row:
    person: str
    base: int
    execution: str
    order: int
    features: FloatArray
    shown: dict[FaultKind, bool]
    peak_rad: float


class Model(NamedTuple):
    """Weights (classes, features) and offsets of a softmax, and the log-odds past which a class is told."""

    weights: FloatArray
    offsets: FloatArray
    limits: FloatArray


def rows(sets: Sets) -> list[Row]:
    return [
        Row(
            name.person,
            base,
            name.execution,
            r.index,
            relative(r, usual),
            shown(r, usual),
            r.metrics.peak_tilt_rad,
        )
        for name, reps, base, usual in compared(sets)
        for r in reps
    ]


def classes(data: list[Row]) -> np.ndarray:
    return np.array([EXECUTIONS[row.execution] for row in data])


def model(data: list[Row]) -> Model:
    x, y = np.stack([row.features for row in data]), classes(data)
    weights, offsets = fit(x, y)
    return Model(weights, offsets, limits(log_odds(x, weights, offsets), y))


def models(data: list[Row]) -> dict[str, Model]:
    """Return for each person the model of the others."""
    people = {row.person for row in data}
    return {who: model([row for row in data if row.person != who]) for who in people}


def judged(data: list[Row], by: dict[str, Model]) -> tuple[FloatArray, np.ndarray]:
    """Return log-odds and whether it is told, (rows, classes) each, by the model of each row's person."""
    odds, told = [], []
    for row in data:
        made = by[row.person]
        odds.append(log_odds(row.features[None], made.weights, made.offsets)[0])
        there = [not isinstance(kind, FaultKind) or row.shown[kind] for kind in CLASSES]
        told.append((odds[-1] > made.limits) & there)
    return np.array(odds), np.array(told)


def fit(features: FloatArray, labels: np.ndarray) -> tuple[FloatArray, FloatArray]:
    """Return weights (classes, features) and offsets of a softmax with balanced classes and an L2 penalty."""
    center, scale = features.mean(axis=0), features.std(axis=0)
    x = (features - center) / scale
    y = (labels[:, None] == np.array(CLASSES)).astype(float)
    weight = (len(y) / (len(CLASSES) * y.sum(axis=0)))[y.argmax(axis=1)]
    shape = (len(CLASSES), x.shape[1] + 1)

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        w = flat.reshape(shape)
        score = x @ w[:, 1:].T + w[:, 0]
        score -= np.logaddexp.reduce(score, axis=1, keepdims=True)
        slope = PENALTY * weight[:, None] * (np.exp(score) - y)
        gradient = np.concatenate([slope.sum(axis=0)[:, None], slope.T @ x + w[:, 1:]], axis=1)
        value = -PENALTY * float((weight[:, None] * y * score).sum()) + 0.5 * float((w[:, 1:] ** 2).sum())
        return value, gradient.ravel()

    best = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B").x.reshape(shape)
    weights = best[:, 1:] / scale
    return weights, best[:, 0] - weights @ center


def limits(odds: FloatArray, labels: np.ndarray) -> FloatArray:
    """Return for each class the log-odds past which it is told.

    Of the few usual repetitions mean and deviation are taken: their last quantile hangs on one or two.
    """
    made = []
    for k, name in enumerate(CLASSES):
        others, usual = odds[labels != name, k], odds[labels == CLASSES[0], k]
        made.append(max(np.quantile(others, SPECIFICITY), usual.mean() + USUAL_SD * usual.std()))
    return np.array(made)


def auc(positive: FloatArray, negative: FloatArray) -> float:
    return float((positive[:, None] > negative).mean() + 0.5 * (positive[:, None] == negative).mean())


def sensitivity_at(specificity: float, positive: FloatArray, negative: FloatArray) -> float:
    return float((positive > np.quantile(negative, specificity)).mean())


def figures(data: list[Row]) -> Iterator[str]:
    y, person = classes(data), np.array([row.person for row in data])
    odds, told = judged(data, models(data))
    for name, k in NAMED.items():
        here = y == CLASSES[k]
        each = ", ".join(
            f"{who} {auc(odds[here & (person == who), k], odds[~here & (person == who), k]):.2f}"
            for who in sorted(set(person))
        )
        yield (
            f"{name}: AUC {auc(odds[here, k], odds[~here, k]):.3f} ({each}), against correct alone "
            f"{auc(odds[here, k], odds[y == CLASSES[0], k]):.3f}; sensitivity {told[here, k].mean():.2f} "
            f"at specificity {1 - told[~here, k].mean():.2f} (by the odds alone "
            f"{sensitivity_at(0.93, odds[here, k], odds[~here, k]):.2f} at 0.93)"
        )
    named = [*NAMED.values()]
    any_told, any_true = np.any(told[:, named], axis=1), np.isin(y, [CLASSES[k] for k in named])
    for who in (*sorted(set(person)), None):
        here = np.ones(len(y), bool) if who is None else person == who
        score = balanced(any_told[here], any_true[here])
        yield f"any nameable fault, {who or 'everybody'}: balanced accuracy {score:.3f}"
    valgus = y == CLASSES[1]
    taken = ", ".join(f"{name} {told[valgus, k].mean():.2f}" for name, k in NAMED.items())
    yield f"knee_valgus is never named; it is taken for: {taken}"
    yield f"correct sets with an alarm (2 of 3 repetitions): {alarms(data, told[:, named])}"
    peak = np.array([row.peak_rad for row in data])
    largest = np.array([peak[person == who].max() for who in person])
    for rule, fired in (
        ("tilt over 20 deg", peak > np.radians(20.0)),
        ("over 70 % of the own largest tilt", peak > 0.7 * largest),
    ):
        yield (
            f"null rule, {rule}: balanced accuracy {balanced(fired, any_true):.3f}, "
            f"correct sets with an alarm: {alarms(data, fired[:, None])}"
        )


def balanced(told: np.ndarray, true: np.ndarray) -> float:
    return float(told[true].mean() + 1 - told[~true].mean()) / 2


def alarms(data: list[Row], told: np.ndarray) -> str:
    """Return in how many correct sets two of three repetitions were told of the same kind (N, kinds)."""
    sets: dict[tuple[str, int], list[int]] = {}
    for i in sorted(range(len(data)), key=lambda i: data[i].order):
        if data[i].execution == "correct":
            sets.setdefault((data[i].person, data[i].base), []).append(i)
    fired = sum(
        bool((np.lib.stride_tricks.sliding_window_view(told[reps], 3, axis=0).sum(axis=2) >= 2).any())
        for reps in sets.values()
    )
    return f"{fired} of {len(sets)}"


def main() -> None:
    made = model(rows(found_sets(Path(sys.argv[1]) / "squats")))
    print(np.array2string(made.weights, precision=3, separator=", ", max_line_width=110))
    print(np.array2string(made.offsets, precision=3, separator=", "))
    print("limits", np.array2string(made.limits, precision=2, separator=", "))


if __name__ == "__main__":
    main()
