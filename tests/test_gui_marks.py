"""Tags over the curves: none is cut, none strikes out a number, and all that was said has one."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

import numpy as np
from gui_scenes import squat_tuck
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QTransform

from gui.mark_layer import MarkLayer
from gui.marks import SAID
from gui.presenter import Presenter
from gui.view_state import Mark
from monitor.model.events import Cause, Level
from monitor.model.samples import BoolArray
from monitor.model.session import Annotation, Output

pytestmark = pytest.mark.usefixtures("qapp")
PLOT = QRectF(200, 0, 600, 300)
NOW_S, PX_A_S = 15.0, 40.0


def painted(*marks: Mark, frames: int = 1) -> BoolArray:
    """Return which pixels of a sheet, with a plot of 15 s in its middle, the last frame covers."""
    layer = MarkLayer()
    layer.show_marks(marks, [], NOW_S, NOW_S, "")
    for _ in range(frames):
        sheet = QImage(1000, 300, QImage.Format.Format_ARGB32)
        sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sheet)
        layer.draw(painter, QTransform(PX_A_S, 0, 0, 1, PLOT.right(), 0), PLOT)
        painter.end()
    seen: BoolArray = np.frombuffer(sheet.constBits(), np.uint32).reshape(300, 1000) != 0
    return seen


@pytest.mark.parametrize("time_s", [0.1, 1.0, 14.9])
def test_a_tag_at_the_edge_is_not_cut_and_the_number_below_is_not_struck_out(time_s: float) -> None:
    seen = painted(
        Mark(time_s, "tuck", "hips tucked 19°", Cause.IMPROPER_FORM, "likely form", Level.ALERT, 1)
    )
    assert seen.any()
    assert not seen[:, : int(PLOT.left())].any()
    assert not seen[:, int(PLOT.right()) + 1 :].any()
    assert not seen[-15:].any()


def test_all_that_was_said_at_one_moment_is_marked_and_keeps_its_row() -> None:
    presenter = Presenter(squat_tuck().info)
    said = [Annotation(8.0, "red_flag", "leg_weakness"), Annotation(8.0, "pain", 5.0)]
    presenter.take(said, Output())
    marks = presenter.view().marks
    assert [(mark.kind, mark.what) for mark in marks] == [
        (SAID, "new weakness in a leg or foot"),
        (SAID, "pain 5 of 10"),
    ]
    assert painted(*marks).sum() > 1.5 * painted(marks[1]).sum(), "each has a tag of its own"
    assert (painted(*marks) == painted(*marks, frames=2)).all(), "and its own row"
