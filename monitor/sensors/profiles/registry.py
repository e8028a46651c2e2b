"""The device families that are understood, and which of them an advertisement is."""

from __future__ import annotations

from difflib import get_close_matches

from monitor.model.errors import ConfigError
from monitor.sensors.profiles import metamotion, movella, movesense, open_profile, polar, witmotion
from monitor.sensors.profiles.base import Advertisement, Profile

PROFILES: tuple[Profile, ...] = (
    open_profile.PROFILE,
    movesense.PROFILE,
    metamotion.PROFILE,
    movella.PROFILE,
    polar.PROFILE,
    witmotion.PROFILE,
)
"""In order of how sure a match is: WitMotion is recognised by three letters of a name."""


def recognise(heard: Advertisement) -> Profile | None:
    """Return the family of a device that was heard, or None."""
    return next((profile for profile in PROFILES if profile.recognises(heard)), None)


def profile_named(name: str) -> Profile:
    """Return the family of that name, as recordings and settings have it; ConfigError if unknown."""
    for profile in PROFILES:
        if profile.name == name.strip().lower():
            return profile
    names = [profile.name for profile in PROFILES]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(names)}"
    raise ConfigError(f"unknown sensor protocol {name!r}: {hint}")
