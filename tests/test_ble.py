"""Sensors over Bluetooth, through the unmodified BlueZ backend of bleak and a real D-Bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from rigs.bus import SYSTEM_BUS, Bus, needs_dbus
from rigs.clock import FastClock
from rigs.fake_bluez import ABORTED, BluezError, FakeBluez
from rigs.listening import Heard, Listener, all_of
from rigs.peer import OpenPeer, played, steady

from monitor.engine import Engine
from monitor.model.errors import ConfigError, SensorError
from monitor.model.events import Gap, Rep
from monitor.model.samples import RawPacket
from monitor.model.session import Delivery, SessionInfo
from monitor.sensors.ble import BleSource, scan
from monitor.sensors.ble.link import LinkTimes
from monitor.sensors.profiles.open_profile import CONTROL, DATA, HAPTIC, OpenDecoder
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.source import SimulatedSource

pytestmark = [pytest.mark.bluez, needs_dbus]

LOWER, UPPER = "C0:00:00:00:00:01", "C0:00:00:00:00:02"
QUICK = LinkTimes(stale_s=0.4, first_s=0.6, find_s=1.0, settle_s=0.2, pause_s=0.05, longest_pause_s=0.2)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """Put a private bus in the place of the system's."""
    with Bus(tmp_path) as running:
        monkeypatch.setenv(SYSTEM_BUS, running.address)
        yield running


def peer(name: str = "Lumbar", address: str = LOWER, *, seconds: float = 60.0) -> OpenPeer:
    """Return a sensor that sends 8 samples 13 times a second."""
    return OpenPeer(name, address, steady(13, seconds, 8), FastClock())


def source(wanted: str = "Lumbar", times: LinkTimes = QUICK) -> BleSource:
    return BleSource({"lower": wanted}, SessionInfo(), times=times)


def samples(count: int, sensor: str = "lower") -> Callable[[Heard], bool]:
    return lambda heard: heard.samples[sensor] >= count


def ran(work: Coroutine[object, object, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 90))


@contextmanager
def fails(*words: str) -> Iterator[None]:
    """Expect a SensorError of one line that has all `words`."""
    with pytest.raises(SensorError) as caught:
        yield
    said = str(caught.value)
    assert "\n" not in said
    for word in words:
        assert word in said


# Streaming, losing, finding again.


def test_a_sensor_that_vanishes_for_five_seconds_costs_those_five_seconds_and_nothing_else(bus: Bus) -> None:
    async def run() -> None:
        clock = FastClock(5)
        made = simulate("squat", reps=4, seed=3).source
        sensor = OpenPeer("Lumbar", LOWER, played(made.packets, "lower"), clock)
        # The link breaks in the open here, so the watchdog may be more patient than the test is fast.
        live = BleSource(
            {"lower": LOWER}, made.info, times=LinkTimes(stale_s=8.0), clock_ns=clock.ns, sleep=clock.sleep
        )
        async with FakeBluez(bus.address, [sensor]) as bluez, Listener(live) as listener:
            await listener.until(lambda h: h.times().max(initial=0) > 16)
            bluez.take_away(sensor)
            await clock.sleep(5)
            bluez.bring_back(sensor)
            heard = await listener.until(lambda h: sensor.done and len(h.packets()) == len(sensor.sent))
            info = live.info
        assert heard.states() == ["connecting", "streaming", "lost", "streaming"]
        # Every notification sent has come, in order, and none twice.
        assert [p.payload for p in heard.packets()] == sensor.sent
        assert len(heard.times()) == 8 * len(sensor.sent)
        assert (steps := np.diff(heard.times())).min() > 0
        assert np.flatnonzero(steps > 0.1).size == 1
        assert 5.0 < steps.max() < 8.0

        engine = Engine(info)
        events = [*engine.feed(heard.items).events, *engine.finish().events]
        (gap,) = (e for e in events if isinstance(e, Gap))
        assert gap.end_s - gap.start_s == pytest.approx(steps.max(), abs=1e-6)
        same_reps(events, fed_in(made, sensor), heard.times()[0])

    ran(run())


def fed_in(made: SimulatedSource, sensor: OpenPeer) -> tuple[list[object], float]:
    """Return the events of the notifications that were sent, read at once, and the first sample's time."""
    left = {payload[4:8] for payload in sensor.sent}
    kept: list[RawPacket] = [p for p in made.packets if p.payload[4:8] in left]
    items = list(replace(made, packets=tuple(kept)).items())
    engine = Engine(made.info)
    first = next(i.block.t_s[0] for i in items if isinstance(i, Delivery) and len(i.block))
    return [*engine.feed(items).events, *engine.finish().events], float(first)


