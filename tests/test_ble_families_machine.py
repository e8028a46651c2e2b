"""Every family of sensors over a real Linux kernel with the real bluetoothd, in a virtual machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import NamedTuple

import pytest
from rigs.air import Air
from rigs.bus import SYSTEM_BUS
from rigs.carried import CarriedPeer
from rigs.clock import IdleLoop
from rigs.machine import Machine, why_not
from rigs.outage import (
    FAMILIES,
    Family,
    assert_only_the_absence_is_missing,
    every_family,
    squats,
    vanish_and_return,
)

ASKED = "LUMBAR_FAMILIES_ON_MACHINE"
_WHY_NOT = why_not() or (None if os.environ.get(ASKED) else f"five minutes: {ASKED}=1 runs it")
pytestmark = [pytest.mark.bluez, pytest.mark.skipif(_WHY_NOT is not None, reason=_WHY_NOT or "it runs")]

SPEED = 2.0
AWAY_UP_TO_S = 15.0
"""Finding and starting a sensor again takes the kernel a second or two of real time."""
WITHIN_S = 0.15


class Around(NamedTuple):
    """The air, and who is on it; all of it lives in `runner`."""

    runner: asyncio.Runner
    air: Air
    peers: dict[str, CarriedPeer]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Around]:
    """Boot once for all families: each comes into range in its own test."""
    stack = AsyncExitStack()

    async def begin() -> tuple[Air, Machine, dict[str, CarriedPeer]]:
        peers = {}
        for number, family in enumerate(FAMILIES):
            motion, _ = squats(family.rate_hz)
            address = f"C4:00:00:00:00:{number + 1:02X}"
            peers[family.protocol] = CarriedPeer(family.device, address, motion, family.rate_hz)
            peers[family.protocol].in_range = False
        air = await stack.enter_async_context(Air(list(peers.values())))
        folder = tmp_path_factory.mktemp("machine")
        return air, await stack.enter_async_context(Machine(folder, air.hci_port)), peers

    with (
        asyncio.Runner(loop_factory=lambda: IdleLoop(SPEED)) as runner,
        pytest.MonkeyPatch.context() as patched,
    ):
        try:
            air, machine, peers = runner.run(asyncio.wait_for(begin(), 600))
            patched.setenv(SYSTEM_BUS, machine.bus_address)
            yield Around(runner, air, peers)
        finally:
            runner.run(stack.aclose())


@every_family
def test_a_sensor_that_vanishes_for_five_seconds_costs_those_and_the_repetitions_stay(
    family: Family, around: Around
) -> None:
    runner, air, peers = around
    motion, info = squats(family.rate_hz)
    peer = peers[family.protocol]

    async def run() -> None:
        await air.bring_back(peer)
        heard, known = await vanish_and_return(family, peer, info, air.take_away, air.bring_back)
        await air.take_away(peer)
        assert_only_the_absence_is_missing(family, motion, heard, known, AWAY_UP_TO_S, WITHIN_S)

    runner.run(asyncio.wait_for(run(), 200))
