"""A recording that was cut off, closed properly: same content, with the index other programs want."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mcap.writer import CompressionType, Writer
from send2trash import send2trash

from monitor import __version__
from monitor.model.errors import RecordingError
from monitor.recording import layout
from monitor.recording.contents import read_contents
from monitor.recording.in_use import is_held
from monitor.recording.reader import open_recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor.recording.contents import Contents


def trash(path: Path) -> None:
    """Move `path` to the system's trash; RecordingError if there is none."""
    try:
        send2trash(path)
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise RecordingError(f"{path} cannot be moved to the trash: {why}; it is still there") from failure


def recover(path: Path, *, trash: Callable[[Path], None] = trash) -> tuple[str, ...]:
    """Close a recording that was cut off; what it was before goes to the trash.

    Parameters
    ----------
    path
        The recording.
    trash
        Takes the old file.

    Returns
    -------
    tuple of str
        What the file no longer holds, one line each; empty if it was whole and was left alone.

    Raises
    ------
    RecordingError
        It is being written, or is no recording, or cannot be replaced; it is still as it was.
    """
    if is_held(path):
        raise RecordingError(f"{path} is being recorded now: stop the session first")
    recording = open_recording(path)
    if recording.closed:
        return recording.warnings
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            _write_closed(path, part, recording.warnings)
            trash(path)
        except (OSError, RecordingError):
            part.unlink(missing_ok=True)
            raise
        part.rename(path)
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise RecordingError(f"{path} cannot be recovered: {why}") from failure
    return recording.warnings


def _write_closed(path: Path, part: Path, warnings: tuple[str, ...]) -> None:
    with part.open("xb") as stream:
        writer = Writer(stream, chunk_size=2**26, compression=CompressionType.ZSTD)
        _copy(read_contents(path), writer, warnings)
        writer.finish()  # type: ignore[no-untyped-call]
        stream.flush()
        os.fsync(stream.fileno())


def _copy(contents: Contents, writer: Writer, warnings: tuple[str, ...]) -> None:
    writer.start(profile="lumbar", library=f"lumbar-monitor {__version__}")
    writer.add_metadata(layout.METADATA, {**contents.header, "recovered": "; ".join(warnings)})
    schemas = {
        schema.id: writer.register_schema(schema.name, schema.encoding, schema.data)
        for schema in contents.schemas.values()
    }
    channels = {
        channel.id: writer.register_channel(
            channel.topic, channel.message_encoding, schemas.get(channel.schema_id, 0)
        )
        for channel in contents.channels.values()
    }
    chunk = None
    for message in contents.messages:
        if message.channel_id not in channels:
            continue
        if message.sequence != chunk:  # a second stays a chunk
            chunk = message.sequence
            writer.flush()  # type: ignore[no-untyped-call]
        writer.add_message(
            channels[message.channel_id],
            message.log_time,
            message.data,
            message.publish_time,
            message.sequence,
        )
