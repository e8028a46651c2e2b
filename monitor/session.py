"""A live run: source to engine to sinks; owns the tasks, cancellation and the order of shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from monitor.engine import Engine, EngineOptions
from monitor.model.errors import MonitorError
from monitor.model.events import Notice
from monitor.model.session import Annotation, Delivery, LiveSource, Output, SessionInfo, Sink, SourceItem

_log = logging.getLogger(__name__)


class Session:
    """One run from the first sample to the last.

    Parameters
    ----------
    source
        Delivers batches in its own time.
    options
        How they are judged.
    sinks
        Take part in the order given. One that fails is left out from then on, the others are told,
        and the session goes on.
    recording
        Takes part before all others, but only from the first samples on: what a radio's sensor is
        and how fast it samples is known by then, and stands in the header.
    """

    def __init__(
        self,
        source: LiveSource,
        options: EngineOptions | None,
        sinks: Sequence[Sink],
        recording: Sink | None = None,
    ) -> None:
        self._source = source
        self._options = options
        self._sinks = list(sinks)
        self._recording = recording
        self._engine: Engine | None = None
        self._early: list[SourceItem] = []
        self._said: list[Annotation] = []
        self._now_s = 0.0
        self._notices: list[Notice] = []
        self._joining: deque[Sink] = deque()
        self.failed: dict[str, str] = {}
        """Name of each sink that had to be left out, and why."""

    def annotate(self, kind: str, value: str | float) -> None:
        """Add something a person said, at the present moment; from any thread."""
        self._said.append(Annotation(self._now_s, kind, value))

    def join(self, sink: Sink) -> None:
        """Let `sink` take part from the next batch on, in place of one of its name; from any thread.

        A sink that was left out comes back so: a recording in another file, once there is room again.
        """
        self._joining.append(sink)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until the source ends or `stop` is set; sinks are closed in any case.

        Raises
        ------
        MonitorError
            The source cannot be used; what came before it is kept.
        """
        told = self._header()
        for sink in list(self._sinks):
            self._guarded(sink, "begin")
        pump = asyncio.create_task(self._pump(told))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({pump, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, stopped):
                task.cancel()
            await asyncio.gather(pump, stopped, return_exceptions=True)
            # Where neither a sample came nor a word was said there is nothing to keep a file for.
            if self._engine is not None or any(isinstance(i, Annotation) for i in self._early):
                self._hand_on((), self._started().finish())
            for sink in list(self._sinks):
                self._guarded(sink, "end")
        failure = None if pump.cancelled() else pump.exception()
        if failure is not None:
            raise failure

    async def _pump(self, told: SessionInfo) -> None:
        async for batch in self._source.stream():
            said, self._said = self._said, []
            items = (*said, *batch)
            self._let_in()
            if self._engine is None and not any(isinstance(i, Delivery) and len(i.block) for i in items):
                self._early += items
                self._hand_on(items, Output())
                continue
            early, fresh = self._early, self._engine is None
            output = self._started().feed((*early, *items))
            if fresh and self._header() != told:
                output = replace(output, header=self._header())
            self._early = []
            self._now_s = _newest_s(output, items, self._now_s)
            self._hand_on(items, output)

    def _started(self) -> Engine:
        """Return the engine; with the first samples, make it and begin the recording."""
        if self._engine is None:
            self._engine = Engine(self._source.info, self._options)
            recording, self._recording = self._recording, None
            if recording is not None:
                self._sinks.insert(0, recording)
                self._guarded(recording, "begin")
            if recording in self._sinks and recording is not None:
                self._guarded(recording, "take", tuple(self._early), Output())
        return self._engine

    def _let_in(self) -> None:
        while self._joining:
            sink = self._joining.popleft()
            self.failed.pop(sink.name, None)
            for old in [s for s in self._sinks if s.name == sink.name]:
                self._guarded(old, "end")
                self._sinks = [s for s in self._sinks if s is not old]
            if sink.name == "recording" and self._engine is None:
                self._recording = sink  # begins with the first samples, as any
                continue
            self._sinks.insert(0, sink)
            self._guarded(sink, "begin")

    def _header(self) -> SessionInfo:
        return self._source.info if self._engine is None else self._engine.info

    def _hand_on(self, items: Sequence[SourceItem], output: Output) -> None:
        notices, self._notices = self._notices, []
        if notices:
            output = replace(output, events=(*output.events, *notices))
        for sink in list(self._sinks):
            self._guarded(sink, "take", items, output)

    def _guarded(self, sink: Sink, step: str, *args: object) -> None:
        try:
            if step == "begin":
                sink.begin(self._header())
            elif step == "end":
                sink.end()
            else:
                sink.take(*args)  # type: ignore[arg-type]
        except (MonitorError, OSError) as failure:
            _log.debug("%s failed", sink.name, exc_info=True)
            self._sinks.remove(sink)
            self.failed[sink.name] = str(failure)
            self._notices.append(Notice(self._now_s, f"{sink.name} stopped: {failure}"))


def _newest_s(output: Output, items: Sequence[SourceItem], before_s: float) -> float:
    """Return the session time reached: that of the newest row or, while there are none, sample."""
    for rows in (output.provisional, output.posture):
        if len(rows):
            return float(rows.t_s[-1])
    if output.guidance is None:
        return before_s
    return max(
        (float(i.block.t_s[-1]) for i in items if isinstance(i, Delivery) and len(i.block)), default=before_s
    )
