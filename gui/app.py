"""Opens the window and runs a session behind it; the dashboard's composition root."""

from __future__ import annotations

import signal
import sys
from typing import cast

from PySide6.QtWidgets import QApplication

from gui.behind import Behind
from gui.helm import Helm
from gui.preferences import Preferences
from gui.style import FAMILIES
from gui.window import Window
from monitor.model.session import SessionInfo
from monitor.pipeline.settings import PipelineSettings

FIRST_SIZE = (1180, 760)
"""Size of the first window; later ones open as the last was closed."""

HAND_OVER_S = 0.0005
"""How long a thread of the session waits at most for the window to let it go on. Python's own 5 ms, at every
step of an alert on its way out, made up a third of its slowest hundredth on a busy machine."""


def run_window(
    behind: Behind,
    *,
    info: SessionInfo,
    title: str,
    close_when_done: bool = False,
    settings: PipelineSettings | None = None,
    helm: Helm | None = None,
    preferences: Preferences | None = None,
) -> int:
    """Show a session until its window is closed.

    Parameters
    ----------
    behind
        The session; it is begun here if it has not begun.
    info
        What is known of the session so far; its own header replaces it.
    title
        Title of the window.
    close_when_done
        Close the window when the session ends by itself.
    settings
        Limits the session is judged by; drawn where they apply.
    helm
        What the session can be asked for.
    preferences
        What is remembered of the last window; None for the user's own.

    Returns
    -------
    int
        Exit status: 0, or 1 if the session failed.
    """
    app = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    app.setApplicationName("lumbar-monitor")
    font = app.font()
    font.setFamilies(FAMILIES)
    app.setFont(font)
    window = Window(
        info,
        settings=settings,
        preferences=preferences,
        helm=helm,
        sink=behind.sink,
    )
    window.setWindowTitle(title)
    window.close_when_done = close_when_done
    if window.preferences.geometry() is None:
        window.resize(*FIRST_SIZE)
    worker = behind.worker
    # The redraw timer lets Python see the signals of a terminal while Qt's loop runs.
    before = {number: signal.signal(number, lambda *_: window.close()) for number in _STOP_SIGNALS}
    switched_s = sys.getswitchinterval()
    sys.setswitchinterval(HAND_OVER_S)
    try:
        window.show()
        window.start(worker)
        app.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        worker.finish()
        sys.setswitchinterval(switched_s)
    return 0 if worker.failure is None else 1


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
