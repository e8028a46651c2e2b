"""Before the first set: what is ready, what is not, and what to do about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gui.ends import LinkLine, SideStatus
from gui.view_state import Standing, ViewState
from gui.words import WORN_AS_THEN, bytes_text, lost_text, percent_text, whole_degrees

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


class Mend(StrEnum):
    """What the button of a line does; its value is what stands on it."""

    FIND = "Find sensors"
    LINKS = "See figures"
    BATTERY = "What to do"
    CALIBRATE = "Calibrate"
    SEAT = "Take it now"
    USUAL = "What is it"
    RECORD = "Record"
    FOLDER = "Open folder"
    BROKER = "Try it"


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
    mend
        What its button does.
    todo
        What to do; empty where there is nothing to do.
    """

    name: str
    standing: Standing
    state: str
    mend: Mend
    todo: str = ""


def checks(view: ViewState, side: SideStatus) -> tuple[Check, ...]:
    """Return every line of the page, in the order a person goes through them."""
    made: list[Check] = []
    for link in view.links:
        made += [_sensor(link), _battery(link), _signal(link)]
    if not view.links:
        made.append(Check("Sensor", Standing.CAUTION, "none yet", Mend.FIND, _FIND))
    made.append(_calibration(view))
    if view.back_supported:
        made.append(_seat(view))
    made.append(_usual(view))
    made += [_recording(side), _room(side), _broker(side)]
    return tuple(made)


def is_ready(view: ViewState) -> bool:
    """Return whether angles can be shown: every sensor streams and the first angle is there."""
    streaming = bool(view.links) and all(link.state in {"streaming", "ended"} for link in view.links)
    return streaming and view.tilt_rad is not None


def angle_line(view: ViewState) -> str:
    """Return the angle of the moment as a line; empty while there is none."""
    now = view.headline
    if now.value_deg is None:
        return ""
    sure = "" if now.sigma_deg is None else f" ± {now.sigma_deg:.0f}°"
    rough = ", provisional" if now.provisional else ""
    return f"{now.title}: {whole_degrees(now.value_deg)}{sure}{rough}"


def _sensor(link: LinkLine) -> Check:
    name = f"{link.sensor.capitalize()} sensor"
    if link.state == "lost":
        todo = "Come closer and check that it is on; it is looked for all the time."
        return Check(name, Standing.ALERT, link.text or "signal lost", Mend.FIND, todo)
    if link.state == "ended":
        return Check(name, Standing.UNKNOWN, "ended", Mend.LINKS)
    if link.state != "streaming":
        return Check(name, Standing.CAUTION, link.text or "connecting", Mend.FIND, _FIND)
    said = [link.device or "connected"]
    if link.rate_hz is not None:
        said.append(f"{link.rate_hz:.0f} samples a second")
    if link.still_s is not None:
        said.append(f"still for {link.still_s:.0f} s" if link.still_s >= 1 else "moving")
    return Check(name, Standing.USUAL, ", ".join(said), Mend.LINKS)


def _battery(link: LinkLine) -> Check:
    name = f"{link.sensor.capitalize()} battery"
    if link.battery is None:
        return Check(name, Standing.UNKNOWN, "not reported", Mend.BATTERY)
    state = percent_text(link.battery)
    if link.battery < LOW_BATTERY:
        todo = "Charge it, or change the cell, before a long session."
        return Check(name, Standing.CAUTION, state, Mend.BATTERY, todo)
    return Check(name, Standing.USUAL, state, Mend.BATTERY)


def _signal(link: LinkLine) -> Check:
    name = f"{link.sensor.capitalize()} link"
    lost = lost_text(link)
    if link.rssi_dbm is None:
        state = lost if link.received else "no figures yet"
    else:
        state = f"{link.rssi_dbm:.0f} dBm, {lost}"
    weak = link.rssi_dbm is not None and link.rssi_dbm < WEAK_DBM
    if weak or (link.loss_counted and link.lost_share > LOST_SHARE):
        todo = "Move the computer closer or in line of sight."
        return Check(name, Standing.CAUTION, state, Mend.LINKS, todo)
    return Check(name, Standing.USUAL if link.received else Standing.UNKNOWN, state, Mend.LINKS)


def _calibration(view: ViewState) -> Check:
    if view.calibration_ok:
        made = f", {view.profile_made}" if view.profile_made else ""
        todo = WORN_AS_THEN if made else ""
        return Check("Calibration", Standing.USUAL, f"{view.calibration}{made}", Mend.CALIBRATE, todo)
    todo = _SEATED if view.back_supported else _FREE
    return Check("Calibration", Standing.CAUTION, view.calibration, Mend.CALIBRATE, todo)


def _seat(view: ViewState) -> Check:
    if view.seat_ok:
        return Check("Seat reference", Standing.USUAL, "taken", Mend.SEAT)
    todo = "Sit down without load, back flat on the pad, and hold still for three seconds."
    return Check("Seat reference", Standing.CAUTION, "not yet: lift-off is not judged", Mend.SEAT, todo)


def _usual(view: ViewState) -> Check:
    if view.usual_known:
        return Check("Usual repetition", Standing.USUAL, f"known, {view.usual}", Mend.USUAL)
    return Check("Usual repetition", Standing.UNKNOWN, f"not yet: {view.usual}", Mend.USUAL)


def _recording(side: SideStatus) -> Check:
    if not side.recording:
        return Check("Recording", Standing.UNKNOWN, "off", Mend.RECORD)
    if not side.recording_ok:
        todo = "Make room on the disk, then record anew."
        return Check("Recording", Standing.ALERT, f"stopped: {side.recording}", Mend.RECORD, todo)
    if side.recording_bytes is None:
        return Check("Recording", Standing.UNKNOWN, "begins with the first samples", Mend.FOLDER)
    state = f"{side.recording}, {bytes_text(side.recording_bytes)}"
    return Check("Recording", Standing.USUAL, state, Mend.FOLDER)


def _room(side: SideStatus) -> Check:
    if side.free_bytes is None:
        state = "no room needed" if not side.recording else "not known"
        return Check("Disk", Standing.UNKNOWN, state, Mend.FOLDER)
    state = f"{bytes_text(side.free_bytes)} free"
    if side.free_bytes < LITTLE_ROOM_BYTES:
        todo = "Make room, or record to another folder."
        return Check("Disk", Standing.CAUTION, state, Mend.FOLDER, todo)
    return Check("Disk", Standing.USUAL, state, Mend.FOLDER)


def _broker(side: SideStatus) -> Check:
    if not side.broker:
        return Check("Broker", Standing.UNKNOWN, "none", Mend.BROKER)
    state = side.broker.removeprefix("broker ")
    if side.broker_ok:
        return Check("Broker", Standing.USUAL, state, Mend.BROKER)
    kept = f"{side.waiting_messages} messages are kept and sent later." if side.waiting_messages else ""
    todo = f"Check that it runs and the address is right. {kept}".strip()
    return Check("Broker", Standing.CAUTION, state, Mend.BROKER, todo)
