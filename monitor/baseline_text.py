"""A lifter's usual repetitions as JSON: in the user's data, and in the header of a recording."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from monitor.model.errors import ConfigError
from monitor.pipeline.baseline import Baseline, Measures

SCHEMA: Final = "lumbar.baselines/1"

_ANGLES: Final = {
    "peak_rad": "peak_tilt_deg",
    "lean_rad": "lean_deg",
    "tuck_rad": "tuck_deg",
    "range_rad": "tilt_range_deg",
    "flexion_rad": "peak_flexion_deg",
    "extension_rad": "peak_extension_deg",
    "side_rad": "side_tilt_deg",
    "twist_rad": "twist_deg",
    "roll_under_rad": "roll_under_deg",
    "double_hump_rad": "double_hump_deg",
    "sway_rads": "sway_deg_s",
    "hips_first_rad": "hips_first_deg",
}
_LATER: Final = frozenset({"hips_first_deg"})
"""What older files do not know."""
_PLAIN: Final = ("bottom_s", "descent_ms", "eccentric_s", "concentric_s", "depth_m")


@dataclass(frozen=True, slots=True)
class DatedBaseline:
    """A usual repetition, and when it was done: ISO 8601, empty if unknown."""

    usual: Baseline
    date: str = ""


def measures_from(made: Mapping[str, Any]) -> Measures:
    """Return the measures that JSON holds, null being NaN; KeyError, TypeError or ValueError if malformed."""
    angles = {
        name: math.radians(_number(made[key]))
        for name, key in _ANGLES.items()
        if key in made or key not in _LATER
    }
    return Measures(**angles, **{name: _number(made[name]) for name in _PLAIN})


def baselines_text(athlete: str, kept: Mapping[str, DatedBaseline]) -> str:
    """Return the usual repetitions of an athlete as JSON ``lumbar.baselines/1``.

    Parameters
    ----------
    athlete
        Whose they are.
    kept
        Exercise name to the usual repetition.
    """
    exercises = {
        name: {
            "date": one.date,
            "count": one.usual.count,
            "usual": _measures_json(one.usual.usual),
            "spread": _measures_json(one.usual.spread),
        }
        for name, one in sorted(kept.items())
    }
    made = {"schema": SCHEMA, "athlete": athlete, "exercises": exercises}
    return json.dumps(made, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def baselines_from_text(text: str) -> tuple[str, dict[str, DatedBaseline]]:
    """Return athlete and usual repetitions that `baselines_text` wrote.

    Raises
    ------
    ConfigError
        If it is no such text.
    """
    try:
        made = json.loads(text)
        if made["schema"] != SCHEMA:
            raise ConfigError(f"the usual repetitions are not {SCHEMA} but {made['schema']!r}")
        return str(made["athlete"]), {str(name): _dated(one) for name, one in made["exercises"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise ConfigError(f"the usual repetitions are no {SCHEMA}") from wrong


def recorded_baselines(text: str) -> dict[str, DatedBaseline]:
    """Return the usual repetitions in a session's header: none of an empty text; ConfigError if malformed."""
    if not text:
        return {}
    try:
        return baselines_from_text(text)[1]
    except ConfigError as wrong:
        raise ConfigError(f"in the recording, {wrong}") from wrong


def _dated(made: Mapping[str, Any]) -> DatedBaseline:
    count, date = made["count"], made["date"]
    if type(count) is not int or count < 1 or not isinstance(date, str):
        raise ValueError("no count of repetitions, or no date")
    return DatedBaseline(Baseline(measures_from(made["usual"]), measures_from(made["spread"]), count), date)


def _measures_json(made: Measures) -> dict[str, float | None]:
    angles = {key: math.degrees(getattr(made, name)) for name, key in _ANGLES.items()}
    plain = {name: getattr(made, name) for name in _PLAIN}
    return {key: value if math.isfinite(value) else None for key, value in (angles | plain).items()}


def _number(value: float | None) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return float(value)