def same_reps(events: list[object], expected: tuple[list[object], float], first_s: float) -> None:
    offline, offline_first_s = expected
    live_reps = [e for e in events if isinstance(e, Rep)]
    reps = [e for e in offline if isinstance(e, Rep)]
    assert reps, "the session holds repetitions to compare"
    assert len(live_reps) == len(reps)
    for live, rep in zip(live_reps, reps, strict=True):
        assert live.start_s - first_s == pytest.approx(rep.start_s - offline_first_s, abs=0.15)
        assert live.end_s - first_s == pytest.approx(rep.end_s - offline_first_s, abs=0.15)
        tilt = rep.metrics.tilt_range_rad
        assert live.metrics.tilt_range_rad == pytest.approx(tilt, abs=np.radians(1.5))


def test_a_silent_sensor_that_is_still_connected_is_lost_and_found(bus: Bus) -> None:
    async def run() -> None:
        sensor = peer()
        async with FakeBluez(bus.address, [sensor]) as bluez, Listener(source()) as listener:
            await listener.until(samples(80))
            sensor.silent = True
            heard = await listener.until(lambda h: h.states()[-1] == "lost")
            assert "nothing received for 0.4 s" in heard.links()[-1].text
            sensor.silent = False
            before = len(heard.packets())
            heard = await listener.until(lambda h: h.states()[-1] == "streaming" and samples(200)(h))
            assert bluez.calls.count("Connect") == 2
            assert len(heard.packets()) > before

    ran(run())


def test_the_rig_delivers_twice_to_a_client_that_does_not_close_the_old_one(bus: Bus) -> None:
    """What the real bluetoothd does (hbldh/bleak issue 2002), so that the next test means something."""

    async def run() -> None:
        sensor = peer()
        async with FakeBluez(bus.address, [sensor]) as bluez:
            device = await BleakScanner.find_device_by_address(LOWER, timeout=5)
            assert device is not None
            came: list[bytes] = []
            lost, enough = asyncio.Event(), asyncio.Event()

            def note(_: object, payload: bytearray) -> None:
                came.append(bytes(payload))
                if len(came) == 40:
                    enough.set()

            old = BleakClient(device, disconnected_callback=lambda _: lost.set())
            await old.connect()
            await old.start_notify(DATA, note)
            bluez.drop(sensor)
            await asyncio.wait_for(lost.wait(), 10)
            client = BleakClient(device)
            await client.connect()
            await client.start_notify(DATA, note)
            await client.write_gatt_char(CONTROL, OpenDecoder().start()[0].payload)
            await asyncio.wait_for(enough.wait(), 30)
            await client.disconnect()
            await old.disconnect()
            assert len(set(came)) <= len(came) / 2 + 1

    ran(run())


def test_after_every_reconnect_each_notification_comes_once(bus: Bus) -> None:
    async def run() -> None:
        sensor = peer()
        async with FakeBluez(bus.address, [sensor]) as bluez, Listener(source()) as listener:
            for outage in range(1, 4):
                await listener.until(samples(60 * outage))
                bluez.drop(sensor)
                await listener.until(lambda h, n=outage: h.states().count("lost") == n)
                await listener.until(lambda h: h.states()[-1] == "streaming")
            heard = await listener.until(samples(400))
            payloads = [p.payload for p in heard.packets()]
        assert len(payloads) == len(set(payloads))
        assert sum(d.block.lost_before for d in heard.deliveries()) == 0
        starts = [w for w in sensor.written if w[0] == CONTROL and w[1][0] == 1]
        assert len(starts) == 4, "the start command is sent on every connection"

    ran(run())


def test_two_sensors_share_one_session_time(bus: Bus) -> None:
    async def run() -> None:
        clock, plays = FastClock(), steady(13, 60, 8)
        worn = [OpenPeer("Lumbar low", LOWER, plays, clock), OpenPeer("Lumbar high", UPPER, plays, clock)]
        live = BleSource({"lower": "lumbar LOW", "upper": UPPER}, SessionInfo(), times=QUICK)
        async with FakeBluez(bus.address, worn), Listener(live) as listener:
            heard = await listener.until(lambda h: samples(300)(h) and samples(300, "upper")(h))
        assert [s.name for s in live.info.sensors] == ["lower", "upper"]
        assert [s.protocol for s in live.info.sensors] == ["open", "open"]
        assert [s.device for s in live.info.sensors] == [f"Lumbar low ({LOWER})", f"Lumbar high ({UPPER})"]
        low, high = (
            {
                round(float(row[0] * 1000)): t
                for d in heard.deliveries(s)
                for t, row in zip(d.block.t_s, d.block.acc_ms2, strict=True)
            }
            for s in ("lower", "upper")
        )
        both = low.keys() & high.keys()
        assert len(both) > 200
        # The peers number the same moments alike: what happened at once is at one session time.
        assert np.median([abs(low[k] - high[k]) for k in both]) < 0.02
        for sensor, sent in zip(("lower", "upper"), worn, strict=True):
            payloads = [p.payload for p in heard.packets(sensor)]
            assert payloads == sent.sent[: len(payloads)]

    ran(run())


