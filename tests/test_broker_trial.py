"""Trying a broker the way a session uses it: figures where it works, one line that says why where not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from deaf_broker import DeafBroker
from listener import Listener
from mosquitto import Mosquitto, free_port, mosquitto, needs_mosquitto

from monitor.alerts.settings import MqttSettings
from monitor.alerts.trial import TOPIC, try_broker
from monitor.model.errors import BrokerError, ConfigError

__all__ = ["mosquitto"]

COUNT = 5


@needs_mosquitto
@pytest.mark.broker
class TestWithABroker:
    def test_it_tells_how_long_an_alert_takes_and_leaves_nothing_behind(
        self, mosquitto: Mosquitto, tmp_path: Path
    ) -> None:
        with Listener(mosquitto.port) as heard:
            trial = try_broker(mosquitto.url, MqttSettings(), count=COUNT, folder=tmp_path / "none" / "..")
            heard.wait(lambda h: len({m.payload for m in h if m.payload}) >= COUNT)
        assert (trial.address.port, trial.version, trial.delay.count) == (mosquitto.port, "5", COUNT)
        assert 0 < trial.delay.median_s <= trial.delay.p99_s
        assert {h.topic for h in heard.heard} == {TOPIC}
        assert not any(h.retained for h in heard.heard)
        assert [p for p in tmp_path.rglob("*") if "trial" in p.name] == []

    def test_a_folder_that_cannot_be_used_is_said_and_the_rest_is_tried(
        self, mosquitto: Mosquitto, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("")
        trial = try_broker(mosquitto.url, MqttSettings(), count=COUNT, folder=tmp_path / "file")
        assert trial.delay.count == COUNT
        assert trial.trouble == "no folder to save in"

    def test_a_broker_that_refuses_us_is_said(self, tmp_path: Path) -> None:
        passwords = tmp_path / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "anna", "right"], check=True)
        passwords.chmod(0o644)
        broker = Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {passwords}").start()
        with pytest.raises(BrokerError, match="user or password refused"):
            try_broker(f"mqtt://anna:wrong@127.0.0.1:{broker.port}", MqttSettings())
        broker.stop()


def test_nobody_there() -> None:
    with pytest.raises(BrokerError, match=r"nobody listens there$"):
        try_broker(f"mqtt://127.0.0.1:{free_port()}", MqttSettings())


def test_a_broker_that_confirms_nothing() -> None:
    with DeafBroker() as deaf, pytest.raises(BrokerError, match="without confirming them; allow QoS 1"):
        try_broker(deaf.url, MqttSettings())


def test_an_address_that_is_none() -> None:
    with pytest.raises(ConfigError, match="not spoken here"):
        try_broker("http://127.0.0.1", MqttSettings())
