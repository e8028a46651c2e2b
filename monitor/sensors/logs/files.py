"""The files of a log: one, those in a folder, or those in a ZIP archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from monitor.model.errors import SensorError

_LARGEST: Final = 2**30
"""Bytes; an hour of a phone's sensors is a twentieth of it."""
_READ: Final = (".csv", ".txt", ".json", ".tsv")


def texts(path: Path) -> dict[str, str]:
    """Return the text files of a log by their name; of archives and folders those of the first level.

    Raises
    ------
    SensorError
        It cannot be read.
    """
    try:
        if path.is_dir():
            found = {file.name: file for file in sorted(path.iterdir()) if file.suffix.lower() in _READ}
            return {name: _decoded(file.read_bytes(), file) for name, file in found.items()}
        if zipfile.is_zipfile(path):
            return _unpacked(path)
        return {path.name: _decoded(path.read_bytes(), path)}
    except zipfile.BadZipFile as failure:
        raise SensorError(f"{path} is a damaged ZIP archive: export the recording again") from failure
    except OSError as failure:
        raise SensorError(f"{path} cannot be read: {(failure.strerror or str(failure)).lower()}") from failure


def _unpacked(path: Path) -> dict[str, str]:
    made = {}
    with zipfile.ZipFile(path) as archive:
        inside = [
            i for i in archive.infolist() if not i.is_dir() and Path(i.filename).suffix.lower() in _READ
        ]
        if sum(i.file_size for i in inside) > _LARGEST:
            raise SensorError(f"{path} unpacks to more than a gigabyte: that is no session")
        depth = min((i.filename.count("/") for i in inside), default=0)
        for info in inside:
            if info.filename.count("/") == depth:
                made[Path(info.filename).name] = _decoded(archive.read(info), path)
    return made


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252")
    except UnicodeDecodeError as failure:
        raise SensorError(f"{path} is not a text file: export the recording as CSV") from failure