def test_a_thousand_notifications_a_second_arrive_complete(bus: Bus) -> None:
    async def run() -> None:
        fast = OpenPeer("Lumbar", LOWER, steady(1000, 60), FastClock())
        async with FakeBluez(bus.address, [fast]), Listener(source()) as listener:
            heard = await listener.until(samples(3000))
        payloads = [p.payload for p in heard.packets()]
        assert payloads == fast.sent[: len(payloads)]
        assert sum(d.block.lost_before for d in heard.deliveries()) == 0

    ran(run())


def test_a_sensor_that_the_system_holds_already_is_used(bus: Bus) -> None:
    async def run() -> None:
        sensor, bluez = peer(), None
        bluez = FakeBluez(bus.address, [sensor])
        bluez.already_connected.add(LOWER)
        async with bluez, Listener(source()) as listener:
            await listener.until(samples(50))
            assert "Connect" not in bluez.calls

    ran(run())


def test_a_session_that_stops_leaves_the_sensor_stopped_and_disconnected(bus: Bus) -> None:
    async def run() -> None:
        sensor = peer()
        async with FakeBluez(bus.address, [sensor]) as bluez:
            async with Listener(source()) as listener:
                await listener.until(samples(50))
            assert sensor.written[-1] == (CONTROL, b"\x02")
            assert bluez.calls[-1] == "Disconnect"

    ran(run())


def test_a_second_session_in_the_same_process_works(bus: Bus) -> None:
    async def run() -> None:
        async with FakeBluez(bus.address, [peer()]):
            live = source()
            for _ in range(2):
                async with Listener(live) as listener:
                    heard = await listener.until(samples(50))
                assert heard.times()[0] < 10

    ran(run())


# Charge, button, vibration.


def test_charge_button_and_vibration(bus: Bus) -> None:
    async def run() -> None:
        sensor = peer()
        live = BleSource({"lower": "Lumbar"}, SessionInfo(), times=replace(QUICK, poll_s=0.2))
        async with FakeBluez(bus.address, [sensor]), Listener(live) as listener:
            heard = await listener.until(lambda h: any(i.battery == 0.87 for i in h.links()))
            await listener.until(samples(50))
            sensor.battery = 12
            heard = await listener.until(lambda h: h.links()[-1].battery == 0.12)
            assert heard.links()[-1].state == "streaming"
            assert heard.links()[-1].rssi_dbm == -60
            sensor.press_button()
            heard = await listener.until(lambda h: bool(h.marks()))
            (mark,) = heard.marks()
            assert (mark.kind, mark.value) == ("mark", "button press, lower sensor")
            assert 0 < mark.time_s <= heard.times()[-1]
            await asyncio.to_thread(live.buzz, 1.0, 0.25)
            await listener.until(lambda _: sensor.written[-1][0] == HAPTIC)
            assert sensor.written[-1][1] == bytes.fromhex("ff fa00 01 0000")

    ran(run())


def test_buzzing_a_source_that_does_not_run_does_nothing() -> None:
    source().buzz()


# What goes wrong, in words.


def test_bluetooth_switched_off(bus: Bus) -> None:
    async def run() -> None:
        async with FakeBluez(bus.address, [peer()]) as bluez:
            bluez.power(on=False)
            with fails("Bluetooth is off", "switch it on"):
                await all_of(source())

    ran(run())


def test_bluetooth_switched_off_and_on_in_the_middle(bus: Bus) -> None:
    async def run() -> None:
        sensor = peer()
        async with FakeBluez(bus.address, [sensor]) as bluez, Listener(source()) as listener:
            await listener.until(samples(50))
            bluez.power(on=False)
            heard = await listener.until(lambda h: "Bluetooth is off" in h.links()[-1].text)
            assert heard.states()[-1] == "lost"
            bluez.power(on=True)
            await listener.until(lambda h: h.states()[-1] == "streaming")

    ran(run())


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(address: str) -> None:
        async with FakeBluez(address, [peer()]):
            with fails("no permission", "group bluetooth"):
                await all_of(source())
            with fails("no permission"):
                await scan(0.1)

    with Bus(tmp_path, forbids_bluetooth=True) as running:
        monkeypatch.setenv(SYSTEM_BUS, running.address)
        ran(run(running.address))


