"""A real mosquitto on the loopback address, on a free port, for the tests that need one."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MISSING = "mosquitto is not installed (apt-get install mosquitto)"

needs_mosquitto = pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin") is None
    and shutil.which("mosquitto") is None,
    reason=MISSING,
)
"""Marks a test that needs the real broker."""


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """One broker process that can be killed and started again on the same port and data.

    Parameters
    ----------
    folder
        Where its configuration and data go.
    extra
        More lines of configuration.
    """

    def __init__(self, folder: Path, extra: str = "allow_anonymous true") -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._conf = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        data = folder / "data"
        data.mkdir()
        # Saved on every change: else what was confirmed is lost when the process is killed.
        self._conf.write_text(
            f"listener {self.port} 127.0.0.1\n{extra}\n"
            f"persistence true\npersistence_location {data}/\n"
            "autosave_on_changes true\nautosave_interval 1\n"
            # The usual thousand for a consumer that is away is soon full at hundreds of alerts a second.
            "max_queued_messages 0\nuser root\nlog_type all\n"
        )

    def start(self) -> Self:
        """Start and wait until it listens."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self._conf)], stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                # Wakes up at once when it ends, else asks again a little later.
                try:
                    self._process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
            else:
                return self
        raise AssertionError(f"mosquitto did not start:\n{self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(10)
            self._process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running broker that asks nobody for a password."""
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = Mosquitto(folder).start()
    yield broker
    broker.stop()
