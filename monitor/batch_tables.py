"""Many analysed recordings as Parquet tables: one of repetitions, one of findings, one of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor import __version__
from monitor.engine import EngineOptions
from monitor.model.errors import MonitorError
from monitor.recording.labels import labels_path
from monitor.reviewed import Reviewed, review

Json = dict[str, Any]

_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
_WHO: Final = {
    "recording": _TEXT,
    "athlete": _TEXT,
    "started_at": _TEXT,
    "sensors": _COUNT,
    "exercise": _TEXT,
    "set": _COUNT,
    "load_kg": _NUMBER,
}
_FIGURES: Final = (
    "start_s",
    "turn_s",
    "end_s",
    "decided_s",
    "eccentric_s",
    "concentric_s",
    "tilt_range_deg",
    "peak_tilt_deg",
    "lean_deg",
    "tuck_deg",
    "peak_flexion_deg",
    "flexion_sigma_deg",
    "peak_extension_deg",
    "side_tilt_deg",
    "twist_deg",
    "smoothness_sparc",
    "depth_m",
    "coverage",
    "sway_deg_s",
    "hips_first_deg",
)
SCHEMAS: Final = {
    "reps": pa.schema(
        _WHO
        | {"index": _COUNT}
        | dict.fromkeys(_FIGURES, _NUMBER)
        | {"lift_off_deg": _NUMBER, "faults": pa.list_(_TEXT), "corrected": pa.bool_()}
    ),
    "findings": pa.schema(
        _WHO
        | {"index": _COUNT, "cause": _TEXT, "confidence": _TEXT, "level": _TEXT, "time_s": _NUMBER}
        | {"decided_s": _NUMBER, "reps": pa.list_(_COUNT), "evidence": pa.list_(_TEXT)}
        | {"rivals": pa.list_(_TEXT), "cue": _TEXT, "verdict": _TEXT}
    ),
    "files": pa.schema(
        {"recording": _TEXT, "index": _COUNT, "stamp": _TEXT, "problem": _TEXT, "warnings": pa.list_(_TEXT)}
        | {"duration_s": _NUMBER, "coverage": _NUMBER, "reps": _COUNT, "findings": _COUNT}
    ),
}
"""The columns of each table; rows are in the order of `recording` and `index`."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """What became of one recording.

    Parameters
    ----------
    recording
        Its path within the folder.
    stamp
        What changes when the file, what was said about it, the settings or the program change.
    problem
        Why there are no rows; empty if all is well.
    """

    recording: str
    stamp: str
    problem: str = ""
    warnings: tuple[str, ...] = ()
    duration_s: float | None = None
    coverage: float | None = None
    reps: tuple[Json, ...] = field(default=(), repr=False)
    findings: tuple[Json, ...] = field(default=(), repr=False)


def stamp(path: Path, options: EngineOptions) -> str:
    """Return what changes when an analysis of `path` would."""
    parts = [__version__, repr(asdict(options))]
    for file in (path, labels_path(path)):
        if file.exists():
            status = file.stat()
            parts.append(f"{status.st_size}@{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def analysed(path: str, recording: str, mark: str, options: EngineOptions) -> FileRows:
    """Return the rows of one recording, or why there are none; never raises for a bad file."""
    try:
        session = review(Path(path), options, anew=True)
    except (MonitorError, OSError) as failure:
        return FileRows(recording, mark, " ".join(str(failure).split()))
    except Exception as failure:  # noqa: BLE001 - one bad file never stops the rest
        return FileRows(recording, mark, f"{type(failure).__name__}: {failure}")
    posture = session.posture
    return FileRows(
        recording,
        mark,
        warnings=session.warnings,
        duration_s=float(posture.t_s[-1] - posture.t_s[0]) if len(posture) else 0.0,
        coverage=float(posture.present.mean()) if len(posture) else None,
        reps=tuple(_reps(recording, session)),
        findings=tuple(_findings(recording, session)),
    )


def _who(recording: str, session: Reviewed, number: int | None) -> Json:
    done: Json = next((s for s in session.of("set") if s["index"] == number), {})
    return {
        "recording": recording,
        "athlete": session.info.athlete,
        "started_at": session.info.started_at,
        "sensors": len(session.info.sensors),
        "exercise": done.get("exercise", session.info.exercise.name),
        "set": number,
        "load_kg": done.get("load_kg"),
    }


def _reps(recording: str, session: Reviewed) -> Iterable[Json]:
    lifted = {lift["rep"]: lift["peak_deg"] for lift in session.of("lift_off")}
    for rep in session.of("rep"):
        yield {
            **_who(recording, session, rep.get("set")),
            "index": rep["index"],
            **{name: rep.get(name) for name in _FIGURES},
            "lift_off_deg": lifted.get(rep["index"]),
            "faults": [fault["kind"] for fault in rep.get("faults", ())],
            "corrected": bool(rep.get("corrected", False)),
        }


def _findings(recording: str, session: Reviewed) -> Iterable[Json]:
    last = {(f["cause"], f.get("set")): f for f in session.of("finding")}
    for index, finding in enumerate(last.values(), 1):
        yield {
            **_who(recording, session, finding.get("set")),
            "index": index,
            **{name: finding[name] for name in ("cause", "confidence", "level", "time_s", "decided_s")},
            **{name: finding[name] for name in ("reps", "evidence", "cue")},
            "rivals": [rival["cause"] for rival in finding.get("rivals", ())],
            "verdict": finding.get("verdict"),
        }


def _tables(rows: Sequence[FileRows]) -> dict[str, pa.Table]:
    files = [
        {
            **{
                name: getattr(row, name)
                for name in ("recording", "stamp", "problem", "duration_s", "coverage")
            },
            "index": 0,
            "warnings": list(row.warnings),
            "reps": len(row.reps),
            "findings": len(row.findings),
        }
        for row in rows
    ]
    made = {
        "reps": [rep for row in rows for rep in row.reps],
        "findings": [finding for row in rows for finding in row.findings],
        "files": files,
    }
    return {name: pa.Table.from_pylist(made[name], schema) for name, schema in SCHEMAS.items()}


class Store:
    """The tables of one output folder, and the parts of a run that is not finished.

    Parameters
    ----------
    folder
        Where; it is made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts = folder / ".parts"
        folder.mkdir(parents=True, exist_ok=True)

    def done(self) -> dict[str, str]:
        """Return the stamps of the recordings that need no new analysis, by name."""
        made: dict[str, str] = {}
        for tables in self._kept():
            for row in tables["files"].select(["recording", "stamp", "problem"]).to_pylist():
                made[row["recording"]] = "" if row["problem"] else row["stamp"]
        return made

    def add(self, rows: Sequence[FileRows]) -> None:
        """Keep the rows of some recordings; whatever happens then, they are not analysed again."""
        if not rows:
            return
        self._parts.mkdir(exist_ok=True)
        number = 1 + max((int(p.name.split(".")[0]) for p in self._parts.glob("*.files.parquet")), default=0)
        for name, table in _tables(rows).items():  # the files' table comes last: without it a part is none
            _write(table, self._parts / f"{number:06d}.{name}.parquet")

    def finish(self, recordings: Iterable[str]) -> dict[str, int]:
        """Lay everything about these recordings together; return the number of rows of each table."""
        wanted = pa.array(sorted(recordings), _TEXT)
        newest: dict[str, list[pa.Table]] = {name: [schema.empty_table()] for name, schema in SCHEMAS.items()}
        later = pa.array([], _TEXT)
        for tables in reversed(self._kept()):
            for name, table in tables.items():
                names = table["recording"]
                newest[name].append(
                    table.filter(pc.and_(pc.is_in(names, wanted), pc.invert(pc.is_in(names, later))))
                )
            later = pa.concat_arrays([later, tables["files"]["recording"].combine_chunks()])
        counts = {}
        for name, parts in newest.items():
            order = [("recording", "ascending"), ("index", "ascending")]
            table = pa.concat_tables(parts).sort_by(order).combine_chunks()
            _write(table, self.folder / f".{name}.parquet.new")
            counts[name] = len(table)
        for name in SCHEMAS:
            (self.folder / f".{name}.parquet.new").replace(self.folder / f"{name}.parquet")
        for part in self._parts.glob("*"):
            part.unlink()
        if self._parts.exists():
            self._parts.rmdir()
        return counts

    def _kept(self) -> list[dict[str, pa.Table]]:
        """Return the tables of the last run and of each part since, oldest first."""
        parts = [files.name.split(".")[0] for files in sorted(self._parts.glob("*.files.parquet"))]
        places = [{name: self.folder / f"{name}.parquet" for name in SCHEMAS}]
        places += [{name: self._parts / f"{part}.{name}.parquet" for name in SCHEMAS} for part in parts]
        return [tables for tables in map(_read, places) if tables is not None]


def _read(places: dict[str, Path]) -> dict[str, pa.Table] | None:
    """Return the three tables of one run; None if one is missing, broken or of another version."""
    try:
        tables = {name: pq.read_table(path) for name, path in places.items()}
    except (FileNotFoundError, pa.ArrowException):
        return None
    return tables if all(tables[name].schema.equals(SCHEMAS[name]) for name in SCHEMAS) else None


def _write(table: pa.Table, path: Path) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table, scratch, compression="zstd")
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
