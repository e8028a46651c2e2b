"""A session into one file that survives being cut off: MCAP, one chunk a second.

Each second of a session becomes one MCAP chunk, compressed, with a checksum, handed to the
operating system at once. A process that is killed leaves a file whose chunks are whole but for
the last, and a chunk holds all that happened in its second: what is recovered is a true prefix.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from mcap.writer import CompressionType, Writer

from monitor import __version__
from monitor.model.as_json import event_json, event_type
from monitor.model.errors import RecordingError
from monitor.model.samples import ImuBlock, PostureBlock, RawPacket, join_posture
from monitor.model.session import Annotation, Delivery, LinkStatus, Output, SessionInfo, SourceItem
from monitor.recording import layout
from monitor.recording.in_use import hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_BATCH_S = 1.0
"""Session time a chunk covers: what a killed process may lose."""
_CHUNK_BYTES = 64 * 2**20
"""Never reached: chunks are closed by time, so that a second is whole or absent."""


class RecordingWriter:
    """Record a session as it happens; a `Sink`.

    Parameters
    ----------
    path
        The file to write; it must not exist.
    config
        Settings in force, kept with the recording for the reader's eyes.

    Raises
    ------
    RecordingError
        From any method: the file exists, the folder is missing or read-only, the disk is full.
    """

    name = "recording"

    def __init__(self, path: Path, *, config: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self._config = config or {}
        self._stream: BinaryIO | None = None
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._order = 0
        self._chunk = 0
        self._now_s = 0.0
        self._flushed_s: float | None = None
        self._blocks: dict[str, list[tuple[int, ImuBlock]]] = defaultdict(list)
        self._packets: dict[str, list[tuple[int, RawPacket]]] = defaultdict(list)
        self._posture: list[PostureBlock] = []
        self._objects: list[tuple[str, layout.Json]] = []

    def begin(self, info: SessionInfo) -> None:
        """Create the file and write its header."""
        try:
            self._stream = self.path.open("xb")
        except OSError as failure:
            raise RecordingError(_why(self.path, failure)) from failure
        hold(self._stream)
        self._writer = Writer(self._stream, chunk_size=_CHUNK_BYTES, compression=CompressionType.ZSTD)
        header = {
            "format": f"{layout.FORMAT}/{layout.VERSION}",
            "product": f"lumbar-monitor {__version__}",
            "session": layout.to_json(layout.info_json(info)).decode(),
            "config": layout.to_json(self._config).decode(),
        }
        try:
            self._writer.start(profile="lumbar", library=f"lumbar-monitor {__version__}")
            self._writer.add_metadata(layout.METADATA, header)
            self._stream.flush()
        except OSError as failure:
            self._give_up(failure)

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Add a batch; on disk with the next full second, or at once if something was said or seen."""
        if self._stream is None:
            return
        for item in items:
            self._add(item)
            if self._flushed_s is not None and self._now_s - self._flushed_s >= _BATCH_S:
                self._write_chunk()
        if len(output.posture):
            self._posture.append(output.posture)
        for event in output.events:
            self._objects.append((layout.EVENTS_TOPIC, {"type": event_type(event), **event_json(event)}))
        if output.guidance is not None and output.guidance.made is not None:
            self._objects.append((layout.PROFILES_TOPIC, asdict(output.guidance.made)))
        if self._objects:
            self._write_chunk()

    def end(self) -> None:
        """Write what is pending and the closing mark; nothing if the file was given up."""
        if self._stream is None:
            return
        self._write_chunk()
        try:
            self._writer.finish()  # type: ignore[no-untyped-call]
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        except OSError as failure:
            self._give_up(failure)
        self._stream = None

    def _add(self, item: SourceItem) -> None:
        match item:
            case Delivery(block, packets):
                self._blocks[block.sensor].append((self._order, block))
                for packet in packets:
                    self._packets[packet.sensor].append((self._order, packet))
                if len(block):
                    self._now_s = max(self._now_s, float(block.t_s[-1]))
                    if self._flushed_s is None:
                        self._flushed_s = float(block.t_s[0])
            case LinkStatus():
                self._objects.append((layout.LINK_TOPIC, layout.link_json(self._order, item)))
            case Annotation():
                self._objects.append((layout.ANNOTATIONS_TOPIC, layout.annotation_json(self._order, item)))
        self._order += 1

    def _write_chunk(self) -> None:
        try:
            for sensor, packets in self._packets.items():
                self._message(layout.raw_topic(sensor), layout.pack_packets(packets))
            for sensor, blocks in self._blocks.items():
                self._message(layout.imu_topic(sensor), layout.pack_imu(blocks))
            if self._posture:
                self._message(layout.POSTURE_TOPIC, layout.pack_posture(join_posture(self._posture)))
            for topic, made in self._objects:
                self._message(topic, layout.to_json(made))
            self._writer.flush()  # type: ignore[no-untyped-call]
        except OSError as failure:
            self._give_up(failure)
        self._packets.clear()
        self._blocks.clear()
        self._posture.clear()
        self._objects.clear()
        self._chunk += 1
        self._flushed_s = None if self._flushed_s is None else self._now_s

    def _message(self, topic: str, data: bytes) -> None:
        if topic not in self._channels:
            self._channels[topic] = self._register(topic)
        at_ns = max(0, round(self._now_s * 1e9))
        self._writer.add_message(self._channels[topic], at_ns, data, at_ns, self._chunk)

    def _register(self, topic: str) -> int:
        kind = topic.rsplit("/", 1)[-1]
        name, schema_encoding, text, encoding = _SCHEMAS.get(kind, _JSON)
        if name not in self._schemas:
            self._schemas[name] = self._writer.register_schema(name, schema_encoding, text.encode())
        return self._writer.register_channel(topic, encoding, self._schemas[name])

    def _give_up(self, failure: OSError) -> None:
        """Let go of the file, which keeps what was written before, and say why."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(OSError):  # closing tries to write the rest once more
                stream.close()
        raise RecordingError(f"{_why(self.path, failure)}; what was recorded before is kept") from failure


_JSON = ("lumbar.object", "jsonschema", '{"type": "object"}', "json")
_SCHEMAS = {
    "imu": ("lumbar.imu", "text", layout.IMU_SCHEMA, "lumbar.imu"),
    "raw": ("lumbar.raw", "text", layout.RAW_SCHEMA, "lumbar.raw"),
    "posture": ("lumbar.posture", "text", layout.POSTURE_SCHEMA, "lumbar.posture"),
}


def write_recording(path: Path, info: SessionInfo, items: Iterable[SourceItem]) -> None:
    """Write a whole session at once; on any failure nothing is left behind.

    Parameters
    ----------
    path
        The file to write; it must not exist.
    info
        The session's header.
    items
        Everything in order of arrival.

    Raises
    ------
    RecordingError
        The file exists, or cannot be written. What `items` raises goes through.
    """
    if path.exists():
        raise RecordingError(_why(path, FileExistsError()))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    writer = RecordingWriter(part)
    try:
        writer.begin(info)
        for item in items:
            writer.take((item,), Output())
        writer.end()
        part.rename(path)
    except RecordingError as failure:
        part.unlink(missing_ok=True)
        raise RecordingError(str(failure).replace(str(part), str(path))) from failure
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _why(path: Path, failure: OSError) -> str:
    match failure:
        case FileExistsError():
            return f"{path} exists already: choose another name"
        case FileNotFoundError():
            return f"{path}: there is no folder {path.parent}: make it or choose another one"
        case _:
            return f"{path} cannot be written: {(failure.strerror or str(failure)).lower()}"
