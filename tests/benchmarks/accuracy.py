"""Repetitions, angles and lift-off, on people and on simulated sessions; printed by validation.py."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from calibration.alignment import Alignment, tilt_from
from monitor.analysis import Analysis, analyze, angle_table, with_header
from monitor.cli.options import open_file, overridden
from monitor.engine import EngineOptions
from monitor.model.events import Approaching, Calibrated, LiftOff, Rep
from monitor.model.samples import FloatArray
from monitor.scoring import Matches, match_intervals, match_onsets, trimmed_rmse
from monitor.sensors.simulated.scenario import simulate

SESSIONS = 20
TRUNK = ("lower", "upper")
TUCK_RAD = np.radians(10.0)
EXERCISES = (
    "squat",
    "lunge",
    "rdl",
    "deadlift",
    "hip_thrust",
    "leg_press",
    "hack_squat",
    "leg_curl",
    "leg_extension",
)


def analyzed(lower: Path, exercise: str, upper: Path | None = None) -> Analysis:
    source, warnings = open_file(lower, upper)
    headed = with_header(source, overridden(source.info, exercise))
    return analyze(headed, EngineOptions(), warnings=warnings)


def true_intervals(path: Path) -> list[tuple[float, float]]:
    """Return start and end of each repetition of a set of squats, from what lies beside it."""
    reps = json.loads(path.with_suffix(".truth.json").read_text())["reps"]
    return [(rep["start_s"], rep["end_s"]) for rep in reps]


def rep_intervals(made: Analysis) -> list[tuple[float, float]]:
    return [(rep.start_s, rep.end_s) for rep in made.of(Rep)]


def median_error(pairs: list[tuple[float, float]]) -> float:
    return float(np.median([abs(a - b) for a, b in pairs])) if pairs else float("nan")


def squats(folder: Path) -> Iterator[str]:
    exact = sets = 0
    starts: list[tuple[float, float]] = []
    ends: list[tuple[float, float]] = []
    latest = 0.0
    ahead_s: list[float] = []
    tucks = correct = for_nothing = 0
    for path in sorted(folder.glob("*.csv")):
        truth = true_intervals(path)
        made = analyzed(path, "squat")
        found = rep_intervals(made)
        sets += 1
        exact += len(found) == len(truth)
        for i, j in match_intervals(truth, found).pairs:
            starts.append((truth[i][0], found[j][0]))
            ends.append((truth[i][1], found[j][1]))
        latest = max([latest, *(rep.decided_s - rep.end_s for rep in made.of(Rep))])
        soon = [event.decided_s for event in made.of(Approaching)]
        # The first repetition of a set shows how deep is usual.
        for rep in made.of(Rep)[1:]:
            told = [rep.turn_s - s for s in soon if rep.start_s <= s <= rep.end_s]
            if rep.metrics.tuck_rad >= TUCK_RAD:
                tucks += 1
                ahead_s += told[:1]
            if "_correct_" in path.name:
                correct += 1
                for_nothing += bool(told)
    yield f"squats: sets with the exact count {exact} of {sets}"
    yield f"squats: median |start error| {median_error(starts):.3f} s, |end error| {median_error(ends):.3f} s"
    yield f"squats: latest decision after a repetition's end {latest:.2f} s"
    yield (
        f"squats: tucks of 10 deg and more announced {len(ahead_s)} of {tucks}, median "
        f"{np.median(ahead_s):.2f} s before the turn; in correct repetitions {for_nothing} of {correct}"
    )


def daily(folder: Path) -> Iterator[str]:
    total = minutes = 0.0
    for kind in ("walk", "jog", "stairs"):
        count = length = 0.0
        for path in sorted(folder.glob(f"*_{kind}_*.csv")):
            made = analyzed(path, "squat")
            count += len(made.of(Rep))
            length += (made.sample_times_s[-1] - made.sample_times_s[0]) / 60
        yield f"daily: {kind}: {count / length:.2f} false repetitions a minute in {length:.1f} minutes"
        total, minutes = total + count, minutes + length
    yield f"daily: walking, jogging and stairs together {total / minutes:.2f} a minute"
    bends = sorted(folder.glob("*_stand_bend_knees_*.csv"))
    found = [len(analyzed(path, "squat").of(Rep)) for path in bends]
    yield (
        f"daily: {sum(map(bool, found))} of {len(bends)} slow bends of the knees counted as squats, "
        f"{sum(count > 1 for count in found)} of them more than once"
    )


def trials(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def truth_table(trial: Path, sensor: str) -> FloatArray:
    """Return times and true up-vectors of a sensor, (N, 4)."""
    path = trial / f"truth_{sensor}.csv"
    table: FloatArray = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(4))
    return table


def seated_trunk(folder: Path) -> Iterator[str]:
    made = [
        trunk_errors(
            analyzed(trial / "lower.csv", "other", trial / "upper.csv"),
            {sensor: truth_table(trial, sensor) for sensor in TRUNK},
        )
        for trial in trials(folder)
    ]
    *figures, held = np.array(made).T
    errors = dict(zip((*TRUNK, "flexion"), figures, strict=True))
    for name, values in errors.items():
        missing = f", not estimated in {sum(np.isnan(values))}" if np.isnan(values).any() else ""
        median, worst = np.nanmedian(values), np.nanpercentile(values, 90)
        yield (
            f"seated_trunk: {name}: median RMSE {median:.2f} deg, 90th percentile {worst:.2f}, "
            f"{len(values)} trials{missing}"
        )
    share = 100 * np.nanmean(held)
    yield f"seated_trunk: 95 % band of flexion holds {share:.0f} % of samples (mean of trials)"


def trunk_errors(made: Analysis, truths: dict[str, FloatArray]) -> tuple[float, float, float, float]:
    """Return the RMSE of lower, upper and flexion in deg, and the share of samples in flexion's 95 % band.

    The last two are NaN where flexion was not estimated.
    """
    names, rows = angle_table(made)
    column = {name: rows[:, i] for i, name in enumerate(names)}
    lower, upper = (trimmed_rmse(inclination_error_deg(column, s, truths[s])) for s in TRUNK)
    calibrated = made.of(Calibrated)
    matrices = calibrated[-1].sensor_to_segment if calibrated else {}
    if len(matrices) < len(TRUNK):
        return lower, upper, math.nan, math.nan
    t, error = flexion_error_deg(column, truths, matrices)
    band = 1.96 * np.interp(t, column["t_s"], column["lumbar_flexion_sigma_deg"])
    return lower, upper, trimmed_rmse(error), float(np.mean(np.abs(error) <= band))


def inclination_error_deg(column: dict[str, FloatArray], sensor: str, truth: FloatArray) -> FloatArray:
    t, up = truth[:, 0], truth[:, 1:4]
    estimated = np.stack([np.interp(t, column["t_s"], column[f"{sensor}_up_{a}"]) for a in "xyz"], axis=1)
    cosine = np.sum(estimated * up, axis=1) / np.linalg.norm(estimated, axis=1)
    inside = (t >= column["t_s"][0]) & (t <= column["t_s"][-1])
    error: FloatArray = np.degrees(np.arccos(np.clip(cosine, -1, 1)))[inside]
    return error


def flexion_error_deg(
    column: dict[str, FloatArray],
    truths: dict[str, FloatArray],
    matrices: dict[str, tuple[tuple[float, float, float], ...]],
) -> tuple[FloatArray, FloatArray]:
    """Return times and errors where both sensors have a true sample, less the opening's median."""
    t = truths["lower"][:, 0]
    other = truths["upper"][:, 0]
    near = np.abs(other[np.clip(np.searchsorted(other, t), 0, len(other) - 1)] - t) < 0.02
    near &= (t >= column["t_s"][0]) & (t <= column["t_s"][-1])
    lower, _ = tilt_from(truths["lower"][:, 1:4], Alignment(np.array(matrices["lower"])))
    upper, _ = tilt_from(truths["upper"][:, 1:4], Alignment(np.array(matrices["upper"])))
    true = np.degrees(np.interp(t, other, np.unwrap(upper)) - lower)
    error = np.interp(t, column["t_s"], column["lumbar_flexion_deg"]) - true
    error = (error[near] + 180) % 360 - 180
    t = t[near]
    return t, error - np.median(error[t < t[0] + 2.0])


