"""How soon ``lumbar demo`` shows its first angle: ``python tests/benchmarks/first_angle.py [--runs 3]``.

Each run is a process of its own that begins as the command does, with nothing loaded; a thread
looks for the window and, once it is there, has Qt's own thread look at it every 5 ms.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time

BUDGET_S = 2.0


def once() -> None:
    """Run the demo, print wall and processor time in s from the process's start to a painted angle."""
    threading.Thread(target=_await_window, daemon=True).start()
    from monitor.cli import main  # noqa: PLC0415 - what it imports is part of the time

    sys.argv = ["lumbar", "demo"]
    main()


def _await_window() -> None:
    while (widgets := sys.modules.get("PySide6.QtWidgets")) is None or not hasattr(widgets, "QApplication"):
        time.sleep(0.02)
    while (app := widgets.QApplication.instance()) is None or "gui.window" not in sys.modules:
        time.sleep(0.01)
    from PySide6.QtCore import QTimer  # noqa: PLC0415 - loaded by then

    QTimer.singleShot(0, app, lambda: _watch(app))


def _watch(app) -> None:  # type: ignore[no-untyped-def]
    import psutil  # noqa: PLC0415 - no part of what is timed
    from PySide6.QtCore import QTimer  # noqa: PLC0415

    watch = QTimer(app)

    def look() -> None:
        for window in app.topLevelWidgets():
            shown = getattr(window, "preflight", None)
            if shown is not None and window.isVisible() and shown.angle.text():
                watch.stop()
                app.processEvents()  # painted, not only set
                wall_s = time.time() - psutil.Process().create_time()
                print(f"{wall_s:.3f} {time.process_time():.3f}", flush=True)
                window.close()

    watch.timeout.connect(look)
    watch.start(5)


def measure(runs: int) -> None:
    """Print the figures of each run, and the slowest."""
    walls = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, __file__, "--once"], capture_output=True, text=True, timeout=60, check=True
        )
        wall_s, work_s = map(float, done.stdout.split())
        walls.append(wall_s)
        print(f"first painted angle of lumbar demo: {wall_s:.2f} s after the process began, ", end="")
        print(f"{work_s:.2f} s of them at work", flush=True)
    print(f"slowest {max(walls):.2f} s (budget {BUDGET_S:g})")


def main() -> None:
    """Measure, or be what is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.once:
        once()
    else:
        measure(chosen.runs)


if __name__ == "__main__":
    main()
