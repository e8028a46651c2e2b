"""A recording back into the session it was, as far as the file goes."""

from __future__ import annotations

import heapq
import json
from dataclasses import replace
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from monitor.model.errors import ConfigError, RecordingError
from monitor.model.samples import ImuBlock, PostureBlock, RawPacket, join_posture
from monitor.model.session import Annotation, Delivery, MadeProfile, SessionInfo, SourceItem
from monitor.recording import layout
from monitor.recording.contents import MALFORMED, Contents, read_contents
from monitor.recording.stretches import stretches, track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Recording:
    """A recorded session; a `SampleSource`.

    Attributes
    ----------
    path
        The file.
    info
        The session's header, with the profiles made on the way.
    product
        Name and version of the program that wrote it.
    config
        Settings that were in force.
    warnings
        What the file no longer holds, one line each; empty for a whole file.
    closed
        Whether the file has its closing mark: False while it is being written, or after it was cut off.
    end_s
        Session time of the last message.
    """

    def __init__(self, path: Path, contents: Contents, info: SessionInfo, config: layout.Json) -> None:
        self.path = path
        self.product = contents.header.get("product", "")
        self.config = config
        self.warnings: tuple[str, ...] = tuple(contents.warnings)
        self.end_s = contents.end_s
        self.closed = contents.closed
        self._messages = contents.by_topic()
        self.info = replace(info, made=self._made())

    def items(self) -> Iterator[SourceItem]:
        """Yield deliveries, link changes and annotations exactly as they arrived."""
        try:
            yield from self._items()
        except MALFORMED as failure:
            raise _damaged(self.path, failure) from failure

    def _items(self) -> Iterator[SourceItem]:
        streams: list[Iterator[tuple[int, SourceItem]]] = [
            self._objects(layout.LINK_TOPIC, layout.link_from),
            self._objects(layout.ANNOTATIONS_TOPIC, layout.annotation_from),
        ]
        streams += [
            self._deliveries(topic.split("/")[1]) for topic in self._messages if topic.endswith("/imu")
        ]
        for _, item in heapq.merge(*streams, key=itemgetter(0)):
            yield item

    def stretches(self, length_s: float) -> Iterator[list[SourceItem]]:
        """Yield samples and annotations as in `items`, but some `length_s` at once: far faster.

        Packets and link changes are left out, and a stretch has one block a sensor.
        """
        try:
            tracks = [
                track(data, topic.split("/")[1])
                for topic, data in self._messages.items()
                if topic.endswith("/imu")
            ]
            said = list(self._objects(layout.ANNOTATIONS_TOPIC, layout.annotation_from))
        except MALFORMED as failure:
            raise _damaged(self.path, failure) from failure
        yield from stretches(tracks, said, length_s)

    def _objects(self, topic: str, make: Callable[[layout.Json], Any]) -> Iterator[Any]:
        for data in self._messages.get(topic, ()):
            yield make(json.loads(data))

    def _made(self) -> tuple[MadeProfile, ...]:
        try:
            return tuple(
                MadeProfile(**json.loads(data)) for data in self._messages.get(layout.PROFILES_TOPIC, ())
            )
        except MALFORMED as failure:
            raise _damaged(self.path, failure) from failure

    def _deliveries(self, sensor: str) -> Iterator[tuple[int, Delivery]]:
        packets = self._packets(sensor)
        waiting = next(packets, None)
        for order, block in self._blocks(sensor):
            mine = []
            while waiting is not None and waiting[0] <= order:
                if waiting[0] == order:
                    mine.append(waiting[1])
                waiting = next(packets, None)
            yield order, Delivery(block, tuple(mine))

    def _blocks(self, sensor: str) -> Iterator[tuple[int, ImuBlock]]:
        for data in self._messages.get(layout.imu_topic(sensor), ()):
            yield from layout.unpack_imu(data, sensor)

    def _packets(self, sensor: str) -> Iterator[tuple[int, RawPacket]]:
        for data in self._messages.get(layout.raw_topic(sensor), ()):
            yield from layout.unpack_packets(data, sensor)

    @cached_property
    def events(self) -> list[layout.Json]:
        """Events as the session announced them, each with its `type`; empty for an import."""
        try:
            return [json.loads(data) for data in self._messages.get(layout.EVENTS_TOPIC, ())]
        except MALFORMED as failure:
            raise _damaged(self.path, failure) from failure

    @cached_property
    def annotations(self) -> tuple[Annotation, ...]:
        """What a person said meanwhile, in order."""
        try:
            return tuple(a for _, a in self._objects(layout.ANNOTATIONS_TOPIC, layout.annotation_from))
        except MALFORMED as failure:
            raise _damaged(self.path, failure) from failure

    @cached_property
    def posture(self) -> PostureBlock:
        """Angles as the session showed them; no rows for an import."""
        try:
            return join_posture(
                [layout.unpack_posture(data) for data in self._messages.get(layout.POSTURE_TOPIC, ())]
            )
        except MALFORMED as failure:
            raise _damaged(self.path, failure) from failure


def open_recording(path: Path) -> Recording:
    """Read a recording, also one that was cut off or whose tail is garbage.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Recording
        All that is whole; its `warnings` say what is not.

    Raises
    ------
    RecordingError
        The file is missing, empty, no recording, of a later format, or lost its header.
    """
    contents = read_contents(path)
    return Recording(path, contents, *_header(path, contents))


def _header(path: Path, contents: Contents) -> tuple[SessionInfo, layout.Json]:
    if not contents.header:
        if contents.messages:
            raise RecordingError(f"{path} is an MCAP file, but not one that `lumbar` wrote")
        raise RecordingError(f"{path} was cut off before anything was recorded")
    try:
        name, _, version = contents.header["format"].partition("/")
        if name != layout.FORMAT:
            raise RecordingError(f"{path} is an MCAP file, but not one that `lumbar` wrote")
        if int(version) != layout.VERSION:
            raise RecordingError(
                f"{path} has format version {version}, this program reads {layout.VERSION}: "
                "update lumbar-monitor"
            )
        info = layout.info_from(json.loads(contents.header["session"]))
        return info, dict(json.loads(contents.header["config"]))
    except (*MALFORMED, ConfigError) as failure:
        raise RecordingError(f"{path}: the header makes no sense ({failure})") from failure


def _damaged(path: Path, failure: Exception) -> RecordingError:
    return RecordingError(f"{path} is damaged: {failure}")
