"""A recording back into the session it was, as far as the file goes."""

from __future__ import annotations

import heapq
import json
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any

import zstandard
from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, McapRecord, Message, Metadata
from mcap.stream_reader import StreamReader, breakup_chunk

from monitor.model.errors import ConfigError, RecordingError
from monitor.model.samples import ImuBlock, PostureBlock, RawPacket, join_posture
from monitor.model.session import Delivery, SessionInfo, SourceItem
from monitor.recording import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MALFORMED = (
    McapError,
    zstandard.ZstdError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    MemoryError,
)
"""What the MCAP library and the layouts raise on bytes that make no sense."""
_MAGIC = b"\x89MCAP0\r\n"


class Recording:
    """A recorded session; a `SampleSource`.

    Attributes
    ----------
    path
        The file.
    info
        The session's header.
    product
        Name and version of the program that wrote it.
    config
        Settings that were in force.
    warnings
        What the file no longer holds, one line each; empty for a whole file.
    end_s
        Session time of the last message.
    """

    def __init__(self, path: Path, contents: _Contents, info: SessionInfo) -> None:
        self.path = path
        self.info = info
        self.product = contents.header.get("product", "")
        self.config: layout.Json = json.loads(contents.header.get("config", "{}"))
        self.warnings: tuple[str, ...] = tuple(contents.warnings)
        self.end_s = contents.end_ns * 1e-9
        self._messages = contents.by_topic()

    def items(self) -> Iterator[SourceItem]:
        """Yield deliveries, link changes and annotations exactly as they arrived."""
        try:
            yield from self._items()
        except _MALFORMED as failure:
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

    def _objects(self, topic: str, make: Callable[[layout.Json], Any]) -> Iterator[Any]:
        for data in self._messages.get(topic, ()):
            yield make(json.loads(data))

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
        except _MALFORMED as failure:
            raise _damaged(self.path, failure) from failure

    @cached_property
    def posture(self) -> PostureBlock:
        """Angles as the session showed them; no rows for an import."""
        try:
            return join_posture(
                [layout.unpack_posture(data) for data in self._messages.get(layout.POSTURE_TOPIC, ())]
            )
        except _MALFORMED as failure:
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
    try:
        with path.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
            if not magic:
                raise RecordingError(f"{path} is empty: nothing was recorded")
            if magic != _MAGIC:
                raise RecordingError(f"{path} is not a recording: give a file that `lumbar` wrote")
            stream.seek(0)
            contents = _read(stream, path.stat().st_size)
    except OSError as failure:
        raise RecordingError(
            f"{path} cannot be read: {(failure.strerror or str(failure)).lower()}"
        ) from failure
    return Recording(path, contents, _session(path, contents))


@dataclass(slots=True)
class _Contents:
    header: dict[str, str] = field(default_factory=dict)
    channels: dict[int, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    end_ns: int = 0

    def add(self, record: McapRecord) -> None:
        match record:
            case Metadata(name=layout.METADATA):
                self.header = record.metadata
            case Channel():
                self.channels[record.id] = record.topic
            case Message():
                self.messages.append(record)
                self.end_ns = max(self.end_ns, record.log_time)
            case Chunk():
                self._add_chunk(record)
            case _:
                pass

    def _add_chunk(self, chunk: Chunk) -> None:
        try:
            inside = breakup_chunk(chunk, validate_crc=True)
        except _MALFORMED:
            at_s = chunk.message_end_time * 1e-9
            self.warnings.append(f"the second up to {at_s:.1f} s is damaged and was left out")
            return
        for record in inside:
            self.add(record)

    def by_topic(self) -> dict[str, list[bytes]]:
        # The first second names the channels; a closed file names them again at its end.
        sorted_out: dict[str, list[bytes]] = defaultdict(list)
        for message in self.messages:
            if message.channel_id in self.channels:
                sorted_out[self.channels[message.channel_id]].append(message.data)
        return sorted_out


def _read(stream: IO[bytes], size: int) -> _Contents:
    contents = _Contents()
    closed = False
    try:
        for record in StreamReader(stream, emit_chunks=True, record_size_limit=size).records:
            contents.add(record)
        closed = True
    except _MALFORMED:
        pass  # the tail is cut or garbage; the warning below says so
    if not closed:
        contents.warnings.append(
            "recording ends without its closing mark; "
            f"everything up to {contents.end_ns * 1e-9:.1f} s is here"
        )
    return contents


def _session(path: Path, contents: _Contents) -> SessionInfo:
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
        return layout.info_from(json.loads(contents.header["session"]))
    except (*_MALFORMED, ConfigError) as failure:
        raise RecordingError(f"{path}: the header makes no sense ({failure})") from failure


def _damaged(path: Path, failure: Exception) -> RecordingError:
    return RecordingError(f"{path} is damaged: {failure}")
