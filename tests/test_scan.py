"""`lumbar scan` as a user sees it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rigs.bus import SYSTEM_BUS, Bus, needs_dbus
from rigs.clock import FastClock
from rigs.commands import Ran, lumbar
from rigs.fake_bluez import FakeBluez
from rigs.peer import OpenPeer, Table, steady

pytestmark = [pytest.mark.bluez, needs_dbus]

NEAR, FAR, OTHER = "C0:00:00:00:00:01", "C0:00:00:00:00:02", "C0:00:00:00:00:07"


class Kettle(OpenPeer):
    table: Table = {}  # noqa: RUF012 - never changed
    services = ()


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    with Bus(tmp_path) as running:
        monkeypatch.setenv(SYSTEM_BUS, running.address)
        yield running


def around() -> list[OpenPeer]:
    """Return two sensors and a kettle."""
    plays, clock = steady(13, 60, 8), FastClock()
    near, far, kettle = (
        OpenPeer("Lumbar", NEAR, plays, clock),
        OpenPeer("Lumbar high", FAR, plays, clock),
        Kettle("[/TV] Kettle", OTHER, plays, clock),
    )
    near.rssi, far.rssi, kettle.rssi = -48, -84, -30
    return [far, near, kettle]


def scanned(bus: Bus, peers: list[OpenPeer], *words: str) -> Ran:
    async def run() -> Ran:
        async with FakeBluez(bus.address, peers):
            return await lumbar("scan", "--seconds", "1", *words)

    return asyncio.run(run())


def test_sensors_the_nearest_first(bus: Bus) -> None:
    ran = scanned(bus, around())
    lines = ran.out.splitlines()
    assert ran.status == 0
    assert lines[0].split() == ["name", "address", "signal", "protocol", "battery"]
    assert lines[1].split()[:5] == ["Lumbar", NEAR, "-48", "dBm", "strong"]
    assert "open lumbar sensor" in lines[1]
    assert lines[2].split()[:6] == ["Lumbar", "high", FAR, "-84", "dBm", "weak"]
    assert "Kettle" not in ran.out
    assert "1 other device (--all shows it)" in ran.out
    assert "lumbar live --lower 'ble:Lumbar'" in ran.out


def test_all_devices_and_their_charge(bus: Bus) -> None:
    peers = around()
    ran = scanned(bus, peers, "--all", "--battery")
    assert ran.status == 0
    assert [line.split()[-1] for line in ran.out.splitlines()[1:4]] == ["87%", "87%", "-"]
    assert "[/TV] Kettle" in ran.out


def test_for_scripts(bus: Bus) -> None:
    ran = scanned(bus, around(), "--json", "--all")
    near, _, kettle = json.loads(ran.out)
    assert near == {
        "name": "Lumbar",
        "address": NEAR,
        "rssi_dbm": -48.0,
        "protocol": "open",
        "battery": None,
        "loss_counted": True,
        "connected": False,
    }
    assert kettle["protocol"] is None


def test_a_sensor_that_hides_its_losses_is_called_one(bus: Bus) -> None:
    wit = Kettle("WT901BLE68", OTHER, [], FastClock())
    line = scanned(bus, [wit]).out.splitlines()[1]
    assert "WitMotion, losses not counted" in line


def test_telling_two_sensors_apart(bus: Bus) -> None:
    peers = around()
    ran = scanned(bus, peers, "--identify", FAR)
    assert ran.status == 0
    assert len(peers[0].written) > 2, "it was told more than to start and to stop"
    assert not peers[1].written


def test_nothing_in_range(bus: Bus) -> None:
    ran = scanned(bus, around()[2:])
    assert ran.status == 0
    assert "no known sensor in range, 1 other device" in ran.out
    assert "wake the sensor" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--identify", "Toaster"], "no device called Toaster was heard"),
        (["--seconds", "soon"], "is not a valid float range"),
    ],
)
def test_wrong_use(bus: Bus, words: list[str], said: str) -> None:
    ran = scanned(bus, around(), *words)
    assert ran.status in {1, 2}
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_no_bluetooth_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SYSTEM_BUS, f"unix:path={tmp_path / 'nothing'}")
    ran = asyncio.run(lumbar("scan", "--seconds", "1"))
    assert ran.status == 1
    assert ran.err.startswith("lumbar: no D-Bus system bus here")
    assert len(ran.err.splitlines()) == 1
