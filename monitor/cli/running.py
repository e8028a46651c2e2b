"""Put a session together and run it behind a window or on the console."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import platformdirs

from monitor.alerts.broker import EmbeddedBroker
from monitor.alerts.messages import Topics
from monitor.alerts.mqtt_sink import MqttSink
from monitor.alerts.sound import SoundSink
from monitor.cli.kept_baselines import KeptBaselines
from monitor.cli.kept_profile import KeptProfile
from monitor.cli.waiting import WaitingSource
from monitor.config import Config
from monitor.engine import EngineOptions
from monitor.model.errors import BrokerError, MonitorError, RecordingError
from monitor.model.session import LiveSource, SessionInfo, Sink
from monitor.recording.labels import Labels, write_labels
from monitor.recording.library import new_recording_path, recordings_folder
from monitor.recording.writer import RecordingWriter
from monitor.session import Session

if TYPE_CHECKING:
    from gui.ends import SideStatus
    from gui.helm import Helm


_TRIAL_MESSAGES = 5
_PATIENCE_S = 3.0
"""How long a broker may take before the console says that it does not answer."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a session is run.

    Parameters
    ----------
    broker
        ``"embedded"``, ``"none"`` or a URL.
    headless
        On the console, even where a window could open.
    record, may_record
        Whether a recording is written, and whether one may be begun on the way.
    keep_profile
        Whether a calibration made on the way is kept for the next session; one of a file is not of today.
    sound
        Whether cues sound.
    close_when_done
        Close the window when the source ends.
    title
        Title of the window.
    """

    broker: str = "none"
    headless: bool = False
    record: bool = True
    may_record: bool = True
    keep_profile: bool = False
    sound: bool = True
    close_when_done: bool = False
    title: str = "lumbar-monitor"


def stamped(info: SessionInfo) -> SessionInfo:
    """Return `info` for a session that begins now."""
    now = datetime.now().astimezone()
    return replace(
        info,
        started_at=now.isoformat(timespec="seconds"),
        session_id=f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}",
    )


def run(
    source: LiveSource,
    config: Config,
    engine_options: EngineOptions,
    options: RunOptions,
    more: Sequence[Sink] = (),
) -> None:
    """Run `source` to its end, or until it is stopped; a failure we can explain is a MonitorError.

    `more` are sinks beside recording, broker, sound and view: feedback on the sensor itself.
    """
    with ExitStack() as stack:
        ends = _Ends(source.info, config, engine_options, options, stack, more)
        why = None if options.headless else why_no_window()
        if why is None and not options.headless:
            _in_window(source, engine_options, options, ends)
        else:
            if why is not None:
                click.echo(f"note: {why}; showing the session here instead", err=True)
            from monitor.console import ConsoleView  # noqa: PLC0415 - the window starts sooner without it

            view = ConsoleView()
            asyncio.run(_on_console(ends.session(source, engine_options, view), ends.broker))
        ends.tell()


class _Ends:
    """The far ends of a session: recording, broker, sound."""

    def __init__(
        self,
        info: SessionInfo,
        config: Config,
        judged: EngineOptions,
        options: RunOptions,
        stack: ExitStack,
        more: Sequence[Sink],
    ) -> None:
        self._more = more
        self._config = config
        self._options = options
        self._current: Session | None = None
        self._info = info
        self._settings = {"pipeline": asdict(judged.pipeline), "alerts": asdict(judged.alerts)}
        self._kept: list[Path] = []
        self.profile = KeptProfile() if options.keep_profile else None
        self.recording = self._new_recording() if options.record else None
        self._url = ""
        self.broker = self._broker(info, config, options, stack)
        self.sound = SoundSink(config.sound) if options.sound else None

    def _broker(
        self, info: SessionInfo, config: Config, options: RunOptions, stack: ExitStack
    ) -> MqttSink | None:
        url = options.broker
        if url == "none":
            return None
        Topics(info.athlete)  # a name that fits no topic is told before the session begins
        if url == "embedded":
            embedded = EmbeddedBroker()
            try:
                url = embedded.start()
            except BrokerError as failure:
                click.echo(f"note: {failure}; alerts stay on this screen", err=True)
                return None
            stack.callback(embedded.stop)
            click.echo(f"broker: {url}, on this machine only", err=True)
        self._url = url
        outbox = platformdirs.user_state_path("lumbar-monitor", ensure_exists=True) / "outbox.sqlite"
        return MqttSink(url, config.broker, outbox_path=outbox, on_annotation=self.annotate)

    def session(self, source: LiveSource, engine_options: EngineOptions, view: Sink) -> Session:
        """Return the session with all its sinks; `view` comes last."""
        sinks = [s for s in (self.broker, self.sound, *self._more, self.profile, view) if s is not None]
        self._current = Session(source, engine_options, sinks, self.recording)
        return self._current

    def annotate(self, kind: str, value: str | float) -> None:
        """Hand on what a person says, from whatever thread."""
        if self._current is not None:
            self._current.annotate(kind, value)

    def helm(self, source: LiveSource) -> Helm:
        """Return what the window may ask of the session."""
        from gui.ends import Found  # noqa: PLC0415
        from gui.helm import Helm  # noqa: PLC0415 - Qt's room is entered lazily

        waiting = source if isinstance(source, WaitingSource) else None
        return Helm(
            say=self.annotate,
            status=self.status,
            label=self._label,
            record=self._record if self._options.may_record else None,
            try_broker=self._try_broker if self._url else None,
            found=None if waiting is None else lambda: tuple(Found(*one) for one in waiting.found()),
            use=None if waiting is None else waiting.use,
            folder=str(recordings_folder()) if self._options.may_record else "",
        )

    def _new_recording(self) -> RecordingWriter:
        made = RecordingWriter(new_recording_path(self._info), config=self._settings)
        self._kept.append(made.path)
        return made

    def _record(self) -> None:
        session = self._current
        if session is None:
            raise RecordingError("the session has not begun yet")
        if self.recording is not None and "recording" not in session.failed:
            raise RecordingError(f"{self.recording.path.name} is being recorded already")
        self.recording = self._new_recording()
        session.join(self.recording)

    def _label(self, labels: Labels) -> None:
        if self.recording is None:
            raise RecordingError("nothing is recorded that it could be kept with")
        write_labels(self.recording.path, labels)
        for sink in self._more:
            if isinstance(sink, KeptBaselines):
                sink.label(labels)

    def _try_broker(self) -> str:
        from monitor.alerts.trial import try_broker  # noqa: PLC0415 - only where asked for

        made = try_broker(self._url, self._config.broker, count=_TRIAL_MESSAGES)
        return f"broker {made.address} confirms messages: {made.delay}"

    def status(self) -> SideStatus:
        """Return the state of recording and broker for the window."""
        from gui.ends import SideStatus  # noqa: PLC0415 - Qt's room is entered lazily

        failed = self._current.failed if self._current is not None else {}
        path = self.recording.path if self.recording is not None else None
        return SideStatus(
            recording=path.name if path else "",
            recording_bytes=_size(path),
            recording_ok="recording" not in failed,
            broker=self.broker.status() if self.broker is not None else "",
            broker_ok=self.broker is None or self.broker.wait_connected(0.0),
            waiting_messages=self.broker.waiting if self.broker is not None else 0,
            alert_to_broker=str(self.broker.delay) if self.broker is not None else "",
            alert_to_sound=str(self.sound.delay) if self.sound is not None else "",
            free_bytes=shutil.disk_usage(path.parent).free if path and path.parent.exists() else None,
        )

    def tell(self) -> None:
        """Say where the session is kept, and what went wrong on the way."""
        for name, why in (self._current.failed if self._current is not None else {}).items():
            click.echo(f"note: {name} stopped: {why}", err=True)
        for path in self._kept:
            if path.exists():
                click.echo(f"recorded {path}")
        if self.profile is not None and self.profile.path is not None:
            click.echo(f"profile {self.profile.path}: lumbar live uses it from now on")


def _size(path: Path | None) -> int | None:
    try:
        return path.stat().st_size if path is not None else None
    except OSError:
        return None


def why_no_window() -> str | None:
    """Return None if a window can open, else one line that says what is missing."""
    from gui.availability import why_no_window as asked  # noqa: PLC0415 - only where a window is wanted

    return asked()


def _in_window(source: LiveSource, engine_options: EngineOptions, options: RunOptions, ends: _Ends) -> None:
    from gui.behind import Behind  # noqa: PLC0415 - only for a window

    async def session(view: Sink, stop: asyncio.Event) -> None:
        await ends.session(source, engine_options, view).run(stop)

    behind = Behind(session)
    behind.begin()  # the first second of samples comes while Qt is loaded
    try:
        from gui.app import run_window  # noqa: PLC0415 - Qt is loaded only for a window

        status = run_window(
            behind,
            info=source.info,
            title=options.title,
            close_when_done=options.close_when_done,
            settings=engine_options.pipeline,
            helm=ends.helm(source),
        )
    finally:
        behind.worker.finish()
    if status:
        raise MonitorError("the session ended early: see the window's last message")


async def _on_console(session: Session, broker: MqttSink | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform != "win32":
            loop.add_signal_handler(number, stop.set)
    watching = asyncio.create_task(_watch(broker))
    try:
        await session.run(stop)
    finally:
        watching.cancel()


async def _watch(broker: MqttSink | None) -> None:
    """Say once that a broker does not answer: nothing else on the console would tell."""
    await asyncio.sleep(_PATIENCE_S)
    if broker is not None and not broker.wait_connected(0.0):
        click.echo(f"note: {broker.status()}; alerts are kept and sent when it answers", err=True)
