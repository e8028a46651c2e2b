"""How much is said, and how it goes out."""

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
        Whether a caution sounds, the early cue among them; an alert always may.
    early_cue
        Whether a lift-off that is about to come is told, with a soft tone of its own. Off: one in ten is for
        nothing, some of them in clean sets, it has been tried on simulated lifters only, and it takes the
        sound that the lift-off itself would have within the budget.
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
    early_cue: bool = False
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


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """How messages go out.

    Parameters
    ----------
    state_hz
        State messages per second of session time, 2 to 5.
    alert_ttl_s
        Seconds after which an alert that could not be delivered is dropped.
    record_ttl_s
        The same for repetitions and set summaries.
    home_assistant
        Whether Home Assistant is told what there is to show.
    ca_file
        File of certificates to trust for ``mqtts``; None trusts those of the system.
    """

    state_hz: float = 4.0
    alert_ttl_s: float = 3600.0
    record_ttl_s: float = 86_400.0
    home_assistant: bool = True
    ca_file: str | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for a value that makes no sense."""
        if not 2 <= self.state_hz <= 5:
            raise ConfigError(f"broker.state_hz is {self.state_hz}: set 2 to 5")
        for name in ("alert_ttl_s", "record_ttl_s"):
            if not 1 <= getattr(self, name) <= 30 * 86_400:
                raise ConfigError(f"broker.{name} is {getattr(self, name)}: set 1 second to 30 days")


class SoundOutput(StrEnum):
    """Where sounds go."""

    AUTO = "auto"
    """Speakers or headphones where they work, else the terminal's bell, else nowhere."""
    AUDIO = "audio"
    BELL = "bell"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What is heard.

    Parameters
    ----------
    output
        Where sounds go.
    volume
        0 to 1, of what the system's own volume allows.
    speak_cues, speak_reps
        Whether the text of an audible alert, and the count of each repetition, is spoken too,
        where the system has a voice.
    """

    output: SoundOutput = SoundOutput.AUTO
    volume: float = 0.7
    speak_cues: bool = False
    speak_reps: bool = False

    def __post_init__(self) -> None:
        """Raise ConfigError for a value that makes no sense."""
        if not 0 <= self.volume <= 1:
            raise ConfigError(f"sound.volume is {self.volume}: set 0 to 1")
