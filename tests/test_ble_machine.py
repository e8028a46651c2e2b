"""Sensors over Bluetooth on a real Linux kernel with the real bluetoothd, in a virtual machine."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from rigs.bus import SYSTEM_BUS
from rigs.clock import FastClock
from rigs.listening import Heard, Listener
from rigs.machine import Machine, why_not
from rigs.peer import OpenPeer, steady

from monitor.model.session import SessionInfo
from monitor.sensors.ble import BleSource, scan
from monitor.sensors.profiles.open_profile import CONTROL, DATA, HAPTIC, OpenDecoder

_WHY_NOT = why_not() or (None if find_spec("bumble") else "bumble is not installed (pip install bumble)")
pytestmark = [pytest.mark.bluez, pytest.mark.skipif(_WHY_NOT is not None, reason=_WHY_NOT or "it runs")]

LOWER, UPPER = "C0:00:00:00:00:01", "C0:00:00:00:00:02"


def test_two_sensors_on_a_real_kernel_and_bluetoothd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One boot for all of it: booting takes longer than the rest."""
    from rigs.air import Air  # noqa: PLC0415 - needs bumble

    async def run() -> None:
        clock, plays = FastClock(), steady(13, 600, 8)
        low, high = OpenPeer("Low", LOWER, plays, clock), OpenPeer("High", UPPER, plays, clock)
        async with Air([low, high]) as air, Machine(tmp_path, air.hci_port) as machine:
            monkeypatch.setenv(SYSTEM_BUS, machine.bus_address)
            found = {s.name: s for s in await scan(2.0)}
            assert found["Low"].address == LOWER
            assert found["Low"].profile is not None
            assert found["Low"].profile.name == "open"

            live = BleSource({"lower": LOWER, "upper": "high"}, SessionInfo())
            async with Listener(live) as listener:
                await listener.until(lambda h: both(h, 200))
                await out_of_range(air, low, listener)
                await silent(high, listener)
                heard = await listener.until(lambda h: both(h, 900))
                live.buzz()
                await listener.until(lambda _: all(p.written[-1][0] == HAPTIC for p in (low, high)))
            for sensor, peer in (("lower", low), ("upper", high)):
                once_and_complete([p.payload for p in heard.packets(sensor)], peer.sent)
                assert sum(d.block.lost_before for d in heard.deliveries(sensor)) == 0
                assert heard.states(sensor) == ["connecting", "streaming", "lost", "streaming"]
                assert heard.links(sensor)[-1].battery == 0.87
                assert peer.written[-1] == (CONTROL, b"\x02")
            await twice(air, low)

    asyncio.run(asyncio.wait_for(run(), 400))


def both(heard: Heard, samples: int) -> bool:
    return min(heard.samples["lower"], heard.samples["upper"]) >= samples


def once_and_complete(came: list[bytes], sent: list[bytes]) -> None:
    """Check that all that was sent has come, once and in order, but what was on its way at a break."""
    assert len(came) == len(set(came)), "none has come twice"
    last = sent.index(came[-1])
    assert [p for p in sent[: last + 1] if p in set(came)] == came, "they have come in order"
    missing = [k for k, payload in enumerate(sent[:last]) if payload not in set(came)]
    assert len(missing) <= 2
    for k in missing:
        follows = next(p for p in sent[k + 1 :] if p in set(came))
        assert follows[0] & 1, "what is missing was the last before a break"


async def out_of_range(air: object, peer: OpenPeer, listener: Listener) -> None:
    """Carry `peer` away for two seconds."""
    await air.take_away(peer)  # type: ignore[attr-defined]
    await listener.until(lambda h: h.states()[-1] == "lost")
    await asyncio.sleep(2)
    await air.bring_back(peer)  # type: ignore[attr-defined]
    await listener.until(lambda h: h.states()[-1] == "streaming")


async def silent(peer: OpenPeer, listener: Listener) -> None:
    """Keep the link of `peer` but let nothing through."""
    peer.silent = True
    heard = await listener.until(lambda h: h.states("upper")[-1] == "lost")
    assert "nothing received for 1.5 s" in heard.links("upper")[-1].text
    peer.silent = False
    await listener.until(lambda h: h.states("upper")[-1] == "streaming")


async def twice(air: object, peer: OpenPeer) -> None:
    """Show why old clients are closed first (hbldh/bleak issue 2002), and that the other rig is right."""
    device = await BleakScanner.find_device_by_address(LOWER, timeout=20)
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
    await air.drop(peer)  # type: ignore[attr-defined]
    await asyncio.wait_for(lost.wait(), 20)
    device = await BleakScanner.find_device_by_address(LOWER, timeout=20)
    assert device is not None
    client = BleakClient(device)
    await client.connect()
    await client.start_notify(DATA, note)
    await client.write_gatt_char(CONTROL, OpenDecoder().start()[0].payload)
    await asyncio.wait_for(enough.wait(), 30)
    await client.disconnect()
    await old.disconnect()
    assert len(set(came)) <= len(came) / 2 + 1, "bluetoothd delivers once now: the other rig models the past"
