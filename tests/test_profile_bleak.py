"""Every family through real calls of bleak: scan, connect, start, receive, lose, reconnect.

The devices are pretended ones on a simulated link; what they were given to measure must come
out of the assembler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from bumble.link import LocalLink
from peripherals.bleak_bumble import radio
from peripherals.device import Peripheral
from peripherals.host import DEADLINE_S, Host
from peripherals.metamotion import MMR, MMS, MetaMotion
from peripherals.motion import Motion, swaying
from peripherals.movella import Dot
from peripherals.movesense import Movesense
from peripherals.open_sensor import OpenSensor
from peripherals.polar import VeritySense
from peripherals.witmotion import WitMotion

from monitor.sensors.profiles import metamotion, movella, open_profile, polar
from monitor.sensors.profiles.base import About, Answer, Battery

SPEED = 15.0
SAMPLES = 312


class MetaMotionR(MetaMotion):
    """The older board with the other chip."""

    board = MMR


@dataclass(frozen=True)
class Family:
    """What is expected of one family's stream of SAMPLES samples."""

    device: type[Peripheral]
    name: str
    rate_hz: float
    skipped: int = 0
    """Samples at the start that have no other half."""
    acc_within: float = 1e-4
    gyr_within: float = 1e-4
    packet: int = 1
    """Samples that one lost notification costs; 0 where that is not known."""
    more: dict[str, Any] = field(default_factory=dict)


FAMILIES = [
    Family(OpenSensor, "open", 104, 0, 2e-3, 4e-4, 8),
    Family(Movesense, "movesense", 104, 0, 1e-6, 1e-6, 8),
    Family(WitMotion, "witmotion", 100, 0, 3e-3, 6e-4, 0),
    Family(MetaMotion, "metamotion", 100, 6, 2e-3, 3e-4, 0),
    Family(MetaMotionR, "metamotion", 100, 6, 2e-3, 3e-4, 0),
    Family(VeritySense, "polar", 104, 1, 2e-3, 1e-2, 36),
    Family(Dot, "movella", 60, 0, 1e-6, 1e-6, 1),
]
IDS = [family.device.__name__ for family in FAMILIES]


@dataclass
class Rig:
    """One device and one computer on one link."""

    link: LocalLink
    device: Any
    host: Host

    async def connect(self) -> str:
        found, profile = await self.host.find()
        await self.host.connect(found, profile)
        return profile.name

    async def streamed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.device.stream_ended.wait()


def rigged(
    device: type[Peripheral], body: Callable[[Rig], Awaitable[None]], *, rate_hz: float = 104, **more: Any
) -> None:
    """Run `body` with a device that is on and a computer that is not yet connected."""

    async def run() -> None:
        link = LocalLink()
        made = device(link, more.pop("motion", swaying(SAMPLES)), speed=SPEED, **more)
        await made.switch_on()
        rig = Rig(link, made, Host(await radio(link), rate_hz=rate_hz, speed=SPEED))
        await body(rig)
        await made.switch_off()

    asyncio.run(run())


def assert_same(family: Family, motion: Motion, acc: np.ndarray, gyr: np.ndarray) -> None:
    rows = slice(family.skipped, family.skipped + len(acc))
    np.testing.assert_allclose(acc, motion.acc_ms2[rows], atol=family.acc_within)
    np.testing.assert_allclose(gyr, motion.gyr_rads[rows], atol=family.gyr_within)


@pytest.mark.parametrize("family", FAMILIES, ids=IDS)
def test_what_the_device_measures_comes_out_in_si_units_and_in_time(family: Family) -> None:
    async def body(rig: Rig) -> None:
        assert await rig.connect() == family.name
        host = rig.host
        assert host.decoder is not None
        await host.write(host.decoder.ask_battery())
        expected = SAMPLES - family.skipped
        await host.until(lambda: host.received() >= expected)
        await host.until(lambda: any(isinstance(r, Battery) for r in host.readings))
        await host.disconnect()
        assert host.received() == expected
        assert host.lost() == 0
        assert not host.refused
        t_s, acc, gyr = host.values()
        assert_same(family, rig.device.motion, acc, gyr)
        assert np.all(np.diff(t_s) > 0)
        # The clock may still be settling by a tenth.
        assert np.median(np.diff(t_s)) * family.rate_hz == pytest.approx(1, abs=0.11)
        assert next(r.charge for r in host.readings if isinstance(r, Battery)) == 0.75
        assert all(r.ok for r in host.readings if isinstance(r, Answer))
        for about in (r for r in host.readings if isinstance(r, About)):
            assert about.firmware

    rigged(family.device, body)


