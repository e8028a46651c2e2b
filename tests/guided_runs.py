"""Guided calibrations run on the virtual lifter, for the tests of calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from calibration.procedure import Told
from calibration.profile import Profile
from monitor.calibrating import GuidedCalibration
from monitor.model.session import Delivery, SourceItem
from monitor.sensors.simulated.guided import GuidedSession
from monitor.sensors.simulated.wearing import Wearing

MADE_AT = "2026-01-01T00:00:00+00:00"


def guided(session: GuidedSession, **plan: Any) -> tuple[Profile, list[Told]]:
    """Return the profile that comes of a simulated calibration, and what was told on the way."""
    return through(session, [[item] for item in session.source.items()], **plan)


def through(
    session: GuidedSession, batches: Sequence[Sequence[SourceItem]], **plan: Any
) -> tuple[Profile, list[Told]]:
    run = GuidedCalibration(session.source.info, **plan)
    told = [line for batch in batches for line in run.feed(batch)]
    return run.profile(MADE_AT, session.source.info), told


def cut(session: GuidedSession, size: int) -> list[list[SourceItem]]:
    """Return the samples of a session, `size` at a time."""
    made: list[list[SourceItem]] = []
    for item in session.source.items():
        if isinstance(item, Delivery):
            starts = range(0, len(item.block), size)
            made += [[Delivery(item.block[start : start + size])] for start in starts]
    return made


def injected(wearing: Wearing, **error: Any) -> Wearing:
    """Return `wearing` with one thing wrong in each sensor."""
    return replace(wearing, sensors={name: replace(w, **error) for name, w in wearing.sensors.items()})


def turn_deg(a: np.ndarray, b: np.ndarray) -> float:
    """Return the angle of the rotation between two rotations, in deg."""
    return float(np.degrees(np.arccos(np.clip((np.trace(a @ b.T) - 1) / 2, -1, 1))))
