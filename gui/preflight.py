"""Before the first set: what is ready, what is not, and what to do about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gui.view_state import LinkLine, SideStatus, Standing, ViewState
from gui.words import bytes_text

LOW_BATTERY = 0.15
"""About an hour left on a coin cell that lasts a few."""
WEAK_DBM = -85.0
"""Below this Bluetooth links begin to lose packets in a room full of people."""
LITTLE_ROOM_BYTES = 500_000_000
"""Many sessions; a recording takes about 10 MB an hour and sensor."""
LOST_SHARE = 0.02

_FIND = (
    "Switch the sensor on, clip it to the lower back, stay within 5 m. 'lumbar scan' lists what is in range; "
    "'lumbar demo' needs no sensor."
)

_FREE = "Stand still for two seconds, then do the first repetition slowly: it shows how the sensor sits."
_SEATED = "Stand still for two seconds, then sit down: it shows how the sensor sits."


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the page.

    Parameters
    ----------
    name
        What was looked at.
    standing
        How it stands: usual is ready, unknown does not matter or waits.
    state
        What was found.
    todo
        What to do; empty where there is nothing to do.
    """

    name: str
    standing: Standing
    state: str
    todo: str = ""


def checks(view: ViewState, side: SideStatus) -> tuple[Check, ...]:
    """Return every line of the page, in the order a person goes through them."""
    made: list[Check] = []
    for link in view.links:
        made += [_sensor(link), _battery(link), _signal(link)]
    if not view.links:
        made.append(Check("Sensor", Standing.CAUTION, "none yet", _FIND))
    made.append(_calibration(view))
    if view.back_supported:
        made.append(_seat(view))
    made += [_recording(side), _room(side), _broker(side)]
    return tuple(made)


def is_ready(view: ViewState) -> bool:
    """Return whether angles can be shown: every sensor streams and the first angle is there."""
    streaming = bool(view.links) and all(link.state in {"streaming", "ended"} for link in view.links)
    return streaming and view.tilt_rad is not None


def _sensor(link: LinkLine) -> Check:
    name = f"{link.sensor.capitalize()} sensor"
    if link.state == "lost":
        return Check(name, Standing.ALERT, link.text or "signal lost", "Come closer and check that it is on.")
    if link.state == "ended":
        return Check(name, Standing.UNKNOWN, "ended")
    if link.state != "streaming":
        return Check(name, Standing.CAUTION, link.text or "connecting", _FIND)
    said = [link.device or "connected"]
    if link.rate_hz is not None:
        said.append(f"{link.rate_hz:.0f} samples a second")
    if link.still_s is not None:
        said.append(f"still for {link.still_s:.0f} s" if link.still_s >= 1 else "moving")
    return Check(name, Standing.USUAL, ", ".join(said))


def _battery(link: LinkLine) -> Check:
    name = f"{link.sensor.capitalize()} battery"
    if link.battery is None:
        return Check(name, Standing.UNKNOWN, "not reported")
    state = f"{link.battery:.0%}".replace("%", " %")
    if link.battery < LOW_BATTERY:
        return Check(name, Standing.CAUTION, state, "Charge it, or change the cell, before a long session.")
    return Check(name, Standing.USUAL, state)


def _signal(link: LinkLine) -> Check:
    name = f"{link.sensor.capitalize()} link"
    lost = f"{link.lost_share:.1%} lost".replace("%", " %")
    if link.rssi_dbm is None:
        state = lost if link.received else "no figures yet"
    else:
        state = f"{link.rssi_dbm:.0f} dBm, {lost}"
    if link.lost_share > LOST_SHARE or (link.rssi_dbm is not None and link.rssi_dbm < WEAK_DBM):
        return Check(name, Standing.CAUTION, state, "Move the computer closer or in line of sight.")
    return Check(name, Standing.USUAL if link.received else Standing.UNKNOWN, state)


def _calibration(view: ViewState) -> Check:
    if view.calibration_ok:
        return Check("Calibration", Standing.USUAL, view.calibration)
    return Check(
        "Calibration",
        Standing.CAUTION,
        view.calibration,
        _SEATED if view.back_supported else _FREE,
    )


def _seat(view: ViewState) -> Check:
    if view.seat_ok:
        return Check("Seat reference", Standing.USUAL, "taken")
    todo = "Sit down without load, back flat on the pad, and hold still for three seconds."
    return Check("Seat reference", Standing.CAUTION, "not yet: lift-off is not judged", todo)


def _recording(side: SideStatus) -> Check:
    if not side.recording:
        return Check("Recording", Standing.UNKNOWN, "off")
    if not side.recording_ok:
        return Check("Recording", Standing.ALERT, f"stopped: {side.recording}", "Check disk and folder.")
    size = "" if side.recording_bytes is None else f", {bytes_text(side.recording_bytes)}"
    return Check("Recording", Standing.USUAL, f"{side.recording}{size}")


def _room(side: SideStatus) -> Check:
    if side.free_bytes is None:
        return Check("Disk", Standing.UNKNOWN, "no room needed" if not side.recording else "not known")
    state = f"{bytes_text(side.free_bytes)} free"
    if side.free_bytes < LITTLE_ROOM_BYTES:
        return Check("Disk", Standing.CAUTION, state, "Make room, or record to another folder.")
    return Check("Disk", Standing.USUAL, state)


def _broker(side: SideStatus) -> Check:
    if not side.broker:
        return Check("Broker", Standing.UNKNOWN, "none")
    state = side.broker.removeprefix("broker ")
    if side.broker_ok:
        return Check("Broker", Standing.USUAL, state)
    kept = f"{side.waiting_messages} messages are kept and sent later." if side.waiting_messages else ""
    todo = f"Check that it runs and the address is right. {kept}".strip()
    return Check("Broker", Standing.CAUTION, state, todo)
