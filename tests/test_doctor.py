"""`lumbar doctor` says what works and how to mend what does not, and never fails itself."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from mosquitto import Mosquitto, mosquitto, needs_mosquitto  # noqa: F401 - a fixture
from rigs.bus import SYSTEM_BUS, Bus, needs_dbus
from rigs.clock import FastClock
from rigs.commands import Ran, lumbar


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the test away from the tester's own bus, screen, recordings and configuration."""
    monkeypatch.setenv(SYSTEM_BUS, f"unix:path={tmp_path / 'nothing'}")
    monkeypatch.setenv("LUMBAR_RECORDINGS", str(tmp_path / "recordings"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    config = tmp_path / "config.toml"
    config.write_text("[sound]\noutput = 'bell'\n")
    monkeypatch.setenv("LUMBAR_CONFIG", str(config))


def said(ran: Ran) -> dict[str, tuple[str, str]]:
    """Return state and text of each check."""
    assert ran.status == 0, ran.err
    assert "Traceback" not in ran.err
    rows = [line.split(maxsplit=2) for line in ran.out.splitlines()[1:]]
    return {name: (state, text) for name, state, text in rows}


def doctor(*words: str) -> dict[str, tuple[str, str]]:
    return said(asyncio.run(lumbar("doctor", *words)))


def test_every_part_has_a_line(tmp_path: Path) -> None:
    found = doctor()
    assert list(found) == ["configuration", "Bluetooth", "broker", "audio", "display", "disk"]
    assert found["configuration"] == ("ok", str(tmp_path / "config.toml"))
    if sys.platform.startswith("linux"):
        assert found["Bluetooth"][0] == "missing"
        assert "start dbus and bluetooth" in found["Bluetooth"][1]
    assert found["audio"] == ("limited", "no sound: there is no terminal to ring")
    assert found["disk"][0] in {"ok", "limited"}
    assert str(tmp_path / "recordings") in found["disk"][1]
    assert not (tmp_path / "recordings").exists(), "looking changes nothing"


@pytest.mark.bluez
@needs_dbus
def test_bluetooth_and_what_is_in_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dbus_fast", reason="dbus_fast is not installed: BlueZ is Linux's Bluetooth")
    from rigs.fake_bluez import FakeBluez  # noqa: PLC0415 - needs dbus_fast
    from rigs.peer import OpenPeer, steady  # noqa: PLC0415

    async def run(address: str, *, on: bool) -> Ran:
        sensor = OpenPeer("Lumbar", "C0:00:00:00:00:01", steady(13, 1, 8), FastClock())
        async with FakeBluez(address, [sensor]) as bluez:
            bluez.power(on=on)
            return await lumbar("doctor")

    with Bus(tmp_path) as bus:
        monkeypatch.setenv(SYSTEM_BUS, bus.address)
        works = said(asyncio.run(run(bus.address, on=True)))["Bluetooth"]
        off = said(asyncio.run(run(bus.address, on=False)))["Bluetooth"]
    assert works == ("ok", "works; in range: Lumbar (C0:00:00:00:00:01)")
    assert off[0] == "missing"
    assert "switch it on" in off[1]


def test_a_broken_configuration_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[sond]\n")
    state, text = doctor()["configuration"]
    assert state == "missing"
    assert "did you mean sound?" in text


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LUMBAR_RECORDINGS", str(tmp_path / "file"))
    state, text = doctor()["disk"]
    assert state == "missing"
    assert "LUMBAR_RECORDINGS" in text


def test_a_broker_that_is_not_there() -> None:
    assert doctor("--broker", "mqtt://127.0.0.1:9")["broker"] == (
        "missing",
        "127.0.0.1:9: nobody listens there",
    )
    assert "ftp://" in doctor("--broker", "ftp://here")["broker"][1]


@needs_mosquitto
@pytest.mark.broker
def test_a_broker_that_is_there(mosquitto: Mosquitto) -> None:  # noqa: F811 - the fixture
    state, text = doctor("--broker", mosquitto.url)["broker"]
    assert state == "ok"
    assert "answers, MQTT 5; an alert is confirmed in " in text
    assert text.endswith(" ms (40 tried)")
