"""Alerts survive a broker that is killed and a process that is killed: none lost, repeats by the same id."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from listener import Listener
from mosquitto import Mosquitto, mosquitto, needs_mosquitto

__all__ = ["mosquitto"]

KILLS = int(os.environ.get("LUMBAR_KILLS", "2"))
"""Kills of each kind; LUMBAR_KILLS=20 is the full trial with 2,000 alerts (about three minutes)."""

ALERTS_PER_KILL = 50
PUBLISHER = str(Path(__file__).with_name("alert_publisher.py"))


class Publisher:
    """One publishing process after another, each going on where the one before was killed."""

    def __init__(self, url: str, outbox: Path) -> None:
        self._url = url
        self._outbox = outbox
        self._process: subprocess.Popen[str] | None = None
        self.saved = 0
        """The highest number known to be in the outbox; numbers start with 1."""

    def start(self, count: int) -> None:
        command = [sys.executable, PUBLISHER, self._url, str(self._outbox), str(self.saved + 1), str(count)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read_until(self, number: int) -> None:
        """Read on until alert `number` is in the outbox."""
        assert self._process is not None
        assert self._process.stdout is not None
        while self.saved < number:
            line = self._process.stdout.readline().strip()
            assert line.isdigit(), f"the publisher ended early: {line!r}"
            self.saved = int(line)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip().isdigit():
                self.saved = int(line)
        self._process.communicate(timeout=10)

    def finish(self) -> str:
        """End in order; return the last status line."""
        assert self._process is not None
        out, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0
        return out.strip().splitlines()[-1]


@needs_mosquitto
@pytest.mark.broker
def test_no_alert_is_lost_when_broker_and_publisher_are_killed(mosquitto: Mosquitto, tmp_path: Path) -> None:
    total = 2 * KILLS * ALERTS_PER_KILL
    publisher = Publisher(mosquitto.url, tmp_path / "outbox.sqlite")
    with Listener(mosquitto.port, "lumbar/+/alert", durable_id="consumer") as consumer:
        publisher.start(total)
        for kill in range(2 * KILLS):
            publisher.read_until(min(publisher.saved + ALERTS_PER_KILL, total))
            if kill % 2:
                publisher.kill()
                publisher.start(total - publisher.saved)
            else:
                mosquitto.kill()
                mosquitto.start()
        publisher.read_until(total)
        expected = {f"kill-lift_off-{number}" for number in range(1, total + 1)}
        consumer.wait(lambda heard: expected <= {h.json["id"] for h in heard}, 60)
        status = publisher.finish()
    ids = Counter(h.json["id"] for h in consumer.heard)
    assert set(ids) == expected
    assert all(dict(h.properties.UserProperty)["id"] == h.json["id"] for h in consumer.heard)
    assert "waiting" not in status
    repeats = sum(ids.values()) - total
    print(f"{total} alerts, {KILLS} broker kills, {KILLS} publisher kills: 0 lost, {repeats} repeated")
