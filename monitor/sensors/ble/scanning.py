"""What is in range, for a person to choose from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from monitor.sensors.ble.connection import Connection
from monitor.sensors.ble.faults import RADIO_FAILURES, explained
from monitor.sensors.ble.intake import Intake
from monitor.sensors.ble.radio import Radio, Sighting, connected_devices, sighted

_ANSWER_S = 3.0
_SHOWN_S = 3.0
"""How long a sensor is left to blink before it is disconnected."""
_RATE_HZ = 104.0
"""As in a session: some sensors keep the rate they were last given."""


async def scan(seconds: float, heard: Callable[[Sighting], None] | None = None) -> list[Sighting]:
    """Return every device heard in `seconds`, and those connected to this computer already.

    Parameters
    ----------
    seconds
        How long to listen.
    heard
        Called with each sighting as it comes.

    Raises
    ------
    SensorError
        The computer's Bluetooth does not work, in one line.
    """
    found: dict[str, Sighting] = {}

    def note(sighting: Sighting) -> None:
        found[sighting.address] = sighting
        if heard is not None:
            heard(sighting)

    def advertised(device: BLEDevice, advertisement: AdvertisementData) -> None:
        note(sighted(device, advertisement))

    try:
        for sighting in await connected_devices():
            note(sighting)
        async with BleakScanner(detection_callback=advertised):
            await asyncio.sleep(seconds)
    except RADIO_FAILURES as failure:
        raise explained(failure, "") from failure
    return list(found.values())


async def ask(sighting: Sighting, *, identify: bool = False) -> float | None:
    """Connect to a sensor, ask for its charge and disconnect; None if it does not tell.

    Parameters
    ----------
    sighting
        The sensor.
    identify
        Make it show which one it is, by light or buzz.

    Raises
    ------
    SensorError
        It cannot be reached, or is no sensor we know.
    """
    told = asyncio.Event()
    intake = Intake("lower", 0, lambda: 0)

    def take(characteristic: str, payload: bytes) -> None:
        intake.take(characteristic, payload)
        if intake.battery is not None:
            told.set()

    connection = Connection(sighting, take)
    try:
        profile = await connection.connect(Radio())
        decoder = profile.decoder(_RATE_HZ)
        intake.connected(decoder)
        await connection.start(decoder)
        if identify:
            await connection.write(decoder.identify())
            await asyncio.sleep(_SHOWN_S)
        async with asyncio.timeout(_ANSWER_S):
            await told.wait()
    except TimeoutError:
        return None
    finally:
        await connection.close()
    return intake.battery
