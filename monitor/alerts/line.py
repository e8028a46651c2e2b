"""The connection to one broker as a whole: dials, settles on a version of MQTT, knows how it stands."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.alerts.link import Link, LinkNote
    from monitor.alerts.messages import Message

    Dial = Callable[[bool, Callable[[LinkNote], None]], Link]
    """Opens a link that speaks MQTT 5 (True) or 3.1.1 (False) and reports to the callable."""

REDIAL_S = 1.0
"""Pause before a broker that answered neither version is tried again."""


class Line:
    """One broker's line, owned by one thread.

    Parameters
    ----------
    dial
        Opens a link.
    report
        Takes the number of the dialling and what its link notes, from any thread.
    """

    def __init__(self, dial: Dial, report: Callable[[int, LinkNote], None]) -> None:
        self._dial = dial
        self._report = report
        self._link: Link | None = None
        self._due_s: float | None = 0.0
        self._failed = False
        self.dialled = 0
        """Links opened so far: notes of an earlier one no longer count."""
        self.version_5 = True
        """Whether MQTT 5 is spoken, or tried; else 3.1.1."""
        self.up = False
        """Whether there is a connection."""
        self.ever_connected = False
        """Whether there ever was one."""
        self.connected_s = 0.0
        """When it began."""
        self.text = "connecting"
        """How it stands, in a few words."""

    @property
    def failure(self) -> str:
        """Why there is no connection; empty while that is not known."""
        return self.text if self._failed else ""

    @property
    def is_due(self) -> bool:
        """Whether dialling is due, now or soon."""
        return self._due_s is not None

    @property
    def is_hopeless(self) -> bool:
        """Whether it failed and never was up: nothing is to be expected of waiting."""
        return self._failed and not self.ever_connected

    def dial_if_due(self, now_s: float) -> None:
        """Open a link where that is due."""
        if self._due_s is None or now_s < self._due_s:
            return
        self._due_s = None
        self.dialled += 1
        dialled = self.dialled
        self._link = self._dial(self.version_5, lambda note: self._report(dialled, note))

    def connected(self, now_s: float, topics: Sequence[str]) -> None:
        """Take note that the broker took us in, and listen to `topics`."""
        self.text, self._failed = "connected", False
        self.up = self.ever_connected = True
        self.connected_s = now_s
        if self._link is not None:
            for topic in topics:
                self._link.subscribe(topic)

    def lost(self, text: str) -> None:
        """Take note that there is no connection; the link mends itself."""
        self.text, self._failed, self.up = text, True, False

    def other_version(self, now_s: float) -> None:
        """Try the other version, unless this one has worked before."""
        # The first doubt is settled at once and no failure yet, an endless one is not hurried.
        doubts = self.dialled > 1 or self.ever_connected
        if doubts:
            self.text, self._failed = "closes the connection without an answer, is it an MQTT port?", True
        self.up = False
        if not self.ever_connected and self._due_s is None:
            self._hang_up()
            self._due_s = now_s + (REDIAL_S if doubts else 0.0)
            self.version_5 = not self.version_5

    def publish(self, message: Message, id_: str = "", expiry_s: int | None = None) -> int | None:
        """Send `message`; return the number its confirmation will bear, None without a connection."""
        if self._link is None or not self.up:
            return None
        return self._link.publish(message, id_, expiry_s)

    def close(self) -> None:
        """Say goodbye, if there is anybody to say it to, and end."""
        if self._link is not None and self.up:
            self._link.close()
            self._link = None
        self._hang_up()
        self.up = False

    def _hang_up(self) -> None:
        if self._link is not None:
            # Closing waits for the connection's thread; nobody needs to wait with it.
            threading.Thread(target=self._link.close, name="hang-up", daemon=True).start()
            self._link = None
