"""What the window remembers from one session to the next."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from gui.style import Look
from gui.theme import DARK, THEMES, Sizes
from monitor.model.exercise import EXERCISES

SCALES = (1.0, 1.25, 1.5, 1.75, 2.0)
"""Text sizes from 100 to 200 %."""
_KEPT_LOADS = 6


class Preferences:
    """A thin, typed face of QSettings; a value that makes no sense reads as the default.

    Parameters
    ----------
    settings
        Where it is kept; None for the user's own place.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._kept = settings or QSettings("lumbar-monitor", "window")

    def look(self) -> Look:
        """Return theme and text size."""
        theme = THEMES.get(str(self._kept.value("theme", DARK.name)), DARK)
        try:
            scale = float(str(self._kept.value("scale", 1.0)))
        except ValueError:
            scale = 1.0
        return Look(theme, Sizes(min(SCALES, key=lambda s: abs(s - scale))))

    def keep_look(self, look: Look) -> None:
        """Keep theme and text size."""
        self._kept.setValue("theme", look.theme.name)
        self._kept.setValue("scale", look.sizes.scale)

    @property
    def calm(self) -> bool:
        """Whether less should move on the screen."""
        return str(self._kept.value("calm", "false")).lower() == "true"

    @calm.setter
    def calm(self, value: bool) -> None:
        self._kept.setValue("calm", "true" if value else "false")

    def geometry(self) -> QByteArray | None:
        """Return size and place of the window; None the first time."""
        held = self._kept.value("geometry")
        return held if isinstance(held, QByteArray) else None

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Keep size and place of the window."""
        self._kept.setValue("geometry", geometry)

    def exercises(self) -> list[str]:
        """Return every exercise, the last used first."""
        used = [name for name in self._list("exercises") if name in EXERCISES]
        return [*used, *(name for name in EXERCISES if name not in used)]

    def keep_exercise(self, name: str) -> None:
        """Put an exercise in front."""
        self._kept.setValue("exercises", [name, *(n for n in self._list("exercises") if n != name)])

    def loads_kg(self, exercise: str) -> list[float]:
        """Return the last loads of an exercise in kg, the newest first."""
        made = []
        for text in self._list(f"loads/{exercise}"):
            try:
                made.append(float(text))
            except ValueError:
                continue
        return made

    def keep_load(self, exercise: str, load_kg: float) -> None:
        """Put a load in front."""
        loads = [load_kg, *(kg for kg in self.loads_kg(exercise) if kg != load_kg)][:_KEPT_LOADS]
        self._kept.setValue(f"loads/{exercise}", [f"{kg:g}" for kg in loads])

    def _list(self, key: str) -> list[str]:
        held = self._kept.value(key, [])
        if isinstance(held, str):
            return [held]
        return [str(item) for item in held] if isinstance(held, list) else []
