"""Every family of sensors over the unmodified BlueZ backend of bleak and a real D-Bus: gone, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rigs.bus import SYSTEM_BUS, Bus, needs_dbus
from rigs.carried import CarriedPeer
from rigs.clock import BusLoop
from rigs.fake_bluez import FakeBluez
from rigs.outage import Family, assert_only_the_absence_is_missing, every_family, squats, vanish_and_return
from rigs.peer import Peer

pytestmark = [pytest.mark.bluez, needs_dbus]

ADDRESS = "C4:00:00:00:00:01"
AWAY_UP_TO_S = 5.5
"""Found and started again, by sensors whose own batches last up to 0.7 s."""
WITHIN_S = 0.05


@every_family
def test_a_sensor_that_vanishes_for_five_seconds_costs_those_and_the_repetitions_stay(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    motion, info = squats(family.rate_hz)

    async def run(bus: Bus) -> None:
        peer = CarriedPeer(family.device, ADDRESS, motion, family.rate_hz)
        async with FakeBluez(bus.address, [peer]) as bluez:

            async def take_away(what: Peer) -> None:
                bluez.take_away(what)

            async def bring_back(what: Peer) -> None:
                bluez.bring_back(what)

            heard, known = await vanish_and_return(family, peer, info, take_away, bring_back)
        came = heard.payloads(peer.sent)
        assert came == peer.sent[: len(came)], "every notification has come, in order and once"
        assert len(peer.sent) - len(came) <= 2, "but for what was sent while the session was being ended"
        assert_only_the_absence_is_missing(family, motion, heard, known, AWAY_UP_TO_S, WITHIN_S)

    with Bus(tmp_path) as bus:
        monkeypatch.setenv(SYSTEM_BUS, bus.address)
        with asyncio.Runner(loop_factory=lambda: BusLoop(bus.pid)) as runner:
            runner.run(asyncio.wait_for(run(bus), 200))
