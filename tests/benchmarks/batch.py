"""How fast `lumbar batch` is: many simulated one-minute sessions, on one core, on all, on a cluster.

    python tests/benchmarks/batch.py [--sessions 1000] [--folder FOLDER]

Prints sessions a second, the ratio to one core, and whether all gave the same tables. The last run
is the unlucky one: a worker is killed half way, and three of the files are no recordings.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from distributed import LocalCluster

from monitor.batch import cluster, run_batch
from monitor.recording.reader import open_recording
from monitor.recording.writer import write_recording
from monitor.sensors.simulated.scenario import simulate

KINDS = (
    ("squat", None),
    ("squat", "improper_form"),
    ("squat", "too_much_weight"),
    ("leg_press", None),
    ("leg_press", "lack_of_spinal_support"),
    ("rdl", "improper_form"),
    ("hip_thrust", None),
    ("lunge", None),
)
REPS = 10
"""About a minute with walking up and away."""


def make(place: tuple[Path, int]) -> float:
    """Write session `number` into `folder` unless it is there; return its length in s."""
    folder, number = place
    exercise, cause = KINDS[number % len(KINDS)]
    path = folder / f"{number:05d}_{exercise}.mcap"
    if not path.exists():
        source = simulate(exercise, cause=cause, seed=number, reps=REPS).source
        write_recording(path, source.info, source.items())
    return open_recording(path).end_s


def two_workers() -> LocalCluster:
    """Return a cluster of two worker processes on loopback."""
    return LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
    )


def timed(folder: Path, out: Path, scheduler: str, workers: int | None) -> tuple[float, dict[str, pa.Table]]:
    """Return seconds of analysis, start of the processes not counted, and the tables."""
    with cluster(scheduler, workers) as client:
        client.run(lambda: __import__("monitor.batch_tables"))
        start = time.perf_counter()
        made = run_batch(folder, out, client)
        took_s = time.perf_counter() - start
    assert not made.problems, made.problems
    return took_s, tables(out)


def tables(out: Path) -> dict[str, pa.Table]:
    """Return what a run wrote of repetitions and findings."""
    return {name: pq.read_table(out / f"{name}.parquet") for name in ("reps", "findings")}


def unlucky(folder: Path, scratch: Path) -> tuple[float, dict[str, pa.Table], dict[str, str]]:
    """Return seconds, tables and problems of a run with three corrupt files and a worker killed half way."""
    inside = scratch / "unlucky"
    inside.mkdir()
    for path in folder.glob("*.mcap"):
        (inside / path.name).symlink_to(path)
    whole = next(folder.glob("*.mcap")).read_bytes()
    (inside / "99997_garbage.mcap").write_bytes(bytes(range(256)) * 64)
    (inside / "99998_empty.mcap").write_bytes(b"")
    (inside / "99999_no_header.mcap").write_bytes(whole[:40])
    out = scratch / "unlucky_out"
    with (
        two_workers() as two,
        cluster(two.scheduler_address) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def kill_half_way(done: int, total: int) -> None:
            if pids and done > total / 2:
                os.kill(pids.pop(), signal.SIGKILL)
                pids.clear()

        start = time.perf_counter()
        made = run_batch(inside, out, client, progress=kill_half_way)
        took_s = time.perf_counter() - start
    return took_s, tables(out), made.problems


def main() -> None:
    """Make the sessions, time the runs, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sessions", type=int, default=1000)
    asked.add_argument("--folder", type=Path, help="Keep the sessions here and use those already there.")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "sessions"
        folder.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        with ProcessPoolExecutor() as pool:
            lengths = list(pool.map(make, [(folder, i) for i in range(options.sessions)], chunksize=8))
        minutes = sum(lengths) / 60
        took_s = time.perf_counter() - start
        print(f"{options.sessions} sessions, {minutes:.0f} min, simulated in {took_s:.0f} s")
        cores = os.cpu_count() or 1
        one_s, expected = timed(folder, Path(scratch) / "one", "local", 1)
        speed = 60 * minutes / one_s
        print(f"one core        {options.sessions / one_s:7.1f} sessions/s, {speed:.0f} x real time")
        runs: list[tuple[str, str, int | None]] = [(f"local, {cores} cores", "local", cores)]
        with two_workers() as two:
            runs.append(("cluster of two", two.scheduler_address, None))
            for name, scheduler, workers in runs:
                took_s, found = timed(folder, Path(scratch) / name.replace(" ", "_"), scheduler, workers)
                same = all(found[table].equals(expected[table]) for table in expected)
                told = "same tables" if same else "OTHER TABLES"
                rate = options.sessions / took_s
                print(f"{name:15} {rate:7.1f} sessions/s, {one_s / took_s:.2f} of one core, {told}")
        took_s, found, problems = unlucky(folder, Path(scratch))
        same = all(found[table].equals(expected[table]) for table in found)
        told = "same tables" if same else "OTHER TABLES"
        print(f"worker killed   {options.sessions / took_s:7.1f} sessions/s, {told}, {len(problems)} listed:")
        for name, why in problems.items():
            print(f"    {name}: {why.rpartition('/')[2]}")
        print(f"{len(expected['reps'])} repetitions, {len(expected['findings'])} findings")


if __name__ == "__main__":
    main()
