"""A session judged again, otherwise: which lift-offs, alerts and findings come, go or change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from monitor.analysis import analyze
from monitor.engine import EngineOptions
from monitor.model.session import SampleSource
from monitor.reviewed import events_of

Json = dict[str, Any]

SCHEMA: Final = "lumbar.whatif/1"
_NEAR_S: Final = 1.0
"""Two alerts of a kind this near are the same one: another limit moves its crossing by less."""
_Same = Callable[[Json, Json], bool]
_OF_NO_WEIGHT: Final = frozenset({"id", "decided_s"})
"""What may differ without a difference: ids count alerts, and speak time is no judgement."""


class Outcome(StrEnum):
    """What became of something."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is judged otherwise.

    Parameters
    ----------
    outcome
        What became of it.
    before, after
        The event as it was and as it would be; None where there is none.
    """

    outcome: Outcome
    before: Json | None
    after: Json | None

    @property
    def event(self) -> Json:
        """The event it is about, as it would be if it still is."""
        return self.before or {} if self.after is None else self.after

    @property
    def time_s(self) -> float:
        """When in the session."""
        return _begins_s(self.event)

    @property
    def text(self) -> str:
        """One line for a person."""
        at, now = _clock(self.time_s), words(self.event)
        if self.before is None or self.after is None:
            return f"{at}  {now}"
        was = words(self.before)
        if was != now:
            return f"{at}  {now}; was: {was}"
        moved = _clock(_begins_s(self.before))
        return f"{at}  {now}; was at {moved}" if moved != at else f"{at}  {now}; was measured otherwise"


def what_if(
    source: SampleSource,
    now: EngineOptions,
    then: EngineOptions,
    *,
    progress: Callable[[float], None] | None = None,
) -> list[Difference]:
    """Return what `then` judges otherwise than `now`, in order of time.

    Parameters
    ----------
    source
        The session.
    now, then
        How it is judged, and how it would be.
    progress
        Called with the session time reached in s, in the first run and again in the second.
    """
    before, after = (analyze(source, options, progress=progress) for options in (now, then))
    return differences(events_of(before), events_of(after))


def differences(before: Sequence[Json], after: Sequence[Json]) -> list[Difference]:
    """Return what `after` says otherwise than `before`, in order of time.

    Compared are repetitions, lift-offs, faults, findings and alerts; gaps, notes and the like
    say nothing about the lifter.

    Parameters
    ----------
    before, after
        Events of the public JSON, each with its `type`, of the same session.
    """
    made: list[Difference] = []
    for kind, same in _SAME.items():
        one, other = (_last_words(events, kind) for events in (before, after))
        made += _matched(one, other, same)
    return sorted(made, key=lambda d: d.time_s)


def _last_words(events: Iterable[Json], kind: str) -> list[Json]:
    """Return the events of a kind; of the findings only the last of each cause and set."""
    mine = [e for e in events if e["type"] == kind]
    if kind != "finding":
        return mine
    return list({(e["cause"], e.get("set")): e for e in mine}.values())


def _matched(before: list[Json], after: list[Json], same: _Same) -> list[Difference]:
    """Pair what is the same thing, nearest first, and tell the rest."""
    twins = [(i, j) for i, old in enumerate(before) for j, new in enumerate(after) if same(old, new)]
    twins.sort(key=lambda pair: (abs(_begins_s(before[pair[0]]) - _begins_s(after[pair[1]])), pair))
    old_with: dict[int, int] = {}
    new_with: dict[int, int] = {}
    for i, j in twins:
        if i not in old_with and j not in new_with:
            old_with[i], new_with[j] = j, i
    made = [
        Difference(Outcome.CHANGED, before[i], after[j])
        for i, j in old_with.items()
        if _weight(before[i]) != _weight(after[j])
    ]
    # Where two lift-offs become one, or one becomes two, nothing comes or goes.
    split = {j: i for i, j in reversed(twins) if same is _overlap and j not in new_with}
    joined = {i: j for i, j in reversed(twins) if same is _overlap and i not in old_with}
    made += [Difference(Outcome.CHANGED, before[i], after[j]) for j, i in split.items()]
    made += [Difference(Outcome.CHANGED, before[i], after[j]) for i, j in joined.items()]
    added = set(range(len(after))) - new_with.keys() - split.keys()
    gone = set(range(len(before))) - old_with.keys() - joined.keys()
    made += [Difference(Outcome.ADDED, None, after[j]) for j in sorted(added)]
    return made + [Difference(Outcome.GONE, before[i], None) for i in sorted(gone)]


def _weight(event: Json) -> Json:
    return {key: value for key, value in event.items() if key not in _OF_NO_WEIGHT}


def _overlap(one: Json, other: Json) -> bool:
    return bool(one["start_s"] < other["end_s"] and other["start_s"] < one["end_s"])


def _same_alert(one: Json, other: Json) -> bool:
    same = (one["kind"], one["cause"]) == (other["kind"], other["cause"])
    return same and abs(one["time_s"] - other["time_s"]) <= _NEAR_S


def _same_fault(one: Json, other: Json) -> bool:
    return bool(one["kind"] == other["kind"] and abs(one["time_s"] - other["time_s"]) <= _NEAR_S)


def _same_finding(one: Json, other: Json) -> bool:
    return bool(one["cause"] == other["cause"] and one.get("set") == other.get("set"))


_SAME: Final[dict[str, _Same]] = {
    "rep": _overlap,
    "lift_off": _overlap,
    "fault": _same_fault,
    "finding": _same_finding,
    "alert": _same_alert,
}
"""The kinds that are compared, in this order, and when two events are one."""


def _begins_s(event: Json) -> float:
    begins_s = event["start_s"] if "start_s" in event else event["time_s"]
    return float(begins_s)


def _clock(time_s: float) -> str:
    return f"{int(time_s // 60)}:{time_s % 60:04.1f}"


def words(event: Json) -> str:
    """Return an event in a few words."""
    match event.get("type"):
        case "rep":
            return f"repetition {event['index']}"
        case "lift_off":
            where = f" in rep {event['rep']}" if event.get("rep") else ""
            return f"lift-off of {event['peak_deg']:.1f} deg{where} ({event['level']})"
        case "fault":
            size = f" of {event['value_deg']:.1f} deg" if event.get("value_deg") is not None else ""
            return f"{event['kind'].replace('_', ' ')}{size} ({event['level']})"
        case "finding":
            reps = ", ".join(map(str, event["reps"]))
            cause = event["cause"].replace("_", " ")
            return f"{cause}, {event['confidence']} confidence, reps {reps} ({event['level']})"
        case "alert":
            sounded = "" if event.get("audible", True) else ", silent"
            about = event["cause"] if event["kind"] == "finding" else event["kind"]
            about = about.replace("lift_off", "lift-off").replace("_", " ")
            return f"{about} {event['level']}{sounded}"
        case _:
            return str(event.get("type", ""))


def whatif_json(made: Sequence[Difference]) -> Json:
    """Return the differences as the public JSON ``lumbar.whatif/1``."""
    return {
        "schema": SCHEMA,
        "added": [d.after for d in made if d.outcome is Outcome.ADDED],
        "gone": [d.before for d in made if d.outcome is Outcome.GONE],
        "changed": [{"before": d.before, "after": d.after} for d in made if d.outcome is Outcome.CHANGED],
    }
