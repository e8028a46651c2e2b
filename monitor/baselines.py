"""A lifter's usual repetitions from an earlier session: a recording, a CSV, or its analysis."""

from __future__ import annotations

import json
from pathlib import Path

from monitor.analysis import SCHEMA, analyze
from monitor.baseline_text import measures_from
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError
from monitor.model.events import Rep
from monitor.model.session import SampleSource
from monitor.pipeline.baseline import FEWEST_REPS, Baseline, Measures, baseline_of, measures


def baselines_from_session(source: SampleSource, options: EngineOptions, where: str) -> dict[str, Baseline]:
    """Return the usual repetition of the exercise in `source`; ConfigError names it by `where`."""
    reps = analyze(source, options).of(Rep)
    return _usual(source.info.exercise.name, [measures(rep) for rep in reps], where)


def baselines_from_analysis(path: Path) -> dict[str, Baseline]:
    """Return the usual repetition in a JSON that ``lumbar analyze --json`` wrote.

    Raises
    ------
    ConfigError
        If it is none, or holds too few repetitions.
    """
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        rows = [measures_from(rep) for rep in made["reps"] if made["schema"] == SCHEMA]
        exercise = str(made["exercise"])
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise ConfigError(f"baseline {path} cannot be read: {why}") from failure
    except (ValueError, KeyError, TypeError) as failure:
        raise ConfigError(
            f"baseline {path} is no analysis of this version: make it with lumbar analyze --json"
        ) from failure
    return _usual(exercise, rows, str(path))


def _usual(exercise: str, rows: list[Measures], where: str) -> dict[str, Baseline]:
    if len(rows) < FEWEST_REPS:
        raise ConfigError(
            f"baseline {where} holds {len(rows)} repetitions, at least {FEWEST_REPS} are needed: "
            "name a longer session, or leave --baseline out"
        )
    return {exercise: baseline_of(rows)}
