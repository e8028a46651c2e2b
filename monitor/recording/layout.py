"""What stands in a recording: topics, the header, and the bytes of every message.

The batched messages are little-endian and packed, so that any language reads them in a few
lines; recordings/README.md describes them for readers of the files. Every item of a session
(delivery, link status, annotation) carries its `order`, counted from 0 in order of arrival:
sorting by it gives back the session exactly as the pipeline saw it.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from monitor.model.exercise import exercise
from monitor.model.samples import FloatArray, ImuBlock, PostureBlock, RawPacket, SensorInfo
from monitor.model.session import Annotation, LinkStatus, SessionInfo

Json = dict[str, Any]

FORMAT = "lumbar.recording"
VERSION = 1
METADATA = "lumbar"
"""Name of the metadata record that holds the header."""

POSTURE_TOPIC = "/posture"
EVENTS_TOPIC = "/events"
LINK_TOPIC = "/link"
ANNOTATIONS_TOPIC = "/annotations"
PROFILES_TOPIC = "/profiles"


def imu_topic(sensor: str) -> str:
    """Return the topic of the decoded samples of `sensor`."""
    return f"/{sensor}/imu"


def raw_topic(sensor: str) -> str:
    """Return the topic of the raw notifications of `sensor`."""
    return f"/{sensor}/raw"


IMU_COLUMNS = ("t_s", "acc_x_ms2", "acc_y_ms2", "acc_z_ms2", "gyr_x_rads", "gyr_y_rads", "gyr_z_rads")
POSTURE_COLUMNS = (
    "t_s",
    "pelvic_tilt_rad",
    "pelvic_tilt_sigma_rad",
    "side_tilt_rad",
    "twist_rate_rads",
    "lumbar_flexion_rad",
    "lumbar_flexion_sigma_rad",
    "lower_up_x",
    "lower_up_y",
    "lower_up_z",
    "upper_up_x",
    "upper_up_y",
    "upper_up_z",
    "upper_tilt_rad",
    "present",
)

IMU_SCHEMA = f"""Samples of one sensor, little-endian, packed.
uint32 blocks, uint32 rows
blocks x {{uint64 order, uint32 rows, uint32 lost_before}}
{len(IMU_COLUMNS)} columns of `rows` float64, one column after the other: {", ".join(IMU_COLUMNS)}
A block is what arrived at once; lost_before counts the samples known to be lost before its first row.
t_s is session time from the device's clock; acc is specific force (+9.81 up at rest); sensor frame.
"""
RAW_SCHEMA = """Notifications of one sensor as they came over the air, little-endian, one after the other:
{uint64 order, int64 received_ns, uint16 c, uint16 n, c bytes characteristic UUID (UTF-8), n bytes payload}
received_ns is the host's monotonic clock; order names the block of the IMU channel decoded from it.
"""
POSTURE_SCHEMA = f"""Angles on a uniform grid, little-endian, packed.
{len(POSTURE_COLUMNS)} columns of float64 and equal length, one after the other: {", ".join(POSTURE_COLUMNS)}
NaN is unknown; present is 1 where the lower sensor delivered and 0 where a gap was bridged.
"""

_COUNTS = struct.Struct("<II")
_BLOCK = np.dtype([("order", "<u8"), ("rows", "<u4"), ("lost_before", "<u4")])
_PACKET = struct.Struct("<QqHH")
_FLOAT = np.dtype("<f8")


def pack_imu(blocks: Sequence[tuple[int, ImuBlock]]) -> bytes:
    """Return the blocks of one sensor, each with its order, as one message."""
    table = np.array([(order, len(b), b.lost_before) for order, b in blocks], dtype=_BLOCK)
    columns = np.concatenate(
        [np.column_stack([b.t_s, b.acc_ms2, b.gyr_rads]) for _, b in blocks], dtype=_FLOAT
    )
    head = _COUNTS.pack(len(blocks), len(columns))
    return head + table.tobytes() + np.ascontiguousarray(columns.T).tobytes()


def imu_parts(data: bytes) -> tuple[np.ndarray[Any, np.dtype[np.void]], FloatArray]:
    """Return the table of blocks (B,) and the columns (7, rows); ValueError or struct.error if malformed."""
    blocks, rows = _COUNTS.unpack_from(data)
    table = np.frombuffer(data, _BLOCK, blocks, _COUNTS.size)
    columns = _columns(data[_COUNTS.size + table.nbytes :], len(IMU_COLUMNS))
    if int(table["rows"].sum()) != rows or columns.shape[1] != rows:
        raise ValueError("blocks and rows do not add up")
    return table, columns


def unpack_imu(data: bytes, sensor: str) -> Iterator[tuple[int, ImuBlock]]:
    """Yield the blocks of one message, each with its order; ValueError or struct.error if malformed."""
    table, columns = imu_parts(data)
    t_s, acc, gyr = columns[0], columns[1:4].T.copy(), columns[4:7].T.copy()
    start = 0
    for order, count, lost in table.tolist():
        part = slice(start, start + count)
        yield order, ImuBlock(t_s[part], acc[part], gyr[part], sensor, lost)
        start += count


def pack_packets(packets: Iterable[tuple[int, RawPacket]]) -> bytes:
    """Return the notifications of one sensor, each with the order of its delivery, as one message."""
    made = bytearray()
    for order, packet in packets:
        name = packet.characteristic.encode()
        made += _PACKET.pack(order, packet.received_ns, len(name), len(packet.payload))
        made += name + packet.payload
    return bytes(made)


def unpack_packets(data: bytes, sensor: str) -> Iterator[tuple[int, RawPacket]]:
    """Yield the notifications of a message, each with its order; ValueError or struct.error if malformed."""
    at = 0
    while at < len(data):
        order, received_ns, c, n = _PACKET.unpack_from(data, at)
        at += _PACKET.size
        if at + c + n > len(data):
            raise ValueError("a notification is cut short")
        yield order, RawPacket(received_ns, sensor, data[at : at + c].decode(), data[at + c : at + c + n])
        at += c + n


def pack_posture(block: PostureBlock) -> bytes:
    """Return the rows of `block` as one message."""
    columns = np.vstack(
        [
            block.t_s,
            block.pelvic_tilt_rad,
            block.pelvic_tilt_sigma_rad,
            block.side_tilt_rad,
            block.twist_rate_rads,
            block.lumbar_flexion_rad,
            block.lumbar_flexion_sigma_rad,
            block.lower_up.T,
            block.upper_up.T,
            block.upper_tilt_rad,
            block.present,
        ],
        dtype=_FLOAT,
    )
    return columns.tobytes()


def unpack_posture(data: bytes) -> PostureBlock:
    """Return the rows of one message; ValueError if malformed."""
    c = _columns(data, len(POSTURE_COLUMNS))
    return PostureBlock(
        t_s=c[0],
        pelvic_tilt_rad=c[1],
        pelvic_tilt_sigma_rad=c[2],
        side_tilt_rad=c[3],
        twist_rate_rads=c[4],
        lumbar_flexion_rad=c[5],
        lumbar_flexion_sigma_rad=c[6],
        lower_up=c[7:10].T.copy(),
        upper_up=c[10:13].T.copy(),
        upper_tilt_rad=c[13],
        present=c[14] != 0,
    )


def _columns(data: bytes, count: int) -> FloatArray:
    """Return (count, rows) float64 of this machine, writeable as the filters want it."""
    return np.frombuffer(data, _FLOAT).reshape(count, -1).astype(np.float64)


def to_json(value: Mapping[str, Any]) -> bytes:
    """Return `value` as JSON; what JSON has no number for becomes null."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def link_json(order: int, link: LinkStatus) -> Json:
    """Return the link channel's object."""
    return {"order": order, **asdict(link)}


