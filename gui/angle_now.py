"""The angle of the moment: which one is shown, how sure, and where it stands. Pure."""

from __future__ import annotations

import math

import numpy as np

from gui.usual import zone_for
from gui.view_state import Headline, Standing, Zone
from monitor.model.events import Calibrated
from monitor.model.exercise import Exercise
from monitor.model.samples import PostureBlock
from monitor.pipeline.baseline import Baseline
from monitor.pipeline.settings import PipelineSettings

PROVISIONAL = "since you stood still"
_APPROACH_S = 1.0
"""How long a warning that the limit is near is shown."""


class AngleNow:
    """Keeps the newest row and what holds for it.

    Parameters
    ----------
    settings
        Limits the pipeline judges by.
    """

    def __init__(self, settings: PipelineSettings) -> None:
        self._settings = settings
        self.now_s = 0.0
        self.tilt_rad: float | None = None
        self.flexion_rad: float | None = None
        self._tilt_sigma_rad: float | None = None
        self._flexion_sigma_rad: float | None = None
        self._provisional_rad: float | None = None
        self._provisional_sigma_rad: float | None = None
        self.two_sensors = False
        self.calibrated: Calibrated | None = None
        self.seat_ok = False
        self.lifted_off = False
        self._approached_s = -math.inf

    @property
    def judged(self) -> bool:
        """Whether the calibration in force allows limits on absolute angles."""
        made = self.calibrated
        return made is not None and made.kind != "none" and made.quality != "poor"

    @property
    def any_angle(self) -> bool:
        """Whether there is an angle to show, be it provisional."""
        return self.tilt_rad is not None or self._provisional_rad is not None

    def take(self, rows: PostureBlock, provisional: PostureBlock) -> None:
        """Take the newest rows, and those that wait for a calibration."""
        if len(rows):
            self.now_s = float(rows.t_s[-1])
            self.tilt_rad = _known(rows.pelvic_tilt_rad[-1])
            self._tilt_sigma_rad = _known(rows.pelvic_tilt_sigma_rad[-1])
            self.flexion_rad = _known(rows.lumbar_flexion_rad[-1])
            self._flexion_sigma_rad = _known(rows.lumbar_flexion_sigma_rad[-1])
            self.two_sensors = self.two_sensors or bool(np.isfinite(rows.upper_tilt_rad[-1]))
            if self.tilt_rad is not None:
                self._provisional_rad = None
        if len(provisional):
            self.now_s = float(provisional.t_s[-1])
            self._provisional_rad = _known(provisional.pelvic_tilt_rad[-1])
            self._provisional_sigma_rad = _known(provisional.pelvic_tilt_sigma_rad[-1])
            # While rows wait nothing older is true of now.
            self.tilt_rad = self.flexion_rad = None

    def limits(self, settings: PipelineSettings) -> None:
        """Take other limits, as a calibration makes them."""
        self._settings = settings

    def hold(self) -> None:
        """Forget the angles: nothing is measured until rows come again."""
        self.tilt_rad = self.flexion_rad = self._provisional_rad = None

    def approach(self, time_s: float) -> None:
        """Take a warning that the limit is near."""
        self._approached_s = time_s

    def headline(
        self, exercise: Exercise, base: Baseline | None, *, silent: bool, streaming: bool
    ) -> Headline:
        """Return the big number.

        Parameters
        ----------
        exercise, base
            What is done, and the lifter's usual repetition of it.
        silent, streaming
            Whether the lower sensor is known to be lost, and whether its samples come in.
        """
        if self.tilt_rad is None and self._provisional_rad is not None and not silent:
            return self._rough(exercise)
        # On a pad the flexion of one sensor is the tilt with its sign turned round, and every
        # limit is one of tilt: tilt is what is shown.
        flexion = self.flexion_rad is not None and (self.two_sensors or not exercise.back_supported)
        value_rad = self.flexion_rad if flexion else self.tilt_rad
        sigma_rad = self._flexion_sigma_rad if flexion else self._tilt_sigma_rad
        if silent:
            value_rad = None
        zone = zone_for(exercise, base, self._settings, flexion=flexion, judged=self.judged)
        value_deg = None if value_rad is None else math.degrees(value_rad)
        waits = self.calibrated is None and streaming
        return Headline(
            title="Lumbar flexion" if flexion else "Pelvic tilt",
            reference=self._reference(exercise, flexion=flexion),
            value_deg=value_deg,
            sigma_deg=None if sigma_rad is None or value_rad is None else math.degrees(sigma_rad),
            direction=_direction(value_deg, flexion=flexion, waits=waits),
            standing=self._standing(zone, value_deg),
            zone=zone,
            is_flexion=flexion,
            ahead=value_deg is not None and self._ahead and not self.lifted_off,
        )

    def _rough(self, exercise: Exercise) -> Headline:
        sigma_rad = self._provisional_sigma_rad
        return Headline(
            title="Tilt so far",
            reference=PROVISIONAL,
            value_deg=math.degrees(self._provisional_rad or 0.0),
            sigma_deg=None if sigma_rad is None else math.degrees(sigma_rad),
            direction="any direction",
            standing=Standing.UNKNOWN,
            zone=zone_for(exercise, None, self._settings, flexion=False, judged=False),
            provisional=True,
        )

    @property
    def _ahead(self) -> bool:
        return 0 <= self.now_s - self._approached_s < _APPROACH_S

    def _standing(self, zone: Zone, value_deg: float | None) -> Standing:
        if value_deg is None:
            return Standing.UNKNOWN
        standing = zone.standing(value_deg)
        return (
            Standing.CAUTION
            if (self.lifted_off or self._ahead) and standing is not Standing.ALERT
            else standing
        )

    def _reference(self, exercise: Exercise, *, flexion: bool) -> str:
        if self.calibrated is None or self.calibrated.kind == "none":
            return "no reference yet"
        if exercise.back_supported and not flexion:
            return "from the seat reference" if self.seat_ok else "from upright: no seat reference yet"
        return "from standing neutral"


def _direction(value_deg: float | None, *, flexion: bool, waits: bool) -> str:
    if value_deg is None:
        return "waits for the calibration" if waits else "no data"
    if abs(value_deg) < 0.5:
        return "level"
    if flexion:
        return "bent forward" if value_deg > 0 else "arched"
    return "tipped forward" if value_deg > 0 else "rolled back"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
