"""Alerts felt on the back: a sink that makes the sensor vibrate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from monitor.model.events import Alert, Level
from monitor.model.session import Output, SessionInfo, SourceItem

_BUZZES = {Level.CAUTION: (0.5, 0.15), Level.ALERT: (1.0, 0.4)}
"""Strength and seconds: felt through a belt, and told apart without looking."""


class Buzzer(Protocol):
    """Something that can vibrate: `BleSource`."""

    def buzz(self, strength: float = 1.0, duration_s: float = 0.3, sensor: str | None = None) -> None:
        """Vibrate, or do nothing where there is no motor."""
        ...


class VibrationSink:
    """Vibrate at every audible alert, once a batch at the strongest.

    Parameters
    ----------
    buzzer
        What vibrates.
    """

    name = "vibration"

    def __init__(self, buzzer: Buzzer) -> None:
        self._buzzer = buzzer

    def begin(self, info: SessionInfo) -> None:
        """Take the session's header; there is nothing to prepare."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002 - alerts come out
        """Vibrate if something audible came out of this batch."""
        levels = {event.level for event in output.events if isinstance(event, Alert) and event.audible}
        if levels:
            self._buzzer.buzz(*_BUZZES[Level.ALERT if Level.ALERT in levels else Level.CAUTION])

    def end(self) -> None:
        """Nothing to close."""
