"""The figures of how long alerts take are what a person would count from the list."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.delay import DelayBook


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300))
def test_median_and_p99_are_those_of_all_that_was_measured(delays_s: list[float]) -> None:
    book = DelayBook()
    for delay_s in delays_s:
        book.add(delay_s)
    told = book.figures
    assert (told.count, told.last_s) == (len(delays_s), delays_s[-1])
    assert told.median_s == np.percentile(delays_s, 50, method="inverted_cdf")
    assert sum(value <= told.p99_s for value in delays_s) >= 0.99 * len(delays_s)
    assert told.p99_s in delays_s


def test_it_reads_as_milliseconds() -> None:
    book = DelayBook()
    assert str(book.figures) == "not measured yet"
    assert math.isnan(book.figures.last_s)
    for delay_s in (0.0042, 0.013, 0.0071):
        book.add(delay_s)
    assert str(book.figures) == "7.1 ms, median 7.1 ms, p99 13 ms of 3"


@pytest.mark.parametrize("set_back_s", [-0.5, -3600.0])
def test_a_clock_that_was_set_back_counts_as_no_delay(set_back_s: float) -> None:
    book = DelayBook()
    book.add(set_back_s)
    assert book.figures.last_s == 0.0
