"""A guided calibration: prompts, progress, and refusals in words.

Pure: time comes with the rows. Rows in, things to tell out; the result does not depend on how the
rows are cut into blocks. Modelled on the protocol of a clinical device (stand, bend forward, bend
back, tilt the pelvis) and on composite reference tasks, which repeat better than any single one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from calibration.alignment import FloatArray
from calibration.errors import CalibrationError
from calibration.motion import MotionRows, join_motion
from calibration.movements import BackBends, Bends, PelvicTilts
from calibration.outcome import ProcedureResult, own_ranges, quality
from calibration.ranges import LumbarShare, lumbar_share
from calibration.steps import ROWS_HZ, Body, Row, SixPoses, Stand, Step

_PATIENCE_ROWS: Final = round(25.0 * ROWS_HZ)
"""How long a step that can be done without waits for the next thing to count."""
_CALIBRATED: Final = "calibrated"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be calibrated.

    Parameters
    ----------
    two_sensors
        An upper sensor at T12/L1 is worn too.
    machine
        Name of a machine with a back pad, in words; empty without one.
    two_position
        One sensor is worn at the sacrum, then at T12, then at the sacrum again: the lumbar share.
    six_poses
        Begin with the sensors themselves, laid on each of their six sides.
    """

    two_sensors: bool = False
    machine: str = ""
    two_position: bool = False
    six_poses: bool = False

    def __post_init__(self) -> None:
        if self.two_position and self.two_sensors:
            raise CalibrationError(
                "two sensors measure both places at once: the two-position calibration is for one sensor"
            )


class TellKind(StrEnum):
    """What a line of the procedure is."""

    PROMPT = "prompt"
    COUNT = "count"
    REFUSAL = "refusal"
    SKIP = "skip"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Told:
    """One line for the lifter, and when it was known."""

    time_s: float
    kind: TellKind
    text: str


