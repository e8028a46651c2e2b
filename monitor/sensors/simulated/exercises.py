"""How each simulated exercise is done, and what goes wrong in it.

Sizes are spans of which every lifter has a place of his own: pelvic tilts after the squat,
deadlift and lifting studies (pelvic range 24 +- 7 deg in squats, 50 to 70 deg hinges with a
lumbar share of about a fifth), vertical travel 0.35 to 0.6 m. Leg press: 3 to 7 deg posterior
tilt at depth is ordinary (a quarter to a third of hip flexion is pelvis).
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model.errors import ConfigError

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Movement:
    """One exercise from its rest pose to its turn.

    Parameters
    ----------
    tilt_deg, flexion_deg
        Change of pelvic tilt and lumbar flexion from rest to turn.
    drop_m, shift_m
        The sacrum's way down and forward from rest to turn.
    tuck_deg
        Ordinary posterior reversal of the tilt around the turn.
    lead
        Share of the way there by which the tilt is complete before the drop is: the chest goes
        forward first, which leaves the tuck to be seen as a second hump.
    seat_deg
        Tilt of the pelvis on the pad at rest; None where one stands.
    seat_m
        How far one sinks from standing into the machine or onto the floor.
    alternates
        Left and right take turns.
    effort_first
        The effort comes before the turn.
    on_pad
        The lower back rests on a pad.
    form_faults
        What `improper_form` shows as.
    """

    tilt_deg: Span
    flexion_deg: Span
    drop_m: Span
    shift_m: Span
    tuck_deg: Span = (0.0, 0.0)
    lead: float = 0.0
    seat_deg: Span | None = None
    seat_m: float = 0.0
    alternates: bool = False
    effort_first: bool = False
    on_pad: bool = False
    form_faults: tuple[str, ...] = ("seated_side_tilt",)


MOVEMENTS = {
    "squat": Movement(
        (16, 30), (8, 16), (0.36, 0.58), (-0.18, -0.06), (1, 5), 0.28, form_faults=("tuck", "tuck", "lean")
    ),
    "lunge": Movement(
        (4, 12),
        (2, 8),
        (0.26, 0.40),
        (0.2, 0.4),
        (0, 2),
        0.2,
        alternates=True,
        form_faults=("lean", "side_tilt"),
    ),
    "rdl": Movement((50, 66), (8, 14), (0.06, 0.14), (-0.25, -0.15), form_faults=("rounding",)),
    "deadlift": Movement((50, 64), (10, 16), (0.22, 0.38), (-0.2, -0.1), form_faults=("rounding", "lean")),
    "hip_thrust": Movement(
        (-54, -46),
        (-9, -4),
        (-0.32, -0.22),
        (0.02, 0.08),
        seat_deg=(-40, -32),
        seat_m=0.75,
        effort_first=True,
        form_faults=("overextension",),
    ),
    "leg_press": Movement(
        (-6.2, -3.2), (2.5, 5.5), (-0.01, 0.01), (-0.015, 0.0), seat_deg=(-58, -38), seat_m=0.45, on_pad=True
    ),
    "hack_squat": Movement(
        (-6, -3), (2.5, 5), (0.32, 0.45), (0.15, 0.25), seat_deg=(-38, -28), seat_m=0.08, on_pad=True
    ),
    "leg_curl": Movement(
        (-6, -3.5),
        (2, 5),
        (-0.01, 0.01),
        (-0.01, 0.01),
        seat_deg=(-28, -18),
        seat_m=0.35,
        effort_first=True,
        on_pad=True,
    ),
    "leg_extension": Movement(
        (-6.5, -3.5),
        (2, 5),
        (-0.01, 0.01),
        (-0.01, 0.01),
        seat_deg=(-25, -15),
        seat_m=0.35,
        effort_first=True,
        on_pad=True,
    ),
}

CAUSES = ("lack_of_spinal_support", "improper_form", "too_much_weight", "poor_core_engagement")
_STANDING = ("squat", "lunge", "rdl", "deadlift")
FORM_FAULTS = {
    "tuck": ("squat", "lunge"),
    "lean": ("squat", "lunge", "deadlift"),
    "rounding": ("squat", "rdl", "deadlift"),
    "overextension": ("hip_thrust",),
    "side_tilt": _STANDING,
    "twist": _STANDING,
    "hips_first": ("squat", "deadlift"),
}
"""What a set of bad form can be asked to show throughout, and in which exercises."""
INJECTIONS = (*CAUSES, *(f"improper_form:{fault}" for fault in FORM_FAULTS), "too_much_weight:hips_first")
"""What can be asked of a simulation: a cause, or a cause that shows as one fault alone."""


def movement(name: str) -> Movement:
    """Return the simulated exercise called `name`; ConfigError naming those there are."""
    if name not in MOVEMENTS:
        raise ConfigError(f"no simulation of {name!r}: choose one of {', '.join(MOVEMENTS)}")
    return MOVEMENTS[name]


def checked_cause(name: str, asked: str | None) -> tuple[str | None, str | None]:
    """Return the cause to inject into exercise `name` and the one fault it is to show as.

    Parameters
    ----------
    name
        One of `MOVEMENTS`.
    asked
        ``CAUSE`` or ``CAUSE:FAULT`` of `INJECTIONS`; None or ``"none"`` for a clean set.

    Raises
    ------
    ConfigError
        If there is none, or none in this exercise.
    """
    if asked in (None, "none"):
        return None, None
    if asked not in INJECTIONS:
        raise ConfigError(f"no simulation of cause {asked!r}: choose one of {', '.join(INJECTIONS)}, none")
    cause, _, fault = asked.partition(":")
    if fault and name not in FORM_FAULTS[fault]:
        raise ConfigError(
            f"no simulation of {fault} in {name}: choose one of {', '.join(FORM_FAULTS[fault])}"
        )
    if cause == "lack_of_spinal_support" and not movement(name).on_pad:
        padded = ", ".join(n for n, m in MOVEMENTS.items() if m.on_pad)
        raise ConfigError(f"{name} has no pad to lift off from: choose one of {padded}")
    if cause == "poor_core_engagement" and movement(name).on_pad:
        raise ConfigError(f"{name} holds the trunk still: simulate {cause} on a free-standing exercise")
    return cause, fault or None
