"""What was off in one repetition, against the lifter's own usual one where that is known.

The first trigger is personal: the usual value plus the larger of the least detectable change (6 deg
in squat-type lifts, 8 deg in hinges, Aasa 2019) and two standard deviations. Absolute limits stand
in only where the reversal itself is the fault (tuck; hips first, while the usual is not known).
"""

from __future__ import annotations

import math
from typing import Final

from monitor.model.events import Fault, FaultKind, Level, Rep, RepMetrics
from monitor.model.exercise import Exercise
from monitor.pipeline.baseline import Baseline, Measures, measures
from monitor.pipeline.settings import PipelineSettings
from monitor.pipeline.squat_model import named_faults

TUCKING: Final = frozenset({"squat", "lunge"})
"""Exercises whose posterior reversal at the turn is a fault."""
HINGES: Final = frozenset({"rdl", "deadlift"})
_LEANING: Final = frozenset({"lunge", "deadlift"})
_ARCHING: Final = frozenset({"hip_thrust"})
_ALTERNATING: Final = frozenset({"lunge"})
Limits = tuple[float, float]
_SIDE_RAD: Final[Limits] = (math.radians(5.0), math.radians(8.0))
_TWIST_RAD: Final[Limits] = (math.radians(10.0), math.radians(15.0))
_FLEXION_SHARES: Final[Limits] = (0.65, 0.80)
_HINGE_SHARES: Final[Limits] = (0.75, 0.88)
_EXTENSION_SHARES: Final[Limits] = (0.50, 0.75)
"""Of the own range: good lifters use 25 to 60 % of their flexion in squats and 60 to 70 % in deadlifts.
Where the change from the usual and the share are both known, the greater counts."""
_NO_SHARE: Final[Limits] = (-math.inf, -math.inf)
_ALERT_BEYOND_RAD: Final = math.radians(5.0)
_BETWEEN_DAYS_RAD: Final = math.radians(8.0)
"""A peak angle from another neutral pose and another place on the skin: LoA of 8 deg (Chang 2022)."""
_SIGMA_RAD: Final = math.radians(1.2)
"""Of an angle within one repetition; see VALIDATION.md. Limits of tilt and twist are past by so much."""
_TIPPED_RAD: Final[Limits] = (math.radians(10.0), math.radians(15.0))
"""A trunk that tips so far forward while the hips rise does not follow them, whatever is usual."""
_FOLLOWS_RAD: Final[Limits] = (0.0, _ALERT_BEYOND_RAD)
"""A trunk that has come up at all follows the hips, however late against the usual."""
_TUCKED_RAD: Final = math.radians(2.0)
"""A tuck one would see; less is told from the usual by its shape, which a late trunk has too."""
_SWAYS: Final = 1.3
"""Who leans to a side, or turns, and comes back moves more than usual, and is not unsteady for that: the way
is twice its range, and some two times as long in swaying."""
_SHORT_SHARE: Final = 0.8
LEAST_COVERAGE: Final = 0.8
"""With fewer samples a repetition is not judged."""


def change_rad(exercise: Exercise) -> float:
    """Return the least change of an angle that is one, in rad."""
    return math.radians(8.0 if exercise.name in HINGES else 6.0)


def personal_change_rad(exercise: Exercise, deviation_rad: float, *, same_session: bool) -> float:
    """Return by how much an angle must differ from the usual one to be told, in rad.

    Parameters
    ----------
    exercise
        What is done.
    deviation_rad
        Standard deviation of the angle over the usual repetitions.
    same_session
        False where the sensors were taken off since.
    """
    remounted = 0.0 if same_session else _BETWEEN_DAYS_RAD
    return max(math.hypot(change_rad(exercise), remounted), 2 * deviation_rad)


def tuck_limit_rad(exercise: Exercise, base: Baseline | None, settings: PipelineSettings) -> float:
    """Return the posterior reversal in rad from which a tuck is one, usual or not."""
    least = math.radians(settings.tuck_caution_deg)
    return least if base is None else max(least, base.usual.tuck_rad + change_rad(exercise))


def tempo_loss(rep: Rep, best_s: float) -> float:
    """Return the loss of mean speed against the set's best concentric phase, 0 to 1."""
    return max(0.0, 1.0 - best_s / rep.concentric_s) if rep.concentric_s > 0 else 0.0


def faults(
    rep: Rep, exercise: Exercise, base: Baseline | None, best_s: float, settings: PipelineSettings
) -> tuple[Fault, ...]:
    """Return the faults of a repetition.

    Parameters
    ----------
    rep
        The repetition, without faults.
    base
        The lifter's usual repetition; None if not known yet.
    best_s
        Shortest concentric phase of the set so far in s, this one included.
    """
    if rep.metrics.coverage < LEAST_COVERAGE:
        return ()
    made = _Made(rep)
    if exercise.name in TUCKING:
        made.past(
            FaultKind.TUCK,
            rep.metrics.tuck_rad,
            math.radians(settings.tuck_caution_deg),
            math.radians(settings.tuck_alert_deg),
        )
    loss = tempo_loss(rep, best_s)
    made.past(FaultKind.SLOW_REP, loss, settings.tempo_caution, settings.tempo_alert, angular=False)
    if base is not None:
        _personal(made, rep, exercise, base, settings)
    _hips_first(made, measures(rep), exercise, base)
    return tuple(made.faults.values())


