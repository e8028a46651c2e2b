"""What others hear from a session over MQTT, and what a session does when the broker misbehaves."""

from __future__ import annotations

import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from alert_publisher import alert
from deaf_broker import DeafBroker
from listener import Listener
from mosquitto import Mosquitto, free_port, mosquitto, needs_mosquitto
from waiting import PATIENCE_S, until

from monitor.alerts.address import broker_address
from monitor.alerts.link import Connected, LinkNote
from monitor.alerts.messages import Message
from monitor.alerts.mqtt import PahoLink
from monitor.alerts.mqtt_sink import MqttSink
from monitor.alerts.settings import MqttSettings
from monitor.model.errors import ConfigError
from monitor.model.events import Level, LiftOff, LiftOffStarted, Rep, RepMetrics, SetSummary
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, PostureBlock, SensorInfo
from monitor.model.session import Annotation, LinkStatus, Output, SessionInfo

if TYPE_CHECKING:
    pass

__all__ = ["mosquitto"]

INFO = SessionInfo(
    EXERCISES["leg_press"],
    (SensorInfo(LOWER),),
    "anna",
    (60.0, 80.0),
    "2026-03-01T18:00:00+01:00",
    "s1",
)
METRICS = RepMetrics(0.5, 0.4, 0.4, 0.0, None, None, 0.0, 0.0, None, None, 1.0)
REP = Rep(1, 1, 4.0, 6.0, 8.0, 8.0, METRICS)
SET = SetSummary(1, 4.0, 30.0, 40.0, (1,), "leg_press", 60.0, "1 repetition")


def posture(start_s: float, rows: int = 10, tilt_rad: float = -0.2) -> PostureBlock:
    t_s = start_s + np.arange(1, rows + 1) / 100
    full = np.full(rows, 0.0)
    up = np.tile([0.0, 0.0, 1.0], (rows, 1))
    nan = np.full(rows, np.nan)
    return PostureBlock(
        t_s,
        full + tilt_rad,
        full + 0.02,
        full,
        full,
        nan,
        nan,
        up,
        up * np.nan,
        nan,
        np.ones(rows, dtype=bool),
    )


def begun(url: str, outbox: Path | None = None, **more: object) -> MqttSink:
    sink = MqttSink(url, outbox_path=outbox, **more)  # type: ignore[arg-type]
    sink.begin(INFO)
    return sink


