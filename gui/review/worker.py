"""Work away from the screen: one thread, one job after the other, answers on the window's thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from monitor.model.errors import MonitorError

_log = logging.getLogger(__name__)

Progress = Callable[[float, str], None]
"""Share done (0 to 1, below 0 where nobody knows) and what is going on; raises where nobody waits."""


class _GivenUpError(Exception):
    """Nobody waits for this job any more."""


@dataclass(slots=True, eq=False)
class _Job:
    kind: str
    work: Callable[[Progress], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    given_up: threading.Event = field(default_factory=threading.Event)


class Worker(QObject):
    """Runs jobs in order; a new job of a kind replaces one that has not finished.

    Attributes
    ----------
    progressed
        Emitted on the window's thread with share and words of the job that runs; ``(1.0, "")``
        when nothing is left to do.
    """

    progressed = Signal(float, str)
    _stepped = Signal(object, float, str)
    _said = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._open: dict[str, _Job] = {}
        self._thread = threading.Thread(target=self._run, name="review", daemon=True)
        self._stepped.connect(self._step, Qt.ConnectionType.QueuedConnection)
        self._said.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job is waiting or running."""
        return bool(self._open)

    def start(
        self,
        kind: str,
        work: Callable[[Progress], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> None:
        """Do `work` on the thread, then `done` with its result or `failed` with one line, here.

        Parameters
        ----------
        kind
            A later job of this kind makes an earlier one pointless: it is given up.
        work
            Is handed a function to report progress with, which also ends work nobody waits for.
        """
        if kind in self._open:
            self._open[kind].given_up.set()
        self._open[kind] = job = _Job(kind, work, done, failed)
        self._jobs.put(job)

    def close(self, patience_s: float = 10.0) -> None:
        """Give up what is open and end the thread."""
        for job in self._open.values():
            job.given_up.set()
        self._open.clear()
        self._jobs.put(None)
        self._thread.join(patience_s)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.given_up.is_set():
                continue
            try:
                made = job.work(partial(self._progress, job))
            except _GivenUpError:
                continue
            except MonitorError as failure:
                self._said.emit(job, partial(job.failed, " ".join(str(failure).split())))
            except Exception as failure:  # noqa: BLE001 - the last place where it can be told
                _log.exception("a job of the review window stopped")
                text = f"stopped unexpectedly: {type(failure).__name__}: {failure}"
                self._said.emit(job, partial(job.failed, text))
            else:
                self._said.emit(job, partial(job.done, made))

    def _progress(self, job: _Job, share: float, words: str) -> None:
        if job.given_up.is_set():
            raise _GivenUpError
        self._stepped.emit(job, share, words)

    def _step(self, job: _Job, share: float, words: str) -> None:
        if not job.given_up.is_set():
            self.progressed.emit(share, words)

    def _deliver(self, job: _Job, tell: Callable[[], None]) -> None:
        if job.given_up.is_set():
            return
        if self._open.get(job.kind) is job:
            del self._open[job.kind]
        tell()
        if not self._open:
            self.progressed.emit(1.0, "")
