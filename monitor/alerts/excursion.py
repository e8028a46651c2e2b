"""One stay of the back off the pad, however often the signal crosses the limit meanwhile. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.model.events import Alert


class Excursion:
    """The excursion under way, if there is one."""

    def __init__(self) -> None:
        self._alert: Alert | None = None
        self.over_s: float | None = None
        """When it counts as over; None while off the pad, and where there is none."""

    def holds(self, rep: int | None) -> bool:
        """Return whether a lift-off in repetition `rep` is part of it; a later repetition has its own."""
        if self._alert is None:
            return False
        return rep is None or self._alert.rep is None or rep <= self._alert.rep

    def began_before(self, time_s: float) -> bool:
        """Return whether there is one that began before `time_s`."""
        return self._alert is not None and self._alert.time_s < time_s

    def begin(self, alert: Alert) -> None:
        """Let one begin that `alert` tells of."""
        self._alert, self.over_s = alert, None

    def go_on(self) -> None:
        """Take note that the back left the pad again before it was over."""
        self.over_s = None

    def rest_until(self, over_s: float) -> None:
        """Take note that the back is on the pad: unless it leaves again, it is over at `over_s`."""
        if self._alert is not None:
            self.over_s = over_s

    def end(self) -> Alert | None:
        """End it and return the alert that told of it; None where there is none."""
        alert, self._alert, self.over_s = self._alert, None, None
        return alert