def link_from(made: Json) -> tuple[int, LinkStatus]:
    """Return what `link_json` was given; KeyError or TypeError if malformed."""
    return made.pop("order"), LinkStatus(**made)


def annotation_json(order: int, annotation: Annotation) -> Json:
    """Return the annotation channel's object."""
    return {"order": order, **asdict(annotation)}


def annotation_from(made: Json) -> tuple[int, Annotation]:
    """Return what `annotation_json` was given; KeyError or TypeError if malformed."""
    return made.pop("order"), Annotation(**made)


def info_json(info: SessionInfo) -> Json:
    """Return the session's header."""
    return {
        "exercise": info.exercise.name,
        "sensors": [asdict(sensor) for sensor in info.sensors],
        "athlete": info.athlete,
        "loads_kg": list(info.loads_kg),
        "started_at": info.started_at,
        "session_id": info.session_id,
        "profile": info.profile,
        "baselines": info.baselines,
    }


def info_from(made: Json) -> SessionInfo:
    """Return what `info_json` was given; KeyError, TypeError or ConfigError if malformed."""
    return SessionInfo(
        exercise=exercise(made["exercise"]),
        sensors=tuple(SensorInfo(**sensor) for sensor in made["sensors"]),
        athlete=made["athlete"],
        loads_kg=tuple(made["loads_kg"]),
        started_at=made["started_at"],
        session_id=made["session_id"],
        profile=str(made.get("profile", "")),  # recordings of before 2026-11-22 have neither
        baselines=str(made.get("baselines", "")),
    )
