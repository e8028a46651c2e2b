"""What is at the ends of a session, as the screen shows it: sensors in, recording and broker out. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One sensor's link in figures and words."""

    sensor: str
    device: str
    state: str
    text: str = ""
    rate_hz: float | None = None
    announced_hz: float | None = None
    received: int = 0
    lost: int = 0
    gaps: int = 0
    battery: float | None = None
    rssi_dbm: float | None = None
    longest_gap_s: float = 0.0
    still_s: float | None = None
    """How long the sensor has been still, in whole s; None before the first sample."""
    loss_counted: bool = True
    """False where the sensor's protocol does not tell what was lost."""

    @property
    def lost_share(self) -> float:
        """Return the share of samples that never came, 0 to 1."""
        expected = self.received + self.lost
        return self.lost / expected if expected else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """A sensor in range that can be used.

    Parameters
    ----------
    sensor
        How it is named on the command line, such as ``"ble:AA:BB:CC:DD:EE:FF"``.
    words
        What it is, for a person.
    """

    sensor: str
    words: str


@dataclass(frozen=True, slots=True)
class SideStatus:
    """What the session's other ends report; asked for once a second.

    Parameters
    ----------
    recording
        Name of the file; empty if nothing is recorded.
    recording_bytes
        Its size so far.
    broker
        Where messages go and how that stands, as one line; empty without a broker.
    broker_ok
        False while the broker cannot be reached.
    waiting_messages
        Messages kept for the broker.
    free_bytes
        Room left where the recording is written; None if unknown.
    alert_to_broker, alert_to_sound
        How long alerts took to the broker's confirmation and to the sound player, as text; empty
        without one.
    """

    recording: str = ""
    recording_bytes: int | None = None
    recording_ok: bool = True
    broker: str = ""
    broker_ok: bool = True
    waiting_messages: int = 0
    free_bytes: int | None = None
    alert_to_broker: str = ""
    alert_to_sound: str = ""
