"""One message that must arrive."""

from __future__ import annotations

import json
from dataclasses import dataclass

from monitor.alerts.messages import encode


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that waits for the broker's confirmation.

    Parameters
    ----------
    id
        Lets a consumer drop repeats.
    topic, payload, retain
        What is published.
    alert
        Alerts are the last to go when the outbox is full.
    created_unix_s, expires_unix_s
        Wall clock; after the second it is of no use to anyone.
    number
        Place in the outbox; 0 before it was put there.
    """

    id: str
    topic: str
    payload: bytes
    retain: bool
    alert: bool
    created_unix_s: float
    expires_unix_s: float
    number: int = 0

    def told_at(self, now_unix_s: float) -> bytes:
        """Return the payload; an alert says how old it is, for consumers without a clock of their own."""
        if not self.alert:
            return self.payload
        age_s = round(max(0.0, now_unix_s - self.created_unix_s), 1)
        return encode({**json.loads(self.payload), "age_s": age_s})
