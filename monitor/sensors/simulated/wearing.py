"""How a virtual sensor is worn, what is wrong with it, and what happens to it on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from monitor.model.samples import LOWER, FloatArray
from monitor.sensors.simulated.curves import smooth_step
from monitor.sensors.simulated.lifter import Body
from monitor.sensors.simulated.sensor import CHEAP, NOMINAL, SensorSpec, mounting, sense

TABLE = "table"
"""A place where nothing moves."""
_SLIPS_S = 0.6
SAME_CHIP = replace(CHEAP, acc_bias_ms2=0.0, gyr_bias_rads=0.0, gain=0.0)
"""For sessions of one sensor: its constant errors stand in `Worn`, only noise and clock are drawn anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The sensor turns against what it is clipped to, within [start_s, end_s).

    Parameters
    ----------
    axis
        (3,) unit vector in the frame of the segment.
    angle_rad
        How far.
    """

    start_s: float
    end_s: float
    axis: FloatArray
    angle_rad: float

    def at(self, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return how far it has turned (N,) in rad, and how fast (N,) in rad/s."""
        span = self.end_s - self.start_s
        u = np.clip((t_s - self.start_s) / span, 0.0, 1.0)
        return self.angle_rad * smooth_step(u), self.angle_rad * 30 * (u * (1 - u)) ** 2 / span


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """One sensor.

    Parameters
    ----------
    to_segment
        (3, 3) sensor to segment rotation as it was clipped on.
    gyr_bias_rads, acc_gain, acc_offset_ms2
        (3,) constant errors of the chip; what its SensorSpec draws comes on top.
    turns
        What happens to it; each is about an axis of the frame that those before it have turned.
    places
        From when in s it is where: ``"lower"``, ``"upper"`` or ``"table"``; empty if it stays.
    """

    to_segment: FloatArray
    gyr_bias_rads: FloatArray = field(default_factory=lambda: np.zeros(3))
    acc_gain: FloatArray = field(default_factory=lambda: np.ones(3))
    acc_offset_ms2: FloatArray = field(default_factory=lambda: np.zeros(3))
    turns: tuple[Turn, ...] = ()
    places: tuple[tuple[float, str], ...] = ()

    def feels(self, body: Body, sensor: str, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return specific force (N, 3) in m/s2 and angular rate (N, 3) in rad/s that it measures."""
        force, rate = self._on_the_body(body, sensor, t_s)
        for turn in self.turns:
            angle, speed = turn.at(t_s)
            rate = rate + speed[:, None] * turn.axis
            force, rate = (_turned(vectors, turn.axis, -angle) for vectors in (force, rate))
        acc = (force @ self.to_segment) * self.acc_gain + self.acc_offset_ms2
        return acc, rate @ self.to_segment + self.gyr_bias_rads

    def _on_the_body(self, body: Body, sensor: str, t_s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return force and rate in the frame of the segment, wherever the sensor is."""
        starts = [start for start, _ in self.places] or [-math.inf]
        names = [name for _, name in self.places] or [sensor]
        edges = [0, *np.searchsorted(t_s, starts[1:]).tolist(), len(t_s)]
        parts = [
            sense(Body() if name == TABLE else body, LOWER if name == TABLE else name, t_s[a:b], np.eye(3))
            for name, a, b in zip(names, edges[:-1], edges[1:], strict=True)
        ]
        return np.concatenate([f for f, _ in parts]), np.concatenate([r for _, r in parts])


def _turned(vectors: FloatArray, axis: FloatArray, angle_rad: FloatArray) -> FloatArray:
    """Return the vectors (N, 3) turned about `axis` by (N,) (Rodrigues)."""
    cos, sin = np.cos(angle_rad)[:, None], np.sin(angle_rad)[:, None]
    along = np.outer(vectors @ axis, axis)
    return np.asarray(vectors * cos + np.cross(axis, vectors) * sin + along * (1 - cos))


@dataclass(frozen=True, slots=True)
class Slip:
    """A sensor turns on the skin between two sets.

    Parameters
    ----------
    sensor, after_set
        Which one, and after which set from 1.
    angle_deg
        How far, forward positive.
    """

    angle_deg: float = 6.0
    sensor: str = LOWER
    after_set: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Wearing:
    """The sensors by name, and a slip; the same object in two sessions is the same clip-on.

    `stance_deg` is how far from one set to the next the lifter stands otherwise (standard deviation).
    """

    sensors: dict[str, Worn]
    slip: Slip | None = None
    stance_deg: float = 0.0

    @classmethod
    def drawn(
        cls, rng: np.random.Generator, spec: SensorSpec = CHEAP, upside_down: bool | None = None
    ) -> Wearing:
        """Return sensors of quality `spec`, clipped on anyhow."""
        return cls(
            {
                name: Worn(
                    mounting(rng, spec, upside_down),
                    spec.gyr_bias_rads * rng.uniform(-1, 1, 3),
                    1.0 + spec.gain * rng.uniform(-1, 1, 3),
                    spec.acc_bias_ms2 * rng.uniform(-1, 1, 3),
                )
                for name in ("lower", "upper")
            }
        )

    def slipped(self, at_s: float) -> dict[str, Worn]:
        """Return the sensors with the slip happening at `at_s`, where there is one."""
        if self.slip is None:
            return self.sensors
        turn = Turn(at_s, at_s + _SLIPS_S, np.array([0.0, 1.0, 0.0]), math.radians(self.slip.angle_deg))
        worn = self.sensors[self.slip.sensor]
        return {**self.sensors, self.slip.sensor: replace(worn, turns=(*worn.turns, turn))}

    @classmethod
    def askew(cls, angle_deg: float, axis: tuple[float, float, float], upside_down: bool = False) -> Wearing:
        """Return sensors turned by `angle_deg` about `axis` (segment frame) against the nominal mounting."""
        unit = np.array(axis) / np.linalg.norm(axis)
        tilt = _turned(np.eye(3), unit, np.full(3, -math.radians(angle_deg)))
        if upside_down:
            tilt = tilt @ np.diag((1.0, -1.0, -1.0))
        return cls({name: Worn(tilt @ NOMINAL) for name in ("lower", "upper")})
