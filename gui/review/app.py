"""Opens the review window; its composition root."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import cast

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from gui.preferences import Preferences
from gui.review.window import ReviewWindow
from gui.style import FAMILIES
from monitor.engine import EngineOptions

FIRST_SIZE = (1180, 760)
_LOOK_MS = 200
"""How often Python gets a chance to see the signals of a terminal while Qt's loop runs."""


def run_review(first: Path | None = None, options: EngineOptions | None = None) -> int:
    """Show the library, and a recording if one is named, until the window is closed.

    Parameters
    ----------
    first
        Recording to open at once, which need not be in the library; or the folder of another library.
    options
        How sessions are judged where that has to be done here.

    Returns
    -------
    int
        Exit status.
    """
    app = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    app.setApplicationName("lumbar-monitor")
    font = app.font()
    font.setFamilies(FAMILIES)
    app.setFont(font)
    # The look is shared with the live window, size and place are not.
    folder = first if first is not None and first.is_dir() else None
    preferences = Preferences(QSettings("lumbar-monitor", "review"))
    window = ReviewWindow(folder, options=options, preferences=preferences)
    window.setWindowTitle("lumbar review")
    if window.preferences.geometry() is None:
        window.resize(*FIRST_SIZE)
    before = {
        number: signal.signal(number, lambda *_: window.close()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(_LOOK_MS)
    try:
        window.show()
        if first is not None and folder is None:
            window.open(first)
        return app.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
