"""The option that says how far athletes can bend: calibration profiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor.calibrating import read_profile
from monitor.cli.options import FILE

_F = TypeVar("_F", bound=Callable[..., Any])


def profile_option(command: _F) -> _F:
    """Add ``--profile``, as often as there are athletes."""
    return click.option(
        "--profile",
        "profiles",
        type=FILE,
        multiple=True,
        metavar="PROFILE",
        help="Calibration profile of an athlete: flexion is then shown as a share of the own range.",
    )(command)


def own_flexion_deg(profiles: Iterable[Path]) -> dict[str, float]:
    """Return the own largest flexion in deg of each athlete whose profile holds one."""
    made = {}
    for path in profiles:
        profile = read_profile(path)
        if profile.ranges.flexion_rad:
            made[profile.athlete] = math.degrees(profile.ranges.flexion_rad)
    return made