@needs_mosquitto
@pytest.mark.broker
class TestWhatIsPublished:
    def test_a_short_session_delivers_everything_before_it_ends(self, mosquitto: Mosquitto) -> None:
        with Listener(mosquitto.port, "lumbar/#") as heard:
            sink = begun(mosquitto.url)
            items = (LinkStatus(0.0, LOWER, "streaming", battery=0.87),)
            sink.take(items, Output(posture(0.0), (alert(1), REP, SET)))
            sink.end()
            heard.wait(lambda h: len(h) >= 6)
        by_topic = {h.topic: h for h in heard.heard}
        assert [h.payload for h in heard.on("availability")] == [b"online", b"offline"]
        told = by_topic["lumbar/anna/alert"].json
        assert told["schema"] == "lumbar.alert/1"
        assert {k: told[k] for k in ("id", "kind", "cause", "confidence", "level", "rep", "text")} == {
            "id": "kill-lift_off-1",
            "kind": "lift_off",
            "cause": "lack_of_spinal_support",
            "confidence": "medium",
            "level": "alert",
            "rep": 1,
            "text": "Keep your back flat.",
        }
        assert datetime.fromisoformat(told["time"]) == datetime(2026, 3, 1, 17, 0, 1, tzinfo=UTC)
        assert told["age_s"] < PATIENCE_S
        assert by_topic["lumbar/anna/rep"].json["index"] == 1
        assert by_topic["lumbar/anna/set"].json["summary"] == "1 repetition"
        state = by_topic["lumbar/anna/state"].json
        assert state["pelvic_tilt_deg"] == pytest.approx(-11.46)
        assert state["lumbar_flexion_deg"] is None
        assert state["sigma"] == pytest.approx(1.15)
        assert (state["exercise"], state["battery"], state["link"]) == ("leg_press", 87, "streaming")
        assert (state["rep"], state["set"], state["load_kg"]) == (1, 2, 80.0)

    def test_availability_and_set_are_retained_alerts_and_reps_are_not(self, mosquitto: Mosquitto) -> None:
        sink = begun(mosquitto.url)
        sink.take((), Output(posture(0.0), (alert(1), REP, SET)))
        sink.end()
        with Listener(mosquitto.port, "lumbar/#") as late:
            late.wait_for("set")
            late.wait_for("availability")
        assert {h.topic for h in late.heard} == {"lumbar/anna/set", "lumbar/anna/availability"}
        assert all(h.retained for h in late.heard)

    def test_alert_carries_its_id_and_an_expiry_for_brokers_and_consumers(self, mosquitto: Mosquitto) -> None:
        with Listener(mosquitto.port, "lumbar/+/alert") as heard:
            sink = begun(mosquitto.url, settings=MqttSettings(alert_ttl_s=90))
            sink.take((), Output(events=(alert(1),)))
            (told,) = heard.wait_for("alert")
            sink.end()
        assert told.qos == 1
        assert told.properties.UserProperty == [("id", "kill-lift_off-1")]
        assert 60 < told.properties.MessageExpiryInterval <= 90

    def test_state_comes_two_to_five_times_a_second_of_session_time(self, mosquitto: Mosquitto) -> None:
        with Listener(mosquitto.port, "lumbar/+/state") as heard:
            sink = begun(mosquitto.url)
            assert sink.wait_connected(PATIENCE_S)
            for step in range(100):
                sink.take((), Output(posture(step / 10)))
            sink.end()
            heard.wait_for("state", 20)
        times = [h.json["time_s"] for h in heard.on("state")]
        assert 20 <= len(times) <= 50
        assert np.all(np.diff(times) >= 0.2 - 1e-9)

    def test_state_follows_the_session(self, mosquitto: Mosquitto) -> None:
        started = LiftOffStarted(4.5, 4.7, 0.25, 1, Level.ALERT)
        with Listener(mosquitto.port, "lumbar/+/state") as heard:
            sink = begun(mosquitto.url)
            assert sink.wait_connected(PATIENCE_S)
            sink.take((), Output(posture(1.0), (started,)))
            sink.take((), Output(posture(2.0), (LiftOff(4.5, 5.0, 4.7, 0.3, 1, Level.ALERT),)))
            said = (Annotation(3.0, "exercise", "hack_squat"), Annotation(3.0, "load_kg", 100.0))
            sink.take((*said, LinkStatus(3.0, LOWER, "lost")), Output(posture(3.0)))
            first, second, third = (h.json for h in heard.wait_for("state", 3))
            sink.end()
        assert (first["problem"], second["problem"]) == (True, False)
        assert (third["exercise"], third["load_kg"], third["link"]) == ("hack_squat", 100.0, "lost")

    def test_an_alert_goes_out_before_the_state_of_its_batch(self, mosquitto: Mosquitto) -> None:
        with Listener(mosquitto.port, "lumbar/#") as heard:
            sink = begun(mosquitto.url)
            assert sink.wait_connected(PATIENCE_S)
            for number in range(5):
                sink.take((), Output(posture(float(number)), (alert(number),)))
                heard.wait_for("state", number + 1)
                heard.wait_for("alert", number + 1)
            sink.end()
        order = [h.topic.rsplit("/", 1)[-1] for h in heard.heard if h.topic.endswith(("/alert", "/state"))]
        assert order[::2] == ["alert"] * 5

    def test_a_small_message_is_not_held_back_for_the_one_before(self, mosquitto: Mosquitto) -> None:
        address = broker_address(mosquitto.url)
        notes: queue.SimpleQueue[LinkNote] = queue.SimpleQueue()
        link = PahoLink(address, "nodelay", Message("will", b""), None, True, notes.put)
        assert isinstance(notes.get(timeout=PATIENCE_S), Connected)
        with socket.socket(fileno=os.dup(link._client.socket().fileno())) as used:
            held_back = not used.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        link.close()
        assert not held_back

    def test_a_killed_process_is_reported_offline_by_its_last_will(
        self, mosquitto: Mosquitto, tmp_path: Path
    ) -> None:
        program = str(Path(__file__).with_name("alert_publisher.py"))
        command = [sys.executable, program, mosquitto.url, str(tmp_path / "o.sqlite"), "1", "1"]
        with Listener(mosquitto.port, "lumbar/#") as heard:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            heard.wait_for("alert")
            process.kill()
            process.communicate()
            heard.wait_for("availability", 2)
        assert [h.payload for h in heard.on("availability")] == [b"online", b"offline"]