def simulated_reps(first: int) -> Iterator[str]:
    for exercise in EXERCISES:
        exact = found = truths = extra = 0
        for seed in range(first, first + SESSIONS):
            session = simulate(exercise, seed=seed)
            reps = analyze(session.source).of(Rep)
            hit = sum(
                sum(true.start_s < rep.turn_s < true.end_s for rep in reps) == 1
                for true in session.truth.reps
            )
            truths += len(session.truth.reps)
            found += hit
            extra += len(reps) - hit
            exact += hit == len(reps) == len(session.truth.reps)
        sessions = f"{exact} of {SESSIONS} sessions exact"
        yield f"simulated {exercise}: {found} of {truths} repetitions, {extra} extra, {sessions}"


def simulated_lift_off(first: int) -> Iterator[str]:
    for exercise in ("leg_press", "hack_squat"):
        pairs: list[tuple[float, float]] = []
        delays: list[float] = []
        truths = found = 0
        for seed in range(first, first + SESSIONS):
            session = simulate(exercise, seed=seed, cause="lack_of_spinal_support")
            made = analyze(session.source).of(LiftOff)
            true = [event.start_s for event in session.truth.lift_offs]
            matches = match_onsets(true, [event.start_s for event in made])
            pairs += [(true[i], made[j].start_s) for i, j in matches.pairs]
            delays += [made[j].decided_s - true[i] for i, j in matches.pairs]
            truths, found = truths + len(true), found + len(made)
        whole = Matches(tuple((k, k) for k in range(len(pairs))), truths, found)
        yield (
            f"simulated {exercise} lift-off: F1 {whole.f1:.3f}, median |start error| "
            f"{median_error(pairs):.3f} s, decided {np.median(delays):.2f} s after the crossing"
        )
