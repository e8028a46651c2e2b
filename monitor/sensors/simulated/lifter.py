"""A virtual lifter: where the pelvis and the T12/L1 segment are at any moment.

Angles are those of the segment frame (x forward, y left, z up): tilt forward positive, side
tilt to the right positive, twist to the left positive, all from upright standing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from monitor.model.samples import LOWER, FloatArray
from monitor.sensors.simulated.curves import Channel, Ring, Wave

SPINE_M = 0.17
"""From the sacrum to T12/L1."""
_BREATHS_HZ = (0.2, 0.35)
_RADIANS = math.pi / 180


@dataclass(slots=True)
class Body:
    """Everything that moves; angles in rad, lengths in m.

    `tilt`, `side`, `twist` and `x`, `y`, `z` are the pelvis, `flexion` what T12/L1 bends further
    than it. `wobble` and `shake` move the sensor on the skin and not the bone: they are not
    part of the truth.
    """

    tilt: Channel = field(default_factory=Channel)
    side: Channel = field(default_factory=Channel)
    twist: Channel = field(default_factory=Channel)
    flexion: Channel = field(default_factory=Channel)
    x: Channel = field(default_factory=Channel)
    y: Channel = field(default_factory=Channel)
    z: Channel = field(default_factory=Channel)
    wobble: dict[str, Channel] = field(default_factory=dict)
    shake: Channel = field(default_factory=Channel)

    def angles(self, sensor: str, t_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return side tilt, tilt and twist (N,) in rad of the skin under `sensor`."""
        tilt, side, twist = self.tilt(t_s), self.side(t_s), self.twist(t_s)
        wobble = self.wobble[sensor](t_s) if sensor in self.wobble else np.zeros(len(t_s))
        if sensor != LOWER:
            # The thorax follows the pelvis sideways and in turning, a little less.
            tilt, side, twist = tilt + self.flexion(t_s), 0.8 * side, 0.9 * twist
        return side + 0.3 * wobble, tilt + wobble, twist

    def position(self, sensor: str, t_s: FloatArray) -> FloatArray:
        """Return the position (N, 3) in m of `sensor` in the frame that turns with the lifter."""
        x, y, z = self.x(t_s), self.y(t_s), self.z(t_s) + self.shake(t_s)
        if sensor != LOWER:
            bend = self.tilt(t_s) + self.flexion(t_s) / 2
            x = x + SPINE_M * np.sin(bend)
            y = y - SPINE_M * np.sin(self.side(t_s))
            z = z + SPINE_M * np.cos(bend)
        return np.stack((x, y, z), axis=1)


def waves(
    channel: Channel,
    rng: np.random.Generator,
    span: tuple[float, float],
    rms: float,
    band_hz: tuple[float, float],
    count: int = 4,
) -> None:
    """Add irregular motion of `rms` (in the channel's unit) within a band of frequencies."""
    low, high = band_hz
    frequencies = low * (high / low) ** ((np.arange(count) + rng.uniform(size=count)) / count)
    sizes = rng.uniform(0.5, 1.0, count) / frequencies**0.5
    sizes *= rms * math.sqrt(2) / math.sqrt(float(np.sum(sizes**2)))
    for size, frequency in zip(sizes, frequencies, strict=True):
        channel.terms.append(Wave(*span, float(size), float(frequency), rng.uniform(0, 2 * math.pi)))


def breathe(body: Body, rng: np.random.Generator, end_s: float) -> None:
    """Add breath and the sway of standing over the whole session."""
    span = (-1.0, end_s + 1.0)
    breath_hz, depth = rng.uniform(*_BREATHS_HZ), rng.uniform(0.5, 1.0) / 2 * _RADIANS
    phase = rng.uniform(0, 2 * math.pi)
    body.tilt.terms.append(Wave(*span, depth, breath_hz, phase))
    body.flexion.terms.append(Wave(*span, 0.6 * depth, breath_hz, phase + 2.5))
    waves(body.tilt, rng, span, 0.15 * _RADIANS, (0.05, 0.7))
    waves(body.side, rng, span, 0.12 * _RADIANS, (0.05, 0.7))
    waves(body.twist, rng, span, 0.2 * _RADIANS, (0.04, 0.5))
    waves(body.flexion, rng, span, 0.15 * _RADIANS, (0.05, 0.6))
    waves(body.x, rng, span, 0.004, (0.1, 0.6))
    waves(body.y, rng, span, 0.003, (0.1, 0.6))


def knock(body: Body, rng: np.random.Generator, at_s: float, size_deg: float) -> None:
    """Let the soft tissue ring after a turn, a stop or a touch-down."""
    for channel in body.wobble.values():
        size = size_deg * rng.uniform(0.6, 1.0) * rng.choice((-1, 1)) * _RADIANS
        channel.terms.append(Ring(at_s, float(size), rng.uniform(4, 8), rng.uniform(0.08, 0.18)))


def walk(body: Body, rng: np.random.Generator, start_s: float, end_s: float, turn_deg: float) -> None:
    """Walk for a while, turning by `turn_deg`; comes to rest at `end_s`."""
    step_hz, span = rng.uniform(1.5, 2.0), (start_s, end_s)
    phase = rng.uniform(0, 2 * math.pi)
    for channel, size, per_step in (
        (body.z, rng.uniform(0.012, 0.025), 1.0),
        (body.tilt, rng.uniform(0.8, 2.0) * _RADIANS, 1.0),
        (body.y, rng.uniform(0.01, 0.02), 0.5),
        (body.side, rng.uniform(2.0, 4.0) * _RADIANS, 0.5),
        (body.twist, rng.uniform(3.0, 6.0) * _RADIANS, 0.5),
        (body.flexion, rng.uniform(0.5, 1.5) * _RADIANS, 1.0),
    ):
        channel.terms.append(Wave(*span, float(size), step_hz * per_step, phase, fade_s=0.6))
        phase += rng.uniform(0.5, 1.5)
    body.twist.move(body.twist.level + turn_deg * _RADIANS, start_s + 0.2, end_s - 0.2)
    for at_s in np.arange(start_s + 0.4, end_s - 0.2, 1 / step_hz):
        knock(body, rng, float(at_s), rng.uniform(0.5, 1.5))
        body.shake.terms.append(Ring(float(at_s), rng.uniform(0.5e-3, 1.5e-3), rng.uniform(6, 10), 0.06))


def shuffle(body: Body, rng: np.random.Generator, start_s: float, end_s: float, size: float = 1.0) -> None:
    """Shift about: finding a place on the pad, loosening up."""
    span = (start_s, end_s)
    waves(body.tilt, rng, span, 2.0 * size * _RADIANS, (0.4, 1.2), 3)
    waves(body.side, rng, span, 1.5 * size * _RADIANS, (0.4, 1.2), 3)
    waves(body.twist, rng, span, 3.0 * size * _RADIANS, (0.4, 1.2), 3)
    waves(body.flexion, rng, span, 1.5 * size * _RADIANS, (0.4, 1.2), 3)
    waves(body.y, rng, span, 0.01 * size, (0.4, 1.0), 2)
