"""Device time to session time: sync, wraps, repeats, restarts, losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.samples import LOWER, UPPER, RawPacket
from monitor.sensors.assembler import Assembler
from monitor.sensors.clock import CountingClock, SessionClock, Unwrap
from monitor.sensors.profiles.base import Decoder, Samples
from monitor.sensors.profiles.open_profile import DATA, OpenDecoder, encode_packet

RATE_HZ = 104.0
BATCH = 8
SETTLED_S = 2.0
"""Until the smallest delay has been seen and slewed in."""


def arrivals(
    rng: np.random.Generator, minutes: float, *, rate_hz: float = RATE_HZ, interval_s: float = 0.03
) -> list[tuple[np.ndarray, int]]:
    """Return (true host times of the samples, arrival in ns) of every packet of a BLE link."""
    times = rng.uniform(0, 0.05) + np.arange(int(minutes * 60 * rate_hz)) / rate_hz
    phase, made, before = rng.uniform(0, interval_s), [], 0.0
    for first in range(0, len(times) - BATCH + 1, BATCH):
        ready = times[first + BATCH - 1] + 0.001
        event = math.ceil((ready - phase) / interval_s)
        while rng.uniform() < 0.05:
            event += 1
        before = max(before + 1e-6, phase + event * interval_s)
        made.append((times[first : first + BATCH], round(before * 1e9)))
    return made


def placed(
    rng: np.random.Generator, minutes: float, ppm: float, **link: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return true host times and session times of every sample of a drifting sensor."""
    clock, offset = SessionClock(0), rng.uniform(0, 4000)
    true, session = [], []
    for times, received_ns in arrivals(rng, minutes, **link):
        true.append(times)
        session.append(clock.place(offset + times * (1 + ppm * 1e-6), received_ns))
    return np.concatenate(true), np.concatenate(session)


@pytest.mark.parametrize("seed", range(3))
def test_two_drifting_sensors_stay_within_5_ms_for_10_minutes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (true_a, session_a), (true_b, session_b) = placed(rng, 10, +40), placed(rng, 10, -40)
    error_a, error_b = session_a - true_a, session_b - true_b
    for true, error in ((true_a, error_a), (true_b, error_b)):
        assert np.max(np.abs(error[true > SETTLED_S])) <= 5e-3
    at = np.arange(SETTLED_S, 599, 0.01)
    skew = np.interp(at, true_a, error_a) - np.interp(at, true_b, error_b)
    assert np.max(np.abs(skew)) <= 5e-3
    # Before that it is late by what the first packet was: a few connection intervals.
    assert np.max(np.abs(error_a)) < 0.2
    assert np.all(np.diff(session_a) > 0)


@pytest.mark.parametrize("interval_s", [0.0075, 0.015, 0.05])
def test_rates_are_kept_at_other_connection_intervals(interval_s: float) -> None:
    _, session = placed(np.random.default_rng(1), 2, 20, interval_s=interval_s)
    spacing = np.diff(session[int(SETTLED_S * RATE_HZ) :])
    assert np.max(np.abs(spacing * RATE_HZ - 1)) < 0.02


