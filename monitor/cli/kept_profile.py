"""A calibration made in the window, kept where the user's other data are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from monitor.cli.whole_file import write_text
from monitor.model.session import Output, SessionInfo, SourceItem


class KeptProfile:
    """A sink that writes the profile of a guided calibration to a file."""

    name = "profile"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._stem = "me"
        self.path: Path | None = None
        """The file written last; None if there was none."""

    def begin(self, info: SessionInfo) -> None:
        """Take whose it is."""
        self._stem = re.sub(r"[^\w-]+", "-", info.athlete).strip("-") or "someone"

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        """Write a profile once it is made; OSError or MonitorError if it cannot be written."""
        if output.guidance is None or not output.guidance.profile:
            return
        folder = self._folder or platformdirs.user_data_path("lumbar-monitor", appauthor=False) / "profiles"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._stem}.json"
        write_text(path, output.guidance.profile)
        self.path = path

    def end(self) -> None:
        """Nothing to close."""
