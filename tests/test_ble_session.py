"""A session over Bluetooth from the radio to the file, and sensors of other families."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from rigs.bus import SYSTEM_BUS, Bus, needs_dbus
from rigs.clock import FastClock
from rigs.fake_bluez import FakeBluez
from rigs.listening import Listener
from rigs.peer import OpenPeer, steady

from monitor.analysis import analyze
from monitor.model.events import Gap
from monitor.model.session import Delivery, LinkStatus, Output, SessionInfo, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter
from monitor.sensors.ble import BleSource
from monitor.sensors.ble.link import LinkTimes
from monitor.sensors.profiles import movesense
from monitor.sensors.profiles.open_profile import DATA
from monitor.session import Session

pytestmark = [pytest.mark.bluez, needs_dbus]

ADDRESS = "C0:00:00:00:00:01"
QUICK = LinkTimes(stale_s=0.4, first_s=0.6, find_s=1.0, settle_s=0.2, pause_s=0.05, longest_pause_s=0.2)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    with Bus(tmp_path) as running:
        monkeypatch.setenv(SYSTEM_BUS, running.address)
        yield running


class Watcher:
    """A sink that wakes the test up."""

    name = "watcher"

    def __init__(self) -> None:
        self.items: list[SourceItem] = []
        self.events: list[object] = []
        self._news = asyncio.Event()

    def begin(self, info: SessionInfo) -> None:
        pass

    def take(self, items: list[SourceItem], output: Output) -> None:
        self.items += items
        self.events += output.events
        self._news.set()

    def end(self) -> None:
        pass

    async def until(self, condition: Callable[[Watcher], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition(self):
                self._news.clear()
                await self._news.wait()

    @property
    def samples(self) -> int:
        return sum(len(i.block) for i in self.items if isinstance(i, Delivery))

    @property
    def state(self) -> str:
        return next((i.state for i in reversed(self.items) if isinstance(i, LinkStatus)), "")


def test_a_recorded_session_holds_every_notification_and_the_gap(bus: Bus, tmp_path: Path) -> None:
    async def run() -> tuple[OpenPeer, Watcher]:
        sensor, watcher = OpenPeer("Lumbar", ADDRESS, steady(13, 60, 8), FastClock()), Watcher()
        live = BleSource({"lower": ADDRESS}, SessionInfo(), times=QUICK)
        writer = RecordingWriter(tmp_path / "live.mcap")
        session, stop = Session(live, None, [watcher], writer), asyncio.Event()
        async with FakeBluez(bus.address, [sensor]) as bluez:
            running = asyncio.create_task(session.run(stop))
            await watcher.until(lambda w: w.samples >= 200)
            bluez.take_away(sensor)
            await watcher.until(lambda w: w.state == "lost")
            await asyncio.sleep(1.0)  # how long the sensor is away
            bluez.bring_back(sensor)
            await watcher.until(lambda w: w.samples >= 400)
            stop.set()
            await running
        assert not session.failed
        return sensor, watcher

    sensor, watcher = asyncio.run(asyncio.wait_for(run(), 60))
    kept = open_recording(tmp_path / "live.mcap")
    items = list(kept.items())
    packets = [
        p.payload for i in items if isinstance(i, Delivery) for p in i.packets if p.characteristic == DATA
    ]
    assert packets == sensor.sent[: len(packets)]
    assert sum(len(i.block) for i in items if isinstance(i, Delivery)) == 8 * len(packets)
    states = [i.state for i in items if isinstance(i, LinkStatus)]
    assert [s for k, s in enumerate(states) if k == 0 or s != states[k - 1]] == [
        "connecting",
        "streaming",
        "lost",
        "streaming",
    ]
    (live_gap,) = (e for e in watcher.events if isinstance(e, Gap))
    (gap,) = analyze(kept).of(Gap)
    assert gap == live_gap
    assert 1.0 < gap.end_s - gap.start_s < 3.0


class Movesense(OpenPeer):
    """A sensor that speaks GSP, and whose request pool is empty at first."""

    table = {movesense.SERVICE: {movesense.WRITE: ("write",), movesense.NOTIFY: ("notify",)}}  # noqa: RUF012
    services = ()
    pool_empty = True

    def write(self, characteristic: str, payload: bytes) -> None:
        self.written.append((characteristic, payload))
        assert self._notify is not None
        code, reference, rest = payload[0], payload[1], payload[2:]
        if code == 1 and self.pool_empty:
            self._notify(movesense.NOTIFY, struct.pack("<BBH", 1, reference, 429))
        elif code == 1:
            assert rest == b"/Meas/IMU6/104\0"
            self._notify(movesense.NOTIFY, struct.pack("<BBH", 1, reference, 200))
            self._streaming = asyncio.create_task(self._stream(reference))
        elif code == 4:
            assert rest == b"/System/Energy/Level\0"
            self._notify(movesense.NOTIFY, struct.pack("<BBHB", 1, reference, 200, 64))
        elif code == 7:
            self.pool_empty = False
            self._notify(movesense.NOTIFY, struct.pack("<BBH", 1, reference, 200))

    async def _stream(self, reference: int) -> None:
        acc, gyr = np.tile([0.0, 0.0, 9.81], 8), np.zeros(24)
        for number in range(10_000):
            await asyncio.sleep(8 / 104)
            body = np.concatenate((acc, gyr)).astype("<f4").tobytes()
            if self._notify is not None:
                stamp_ms = round(number * 8000 / 104)
                self._notify(movesense.NOTIFY, struct.pack("<BBI", 2, reference, stamp_ms) + body)


def test_another_family_recognised_by_name_is_answered_and_asked(bus: Bus) -> None:
    async def run() -> None:
        sensor = Movesense("Movesense 174630000192", ADDRESS, [], FastClock())
        live = BleSource({"lower": "movesense"}, SessionInfo(), times=QUICK)
        async with FakeBluez(bus.address, [sensor]), Listener(live) as listener:
            heard = await listener.until(lambda h: h.samples["lower"] >= 80 and h.links()[-1].battery == 0.64)
        assert live.info.sensors[0].protocol == "movesense"
        assert live.info.sensors[0].rate_hz == 104
        assert np.allclose(heard.deliveries()[0].block.acc_ms2[0], [0, 0, 9.81], atol=1e-5)
        assert any("no request left" in link.text for link in heard.links()), "the refusal was told"
        assert (movesense.WRITE, bytes((7, 3, 5))) in sensor.written, "and what it asked for was written"

    asyncio.run(asyncio.wait_for(run(), 60))


def test_a_search_that_is_given_up_leaves_no_scan_behind(bus: Bus) -> None:
    async def run() -> None:
        async with FakeBluez(bus.address) as bluez:
            live = BleSource({"lower": ADDRESS}, SessionInfo())
            async with Listener(live):
                await bluez.until_called("StartDiscovery")
            assert bluez.calls.count("StopDiscovery") == 1

    asyncio.run(asyncio.wait_for(run(), 60))
