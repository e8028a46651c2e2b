"""A calibration made in the window, kept where the user's other data are, and used again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import platformdirs

from calibration.profile import Profile
from monitor.calibrating import read_profile
from monitor.cli.whole_file import write_text
from monitor.model.errors import ConfigError
from monitor.model.session import Output, SessionInfo, SourceItem

_SIMULATED = "sim:"


def kept_path(what: str, athlete: str, *, simulated: bool = False, folder: Path | None = None) -> Path:
    """Return where `what` is kept of an athlete; a simulated lifter's never stands in for a person's."""
    folder = folder or platformdirs.user_data_path("lumbar-monitor", appauthor=False) / what
    stem = re.sub(r"[^\w-]+", "-", athlete).strip("-") or "someone"
    return folder / (f"{stem}.simulated.json" if simulated else f"{stem}.json")


def profile_path(athlete: str, *, simulated: bool = False, folder: Path | None = None) -> Path:
    """Return where the profile of an athlete is kept."""
    return kept_path("profiles", athlete, simulated=simulated, folder=folder)


def is_simulated(devices: Iterable[str]) -> bool:
    """Return whether a simulated lifter wears one of these."""
    return any(device.startswith(_SIMULATED) for device in devices)


def kept_profile(info: SessionInfo, folder: Path | None = None) -> Profile | None:
    """Return the profile kept of the athlete of a session; None if there is none for these sensors.

    A file that is there and cannot be read is said, and calibration goes on by itself.
    """
    path = profile_path(info.athlete, simulated=is_simulated(s.device for s in info.sensors), folder=folder)
    if not path.exists():
        return None
    try:
        kept = read_profile(path)
    except ConfigError as wrong:
        click.echo(f"note: {wrong}; calibrating from the session instead", err=True)
        return None
    # Two names may share a file's name, and one sensor's profile knows nothing of a second sensor.
    worn = {sensor.name for sensor in info.sensors}
    return kept if kept.athlete == info.athlete and worn <= set(kept.sensors) else None


class KeptProfile:
    """A sink that writes the profile of a guided calibration to a file."""

    name = "profile"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.path: Path | None = None
        """The file written last; None if there was none."""

    def begin(self, info: SessionInfo) -> None:
        """Nothing to begin: the profile says whose it is."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        """Write a profile once it is made; OSError or MonitorError if it cannot be written."""
        if output.guidance is None or output.guidance.made is None:
            return
        text = output.guidance.made.text
        made = Profile.from_text(text)
        simulated = is_simulated(worn.device for worn in made.sensors.values())
        path = profile_path(made.athlete, simulated=simulated, folder=self._folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
        self.path = path

    def end(self) -> None:
        """Nothing to close."""
