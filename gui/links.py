"""What came over each sensor's link, counted: rate, lost samples, gaps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np

from gui.ends import LinkLine
from gui.words import LINK_STATE
from monitor.model.events import Gap
from monitor.model.samples import ImuBlock, SensorInfo
from monitor.model.session import LinkStatus

RATE_WINDOW_S = 2.0
"""Long enough for a steady figure at 25 Hz, short enough to follow a weak link."""


STILL_RADS = 0.15
"""9 deg/s: a person who stands or sits still stays below it."""


@dataclass(slots=True)
class _Link:
    line: LinkLine
    moved_s: float = 0.0
    recent: deque[tuple[float, int]] = field(default_factory=deque)


class LinkBook:
    """Keeps one line for each sensor."""

    def __init__(self) -> None:
        self._links: dict[str, _Link] = {}

    def begin(self, sensors: tuple[SensorInfo, ...]) -> None:
        """Start with the sensors a session announces; what is known already stays."""
        for info in sensors:
            link = self._of(info.name)
            link.line = replace(
                link.line, device=info.device, announced_hz=info.rate_hz, loss_counted=info.loss_counted
            )

    def status(self, status: LinkStatus) -> None:
        """Take a change of a link's state."""
        link = self._of(status.sensor)
        link.line = replace(
            link.line,
            state=status.state,
            text=status.text,
            loss_counted=status.loss_counted and link.line.loss_counted,
            battery=link.line.battery if status.battery is None else status.battery,
            rssi_dbm=link.line.rssi_dbm if status.rssi_dbm is None else status.rssi_dbm,
        )
        if status.state != "streaming":
            link.recent.clear()
            link.line = replace(link.line, rate_hz=None)

    def block(self, block: ImuBlock) -> None:
        """Count the samples of one block."""
        if len(block) == 0:
            return
        link = self._of(block.sensor)
        end_s = float(block.t_s[-1])
        if link.recent and end_s < link.recent[-1][0]:
            link.recent.clear()
        link.recent.append((end_s, len(block)))
        while end_s - link.recent[0][0] > RATE_WINDOW_S:
            link.recent.popleft()
        span_s = end_s - link.recent[0][0]
        counted = sum(n for _, n in link.recent) - link.recent[0][1]
        state = link.line.state
        rates = np.einsum("ij,ij->i", block.gyr_rads, block.gyr_rads)
        if link.line.still_s is None or rates.max() > STILL_RADS**2 or end_s < link.moved_s:
            link.moved_s = end_s
        link.line = replace(
            link.line,
            state="streaming" if state in {"", "connecting"} else state,
            still_s=float(int(end_s - link.moved_s)),
            received=link.line.received + len(block),
            lost=link.line.lost + block.lost_before,
            rate_hz=counted / span_s if span_s > RATE_WINDOW_S / 4 else link.line.rate_hz,
        )

    def gap(self, gap: Gap) -> None:
        """Count one gap."""
        link = self._of(gap.sensor)
        link.line = replace(
            link.line,
            gaps=link.line.gaps + 1,
            longest_gap_s=max(link.line.longest_gap_s, gap.end_s - gap.start_s),
        )

    def silent(self, sensor: str) -> bool:
        """Return whether the link of `sensor` is known to be down."""
        link = self._links.get(sensor)
        return link is not None and link.line.state == "lost"

    def streaming(self, sensor: str) -> bool:
        """Return whether samples of `sensor` are coming in."""
        link = self._links.get(sensor)
        return link is not None and link.line.state == "streaming"

    def lines(self) -> tuple[LinkLine, ...]:
        """Return one line for each sensor, in order of appearance."""
        return tuple(link.line for link in self._links.values())

    def _of(self, sensor: str) -> _Link:
        if sensor not in self._links:
            self._links[sensor] = _Link(LinkLine(sensor, "", "connecting", LINK_STATE["connecting"]))
        return self._links[sensor]
