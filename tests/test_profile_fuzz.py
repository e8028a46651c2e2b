"""Bytes that follow nothing, to every family: decoded or refused, and no loss passed over."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peripherals import polar
from peripherals.conversations import Conversation, conversations
from peripherals.mangled import WAYS

from monitor.model.errors import DecodeError
from monitor.model.samples import LOWER, RawPacket
from monitor.sensors.assembler import Assembler

ALL = conversations(samples=208)
every_family = pytest.mark.parametrize("said", ALL, ids=lambda said: said.name)


class Listener:
    """An assembler with what came out of it."""

    def __init__(self, said: Conversation) -> None:
        self.assembler = Assembler(said.profile.decoder(said.rate_hz), LOWER, 0)
        self.received = self.lost = 0
        self.refused: list[str] = []
        self.last_s = -np.inf
        self._said, self._at_s = said, 0.0
        for uuid, payload in said.opening:
            self.hear(uuid, payload)

    def hear(self, uuid: str, payload: bytes, at_s: float = 0.0) -> None:
        self._at_s = max(self._at_s + 1e-3, at_s)
        try:
            taken = self.assembler.feed(RawPacket(round(self._at_s * 1e9), LOWER, uuid, payload))
        except DecodeError as failed:
            self.refused.append(str(failed))
            return
        for block in (delivery.block for delivery in taken.deliveries):
            assert np.all(np.isfinite(block.acc_ms2))
            assert np.all(np.isfinite(block.gyr_rads))
            assert np.all(np.diff(np.concatenate(([self.last_s], block.t_s))) > 0)
            assert block.lost_before >= 0
            assert block.acc_ms2.shape == block.gyr_rads.shape == (len(block), 3)
            assert block.acc_ms2.dtype == block.gyr_rads.dtype == np.float64
            self.last_s = block.t_s[-1] if len(block) else self.last_s
            self.received += len(block)
            self.lost += block.lost_before


@every_family
@given(
    rounds=st.lists(
        st.one_of(
            st.tuples(st.just("noise"), st.integers(0, 9), st.binary(max_size=200)),
            st.tuples(st.just("good"), st.integers(0, 1000), st.just(b"")),
            st.tuples(st.just("mangled"), st.integers(0, 2**32), st.just(b"")),
        ),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_decoded_or_refused(
    said: Conversation, rounds: list[tuple[str, int, bytes]]
) -> None:
    listener = Listener(said)
    known = [packet.payload for packet in said.stream] + [payload for _, payload in said.others]
    uuids = sorted({packet.uuid for packet in said.stream} | {uuid for uuid, _ in said.others})
    for what, number, payload in rounds:
        if what == "noise":
            listener.hear(uuids[number % len(uuids)], payload)
        elif what == "good":
            packet = said.stream[number % len(said.stream)]
            listener.hear(packet.uuid, packet.payload)
        else:
            rng = random.Random(number)
            listener.hear(rng.choice(uuids), rng.choice(WAYS)(rng, known))
    assert all(words and "\n" not in words for words in listener.refused)


@every_family
def test_an_untouched_stream_is_received_whole(said: Conversation) -> None:
    listener = Listener(said)
    for packet in said.stream:
        listener.hear(packet.uuid, packet.payload, packet.ready_s)
    assert (listener.received, listener.lost, listener.refused) == (said.samples, 0, [])


COUNTED = [said for said in ALL if Listener(said).assembler.loss_known]
UNCOUNTED = [said for said in ALL if not Listener(said).assembler.loss_known]


@pytest.mark.parametrize("said", COUNTED, ids=lambda said: said.name)
@given(broken=st.sets(st.integers(2, 500), max_size=40), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_what_is_cut_or_missing_is_counted_to_the_sample(
    said: Conversation, broken: set[int], seed: int
) -> None:
    # The last packets stay whole: a loss is seen by what comes after it.
    broken = {number for number in broken if number < len(said.stream) - 6}
    listener, rng = Listener(said), random.Random(seed)
    for number, packet in enumerate(said.stream):
        payload = packet.payload
        if number in broken:
            if rng.random() < 0.5:
                continue
            # A frame of Polar's that is cut between two blocks is a good shorter one.
            cuts = range(len(payload))
            if said.profile.name == "polar":
                cuts = [cut for cut in cuts if not polar.is_whole(payload[:cut])]
            payload = payload[: rng.choice(cuts)]
        listener.hear(packet.uuid, payload, packet.ready_s)
    assert listener.received + listener.lost == said.samples


@pytest.mark.parametrize("said", UNCOUNTED, ids=lambda said: said.name)
@given(broken=st.sets(st.integers(0, 500), min_size=1, max_size=20), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_what_is_cut_is_refused_or_reported_where_nothing_is_counted(
    said: Conversation, broken: set[int], seed: int
) -> None:
    middle = range(len(said.stream) // 4, len(said.stream) - 6)
    broken = {middle[number % len(middle)] for number in broken}
    listener, rng = Listener(said), random.Random(seed)
    for number, packet in enumerate(said.stream):
        payload = packet.payload
        if number in broken:
            # Cut between two frames of a device that counts nothing, no bytes tell of it.
            payload = payload[: rng.choice([cut for cut in range(2, len(payload)) if cut % 20])]
        listener.hear(packet.uuid, payload, packet.ready_s)
    assert listener.received < said.samples
    assert listener.lost >= 1
    # Never more than was there: what is reported as lost really did not come.
    assert listener.received + listener.lost <= said.samples + len(broken)


@every_family
def test_a_repeated_notification_adds_nothing_where_the_device_stamps_it(said: Conversation) -> None:
    listener = Listener(said)
    for packet in said.stream:
        listener.hear(packet.uuid, packet.payload, packet.ready_s)
        if listener.assembler.loss_known and said.name != "movesense":
            listener.hear(packet.uuid, packet.payload)
    assert (listener.received, listener.lost) == (said.samples, 0)


def test_the_long_fuzz_runs_and_finds_nothing() -> None:
    script = Path(__file__).parent / "benchmarks" / "fuzz_profiles.py"
    ran = subprocess.run(
        [sys.executable, "-W", "error", script, "--notifications", "5000", "--seed", "3"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "other exceptions" in ran.stdout
    assert not ran.stderr
