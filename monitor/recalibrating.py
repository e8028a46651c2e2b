"""A guided calibration in the middle of a session: where it ends, and what is judged after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from calibration.errors import CalibrationError
from calibration.profile import Profile
from monitor.calibrating import GuidedCalibration
from monitor.model.errors import ConfigError
from monitor.model.samples import ImuBlock
from monitor.model.session import Delivery, Guidance, MadeProfile, SessionInfo

_RECENT_S: Final = 3.0
"""Longer than one sensor waits for the other."""


class Recalibration:
    """Samples in, guidance out, until there is a profile.

    Parameters
    ----------
    info
        The session's header, with the exercise under way.
    begun_at
        Wall clock at its beginning, ISO 8601.
    recorded
        What it made in the session itself, where that is known: it ends then and makes that again,
        whatever this version would make of the samples. None in a live session.

    Raises
    ------
    ConfigError
        What is recorded makes no sense.
    """

    def __init__(self, info: SessionInfo, begun_at: str, recorded: MadeProfile | None = None) -> None:
        self._guided = GuidedCalibration(info)
        self._begun_at = begun_at
        self._recorded = recorded
        self._recent: list[ImuBlock] = []
        self._reached_s = {sensor.name: -np.inf for sensor in info.sensors}
        if recorded is not None:
            recorded_profile(recorded.text)

    def feed(self, blocks: Sequence[ImuBlock], info: SessionInfo) -> Guidance:
        """Take samples; the guidance holds the profile once it is made.

        `info` is the header as it is by now: what a sensor is may be known only once it is connected.
        """
        blocks = [block for block in blocks if len(block)]
        for block in blocks:
            self._reached_s[block.sensor] = float(block.t_s[-1])
        newest_s = max(self._reached_s.values())
        self._recent = [b for b in (*self._recent, *blocks) if b.t_s[-1] > newest_s - _RECENT_S]
        if self._recorded is not None:
            end_s = self._recorded.time_s
            blocks = [block[: int(np.searchsorted(block.t_s, end_s, "right"))] for block in blocks]
        told = self._guided.feed([Delivery(block) for block in blocks])
        guidance = self._guided.guidance(told)
        if self._recorded is not None and self._all_past(self._recorded.time_s):
            made = self._recorded
        elif self._recorded is None and self._guided.done:
            text = self._guided.profile(self._begun_at, info).to_text()
            made = MadeProfile(self._begun_at, told[-1].time_s, text)
        else:
            return guidance
        quality = recorded_profile(made.text).quality
        words = ": ".join([quality.level, "; ".join(quality.reasons)]).removesuffix(": ")
        return replace(guidance, made=made, quality=words)

    def later(self, time_s: float) -> list[ImuBlock]:
        """Return the samples after `time_s`: they are judged already, however they were cut."""
        cut = [block[int(np.searchsorted(block.t_s, time_s, "right")) :] for block in self._recent]
        return [block for block in cut if len(block)]

    def _all_past(self, time_s: float) -> bool:
        """Return whether every sensor has come past a time, or has not come for long."""
        reached = self._reached_s.values()
        return min(reached) > time_s or max(reached) > time_s + _RECENT_S


def recorded_profile(text: str) -> Profile:
    """Return the profile of a recording; ConfigError in one line where it makes no sense."""
    try:
        return Profile.from_text(text)
    except CalibrationError as wrong:
        raise ConfigError(f"the calibration profile in the recording: {wrong}") from wrong
