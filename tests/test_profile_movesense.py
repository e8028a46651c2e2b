"""Movesense: updates in one notification or two, in the usual number of samples or another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peripherals.motion import Motion, swaying
from peripherals.movesense import body

from monitor.model.errors import DecodeError
from monitor.sensors.profiles.base import Answer, Reading, Samples
from monitor.sensors.profiles.movesense import NOTIFY, MovesenseDecoder

MOTION = swaying(400)


def update(number: int, batch: int = 8) -> bytes:
    rows = slice(number * batch, (number + 1) * batch)
    return body(round(number * batch / 104 * 1000), Motion(MOTION.acc_ms2[rows], MOTION.gyr_rads[rows]))


def samples_of(readings: list[Reading]) -> np.ndarray:
    return np.concatenate([r.acc_ms2 for r in readings if isinstance(r, Samples)])


@given(cut=st.integers(0, 196))
@settings(deadline=None)
def test_an_update_in_two_parts_is_put_together_wherever_it_is_cut(cut: int) -> None:
    decoder, said = MovesenseDecoder(104), []
    for number in range(4):
        whole = update(number)
        said += decoder.decode(NOTIFY, b"\x02\x01" + whole[:cut])
        if cut < len(whole):
            said += decoder.decode(NOTIFY, b"\x03\x01" + whole[cut:])
    np.testing.assert_allclose(samples_of(said), MOTION.acc_ms2[:32], atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2, 4, 6])
def test_another_number_of_samples_an_update_is_learnt(batch: int) -> None:
    decoder, said = MovesenseDecoder(104), []
    for number in range(6):
        said += decoder.decode(NOTIFY, b"\x02\x01" + update(number, batch))
    np.testing.assert_allclose(samples_of(said), MOTION.acc_ms2[: 6 * batch], atol=1e-5)


@pytest.mark.parametrize("lost", ["first part", "second part"])
def test_half_an_update_is_never_taken_for_a_whole_one(lost: str) -> None:
    decoder, said, refused = MovesenseDecoder(104), [], 0
    cut = 4 + 6 * 24
    for number in range(10):
        whole = update(number)
        if not (number in {4, 7} and lost == "first part"):
            said += decoder.decode(NOTIFY, b"\x02\x01" + whole[:cut])
        if not (number in {4, 7} and lost == "second part"):
            try:
                said += decoder.decode(NOTIFY, b"\x03\x01" + whole[cut:])
            except DecodeError:
                refused += 1
    kept = [row for number in range(10) if number not in {4, 7} for row in range(number * 8, number * 8 + 8)]
    np.testing.assert_allclose(samples_of(said), MOTION.acc_ms2[kept], atol=1e-5)
    assert refused == (2 if lost == "first part" else 0)


def test_first_parts_alone_are_never_taken_for_whole_updates() -> None:
    decoder = MovesenseDecoder(104)
    for number in range(10):
        # Six whole samples by their length; but eight went by in between.
        assert decoder.decode(NOTIFY, b"\x02\x01" + update(number)[: 4 + 6 * 24]) == ()


def test_parts_that_come_twice_make_one_update() -> None:
    decoder, said, refused = MovesenseDecoder(104), [], 0
    for number in range(5):
        whole = update(number)
        for part in (b"\x02\x01" + whole[:148], b"\x03\x01" + whole[148:]):
            for _ in range(2):
                try:
                    said += decoder.decode(NOTIFY, part)
                except DecodeError:
                    refused += 1
    np.testing.assert_allclose(samples_of(said), MOTION.acc_ms2[:40], atol=1e-5)
    assert refused == 5


@pytest.mark.parametrize(("status", "words"), [(404, "not on this sensor"), (503, "status 503")])
def test_a_refused_subscription_says_why(status: int, words: str) -> None:
    (said,) = MovesenseDecoder().decode(NOTIFY, b"\x01\x01" + status.to_bytes(2, "little"))
    assert isinstance(said, Answer)
    assert not said.ok
    assert words in said.text
