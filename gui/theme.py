"""Colours and sizes, dark and light; no Qt, so that contrast can be checked as plain numbers.

Accents come from the colour-blind-safe set of Okabe and Ito (2008), lightened on dark and
darkened on light until text in them reaches a contrast of 4.5 to 1. Colour never stands alone:
shape, position and words say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST_TEXT_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, each as ``#rrggbb``.

    Parameters
    ----------
    page, panel, raised
        Backgrounds from back to front.
    line
        Borders and grid.
    text, soft
        Text and secondary text.
    tilt, flexion
        The two angles.
    usual, caution, alert
        Inside the usual range, near a limit, past it.
    focus
        Keyboard focus and chosen things.
    """

    name: str
    page: str
    panel: str
    raised: str
    line: str
    text: str
    soft: str
    tilt: str
    flexion: str
    usual: str
    caution: str
    alert: str
    focus: str


DARK = Theme(
    name="dark",
    page="#0e1318",
    panel="#161d24",
    raised="#202a33",
    line="#33414d",
    text="#eef3f6",
    soft="#a3b3bf",
    tilt="#56b4e9",
    flexion="#e6a3c8",
    usual="#2fbf95",
    caution="#f0c43c",
    alert="#ff7f3f",
    focus="#56b4e9",
)
LIGHT = Theme(
    name="light",
    page="#eef1f4",
    panel="#ffffff",
    raised="#e9edf1",
    line="#c3cdd5",
    text="#10181f",
    soft="#4b5a66",
    tilt="#005f96",
    flexion="#93386a",
    usual="#006a4e",
    caution="#7a5600",
    alert="#a83c00",
    focus="#005f96",
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pixel sizes at one text scale.

    Parameters
    ----------
    scale
        1.0 to 2.0.
    """

    scale: float = 1.0

    @property
    def small(self) -> int:
        """Secondary text."""
        return round(12 * self.scale)

    @property
    def body(self) -> int:
        """Running text."""
        return round(14 * self.scale)

    @property
    def title(self) -> int:
        """A card's title."""
        return round(19 * self.scale)

    @property
    def count(self) -> int:
        """Repetitions and rest: large from the start, so they grow slower than text."""
        return round(26 + 18 * self.scale)

    @property
    def step(self) -> int:
        """The one thing to do next; large from the start as well."""
        return round(14 + 14 * self.scale)

    @property
    def gap(self) -> int:
        """Space between panels; grows slower than text."""
        return round(8 + 4 * self.scale)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2 relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_pairs(theme: Theme) -> list[tuple[str, str, str]]:
    """Return (what, ink, ground) of every text the window draws in `theme`."""
    inks = ("text", "soft", "tilt", "flexion", "usual", "caution", "alert")
    grounds = ("page", "panel", "raised")
    return [
        (f"{ink} on {ground}", getattr(theme, ink), getattr(theme, ground))
        for ink in inks
        for ground in grounds
    ]


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
