"""What the review window shows in a small window: nothing is cut, no column is left without room."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from PySide6.QtCore import QRectF, QSettings, Qt
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from review_sessions import put

from gui.preferences import Preferences
from gui.review.history_presenter import COLUMNS
from gui.review.keys import Do
from gui.review.lines import Moment
from gui.review.plot_layers import SpanLayer
from gui.review.reps_panel import COLUMNS as REPS
from gui.review.table import TextTable
from gui.review.window import ReviewWindow
from gui.style import Look, style_sheet
from monitor.model.events import Level

DEADLINE_MS = 20_000


def test_a_long_text_goes_on_in_the_next_line_however_narrow_the_table_becomes(qtbot: QtBot) -> None:
    table = TextTable(Look(), ("Figure", "Now"), ("", "00°"), stretch=0, wraps=True)
    qtbot.addWidget(table)
    table.setStyleSheet(style_sheet(Look()))
    table.show_rows([("Tuck at the turn", "1°"), ("Forward tilt added as the hips rise", "−20°")])
    table.resize(420, 300)
    table.show()
    heights = []
    for width in (420, 190):
        table.resize(width, 300)
        QApplication.processEvents()
        heights.append((table.rowHeight(0), table.rowHeight(1)))
    line = table.fontMetrics().height()
    assert heights[0][1] == heights[0][0]
    assert heights[1][1] >= 3 * line, "three lines of it"
    assert heights[1][0] < 3 * line


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[ReviewWindow]:
    """A small window on a library of one session."""
    put(tmp_path / "library", "2026-11-20_me_leg_press", "press")
    kept = Preferences(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    made = ReviewWindow(tmp_path / "library", preferences=kept)
    qtbot.addWidget(made)
    made.resize(1024, 600)
    made.show()
    settle(qtbot, made)
    yield made
    made.close()


def settle(qtbot: QtBot, window: ReviewWindow) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not window.busy, timeout=DEADLINE_MS)
    QApplication.processEvents()


def test_a_small_window_keeps_search_session_and_findings_readable(
    qtbot: QtBot, window: ReviewWindow
) -> None:
    library, history = window.library, window.studies.history
    library.athlete.addItem("Maximiliane-Alexandra von Hohenberg-Schwarzenfels")
    library.athlete.show()
    QApplication.processEvents()
    assert library.search.width() >= 160
    assert library.athlete.width() <= 200
    assert library.detail.width() >= 300
    window.show_page(Do.HISTORY)
    settle(qtbot, window)
    shown = [name for at, name in enumerate(COLUMNS) if not history.table.isColumnHidden(at)]
    assert shown == ["Date", "Load", "Flexion", "Range", "Lift-offs", "Findings"]
    words = history.table.fontMetrics().horizontalAdvance("lack of spinal support")
    assert history.table.columnWidth(COLUMNS.index("Findings")) >= words


def test_in_a_small_window_place_remarks_and_keys_can_be_read(qtbot: QtBot, window: ReviewWindow) -> None:
    window.open(window.librarian.path("2026-11-20_me_leg_press.mcap"))
    settle(qtbot, window)
    review = window.review
    assert review.presenter is not None
    review.presenter.choose_rep(2)
    for width in (1180, 1024, 900):
        window.resize(width, 600)
        review.refresh()
        QApplication.processEvents()
        shown = [part for part in review.bar.findChildren(QWidget) if part.isVisible()]
        across = sorted((part.geometry().left(), part.geometry().right()) for part in shown)
        assert all(one[1] < then[0] for one, then in pairwise(across)), "nothing lies over another"
        assert across[-1][1] <= review.bar.width()
        table = review.reps.table
        words = table.fontMetrics().horizontalAdvance("lift-off 18°") + 2 * Look().sizes.small
        assert table.columnWidth(REPS.index("Noticed")) >= words
        window.do(Do.HELP)
        QApplication.processEvents()
        assert window.sheet is not None
        area = window.sheet.findChild(QScrollArea)
        assert area is not None
        assert area.horizontalScrollBar().maximum() == 0
        window.do(Do.HELP)


@pytest.mark.usefixtures("qapp")
def test_a_short_gap_does_not_take_the_place_of_what_was_noticed() -> None:
    tuck = Moment(2.5, 2.5, "fault", "hips tucked 19°", Level.ALERT)

    def drawn(gap: str) -> QImage:
        layer = SpanLayer()
        layer.viewRect = lambda: QRectF(0, 0, 10, 1)  # there is no plot around it
        layer.show_events([], [], [Moment(2.4, 2.6, "gap", gap), tuck], None, None, tagged=True)
        sheet = QImage(600, 200, QImage.Format.Format_ARGB32)
        sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sheet)
        layer.draw(painter, QTransform(60, 0, 0, 1, 0, 0), QRectF(0, 0, 600, 200))
        painter.end()
        return sheet

    assert drawn("lower sensor: nothing received") == drawn("")
