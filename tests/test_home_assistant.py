"""Home Assistant shows the monitor without being configured, and rings only for what is new."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from alert_publisher import alert
from listener import Listener
from mosquitto import Mosquitto, free_port, mosquitto, needs_mosquitto
from test_mqtt import INFO, REP, begun, posture
from waiting import until

from monitor.alerts.home_assistant import ALERT_KINDS, discovery
from monitor.alerts.messages import Topics
from monitor.alerts.settings import MqttSettings
from monitor.model.events import FaultKind
from monitor.model.samples import LOWER
from monitor.model.session import LinkStatus, Output

__all__ = ["mosquitto"]

PYTHON = os.environ.get("LUMBAR_HOME_ASSISTANT", "")
"""A Python that has Home Assistant 2024.12 or newer and paho-mqtt, for the trial with the real one."""


def announced(athlete: str) -> tuple[str, dict[str, Any]]:
    message = discovery(Topics(athlete))
    return message.topic, json.loads(message.payload)


def test_it_is_one_device_with_all_there_is_to_show() -> None:
    topic, told = announced("anna")
    assert topic == "homeassistant/device/lumbar_anna/config"
    assert told["device"]["identifiers"] == ["lumbar_anna"]
    assert told["origin"]["name"] == "lumbar-monitor"
    assert told["availability"] == [{"topic": "lumbar/anna/availability"}]
    platforms = {name.removeprefix("lumbar_anna_"): c["platform"] for name, c in told["components"].items()}
    assert {"tilt", "flexion", "reps", "set", "battery", "link", "problem", "alert", "snooze"} <= set(
        platforms
    )
    assert (platforms["problem"], platforms["alert"]) == ("binary_sensor", "event")
    assert sum(platform == "device_automation" for platform in platforms.values()) == len(ALERT_KINDS)


def test_values_expire_and_alerts_are_declared() -> None:
    components = announced("anna")[1]["components"]
    for component in components.values():
        if component["platform"] in {"sensor", "binary_sensor"}:
            assert component["state_topic"] == "lumbar/anna/state"
            assert component["expire_after"] == 10
    declared = components["lumbar_anna_alert"]["event_types"]
    assert {"lift_off", "finding", *(kind.value for kind in FaultKind)} <= set(declared)


@pytest.mark.parametrize("athlete", ["Anna Müller", "李", "a b", "x.y", "me"])
def test_any_name_makes_a_topic_home_assistant_accepts(athlete: str) -> None:
    topic, told = announced(athlete)
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic)
    assert told["availability"][0]["topic"] == f"lumbar/{athlete}/availability"
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", name) for name in told["components"])


def test_names_that_differ_stay_different() -> None:
    topics = {announced(name)[0] for name in ("a b", "a_b", "a.b", "ä_b")}
    assert len(topics) == 4


@needs_mosquitto
@pytest.mark.broker
def test_it_is_announced_for_good_and_again_when_home_assistant_starts(mosquitto: Mosquitto) -> None:
    topic = "homeassistant/device/lumbar_anna/config"
    with Listener(mosquitto.port, "#") as heard:
        sink = begun(mosquitto.url)
        assert heard.wait_for("config")[0].topic == topic
        heard.client.publish("homeassistant/status", "offline", 1)
        heard.client.publish("homeassistant/status", "online", 1)
        first, second = heard.wait_for("config", 2)
        assert first.payload == second.payload
        sink.end()
    with Listener(mosquitto.port, "homeassistant/#") as late:
        assert late.wait_for("config")[0].retained


@needs_mosquitto
@pytest.mark.broker
def test_it_may_be_switched_off(mosquitto: Mosquitto) -> None:
    with Listener(mosquitto.port, "#") as heard:
        sink = begun(mosquitto.url, settings=MqttSettings(home_assistant=False))
        heard.wait_for("availability")
        sink.end()
        heard.wait_for("availability", 2)
    assert heard.on("config") == []


class RealHomeAssistant:
    """A Home Assistant of its own, with nothing but MQTT."""

    def __init__(self, folder: Path, port: int) -> None:
        probe = Path(__file__).with_name("home_assistant_probe.py")
        self._process = subprocess.Popen(
            [PYTHON, str(probe), str(folder), str(port), str(free_port())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def ask(self, line: str = "") -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._answer())
        return answer

    def state(self, entity: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask()["states"].get(entity, {"state": None})
        return found

    def stop(self) -> None:
        self._process.communicate(timeout=30)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@needs_mosquitto
@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.skipif(
    not PYTHON,
    reason="LUMBAR_HOME_ASSISTANT does not name a Python with Home Assistant (pip install homeassistant)",
)
def test_the_real_home_assistant(mosquitto: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    home = RealHomeAssistant(tmp_path / "config", mosquitto.port)
    said: list[tuple[str, str | float]] = []
    sink = begun(mosquitto.url, on_annotation=lambda kind, value: said.append((kind, value)))
    name = f"lumbar_monitor_{INFO.athlete}"
    until(lambda: home.state(f"event.{name}_alert")["state"] is not None)

    sink.take((LinkStatus(0.0, LOWER, "streaming", battery=0.8),), Output(posture(0.0), (REP, alert(1))))
    until(lambda: home.state(f"event.{name}_alert").get("id") == "kill-lift_off-1")

    seconds = itertools.count(1.0)

    def tilt() -> str:
        sink.take((), Output(posture(next(seconds))))
        return str(home.state(f"sensor.{name}_pelvic_tilt")["state"])

    until(lambda: tilt() == "-11.46")
    told = home.ask()
    states = {entity: attributes["state"] for entity, attributes in told["states"].items()}
    assert states[f"sensor.{name}_lumbar_flexion"] == "unknown"
    assert states[f"sensor.{name}_repetitions"] == "1"
    assert states[f"sensor.{name}_sensor_battery"] == "80"
    assert states[f"binary_sensor.{name}_back_off_the_pad"] == "off"
    assert states[f"binary_sensor.{name}_sensor_link"] == "on"
    assert told["states"][f"event.{name}_alert"]["event_type"] == "lift_off"
    assert told["triggers"] == sorted(ALERT_KINDS)

    home.ask(f"press button.{name}_snooze_5_minutes")
    until(lambda: said == [("snooze_s", 300.0)])

    with Listener(mosquitto.port, "lumbar/#") as other:
        late = json.dumps({"kind": "lift_off", "id": "late", "age_s": 100})
        new = json.dumps({"kind": "finding", "id": "new", "age_s": 1})
        other.client.publish(f"lumbar/{INFO.athlete}/alert", late, 1)
        other.client.publish(f"lumbar/{INFO.athlete}/alert", new, 1)
        until(lambda: home.state(f"event.{name}_alert").get("id") == "new")

    # The monitor is there and its sensor says nothing any more: no figure stays on as if it were new.
    assert tilt() == "-11.46"
    until(lambda: home.state(f"sensor.{name}_pelvic_tilt")["state"] == "unavailable", 60)
    until(lambda: tilt() == "-11.46")
    assert home.state(f"event.{name}_alert")["state"] != "unavailable"

    sink.end()
    until(lambda: home.state(f"event.{name}_alert")["state"] == "unavailable")
    assert home.ask()["complaints"] == []
    home.stop()