@needs_mosquitto
@pytest.mark.broker
class TestBrokerComesAndGoes:
    def test_alerts_wait_for_a_broker_that_starts_later(self, tmp_path: Path) -> None:
        broker = Mosquitto(tmp_path)
        sink = begun(broker.url)
        sink.take((), Output(events=(alert(1), alert(2))))
        until(lambda: "nobody listens there; trying again; 2 messages waiting" in sink.status())
        broker.start()
        with Listener(broker.port, "lumbar/+/alert", durable_id="consumer") as heard:
            assert [h.json["id"] for h in heard.wait_for("alert", 2)] == [
                "kill-lift_off-1",
                "kill-lift_off-2",
            ]
            sink.end()
        broker.stop()

    def test_alerts_of_an_earlier_run_are_delivered_with_their_age(self, tmp_path: Path) -> None:
        outbox = tmp_path / "outbox.sqlite"
        broker = Mosquitto(tmp_path)
        before = begun(broker.url, outbox)
        before.take((), Output(events=(alert(1),)))
        until(lambda: before.saved == 1)
        before.end()
        broker.start()
        with Listener(broker.port, "lumbar/+/alert") as heard:
            after = begun(broker.url, outbox)
            (told,) = heard.wait_for("alert")
            after.end()
        assert told.json["id"] == "kill-lift_off-1"
        broker.stop()

    def test_expired_alerts_are_not_delivered(self, tmp_path: Path) -> None:
        broker = Mosquitto(tmp_path)
        sink = begun(broker.url, settings=MqttSettings(alert_ttl_s=1))
        sink.take((), Output(events=(alert(1),)))
        until(lambda: "1 message waiting" in sink.status())
        until(lambda: "waiting" not in sink.status())
        broker.start()
        assert sink.wait_connected(PATIENCE_S)
        with Listener(broker.port, "lumbar/+/alert") as heard:
            sink.take((), Output(events=(alert(2),)))
            assert [h.json["id"] for h in heard.wait_for("alert")] == ["kill-lift_off-2"]
            sink.end()
        broker.stop()

    def test_a_lost_connection_is_said_and_mended(self, mosquitto: Mosquitto) -> None:
        sink = begun(mosquitto.url)
        assert sink.wait_connected(PATIENCE_S)
        assert sink.status() == f"broker 127.0.0.1:{mosquitto.port}: connected"
        mosquitto.kill()
        until(lambda: "trying again" in sink.status())
        mosquitto.start()
        until(lambda: sink.status().endswith(": connected"))
        sink.end()

    def test_a_broker_without_qos_1_is_said(self, tmp_path: Path) -> None:
        broker = Mosquitto(tmp_path, "allow_anonymous true\nmax_qos 0").start()
        sink = begun(broker.url)
        sink.take((), Output(events=(alert(1),)))
        until(lambda: "it takes no QoS 1, which alerts need; allow it there" in sink.status())
        until(lambda: sink.waiting == 1)
        sink.end()
        broker.stop()

    def test_the_way_to_the_broker_is_measured_outages_are_not(self, tmp_path: Path) -> None:
        broker = Mosquitto(tmp_path)
        sink = begun(broker.url)
        sink.take((), Output(events=(alert(1),)))
        until(lambda: sink.waiting == 1)
        broker.start()
        with Listener(broker.port, "lumbar/+/alert"):
            assert sink.wait_connected(PATIENCE_S)
            until(lambda: sink.waiting == 0)
            assert str(sink.delay) == "not measured yet"
            sink.take((), Output(events=tuple(alert(number) for number in range(2, 12))))
            until(lambda: sink.delay.count == 10)
        assert 0 < sink.delay.median_s <= sink.delay.p99_s < PATIENCE_S
        assert str(sink.delay).endswith(" ms of 10")
        sink.end()
        broker.stop()

    def test_an_alert_nobody_heard_is_offered_to_a_consumer_that_comes_back(
        self, mosquitto: Mosquitto
    ) -> None:
        sink = begun(mosquitto.url)
        assert sink.wait_connected(PATIENCE_S)
        sink.take((), Output(events=(alert(1),)))
        until(lambda: sink.saved == 1)
        with Listener(mosquitto.port, "lumbar/+/alert") as heard:
            heard.wait_for("alert")
            sink.end()


