"""Polar's packed frames against an independent decoder, and the two streams on one clock."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from peripherals.motion import swaying
from peripherals.polar import ACC, EPOCH_NS, GYR, frame, packets
from polar_python.models import ACCData, GyroData, PmdDataFrame

from monitor.model.errors import DecodeError
from monitor.model.samples import LOWER, RawPacket
from monitor.sensors.assembler import Assembler
from monitor.sensors.profiles.base import Answer, Reply, Samples
from monitor.sensors.profiles.polar import CONTROL, DATA, PolarDecoder

FACTOR = 0.25


def started(rate_hz: float = 52) -> PolarDecoder:
    decoder = PolarDecoder(rate_hz)
    for kind in (ACC, GYR):
        decoder.decode(CONTROL, bytes((0xF0, 2, kind, 0, 0, 5, 1)) + struct.pack("<f", FACTOR))
    return decoder


@given(
    rows=arrays(np.int16, st.tuples(st.integers(1, 60), st.just(3)), elements=st.integers(-32768, 32767)),
    block=st.integers(1, 40),
)
@settings(deadline=None)
def test_packed_frames_are_read_as_an_independent_decoder_reads_them(rows: np.ndarray, block: int) -> None:
    data = frame(GYR, EPOCH_NS, rows, block)
    theirs = GyroData.from_dataframe(PmdDataFrame.from_bytes(bytearray(data), lambda _kind: FACTOR))
    decoder = started()
    # Accelerations at the same moments let every rate through.
    decoder.decode(DATA, frame(ACC, EPOCH_NS, rows, block))
    (ours,) = decoder.decode(DATA, data)
    assert isinstance(ours, Samples)
    np.testing.assert_allclose(np.degrees(ours.gyr_rads), theirs.data, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.degrees(ours.gyr_rads), rows * FACTOR, rtol=1e-9, atol=1e-9)
    milli_g = ACCData.from_dataframe(
        PmdDataFrame.from_bytes(bytearray(frame(ACC, EPOCH_NS, rows, block)), lambda _kind: FACTOR)
    )
    # It cuts to whole thousandths of g; we keep the fraction.
    np.testing.assert_allclose(ours.acc_ms2 / 9.80665e-3, milli_g.data, atol=1)


@given(rows=arrays(np.int16, (9, 3)), cut=st.integers(1, 100))
@settings(deadline=None)
def test_a_cut_frame_is_refused_where_others_return_less(rows: np.ndarray, cut: int) -> None:
    data = frame(GYR, EPOCH_NS, rows, 4)
    cut = min(cut, len(data))
    # What remains is whole only if the cut falls between two blocks.
    kept = data[:-cut]
    try:
        started().decode(DATA, kept)
    except DecodeError:
        return
    assert len(kept) in {10 + 6, len(frame(GYR, EPOCH_NS, rows[:5], 4))}


def test_rates_are_moved_to_the_moments_of_the_accelerations() -> None:
    motion, decoder = swaying(520), started(104)
    made = [
        reading
        for packet in packets(motion, 104, EPOCH_NS, lag=0.7)
        for reading in decoder.decode(DATA, packet.payload)
        if isinstance(reading, Samples)
    ]
    gyr = np.concatenate([reading.gyr_rads for reading in made])
    scale = FACTOR / 0.07
    np.testing.assert_allclose(gyr / scale, motion.gyr_rads[1:], atol=0.01)
    stamps = np.array([reading.ticks - EPOCH_NS for reading in made]) * 1e-9
    firsts = np.cumsum([1] + [len(reading) for reading in made[:-1]])
    np.testing.assert_allclose(stamps, firsts / 104, atol=1e-4)


@pytest.mark.parametrize(
    ("status", "words"), [(2, "unknown measurement"), (13, "in the charger"), (99, "status 99")]
)
def test_a_refusal_says_why(status: int, words: str) -> None:
    (said,) = PolarDecoder(52).decode(CONTROL, bytes((0xF0, 2, ACC, status, 0)))
    assert isinstance(said, Answer)
    assert not said.ok
    assert words in said.text


def test_a_stream_left_running_is_stopped_and_started_again_once() -> None:
    decoder = PolarDecoder(52)
    (start,) = decoder.start()
    already = bytes((0xF0, 2, ACC, 6, 0))
    (reply,) = decoder.decode(CONTROL, already)
    assert isinstance(reply, Reply)
    assert [command.payload for command in reply.commands] == [bytes((3, ACC)), start.payload]
    (said,) = decoder.decode(CONTROL, already)
    assert isinstance(said, Answer)
    assert "already" in said.text


def test_a_rate_that_only_the_sdk_mode_has_falls_back_when_refused() -> None:
    decoder = PolarDecoder(104)
    decoder.start()
    (reply,) = decoder.decode(CONTROL, bytes((0xF0, 2, 9, 0, 0)))
    assert isinstance(reply, Reply)
    said, again = decoder.decode(CONTROL, bytes((0xF0, 2, ACC, 8, 0)))
    assert isinstance(said, Answer)
    assert isinstance(again, Reply)
    assert "52 samples a second instead" in said.text
    assert again.commands[0].payload[4:6] == struct.pack("<H", 52)
    assert bytes((3, 9)) in [command.payload for command in decoder.stop()]


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(factor: float) -> None:
    with pytest.raises(DecodeError, match="a scale of"):
        PolarDecoder(52).decode(CONTROL, bytes((0xF0, 2, ACC, 0, 0, 5, 1)) + struct.pack("<f", factor))


def test_samples_that_wait_for_their_rates_are_still_placed_when_they_were_taken() -> None:
    decoder = started()
    assembler = Assembler(decoder, LOWER, 0)
    off_s = []
    for packet in packets(swaying(600, 52), 52, EPOCH_NS):
        # Both streams arrive when their last sample is taken; a packet lasts up to 0.7 s.
        taken = assembler.feed(RawPacket(round(packet.ready_s * 1e9), LOWER, DATA, packet.payload))
        off_s += [d.block.t_s * 52 - np.rint(d.block.t_s * 52) for d in taken.deliveries if len(d.block)]
    assert len(np.concatenate(off_s)) > 550
    assert np.abs(np.concatenate(off_s)).max() < 0.05, "to a twentieth of a sample, from the first one on"
