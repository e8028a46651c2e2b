"""Pacing adds waiting and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.errors import ConfigError
from monitor.model.samples import ImuBlock
from monitor.model.session import Annotation, Delivery, LinkStatus, SessionInfo, SourceItem
from monitor.sensors.pacing import Paced

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Listed:
    list: list[SourceItem]
    info: SessionInfo = field(default_factory=SessionInfo)

    def items(self) -> Iterator[SourceItem]:
        return iter(self.list)


@dataclass
class Clock:
    """Time that passes only while somebody sleeps or works."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        await asyncio.sleep(0)


def delivery(start_s: float, end_s: float) -> Delivery:
    return Delivery(ImuBlock(np.array([start_s, end_s]), np.zeros((2, 3)), np.zeros((2, 3))))


def blocks(count: int, origin_s: float = 7.0) -> list[SourceItem]:
    return [delivery(origin_s + k / 10, origin_s + k / 10 + 0.09) for k in range(count)]


Played = list[tuple[float, list[SourceItem]]]


def play(items: list[SourceItem], speed: float | None, work_s: float = 0.0) -> Played:
    """Return each batch with the time it came, to a taker that needs `work_s` for each."""
    clock = Clock()

    async def run() -> Played:
        seen: Played = []
        async for batch in Paced(Listed(items), speed, clock=clock, sleep=clock.sleep).stream():
            seen.append((clock.now_s - 100.0, list(batch)))
            clock.now_s += work_s
        return seen

    return asyncio.run(run())


def test_a_block_comes_when_its_last_sample_was_taken() -> None:
    seen = play(blocks(20), 1.0)
    assert [at for at, _ in seen] == pytest.approx([k / 10 + 0.09 for k in range(20)])


@pytest.mark.parametrize("speed", [0.5, 2.0, 10.0])
def test_speed_is_a_factor(speed: float) -> None:
    assert play(blocks(20), speed)[-1][0] == pytest.approx(1.99 / speed)


def test_a_slow_taker_gets_all_that_is_due_at_once_and_no_lag_builds_up() -> None:
    seen = play(blocks(50), 1.0, work_s=0.35)
    assert max(at - float(batch[-1].block.t_s[-1] - 7.0) for at, batch in seen) <= 0.36  # type: ignore[union-attr]
    assert max(len(batch) for _, batch in seen) >= 3


def test_full_speed_waits_for_nothing_but_lets_others_run() -> None:
    turns = 0

    async def run() -> None:
        nonlocal turns
        done = False

        async def other() -> None:
            nonlocal turns
            while not done:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        async for _ in Paced(Listed(blocks(1000)), None).stream():
            pass
        done = True
        await task

    asyncio.run(run())
    assert turns >= 30


@settings(deadline=None)
@given(
    kinds=st.lists(st.sampled_from(["block", "empty", "link", "word"]), max_size=60),
    speed=st.sampled_from([None, 0.5, 1.0, 4.0]),
    work_s=st.sampled_from([0.0, 0.05, 3.0]),
)
def test_everything_comes_once_and_in_order(kinds: list[str], speed: float | None, work_s: float) -> None:
    items: list[SourceItem] = []
    for k, kind in enumerate(kinds):
        match kind:
            case "block":
                items.append(delivery(k / 10, k / 10 + 0.09))
            case "empty":
                items.append(Delivery(ImuBlock(np.empty(0), np.empty((0, 3)), np.empty((0, 3)))))
            case "link":
                items.append(LinkStatus(k / 10, "lower", "lost"))
            case _:
                items.append(Annotation(k / 10, "mark", "here"))
    seen = [item for _, batch in play(items, speed, work_s) for item in batch]
    assert all(a is b for a, b in zip(seen, items, strict=True))


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_speeds_that_make_no_sense(speed: float) -> None:
    with pytest.raises(ConfigError, match="speed"):
        Paced(Listed([]), speed)
