from __future__ import annotations

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.ring import GAP_S, PostureRing
from monitor.model.samples import FloatArray, PostureBlock


def rows(t_s: FloatArray) -> PostureBlock:
    n = len(t_s)
    return PostureBlock(
        t_s=t_s,
        pelvic_tilt_rad=np.sin(t_s),
        pelvic_tilt_sigma_rad=np.full(n, 0.04),
        side_tilt_rad=np.zeros(n),
        twist_rate_rads=np.zeros(n),
        lumbar_flexion_rad=np.cos(t_s),
        lumbar_flexion_sigma_rad=np.full(n, 0.07),
        lower_up=np.zeros((n, 3)),
        upper_up=np.zeros((n, 3)),
        upper_tilt_rad=np.full(n, np.nan),
        present=np.ones(n, dtype=np.bool_),
    )


@given(st.lists(st.integers(0, 70), max_size=30), st.integers(1, 100))
def test_the_newest_rows_come_back_in_order_whatever_the_chunks(sizes: list[int], capacity: int) -> None:
    ring = PostureRing(capacity)
    t_s = np.arange(sum(sizes)) / 100
    for part in np.split(t_s, np.cumsum(sizes)[:-1] if sizes else []):
        ring.extend(rows(part))
    kept = ring.snapshot()
    np.testing.assert_array_equal(kept.t_s, t_s[-capacity:])
    np.testing.assert_array_equal(kept.pelvic_tilt_rad, np.sin(t_s[-capacity:]))
    np.testing.assert_array_equal(kept.lumbar_flexion_rad, np.cos(t_s[-capacity:]))


@given(st.lists(st.floats(GAP_S * 1.1, 50), min_size=1, max_size=6))
def test_every_hole_breaks_the_curve_once(holes_s: list[float]) -> None:
    ring = PostureRing(10_000)
    start_s = 0.0
    for hole_s in [*holes_s, 1.0]:
        t_s = start_s + np.arange(20) / 100
        ring.extend(rows(t_s))
        start_s = t_s[-1] + hole_s
    kept = ring.snapshot()
    assert np.isnan(kept.pelvic_tilt_rad).sum() == len(holes_s)
    assert np.all(np.diff(kept.t_s) > 0)


def test_a_window_holds_the_last_seconds_only() -> None:
    ring = PostureRing()
    ring.extend(rows(np.arange(3000) / 100))
    kept = ring.snapshot(10.0)
    assert 9.98 <= kept.t_s[-1] - kept.t_s[0] <= 10.02


@given(st.integers(1, 90), st.integers(0, 89), st.integers(1, 60), st.integers(30, 100))
def test_a_step_back_in_time_replaces_what_came_after_it(
    first: int, back_to: int, again: int, capacity: int
) -> None:
    ring = PostureRing(capacity)
    ring.extend(rows(np.arange(first) / 100))
    back_to = min(back_to, first)
    ring.extend(rows(np.arange(back_to, back_to + again) / 100))
    kept = ring.snapshot()
    oldest = max(0, first - capacity, back_to + again - capacity)
    np.testing.assert_allclose(kept.t_s, np.arange(min(oldest, back_to), back_to + again)[-len(kept) :] / 100)
    assert len(kept) == min(capacity, back_to + again - min(back_to, max(0, first - capacity)))


def test_a_snapshot_never_changes_afterwards() -> None:
    ring = PostureRing(50)
    ring.extend(rows(np.arange(50) / 100))
    kept = ring.snapshot()
    before = kept.pelvic_tilt_rad.copy()
    ring.extend(rows(0.5 + np.arange(50) / 100))
    np.testing.assert_array_equal(kept.pelvic_tilt_rad, before)


def test_reading_while_another_thread_writes_gives_whole_rows() -> None:
    ring = PostureRing(400)

    def write() -> None:
        for start in range(0, 20_000, 7):
            ring.extend(rows((start + np.arange(7)) / 100))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        kept = ring.snapshot()
        np.testing.assert_array_equal(kept.pelvic_tilt_rad, np.sin(kept.t_s))
        assert np.all(np.diff(kept.t_s) > 0)
    writer.join()