@pytest.mark.parametrize("family", FAMILIES, ids=IDS)
def test_a_link_that_breaks_is_taken_up_again_and_time_goes_on(family: Family) -> None:
    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        await host.until(lambda: host.received() >= 100)
        await rig.device.drop()
        async with asyncio.timeout(DEADLINE_S):
            await host.disconnected.wait()
        await host.disconnect()
        before, again = len(host.blocks), host.received()
        await rig.connect()
        expected = SAMPLES - family.skipped
        await host.until(lambda: host.received() - again >= expected)
        await host.disconnect()
        t_s, _, _ = host.values()
        assert np.all(np.diff(t_s) > 0)
        assert host.lost() == 0
        assert host.received() - again == expected
        acc = np.concatenate([block.acc_ms2 for block in host.blocks[before:]])
        gyr = np.concatenate([block.gyr_rads for block in host.blocks[before:]])
        assert_same(family, rig.device.motion, acc, gyr)

    rigged(family.device, body)


@pytest.mark.parametrize(
    "family", [f for f in FAMILIES if f.packet], ids=[f.name for f in FAMILIES if f.packet]
)
def test_notifications_that_never_come_are_counted(family: Family) -> None:
    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        await rig.streamed()
        await host.until(lambda: host.received() + host.lost() >= SAMPLES - family.skipped)
        await host.disconnect()
        assert host.received() + host.lost() == SAMPLES - family.skipped
        assert host.lost() >= family.packet
        t_s, _, _ = host.values()
        # A clock that is still settling may shorten the gap by a tenth.
        assert np.diff(t_s).max() * family.rate_hz > 0.85 * family.packet

    rigged(family.device, body, dead_air={3, 9})


def test_a_metamotion_that_loses_one_half_loses_three_samples_and_says_so() -> None:
    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        await rig.streamed()
        # Packets from 4 on are accelerations and rates in turn: 11 is rates, 22 accelerations.
        await host.until(lambda: host.received() == SAMPLES - 6 - 6)
        assert host.lost() == 6
        _, acc, gyr = host.values()
        rows = [row for row in range(6, SAMPLES) if row not in {*range(18, 21), *range(36, 39)}]
        motion = rig.device.motion
        np.testing.assert_allclose(acc, motion.acc_ms2[rows], atol=2e-3)
        np.testing.assert_allclose(gyr, motion.gyr_rads[rows], atol=3e-4)

    rigged(MetaMotion, body, dead_air={11, 22})


def test_two_sensors_stream_side_by_side() -> None:
    async def run() -> None:
        link = LocalLink()
        motions = swaying(SAMPLES, seed=2), swaying(SAMPLES, seed=3)
        addresses = "C4:00:00:00:00:0A", "C4:00:00:00:00:0B"
        devices = [
            OpenSensor(link, motion, address=address, speed=SPEED)
            for motion, address in zip(motions, addresses, strict=True)
        ]
        central = await radio(link)
        hosts = [Host(central, speed=SPEED) for _ in devices]
        for device in devices:
            await device.switch_on()
        for host, address in zip(hosts, addresses, strict=True):
            await host.connect(*await host.find(address))
        for host, motion in zip(hosts, motions, strict=True):
            await host.until(lambda host=host: host.received() >= SAMPLES)
            np.testing.assert_allclose(host.values()[1], motion.acc_ms2, atol=2e-3)
            assert host.lost() == 0
        for host, device in zip(hosts, devices, strict=True):
            await host.disconnect()
            await device.switch_off()

    asyncio.run(run())


