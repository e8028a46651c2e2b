"""The command on a real X server, with real key presses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.recording.reader import Recording, open_recording

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None,
        reason="Xvfb and xdotool are not installed (apt-get install xvfb xdotool)",
    ),
]

DEADLINE_S = 40.0
_POLL_S = 0.05


def until(true: Callable[[], bool], running: subprocess.Popen[str], what: str) -> None:
    """Wait until something is true; fail if the process has ended or the time is over."""
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        try:
            running.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            assert time.monotonic() < deadline, what
        else:
            raise AssertionError(f"{what}: the window is gone: {running.communicate()}")


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of its own."""
    heard, said = os.pipe()
    words = ["Xvfb", "-displayfd", str(said), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=(said,), stderr=subprocess.DEVNULL)
    os.close(said)
    with os.fdopen(heard) as line:
        number = line.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


class Keyboard:
    """Real key presses on a display."""

    def __init__(self, display: str) -> None:
        self._env = {**os.environ, "DISPLAY": display}

    def window(self, name: str) -> str:
        """Return the id of the window called so; empty while there is none."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", name],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.split()[-1] if found.stdout.split() else ""

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            subprocess.run(["xdotool", "key", "--clearmodifiers", key], env=self._env, check=True)

    def focus(self, window: str) -> None:
        """Give a window the keyboard; there is no window manager to do it."""
        subprocess.run(["xdotool", "windowfocus", "--sync", window], env=self._env, check=True)


def said(folder: Path) -> list[tuple[str, str | float]]:
    """Return what the recording under way holds of what was said; nothing before it is readable."""
    files = list(folder.glob("*.mcap"))
    if not files or files[0].stat().st_size == 0:
        return []
    kept: Recording = open_recording(files[0])
    return [(a.kind, a.value) for a in kept.annotations]


def test_keys_do_what_the_sheet_says_and_closing_is_clean(display: str, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LUMBAR_RECORDINGS": str(folder)}
    env.pop("WAYLAND_DISPLAY", None)
    words = [sys.executable, "-m", "monitor", "demo", "--record", "--speed", "4"]
    running = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    keyboard, name = Keyboard(display), "a simulated leg day"
    try:
        until(lambda: keyboard.window(name) != "", running, "the window opens")
        keyboard.focus(keyboard.window(name))
        until(lambda: bool(list(folder.glob("*.mcap"))), running, "the recording begins")
        keyboard.press("m", "question", "Escape", "p", "3", "F1", "F2", "t", "ctrl+plus")
        until(lambda: ("pain", 3.0) in said(folder), running, "what was pressed is recorded")
        keyboard.press("l", "8", "5", "Return")
        until(lambda: ("load_kg", 85.0) in said(folder), running, "the load is recorded")
        keyboard.press("ctrl+q")
        told, complained = running.communicate(timeout=DEADLINE_S)
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()
    assert running.returncode == 0, complained
    assert "Traceback" not in complained
    assert "recorded " in told
    assert said(folder) == [("mark", "mark 1"), ("pain", 3.0), ("load_kg", 85.0)]
    assert open_recording(next(folder.glob("*.mcap"))).warnings == ()
