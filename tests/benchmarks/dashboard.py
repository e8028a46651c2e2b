"""What the window costs: ``python tests/benchmarks/dashboard.py [--seconds 30] [--sensors 2]``.

``--memory 30`` instead runs half an hour at ten times the pace, sets and rests without end, and
prints how much memory is held after the warm-up and at the end; ``--start`` how soon
``lumbar demo`` shows its first angle.

A session of the simulated lifter runs in real time behind the window, on the session's own thread,
with the real engine, so the process figure holds everything but the radio. Where no screen is
there, Qt's offscreen platform draws the same pixels.
"""

# ruff: noqa: E402 - the clock starts before Qt is imported
from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

STARTED_S = time.perf_counter()

import psutil
from first_angle import measure as measure_start
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from gui.preferences import Preferences
from gui.shortcuts import Action
from gui.window import FRAME_MS, Window
from gui.worker import AsyncThread
from monitor.engine import Engine
from monitor.model.session import Delivery, SessionInfo, Sink, SourceItem
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

FRAME_BUDGET_MS = 10.0
CPU_BUDGET = 35.0
WARM_UP_S = 3.0
FIRST_ANGLE_BUDGET_S = 2.0
MEMORY_BUDGET_MB = 5.0
MEMORY_SPEED = 10.0
MEMORY_WARM_UP_S = 120.0
"""By then every cache has seen its most: the ring is full, the table long, every page was drawn."""


@dataclass
class Figures:
    """What is measured while the window runs."""

    frames_ms: list[float] = field(default_factory=list)
    intervals_ms: list[float] = field(default_factory=list)
    first_angle_s: float | None = None
    first_angle_cpu_s: float = 0.0
    calibrated_s: float | None = None
    cpu_percent: float = 0.0
    rss_begin_mb: float = 0.0
    rss_end_mb: float = 0.0


class Items(Protocol):
    """Anything that yields what arrives."""

    def items(self) -> Iterator[SourceItem]:
        """Yield everything in order of arrival."""
        ...


