"""The direction of the arrows, read off the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [path for room in ("monitor", "calibration", "gui") for path in sorted((ROOT / room).rglob("*.py"))]
PURE = (
    "monitor/model/",
    "monitor/pipeline/",
    "monitor/sensors/profiles/",
    "monitor/sensors/clock",
    "calibration/",
)
PURE_FILES = (
    "monitor/engine.py",
    "monitor/recalibrating.py",
    "monitor/scoring.py",
    *(
        f"monitor/alerts/{name}.py"
        for name in (
            "policy",
            "budget",
            "hearing",
            "repeats",
            "excursion",
            "kinds",
            "cues",
            "flight",
            "standing",
        )
    ),
)
QT_FREE = (
    *(
        f"gui/{name}.py"
        for name in (
            "angle_now",
            "cards",
            "corrections",
            "ends",
            "links",
            "marks",
            "preflight",
            "presenter",
            "ring",
            "rows",
            "set_book",
            "usual",
            "view_state",
            "words",
        )
    ),
    *(
        f"gui/review/{name}.py"
        for name in (
            "acts",
            "compare_presenter",
            "cursor",
            "decimation",
            "history_presenter",
            "keys",
            "library_presenter",
            "lines",
            "review_presenter",
            "session_data",
            "transport",
            "whatif_presenter",
            "words",
        )
    ),
)
IMPURE = {"asyncio", "time", "threading", "pathlib", "logging"}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def top(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PLACES = {place(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_arrows(path: Path) -> None:
    here, names = place(path), imported(path)
    rooms = top(names)
    if here.startswith("calibration/"):
        assert not rooms & {"monitor", "gui"}, "calibration knows nothing of ours"
    if here.startswith("monitor/") and not here.startswith("monitor/cli/"):
        assert "gui" not in rooms, "nobody imports gui but the command line"
    if here.startswith("monitor/model/"):
        assert not {n for n in names if n.startswith("monitor.") and not n.startswith("monitor.model")}
        assert "calibration" not in rooms
    if here.startswith("monitor/pipeline/"):
        strangers = (
            "monitor.sensors",
            "monitor.recording",
            "monitor.alerts",
            "monitor.cli",
            "monitor.session",
        )
        assert not {n for n in names if n.startswith(strangers)}
    if not here.startswith("monitor/cli/") and here != "monitor/__main__.py":
        assert not {n for n in names if n.startswith("monitor.cli")}, "only the command line composes"
    if not here.startswith("monitor/sensors/ble"):
        assert not rooms & {"bleak", "bleak_retry_connector"}, "the radio stays in sensors/ble"
    if here != "monitor/alerts/mqtt.py":
        assert "paho" not in rooms, "paho stays in alerts/mqtt.py"
    if not here.startswith("gui/") or here in QT_FREE:
        assert not rooms & {"PySide6", "pyqtgraph", "shiboken6"}, "Qt stays in gui"
    if here.startswith(PURE) or here in PURE_FILES:
        assert not rooms & IMPURE, "a pure room has no clock, no I/O, no logging"


@pytest.mark.parametrize("here", QT_FREE)
def test_what_is_free_of_qt_asks_nothing_that_is_not(here: str) -> None:
    asked = {f"{name.replace('.', '/')}.py" for name in imported(ROOT / here) if name.startswith("gui.")}
    assert not (asked & PLACES) - {*QT_FREE}


def test_the_rules_name_modules_that_exist() -> None:
    assert {*QT_FREE, *PURE_FILES} <= PLACES


@pytest.mark.parametrize("path", [p for p in MODULES if place(p).startswith("monitor/cli/")], ids=place)
def test_the_command_line_enters_qt_and_radio_lazily(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    eager: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            eager.add(node.module)
        elif isinstance(node, ast.Import):
            eager |= {alias.name for alias in node.names}
    assert not {name for name in eager if name.startswith(("gui", "monitor.sensors.ble"))}
