"""`lumbar doctor`: what works on this computer, and how to mend what does not."""

from __future__ import annotations

import asyncio
import platform
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click
import platformdirs
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from monitor import __version__
from monitor.config import Config, config_path, load_config
from monitor.model.errors import BrokerError, MonitorError
from monitor.sensors.profiles.base import UNCOUNTED
from monitor.wording import counted

_LISTEN_S = 2.0
_LEAST_FREE_BYTES = 1_000_000_000
"""Twenty hours of two sensors; with less, other programs soon fail as well."""
_BYTES_AN_HOUR = 50_000_000
"""Two sensors at 104 Hz: 33 MB of samples and notifications, measured, and the angles beside them."""


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    LIMITED = "limited"
    """Something is missing that a session can do without."""
    MISSING = "missing"


_COLOURS = {State.OK: "green", State.LIMITED: "yellow", State.MISSING: "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found: whether it works, and in words what works or how to mend it."""

    state: State
    text: str


@click.command(epilog="Example: lumbar doctor --broker mqtt://homeassistant.local")
@click.option("--broker", metavar="mqtt(s)://HOST", help="Try this broker, too.")
@click.option("--sound", is_flag=True, help="Play every cue once.")
def command(broker: str | None, sound: bool) -> None:
    """Say what works here: Bluetooth, broker, audio, display, disk, and how to mend what does not."""
    console = Console(highlight=False)
    console.print(f"lumbar-monitor {__version__}, Python {platform.python_version()}, {platform.platform()}")
    config, about_config = _configuration()
    checks: dict[str, Callable[[], Finding]] = {
        "configuration": lambda: about_config,
        "Bluetooth": _bluetooth,
        "broker": lambda: _broker(broker, config),
        "audio": lambda: _audio(config, aloud=sound),
        "display": _display,
        "disk": _disk,
    }
    for name, check in checks.items():
        found = check()
        text = " ".join(found.text.split())
        if console.is_terminal:
            words = Column(overflow="fold")
            line = Table.grid(Column(width=14, style="bold"), Column(width=8), words, padding=(0, 1, 0, 0))
            line.add_row(name, Text(found.state, _COLOURS[found.state]), Text(text))
            console.print(line)
        else:
            console.print(Text(f"{name:<15}{found.state:<9}{text}"), soft_wrap=True)


def _configuration() -> tuple[Config, Finding]:
    """Return the configuration, the built-in one where the file is wrong, and what is to be said of it."""
    where = config_path()
    try:
        config = load_config()
    except MonitorError as failure:
        return Config(), Finding(State.MISSING, str(failure))
    return config, Finding(
        State.OK, str(where) if where.exists() else f"as built in (yours would be {where})"
    )


def _bluetooth() -> Finding:
    from monitor.sensors.ble import scan  # noqa: PLC0415 - the radio is loaded only where used

    try:
        found = asyncio.run(scan(_LISTEN_S))
    except MonitorError as failure:
        return Finding(State.MISSING, str(failure))
    sensors = [s for s in found if s.profile is not None]
    if sensors:
        titles = (s.title + ("" if s.loss_counted else f", {UNCOUNTED}") for s in sensors)
        return Finding(State.OK, f"works; in range: {'; '.join(titles)}")
    return Finding(
        State.OK, f"works; no known sensor in range just now, {counted(len(found), 'other device')}"
    )


def _broker(url: str | None, config: Config) -> Finding:
    from monitor.alerts.broker import HOST, USUAL_PORT, EmbeddedBroker  # noqa: PLC0415 - only here

    if url is not None:
        return _try_broker(url, config)
    here = f"mqtt://{HOST}:{USUAL_PORT}"
    with socket.socket() as probe:
        probe.settimeout(1.0)
        listens = probe.connect_ex((HOST, USUAL_PORT)) == 0
    own = f"; one listens on this machine, use it with --broker {here}" if listens else ""
    try:
        with EmbeddedBroker() as started:
            tried = _try_broker(started, config)
    except BrokerError as failure:
        return Finding(State.OK if listens else State.LIMITED, f"{failure}{own}")
    state = tried.state if tried.state is not State.MISSING or not listens else State.OK
    return Finding(state, f"the embedded one, --broker embedded: {tried.text}{own}")


def _try_broker(url: str, config: Config) -> Finding:
    """Connect as a session would and send what no session and no feedback node listens to."""
    from monitor.alerts.trial import try_broker  # noqa: PLC0415 - only here

    state = platformdirs.user_state_path("lumbar-monitor")
    try:
        trial = try_broker(url, config.broker, folder=state if state.is_dir() else None)
    except MonitorError as failure:
        return Finding(State.MISSING, str(failure))
    delay = trial.delay
    text = (
        f"{trial.address} answers, MQTT {trial.version}; an alert is confirmed in "
        f"{1000 * delay.median_s:.1f} ms, 99 of 100 in {1000 * delay.p99_s:.1f} ms ({delay.count} tried)"
    )
    if trial.trouble:
        return Finding(State.LIMITED, f"{text}; {trial.trouble}")
    return Finding(State.OK, text)


def _audio(config: Config, *, aloud: bool) -> Finding:
    from monitor.alerts.players import AudioPlayer, SoundError, Voice  # noqa: PLC0415 - only here
    from monitor.alerts.sound import open_player, sound_check  # noqa: PLC0415

    try:
        if aloud:
            name = sound_check(config.sound)
        else:
            player = open_player(config.sound)
            name = player.name
            start_s = player.start_s() if isinstance(player, AudioPlayer) else None
            if isinstance(player, AudioPlayer) and start_s is not None:
                name += f", a cue starts within {1000 * (start_s + player.buffer_s):.0f} ms"
            player.close()
    except SoundError as failure:
        return Finding(State.LIMITED, str(failure))
    voice = Voice().name
    speech = f"speech by {voice}" if voice else "no speech program (on Linux: apt install speech-dispatcher)"
    return Finding(State.OK, f"{name}; {speech}" + ("" if aloud else "; hear the cues with --sound"))


def _display() -> Finding:
    from gui.availability import why_no_window  # noqa: PLC0415 - Qt's room is entered lazily

    why = why_no_window()
    if why is None:
        return Finding(State.OK, "a window can open")
    return Finding(State.LIMITED, f"{why}; everything but the windows works")


def _disk() -> Finding:
    from monitor.recording.library import recordings_folder  # noqa: PLC0415 - only here

    folder = recordings_folder()
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path.cwd())
    free = shutil.disk_usage(there).free
    hours = free // _BYTES_AN_HOUR
    text = f"{folder}: {free / 1e9:.1f} GB free, room for {counted(hours, 'hour')} of two sensors"
    try:
        if not there.is_dir():
            raise NotADirectoryError(f"{there} is no folder")
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as failure:
        return Finding(
            State.MISSING,
            f"{folder} cannot be written ({failure.strerror or failure}): set LUMBAR_RECORDINGS to another",
        )
    if free < _LEAST_FREE_BYTES:
        return Finding(State.LIMITED, f"{text}: free some, or name another folder with LUMBAR_RECORDINGS")
    return Finding(State.OK, text)
