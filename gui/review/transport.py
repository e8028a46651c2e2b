"""Where in a session we are, what part is in view and how fast it plays. Pure: time is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
SHORTEST_S = 0.5
"""Least stretch in view."""
FIRST_VIEW_S = 60.0
"""About one set: what is in view when a session opens."""
STEPS_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
"""What an arrow key may move the cursor by."""
_PAGE_LEAD = 0.05
"""A page that is turned begins this share before the cursor, so that where we came from shows."""


@dataclass(frozen=True, slots=True)
class Transport:
    """Cursor, view and playback of one session; every change makes a new one.

    Parameters
    ----------
    end_s
        Length of the session.
    now_s
        The cursor.
    view_s
        Stretch in view.
    playing
        Whether the cursor moves by itself.
    speed
        One of `SPEEDS`.
    loop_s
        Stretch that repeats; None plays on to the end.
    step_s
        What one step moves the cursor by.
    """

    end_s: float
    now_s: float = 0.0
    view_s: tuple[float, float] = (0.0, FIRST_VIEW_S)
    playing: bool = False
    speed: float = 1.0
    loop_s: tuple[float, float] | None = None
    step_s: float = 0.1

    @classmethod
    def over(cls, end_s: float) -> Transport:
        """Return the beginning of a session of `end_s` seconds."""
        end_s = max(end_s, SHORTEST_S)
        return cls(end_s, view_s=(0.0, min(FIRST_VIEW_S, end_s)))

    @property
    def width_s(self) -> float:
        """Length of the stretch in view."""
        return self.view_s[1] - self.view_s[0]

    def advanced(self, elapsed_s: float) -> Transport:
        """Return where playback is `elapsed_s` of real time later; a full page is turned, not scrolled."""
        if not self.playing:
            return self
        now_s = self.now_s + max(0.0, elapsed_s) * self.speed
        if self.loop_s is not None:
            start_s, stop_s = self.loop_s
            if now_s >= stop_s or now_s < start_s:
                now_s = start_s + max(0.0, now_s - stop_s) % (stop_s - start_s)
        elif now_s >= self.end_s:
            return replace(self, now_s=self.end_s, playing=False).followed()
        return replace(self, now_s=now_s).followed()

    def sought(self, now_s: float) -> Transport:
        """Return the cursor at `now_s`, in view."""
        return replace(self, now_s=min(max(0.0, now_s), self.end_s)).followed()

    def stepped(self, steps: int) -> Transport:
        """Return the cursor some steps on."""
        return replace(self, playing=False).sought(self.now_s + steps * self.step_s)

    def toggled(self) -> Transport:
        """Return it playing or paused; at the end it begins again."""
        if self.playing:
            return replace(self, playing=False)
        start_s = self.loop_s[0] if self.loop_s else 0.0
        again = self.now_s >= self.end_s
        return replace(self.sought(start_s) if again else self, playing=True)

    def at_speed(self, steps: int) -> Transport:
        """Return it some speeds faster, or slower."""
        at = SPEEDS.index(self.speed) + steps
        return replace(self, speed=SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def with_step(self, step_s: float) -> Transport:
        """Return it with another step width."""
        return replace(self, step_s=step_s)

    def looped(self, stretch_s: tuple[float, float] | None) -> Transport:
        """Return it repeating a stretch, or with None playing on."""
        if stretch_s is not None and not 0.0 <= stretch_s[0] < stretch_s[1]:
            return self
        return replace(self, loop_s=stretch_s)

    def shown(self, start_s: float, stop_s: float) -> Transport:
        """Return another stretch in view, inside the session."""
        width = min(max(stop_s - start_s, SHORTEST_S), self.end_s)
        start_s = min(max(0.0, start_s), self.end_s - width)
        return replace(self, view_s=(start_s, start_s + width))

    def turned(self, pages: int) -> Transport:
        """Return view and cursor whole pages on."""
        by_s = pages * self.width_s
        moved = self.shown(self.view_s[0] + by_s, self.view_s[1] + by_s)
        return replace(moved, now_s=min(max(0.0, self.now_s + by_s), self.end_s)).followed()

    def widened(self, factor: float) -> Transport:
        """Return more (above 1) or less in view, around the cursor where that is in view."""
        start_s, stop_s = self.view_s
        about_s = self.now_s if start_s <= self.now_s <= stop_s else (start_s + stop_s) / 2
        width = min(max(self.width_s * factor, SHORTEST_S), self.end_s)
        share = (about_s - start_s) / self.width_s
        return self.shown(about_s - share * width, about_s + (1 - share) * width)

    def followed(self) -> Transport:
        """Return the page turned to the cursor, where it has left the view."""
        start_s, stop_s = self.view_s
        if start_s <= self.now_s < stop_s or (self.now_s == self.end_s and stop_s >= self.end_s):
            return self
        start_s = self.now_s - _PAGE_LEAD * self.width_s
        return self.shown(start_s, start_s + self.width_s)
