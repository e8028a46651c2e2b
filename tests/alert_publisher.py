"""A process that publishes numbered alerts and may be killed at any moment.

Usage: alert_publisher.py URL OUTBOX FIRST COUNT [PAUSE_S]. Prints each number once its alert is in the
outbox, then ``done``; ends in order when its standard input closes.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from monitor.alerts.mqtt_sink import MqttSink
from monitor.model.events import Alert, Cause, Confidence, Level
from monitor.model.session import Output, SessionInfo


def alert(number: int) -> Alert:
    """Return alert `number`, the same in every run."""
    return Alert(
        f"kill-lift_off-{number}",
        float(number),
        "lift_off",
        Cause.LACK_OF_SPINAL_SUPPORT,
        Confidence.MEDIUM,
        Level.ALERT,
        number,
        "Keep your back flat.",
    )


def main() -> None:
    """Publish."""
    url, outbox, first, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    pause_s = float(sys.argv[5]) if len(sys.argv) > 5 else 0.002
    pause = threading.Event()
    sink = MqttSink(url, outbox_path=outbox)
    sink.begin(SessionInfo(session_id="kill"))
    for sent, number in enumerate(range(first, first + count), start=1):
        sink.take((), Output(events=(alert(number),)))
        while sink.saved < sent:
            pause.wait(0.0005)
        print(number, flush=True)
        pause.wait(pause_s)
    print("done", flush=True)
    sys.stdin.read()
    sink.end()
    print(sink.status(), flush=True)


if __name__ == "__main__":
    main()
