"""What is said of a set for which no finding speaks."""

from __future__ import annotations

import pytest

from monitor.model.exercise import exercise
from monitor.pipeline.sets import sentence


@pytest.mark.parametrize(
    ("count", "off", "told"),
    [
        (1, ["tuck"], "1 repetition of squat: tuck once, no cause clear."),
        (
            8,
            ["tuck", "slow_rep"] * 2 + ["tuck"],
            "8 repetitions of squat: slow rep twice, tuck 3 times, no cause clear.",
        ),
        (8, [], "8 repetitions of squat: nothing stood out."),
    ],
)
def test_how_often_a_fault_was_seen_is_said(count: int, off: list[str], told: str) -> None:
    assert sentence(count, exercise("squat"), None, off, None) == told
