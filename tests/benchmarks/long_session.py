"""How long `lumbar analyze` takes for an hour of two sensors at 100 Hz, on one core, start included.

    python tests/benchmarks/long_session.py [--minutes 60] [--runs 3] [--profile]

The session is a simulated one of some minutes, said again and again in the time that follows.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from monitor.analysis import analyze
from monitor.model.samples import ImuBlock
from monitor.model.session import Delivery, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import write_recording
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

PART_MIN = 10.0
PAUSE_S = 2.0
"""Of standing between two parts; both begin and end standing."""


def repeated(session: SimulatedSession, minutes: float) -> Iterator[SourceItem]:
    """Yield the session's samples, later and later, until `minutes` are full."""
    items = [i for i in session.source.items() if isinstance(i, Delivery) and len(i.block)]
    shift_s = 0.0
    while shift_s < 60 * minutes:
        for item in items:
            block: ImuBlock = replace(item.block, t_s=item.block.t_s + shift_s)
            if block.t_s[-1] < 60 * minutes:
                yield Delivery(block, item.packets)
        shift_s += float(items[-1].block.t_s[-1]) + PAUSE_S


def measured(path: Path, out: Path) -> tuple[float, float]:
    """Return wall and CPU seconds of one `lumbar analyze` on one core."""
    core = f"{min(os.sched_getaffinity(0))}"
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        ["taskset", "-c", core, sys.executable, "-m", "monitor", "analyze", str(path), "--json", str(out)],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    took_s, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Make the recording, run the command, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=60.0)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--exercise", default="squat")
    asked.add_argument("--profile", action="store_true", help="Show where the time goes instead.")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "hour.mcap"
        sets = max(1, round(min(PART_MIN, options.minutes) / 1.4))
        session = simulate(options.exercise, sensors=2, reps=8, sets=sets, seed=1, rate_hz=100.0, rest_s=40.0)
        write_recording(path, session.source.info, repeated(session, options.minutes))
        print(f"{options.exercise}, {options.minutes:g} min, {path.stat().st_size / 1e6:.0f} MB")
        if options.profile:
            with cProfile.Profile() as profile:
                analyze(open_recording(path))
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
            return
        runs = [measured(path, Path(scratch) / "out.json") for _ in range(options.runs)]
        for took_s, cpu_s in runs:
            print(f"lumbar analyze: {took_s:.2f} s, {cpu_s:.2f} s of the core")
        print(f"best: {min(r[0] for r in runs):.2f} s, {min(r[1] for r in runs):.2f} s of the core")


if __name__ == "__main__":
    main()
