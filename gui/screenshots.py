"""Draw the window's states into PNG files: ``python -m gui.screenshots [OUT]``.

The sessions are simulated and judged by the real engine, up to the moment of the picture. The
contrast of every ink on every ground is checked first.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui.ends import SideStatus
from gui.helm import Helm
from gui.preferences import Preferences
from gui.shortcuts import Action
from gui.style import FAMILIES, Look
from gui.theme import LEAST_TEXT_CONTRAST, THEMES, Sizes, contrast, text_pairs
from gui.window import Window
from monitor.engine import Engine
from monitor.model.events import Event, Finding, LiftOff, LiftOffStarted, Rep, SetSummary
from monitor.model.samples import LOWER
from monitor.model.session import Annotation, Delivery, LinkStatus, Output, SessionInfo, SourceItem
from monitor.sensors.simulated.guided import calibration
from monitor.sensors.simulated.scenario import SimulatedSession, leg_day, simulate

SHAPES = {
    "1180x760": (1180, 760, 1.0),
    "1920x1080": (1920, 1080, 1.0),
    "1180x760-text200": (1180, 760, 2.0),
    "1920x1080-text200": (1920, 1080, 2.0),
}
"""Name to width, height and text scale."""
KEPT_SCENES = ("preflight", "calibration", "provisional", "lift_off", "not_clear", "sensor_lost", "after_set")
KEPT_SHAPES = ("1180x760", "1920x1080", "1180x760-text200")
"""What is kept beside this script; the others are drawn when asked for."""
FRAME_S = 0.033
_RUNNING = SideStatus(
    "2026-11-22-legs.mcap", 1_240_000, broker="broker localhost:1883: connected", free_bytes=48_000_000_000
)

Batch = tuple[tuple[SourceItem, ...], Output]


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture.

    Parameters
    ----------
    session
        Makes the simulated session.
    until
        True for the event after which the picture is taken.
    later_s
        How long after it.
    loads_kg
        Loads of the sets.
    page
        Page to show; None for the one the window turns to by itself.
    then
        Items that arrive last.
    side
        State of recording and broker.
    act
        What a person does before the picture.
    begin
        What is said at the beginning.
    """

    session: Callable[[], SimulatedSession]
    until: Callable[[Event], bool]
    later_s: float = 0.8
    loads_kg: tuple[float, ...] = (60.0,)
    page: Action | None = Action.LIVE
    then: Callable[[float], tuple[SourceItem, ...]] = lambda _: ()
    side: SideStatus = _RUNNING
    act: Action | None = None
    begin: tuple[Annotation, ...] = ()

    def batches(self) -> Iterator[Batch]:
        """Yield the session up to the picture, a frame at a time."""
        engine = Engine(self.info())
        stop_s = float("inf")
        last_s = 0.0
        batch: list[SourceItem] = [*self.begin]
        for item in self.session().source.items():
            batch.append(item)
            if not isinstance(item, Delivery) or len(item.block) == 0:
                continue
            now_s = float(item.block.t_s[-1])
            if now_s - last_s < FRAME_S:
                continue
            last_s = now_s
            output = engine.feed(batch)
            yield tuple(batch), output
            batch = []
            if stop_s == float("inf") and any(self.until(e) for e in output.events):
                stop_s = now_s + self.later_s
            if now_s >= stop_s:
                break
        yield self.then(last_s), Output()

    def info(self) -> SessionInfo:
        """Return the session's header."""
        return replace(self.session().source.info, loads_kg=self.loads_kg)


def _lost(now_s: float) -> tuple[SourceItem, ...]:
    text = "no data for 2 s, come within 5 m"
    return (LinkStatus(now_s, LOWER, "lost", text),)


def _said(now_s: float) -> tuple[SourceItem, ...]:
    return (Annotation(now_s - 4.0, "pain", 2.0), Annotation(now_s, "snooze_s", 60.0))


_REPORTED = (Annotation(0.0, "red_flag", "saddle_numbness"), Annotation(0.0, "pain", 5.0))


def _never(_: Event) -> bool:
    return False


def _first(kind: type) -> Callable[[Event], bool]:
    return _nth(kind, 1)


def _nth(kind: type, number: int) -> Callable[[Event], bool]:
    seen: list[Event] = []

    def test(event: Event) -> bool:
        if isinstance(event, kind):
            seen.append(event)
        return len(seen) >= number

    return test


def _noticed(event: Event) -> bool:
    return isinstance(event, Rep) and bool(event.faults)


