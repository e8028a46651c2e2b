"""A virtual lifter who goes through a guided calibration and then does squats, the sensors left on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from monitor.model.session import Delivery
from monitor.sensors.simulated.guided import calibrated_wearing, calibration
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.wearing import SAME_CHIP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.model.session import SampleSource, SessionInfo, SourceItem

SEED = 3


@dataclass(frozen=True, slots=True)
class InTurn:
    """One source after another, their clocks laid end to end."""

    info: SessionInfo
    sources: tuple[SampleSource, ...]

    def items(self) -> Iterator[SourceItem]:
        """Yield everything in order of arrival; notifications are left out, their ticks would not fit."""
        begin_s = 0.0
        for source in self.sources:
            end_s = begin_s
            for item in source.items():
                if isinstance(item, Delivery):
                    if not len(item.block):
                        continue
                    block = replace(item.block, t_s=item.block.t_s + begin_s)
                    end_s = float(block.t_s[-1])
                    yield Delivery(block)
                elif begin_s == 0.0:
                    yield item
            begin_s = end_s + 0.01


@cache
def day(sets: int = 2, reps: int = 3, cause: str | None = None) -> InTurn:
    """Return a calibration of about a minute, then sets of squats."""
    squats = simulate(
        "squat",
        cause=cause,
        sets=sets,
        reps=reps,
        rest_s=22.0,
        seed=SEED,
        spec=SAME_CHIP,
        wearing=calibrated_wearing(SEED),
    )
    return InTurn(squats.source.info, (calibration(SEED).source, squats.source))
