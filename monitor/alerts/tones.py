"""The sounds of the cues: generated, short, told apart by rhythm and by pitch. Pure.

To carry over music and through a hall the fundamentals lie in 500-1500 Hz with partials up to
about 3 kHz, the band that ISO 7731 recommends for signals in noise: enough below 1500 Hz for
people with a hearing loss, enough above where music leaves room and the ear is keenest.
Rhythm and direction tell the cues apart for those who cannot tell pitches.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

RATE_HZ = 44_100

_RAMP_S = 0.005
"""Rise and fall of each beep: shorter ones click."""

_PARTIALS = (1.0, 0.6, 0.3)
"""Strength of the fundamental and the next two partials."""


class Cue(StrEnum):
    """What a sound says."""

    CAUTION = "caution"
    ALERT = "alert"
    APPROACHING = "approaching"
    BACK_IN_RANGE = "back_in_range"
    SENSOR_LOST = "sensor_lost"
    NOT_CALIBRATED = "not_calibrated"


class Beep(NamedTuple):
    """One beep and the silence after it."""

    frequency_hz: float
    length_s: float
    gap_s: float
    strength: float = 1.0
    """Of full scale."""


PATTERNS = {
    # Two level beeps.
    Cue.CAUTION: (Beep(988, 0.10, 0.08), Beep(988, 0.10, 0.0)),
    # Four fast, high beeps: the only fast one.
    Cue.ALERT: tuple(Beep(1480, 0.07, 0.04) for _ in range(4)),
    # One short beep, half as strong: a nudge, not a judgement.
    Cue.APPROACHING: (Beep(784, 0.12, 0.0, 0.5),),
    # Two beeps upwards.
    Cue.BACK_IN_RANGE: (Beep(784, 0.09, 0.02), Beep(1175, 0.14, 0.0)),
    # Three beeps downwards, slow.
    Cue.SENSOR_LOST: (Beep(1175, 0.18, 0.05), Beep(880, 0.18, 0.05), Beep(587, 0.30, 0.0)),
    # One long level tone.
    Cue.NOT_CALIBRATED: (Beep(659, 0.60, 0.0),),
}

URGENCY = (Cue.ALERT, Cue.SENSOR_LOST, Cue.APPROACHING, Cue.CAUTION, Cue.NOT_CALIBRATED, Cue.BACK_IN_RANGE)
"""Which cue wins where two would sound at once."""


def length_s(cue: Cue) -> float:
    """Return how long `cue` sounds in s."""
    return sum(beep.length_s + beep.gap_s for beep in PATTERNS[cue])


def wave(cue: Cue, volume: float) -> npt.NDArray[np.int16]:
    """Return the samples of `cue`.

    Parameters
    ----------
    cue
        Which.
    volume
        0 to 1 of full scale.

    Returns
    -------
    (N,) int16
        Mono at `RATE_HZ`.
    """
    beeps = [np.concatenate([_beep(b), np.zeros(round(b.gap_s * RATE_HZ))]) for b in PATTERNS[cue]]
    return np.round(np.concatenate(beeps) * volume * np.iinfo(np.int16).max).astype(np.int16)


def _beep(beep: Beep) -> npt.NDArray[np.float64]:
    t_s = np.arange(round(beep.length_s * RATE_HZ)) / RATE_HZ
    tone = sum(
        (
            strength * np.sin(2 * np.pi * beep.frequency_hz * (partial + 1) * t_s)
            for partial, strength in enumerate(_PARTIALS)
        ),
        np.zeros(len(t_s)),
    )
    ramp = np.minimum(1.0, np.minimum(t_s, t_s[::-1]) / _RAMP_S)
    shaped = tone * np.sin(0.5 * np.pi * ramp) ** 2
    return np.asarray(beep.strength * shaped / np.max(np.abs(shaped)), dtype=np.float64)
