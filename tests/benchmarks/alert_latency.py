"""From the last sample an alert needed to the alert at a subscriber and to the sound, dashboard open.

Usage: python tests/benchmarks/alert_latency.py [SESSIONS]

A simulated leg press with lift-offs is played at its own pace through the whole product: engine,
recording on disk, outbox on disk, a real mosquitto, and the window drawing at 30 frames a second.
The delivery that completes an alert's decision starts the clock; the samples' own batching and the
dwell of the decision are not counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent.parent))

from listener import Listener
from mosquitto import Mosquitto

from gui.app import run_window
from monitor.alerts.mqtt import MqttSink
from monitor.model.events import Alert
from monitor.model.session import Delivery, Output, SessionInfo, Sink, SourceItem
from monitor.recording.writer import RecordingWriter
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import simulate
from monitor.session import Session


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


class HeardBySinks:
    """When the last sink was handed each alert: where a sound starts."""

    name = "clock"

    def __init__(self) -> None:
        self.at: dict[str, float] = {}

    def begin(self, info: SessionInfo) -> None:
        del info

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        del items
        self.at.update({e.id: time.perf_counter() for e in output.events if isinstance(e, Alert)})

    def end(self) -> None:
        pass


def one(seed: int, folder: Path, broker: Mosquitto) -> tuple[list[float], list[float]]:
    """Return delays to the subscriber and to the sinks, in s, of one session's alerts."""
    paced = Paced(simulate("leg_press", seed=seed, cause="lack_of_spinal_support").source)
    source, clock = Stamped(paced), HeardBySinks()
    arrived: dict[str, float] = {}
    done = threading.Event()
    with Listener(broker.port, "lumbar/+/alert") as listener:
        before = listener.client.on_message

        def on_message(*args: object) -> None:
            made = json.loads(args[2].payload)  # type: ignore[attr-defined]
            arrived.setdefault(made["id"], time.perf_counter())
            before(*args)  # type: ignore[misc,operator]

        listener.client.on_message = on_message
        needed: dict[str, float] = {}

        class Keeper(HeardBySinks):
            name = "needed"

            def take(self, items: Sequence[SourceItem], output: Output) -> None:
                del items
                needed.update({e.id: e.time_s for e in output.events if isinstance(e, Alert)})

        async def run(screen: Sink, stop: asyncio.Event) -> None:
            sinks = [
                RecordingWriter(folder / f"{seed}.mcap"),
                MqttSink(broker.url, outbox_path=folder / "outbox.sqlite"),
                clock,
                Keeper(),
                screen,
            ]
            await Session(source, None, sinks).run(stop)
            done.set()

        run_window(run, info=source.info, title="latency", close_when_done=True)
    delays = [arrived[id_] - source.when(at) for id_, at in needed.items() if id_ in arrived]
    sounds = [clock.at[id_] - source.when(at) for id_, at in needed.items()]
    return delays, sounds


def row(name: str, values_s: list[float]) -> str:
    ms = np.asarray(values_s) * 1000
    return (
        f"{name:<36} n {len(ms):4d}  p50 {np.median(ms):7.1f}  "
        f"p99 {np.percentile(ms, 99):7.1f}  max {ms.max():7.1f} ms"
    )


def main() -> None:
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    delays: list[float] = []
    sounds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(Path(folder))
        broker.start()
        try:
            for seed in range(sessions):
                heard, sounded = one(seed, Path(folder), broker)
                delays += heard
                sounds += sounded
        finally:
            broker.stop()
    print(row("last sample needed -> subscriber", delays))
    print(row("last sample needed -> sound's sink", sounds))


if __name__ == "__main__":
    main()
