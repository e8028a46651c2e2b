"""The samples of a whole recording laid together, cut where the order of arrival allows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from monitor.model.samples import FloatArray, ImuBlock
from monitor.model.session import Annotation, Delivery, SourceItem
from monitor.recording import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """All samples of one sensor, and the blocks they arrived in.

    Parameters
    ----------
    samples
        Every row.
    orders
        (B,) place of each block in the order of arrival, rising.
    ends
        (B,) row after the last one of each block.
    lost
        (B,) samples lost before each block.
    """

    samples: ImuBlock
    orders: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lost: npt.NDArray[np.int64]

    @property
    def last_s(self) -> FloatArray:
        """(B,) time in s of the last row up to the end of each block."""
        return self.samples.t_s[np.maximum(self.ends - 1, 0)]

    def between(self, first: int, last: int) -> ImuBlock:
        """Return what arrived from order `first` to before `last`; what was lost on the way is summed."""
        start, stop = np.searchsorted(self.orders, (first, last))
        rows = slice(self.ends[start - 1] if start else 0, self.ends[stop - 1] if stop else 0)
        whole, lost = self.samples, int(self.lost[start:stop].sum())
        return ImuBlock(whole.t_s[rows], whole.acc_ms2[rows], whole.gyr_rads[rows], whole.sensor, lost)


def track(messages: Sequence[bytes], sensor: str) -> Track:
    """Lay the messages of a sensor's channel together; ValueError or struct.error if malformed."""
    tables, columns = zip(*(layout.imu_parts(data) for data in messages), strict=True)
    whole = np.concatenate(columns, axis=1)
    blocks = np.frombuffer(b"".join(tables), tables[0].dtype)  # concatenate compares field by field
    return Track(
        ImuBlock(whole[0], whole[1:4].T.copy(), whole[4:7].T.copy(), sensor),
        blocks["order"].astype(np.int64),
        np.cumsum(blocks["rows"], dtype=np.int64),
        blocks["lost_before"].astype(np.int64),
    )


def stretches(
    tracks: Sequence[Track], said: Sequence[tuple[int, Annotation]], length_s: float
) -> Iterator[list[SourceItem]]:
    """Yield a session in stretches of about `length_s`, one block a sensor in each.

    No sensor runs further ahead of another than it did when the samples arrived. A stretch ends
    with each annotation, which has its order beside it.
    """
    # Blocks end a stretch, so nothing that came before one of them comes after it now.
    borders = [(int(order), None) for order in _cuts(tracks, length_s)]
    last = max((int(t.orders[-1]) + 1 for t in tracks if len(t.orders)), default=0)
    ends: list[tuple[int, Annotation | None]] = sorted(
        itertools.chain(borders, said, [(max(last, 1 + max((o for o, _ in said), default=0)), None)]),
        key=lambda end: end[0],
    )
    start = 0
    for order, annotation in ends:
        blocks = [t.between(start, order) for t in tracks]
        items: list[SourceItem] = [Delivery(block) for block in blocks if len(block)]
        start = order
        if annotation is not None:
            items.append(annotation)
        if items:
            yield items


def _cuts(tracks: Sequence[Track], length_s: float) -> npt.NDArray[np.int64]:
    """Return the orders before which to cut: after each block that completes a stretch."""
    if not any(len(t.samples) for t in tracks):
        return np.empty(0, np.int64)
    filled = [t for t in tracks if len(t.samples)]
    orders = np.concatenate([t.orders for t in filled])
    arrival = np.argsort(orders, kind="stable")
    reached_s = np.maximum.accumulate(np.concatenate([t.last_s for t in filled])[arrival])
    full = np.flatnonzero(np.diff((reached_s - reached_s[0]) // length_s)) + 1
    return orders[arrival][full] + 1
