"""The open profile: golden packets, round trips, and bytes that follow nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.model.errors import DecodeError
from monitor.model.samples import LOWER, RawPacket
from monitor.sensors.assembler import Assembler
from monitor.sensors.profiles.base import (
    BATTERY_LEVEL,
    About,
    Advertisement,
    Answer,
    Battery,
    Button,
    Reading,
    Samples,
)
from monitor.sensors.profiles.open_profile import (
    CONTROL,
    DATA,
    EVENT,
    HAPTIC,
    INFO,
    MAX_SAMPLES,
    PROFILE,
    RATES_HZ,
    SERVICE,
    OpenDecoder,
    encode_packet,
)

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "firmware_notes" / "golden_packets.json").read_text(encoding="utf-8")
)
NAMED = {"event": EVENT, "info": INFO, "battery": BATTERY_LEVEL, "control": CONTROL, "haptic": HAPTIC}
EVERY = (DATA, EVENT, INFO, BATTERY_LEVEL)
COUNTS = arrays(np.int16, st.tuples(st.integers(1, MAX_SAMPLES), st.just(6)))


def only(characteristic: str, payload: bytes) -> Reading:
    (reading,) = OpenDecoder().decode(characteristic, payload)
    return reading


def data_packet(number: int = 0, count: int = 8, device_us: int | None = None) -> bytes:
    counts = np.arange(count * 3, dtype=np.int16).reshape(count, 3)
    return encode_packet(
        counts,
        -counts,
        sequence=number,
        device_us=number * 9615 if device_us is None else device_us,
        period_us=9615,
        acc_scale=0.0024,
        gyr_scale=0.0006,
    )


@pytest.mark.parametrize("golden", GOLDEN["data"], ids=lambda g: g["what"])
def test_golden_data_packets_are_read_and_written(golden: dict) -> None:
    acc, gyr = (np.array(golden[name], dtype=np.int16) for name in ("acc", "gyr"))
    written = encode_packet(
        acc,
        gyr,
        **{
            key: golden[key]
            for key in ("sequence", "device_us", "period_us", "acc_scale", "gyr_scale", "restarted")
        },
    )
    assert written.hex() == golden["hex"]
    read = only(DATA, bytes.fromhex(golden["hex"]))
    assert isinstance(read, Samples)
    assert (read.sequence, read.ticks, read.restarted) == (
        golden["sequence"],
        golden["device_us"],
        golden["restarted"],
    )
    assert read.period_s == pytest.approx(golden["period_us"] * 1e-6)
    np.testing.assert_allclose(read.acc_ms2, acc * golden["acc_scale"], rtol=1e-6)
    np.testing.assert_allclose(read.gyr_rads, gyr * golden["gyr_scale"], rtol=1e-6)


def test_golden_commands_are_those_we_send() -> None:
    decoder = OpenDecoder(100.0)
    sent = [*decoder.start(), *decoder.stop(), *decoder.haptic(0.5, 0.25)]
    assert [(c.characteristic, c.payload.hex()) for c in sent] == [
        (NAMED[g["characteristic"]], g["hex"]) for g in GOLDEN["commands"]
    ]


def test_golden_events_say_what_they_say() -> None:
    said = [only(NAMED[g["characteristic"]], bytes.fromhex(g["hex"])) for g in GOLDEN["others"]]
    assert said == [
        Button("press"),
        Answer(True, "command 0x01: done"),
        Answer(False, "command 0x01: value not supported"),
        About("0.1", True),
        Battery(0.87),
    ]


@given(
    counts=COUNTS,
    sequence=st.integers(0, 2**16 - 1),
    device_us=st.integers(0, 2**32 - 1),
    period_us=st.integers(1, 2**16 - 1),
    scales=st.tuples(*[st.floats(2**-16, 2**-5, width=32)] * 2),
    restarted=st.booleans(),
)
def test_whatever_is_encoded_is_decoded(counts, sequence, device_us, period_us, scales, restarted) -> None:
    payload = encode_packet(
        counts[:, :3],
        counts[:, 3:],
        sequence=sequence,
        device_us=device_us,
        period_us=period_us,
        acc_scale=scales[0],
        gyr_scale=scales[1],
        restarted=restarted,
    )
    assert len(payload) <= 180
    read = only(DATA, payload)
    assert isinstance(read, Samples)
    np.testing.assert_array_equal(read.acc_ms2, counts[:, :3] * scales[0])
    np.testing.assert_array_equal(read.gyr_rads, counts[:, 3:] * scales[1])
    assert (read.sequence, read.ticks, read.restarted) == (sequence, device_us, restarted)
    assert round(read.period_s * 1e6) == period_us
    for array in (read.acc_ms2, read.gyr_rads):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous


def readable(characteristic: str, payload: bytes) -> bool:
    """Decode; anything but readings or a DecodeError of one line fails the test."""
    try:
        readings = OpenDecoder().decode(characteristic, payload)
    except DecodeError as failed:
        return "\n" in str(failed) or not str(failed).startswith("open profile: ")
    for reading in readings:
        if isinstance(reading, Samples):
            assert 1 <= len(reading) <= MAX_SAMPLES
            assert np.all(np.isfinite(reading.acc_ms2))
            assert np.all(np.isfinite(reading.gyr_rads))
    return True


@given(characteristic=st.sampled_from(EVERY), payload=st.binary(max_size=200))
@example(characteristic=DATA, payload=bytes(18))
@example(characteristic=BATTERY_LEVEL, payload=b"\x65")
@settings(max_examples=300)
def test_random_bytes_are_decoded_or_refused(characteristic: str, payload: bytes) -> None:
    readable(characteristic, payload)


@given(
    head=st.tuples(
        st.sampled_from([0x10, 0x11, 0x12, 0x20, 0x00]),
        st.integers(0, 255),
        st.binary(min_size=8, max_size=8),
    ),
    scales=st.tuples(st.floats(width=32), st.floats(width=32)),
    body=st.binary(max_size=180),
)
@settings(max_examples=300)
def test_headers_that_nearly_make_sense_are_decoded_or_refused(head, scales, body) -> None:
    flags, count, middle = head
    payload = bytes((flags, count)) + middle + np.array(scales, "<f4").tobytes() + body
    good = readable(DATA, payload)
    assert not good or (flags in (0x10, 0x11) and len(body) == 12 * count)


@given(count=st.integers(1, MAX_SAMPLES), cut=st.integers(1, 174))
def test_truncated_packets_are_refused(count: int, cut: int) -> None:
    payload = data_packet(count=count)
    assert not readable(DATA, payload[: max(0, len(payload) - cut)])


@given(counts=st.lists(st.integers(1, MAX_SAMPLES), min_size=2, max_size=4), tail=st.binary(max_size=30))
def test_concatenated_packets_are_refused(counts: list[int], tail: bytes) -> None:
    joined = b"".join(data_packet(count=n) for n in counts) + tail
    assert not readable(DATA, joined)


@given(flip=st.integers(0, 30 * 8 - 1))
def test_a_flipped_bit_never_crashes_and_never_changes_the_number_of_samples(flip: int) -> None:
    payload = bytearray(data_packet(count=1))
    payload[flip // 8] ^= 1 << flip % 8
    if readable(DATA, bytes(payload)):
        assert isinstance(read := only(DATA, bytes(payload)), Samples)
        assert len(read) == 1


@given(broken=st.sets(st.integers(1, 28), max_size=20), junk=st.binary(max_size=40))
def test_what_is_refused_is_seen_as_loss(broken: set[int], junk: bytes) -> None:
    assembler, refused, seen = Assembler(OpenDecoder(), LOWER, 0), 0, 0
    for index in range(30):
        payload = junk if index in broken else data_packet(index * 8)
        try:
            fed = assembler.feed(RawPacket((index + 1) * 76_920_000, LOWER, DATA, payload))
        except DecodeError:
            refused += 1
            continue
        seen += sum(len(d.block) + d.block.lost_before for d in fed.deliveries)
    assert refused == len(broken)
    assert seen == 30 * 8


def test_a_stranger_characteristic_is_refused_by_name() -> None:
    with pytest.raises(DecodeError, match="1234"):
        OpenDecoder().decode("00001234-0000-1000-8000-00805f9b34fb", b"\x01")


def test_uuids_are_read_in_any_case_and_the_sensor_is_recognised_by_its_service() -> None:
    assert OpenDecoder().decode(DATA.upper(), data_packet())
    assert PROFILE.recognises(Advertisement("XIAO", "aa", frozenset({SERVICE})))
    assert not PROFILE.recognises(Advertisement("XIAO", "aa", frozenset({BATTERY_LEVEL})))


@pytest.mark.parametrize(("wished", "rate"), [(100, 104), (1, 26), (1000, 416), (156, 104), (200, 208)])
def test_the_nearest_rate_is_asked_for(wished: float, rate: int) -> None:
    (start,) = OpenDecoder(wished).start()
    assert int.from_bytes(start.payload[1:3], "little") == rate
    assert rate in RATES_HZ


@pytest.mark.parametrize(("strength", "seconds"), [(-1, -1), (0, 0), (7, 1e9), (1, 5)])
def test_a_buzz_is_kept_within_what_the_sensor_takes(strength: float, seconds: float) -> None:
    (buzz,) = OpenDecoder().haptic(strength, seconds)
    level, on_ms = buzz.payload[0], int.from_bytes(buzz.payload[1:3], "little")
    assert 0 <= level <= 255
    assert 0 <= on_ms <= 5000
