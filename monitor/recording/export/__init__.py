"""Sessions for other programs: CSV, Foxglove's MCAP, BIDS-Motion, OpenSim, XDF."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.model.errors import ConfigError, RecordingError
from monitor.recording.export.bids import write_bids
from monitor.recording.export.csv_tables import write_csv
from monitor.recording.export.data import ExportData, gather
from monitor.recording.export.mcap_json import write_mcap
from monitor.recording.export.opensim import write_sto
from monitor.recording.export.xdf import write_xdf

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMATS", "ExportData", "export", "gather"]

FORMATS = {
    "csv": write_csv,
    "mcap": write_mcap,
    "bids-motion": write_bids,
    "sto": write_sto,
    "xdf": write_xdf,
}


def _no_progress(share: float) -> None:
    """Take no notice."""


def export(
    data: ExportData, kind: str, out: Path, progress: Callable[[float], None] = _no_progress
) -> list[Path]:
    """Write `data` in another program's format; all of it, or nothing.

    Parameters
    ----------
    data
        The session, from `gather`.
    kind
        A key of `FORMATS`.
    out
        The file to write (`bids-motion`: the folder); nothing by that name may exist.
    progress
        Called with the share done, 0 to 1.

    Returns
    -------
    list of Path
        What was written, `out` first.

    Raises
    ------
    ConfigError
        An unknown format.
    RecordingError
        Something by that name exists, or it cannot be written.
    """
    if kind not in FORMATS:
        raise ConfigError(f"unknown format {kind!r}: choose one of {', '.join(FORMATS)}")
    try:
        scratch = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
        try:
            FORMATS[kind](data, scratch / out.name, progress)
            return _moved(scratch, out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except FileNotFoundError as failure:
        raise RecordingError(
            f"{out}: there is no folder {out.parent}: make it or choose another one"
        ) from failure
    except OSError as failure:
        raise RecordingError(
            f"{out} cannot be written: {(failure.strerror or str(failure)).lower()}"
        ) from failure


def _moved(scratch: Path, out: Path) -> list[Path]:
    names = sorted((made.name for made in scratch.iterdir()), key=lambda name: (name != out.name, name))
    for name in names:
        if out.with_name(name).exists():
            raise RecordingError(f"{out.with_name(name)} exists already: choose another name")
    for name in names:
        (scratch / name).rename(out.with_name(name))
    return [out.with_name(name) for name in names]
