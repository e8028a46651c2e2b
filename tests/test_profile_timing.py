"""Two streams on one clock, measured periods, and loss that only a decoder sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.samples import LOWER, RawPacket
from monitor.sensors.assembler import Assembler
from monitor.sensors.profiles.base import Reading, Samples, Ticks
from monitor.sensors.profiles.cadence import Cadence
from monitor.sensors.profiles.pairing import Pairing

PERIOD_S = 0.01


def line(t_s: np.ndarray) -> np.ndarray:
    """Return rates that a linear interpolation finds again exactly."""
    return np.column_stack((t_s, 2 * t_s - 1, -t_s))


@given(
    cuts=st.tuples(*[st.lists(st.integers(1, 40), min_size=1, max_size=12)] * 2),
    lag=st.floats(-0.9, 0.9),
    late=st.integers(0, 3),
)
@settings(deadline=None)
def test_every_acceleration_between_two_rates_comes_out_once_with_its_rate(
    cuts: tuple[list[int], list[int]], lag: float, late: int
) -> None:
    pairing = Pairing(PERIOD_S)
    arrivals = []
    for name, sizes in zip(("acc", "gyr"), cuts, strict=True):
        at = 0
        for size in sizes:
            rows = np.arange(at, at + size)
            at += size
            arrivals.append((at + (late * 10 if name == "gyr" else 0), name, rows))
    runs, last = [], {}
    for _, name, rows in sorted(arrivals, key=lambda arrival: arrival[0]):
        t_s = (rows + (lag if name == "gyr" else 0)) * PERIOD_S
        last[name] = t_s[-1]
        runs += pairing.add(name, t_s, line(t_s) if name == "gyr" else np.tile(rows[:, None], 3) * 1.0)
    acc_times = np.arange(sum(cuts[0])) * PERIOD_S
    inside = acc_times[(acc_times >= lag * PERIOD_S) & (acc_times <= last["gyr"])]
    made = np.concatenate([run.t_s for run in runs]) if runs else np.empty(0)
    np.testing.assert_allclose(made, inside, atol=1e-12)
    for run in runs:
        np.testing.assert_allclose(run.gyr, line(run.t_s), atol=1e-9)
        np.testing.assert_allclose(run.acc[:, 0] * PERIOD_S, run.t_s, atol=1e-9)
        assert np.all(np.diff(run.t_s) <= 1.5 * PERIOD_S)


def test_accelerations_over_a_hole_in_the_rates_are_given_up() -> None:
    pairing = Pairing(PERIOD_S)
    t_s = np.arange(30) * PERIOD_S
    assert pairing.add("acc", t_s, np.ones((30, 3))) == []
    first = pairing.add("gyr", t_s[:10] + 0.002, line(t_s[:10]))
    rest = pairing.add("gyr", t_s[20:] + 0.002, line(t_s[20:]))
    assert [len(run.t_s) for run in first + rest] == [9, 9]
    assert rest[0].t_s[0] == pytest.approx(0.21)


def test_repeats_add_nothing_and_a_clock_set_back_starts_anew() -> None:
    pairing, t_s = Pairing(PERIOD_S), 50 + np.arange(10) * PERIOD_S
    for _ in range(3):
        pairing.add("acc", t_s, np.ones((10, 3)))
    assert sum(len(run.t_s) for run in pairing.add("gyr", t_s, line(t_s))) == 10
    assert pairing.add("gyr", t_s, line(t_s)) == []
    pairing.add("acc", t_s - 40, np.ones((10, 3)))
    (run,) = pairing.add("gyr", t_s - 40, line(t_s))
    assert run.t_s[0] == pytest.approx(10)


def test_one_stream_alone_is_forgotten_after_some_seconds() -> None:
    pairing = Pairing(PERIOD_S)
    for first in range(0, 10_000, 100):
        t_s = (first + np.arange(100)) * PERIOD_S
        assert pairing.add("acc", t_s, np.ones((100, 3))) == []
    t_s = np.arange(20_000) * PERIOD_S
    kept = sum(len(run.t_s) for run in pairing.add("gyr", t_s, line(t_s)))
    assert 300 < kept < 500


@pytest.mark.parametrize("actual_hz", [101.3, 104.0, 107.9])
def test_the_rate_is_measured_by_stamps_of_whole_milliseconds(actual_hz: float) -> None:
    cadence, before = Cadence(1 / 104), 0
    for packet in range(1, 400):
        stamp_ms = int(packet * 8 / actual_hz * 1000)
        period_s = cadence.step((stamp_ms - before) * 1e-3, 8)
        before = stamp_ms
    assert 1 / period_s == pytest.approx(actual_hz, rel=1e-3)


def test_a_rate_is_believed_as_announced_until_measured_and_over_losses() -> None:
    cadence = Cadence(0.01)
    assert cadence.step(0.075, 8) == 0.01
    for elapsed_s in (0.16, 3.0, -1.0, 0.0, 0.04):
        assert cadence.step(elapsed_s, 8) == 0.01
    for _ in range(30):
        cadence.step(0.082, 8)
    for elapsed_s in (0.16, 3.0, -1.0, 0.0, 0.04):
        assert cadence.step(elapsed_s, 8) == pytest.approx(0.01025, rel=0.01)


class Scripted:
    """A decoder that says what it is told to."""

    sequence_bits = None

    def __init__(self, said: list[Samples], clock: Ticks | None = None) -> None:
        self._said, self.clock = said, clock

    def decode(self, _characteristic: str, _payload: bytes) -> tuple[Reading, ...]:
        return (self._said.pop(0),)


def some(count: int = 4, ticks: int | None = None, lost_before: int = 0) -> Samples:
    return Samples(np.ones((count, 3)), np.ones((count, 3)), 0.01, ticks=ticks, lost_before=lost_before)


def test_what_a_decoder_saw_go_is_reported_and_takes_its_time() -> None:
    said = [some(), some(), some(lost_before=6), some()]
    assembler = Assembler(Scripted(said), LOWER, 0)  # type: ignore[arg-type]
    assert not assembler.loss_known
    blocks = [
        assembler.feed(RawPacket(at_ms * 1_000_000, LOWER, "", b"")).deliveries[0].block
        for at_ms in (40, 80, 180, 220)
    ]
    assert [block.lost_before for block in blocks] == [0, 0, 6, 0]
    steps = np.diff(np.concatenate([block.t_s for block in blocks]))
    assert steps[7] == pytest.approx(0.07, abs=0.01)
    assert np.delete(steps, 7) == pytest.approx(0.01, abs=0.002)


def test_a_clock_that_leaps_by_hours_is_another_clock_and_no_loss() -> None:
    ticks = [0, 40, 4_000_000_000, 4_000_000_040, 4_000_000_120]
    assembler = Assembler(Scripted([some(ticks=t) for t in ticks], Ticks(1e-3, 64)), LOWER, 0)  # type: ignore[arg-type]
    assert assembler.loss_known
    blocks = [
        assembler.feed(RawPacket(at_ms * 1_000_000, LOWER, "", b"")).deliveries[0].block
        for at_ms in (40, 80, 120, 160, 240)
    ]
    assert [block.lost_before for block in blocks] == [0, 0, 0, 0, 4]
    assert blocks[-1].t_s[-1] == pytest.approx(0.24, abs=0.02)


@pytest.mark.parametrize("start", [0, 599_616_000_000_000_000, 2**64 - 10**9])
def test_stamps_of_any_size_keep_their_spacing(start: int) -> None:
    ticks = [(start + packet * 40_000_000) % 2**64 for packet in range(50)]
    assembler = Assembler(Scripted([some(ticks=t) for t in ticks], Ticks(1e-9, 64)), LOWER, 0)  # type: ignore[arg-type]
    blocks = [
        assembler.feed(RawPacket((packet + 1) * 40_000_000, LOWER, "", b"")).deliveries[0].block
        for packet in range(50)
    ]
    assert np.diff(np.concatenate([block.t_s for block in blocks])) == pytest.approx(0.01, abs=1e-6)
