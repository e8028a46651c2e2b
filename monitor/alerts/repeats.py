"""What was told already: the same is not told again and again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.model.events import Alert


class Repeats:
    """Remember the last alert of each kind; a flapping signal keeps itself quiet.

    Parameters
    ----------
    quiet_s
        Seconds of quiet before the same is told again.
    """

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._told: dict[str, Alert] = {}
        self._seen_s: dict[str, float] = {}

    def told(self, key: str) -> Alert | None:
        """Return what was told last of `key`."""
        return self._told.get(key)

    def tell(self, key: str, alert: Alert) -> None:
        """Take note that `alert` tells `key`."""
        self._told[key] = alert

    def is_new(self, key: str, time_s: float, rep: int) -> bool:
        """Return whether `key` may be told at `time_s`: once a repetition, and quiet long enough before."""
        told, seen_s = self._told.get(key), self._seen_s.get(key)
        self._seen_s[key] = time_s
        if told is None or seen_s is None:
            return True
        return rep > (told.rep or 0) and time_s - told.time_s >= self._quiet_s
