"""Thousands of recordings analysed on this machine or on a dask cluster, and picked up where it stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.resource_tracker import ensure_running
from pathlib import Path
from typing import Any, Final

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, as_completed

from monitor import __version__
from monitor.batch_tables import FileRows, Store, analysed, stamp
from monitor.engine import EngineOptions
from monitor.model.errors import ConfigError, RecordingError

_FLUSH_FILES: Final = 200
_FLUSH_S: Final = 5.0
"""What a run that is cut off has to do again at most."""
_AHEAD: Final = 8
"""Recordings waiting for each worker: enough to keep it busy, few enough to stay small."""
_CONNECT_S: Final = 5

_NO_DASHBOARD: Final = "127.0.0.1:0"
"""Scheduler and workers answer HTTP somewhere; on a free port of this machine only it disturbs nobody."""
_WORKERS_ENVIRONMENT: Final = "distributed.nanny.pre-spawn-environ"

Job = tuple[str, str, str, EngineOptions]
"""Path, name and stamp of a recording, and how it is judged."""
Work = Callable[[str, str, str, EngineOptions], FileRows]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a run came to.

    Parameters
    ----------
    analysed, kept
        Recordings analysed now, and those whose rows of an earlier run still hold.
    problems
        Recordings without rows, and why.
    rows
        Number of rows by table.
    """

    analysed: int
    kept: int
    problems: dict[str, str]
    rows: dict[str, int]


@contextmanager
def cluster(scheduler: str, workers: int | None = None) -> Iterator[Client]:
    """Connect to dask.

    Parameters
    ----------
    scheduler
        ``"local"``: processes of this machine; or the address of a scheduler, ``tcp://host:port``.
    workers
        Processes of ``"local"``; None is one a core.

    Raises
    ------
    ConfigError
        Nobody answers there, or the workers run another version.
    """
    if scheduler == "local":
        with (
            _local(workers) as local,
            Client(local) as client,  # type: ignore[no-untyped-call]
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=_CONNECT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as failure:
        raise ConfigError(
            f"no dask scheduler answers at {scheduler}: start one with `dask scheduler`"
        ) from failure
    with client:
        _same_version(client, scheduler)
        yield client


def _local(workers: int | None) -> LocalCluster:
    """Return a cluster whose processes leave Ctrl+C to this one, which ends them."""
    held = {signal.SIGINT} if hasattr(signal, "pthread_sigmask") else set()
    if held:
        ensure_running()  # begun later it would let the signal through again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, held)  # a new process inherits it
    try:
        with dask.config.set({f"{_WORKERS_ENVIRONMENT}.DASK_LOGGING__DISTRIBUTED": "critical"}):
            return LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=_NO_DASHBOARD
            )
    finally:
        if held:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _version() -> str:
    return __version__


def _same_version(client: Client, scheduler: str) -> None:
    versions: dict[str, str] = client.run(_version, on_error="return")
    if not versions:
        raise ConfigError(
            f"the scheduler at {scheduler} has no workers: start some with `dask worker {scheduler}`"
        )
    other = {str(version) for version in versions.values()} - {__version__}
    if other:
        raise ConfigError(
            f"workers of {scheduler} cannot run lumbar-monitor {__version__} ({', '.join(sorted(other))}): "
            "install the same version there"
        )


def run_batch(
    folder: Path,
    out: Path,
    client: Client,
    options: EngineOptions | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
    work: Work = analysed,
) -> BatchResult:
    """Analyse every recording in `folder` and the folders in it.

    Rows that an earlier run left in `out` are kept where file, labels, settings and version are
    the same; recordings that had a problem are tried again.

    Parameters
    ----------
    folder
        Recordings; the workers must find it under the same path.
    out
        Folder for ``reps.parquet``, ``findings.parquet`` and ``files.parquet``.
    client
        From `cluster`.
    options
        How they are judged.
    progress
        Called with the number of recordings done and of all.
    work
        Analyses one recording, on a worker.

    Raises
    ------
    RecordingError
        There is no recording in `folder`.
    ConfigError
        The cluster went away; what was done is kept.
    """
    options = options or EngineOptions()
    paths = recordings_in(folder)
    store = Store(out)
    stamps = {name: stamp(path, options) for name, path in paths.items()}
    done = store.done()
    todo = [name for name in sorted(paths) if done.get(name) != stamps[name]]
    problems: dict[str, str] = {}
    fresh: list[FileRows] = []
    flushed_s = time.monotonic()
    tell = progress or _silent
    tell(len(paths) - len(todo), len(paths))
    jobs = ((str(paths[name]), name, stamps[name], options) for name in todo)
    try:
        for count, rows in enumerate(_results(client, work, jobs), len(paths) - len(todo) + 1):
            fresh.append(rows)
            if rows.problem:
                problems[rows.recording] = rows.problem
            if len(fresh) >= _FLUSH_FILES or time.monotonic() - flushed_s >= _FLUSH_S:
                store.add(fresh)
                fresh, flushed_s = [], time.monotonic()
            tell(count, len(paths))
    finally:
        store.add(fresh)
    made = len(todo) - len(problems)
    return BatchResult(made, len(paths) - len(todo), dict(sorted(problems.items())), store.finish(paths))


def _silent(done: int, total: int) -> None:
    """Take no notice."""


def recordings_in(folder: Path) -> dict[str, Path]:
    """Return the recordings in `folder` and below by their path in it; RecordingError if there is none."""
    if not folder.is_dir():
        raise RecordingError(f"{folder} is no folder: name the one that holds the recordings")
    found = {}
    for path in folder.rglob("*.mcap"):
        place = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in place.parts):
            found[place.as_posix()] = path.resolve()
    if not found:
        raise RecordingError(f"{folder} holds no recording (*.mcap): name the folder they are in")
    return found


def _results(client: Client, work: Work, jobs: Iterator[Job]) -> Iterator[FileRows]:
    """Yield the rows of each job as they come; a job that kills its workers yields a problem.

    With a worker all dies that waited there, and dask in the end gives up on any of it. So what
    it gave up on is done again one by one: only what then kills its worker alone is to blame.
    """
    ahead = _AHEAD * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    suspects: list[Job] = []
    for job, made in _outcomes(client, work, jobs, ahead):
        if isinstance(made, KilledWorker):
            suspects.append(job)
        else:
            yield _rows(job, made)
    for job, made in _outcomes(client, work, iter(suspects), 1):
        yield _rows(job, made)


def _outcomes(
    client: Client, work: Work, jobs: Iterator[Job], ahead: int
) -> Iterator[tuple[Job, FileRows | BaseException]]:
    """Yield each job with its rows or why there are none, so many jobs waiting at a time."""
    waiting: dict[Future[FileRows], Job] = {}
    finished: Any = as_completed()  # type: ignore[no-untyped-call]

    def submit() -> None:
        job = next(jobs, None)
        if job is not None:
            future = client.submit(work, *job, pure=False)
            waiting[future] = job
            finished.add(future)

    for _ in range(ahead):
        submit()
    for future in finished:
        job = waiting.pop(future)
        if future.status == "finished":
            made: FileRows | BaseException = future.result()
        elif future.status == "error":
            made = future.exception()
        else:
            raise ConfigError("the dask cluster went away: run the command again, what was done is kept")
        future.release()
        submit()
        yield job, made


def _rows(job: Job, made: FileRows | BaseException) -> FileRows:
    _, recording, mark, _ = job
    if isinstance(made, BaseException):
        return FileRows(recording, mark, f"its worker ended: {type(made).__name__}")
    return made
