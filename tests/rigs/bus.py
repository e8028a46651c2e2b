"""A private dbus-daemon in the place of the system's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Self

import pytest

needs_dbus = pytest.mark.skipif(
    shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed (apt-get install dbus)"
)
"""Marks a test that needs a real bus."""

SYSTEM_BUS = "DBUS_SYSTEM_BUS_ADDRESS"
"""Environment variable that says where the system's bus is."""

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*"/>
    <allow receive_sender="*"/><allow eavesdrop="false"/>
    {more}
  </policy>
</busconfig>
"""


class Bus:
    """A running dbus-daemon.

    Parameters
    ----------
    folder
        Where its socket and configuration go.
    forbids_bluetooth
        Deny sending to org.bluez, as a system does to users outside the group.
    """

    def __init__(self, folder: Path, *, forbids_bluetooth: bool = False) -> None:
        self.address = f"unix:path={folder / 'bus'}"
        config = folder / "bus.conf"
        more = '<deny send_destination="org.bluez"/>' if forbids_bluetooth else ""
        config.write_text(_CONFIG.format(socket=folder / "bus", more=more))
        self._process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Process number of the daemon."""
        return self._process.pid

    def __enter__(self) -> Self:
        """Wait until it listens."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("unix:"), "dbus-daemon did not start"
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(5)
        if self._process.stdout is not None:
            self._process.stdout.close()
