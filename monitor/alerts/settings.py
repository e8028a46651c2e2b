"""How much is said: the settings of the alert policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.model.errors import ConfigError

REQUEST_MARK = "say"
"""The mark that asks for what was noticed, in the mode on_request."""


class SpeakMode(StrEnum):
    """When cues may sound. Whatever the mode, every alert is shown and sent."""

    LIVE = "live"
    EVERY_N = "every_n"
    """One recap after every n-th repetition."""
    AFTER_SET = "after_set"
    """One recap after the set."""
    ON_REQUEST = "on_request"
    """One recap when the lifter asks (a mark ``say``)."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """How much is said.

    Parameters
    ----------
    mode, every_n
        When cues sound, and the n of `SpeakMode.EVERY_N`.
    cues_per_rep, cues_in_window, window_reps
        The budget of sounds: so many in one repetition, so many in so many in a row.
    refractory_s
        Seconds of quiet before the same kind is told again in the same repetition; also how long
        the back must rest on the pad until a lift-off counts as over.
    caution_audible
        Whether a caution sounds; an alert always may.
    back_in_range
        Whether being back on the pad is told too; it sounds, outside the budget, where its lift-off did.
    lost_s
        Seconds without samples from which a gap is told.
    uncalibrated_reps
        Repetitions without any calibration until that is told.
    """

    mode: SpeakMode = SpeakMode.LIVE
    every_n: int = 3
    cues_per_rep: int = 1
    cues_in_window: int = 2
    window_reps: int = 3
    refractory_s: float = 1.0
    caution_audible: bool = True
    back_in_range: bool = False
    lost_s: float = 2.0
    uncalibrated_reps: int = 4

    def __post_init__(self) -> None:
        """Raise ConfigError for a value that makes no sense."""
        for name, least in (
            ("every_n", 1),
            ("cues_per_rep", 0),
            ("cues_in_window", 0),
            ("window_reps", 1),
            ("uncalibrated_reps", 1),
        ):
            if getattr(self, name) < least:
                raise ConfigError(f"alerts.{name} is {getattr(self, name)}: set {least} or more")
        for name in ("refractory_s", "lost_s"):
            if not 0 <= getattr(self, name) <= 3600:
                raise ConfigError(f"alerts.{name} is {getattr(self, name)}: set 0 to 3600 seconds")
