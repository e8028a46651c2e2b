"""Whether a window can open here, asked before Qt is loaded: Qt would abort the whole process."""

from __future__ import annotations

import ctypes
import importlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

_EXTRA = "install the window with: pip install 'lumbar-monitor[gui]'"
_NO_SCREEN_NEEDED = {"offscreen", "minimal"}
_PACKAGES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""Shared library to its Debian 12 package; what Qt 6.8 to 6.11 and its xcb plugin load."""
_XCB = [name for name in _PACKAGES if "xcb" in name]
_TRIAL = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
_TRIAL_LIMIT_S = 20.0


def why_no_window() -> str | None:  # noqa: PLR0911 - one return a reason
    """Return None if a window can open, else one line that says what is missing."""
    if find_spec("PySide6") is None or find_spec("pyqtgraph") is None:
        return f"the window needs PySide6 and pyqtgraph: {_EXTRA}"
    for module in ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"):
        try:
            importlib.import_module(module)
        except ImportError as failure:
            return _why_not_loaded(str(failure))
    if not sys.platform.startswith("linux"):
        return None
    asked = os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if asked in _NO_SCREEN_NEEDED:
        return None
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return "no screen here (DISPLAY and WAYLAND_DISPLAY are not set): run on a desktop or add --headless"
    if asked == "xcb" or (not asked and not os.environ.get("WAYLAND_DISPLAY")):
        return _why_no_xcb()
    return _why_trial_fails()


def _why_not_loaded(failure: str) -> str:
    library = failure.split(":", maxsplit=1)[0].strip()
    package = _PACKAGES.get(library)
    if package:
        return f"Qt needs {library}: apt install {package}"
    return f"Qt cannot be loaded ({failure}): {_EXTRA}"


def _why_no_xcb() -> str | None:
    missing = [name for name in _XCB if not _loads(name)]
    packages = sorted({_PACKAGES[name] for name in missing})
    plugin = _xcb_plugin()
    if plugin is None:
        return f"Qt came without its X11 plugin: {_EXTRA}"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as failure:
        if packages:
            return f"Qt's X11 plugin lacks libraries: apt install {' '.join(packages)}"
        return _why_not_loaded(str(failure))
    return _why_no_display()


def _xcb_plugin() -> Path | None:
    import PySide6  # noqa: PLC0415 - after the check that it is there

    path = Path(next(iter(PySide6.__path__))) / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    return path if path.exists() else None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _why_no_display() -> str | None:
    """Open the X display once, as Qt will; Qt would abort where it cannot."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        refused = bool(xcb.xcb_connection_has_error(connection))
    finally:
        xcb.xcb_disconnect(connection)
    if refused:
        shown = os.environ.get("DISPLAY", "")
        return f"the screen DISPLAY={shown} does not answer: run on a desktop or add --headless"
    return None


def _why_trial_fails() -> str | None:
    """Let a child process open Qt on a platform whose needs we cannot list."""
    try:
        trial = subprocess.run(  # noqa: S603 - our own interpreter and a constant
            [sys.executable, "-c", _TRIAL],
            capture_output=True,
            text=True,
            timeout=_TRIAL_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "Qt did not open a window in time: check the desktop session or add --headless"
    if trial.returncode == 0:
        return None
    said = [line.strip() for line in trial.stderr.splitlines() if line.strip()]
    reason = said[0] if said else f"exit status {trial.returncode}"
    return f"Qt cannot open a window here ({reason}): add --headless"