def _personal(made: _Made, rep: Rep, exercise: Exercise, base: Baseline, settings: PipelineSettings) -> None:
    now, usual, spread = measures(rep), base.usual, base.spread
    if exercise.name == "squat":
        for kind in named_faults(rep, base):
            size = {FaultKind.LEAN: now.peak_rad - usual.peak_rad, FaultKind.TUCK: now.tuck_rad}.get(kind)
            share = 1.0 - now.depth_m / usual.depth_m if kind is FaultKind.SHORT_REP else None
            made.add(kind, Level.CAUTION, size, share)
    elif now.range_rad < _SHORT_SHARE * usual.range_rad and not exercise.back_supported:
        made.add(FaultKind.SHORT_REP, Level.CAUTION, None, 1.0 - now.range_rad / usual.range_rad)

    def beyond(
        kind: FaultKind, value: float, normal: float, deviation: float, own: Limits = _NO_SHARE
    ) -> None:
        least = personal_change_rad(exercise, deviation, same_session=base.same_session)
        caution, alert = max(least, own[0] - normal), max(least + _ALERT_BEYOND_RAD, own[1] - normal)
        made.past(kind, value - normal, caution, alert)

    if exercise.name in _LEANING:
        beyond(FaultKind.LEAN, now.peak_rad, usual.peak_rad, spread.peak_rad)
    if exercise.name in _ARCHING:
        if math.isnan(now.extension_rad - usual.extension_rad):
            # The thrust's turn is posterior: more is further down.
            beyond(FaultKind.OVEREXTENSION, -now.peak_rad, -usual.peak_rad, spread.peak_rad)
        else:
            own = _shares(settings.own_extension_deg, _EXTENSION_SHARES)
            beyond(FaultKind.OVEREXTENSION, now.extension_rad, usual.extension_rad, spread.extension_rad, own)
    if not exercise.back_supported and not math.isnan(now.flexion_rad - usual.flexion_rad):
        shares = _HINGE_SHARES if exercise.name in HINGES else _FLEXION_SHARES
        own = _shares(settings.own_flexion_deg, shares)
        beyond(FaultKind.ROUNDING, now.flexion_rad, usual.flexion_rad, spread.flexion_rad, own)
    if not exercise.back_supported:
        _to_the_side(made, now, exercise, base)
        _swaying(made, rep.metrics, usual.sway_rads)


def _hips_first(made: _Made, now: Measures, exercise: Exercise, base: Baseline | None) -> None:
    tucked_rad = now.tuck_rad - (0.0 if base is None else base.usual.tuck_rad)
    if math.isnan(now.flexion_rad) and FaultKind.TUCK in made.faults and tucked_rad >= _TUCKED_RAD:
        return  # with one sensor a pelvis that comes out of a tuck tips forward too
    usual_rad, (caution, alert) = 0.0, _TIPPED_RAD
    # Of the trunk with two sensors, of the pelvis with one: what is usual must be of the same. Both
    # angles are of one repetition, so that nothing is lost by taking the sensors off.
    if base is not None and math.isnan(now.flexion_rad) == math.isnan(base.usual.flexion_rad):
        known = base.usual.hips_first_rad
        least = known + personal_change_rad(exercise, base.spread.hips_first_rad, same_session=True)
        if not math.isnan(known):
            usual_rad = min(known, 0.0)
            caution = min(caution, max(least, _FOLLOWS_RAD[0]))
            alert = min(alert, max(least + _ALERT_BEYOND_RAD, _FOLLOWS_RAD[1]))
    if exercise.name in HINGES:
        alert = math.inf  # when the hips turned is known less well there: one repetition alone is not said
    value = now.hips_first_rad - usual_rad
    made.past(FaultKind.HIPS_FIRST, value, caution - usual_rad, alert - usual_rad)
    if FaultKind.HIPS_FIRST in made.faults:
        # Who tips on the way up is further forward than usual: one thing seen twice.
        made.faults.pop(FaultKind.LEAN, None)


def _shares(own_deg: float | None, shares: Limits) -> Limits:
    """Return the limits in rad that shares of an own range give."""
    if own_deg is None:
        return _NO_SHARE
    return math.radians(shares[0] * own_deg), math.radians(shares[1] * own_deg)


def _to_the_side(made: _Made, now: Measures, exercise: Exercise, base: Baseline) -> None:
    usual, spread = base.usual, base.spread

    def past(kind: FaultKind, value: float, normal: float, deviation: float, limits: Limits) -> None:
        # Left and right take turns in a lunge: what is usual has either sign.
        other = -normal if exercise.name in _ALTERNATING else normal
        least, alert = (max(limit + _SIGMA_RAD, 2 * deviation) for limit in limits)
        made.past(kind, min(abs(value - normal), abs(value - other)), least, alert)

    past(FaultKind.SIDE_TILT, now.side_rad, usual.side_rad, spread.side_rad, _SIDE_RAD)
    past(FaultKind.TWIST, now.twist_rad, usual.twist_rad, spread.twist_rad, _TWIST_RAD)


def _swaying(made: _Made, now: RepMetrics, usual_rads: float) -> None:
    if now.to_and_fro is None or now.to_and_fro >= _SWAYS:
        made.past(FaultKind.UNSTEADY, now.sway_rads / usual_rads - 1.0, 0.40, 0.65, angular=False)


class _Made:
    """The faults of one repetition, one of each kind."""

    def __init__(self, rep: Rep) -> None:
        self.rep = rep
        self.faults: dict[FaultKind, Fault] = {}

    def add(self, kind: FaultKind, level: Level, value_rad: float | None, value: float | None) -> None:
        if kind not in self.faults:
            self.faults[kind] = Fault(kind, level, self.rep.turn_s, self.rep.decided_s, value_rad, value)

    def past(
        self, kind: FaultKind, value: float, caution: float, alert: float, *, angular: bool = True
    ) -> None:
        """Add a fault if `value` is past its limits."""
        if value >= caution:
            level = Level.ALERT if value >= alert else Level.CAUTION
            self.add(kind, level, value if angular else None, None if angular else value)
