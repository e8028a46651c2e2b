"""Draw the window's states into PNG files: ``python -m gui.screenshots OUT``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from gui.scenes import SCENES, Scene
from gui.style import FAMILIES, Look
from gui.theme import THEMES, Sizes
from gui.view_state import SideStatus
from gui.window import Window

SHAPES = {"1180x760": (1180, 760, 1.0), "1920x1080": (1920, 1080, 1.0), "text200": (1920, 1080, 2.0)}
"""Name to width, height and text scale."""


def picture(scene: Scene, look: Look, size: tuple[int, int], out: Path) -> None:
    """Play `scene` into a window of `size` and write what it shows at the end to `out`."""
    side = SideStatus("2026-11-22-legs.mcap", 1_240_000, broker="localhost:1883")
    window = Window(scene.info, look, side_status=lambda: side)
    window.setWindowTitle("lumbar")
    window.resize(*size)
    window.show()
    window.sink.begin(scene.info)
    for items, output in scene.batches():
        window.sink.take(items, output)
        window.redraw()
    QApplication.processEvents()
    window.redraw()
    QApplication.processEvents()
    window.grab().save(str(out))
    window.close()
    window.deleteLater()


def main() -> None:
    """Draw every scene in every size and theme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scene", action="append", choices=[*SCENES])
    parser.add_argument("--shape", action="append", choices=[*SHAPES])
    parser.add_argument("--theme", action="append", choices=[*THEMES])
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    font = app.font()
    font.setFamilies(FAMILIES)
    app.setFont(font)
    for name in chosen.scene or SCENES:
        for shape in chosen.shape or SHAPES:
            for theme in chosen.theme or THEMES:
                width, height, scale = SHAPES[shape]
                out = chosen.out / f"{name}-{shape}-{theme}.png"
                picture(SCENES[name](), Look(THEMES[theme], Sizes(scale)), (width, height), out)


if __name__ == "__main__":
    main()