class Procedure:
    """Guide somebody through a calibration.

    Parameters
    ----------
    plan
        What is to be calibrated.
    """

    def __init__(self, plan: Plan) -> None:
        self._steps = _steps(plan)
        self._blocks: dict[str, list[MotionRows]] = {"lower": [], "upper": []}
        self._seen = 0
        self._at = 0
        self._waited = 0
        self._prompted = False
        self._skipped: list[str] = []
        self._share: LumbarShare | None = None
        self._body = Body(self._rows, plan.two_sensors)

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self._steps)

    @property
    def settled(self) -> int:
        """How many of them are over."""
        return self._at

    @property
    def done(self) -> bool:
        """Whether all of them are."""
        return self._at == len(self._steps)

    @property
    def prompt(self) -> str:
        """What is asked now."""
        return _CALIBRATED if self.done else self._steps[self._at].prompt

    @property
    def hint(self) -> str:
        """What is wrong just now; empty where nothing is."""
        return "" if self.done else self._steps[self._at].hint

    @property
    def step_progress(self) -> float:
        """How much of the present step is done, 0 to 1."""
        return 1.0 if self.done else self._steps[self._at].progress

    @property
    def accelerometers(self) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Gain and offset (3,) of the sensors that have lain on their six sides so far."""
        return self._body.accelerometer

    def update(self, lower: MotionRows, upper: MotionRows | None = None) -> list[Told]:
        """Take consecutive rows at 100 Hz, `upper` beside `lower`; return what is to be told."""
        first, told = self._seen, list[Told]()
        self._blocks["lower"].append(lower)
        if upper is not None:
            self._blocks["upper"].append(upper)
        quiet = lower.quiet()
        if upper is not None and self._body.two_sensors:
            quiet = [a and b for a, b in zip(quiet, upper.quiet(), strict=True)]
        rates = np.sqrt(np.einsum("ij,ij->i", lower.gyr_rads, lower.gyr_rads)).tolist()
        ups = lower.up.tolist()
        others = upper.up.tolist() if upper is not None and self._body.two_sensors else [None] * len(ups)
        accs = [[tuple(acc) for acc in part.acc_ms2.tolist()] for part in (lower, upper) if part is not None]
        accs = accs if self._body.two_sensors else accs[:1]
        for i, (up, other) in enumerate(zip(ups, others, strict=True)):
            self._seen += 1
            forces = tuple(part[i] for part in accs)
            row = Row(first + i, tuple(up), other and tuple(other), forces, quiet[i], rates[i])
            told += self._take(row, float(lower.t_s[i]))
        return told

    def result(self) -> ProcedureResult:
        """Return what came of it; CalibrationError naming the step it stopped at if it is not done."""
        if not self.done:
            raise CalibrationError(
                f"the calibration stopped at step {self._at + 1} of {len(self._steps)} "
                f"({self._steps[self._at].prompt}): nothing was kept, begin again"
            )
        body, worn = self._body, self._body.worn
        return ProcedureResult(
            {name: body.alignment[name] for name in worn},
            dict(body.seat),
            {name: body.axis_share[name] for name in worn},
            dict(body.accelerometer),
            own_ranges(body, self._share),
            self._share,
            self._times_s(body.still),
            self._times_s(body.lying),
            quality(body, self._skipped),
        )

    def _take(self, row: Row, t_s: float) -> list[Told]:
        if self.done:
            return []
        step, told = self._steps[self._at], list[Told]()
        if not self._prompted:
            self._prompted = True
            told.append(Told(t_s, TellKind.PROMPT, step.prompt))
        before = step.progress
        text = step.take(row, self._body)
        self._waited = 0 if step.progress > before else self._waited + 1
        if text:
            kind = TellKind.COUNT if step.progress > before else TellKind.REFUSAL
            told.append(Told(t_s, kind, text))
        if step.progress >= 1.0:
            told += self._settle(step, t_s)
        elif step.skipped and self._waited > _PATIENCE_ROWS:
            self._skipped.append(step.skipped)
            told.append(Told(t_s, TellKind.SKIP, f"{step.skipped} stays unknown: on to the next step"))
            told += self._next(t_s)
        return told

    def _settle(self, step: Step, t_s: float) -> list[Told]:
        try:
            if not step.settle(self._body):
                return []
            if self._share is None and "t12" in self._body.peaks_rad:
                peaks = self._body.peaks_rad
                self._share = lumbar_share(np.array(peaks["bend"]), np.array(peaks["t12"]))
        except CalibrationError as refused:
            self._body.peaks_rad.pop("t12", None)
            return [Told(t_s, TellKind.REFUSAL, str(refused))]
        return self._next(t_s)

    def _next(self, t_s: float) -> list[Told]:
        self._at += 1
        self._waited = 0
        if self.done:
            return [Told(t_s, TellKind.DONE, _CALIBRATED)]
        return [Told(t_s, TellKind.PROMPT, self._steps[self._at].prompt)]

    def _rows(self, sensor: str, start: int, stop: int) -> MotionRows:
        blocks = self._blocks[sensor]
        if len(blocks) > 1:
            blocks[:] = [join_motion(blocks)]
        return blocks[0][start:stop]

    def _times_s(self, spans: list[tuple[int, int]]) -> tuple[tuple[float, float], ...]:
        def at(row: int) -> float:
            return float(self._rows("lower", row, row + 1).t_s[0])

        return tuple((at(start), at(stop - 1)) for start, stop in spans)


def _steps(plan: Plan) -> list[Step]:
    made: list[Step] = []
    if plan.six_poses:
        which = "both sensors" if plan.two_sensors else "the sensor"
        made.append(SixPoses(f"Lay {which} on a table, on each of the six sides, two seconds each"))
    made += [
        Stand("Stand upright, arms hanging, and hold still", after_handling=plan.six_poses),
        Bends("Bend forward slowly as far as is comfortable and come back up, three times"),
        BackBends("Bend backward slowly as far as is comfortable and come back, twice"),
        PelvicTilts("Arch your lower back, then tuck your hips under, three times"),
    ]
    if plan.machine:
        seat = f"Sit down on the {plan.machine}, light or no weight, back flat on the pad, and hold still"
        made.append(Stand(seat, "seat"))
        made.append(PelvicTilts("Arch, then tuck against the pad, three times", seated=True))
    if plan.two_position:
        made += [
            Stand(
                "Take the sensor off and clip it on just below the lowest ribs (T12), then stand still",
                "t12",
                after_handling=True,
            ),
            Bends("Bend forward slowly as far as is comfortable and come back up, three times", "t12"),
            Stand("Clip the sensor back on at the sacrum, then stand still", after_handling=True),
            Bends("Bend forward slowly once and come back up", count=1),
        ]
    return made
