"""How fast an alert gets out: from `take` of the sink to the message at a subscriber, on this machine.

Usage: python tests/benchmarks/alerts.py [COUNT]
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from alert_publisher import alert
from listener import Listener
from mosquitto import Mosquitto

from monitor.alerts.broker import EmbeddedBroker
from monitor.alerts.mqtt_sink import MqttSink
from monitor.alerts.policy import AlertPolicy, AlertSettings
from monitor.model.errors import BrokerError
from monitor.model.events import Fault, FaultKind, Level, LiftOff, LiftOffStarted
from monitor.model.session import Output, SessionInfo

PACE_S = 0.02
"""One alert at a time, as in a session, only faster: 50 a second."""


def row(name: str, values_s: list[float]) -> str:
    """Return one line: median, 99th percentile and largest in ms."""
    ms = np.asarray(values_s) * 1000
    return f"{name:<42} p50 {np.median(ms):8.3f}  p99 {np.percentile(ms, 99):8.3f}  max {ms.max():8.3f} ms"


def deliver(url: str, outbox: Path | None, count: int, *, version_5: bool) -> tuple[list[float], list[float]]:
    """Publish `count` alerts; return the times to the subscriber and the times `take` took, in s."""
    pause = threading.Event()
    with Listener(int(url.rsplit(":", 1)[1]), "lumbar/+/alert", version_5=version_5) as heard:
        sink = MqttSink(url, outbox_path=outbox)
        sink.begin(SessionInfo())
        sink.wait_connected(10)
        delays, taken = [], []
        for number in range(count):
            begun = time.perf_counter()
            sink.take((), Output(events=(alert(number),)))
            taken.append(time.perf_counter() - begun)
            heard.wait(lambda all_heard, wanted=number + 1: len(all_heard) >= wanted)  # type: ignore[misc]
            delays.append(time.perf_counter() - begun)
            pause.wait(PACE_S)
        sink.end()
    return delays, taken


@contextmanager
def mosquitto(folder: Path) -> Iterator[str]:
    """Run mosquitto in `folder`."""
    broker = Mosquitto(folder).start()
    try:
        yield broker.url
    finally:
        broker.stop()


def policy_time(count: int) -> list[float]:
    """Return the times of one update with one lift-off each, in s."""
    policy = AlertPolicy(AlertSettings(), "bench")
    times = []
    for number in range(count):
        at_s = 4.0 * number
        events = [
            LiftOffStarted(at_s, at_s + 0.2, 0.2, number, Level.ALERT),
            Fault(FaultKind.TUCK, Level.ALERT, at_s + 0.3, at_s + 0.4, 0.2),
            LiftOff(at_s, at_s + 0.6, at_s + 0.2, 0.3, number, Level.ALERT),
        ]
        begun = time.perf_counter()
        policy.update(events, at_s + 1)
        times.append(time.perf_counter() - begun)
    return times


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(row("policy, three events", policy_time(count)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trials: list[tuple[str, Callable[[], tuple[list[float], list[float]]]]] = []
        with mosquitto(folder) as url:
            trials.append(
                (
                    "mosquitto, outbox on disk",
                    lambda: deliver(url, folder / "o.sqlite", count, version_5=True),
                )
            )
            trials.append(("mosquitto, outbox in memory", lambda: deliver(url, None, count, version_5=True)))
            for label, trial in trials:
                delays, taken = trial()
                print(row(label, delays))
                print(row("    of it in take, on the session's thread", taken))
        try:
            with EmbeddedBroker() as url:
                print(row("embedded broker, outbox in memory", deliver(url, None, count, version_5=False)[0]))
        except BrokerError as missing:
            print(missing)


if __name__ == "__main__":
    main()
