"""A guided calibration as a virtual lifter does it, with the ranges that are to be found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER, SensorInfo
from monitor.model.session import SessionInfo
from monitor.sensors.simulated.curves import Channel
from monitor.sensors.simulated.exercises import movement
from monitor.sensors.simulated.lifter import breathe
from monitor.sensors.simulated.script import Script
from monitor.sensors.simulated.sensor import GYR_RANGE_RADS, NOMINAL, SensorSpec
from monitor.sensors.simulated.source import Radio, SimulatedSource, transmit
from monitor.sensors.simulated.wearing import SAME_CHIP, TABLE, Turn, Wearing, Worn

RATE_HZ = 104.0
DEVICE = "sim:worn"
_RADIANS = math.pi / 180
_HANDLED_S = 3.0
_Y, _Z = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
_SIDES = ((_Y, 90), (_Y, 90), (_Y, 90), (_Z, 90), (_Z, 180))
"""Quarter and half turns that bring up one side after another."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody goes through a calibration.

    Parameters
    ----------
    bends_deg
        What is added to the pelvic tilt of each full bend.
    fidgets
        Moves about in the middle of the first stillness.
    two_position, six_poses
        One sensor is worn at the sacrum, at T12, and at the sacrum again; the sensors lie on each of
        their sides first.
    skips_back_bends
        Waits instead of bending back.
    """

    bends_deg: tuple[float, ...] = (0.0, 0.0, 0.0)
    fidgets: bool = False
    two_position: bool = False
    six_poses: bool = False
    skips_back_bends: bool = False


@dataclass(frozen=True, slots=True)
class TrueRanges:
    """What the procedure should find: medians over the repeats, deg from the neutral stance."""

    bend_deg: float
    flexion_deg: float
    share: float
    arch_deg: float
    tuck_deg: float
    back_bend_deg: float | None = None
    extension_deg: float | None = None
    seated_arch_deg: float | None = None
    seated_tuck_deg: float | None = None


@dataclass(frozen=True, slots=True)
class GuidedSession:
    """A calibration to run, what is to come of it, and how the sensors were worn."""

    source: SimulatedSource
    truth: TrueRanges
    wearing: Wearing


def calibration(
    seed: int = 0,
    *,
    sensors: int = 1,
    machine: str = "",
    habits: Habits | None = None,
    wearing: Wearing | None = None,
    spec: SensorSpec = SAME_CHIP,
) -> GuidedSession:
    """Simulate a guided calibration: still, full bends, back bends, pelvic tilts, the same on a seat.

    Parameters
    ----------
    seed
        The same seed gives the same bytes, and sensors worn as in `calibrated_wearing(seed)`.
    sensors
        1 for the lower one, 2 for lower and upper.
    machine
        Exercise whose seat comes last; empty for none.
    habits
        How it is gone through.
    wearing, spec
        How the sensors are worn, and how good they are.

    Raises
    ------
    ConfigError
        An unknown machine.
    """
    rng = np.random.default_rng([abs(seed), 77])
    habits = habits or Habits()
    wearing = wearing or calibrated_wearing(seed)
    acted = _Acted(Script(rng))
    places = [(-math.inf, TABLE if habits.six_poses else LOWER)]
    turns: list[Turn] = []
    if habits.six_poses:
        turns += acted.tumble()
        places.append((turns[-1].start_s, LOWER))
    acted.stand(habits)
    if machine:
        acted.sit(machine)
    if habits.two_position:
        for place in (UPPER, LOWER):
            turns.append(acted.handle())
            places.append((acted.script.now_s - _HANDLED_S / 2, place))
            acted.script.still(4.0, 4.5)
            acted.bends((0.0, 0.0, 0.0) if place == UPPER else (0.0,))
    acted.script.still(2.0, 2.5)
    script = acted.script
    breathe(script.body, rng, script.now_s)
    info = SessionInfo(
        exercise=EXERCISES[machine or "squat"],
        sensors=tuple(
            SensorInfo(name, DEVICE, "open", RATE_HZ, GYR_RANGE_RADS) for name in (LOWER, UPPER)[:sensors]
        ),
        session_id=f"sim-calibration-{seed}",
    )
    packets = [
        packet
        for number, sensor in enumerate(info.sensors)
        for packet in transmit(
            script.body,
            sensor.name,
            duration_s=script.now_s + 0.5,
            rate_hz=RATE_HZ,
            spec=spec,
            radio=Radio(),
            rng=np.random.default_rng([abs(seed), 78, number]),
            upside_down=None,
            worn=_handled(wearing.sensors[sensor.name], sensor.name, turns, places),
        )
    ]
    packets.sort(key=lambda packet: packet.received_ns)
    return GuidedSession(SimulatedSource(info, tuple(packets)), acted.truth(), wearing)


def calibrated_wearing(seed: int = 0) -> Wearing:
    """Return how the sensors are worn in `calibration(seed)`."""
    return Wearing.drawn(np.random.default_rng([abs(seed), 79]))


def _handled(worn: Worn, sensor: str, turns: list[Turn], places: list[tuple[float, str]]) -> Worn:
    """Return `worn` with what is done to it; square to its own sides while it lies on the table."""
    if sensor == UPPER:
        places = [(t, UPPER if place == LOWER else place) for t, place in places]
    if places[0][1] == TABLE:
        from scipy.spatial.transform import Rotation  # noqa: PLC0415 - slow to load, needed only here

        square = Rotation.from_matrix(NOMINAL @ worn.to_segment.T).as_rotvec()
        angle = float(np.linalg.norm(square))
        axis = square / angle if angle else _Z
        end_s = next(t for t, place in places if place != TABLE)
        clipped = Turn(end_s, end_s + 1.0, axis, -angle)
        # Last in the chain, next to the sensor: the turns before it are then about its own sides.
        turns = [*turns, Turn(-2.0, -1.0, axis, angle), clipped]
    return replace(worn, turns=tuple(turns), places=tuple(places))


@dataclass(slots=True)
class _Acted:
    """The movements of the calibration, and when each was at its end."""

    script: Script
    at_s: dict[str, list[float]] = field(default_factory=dict)

    def stand(self, habits: Habits) -> None:
        script = self.script
        script.still(2.0, 2.2)
        if habits.fidgets:
            script.shuffle(2.0, 2.5)
        script.still(4.0, 4.6)
        self.at_s["neutral"] = [script.now_s - 2.5]
        # Whoever is refused does them again, better.
        self.bends(habits.bends_deg)
        if max(habits.bends_deg) - min(habits.bends_deg) > 8:
            script.still(1.5, 2.0)
            self.at_s["bend"].clear()
            self.bends((0.0,) * 3)
        if habits.skips_back_bends:
            script.still(27.0, 27.5)
        else:
            script.still(1.0, 1.5)
            self.back_bends()
        script.still(1.5, 2.0)
        self.tilts("arch", "tuck", (9.0, 13.0), (8.0, 12.0))

    def bends(self, more_deg: tuple[float, ...]) -> None:
        """Bend forward as far as it goes."""
        rng = self.script.rng
        if "size" not in self.at_s:
            self.at_s["size"] = [rng.uniform(52, 64), rng.uniform(46, 56)]
        pelvis, lumbar = self.at_s["size"]
        for more in more_deg:
            sizes = (pelvis + more + rng.normal(0, 0.8), lumbar + rng.normal(0, 0.8))
            self._out_and_back("bend", sizes, (-0.15, -0.06), (1.8, 2.6))

    def back_bends(self) -> None:
        """Bend backward: most of it is lumbar."""
        pelvis, lumbar = self.script.rng.uniform(9, 14), self.script.rng.uniform(14, 22)
        for _ in range(2):
            self._out_and_back("back", (-pelvis, -lumbar), (0.05, -0.01), (1.2, 1.8))

    def tilts(self, arch: str, tuck: str, forward_deg: Any, backward_deg: Any) -> None:
        """Arch and tuck the pelvis; the trunk stays where it is."""
        script, rng = self.script, self.script.rng
        body, rest = script.body, script.body.tilt.level
        flexion = body.flexion.level
        there, back = rng.uniform(*forward_deg), rng.uniform(*backward_deg)
        for _ in range(3):
            for name, size in ((arch, there), (tuck, -back)):
                change = (size + rng.normal(0, 0.4)) * _RADIANS
                end = script.now_s + rng.uniform(0.9, 1.3)
                body.tilt.move(rest + change, script.now_s, end)
                body.flexion.move(flexion - 0.9 * change, script.now_s, end)
                hold = rng.uniform(0.2, 0.5)
                self.at_s.setdefault(name, []).append(end + hold / 2)
                script.now_s = end + hold
        for channel, level in ((body.tilt, rest), (body.flexion, flexion)):
            channel.move(level, script.now_s, script.now_s + 1.2)
        script.now_s += 1.2
        script.still(1.0, 1.5)

    def sit(self, machine: str) -> None:
        """Take place on the machine, hold still, tilt against the pad."""
        move, script = movement(machine), self.script
        script.walk(2.0, 2.5)
        seat = move.seat_deg or (-45.0, -45.0)
        script.sit(script.rng.uniform(*seat), move.seat_m)
        script.still(4.5, 5.0)
        self.at_s["seat"] = [script.now_s - 2.5]
        self.tilts("seated_arch", "seated_tuck", (6.0, 9.0), (10.0, 16.0))
        script.get_up()

    def tumble(self) -> list[Turn]:
        """Lay the sensor on one side after another, then clip it on."""
        made = []
        self.script.still(2.2, 2.6)
        for axis, angle_deg in _SIDES:
            start = self.script.now_s
            self.script.now_s = start + self.script.rng.uniform(0.8, 1.2)
            made.append(Turn(start, self.script.now_s, axis, angle_deg * _RADIANS))
            self.script.still(2.2, 2.6)
        made.append(self.handle())
        undo = Turn(made[-1].end_s, self.script.now_s + 1.0, _Z, -270 * _RADIANS)
        back = Turn(undo.end_s, undo.end_s + 1.0, _Y, -270 * _RADIANS)
        self.script.now_s = back.end_s + 1.5
        return [*made, undo, back]

    def handle(self) -> Turn:
        """Take the sensor off, turn it over in the hand, clip it on again as it was."""
        self.script.still(1.5, 2.0)
        start = self.script.now_s
        self.script.now_s += _HANDLED_S
        return Turn(start, self.script.now_s, np.array([0.6, 0.0, 0.8]), 2 * math.pi)

    def _out_and_back(
        self,
        name: str,
        sizes_deg: tuple[float, float],
        ways_m: tuple[float, float],
        span_s: tuple[float, float],
    ) -> None:
        body, rng, start = self.script.body, self.script.rng, self.script.now_s
        there = start + rng.uniform(*span_s)
        back = there + rng.uniform(0.3, 0.8)
        end = back + rng.uniform(*span_s)
        for channel, size in (
            (body.tilt, sizes_deg[0] * _RADIANS),
            (body.flexion, sizes_deg[1] * _RADIANS),
            (body.x, ways_m[0]),
            (body.z, ways_m[1]),
        ):
            level = channel.level
            channel.move(level + float(size), start, there)
            channel.move(level, back, end)
        self.at_s.setdefault(name, []).append((there + back) / 2)
        self.script.now_s = end + rng.uniform(0.5, 1.0)

    def truth(self) -> TrueRanges:
        """Return the ranges as they were performed."""
        body = self.script.body

        def change(channels: tuple[Channel, ...], name: str, since: str = "neutral") -> float:
            at, zero = np.array(self.at_s[name]), np.array(self.at_s[since])
            values = sum(np.degrees(c(at)) - np.degrees(c(zero)) for c in channels)
            return float(np.median(values))

        def known(name: str, get: Callable[[], float]) -> float | None:
            return get() if name in self.at_s else None

        bend = change((body.tilt,), "bend")
        flexion = change((body.flexion,), "bend")
        return TrueRanges(
            bend,
            flexion,
            flexion / (bend + flexion),
            change((body.tilt,), "arch"),
            -change((body.tilt,), "tuck"),
            known("back", lambda: -change((body.tilt,), "back")),
            known("back", lambda: -change((body.flexion,), "back")),
            known("seat", lambda: change((body.tilt,), "seated_arch", "seat")),
            known("seat", lambda: -change((body.tilt,), "seated_tuck", "seat")),
        )