def scenes() -> dict[str, Scene]:
    """Return every picture by its name."""
    press = _session("leg_press", "lack_of_spinal_support", seed=3)
    squat = _session("squat", "improper_form", seed=1)
    pull = _session("deadlift", None, sensors=2, seed=2)
    return {
        "no_sensor": Scene(_silent, _never, page=Action.PREFLIGHT, side=SideStatus(), loads_kg=()),
        "preflight": Scene(_opening(press, 9.0), _never, page=Action.PREFLIGHT),
        "calibration": Scene(
            _opening(_calibrated, 17.0),
            _never,
            page=Action.CALIBRATE,
            begin=(Annotation(0.0, "calibrate", "2026-11-22T18:00:00+00:00"),),
        ),
        "provisional": Scene(_opening(squat, 4.0), _never),
        "lift_off": Scene(press, _nth(LiftOffStarted, 4), 0.3, loads_kg=(120.0,)),
        "not_clear": Scene(squat, _noticed),
        "finding": Scene(squat, _first(Finding), then=_said),
        "two_sensors": Scene(pull, lambda e: isinstance(e, Rep) and e.index == 5, loads_kg=(100.0,)),
        "sensor_lost": Scene(squat, lambda e: isinstance(e, Rep) and e.index == 4, then=_lost),
        "after_set": Scene(press, _first(SetSummary), 6.0, loads_kg=(120.0,), page=None),
        "corrected": Scene(press, _first(SetSummary), 6.0, page=Action.AFTER_SET, act=Action.NO_REP),
        "demo": Scene(
            leg_day,
            _first(LiftOff),
            5.0,
            loads_kg=(),
            side=SideStatus(broker="broker 127.0.0.1:1883: connected"),
        ),
        "links": Scene(pull, lambda e: isinstance(e, Rep) and e.index == 3, act=Action.LINKS),
        "keys": Scene(squat, _first(Rep), act=Action.HELP),
        "pain": Scene(squat, _first(Rep), act=Action.PAIN),
        "reported": Scene(squat, _first(Rep), begin=_REPORTED),
        "exercise": Scene(squat, _first(Rep), act=Action.EXERCISE),
    }


def _session(
    exercise: str, cause: str | None, *, sensors: int = 1, seed: int = 0
) -> Callable[[], SimulatedSession]:
    return lambda: simulate(exercise, cause=cause, sensors=sensors, reps=8, sets=2, seed=seed, rest_s=40)


def _opening(session: Callable[[], SimulatedSession], until_s: float) -> Callable[[], SimulatedSession]:
    def cut() -> SimulatedSession:
        whole = session()
        kept = tuple(p for p in whole.source.packets if p.received_ns < until_s * 1e9)
        return replace(whole, source=replace(whole.source, packets=kept))

    return cut


def _calibrated() -> SimulatedSession:
    whole = simulate("squat", reps=1)
    return replace(whole, source=calibration(1).source)


def _silent() -> SimulatedSession:
    whole = simulate("squat", reps=1)
    return replace(whole, source=replace(whole.source, packets=()))


def picture(scene: Scene, look: Look, size: tuple[int, int], out: Path) -> None:
    """Play `scene` into a window of `size` and write what it shows at the end to `out`."""
    with tempfile.TemporaryDirectory() as folder:
        preferences = Preferences(QSettings(f"{folder}/window.ini", QSettings.Format.IniFormat))
        preferences.keep_look(look)
        info = scene.info()
        window = Window(
            info,
            preferences=preferences,
            helm=Helm(say=lambda *_: None, status=lambda: scene.side, record=lambda: None, folder="legs"),
        )
        window.resize(*size)
        window.show()
        window.sink.begin(info)
        for items, output in scene.batches():
            window.sink.take(items, output)
            window.redraw()
        if scene.page is not None:
            window.show_page(scene.page)
        if scene.act is not None:
            window.commands.do(scene.act)
        for _ in range(3):
            QApplication.processEvents()
            window.redraw()
        QApplication.processEvents()
        window.grab().save(str(out))
        window.close()
        window.deleteLater()
        QApplication.processEvents()


def weak_contrasts() -> list[str]:
    """Return every ink that is too weak on its ground."""
    return [
        f"{theme.name}: {what} {contrast(ink, ground):.2f}"
        for theme in THEMES.values()
        for what, ink, ground in text_pairs(theme)
        if contrast(ink, ground) < LEAST_TEXT_CONTRAST
    ]


def main() -> None:
    """Check contrast, then draw every scene in every size and theme asked for."""
    known = scenes()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=Path(__file__).with_name("screenshots"))
    parser.add_argument("--scene", action="append", choices=[*known])
    parser.add_argument("--shape", action="append", choices=[*SHAPES])
    parser.add_argument("--theme", action="append", choices=[*THEMES])
    chosen = parser.parse_args()
    weak = weak_contrasts()
    if weak:
        sys.exit("contrast under 4.5: " + "; ".join(weak))
    chosen.out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    font = app.font()
    font.setFamilies(FAMILIES)
    app.setFont(font)
    for name in chosen.scene or KEPT_SCENES:
        for shape in chosen.shape or KEPT_SHAPES:
            for theme in chosen.theme or THEMES:
                width, height, scale = SHAPES[shape]
                out = chosen.out / f"{name}-{shape}-{theme}.png"
                # A scene may keep count of what it has seen: each picture gets a fresh one.
                picture(scenes()[name], Look(THEMES[theme], Sizes(scale)), (width, height), out)
    if not (chosen.scene or chosen.shape or chosen.theme):
        width, height, scale = SHAPES[KEPT_SHAPES[0]]
        picture(known["demo"], Look(), (width, height), chosen.out / "demo.png")


if __name__ == "__main__":
    main()
