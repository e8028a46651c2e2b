"""Every family through the whole way from a radio to the items of a session, and back after a loss."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from bumble.link import LocalLink
from peripherals.bleak_bumble import as_platform, radio
from peripherals.device import Peripheral
from peripherals.host import DEADLINE_S
from peripherals.metamotion import MetaMotion
from peripherals.motion import swaying
from peripherals.movella import Dot
from peripherals.movesense import Movesense
from peripherals.open_sensor import OpenSensor
from peripherals.polar import VeritySense
from peripherals.witmotion import WitMotion

from monitor.model.samples import LOWER, UPPER, RawPacket
from monitor.model.session import Delivery, LinkStatus, SessionInfo
from monitor.sensors.assembler import Assembler
from monitor.sensors.ble import BleSource
from monitor.sensors.ble.link import LinkTimes
from monitor.sensors.profiles.registry import profile_named

SPEED = 10.0
SAMPLES = 312
FAMILIES = {
    OpenSensor: ("open", 0, 2e-3),
    Movesense: ("movesense", 0, 1e-6),
    WitMotion: ("witmotion", 0, 3e-3),
    MetaMotion: ("metamotion", 6, 2e-3),
    VeritySense: ("polar", 1, 2e-3),
    Dot: ("movella", 0, 1e-6),
}
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)


class Session:
    """What a source has delivered of each sensor."""

    def __init__(self, source: BleSource) -> None:
        self.source = source
        self.deliveries: dict[str, list[Delivery]] = {LOWER: [], UPPER: []}
        self.statuses: list[LinkStatus] = []

    async def run(self, done: Callable[[Session], bool]) -> None:
        """Take items until `done`."""
        async with asyncio.timeout(DEADLINE_S):
            async for items in self.source.stream():
                for item in items:
                    if isinstance(item, Delivery):
                        self.deliveries[item.block.sensor].append(item)
                    elif isinstance(item, LinkStatus):
                        self.statuses.append(item)
                if done(self):
                    return

    def acc(self, sensor: str = LOWER) -> np.ndarray:
        return np.concatenate([np.empty((0, 3)), *(d.block.acc_ms2 for d in self.deliveries[sensor])])

    def times(self, sensor: str = LOWER) -> np.ndarray:
        return np.concatenate([np.empty(0), *(d.block.t_s for d in self.deliveries[sensor])])


def source_of(**wanted: str) -> BleSource:
    loop = asyncio.get_running_loop()

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)

    # Patient, so that a busy computer is not taken for a silent sensor at this speed.
    times = LinkTimes(stale_s=30, first_s=60, find_s=100, settle_s=0.05)
    return BleSource(
        wanted, SessionInfo(), times=times, clock_ns=lambda: round(loop.time() * SPEED * 1e9), sleep=sleep
    )


@every_family
def test_a_session_receives_what_the_sensor_measures_and_can_be_decoded_again(
    family: type[Peripheral],
) -> None:
    name, skipped, within = FAMILIES[family]

    async def run() -> None:
        link = LocalLink()
        device = family(link, swaying(SAMPLES), speed=SPEED)
        await device.switch_on()
        with as_platform(await radio(link)):
            session = Session(source_of(lower=family.name))
            await session.run(lambda s: len(s.acc()) >= SAMPLES - skipped)
        await device.switch_off()
        np.testing.assert_allclose(session.acc(), device.motion.acc_ms2[skipped:], atol=within)
        (known,) = session.source.info.sensors
        assert known.protocol == name
        streaming = next(status for status in session.statuses if status.state == "streaming")
        assert known.loss_counted == streaming.loss_counted == (name not in {"witmotion", "metamotion"})
        assert ("losses not counted" in streaming.text) is not streaming.loss_counted
        # The notifications kept beside the samples say the same once more.
        assert known.rate_hz is not None
        again = Assembler(profile_named(known.protocol).decoder(known.rate_hz), LOWER, 0)
        packets: list[RawPacket] = [p for d in session.deliveries[LOWER] for p in d.packets]
        blocks = [d.block for packet in packets for d in again.feed(packet).deliveries]
        np.testing.assert_array_equal(np.concatenate([b.acc_ms2 for b in blocks]), session.acc())

    asyncio.run(run())


@every_family
def test_a_session_takes_a_sensor_up_again_that_broke_off(family: type[Peripheral]) -> None:
    _, skipped, within = FAMILIES[family]

    async def run() -> None:
        link = LocalLink()
        device = family(link, swaying(SAMPLES), speed=SPEED)
        await device.switch_on()
        whole = SAMPLES - skipped
        before: list[int] = []

        def done(session: Session) -> bool:
            received = len(session.acc())
            if not before and received >= 100:
                before.append(received)
                asyncio.get_running_loop().create_task(device.drop())
            tail = session.acc()[-whole:]
            return (
                bool(before)
                and received >= whole + 100
                and np.allclose(tail, device.motion.acc_ms2[skipped:], atol=within)
            )

        with as_platform(await radio(link)):
            session = Session(source_of(lower=family.name))
            await session.run(done)
        await device.switch_off()
        assert "lost" in [status.state for status in session.statuses]
        assert np.all(np.diff(session.times()) > 0)

    asyncio.run(run())


def test_two_families_make_one_session() -> None:
    async def run() -> None:
        link = LocalLink()
        lower = OpenSensor(link, swaying(SAMPLES, seed=5), speed=SPEED, address="C4:00:00:00:00:0A")
        upper = Movesense(link, swaying(SAMPLES, seed=6), speed=SPEED, address="C4:00:00:00:00:0B")
        for device in (lower, upper):
            await device.switch_on()
        with as_platform(await radio(link)):
            session = Session(source_of(lower=lower.address, upper=upper.address))
            await session.run(lambda s: min(len(s.acc(LOWER)), len(s.acc(UPPER))) >= SAMPLES)
        for device in (lower, upper):
            await device.switch_off()
        np.testing.assert_allclose(session.acc(LOWER), lower.motion.acc_ms2, atol=2e-3)
        np.testing.assert_allclose(session.acc(UPPER), upper.motion.acc_ms2, atol=1e-6)

    asyncio.run(run())
