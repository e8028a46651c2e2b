"""Long names in a small window: nothing leaves its page or sheet to the right."""

# ruff: noqa: E402 - where Qt cannot be loaded the module is skipped before it is imported
from __future__ import annotations

import os
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from gui.availability import why_no_window

_WHY_NOT = why_no_window()
if _WHY_NOT is not None:
    pytest.skip(_WHY_NOT, allow_module_level=True)

from gui_harness import shown
from gui_scenes import deadlift_two_sensors
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from gui.ends import SideStatus
from gui.shortcuts import Action
from monitor.model.session import Output

SIDE = SideStatus(
    "2026-11-22_00-52-07_Maximiliane-Alexandra-von-Hohenberg-Schw_deadlift.mcap",
    1_240_000,
    broker="broker gym-raspberry-pi.training.example.org:8883: connected",
)
DEVICE = "Movesense 0C:8C:DC:43:21:FF, the clip of the gym"


def too_wide(page: QWidget) -> list[QScrollArea]:
    """Return what would have to be scrolled sideways."""
    areas = [area for area in page.findChildren(QScrollArea) if area.isVisible()]
    assert areas
    return [area for area in areas if area.horizontalScrollBar().maximum() > 0]


def test_long_names_of_sensors_files_and_brokers_stay_inside_page_and_sheet(qtbot: QtBot) -> None:
    scene = deadlift_two_sensors()
    window = shown(qtbot, scene, SIDE, page=Action.PREFLIGHT)
    sensors = tuple(replace(sensor, device=DEVICE) for sensor in scene.info.sensors)
    window.presenter.take((), Output(header=replace(scene.info, sensors=sensors)))
    window.resize(1024, 600)
    window.redraw()
    QApplication.processEvents()
    assert DEVICE in window.preflight.shown_text()
    assert too_wide(window.preflight) == []
    window.commands.do(Action.LINKS)
    for _ in range(2):  # the sheet takes its size when its figures are in it
        window.redraw()
        QApplication.processEvents()
    assert window.commands.sheet is not None
    assert too_wide(window.commands.sheet) == []
