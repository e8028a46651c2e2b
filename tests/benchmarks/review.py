"""What the review window costs: ``python tests/benchmarks/review.py [--minutes 60] [REC]``.

A session of two sensors at 100 Hz is simulated, judged and recorded first, which takes longer
than everything that is measured; name a recording to use that instead. Budgets: open in 3 s,
pan and scrub in 20 ms a frame, both at 1180x760 and 1920x1080.
"""

# ruff: noqa: E402 - the clock starts before Qt is imported
from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

STARTED_S = time.perf_counter()

import psutil
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui.preferences import Preferences
from gui.review.keys import Do
from gui.review.window import ReviewWindow
from monitor.engine import Engine
from monitor.model.session import Delivery, SourceItem
from monitor.recording.writer import RecordingWriter
from monitor.sensors.simulated.scenario import simulate

IMPORTED_S = time.perf_counter() - STARTED_S
OPEN_BUDGET_S = 3.0
FRAME_BUDGET_MS = 20.0
FRAMES = 60
_SETS_A_MINUTE = 0.84
"""Sets of ten with their rests, as the simulated lifter does them."""


def record(path: Path, minutes: float) -> None:
    """Write a session with all that a live run writes."""
    session = simulate(
        "deadlift",
        sensors=2,
        reps=10,
        sets=max(1, round(minutes * _SETS_A_MINUTE)),
        rate_hz=100,
        seed=1,
        rest_s=22,
    )
    writer, engine = RecordingWriter(path), Engine(session.source.info)
    writer.begin(session.source.info)
    batch: list[SourceItem] = []
    last_s = 0.0
    for item in session.source.items():
        batch.append(item)
        if isinstance(item, Delivery) and len(item.block) and item.block.t_s[-1] - last_s > 0.2:
            last_s = float(item.block.t_s[-1])
            writer.take(tuple(batch), engine.feed(batch))
            batch = []
    writer.take(tuple(batch), engine.feed(batch))
    writer.take((), engine.finish())
    writer.end()


def frames(app: QApplication, act, count: int = FRAMES) -> list[float]:
    """Return the processor time of this thread for each of `count` frames, in ms."""
    made = []
    for number in range(count):
        begun = time.thread_time()
        act(number)
        app.processEvents()  # the paint that the change asked for
        made.append((time.thread_time() - begun) * 1e3)
    return made


def told(name: str, times_ms: list[float]) -> None:
    """Print a line of figures."""
    p95 = statistics.quantiles(times_ms, n=20)[-1]
    median = statistics.median(times_ms)
    print(f"  {name}: median {median:.1f} ms, p95 {p95:.1f} ms a frame (budget {FRAME_BUDGET_MS:g})")


def measure(path: Path, size: tuple[int, int]) -> None:
    """Open the recording in a window of `size` and print what it costs."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        kept = Preferences(QSettings(f"{folder}/window.ini", QSettings.Format.IniFormat))
        begun, counted = time.perf_counter(), time.process_time()
        window = ReviewWindow(Path(folder), preferences=kept)
        window.resize(*size)
        window.show()
        window.open(path)
        while window.review.presenter is None:
            app.processEvents()
            time.sleep(0.002)
        app.processEvents()
        opened_s, cpu_s = time.perf_counter() - begun, time.process_time() - counted
        shown = window.review.presenter
        print(f"{size[0]}x{size[1]}: {shown.session.end_s / 60:.1f} min, {len(shown.reps)} reps")
        print(
            f"  opens in {opened_s:.2f} s (budget {OPEN_BUDGET_S:g}), {cpu_s:.2f} s of them on the processor"
        )
        print(f"  and {IMPORTED_S:.2f} s before to load Python's modules")
        end_s = shown.session.end_s
        for wide_s in (20.0, 60.0, 600.0, end_s):
            window.review._view(0.0, wide_s)
            app.processEvents()
            by_s = wide_s / 100
            if wide_s < end_s:
                told(
                    f"pan, {wide_s:.0f} s in view",
                    frames(app, lambda n, b=by_s, w=wide_s: window.review._view(n * b, n * b + w)),
                )
            told(
                f"scrub, {wide_s:.0f} s in view",
                frames(app, lambda n, w=wide_s: window.review.seek(n * w / FRAMES * 0.99)),
            )
        window.review._view(0.0, 60.0)
        window.review.do(Do.BEGIN)
        shown.transport = shown.transport.at_speed(+9).toggled()

        def played(_: int) -> None:
            shown.transport = shown.transport.advanced(0.033)
            window.review.show_place()

        told("play at 16x, 60 s in view", frames(app, played, 300))
        print(f"  memory: {psutil.Process().memory_info().rss / 1e6:.0f} MB")
        window.close()


def main() -> None:
    """Record, open, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path, nargs="?")
    parser.add_argument("--minutes", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.recording
        if path is None:
            path = Path(folder) / "long.mcap"
            record(path, chosen.minutes)
        for size in ((1180, 760), (1920, 1080)):
            measure(path, size)


if __name__ == "__main__":
    main()
