"""A live run: source to engine to sinks; owns the tasks, cancellation and the order of shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from monitor.engine import Engine
from monitor.model.errors import MonitorError
from monitor.model.events import Notice
from monitor.model.session import Annotation, LiveSource, Output, Sink, SourceItem

_log = logging.getLogger(__name__)


class Session:
    """One run from the first sample to the last.

    Parameters
    ----------
    source
        Delivers batches in its own time.
    engine
        Judges them.
    sinks
        Take part in the order given; the recording comes first. One that fails is left out from
        then on, the others are told, and the session goes on.
    """

    def __init__(self, source: LiveSource, engine: Engine, sinks: Sequence[Sink]) -> None:
        self._source = source
        self._engine = engine
        self._sinks = list(sinks)
        self._said: list[Annotation] = []
        self._now_s = 0.0
        self._notices: list[Notice] = []
        self.failed: dict[str, str] = {}
        """Name of each sink that had to be left out, and why."""

    def annotate(self, kind: str, value: str | float) -> None:
        """Add something a person said, at the present moment; from any thread."""
        self._said.append(Annotation(self._now_s, kind, value))

    async def run(self, stop: asyncio.Event) -> None:
        """Run until the source ends or `stop` is set; sinks are closed in any case.

        Raises
        ------
        MonitorError
            The source cannot be used; what came before it is kept.
        """
        for sink in list(self._sinks):
            self._guarded(sink, "begin")
        pump = asyncio.create_task(self._pump())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({pump, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, stopped):
                task.cancel()
            await asyncio.gather(pump, stopped, return_exceptions=True)
            self._hand_on((), self._engine.finish())
            for sink in list(self._sinks):
                self._guarded(sink, "end")
        failure = None if pump.cancelled() else pump.exception()
        if failure is not None:
            raise failure

    async def _pump(self) -> None:
        async for batch in self._source.stream():
            said, self._said = self._said, []
            items = (*said, *batch)
            output = self._engine.feed(items)
            if len(output.posture):
                self._now_s = float(output.posture.t_s[-1])
            self._hand_on(items, output)

    def _hand_on(self, items: Sequence[SourceItem], output: Output) -> None:
        notices, self._notices = self._notices, []
        if notices:
            output = Output(output.posture, (*output.events, *notices))
        for sink in list(self._sinks):
            self._guarded(sink, "take", items, output)

    def _guarded(self, sink: Sink, step: str, *args: object) -> None:
        try:
            if step == "begin":
                sink.begin(self._source.info)
            elif step == "end":
                sink.end()
            else:
                sink.take(*args)  # type: ignore[arg-type]
        except (MonitorError, OSError) as failure:
            _log.debug("%s failed", sink.name, exc_info=True)
            self._sinks.remove(sink)
            self.failed[sink.name] = str(failure)
            self._notices.append(Notice(self._now_s, f"{sink.name} stopped: {failure}"))
