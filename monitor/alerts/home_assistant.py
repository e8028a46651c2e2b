"""Home Assistant finds the monitor by itself: the discovery message of the MQTT integration. Pure.

Device discovery needs Home Assistant 2024.12 or newer.
https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from monitor import __version__
from monitor.alerts import kinds
from monitor.alerts.messages import Message, encode
from monitor.model.events import FaultKind

if TYPE_CHECKING:
    from monitor.alerts.messages import Topics
    from monitor.model.as_json import Json

STATUS_TOPIC = "homeassistant/status"
"""Where Home Assistant says ``online`` after a start: discovery is due again."""

EXPIRE_AFTER_S = 10
"""Without a state for so long, values show as unavailable: 20 missed messages at the slowest rate."""

FRESH_S = 60
"""An alert delivered later than this sets off nothing: it belongs to an earlier set."""

SNOOZE_S = 300

ALERT_KINDS = (
    kinds.LIFT_OFF,
    kinds.APPROACHING,
    kinds.FINDING,
    kinds.RECAP,
    kinds.BACK_IN_RANGE,
    kinds.SENSOR_LOST,
    kinds.NOT_CALIBRATED,
    *(kind.value for kind in FaultKind),
)
"""What the event entity declares; Home Assistant drops events of a type it was not told."""


def discovery(topics: Topics) -> Message:
    """Return the retained message that makes Home Assistant show one device for this athlete."""
    device_id = f"lumbar_{_slug(topics.athlete)}"
    components = _sensors(topics) | _others(topics)
    payload: Json = {
        "device": {
            "identifiers": [device_id],
            "name": f"Lumbar monitor {topics.athlete}",
            "manufacturer": "lumbar-monitor",
            "model": "Low-back motion sensor",
            "sw_version": __version__,
        },
        "origin": {"name": "lumbar-monitor", "sw_version": __version__},
        "availability": [{"topic": topics.availability}],
        "qos": 1,
        "components": {
            f"{device_id}_{name}": component
            | ({} if _is_trigger(component) else {"unique_id": f"{device_id}_{name}"})
            for name, component in components.items()
        },
    }
    return Message(f"homeassistant/device/{device_id}/config", encode(payload), 1, retain=True)


def _sensors(topics: Topics) -> dict[str, Json]:
    angle: dict[str, str | int] = {
        "unit_of_measurement": "°",
        "state_class": "measurement",
        "suggested_display_precision": 0,
    }
    return {
        "tilt": _state(topics, "Pelvic tilt", "pelvic_tilt_deg", icon="mdi:angle-acute", **angle),
        "flexion": _state(topics, "Lumbar flexion", "lumbar_flexion_deg", icon="mdi:angle-acute", **angle),
        "reps": _state(topics, "Repetitions", "rep", icon="mdi:counter", state_class="total_increasing"),
        "set": _state(topics, "Set", "set", icon="mdi:numeric"),
        "exercise": _state(topics, "Exercise", "exercise", icon="mdi:weight-lifter"),
        "battery": _state(
            topics,
            "Sensor battery",
            "battery",
            device_class="battery",
            unit_of_measurement="%",
            state_class="measurement",
            entity_category="diagnostic",
        ),
    }


def _state(topics: Topics, name: str, key: str, **more: str | int) -> Json:
    return {
        "platform": "sensor",
        "name": name,
        "state_topic": topics.state,
        "value_template": "{{ value_json.%s }}" % key,  # noqa: UP031 - braces belong to the template
        "expire_after": EXPIRE_AFTER_S,
        **more,
    }


def _others(topics: Topics) -> dict[str, Json]:
    fresh = "value_json.age_s | default(0) < %d" % FRESH_S  # noqa: UP031
    return {
        "problem": {
            "platform": "binary_sensor",
            "name": "Back off the pad",
            "device_class": "problem",
            "state_topic": topics.state,
            "value_template": "{{ 'ON' if value_json.problem else 'OFF' }}",
            "expire_after": EXPIRE_AFTER_S,
        },
        "link": {
            "platform": "binary_sensor",
            "name": "Sensor link",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "state_topic": topics.state,
            "value_template": "{{ 'ON' if value_json.link == 'streaming' else 'OFF' }}",
            "expire_after": EXPIRE_AFTER_S,
        },
        "alert": {
            "platform": "event",
            "name": "Alert",
            "icon": "mdi:alert-circle-outline",
            "event_types": list(ALERT_KINDS),
            "state_topic": topics.alert,
            "value_template": (
                "{% if "
                + fresh
                + " %}{{ dict(value_json, event_type=value_json.kind) | to_json }}{% endif %}"
            ),
        },
        "snooze": {
            "platform": "button",
            "name": "Snooze 5 minutes",
            "icon": "mdi:bell-sleep",
            "command_topic": topics.command,
            "payload_press": '{"snooze_s": %d}' % SNOOZE_S,  # noqa: UP031
        },
        **{
            f"on_{kind}": {
                "platform": "device_automation",
                "automation_type": "trigger",
                "type": kind,
                "subtype": "alert",
                "topic": topics.alert,
                "payload": kind,
                "value_template": "{{ value_json.kind if " + fresh + " }}",
            }
            for kind in ALERT_KINDS
        },
    }


def _is_trigger(component: Json) -> bool:
    return bool(component["platform"] == "device_automation")


def _slug(athlete: str) -> str:
    """Return `athlete` in the letters discovery topics allow, still unlike any other athlete's."""
    plain = re.sub(r"[^a-zA-Z0-9_-]", "_", athlete)
    if plain == athlete:
        return plain
    return f"{plain}_{hashlib.sha256(athlete.encode()).hexdigest()[:6]}"
