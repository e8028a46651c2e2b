"""What every test may rely on: no screen, no user files, and the real recordings where they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep recordings, configuration and outbox of a test out of the user's folders."""
    monkeypatch.setenv("LUMBAR_RECORDINGS", str(tmp_path / "recordings"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("LUMBAR_CONFIG", raising=False)


@pytest.fixture(autouse=True)
def _own_window(tmp_path: Path) -> None:
    """Keep a test with a window away from what the user's own window remembers."""
    core = sys.modules.get("PySide6.QtCore")  # where Qt cannot be loaded there is no window either
    if core is not None:
        settings = core.QSettings
        settings.setPath(settings.Format.NativeFormat, settings.Scope.UserScope, str(tmp_path))


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Return the folder of real recordings, or skip: they are not part of the project."""
    named = os.environ.get("LUMBAR_DATASETS")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "datasets"
    if not folder.is_dir():
        pytest.skip("the real recordings are not here: name their folder in LUMBAR_DATASETS")
    return folder
