"""The what-if page: which settings can be tried, and what came of it in words. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gui.words import with_sign
from monitor.engine import EngineOptions
from monitor.whatif import Difference, Outcome
from monitor.wording import counted

COLUMNS = ("", "What", "Outcome")
KINDS = {"alert": "alert", "lift_off": "lift-off", "finding": "finding", "fault": "remark", "rep": "rep"}
OUTCOMES = {Outcome.ADDED: "added", Outcome.GONE: "gone", Outcome.CHANGED: "changed"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A threshold that can be tried.

    Parameters
    ----------
    key
        Its name in `PipelineSettings`.
    words, group
        What a person calls it, and under which heading.
    unit
        ``"°"``, ``"s"`` or ``"%"`` (kept as a share).
    least, most, step
        Of the field, in the unit shown.
    """

    key: str
    words: str
    group: str
    unit: str
    least: float
    most: float
    step: float

    @property
    def scale(self) -> float:
        """What a value in the settings is multiplied by to be shown."""
        return 100.0 if self.unit == "%" else 1.0


SETTINGS = (
    Setting("lift_off_caution_deg", "Caution from", "Lift-off from the pad", "°", 1, 40, 1),
    Setting("lift_off_alert_deg", "Alert from", "Lift-off from the pad", "°", 1, 45, 1),
    Setting("lift_off_dwell_s", "Lasting at least", "Lift-off from the pad", "s", 0, 2, 0.05),
    Setting("tuck_caution_deg", "Caution from", "Tuck at the turn", "°", 1, 40, 1),
    Setting("tuck_alert_deg", "Alert from", "Tuck at the turn", "°", 1, 45, 1),
    Setting("tempo_caution", "Caution from", "Tempo loss", "%", 5, 80, 5),
    Setting("tempo_alert", "Alert from", "Tempo loss", "%", 5, 90, 5),
    Setting("rest_s", "A set ends after", "Sets", "s", 4, 120, 1),
)
CALIBRATIONS = {
    "recorded": "As recorded",
    "auto": "By itself, from the session",
    "none": "None: along the body's axes",
}


def shown_value(options: EngineOptions, setting: Setting) -> float:
    """Return a setting's value in the unit shown."""
    return float(getattr(options.pipeline, setting.key)) * setting.scale


def changed(options: EngineOptions, values: Mapping[str, float], calibration: str) -> EngineOptions:
    """Return `options` with other values, in the units shown."""
    scales = {s.key: s.scale for s in SETTINGS}
    pipeline = replace(options.pipeline, **{key: value / scales[key] for key, value in values.items()})
    return replace(options, pipeline=pipeline, calibration=calibration)


def summary(made: Sequence[Difference]) -> str:
    """Return what would be otherwise, in a sentence."""
    if not made:
        return "Nothing would be judged otherwise."
    counts = Counter((d.outcome, str(d.event.get("type"))) for d in made)
    parts = []
    for outcome, said in OUTCOMES.items():
        what = [counted(count, KINDS.get(kind, kind)) for kind in KINDS if (count := counts[outcome, kind])]
        if what:
            parts.append(f"{', '.join(what)} {said}")
    return "; ".join(parts) + "."


def in_order(made: Sequence[Difference]) -> list[Difference]:
    """Return what comes or goes first, then what only changes; each in order of time."""
    return sorted(made, key=lambda d: (d.outcome is Outcome.CHANGED, d.time_s))


def rows(made: Sequence[Difference]) -> list[tuple[str, ...]]:
    """Return the differences in the order of `COLUMNS`."""
    return [
        (
            KINDS.get(str(d.event.get("type")), ""),
            with_sign(d.text),
            OUTCOMES[d.outcome],
        )
        for d in made
    ]
