"""Whether a window can open is known before Qt is asked, because Qt would abort the process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gui.availability import why_no_window

_LINUX = sys.platform.startswith("linux")
_HERE = why_no_window() if os.environ.get("QT_QPA_PLATFORM") == "offscreen" else None
needs_qt = pytest.mark.skipif(_HERE is not None, reason=str(_HERE))
needs_linux = pytest.mark.skipif(not _LINUX, reason="screens are found by DISPLAY on Linux only")


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@needs_qt
@needs_linux
def test_without_a_screen_one_line_says_so() -> None:
    assert "add --headless" in (why_no_window() or "")


@needs_qt
def test_offscreen_needs_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert why_no_window() is None


@needs_qt
@needs_linux
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISPLAY", ":987", "DISPLAY=:987 does not answer"),
        ("WAYLAND_DISPLAY", "wayland-987", "Qt cannot open a window here"),
    ],
)
def test_a_screen_that_does_not_answer_is_noticed_before_qt_aborts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    why = why_no_window() or ""
    # Where libraries are missing that is said first, which is right too.
    assert said in why or "apt install" in why
    assert "\n" not in why


@needs_qt
@needs_linux
def test_a_platform_qt_does_not_know_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    monkeypatch.setenv("DISPLAY", ":987")
    assert "nonsense" in (why_no_window() or "")


@pytest.mark.parametrize("missing", ["PySide6", "pyqtgraph"])
def test_a_missing_extra_is_named(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None; from gui.availability import *; print(why_no_window())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'lumbar-monitor[gui]'" in done.stdout


def test_a_missing_library_names_its_package() -> None:
    code = (
        "import sys, gui.availability as a\n"
        "print(a._why_not_loaded('libEGL.so.1: cannot open shared object file'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Qt needs libEGL.so.1: apt install libegl1"


def test_what_needs_no_screen_loads_no_qt() -> None:
    code = (
        "import gui.availability, gui.bridge, gui.preflight, gui.presenter, gui.ring, gui.shortcuts, sys\n"
        "import gui.theme, gui.worker; sys.exit(any(m.startswith('PySide6') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
