"""The records of a recording's file, as far as they are whole."""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import zstandard
from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, McapRecord, Message, Metadata, Schema
from mcap.stream_reader import StreamReader, breakup_chunk

from monitor.model.errors import RecordingError
from monitor.recording import layout

if TYPE_CHECKING:
    from pathlib import Path

MALFORMED = (
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


@dataclass(slots=True)
class Contents:
    """What was found.

    Attributes
    ----------
    header
        The metadata record of ours; empty if there is none.
    schemas, channels
        By their id in the file.
    messages
        All whole ones, in the order of the file.
    closed
        The file has its closing mark.
    warnings
        What is not whole, one line each.
    end_s
        Session time of the last message.
    """

    header: dict[str, str] = field(default_factory=dict)
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    closed: bool = False
    warnings: list[str] = field(default_factory=list)
    end_s: float = 0.0

    def add(self, record: McapRecord) -> None:
        """Take in one record, and what is inside if it is a chunk."""
        match record:
            case Metadata(name=layout.METADATA):
                self.header = record.metadata
            case Schema():
                self.schemas[record.id] = record
            case Channel():
                self.channels[record.id] = record
            case Message():
                self.messages.append(record)
                self.end_s = max(self.end_s, record.log_time * 1e-9)
            case Chunk():
                self._add_chunk(record)
            case _:
                pass

    def _add_chunk(self, chunk: Chunk) -> None:
        try:
            inside = breakup_chunk(chunk, validate_crc=True)
        except MALFORMED:
            at_s = chunk.message_end_time * 1e-9
            self.warnings.append(f"the second up to {at_s:.1f} s is damaged and was left out")
            return
        for record in inside:
            self.add(record)

    def by_topic(self) -> dict[str, list[bytes]]:
        """Return the messages' data by topic."""
        # Only now: the first second names the channels, and a closed file again at its end.
        made: dict[str, list[bytes]] = defaultdict(list)
        for message in self.messages:
            if message.channel_id in self.channels:
                made[self.channels[message.channel_id].topic].append(message.data)
        return made


def read_contents(path: Path) -> Contents:
    """Read all that is whole in a file that may be cut off or damaged.

    Raises
    ------
    RecordingError
        The file is missing, empty or something else.
    """
    try:
        with path.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
            if not magic:
                raise RecordingError(f"{path} is empty: nothing was recorded")
            if magic != _MAGIC:
                raise RecordingError(f"{path} is not a recording: `lumbar import` makes one of a CSV")
            stream.seek(0)
            return _read(stream, path.stat().st_size)
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise RecordingError(f"{path} cannot be read: {why}") from failure


def _read(stream: IO[bytes], size: int) -> Contents:
    contents = Contents()
    try:
        for record in StreamReader(stream, emit_chunks=True, record_size_limit=size).records:
            contents.add(record)
        contents.closed = True
    except MALFORMED:
        pass  # the tail is cut or garbage; the warning below says so
    if "recovered" in contents.header:
        contents.warnings.append(f"recovered file: {contents.header['recovered']}")
    if not contents.closed:
        contents.warnings.append(
            f"recording ends without its closing mark; everything up to {contents.end_s:.1f} s is here"
        )
    return contents
