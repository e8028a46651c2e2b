"""A recording read in stretches is the same session as block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model.samples import LOWER, UPPER, FloatArray, ImuBlock, SensorInfo
from monitor.model.session import Annotation, Delivery, LinkStatus, SessionInfo, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import write_recording

INFO = SessionInfo(sensors=(SensorInfo(LOWER), SensorInfo(UPPER)))


@dataclass
class Heard:
    """What was heard of each sensor until now."""

    samples: dict[str, list[FloatArray]] = field(default_factory=lambda: {LOWER: [], UPPER: []})
    lost: dict[str, int] = field(default_factory=lambda: {LOWER: 0, UPPER: 0})

    def take(self, block: ImuBlock) -> None:
        self.samples[block.sensor].append(np.column_stack([block.t_s, block.acc_ms2, block.gyr_rads]))
        self.lost[block.sensor] += block.lost_before

    def all(self) -> dict[str, tuple[int, bytes]]:
        return {
            name: (self.lost[name], np.concatenate([np.empty((0, 7)), *parts]).tobytes())
            for name, parts in self.samples.items()
        }


def heard_at_each_annotation(items: Sequence[SourceItem]) -> list[tuple[str, dict[str, tuple[int, bytes]]]]:
    heard, made = Heard(), []
    for item in items:
        if isinstance(item, Delivery):
            heard.take(item.block)
        elif isinstance(item, Annotation):
            made.append((str(item.value), heard.all()))
    return [*made, ("the end", heard.all())]


ARRIVALS = st.lists(
    st.tuples(st.sampled_from([LOWER, UPPER, "note", "link"]), st.integers(0, 30), st.integers(0, 3)),
    max_size=60,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(arrivals=ARRIVALS, length_s=st.floats(0.05, 5.0))
def test_nothing_is_lost_or_moved(
    arrivals: list[tuple[str, int, int]], length_s: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("a") / "a.mcap"
    rng, clock = np.random.default_rng(len(arrivals)), {LOWER: 0.0, UPPER: 0.001}
    items: list[SourceItem] = []
    for number, (kind, rows, lost) in enumerate(arrivals):
        if kind == "note":
            items.append(Annotation(max(clock.values()), "note", f"note {number}"))
        elif kind == "link":
            items.append(LinkStatus(max(clock.values()), LOWER, "lost"))
        else:
            t_s = clock[kind] + 0.01 * np.arange(1, rows + 1)
            clock[kind] = float(t_s[-1]) if rows else clock[kind]
            items.append(
                Delivery(
                    ImuBlock(
                        t_s, rng.normal(size=(rows, 3)), rng.normal(size=(rows, 3)), kind, lost if rows else 0
                    )
                )
            )
    write_recording(path, INFO, items)

    recording = open_recording(path)
    stretches = list(recording.stretches(length_s))
    flat = [item for stretch in stretches for item in stretch]
    assert heard_at_each_annotation(flat) == heard_at_each_annotation(items)
    for stretch in stretches:
        blocks = [item.block for item in stretch if isinstance(item, Delivery)]
        assert len({block.sensor for block in blocks}) == len(blocks), "one block a sensor"
    assert recording.annotations == tuple(item for item in items if isinstance(item, Annotation))
