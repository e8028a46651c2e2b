"""The exercises and what about each decides how it is watched."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from monitor.model.errors import ConfigError


class Carrier(StrEnum):
    """The signal of a low-back sensor that carries a repetition."""

    TRAVEL = "travel"
    """Vertical travel of the sensor (squats, lunges)."""
    TILT = "tilt"
    """Sagittal tilt of the sensor (hinges, thrusts, seated machines)."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise.

    Parameters
    ----------
    name
        Name on the command line and in files.
    carrier
        Signal that carries the repetition.
    back_supported
        The lower back should rest on a pad: lift-off is judged, from a seat reference.
    turn_sign
        Direction of the pelvic tilt at the turn: +1 anterior (forward), -1 posterior.
    effort_first
        A repetition begins with the effort, and ends with lowering.
    """

    name: str
    carrier: Carrier
    back_supported: bool
    turn_sign: int
    effort_first: bool = False

    def __str__(self) -> str:
        """Return the name in words, as a person reads it."""
        return _WORDS.get(self.name, self.name.replace("_", " "))


_WORDS = {"rdl": "Romanian deadlift", "other": "other exercise"}

EXERCISES = {
    e.name: e
    for e in (
        Exercise("squat", Carrier.TRAVEL, False, +1),
        Exercise("leg_press", Carrier.TILT, True, -1),
        Exercise("hack_squat", Carrier.TRAVEL, True, -1),
        Exercise("rdl", Carrier.TILT, False, +1),
        Exercise("deadlift", Carrier.TILT, False, +1),
        Exercise("lunge", Carrier.TRAVEL, False, +1),
        Exercise("hip_thrust", Carrier.TILT, False, -1, effort_first=True),
        Exercise("leg_curl", Carrier.TILT, True, -1, effort_first=True),
        Exercise("leg_extension", Carrier.TILT, True, -1, effort_first=True),
        Exercise("other", Carrier.TILT, False, +1),
    )
}


def exercise(name: str) -> Exercise:
    """Return the exercise called `name`; ConfigError names the nearest known one."""
    found = EXERCISES.get(name.strip().lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        near = get_close_matches(name, EXERCISES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(EXERCISES)}"
        raise ConfigError(f"unknown exercise {name!r}: {hint}")
    return found
