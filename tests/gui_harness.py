"""What the tests of the window share; imported only where Qt can be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from gui.helm import Helm
from gui.shortcuts import Action
from gui.window import Window

if TYPE_CHECKING:
    from gui_scenes import Scene
    from pytestqt.qtbot import QtBot

    from gui.ends import SideStatus
    from gui.preferences import Preferences

DEADLINE_MS = 10_000

Said = list[tuple[str, str | float]]


def shown(
    qtbot: QtBot,
    scene: Scene,
    side: SideStatus | None = None,
    *,
    preferences: Preferences | None = None,
    said: Said | None = None,
    page: Action = Action.LIVE,
) -> Window:
    """Play a whole scene into a window and show a page of it."""
    window = Window(
        scene.info,
        preferences=preferences,
        helm=Helm(
            say=None if said is None else lambda kind, value: said.append((kind, value)),
            status=None if side is None else lambda: side,
        ),
    )
    qtbot.addWidget(window)
    window.resize(1180, 760)
    window.show()
    window.sink.begin(scene.info)
    for items, output in scene.batches():
        window.sink.take(items, output)
        window.redraw()
    window.show_page(page)
    window.redraw()
    QApplication.processEvents()
    return window