def paced(
    info: SessionInfo, source: Items, engine: Engine, sink: Sink, speed: float = 1.0
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Return a session that hands on what the simulation sends, `speed` times as fast as it sends it."""

    async def run(stop: asyncio.Event) -> None:
        sink.begin(info)
        begun_s = time.monotonic()
        batch: list[SourceItem] = []
        due_s = 0.02 * speed
        for item in source.items():
            batch.append(item)
            if not isinstance(item, Delivery) or not len(item.block):
                continue
            if float(item.block.t_s[-1]) < due_s:
                continue
            wait_s = begun_s + due_s / speed - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            if stop.is_set():
                break
            sink.take(tuple(batch), engine.feed(batch))
            batch = []
            due_s = float(item.block.t_s[-1]) + 0.02 * speed
        sink.end()

    return run


def measure(seconds: float, sensors: int, rate_hz: float, size: tuple[int, int]) -> Figures:
    """Run the window for `seconds` and return what it cost."""
    figures = Figures()
    app = QApplication(sys.argv[:1])
    session = simulate(
        "deadlift" if sensors == 2 else "leg_press", sensors=sensors, reps=40, rate_hz=rate_hz, seed=2
    )
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        kept = Preferences(QSettings(f"{folder}/window.ini", QSettings.Format.IniFormat))
        window = Window(session.source.info, preferences=kept)
        window.resize(*size)
        window.show()
        window.show_page(Action.LIVE)
        info = session.source.info
        worker = AsyncThread(paced(info, session.source, Engine(info), window.sink))
        drawn_at_s = time.perf_counter()
        begun_s = time.perf_counter()
        counted_s = time.thread_time()
        warm = False
        draw = window.redraw

        def redraw() -> None:
            nonlocal counted_s, drawn_at_s, warm
            now_s = time.perf_counter()
            # All the processor time of this thread since the last frame: redraw, paint, Qt's loop.
            spent_s = time.thread_time()
            if warm:
                figures.frames_ms.append((spent_s - counted_s) * 1e3)
                figures.intervals_ms.append((now_s - drawn_at_s) * 1e3)
            drawn_at_s, counted_s = now_s, spent_s
            draw()
            view = window.presenter.view()
            if figures.first_angle_s is None and view.headline.value_deg is not None:
                # The number is painted as soon as Qt gets to it: let it, then look at the clock.
                app.processEvents()
                figures.first_angle_s = time.perf_counter() - STARTED_S
                figures.first_angle_cpu_s = time.process_time()
            if figures.calibrated_s is None and view.tilt_rad is not None:
                figures.calibrated_s = now_s - STARTED_S
            known_s = figures.calibrated_s
            if not warm and known_s is not None and now_s - STARTED_S - known_s > WARM_UP_S:
                warm = True
                begin(now_s)
            if warm and now_s - begun_s >= seconds:
                figures.cpu_percent = process.cpu_percent()
                figures.rss_end_mb = process.memory_info().rss / 1e6
                window.close()

        def begin(now_s: float) -> None:
            nonlocal begun_s
            begun_s = now_s
            process.cpu_percent()
            figures.rss_begin_mb = process.memory_info().rss / 1e6

        window._timer.timeout.disconnect()
        window._timer.timeout.connect(redraw)
        window.start(worker)
        app.exec()
    return figures


@dataclass(frozen=True)
class Endless:
    """The same session again and again, on one clock: a lifter who never goes home."""

    session: SimulatedSession

    def items(self) -> Iterator[SourceItem]:
        """Yield deliveries and what was said, times laid end to end."""
        kept = [i for i in self.session.source.items() if isinstance(i, Delivery) and len(i.block)]
        length_s = float(kept[-1].block.t_s[-1]) + 0.01
        for round_ in itertools.count():
            for item in kept:
                yield Delivery(replace(item.block, t_s=item.block.t_s + round_ * length_s))


def hold(minutes: float, speed: float) -> list[tuple[float, float]]:
    """Run the window for `minutes` at `speed`; return (minutes, MB held) once a minute."""
    app = QApplication(sys.argv[:1])
    session = simulate("squat", cause="improper_form", reps=8, sets=3, rest_s=30.0, seed=2)
    process = psutil.Process()
    held: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        kept = Preferences(QSettings(f"{folder}/window.ini", QSettings.Format.IniFormat))
        window = Window(session.source.info, preferences=kept)
        window.resize(1180, 760)
        window.show()
        source = Endless(session)
        worker = AsyncThread(
            paced(session.source.info, source, Engine(session.source.info), window.sink, speed)
        )
        begun_s = time.monotonic()

        def look() -> None:
            passed_s = time.monotonic() - begun_s
            held.append((passed_s / 60, process.memory_info().rss / 1e6))
            print(f"{held[-1][0]:5.1f} min: {held[-1][1]:.1f} MB", flush=True)
            if passed_s >= minutes * 60:
                window.close()

        watch = QTimer()
        watch.timeout.connect(look)
        watch.start(min(60_000, int(minutes * 6_000)))
        window.start(worker)
        app.exec()
    return held


def main() -> None:
    """Measure and print, one figure a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sensors", type=int, choices=(1, 2), default=2)
    parser.add_argument("--rate-hz", type=float, default=200.0)
    parser.add_argument("--size", default="1180x760")
    parser.add_argument("--memory", type=float, metavar="MINUTES", help="Only how much memory is held.")
    parser.add_argument("--start", action="store_true", help="Only how soon the demo shows an angle.")
    chosen = parser.parse_args()
    if chosen.start:
        measure_start(runs=3)
        return
    if chosen.memory is not None:
        held = hold(chosen.memory, MEMORY_SPEED)
        warm_up_min = min(MEMORY_WARM_UP_S / 60, chosen.memory / 2)
        warm = next(mb for at_min, mb in held if at_min >= warm_up_min)
        minutes, end = held[-1]
        print(
            f"memory at {MEMORY_SPEED:g}x: {warm:.1f} MB after {warm_up_min:g} min, "
            f"{end:.1f} MB after {minutes:.0f}"
        )
        print(f"grew by {end - warm:+.1f} MB (budget {MEMORY_BUDGET_MB:g})")
        return
    width, height = (int(part) for part in chosen.size.split("x"))
    made = measure(chosen.seconds, chosen.sensors, chosen.rate_hz, (width, height))
    print(f"{chosen.sensors} sensors at {chosen.rate_hz:g} Hz, {width}x{height}, {chosen.seconds:g} s")
    median_ms = statistics.median(made.frames_ms)
    p95_ms = statistics.quantiles(made.frames_ms, n=20)[-1]
    print(
        f"GUI thread per frame: median {median_ms:.1f} ms, p95 {p95_ms:.1f} ms (budget {FRAME_BUDGET_MS:g})"
    )
    drawn_hz = 1e3 / statistics.mean(made.intervals_ms)
    print(f"frames a second: {drawn_hz:.1f} (asked {1e3 / FRAME_MS:.1f})")
    print(f"process: {made.cpu_percent:.0f} % of one core (budget {CPU_BUDGET:g})")
    print(f"memory: {made.rss_begin_mb:.0f} MB, grew by {made.rss_end_mb - made.rss_begin_mb:+.1f} MB")
    print(
        f"first painted angle: {made.first_angle_s:.2f} s after start (budget {FIRST_ANGLE_BUDGET_S:g}), "
        f"{made.first_angle_cpu_s:.2f} s of them at work; "
        f"calibrated after {made.calibrated_s:.1f} s"
    )


if __name__ == "__main__":
    main()