class TestMissingBroker:
    def test_a_session_without_a_broker_is_not_held_up(self) -> None:
        sink = begun(f"mqtt://127.0.0.1:{free_port()}")
        until(lambda: "nobody listens there" in sink.status())
        for number in range(100):
            sink.take((), Output(posture(float(number)), (alert(number),)))
        assert not sink.wait_connected(0.0)
        until(lambda: "100 messages waiting" in sink.status())
        sink.end()

    def test_a_host_that_does_not_exist_is_named(self) -> None:
        sink = begun("mqtt://nowhere.invalid")
        until(lambda: sink.status() == "broker nowhere.invalid:1883: no such host; trying again")
        sink.end()

    def test_a_port_that_speaks_something_else(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            stop = threading.Event()

            def rude() -> None:
                server.settimeout(0.1)
                while not stop.is_set():
                    try:
                        server.accept()[0].close()
                    except TimeoutError:
                        continue

            thread = threading.Thread(target=rude)
            thread.start()
            sink = begun(f"mqtt://127.0.0.1:{server.getsockname()[1]}")
            until(lambda: "closes the connection without an answer" in sink.status())
            sink.end()
            stop.set()
            thread.join()

    def test_a_broker_that_confirms_nothing_is_said_and_nothing_is_given_up(self, tmp_path: Path) -> None:
        with DeafBroker() as deaf:
            sink = begun(deaf.url, tmp_path / "outbox.sqlite")
            assert sink.wait_connected(PATIENCE_S)
            sink.take((), Output(events=(alert(1), alert(2))))
            until(lambda: "does not confirm 2 messages, allow QoS 1 there" in sink.status())
            assert (sink.waiting, sink.delay.count) == (2, 0)
            sink.end()
            again = begun(deaf.url, tmp_path / "outbox.sqlite")
            until(lambda: again.waiting == 2)
            again.end()

    def test_end_before_begin_and_end_twice_do_no_harm(self) -> None:
        sink = MqttSink("mqtt://127.0.0.1:1")
        sink.take((), Output())
        sink.end()
        sink.begin(INFO)
        sink.end()
        sink.end()

    def test_an_unusable_outbox_is_said_and_the_session_goes_on(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        sink = begun(f"mqtt://127.0.0.1:{free_port()}", tmp_path / "file" / "outbox.sqlite")
        sink.take((), Output(events=(alert(1),)))
        until(lambda: "alerts are not saved" in sink.status())
        sink.end()

    @pytest.mark.parametrize("name", ["a/b", "a+b", "#", "", "  ", "$SYS", "a\x00b", "x" * 65])
    def test_an_athlete_that_fits_no_topic_is_refused(self, name: str) -> None:
        sink = MqttSink("mqtt://127.0.0.1:1")
        with pytest.raises(ConfigError, match="topic"):
            sink.begin(SessionInfo(athlete=name))


@needs_mosquitto
@pytest.mark.broker
class TestSignIn:
    @pytest.fixture
    def guarded(self, tmp_path: Path) -> Mosquitto:
        passwords = tmp_path / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "anna", "right"], check=True)
        passwords.chmod(0o644)
        return Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {passwords}")

    def test_wrong_password_is_said_without_showing_it(
        self, guarded: Mosquitto, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        guarded.start()
        monkeypatch.setenv("LUMBAR_MQTT_PASSWORD", "wrong-secret")
        sink = begun(f"mqtt://anna@127.0.0.1:{guarded.port}")
        until(lambda: "user or password refused" in sink.status())
        assert "secret" not in sink.status()
        sink.end()
        guarded.stop()

    def test_right_password_from_the_environment(
        self, guarded: Mosquitto, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        guarded.start()
        monkeypatch.setenv("LUMBAR_MQTT_PASSWORD", "right")
        sink = begun(f"mqtt://anna@127.0.0.1:{guarded.port}")
        assert sink.wait_connected(PATIENCE_S)
        sink.end()
        guarded.stop()

    def test_a_topic_we_may_not_write_is_said(self, tmp_path: Path) -> None:
        rules = tmp_path / "rules"
        rules.write_text("topic read #\n")
        rules.chmod(0o644)
        broker = Mosquitto(tmp_path, f"allow_anonymous true\nacl_file {rules}").start()
        sink = begun(broker.url)
        sink.take((), Output(events=(alert(1),)))
        until(lambda: "refuses our messages (Not authorized)" in sink.status())
        sink.end()
        broker.stop()


@needs_mosquitto
@pytest.mark.broker
@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed (apt-get install openssl)"
)
class TestTls:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for name in ("ca", "other"):
            _openssl(
                tmp_path, "req -x509 -newkey rsa:2048 -nodes -days 2",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN=test {name}",
            )  # fmt: skip
        _openssl(
            tmp_path, "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=127.0.0.1"
        )
        (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        _openssl(
            tmp_path, "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2",
            "-out", "server.pem", "-extfile", "names",
        )  # fmt: skip
        return tmp_path

    @pytest.fixture
    def broker(self, folder: Path) -> Mosquitto:
        return Mosquitto(
            folder,
            f"allow_anonymous true\ncafile {folder}/ca.pem\n"
            f"certfile {folder}/server.pem\nkeyfile {folder}/server.key",
        )

    def test_connects_where_the_ca_is_known(self, broker: Mosquitto, folder: Path) -> None:
        broker.start()
        sink = begun(
            f"mqtts://127.0.0.1:{broker.port}", settings=MqttSettings(ca_file=str(folder / "ca.pem"))
        )
        assert sink.wait_connected(PATIENCE_S)
        sink.end()
        broker.stop()

    def test_wrong_ca_and_plain_ports_are_told_apart(self, broker: Mosquitto, folder: Path) -> None:
        broker.start()
        wrong = begun(
            f"mqtts://127.0.0.1:{broker.port}", settings=MqttSettings(ca_file=str(folder / "other.pem"))
        )
        system = begun(f"mqtts://127.0.0.1:{broker.port}")
        until(lambda: "certificate is not trusted, set the CA file" in wrong.status())
        until(lambda: "certificate is not trusted, set the CA file" in system.status())
        plain = begun(f"mqtt://127.0.0.1:{broker.port}")
        until(lambda: "closes the connection without an answer" in plain.status())
        for sink in (wrong, system, plain):
            sink.end()
        broker.stop()

    def test_tls_to_a_plain_port(self, mosquitto: Mosquitto) -> None:
        sink = begun(f"mqtts://127.0.0.1:{mosquitto.port}")
        until(lambda: "trying again" in sink.status())
        assert "mqtts:// needs a TLS port" in sink.status()
        sink.end()

    @pytest.mark.parametrize(
        ("content", "said"), [(None, "No such file"), ("no certificate", "not a certificate")]
    )
    def test_unusable_ca_file(self, tmp_path: Path, content: str | None, said: str) -> None:
        path = tmp_path / "ca-file.pem"
        if content is not None:
            path.write_text(content)
        with pytest.raises(ConfigError, match=said):
            MqttSink("mqtts://127.0.0.1", MqttSettings(ca_file=str(path)))


def _openssl(folder: Path, words: str, *more: str) -> None:
    subprocess.run(["openssl", *words.split(), *more], cwd=folder, check=True, capture_output=True)
