"""Why nothing moves on the screen, in one line. Pure: the clock is the caller's."""

from __future__ import annotations

from gui.view_state import Phase, ViewState

STALE_AFTER_S = 1.0
"""Without a new row for this long the screen says so instead of standing still."""
CALIBRATING = "Not calibrated: do a slow rep, or press C"
GUIDED = "A calibration is under way: nothing is judged meanwhile"
WAITING = "Waiting for the sensor"
OVER = "The session has ended"


class Silence:
    """Watches when the last row came.

    Parameters
    ----------
    now_s
        The time, on any clock.
    """

    def __init__(self, now_s: float) -> None:
        self._rows_at_s = now_s
        self._newest_s: float | None = None

    def message(self, newest_s: float | None, view: ViewState, now_s: float) -> str:
        """Return why nothing moves; empty while it does.

        Parameters
        ----------
        newest_s
            Session time of the newest row; None before the first.
        view
            What else is known.
        now_s
            The time, on the clock of the first call.
        """
        if newest_s is not None and newest_s != self._newest_s:
            self._newest_s = newest_s
            self._rows_at_s = now_s
        why = _why(view)
        if why:
            return why
        waited_s = now_s - self._rows_at_s
        if waited_s < STALE_AFTER_S:
            return ""
        return WAITING if newest_s is None else f"No data for {waited_s:.0f} s"


def _why(view: ViewState) -> str:
    lost = next((link for link in view.links if link.state == "lost"), None)
    if lost is not None:
        return f"{lost.sensor.capitalize()} sensor: {lost.text or 'signal lost'}"
    if view.phase is Phase.ENDED:
        return OVER
    if view.guide is not None and not view.guide.done:
        return GUIDED
    waits = any(link.rate_hz for link in view.links) and not view.calibration_ok and view.tilt_rad is None
    return CALIBRATING if view.headline.provisional or waits else ""
