"""The embedded broker: for the demo, this machine only, and a session that speaks to it."""

from __future__ import annotations

import socket
import subprocess
import sys

import psutil
import pytest
from alert_publisher import alert
from listener import Listener
from mosquitto import free_port
from waiting import PATIENCE_S

from monitor.alerts.broker import EmbeddedBroker
from monitor.alerts.mqtt_sink import MqttSink
from monitor.model.errors import BrokerError
from monitor.model.session import Output, SessionInfo

pytest.importorskip(
    "iotcore", reason="the extra 'broker' is not installed (pip install 'lumbar-monitor[broker]')"
)


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def test_a_session_reaches_listeners_that_speak_the_usual_version() -> None:
    with EmbeddedBroker(free_port()) as url, Listener(port_of(url), "lumbar/#", version_5=False) as heard:
        sink = MqttSink(url)
        sink.begin(SessionInfo())
        sink.take((), Output(events=(alert(1), alert(2))))
        sink.end()
        heard.wait_for("availability", 2)
        assert [h.json["id"] for h in heard.on("alert")] == ["kill-lift_off-1", "kill-lift_off-2"]
        assert [h.payload for h in heard.on("availability")] == [b"online", b"offline"]


def test_what_is_retained_reaches_a_late_listener() -> None:
    with EmbeddedBroker(free_port()) as url:
        sink = MqttSink(url)
        sink.begin(SessionInfo())
        assert sink.wait_connected(PATIENCE_S)
        assert sink.status() == f"broker 127.0.0.1:{port_of(url)}: connected"
        with Listener(port_of(url), "lumbar/#", version_5=False) as late:
            assert late.wait_for("availability")[0].payload == b"online"
        sink.end()


def test_it_listens_to_this_machine_only_and_ends_with_its_context() -> None:
    broker = EmbeddedBroker(free_port())
    port = port_of(broker.start())
    try:
        listening = {
            c.laddr.ip
            for c in psutil.net_connections("tcp")
            if c.status == psutil.CONN_LISTEN and c.laddr.port == port
        }
        assert listening == {"127.0.0.1"}
        assert broker.running
    finally:
        broker.stop()
    assert not broker.running
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
    broker.stop()


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=f"port {port} is taken: use the broker there with --broker"):
            EmbeddedBroker(port).start()


def test_two_at_once_find_ports_of_their_own() -> None:
    with EmbeddedBroker() as first, EmbeddedBroker() as second:
        assert first != second


def test_it_does_not_outlive_a_killed_parent() -> None:
    program = (
        "import sys; from monitor.alerts.broker import EmbeddedBroker\n"
        "print(EmbeddedBroker(int(sys.argv[1])).start(), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(free_port())]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith(b"mqtt://127.0.0.1:")
    children = psutil.Process(parent.pid).children(recursive=True)
    assert children
    parent.kill()
    parent.communicate()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
