"""Logs of other programs whose format is public: told by their headers, converted to SI units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from monitor.model.errors import SensorError
from monitor.sensors.logs import movesense, phyphox, sensor_logger, witmotion
from monitor.sensors.logs.files import texts
from monitor.sensors.logs.log import Log
from monitor.sensors.logs.table import Table, table

__all__ = ["Log", "read_log"]

PROGRAMS: Final = (phyphox.PROGRAM, sensor_logger.PROGRAM, witmotion.PROGRAM, movesense.PROGRAM)
_TABLES: Final = (phyphox.read, sensor_logger.read, witmotion.read, movesense.read)
_JSON: Final = (movesense.read_json, sensor_logger.read_json)
_OURS: Final = "t_s"
"""The column that every CSV of ours has."""


def read_log(path: Path) -> Log | None:
    """Return a log of another program; None if no program we know wrote it.

    Parameters
    ----------
    path
        A file, a ZIP archive, or the folder it was unpacked to.

    Raises
    ------
    SensorError
        A known program wrote it, but something is missing in it; or it cannot be read.
    """
    files = texts(path)
    for name, text in files.items():
        if name.lower().endswith(".json") or (len(files) == 1 and text.lstrip()[:1] in ("{", "[")):
            found = _from_json(text, str(path))
            if found is not None:
                return found
    tables = {name: made for name, text in files.items() if (made := _table(text, name)) is not None}
    if any(_OURS in made.names for made in tables.values()):
        return None
    found = next((log for log in (read(tables, str(path)) for read in _TABLES) if log is not None), None)
    if found is None and (path.is_dir() or path.suffix.lower() != ".csv"):
        raise SensorError(f"{path} is no log that is known here: {', '.join(PROGRAMS)}, or a CSV of ours")
    return found


def _table(text: str, name: str) -> Table | None:
    # An older WitMotion table says first when it was started.
    return table(text, name, skip=1 if text.lstrip().casefold().startswith("starttime") else 0)


def _from_json(text: str, where: str) -> Log | None:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise SensorError(f"{where} is not JSON: export the recording again ({failure})") from failure
    return next((log for log in (read(made, where) for read in _JSON) if log is not None), None)