@given(
    batches=st.lists(
        st.tuples(
            st.integers(1, 13),
            st.floats(1e-4, 30.0),
            st.floats(-1.0, 60.0),
            st.sampled_from(["on", "on", "on", "reset"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_session_time_only_goes_on_whatever_arrives_when(
    batches: list[tuple[int, float, float, str]],
) -> None:
    clock, device_s, received_s, before = SessionClock(0), 1000.0, 5.0, -math.inf
    for count, pause_s, delay_s, what in batches:
        if what == "reset":
            clock.reset()
            device_s = 0.0
        times = device_s + pause_s + np.arange(count) / RATE_HZ
        device_s, received_s = float(times[-1]), received_s + max(pause_s + delay_s, 0)
        made = clock.place(times, round(received_s * 1e9))
        assert np.all(np.diff(np.concatenate(([before], made))) > 0)
        before = float(made[-1])


@given(
    bits=st.sampled_from([8, 16, 32, 64]),
    before=st.integers(0, 2**64 - 1),
    forward=st.integers(0, 2**63 - 1),
    wraps=st.integers(0, 5),
)
def test_counters_are_unwrapped(bits: int, before: int, forward: int, wraps: int) -> None:
    modulus, counter = 1 << bits, Unwrap(bits)
    before %= modulus
    short = forward % (modulus // 2)
    assert counter.step(before, (before + short) % modulus) == short
    assert counter.step((before + short) % modulus, before) == -short
    far = short + wraps * modulus
    # A clock that is off by a third of the counter's width still tells how often it wrapped.
    for off in (-0.33, 0.0, 0.33):
        if bits < 64:
            assert counter.step_near(before, (before + far) % modulus, far + off * modulus) == far


@pytest.mark.parametrize(("late_s", "packets"), [(0.0, 1), (0.3, 1), (0.3, 40), (1.0, 1)])
@pytest.mark.parametrize("rate_hz", [97.0, 100.0, 101.3, 104.0])
def test_a_sensor_without_a_clock_is_timed_by_counting(rate_hz: float, late_s: float, packets: int) -> None:
    """It says 100 Hz; the first packets come late, as after connecting."""
    clock, true, session = CountingClock(0), [], []
    before_ns = 0
    for number, (times, received_ns) in enumerate(arrivals(np.random.default_rng(3), 1.5, rate_hz=rate_hz)):
        due_ns = round((times[0] + late_s) * 1e9) if number == 0 else before_ns if number < packets else 0
        before_ns = max(before_ns + 1000, received_ns, due_ns)
        true.append(times)
        session.append(clock.place(BATCH, 0.01, before_ns))
    at_s, times = np.concatenate(true), np.concatenate(session)
    assert np.all(np.diff(times) > 0)
    assert np.max(np.abs(np.diff(times) * 100 - 1)) < 0.16, "rates stay rates"
    # Time is mended by at most a tenth as it goes.
    settled = at_s > SETTLED_S + 13 * late_s + 1
    assert np.max(np.abs(times - at_s)[settled]) < 0.01


@pytest.mark.parametrize("rate_hz", [10.0, 50.0, 200.0])
def test_a_sensor_that_did_not_take_its_rate_is_still_in_time(rate_hz: float) -> None:
    clock, off_s = CountingClock(0), []
    for number in range(round(40 * rate_hz)):
        due_s = (number + 1) / rate_hz
        off_s.append(float(clock.place(1, 0.01, round(due_s * 1e9))[0]) - due_s)
    assert np.max(np.abs(off_s[round(30 * rate_hz) :])) < 0.01


@given(
    batches=st.lists(
        st.tuples(
            st.integers(1, 40),
            st.one_of(st.floats(0.0, 0.4), st.floats(0.0, 60.0)),
            st.sampled_from(["on", "on", "on", "reset"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_counted_time_only_goes_on_whatever_arrives_when(batches: list[tuple[int, float, str]]) -> None:
    clock, received_s, before = CountingClock(0), 5.0, -math.inf
    for count, pause_s, what in batches:
        if what == "reset":
            clock.reset()
        received_s += pause_s
        made = clock.place(count, 0.01, round(received_s * 1e9))
        assert len(made) == count
        assert np.all(np.diff(np.concatenate(([before], made))) > 0)
        before = float(made[-1])


@pytest.mark.parametrize("away_s", [0.35, 0.8, 1.4, 3.0])
@pytest.mark.parametrize("kept_share", [0.0, 0.4, 1.0])
def test_a_silence_of_a_sensor_without_a_clock_is_a_gap_as_far_as_it_cost_samples(
    away_s: float, kept_share: float
) -> None:
    """It keeps a share of what it cannot send, sends that first, and never keeps 2 s."""
    kept_s = kept_share * away_s if away_s < 2 else 0.0
    clock, begun_s, back_s = CountingClock(0), 10.0, 10.0 + away_s
    due, placed = [], []
    for number in range(1, 800):
        due_s = number * 0.04
        if begun_s + kept_s < due_s < back_s:
            continue
        arrived_s = back_s + (due_s - begun_s) / 100 if begun_s < due_s < back_s else due_s
        due.append(due_s)
        placed.append(clock.place(4, 0.01, round(arrived_s * 1e9)))
    steps, off_s = np.diff(np.concatenate(placed)), np.array([made[-1] for made in placed]) - due
    assert np.all(steps > 0)
    told = np.sum(steps[steps > 0.05])
    assert told == pytest.approx(away_s - kept_s if away_s - kept_s > 0.15 else 0.0, abs=0.05)
    late = np.array(due) > back_s + 0.2
    assert np.max(np.abs(off_s[(np.array(due) <= begun_s + kept_s) | late])) < 0.02


def packet(number: int, device_us: int, *, count: int = BATCH, **more: bool) -> bytes:
    counts = np.full((count, 3), number % 1000, dtype=np.int16)
    return encode_packet(
        counts,
        counts,
        sequence=number,
        device_us=device_us,
        period_us=9615,
        acc_scale=0.0024,
        gyr_scale=0.0006,
        **more,
    )


def stream(numbers: list[int], start_us: int = 0, assembler: Assembler | None = None) -> list:
    """Feed packets that begin with the given sample numbers; return the blocks."""
    assembler = assembler or Assembler(OpenDecoder(), LOWER, 0)
    blocks = []
    for number in numbers:
        received_ns = (number + BATCH) * 9_615_000
        payload = packet(number, start_us + number * 9615)
        (delivery,) = assembler.feed(RawPacket(received_ns, LOWER, DATA, payload)).deliveries
        assert delivery.packets[0].payload == payload
        blocks.append(delivery.block)
    return blocks


def test_lost_samples_are_counted_and_repeats_dropped() -> None:
    blocks = stream([0, 8, 8, 32, 24, 40])
    assert [len(b) for b in blocks] == [8, 8, 0, 8, 0, 8]
    assert [b.lost_before for b in blocks] == [0, 0, 0, 16, 0, 0]


@given(start_us=st.integers(0, 2**32 - 1), start=st.integers(0, 2**16 - 1), lost=st.integers(0, 200_000))
@settings(max_examples=50)
def test_wraps_of_number_and_time_hide_no_loss(start_us: int, start: int, lost: int) -> None:
    numbers = [start, start + 8, start + 16 + lost, start + 24 + lost]
    blocks = stream(numbers, start_us)
    assert [b.lost_before for b in blocks] == [0, 0, lost, 0]
    at = np.concatenate([b.t_s for b in blocks])
    assert np.all(np.diff(at) > 0)
    assert at[16] - at[15] == pytest.approx((lost + 1) * 9615e-6, rel=0.02, abs=1e-3)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.floats(0, 0.4))
def test_received_and_lost_samples_add_up_to_those_taken(order: list[int], late: float) -> None:
    kept = sorted(set(order))
    assembler = Assembler(OpenDecoder(), LOWER, 0)
    total = 0
    for index in sorted(order):
        payload = packet(index * BATCH, 7_000_000 + index * BATCH * 9615)
        received_ns = round(((index + 1) * BATCH * 9615e-6 + late * (index % 3)) * 1e9)
        for delivery in assembler.feed(RawPacket(received_ns, LOWER, DATA, payload)).deliveries:
            total += len(delivery.block) + delivery.block.lost_before
    assert total == (kept[-1] - kept[0] + 1) * BATCH


def test_a_reconnected_or_restarted_sensor_goes_on_in_session_time() -> None:
    assembler = Assembler(OpenDecoder(), UPPER, 0)
    first = assembler.feed(RawPacket(1_000_000_000, UPPER, DATA, packet(800, 3_000_000_000)))
    assembler.reconnected(OpenDecoder())
    again = assembler.feed(RawPacket(4_000_000_000, UPPER, DATA, packet(0, 50_000, restarted=True)))
    restarted = assembler.feed(RawPacket(6_000_000_000, UPPER, DATA, packet(0, 10, restarted=True)))
    ends = [x.deliveries[0].block.t_s[-1] for x in (first, again, restarted)]
    assert ends == pytest.approx([1.0, 4.0, 6.0], abs=1e-6)
    assert [x.deliveries[0].block.lost_before for x in (first, again, restarted)] == [0, 0, 0]


def test_a_repeated_first_packet_is_still_a_repeat() -> None:
    assembler = Assembler(OpenDecoder(), LOWER, 0)
    start, second = packet(0, 5_000_000, restarted=True), packet(8, 5_076_920)
    sizes = [
        len(assembler.feed(RawPacket(80_000_000 + n, LOWER, DATA, payload)).deliveries[0].block)
        for n, payload in enumerate((start, start, second, start, second))
    ]
    assert sizes == [8, 0, 8, 0, 0]


class _Stamped(OpenDecoder):
    """A device with a time but no numbers, as several retail sensors are."""

    sequence_bits = None  # type: ignore[assignment]

    def decode(self, characteristic: str, payload: bytes) -> tuple:
        (samples,) = super().decode(characteristic, payload)
        assert isinstance(samples, Samples)
        return (Samples(samples.acc_ms2, samples.gyr_rads, samples.period_s, samples.ticks),)


def test_without_numbers_the_time_tells_what_is_lost() -> None:
    decoder: Decoder = _Stamped()
    blocks = stream([0, 8, 40, 48], 4_294_000_000, Assembler(decoder, LOWER, 0))
    assert [b.lost_before for b in blocks] == [0, 0, 24, 0]
