"""The messages we publish: topics and JSON payloads of the public contract. Pure."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor.model.as_json import Json, event_json
from monitor.model.errors import ConfigError

if TYPE_CHECKING:
    from monitor.model.events import Alert, Rep, SetSummary
    from monitor.model.samples import PostureBlock

ONLINE = "online"
OFFLINE = "offline"
STATE_SCHEMA = "lumbar.state/1"
REP_SCHEMA = "lumbar.rep/1"
ALERT_SCHEMA = "lumbar.alert/1"
SET_SCHEMA = "lumbar.set/1"

_ATHLETE_LENGTH = 64
_NOT_IN_A_LEVEL = re.compile(r"[+#/\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish now or never: telemetry, discovery, availability."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one athlete: ``lumbar/<athlete>/...``.

    Raises
    ------
    ConfigError
        If the name cannot be one level of a topic.
    """

    athlete: str

    def __post_init__(self) -> None:
        """Refuse a name that would change the topics' shape."""
        if not self.athlete.strip() or len(self.athlete) > _ATHLETE_LENGTH:
            raise ConfigError(
                f"athlete {self.athlete[:80]!r}: give a name of 1 to {_ATHLETE_LENGTH} characters, "
                "it is part of topics"
            )
        if _NOT_IN_A_LEVEL.search(self.athlete) or self.athlete.startswith("$"):
            raise ConfigError(
                f"athlete {self.athlete!r}: leave out + # / and $ at the start, it is part of topics"
            )

    def topic(self, leaf: str) -> str:
        """Return the topic called `leaf`."""
        return f"lumbar/{self.athlete}/{leaf}"

    @property
    def availability(self) -> str:
        """``online`` or ``offline``, retained."""
        return self.topic("availability")

    @property
    def state(self) -> str:
        """Angles now, several times a second."""
        return self.topic("state")

    @property
    def rep(self) -> str:
        """One message per repetition."""
        return self.topic("rep")

    @property
    def alert(self) -> str:
        """One message per alert."""
        return self.topic("alert")

    @property
    def set_summary(self) -> str:
        """One message per set, retained."""
        return self.topic("set")

    @property
    def command(self) -> str:
        """What others may tell us."""
        return self.topic("command")


@dataclass(slots=True)
class SessionState:
    """What the state message says beside the angles; kept up to date by the sink."""

    exercise: str
    load_kg: float | None = None
    rep: int = 0
    set_index: int = 0
    battery_percent: int | None = None
    link: str = "connecting"
    problem: bool = False
    """Whether the back is off the pad right now."""


def alert_json(alert: Alert, *, time_unix_s: float, session_id: str) -> Json:
    """Return the payload of an alert; `time` is the wall clock in ISO 8601, UTC."""
    return {
        "schema": ALERT_SCHEMA,
        **event_json(alert),
        "time": _iso(time_unix_s),
        "session": session_id,
    }


def rep_json(rep: Rep, session_id: str) -> Json:
    """Return the payload of a repetition."""
    return {"schema": REP_SCHEMA, **event_json(rep), "session": session_id}


def set_json(done: SetSummary, session_id: str) -> Json:
    """Return the payload of a set."""
    return {"schema": SET_SCHEMA, **event_json(done), "session": session_id}


def state_json(posture: PostureBlock, state: SessionState) -> Json:
    """Return the payload of the newest row of `posture`; angles in degrees, null where unknown."""
    return {
        "schema": STATE_SCHEMA,
        "time_s": round(float(posture.t_s[-1]), 3),
        "pelvic_tilt_deg": _deg(posture.pelvic_tilt_rad),
        "lumbar_flexion_deg": _deg(posture.lumbar_flexion_rad),
        "sigma": _deg(_sigma(posture)),
        "rep": state.rep,
        "set": state.set_index,
        "exercise": state.exercise,
        "load_kg": state.load_kg,
        "battery": state.battery_percent,
        "link": state.link,
        "problem": state.problem,
    }


def encode(payload: Json) -> bytes:
    """Return `payload` as compact UTF-8 JSON; NaN and infinity become null."""
    text = json.dumps(_finite(payload), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")  # a lone surrogate in a note is no reason to stay silent


def _sigma(posture: PostureBlock) -> Any:
    """Return the sigma of the flexion where there is one, else of the tilt."""
    if math.isnan(posture.lumbar_flexion_rad[-1]):
        return posture.pelvic_tilt_sigma_rad
    return posture.lumbar_flexion_sigma_rad


def _deg(values_rad: Any) -> float | None:
    value = float(values_rad[-1])
    return None if math.isnan(value) else round(math.degrees(value), 2)


def _iso(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case _:
            return value
