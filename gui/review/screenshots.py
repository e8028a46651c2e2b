"""Draw the pages of the review window into PNG files: ``python -m gui.review.screenshots [OUT]``.

The library is simulated, judged and recorded by the real engine and writer first. The report is drawn
by Chromium, where there is one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui.preferences import Preferences
from gui.review.keys import Do
from gui.review.window import ReviewWindow
from gui.screenshots import SHAPES
from gui.style import FAMILIES, Look
from gui.theme import THEMES, Sizes
from monitor.engine import Engine
from monitor.history import trends
from monitor.model.session import Annotation, Delivery, SessionInfo, SourceItem
from monitor.recording.labels import Labels, Note, Verdict, write_labels
from monitor.recording.writer import RecordingWriter
from monitor.report import report_html
from monitor.reviewed import review
from monitor.sensors.simulated.scenario import SimulatedSession, simulate

KEPT = (
    ("library", "1180x760", "dark"),
    ("library", "1180x760", "light"),
    ("review", "1180x760", "dark"),
    ("review", "1180x760", "light"),
    ("review", "1920x1080", "dark"),
    ("compare", "1180x760", "dark"),
    ("compare", "1920x1080", "light"),
    ("what_if", "1180x760", "dark"),
    ("history", "1180x760", "dark"),
    ("history", "1920x1080", "dark"),
)
"""Page, shape and theme of every picture that is kept."""
_REPORT_PX = (860, 1780)
_PATIENCE_S = 60.0
_FEED_S = 0.2
_PULL, _PRESS = "2026-11-16_deadlift.mcap", "2026-11-20_leg_press.mcap"


@dataclass(frozen=True, slots=True)
class _Past:
    """One session of the library."""

    name: str
    started_at: str
    loads_kg: tuple[float, ...]
    session: Callable[[], SimulatedSession]
    labels: Labels = field(default_factory=Labels)
    pain: float | None = None
    kept: float = 1.0
    """Share of the file that is left, as after a cut."""


def _simulated(
    exercise: str, seed: int, cause: str | None = None, **more: Any
) -> Callable[[], SimulatedSession]:
    return lambda: simulate(exercise, seed=seed, cause=cause, athlete_seed=5, reps=8, **more)


_PULLS: dict[str, Any] = {"sensors": 2, "sets": 3}
LIBRARY = (
    _Past(
        "2026-10-26_deadlift.mcap", "2026-10-26T18:32:00+01:00", (85.0,), _simulated("deadlift", 11, **_PULLS)
    ),
    _Past(
        "2026-11-02_deadlift.mcap", "2026-11-02T18:30:00+01:00", (90.0,), _simulated("deadlift", 2, **_PULLS)
    ),
    _Past(
        "2026-11-09_deadlift.mcap", "2026-11-09T18:21:00+01:00", (95.0,), _simulated("deadlift", 3, **_PULLS)
    ),
    _Past(
        _PULL,
        "2026-11-16T18:40:00+01:00",
        (110.0,),
        _simulated("deadlift", 4, "too_much_weight", **_PULLS),
        Labels(title="Heavy triples", tags=("heavy",), notes=(Note("new belt", 12.0),)),
        pain=2.0,
    ),
    _Past(
        _PRESS,
        "2026-11-20T17:05:00+01:00",
        (120.0, 140.0),
        _simulated("leg_press", 3, "lack_of_spinal_support", sets=2),
        Labels(tags=("machine",), verdicts=(Verdict("lack_of_spinal_support", 1, confirmed=True),)),
    ),
    _Past(
        "2026-11-21_squat.mcap",
        "2026-11-21T09:10:00+01:00",
        (60.0,),
        _simulated("squat", 1, "improper_form", sets=2),
    ),
    _Past(
        "2026-11-22_squat.mcap",
        "2026-11-22T09:41:00+01:00",
        (60.0,),
        _simulated("squat", 7, sets=2),
        kept=0.7,
    ),
)


def make_library(folder: Path) -> None:
    """Record every session of `LIBRARY` into `folder`."""
    for past in LIBRARY:
        path = folder / past.name
        session = past.session()
        info = replace(session.source.info, started_at=past.started_at, loads_kg=past.loads_kg)
        _record(path, info, session, past.pain)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * past.kept)])
        write_labels(path, past.labels)


def _record(path: Path, info: SessionInfo, session: SimulatedSession, pain: float | None) -> None:
    writer, engine = RecordingWriter(path), Engine(info)
    writer.begin(info)
    batch: list[SourceItem] = []
    last_s = 0.0
    for item in session.source.items():
        batch.append(item)
        if isinstance(item, Delivery) and len(item.block) and item.block.t_s[-1] - last_s > _FEED_S:
            last_s = float(item.block.t_s[-1])
            writer.take(tuple(batch), engine.feed(batch))
            batch = []
    if pain is not None:
        batch.append(Annotation(last_s, "pain", pain))
    writer.take(tuple(batch), engine.feed(batch))
    writer.take((), engine.finish())
    writer.end()


def picture(folder: Path, page: str, look: Look, size: tuple[int, int], out: Path) -> None:
    """Show `page` of a window on the library in `folder` and write what it shows to `out`."""
    with tempfile.TemporaryDirectory() as kept:
        preferences = Preferences(QSettings(f"{kept}/window.ini", QSettings.Format.IniFormat))
        preferences.keep_look(look)
        window = ReviewWindow(folder, preferences=preferences)
        window.resize(*size)
        window.show()
        _settle(window)
        _SCENES[page](window, folder)
        _settle(window)
        window.grab().save(str(out))
        window.close()
        window.deleteLater()
        QApplication.processEvents()


def _settle(window: ReviewWindow) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    QApplication.processEvents()
    while window.busy and time.monotonic() < until_s:
        QApplication.processEvents()
        time.sleep(0.005)
    for _ in range(3):
        QApplication.processEvents()


def _open(window: ReviewWindow, path: Path) -> None:
    window.open(path)
    _settle(window)


def _library(window: ReviewWindow, _: Path) -> None:
    window.library.choose(_PULL)


def _review(window: ReviewWindow, folder: Path) -> None:
    _open(window, folder / _PULL)
    shown = window.review.presenter
    if shown is not None:
        shown.choose_rep(7)
        shown.transport = shown.transport.shown(0.0, 60.0).sought(shown.reps[6].turn_s)
    window.review.refresh()


def _compare(window: ReviewWindow, folder: Path) -> None:
    _open(window, folder / _PULL)
    window.show_page(Do.COMPARE)
    _settle(window)
    page = window.studies.compare
    page.channel.setCurrentIndex(page.channel.findText("Lumbar flexion"))
    page.other.setCurrentIndex(next(i for i in range(page.other.count()) if "Nov" in page.other.itemText(i)))
    page.asked.emit()


def _what_if(window: ReviewWindow, folder: Path) -> None:
    _open(window, folder / _PRESS)
    window.show_page(Do.WHAT_IF)
    page = window.studies.what_if
    page.fields["lift_off_caution_deg"].setValue(15)
    page.fields["lift_off_alert_deg"].setValue(18)
    page.run.click()


def _history(window: ReviewWindow, folder: Path) -> None:
    _open(window, folder / _PULL)
    window.show_page(Do.HISTORY)


def report_picture(folder: Path, out: Path) -> None:
    """Write the report on the heavy session and its history to `out`, as a browser shows it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        print("no picture of the report: there is no Chromium on the path", file=sys.stderr)  # noqa: T201
        return
    sessions = [review(folder / past.name) for past in LIBRARY]
    mine = next(session for session in sessions if session.name == Path(_PULL).stem)
    with tempfile.TemporaryDirectory() as kept:
        page = Path(kept) / "report.html"
        page.write_text(report_html([mine], trends(sessions)), encoding="utf-8")
        subprocess.run(  # noqa: S603 - found on the path, told nothing but files of ours
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={kept}/profile",
                f"--window-size={_REPORT_PX[0]},{_REPORT_PX[1]}",
                f"--screenshot={out}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


_SCENES = {
    "library": _library,
    "review": _review,
    "compare": _compare,
    "what_if": _what_if,
    "history": _history,
}


def main() -> None:
    """Record the library, then draw every picture that is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=Path(__file__).parents[1] / "screenshots")
    parser.add_argument("--page", action="append", choices=[*_SCENES, "report"])
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    font = app.font()
    font.setFamilies(FAMILIES)
    app.setFont(font)
    with tempfile.TemporaryDirectory() as made:
        make_library(Path(made))
        for page, shape, theme in KEPT:
            if chosen.page and page not in chosen.page:
                continue
            width, height, scale = SHAPES[shape]
            name = f"review_{page}" if page != "review" else page
            out = chosen.out / f"{name}-{shape}-{theme}.png"
            picture(Path(made), page, Look(THEMES[theme], Sizes(scale)), (width, height), out)
        if not chosen.page or "report" in chosen.page:
            report_picture(Path(made), chosen.out / "report.png")


if __name__ == "__main__":
    main()