def test_a_verity_sense_without_sdk_mode_falls_back_to_its_usual_rate() -> None:
    class Old(VeritySense):
        sdk_mode_known = False

    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        await host.until(lambda: host.received() >= SAMPLES - 1)
        assert [answer.ok for answer in host.readings if isinstance(answer, Answer)] == [False, True]
        assert np.median(np.diff(host.values()[0])) * polar.USUAL_HZ == pytest.approx(1, abs=0.11)
        await host.disconnect()

    rigged(Old, body)


def test_a_verity_sense_leaves_the_sdk_mode_with_us() -> None:
    async def body(rig: Rig) -> None:
        await rig.connect()
        await rig.host.until(lambda: rig.host.received() > 100)
        assert rig.device.sdk_mode
        await rig.host.disconnect()
        async with asyncio.timeout(DEADLINE_S):
            await rig.device.disconnected.wait()
        assert not rig.device.sdk_mode

    rigged(VeritySense, body)


def test_a_movesense_out_of_requests_is_restarted_and_streams_after_the_reconnect() -> None:
    class Busy(Movesense):
        pool_empty = True

    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        async with asyncio.timeout(DEADLINE_S):
            await host.disconnected.wait()
        assert not host.received()
        await host.disconnect()
        await rig.connect()
        await host.until(lambda: host.received() >= SAMPLES)
        await host.disconnect()

    rigged(Busy, body)


def test_a_witmotion_that_overhears_the_rate_is_told_again() -> None:
    class Slow(WitMotion):
        deaf = 2

    async def body(rig: Rig) -> None:
        await rig.connect()
        await rig.host.until(lambda: rig.host.received() >= SAMPLES)
        assert Answer(True, "100 samples a second") in rig.host.readings
        await rig.host.disconnect()

    rigged(Slow, body)


def test_a_metamotion_is_cleaned_of_what_the_last_session_left_on() -> None:
    class LeftOn(MetaMotion):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self.registers |= {
                (0x03, 0x01): b"\x01",
                (0x13, 0x01): b"\x01",
                (0x03, 0x02): b"\x01\x00",
                (0x13, 0x02): b"\x01\x00",
                (0x03, 0x05): b"\x01",
                (0x13, 0x05): b"\x01",
                (0x03, 0x03): bytes((0xA6, 0x00)),
                (0x13, 0x03): bytes((0x26, 0x04)),
            }

    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        await host.until(lambda: host.received() >= SAMPLES - 6)
        # At another range it would come out as another movement.
        assert_same(FAMILIES[3], rig.device.motion, *host.values()[1:])
        await host.disconnect()
        async with asyncio.timeout(DEADLINE_S):
            await rig.device.disconnected.wait()
        assert rig.device.registers[0x03, MMS.acc_register] == b"\x00"
        assert rig.device.registers[0x13, 0x01] == b"\x00"

    rigged(LeftOn, body)


def test_a_dot_that_was_set_to_another_rate_is_set_back() -> None:
    class Slower(Dot):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            kept = bytearray(self.read(movella.DEVICE_CONTROL))
            kept[24] = 30
            self.store(movella.DEVICE_CONTROL, bytes(kept))

    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        await host.until(lambda: host.received() >= SAMPLES)
        assert rig.device.rate_hz == 60
        assert host.lost() == 0
        await host.disconnect()

    rigged(Slower, body)


def test_an_open_sensor_buzzes_shows_itself_and_reports_its_button() -> None:
    async def body(rig: Rig) -> None:
        await rig.connect()
        host = rig.host
        assert host.decoder is not None
        await host.write(host.decoder.haptic(1.0, 0.25) + host.decoder.identify())
        await rig.device.press()
        await host.until(lambda: any(type(r).__name__ == "Button" for r in host.readings))
        await host.disconnect()
        buzzes = [payload for uuid, payload in rig.device.commands if uuid == open_profile.HAPTIC]
        assert [payload[0] for payload in buzzes] == [255, 255]

    rigged(OpenSensor, body)


def test_a_metamotion_without_a_known_gyroscope_is_refused_in_words() -> None:
    decoder = metamotion.MetaMotionDecoder()
    with pytest.raises(Exception, match="did not tell its model number: connect again"):
        decoder.start()
    decoder.decode(metamotion.MODEL_NUMBER, b"2")
    with pytest.raises(Exception, match="model 2 is not supported: use a MetaMotion"):
        decoder.start()
