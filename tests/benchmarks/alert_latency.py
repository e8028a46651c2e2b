"""From the last sample an alert needed to its PUBLISH on the wire and to the sound, dashboard open.

Usage: python tests/benchmarks/alert_latency.py [SESSIONS] [--load N] [--disk]

A simulated leg press with lift-offs is played through the whole product: decoding, engine, recording on disk,
outbox on disk, a real mosquitto, and the window drawing at 30 frames a second. It runs at twice its pace,
which is the load of two sensors. The clock starts when the notification arrives that completes an alert's
decision; the samples' own batching and the dwell of the decision are not counted. It stops when the
PUBLISH reaches the other end of the socket, as seen by another process, and when the sound's sink is
handed the alert. `--load N` adds N processes that never rest, `--disk` one that syncs files all the time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent.parent))

from mosquitto import Mosquitto

from gui.app import run_window
from gui.behind import Behind
from monitor.alerts.mqtt_sink import MqttSink
from monitor.model.events import Alert
from monitor.model.session import Delivery, Output, SessionInfo, Sink, SourceItem
from monitor.recording.writer import RecordingWriter
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import simulate
from monitor.session import Session

SPEED = 2.0
REPS = 30
"""Lift-offs in eighteen of them."""

_BUSY = "while True: pass"
_SYNCING = (
    "import os, tempfile\n"
    "with tempfile.TemporaryFile(dir={folder!r}) as f:\n"
    " while True: f.seek(0); f.write(os.urandom(65536)); f.flush(); os.fsync(f.fileno())"
)


class Stamped:
    """A paced source that notes when each stretch of session time was delivered."""

    def __init__(self, paced: Paced) -> None:
        self._paced = paced
        self.info: SessionInfo = paced.info
        self.delivered: list[tuple[float, float]] = []

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        async for batch in self._paced.stream():
            reached = [item.block.t_s[-1] for item in batch if isinstance(item, Delivery) and len(item.block)]
            if reached:
                self.delivered.append((float(max(reached)), time.perf_counter()))
            yield batch

    def when(self, session_s: float) -> float:
        """Return when the samples up to `session_s` had come."""
        return next(at for reached, at in self.delivered if reached >= session_s)


class AtTheSound:
    """Where the sound's sink stands: when it was handed each alert, and when that was decided."""

    name = "clock"

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.decided_s: dict[str, float] = {}

    def begin(self, info: SessionInfo) -> None:
        del info

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        del items
        for event in output.events:
            if isinstance(event, Alert):
                self.at[event.id] = time.perf_counter()
                self.decided_s[event.id] = event.time_s

    def end(self) -> None:
        pass


def one(seed: int, folder: Path, broker: Mosquitto) -> tuple[list[float], list[float]]:
    """Return delays to the wire and to the sound's sink, in s, of one session's alerts."""
    made = simulate("leg_press", seed=seed, cause="lack_of_spinal_support", reps=REPS)
    source, clock = Stamped(Paced(made.source, SPEED)), AtTheSound()
    command = [sys.executable, str(Path(__file__).with_name("wire_tap.py")), str(broker.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tap:
        assert tap.stdout is not None
        port = int(tap.stdout.readline())

        async def run(screen: Sink, stop: asyncio.Event) -> None:
            sink = MqttSink(f"mqtt://127.0.0.1:{port}", outbox_path=folder / "outbox.sqlite")
            recording = RecordingWriter(folder / f"{seed}.mcap")
            await Session(source, None, [sink, clock, screen], recording).run(stop)

        run_window(Behind(run), info=source.info, title="latency", close_when_done=True)
        told, _ = tap.communicate()
    left: dict[str, float] = {}
    for line in told.splitlines():
        at, id_ = line.split(maxsplit=1)
        left.setdefault(id_, float(at))
    assert left.keys() == clock.decided_s.keys(), "every alert is to go out"
    needed = {id_: source.when(at_s) for id_, at_s in clock.decided_s.items()}
    return [left[id_] - at for id_, at in needed.items()], [clock.at[id_] - at for id_, at in needed.items()]


@contextmanager
def loaded(processes: int, disk: bool, folder: Path) -> Iterator[None]:
    """Keep the machine busy meanwhile."""
    programs = [_BUSY] * processes + [_SYNCING.format(folder=str(folder))] * disk
    running = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def row(name: str, values_s: list[float]) -> str:
    ms = np.asarray(values_s) * 1000
    return (
        f"{name:<42} n {len(ms):4d}  p50 {np.median(ms):7.1f}  "
        f"p99 {np.percentile(ms, 99):7.1f}  max {ms.max():7.1f} ms"
    )


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("sessions", nargs="?", type=int, default=2)
    asked.add_argument("--load", type=int, default=0)
    asked.add_argument("--disk", action="store_true")
    chosen = asked.parse_args()
    wire: list[float] = []
    sounds: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(folder).start()
        try:
            with loaded(chosen.load, chosen.disk, folder):
                for seed in range(chosen.sessions):
                    out, sounded = one(seed, folder, broker)
                    wire += out
                    sounds += sounded
        finally:
            broker.stop()
    print(row("last sample needed -> PUBLISH on the wire", wire))
    print(row("last sample needed -> the sound's sink", sounds))


if __name__ == "__main__":
    main()
