"""A provisional angle before the calibration: soon there, chunk by chunk the same, and never judged."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from monitor.engine import Engine
from monitor.model.samples import PostureBlock, join_posture
from monitor.model.session import Delivery, Output, SourceItem
from monitor.sensors.simulated.scenario import SimulatedSession, simulate


@cache
def squats() -> SimulatedSession:
    return simulate("squat", reps=1, seed=4)


def fed(size: int) -> list[Output]:
    """Return what the engine made of the samples, `size` at a time."""
    engine = Engine(squats().source.info)
    made = []
    for item in squats().source.items():
        if isinstance(item, Delivery):
            parts: list[SourceItem] = [
                Delivery(item.block[i : i + size]) for i in range(0, len(item.block), size)
            ]
            made += [engine.feed([part]) for part in parts]
    return made


def waiting(outputs: list[Output]) -> PostureBlock:
    return join_posture([o.provisional for o in outputs if len(o.provisional)])


def test_an_angle_is_there_with_the_first_samples_and_surer_after_a_still_second() -> None:
    rows = waiting(fed(1000))
    assert rows.t_s[0] < 0.1
    assert np.isfinite(rows.pelvic_tilt_rad).all()
    sigma_deg = np.degrees(rows.pelvic_tilt_sigma_rad)
    assert sigma_deg[0] == pytest.approx(10)
    settled = rows.t_s[np.argmax(sigma_deg < 9)]
    assert settled < 2.0
    standing = (rows.t_s > settled) & (rows.t_s < 3.0)
    assert np.degrees(rows.pelvic_tilt_rad[standing]).max() < 3.0


def test_it_follows_the_first_bend_and_goes_once_the_calibration_is_there() -> None:
    outputs = fed(1000)
    rows, made = waiting(outputs), join_posture([o.posture for o in outputs if len(o.posture)])
    both = np.isin(np.round(made.t_s * 100), np.round(rows.t_s * 100))
    assert both.sum() == len(rows), "the same rows come again, known"
    inclined = np.arccos(
        np.clip(np.cos(made.pelvic_tilt_rad[both]) * np.cos(made.side_tilt_rad[both]), -1, 1)
    )
    assert np.degrees(np.abs(rows.pelvic_tilt_rad - inclined)).max() < 5.0
    first = next(i for i, o in enumerate(outputs) if len(o.posture))
    assert not [o for o in outputs[first:] if len(o.provisional)]


@pytest.mark.parametrize("size", [1, 50])
def test_it_does_not_depend_on_how_the_samples_are_cut(size: int) -> None:
    whole, cut = waiting(fed(1000)), waiting(fed(size))
    together = min(len(whole), len(cut))
    assert abs(len(whole) - len(cut)) <= 20
    np.testing.assert_allclose(whole.pelvic_tilt_rad[:together], cut.pelvic_tilt_rad[:together], atol=1e-9)
    np.testing.assert_array_equal(
        whole.pelvic_tilt_sigma_rad[:together], cut.pelvic_tilt_sigma_rad[:together]
    )
