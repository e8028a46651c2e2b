"""One line at the bottom: every sensor, the recording, the broker."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.ends import LinkLine, SideStatus
from gui.panels import LevelSign, ShortLabel
from gui.preflight import LOW_BATTERY
from gui.style import Look
from gui.view_state import Standing
from gui.words import LINK_STATE, bytes_text, lost_text, percent_text

LOST_CAUTION = 0.02
"""A share of lost samples from which the link deserves a look."""


_LINK_LETTERS, _LETTERS = 32, 12
"""Room kept for a sensor and for the rest, in letters: what a sensor does is wanted most."""


class StatusBar(QWidget):
    """Signs and short texts, each with the whole text as a tool tip."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._parts: list[tuple[LevelSign, ShortLabel]] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 0, 4, 0)
        self._row.setSpacing(6)
        self._row.addStretch(1)
        self.setAccessibleName("Sensors, recording and broker")

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self._look = look
        for sign, _ in self._parts:
            sign.restyle(look)

    def show_status(self, links: tuple[LinkLine, ...], side: SideStatus) -> None:
        """Show the state of everything connected."""
        lines = [(link_standing(link), link_text(link)) for link in links]
        lines.append(recording_line(side))
        lines.append(broker_line(side))
        while len(self._parts) < len(lines):
            self._grow()
        for at, ((sign, text), (standing, said)) in enumerate(zip(self._parts, lines, strict=False)):
            sign.show_level(standing)
            text.keep(_LINK_LETTERS if at < len(links) else _LETTERS)
            text.say(said)

    def shown_text(self) -> str:
        """Return what the bar says, part by part."""
        return " | ".join(text.whole() for _, text in self._parts)

    def _grow(self) -> None:
        sign, text = LevelSign(self._look, small=True), ShortLabel(role="small")
        at = self._row.count() - 1
        if self._parts:
            self._row.insertSpacing(at, 14)
            at += 1
        self._row.insertWidget(at, sign)
        self._row.insertWidget(at + 1, text)
        self._parts.append((sign, text))


def link_standing(link: LinkLine) -> Standing:
    """Return how well a link does."""
    if link.state == "lost":
        return Standing.ALERT
    if link.state in {"connecting", ""} or link.lost_share > LOST_CAUTION:
        return Standing.CAUTION
    return Standing.USUAL if link.state == "streaming" else Standing.UNKNOWN


def link_text(link: LinkLine) -> str:
    """Return one sensor's link as a line."""
    said = [] if link.rate_hz is not None else [LINK_STATE.get(link.state, link.state)]
    if link.rate_hz is not None:
        said.append(f"{link.rate_hz:.0f} Hz")
    if link.received:
        said.append(lost_text(link))
    if link.battery is not None and link.battery < LOW_BATTERY:
        said.append(f"battery {percent_text(link.battery)}")
    return f"{link.sensor.capitalize()}: {', '.join(said)}"


def recording_line(side: SideStatus) -> tuple[Standing, str]:
    """Return the recording's state as a line."""
    if not side.recording:
        return Standing.UNKNOWN, "Not recording"
    if not side.recording_ok:
        return Standing.ALERT, f"Recording stopped: {side.recording}"
    if side.recording_bytes is None:
        return Standing.UNKNOWN, "Recording begins with the first samples"
    return Standing.USUAL, f"Recording {side.recording}, {bytes_text(side.recording_bytes)}"


def broker_line(side: SideStatus) -> tuple[Standing, str]:
    """Return the broker's state as a line."""
    if not side.broker:
        return Standing.UNKNOWN, "No broker"
    said = f"Broker {side.broker.removeprefix('broker ')}"  # which counts what waits itself
    return Standing.USUAL if side.broker_ok else Standing.CAUTION, said
