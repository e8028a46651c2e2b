"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from monitor.model.errors import ConfigError


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, in place of what was there; on any failure nothing is left behind."""
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}: make it or choose another one")
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        Path(made).chmod(0o644)
        Path(made).replace(path)
    except OSError:
        Path(made).unlink(missing_ok=True)
        raise
