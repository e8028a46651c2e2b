"""XDF: one stream a sensor, angles and markers, on one clock.

Written after the XDF 1.0 specification (github.com/sccn/xdf, wiki/Specifications).
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np

from monitor.recording.export.data import IMU_NAMES, degrees_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.model.samples import FloatArray
    from monitor.recording.export.data import ExportData

_FILE_HEADER, _STREAM_HEADER, _SAMPLES, _CLOCK_OFFSET, _STREAM_FOOTER = 1, 2, 3, 4, 6
_SAMPLES_AT_ONCE = 1000
_ANGLE_UNITS = {"twist_rate_dps": "deg/s"}


def write_xdf(data: ExportData, out: Path, progress: Callable[[float], None]) -> None:
    """Write samples, angles and markers to `out`; times are session times in s."""
    with out.open("wb") as file:
        file.write(b"XDF:")
        _chunk(file, _FILE_HEADER, _xml({"version": "1.0"}))
        for number, (sensor, block) in enumerate(data.imu.items(), 1):
            table = np.column_stack([block.acc_ms2, block.gyr_rads])
            units = ["m/s^2"] * 3 + ["rad/s"] * 3
            about = _about(f"{sensor} back sensor", "IMU", data.rate_hz(sensor), "double64")
            channels = [(name, unit, name[:3].upper()) for name, unit in zip(IMU_NAMES, units, strict=True)]
            _numbers(file, number, about, channels, block.t_s, table)
            progress(number / (len(data.imu) + 2))
        if len(data.posture):
            angles = degrees_of(data.posture)
            about = _about("posture", "Posture", 100.0, "double64")
            channels = [(name, _ANGLE_UNITS.get(name, "deg"), "Angle") for name in angles]
            table = np.column_stack(list(angles.values()))
            _numbers(file, len(data.imu) + 1, about, channels, data.posture.t_s, table)
        _markers(file, len(data.imu) + 2, data)
    progress(1.0)


def _about(name: str, kind: str, rate_hz: float, channel_format: str) -> dict[str, str]:
    return {"name": name, "type": kind, "nominal_srate": repr(rate_hz), "channel_format": channel_format}


def _numbers(
    file: IO[bytes],
    stream: int,
    about: dict[str, str],
    channels: Sequence[tuple[str, str, str]],
    t_s: FloatArray,
    table: FloatArray,
) -> None:
    _header(file, stream, about, channels, t_s)
    sample = np.dtype([("time_bytes", "u1"), ("t_s", "<f8"), ("values", "<f8", (table.shape[1],))])
    for start in range(0, len(t_s), _SAMPLES_AT_ONCE):
        part = slice(start, start + _SAMPLES_AT_ONCE)
        rows = np.empty(len(t_s[part]), sample)
        rows["time_bytes"], rows["t_s"], rows["values"] = 8, t_s[part], table[part]
        _chunk(file, _SAMPLES, struct.pack("<IBI", stream, 4, len(rows)) + rows.tobytes())
    _footer(file, stream, t_s)


def _markers(file: IO[bytes], stream: int, data: ExportData) -> None:
    happenings = data.happenings()
    t_s = np.array([h.start_s for h in happenings])
    about = _about("events", "Markers", 0.0, "string")
    _header(file, stream, about, [("event", "", "Marker")], t_s)
    rows = bytearray()
    for h in happenings:
        text = f"{h.kind}: {h.text}".encode()
        rows += struct.pack("<Bd", 8, h.start_s) + struct.pack("<BI", 4, len(text)) + text
    if happenings:
        _chunk(file, _SAMPLES, struct.pack("<IBI", stream, 4, len(happenings)) + bytes(rows))
    _footer(file, stream, t_s)


def _header(
    file: IO[bytes],
    stream: int,
    about: dict[str, str],
    channels: Sequence[tuple[str, str, str]],
    t_s: FloatArray,
) -> None:
    created = {"created_at": repr(float(t_s[0])) if len(t_s) else "0"}
    root = _tree({**about, "channel_count": str(len(channels)), **created})
    listed = ET.SubElement(ET.SubElement(root, "desc"), "channels")
    for label, unit, kind in channels:
        channel = ET.SubElement(listed, "channel")
        for name, value in (("label", label), ("unit", unit), ("type", kind)):
            ET.SubElement(channel, name).text = value
    _chunk(
        file,
        _STREAM_HEADER,
        struct.pack("<I", stream) + ET.tostring(root, xml_declaration=True, encoding="utf-8"),
    )
    for at_s in (t_s[0], t_s[-1]) if len(t_s) else ():  # all streams share one clock
        _chunk(file, _CLOCK_OFFSET, struct.pack("<Idd", stream, at_s, 0.0))


def _footer(file: IO[bytes], stream: int, t_s: FloatArray) -> None:
    first, last = (float(t_s[0]), float(t_s[-1])) if len(t_s) else (0.0, 0.0)
    ends = {"first_timestamp": repr(first), "last_timestamp": repr(last), "sample_count": str(len(t_s))}
    _chunk(file, _STREAM_FOOTER, struct.pack("<I", stream) + _xml(ends))


def _tree(fields: dict[str, str]) -> ET.Element:
    root = ET.Element("info")
    for name, value in fields.items():
        ET.SubElement(root, name).text = value
    return root


def _xml(fields: dict[str, str]) -> bytes:
    made: bytes = ET.tostring(_tree(fields), xml_declaration=True, encoding="utf-8")
    return made


def _chunk(file: IO[bytes], tag: int, content: bytes) -> None:
    file.write(struct.pack("<BIH", 4, len(content) + 2, tag) + content)
