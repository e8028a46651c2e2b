"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from monitor.model.errors import ConfigError


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, in place of what was there; on any failure nothing is left behind.

    Raises
    ------
    ConfigError
        It cannot be written there; in one line.
    """
    made = _beside(path)
    try:
        with made.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
        made.chmod(0o644)
        made.replace(path)
    except OSError as failure:
        raise _cannot(path, failure) from failure
    finally:
        made.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise ConfigError in one line where a file cannot be written: before the work, not after it."""
    _beside(path).unlink()


def _beside(path: Path) -> Path:
    """Return an empty file in the folder of `path`."""
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}: make it or choose another one")
    if path.is_dir():
        raise ConfigError(f"{path} is a folder: name a file")
    try:
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as failure:
        raise _cannot(path, failure) from failure
    os.close(handle)
    return Path(made)


def _cannot(path: Path, failure: OSError) -> ConfigError:
    return ConfigError(f"{path} cannot be written: {(failure.strerror or str(failure)).lower()}")