@pytest.mark.usefixtures("bus")
def test_no_bluetooth_service() -> None:
    async def run() -> None:
        with fails("Bluetooth service does not run", "systemctl start bluetooth"):
            await all_of(source())

    ran(run())


def test_no_bus_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SYSTEM_BUS, f"unix:path={tmp_path / 'nothing'}")

    async def run() -> None:
        with fails("D-Bus"):
            await all_of(source())

    ran(run())


def test_a_sensor_that_is_not_there(bus: Bus) -> None:
    async def run() -> None:
        others = [peer("Kettle", "C0:00:00:00:00:07"), peer("", "C0:00:00:00:00:08")]
        async with FakeBluez(bus.address, others):
            with fails("Lumbar", "Kettle (C0:00:00:00:00:07)", "C0:00:00:00:00:08", "wake it"):
                await all_of(source())

    ran(run())


def test_two_sensors_of_the_same_name(bus: Bus) -> None:
    async def run() -> None:
        async with FakeBluez(bus.address, [peer(), peer(address=UPPER)]):
            with fails("several", LOWER, UPPER, "address"):
                await all_of(source())
            async with Listener(source(UPPER)) as listener:
                heard = await listener.until(samples(20))
            assert UPPER in heard.links()[-1].text

    ran(run())


def test_something_that_is_no_sensor(bus: Bus) -> None:
    class Kettle(OpenPeer):
        table = {"0000abcd-0000-1000-8000-00805f9b34fb": {}}  # noqa: RUF012
        services = ()

    async def run() -> None:
        kettle = Kettle("Kettle", LOWER, steady(13, 1, 8), FastClock())
        async with FakeBluez(bus.address, [kettle]):
            with fails("Kettle", "no sensor known here", "open lumbar sensor"):
                await all_of(source("Kettle"))

    ran(run())


def test_a_sensor_that_refuses_to_start(bus: Bus) -> None:
    async def run() -> None:
        stubborn = peer()
        stubborn.refuses_start = True
        async with FakeBluez(bus.address, [stubborn]):
            with fails("Lumbar", "value not supported"):
                await all_of(source())

    ran(run())


def test_a_sensor_in_the_hands_of_another_program(bus: Bus) -> None:
    async def run() -> None:
        async with FakeBluez(bus.address, [peer()]) as bluez:
            bluez.refuse["StartNotify"] = [BluezError("NotPermitted", "Notify acquired")] * 3
            with fails("in use by another program"):
                await all_of(source())

    ran(run())


@pytest.mark.parametrize(
    ("method", "failure"),
    [
        ("StartDiscovery", BluezError("InProgress", "Operation already in progress")),
        ("StopDiscovery", BluezError("InProgress", "Operation already in progress")),
        ("Connect", BluezError("Failed", ABORTED)),
        ("Connect", BluezError("InProgress", "Operation already in progress")),
        ("StartNotify", BluezError("Failed", "Not connected")),
        ("ReadValue", BluezError("Failed", "Operation failed with ATT error: 0x0e")),
        ("WriteValue", BluezError("Failed", "Operation failed with ATT error: 0x0e")),
    ],
)
def test_what_fails_once_is_tried_again(bus: Bus, method: str, failure: BluezError) -> None:
    async def run() -> None:
        async with FakeBluez(bus.address, [peer()]) as bluez, Listener(source()) as listener:
            bluez.refuse[method] = [failure]
            heard = await listener.until(samples(50))
            assert "lost" not in heard.states()
            assert not bluez.refuse[method]

    ran(run())


def test_nonsense_from_a_sensor_is_dropped_and_shows_as_loss(bus: Bus) -> None:
    async def run() -> None:
        sensor = peer()
        async with FakeBluez(bus.address, [sensor]), Listener(source()) as listener:
            await listener.until(samples(40))
            good = sensor._notify
            assert good is not None
            hit: list[bytes] = []

            def spoil(uuid: str, payload: bytes) -> None:
                spoilt = uuid == DATA and not hit
                hit.append(payload)
                good(uuid, payload[:-1] if spoilt else payload)

            sensor._notify = spoil
            before = len(listener.heard.times())
            heard = await listener.until(samples(before + 80))
            assert sum(d.block.lost_before for d in heard.deliveries()) == 8

    ran(run())


@pytest.mark.parametrize("wanted", [{}, {"lower": " "}, {"lower": "a", "upper": "A"}])
def test_names_that_name_no_two_sensors(wanted: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        BleSource(wanted, SessionInfo())
