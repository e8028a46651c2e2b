"""Try a broker the way a session uses it: sign in, save, publish, be confirmed; leaves nothing behind."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.alerts.address import BrokerAddress, broker_address
from monitor.alerts.courier import Courier
from monitor.alerts.delay import Delay
from monitor.alerts.errand import Errand
from monitor.alerts.flight import UNCONFIRMED_S
from monitor.alerts.letter import Letter
from monitor.alerts.messages import Message, encode
from monitor.alerts.mqtt import PahoLink, tls_context
from monitor.model.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.alerts.link import Link, LinkNote
    from monitor.alerts.settings import MqttSettings

TOPIC = "lumbar/doctor"
"""Nothing of a session listens here, and no node that follows ``lumbar/+/alert`` rings."""

_ANSWER_S = 5.0
_TICK_S = 0.001
_LIFETIME_S = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a broker did.

    Parameters
    ----------
    address
        Where it is.
    version
        Of MQTT, as people write it.
    delay
        From handing over to the broker's confirmation.
    trouble
        Why messages could not be saved on disk on the way; empty if they were.
    """

    address: BrokerAddress
    version: str
    delay: Delay
    trouble: str = ""


def try_broker(url: str, settings: MqttSettings, *, count: int = 40, folder: Path | None = None) -> Trial:
    """Send `count` messages of QoS 1, one after the other, by way of an outbox on disk.

    Parameters
    ----------
    url
        As for `monitor.alerts.mqtt_sink.MqttSink`.
    settings
        How messages go out; only the CA file matters here.
    count
        Messages to send.
    folder
        Where the outbox is made for the time of the trial; None for the system's temporary folder.

    Raises
    ------
    ConfigError
        If the URL or the CA file cannot be used.
    BrokerError
        If there is no connection, or nothing is confirmed, in one line.
    """
    address = broker_address(url)
    context = tls_context(settings.ca_file) if address.tls else None
    will = Message(TOPIC, b"")
    name = f"lumbar-doctor-{secrets.token_hex(4)}"

    def dial(version_5: bool, report: Callable[[LinkNote], None]) -> Link:
        return PahoLink(address, name, will, context, version_5, report)

    with ExitStack() as stack:
        try:
            made = stack.enter_context(tempfile.TemporaryDirectory(dir=folder))
        except OSError:
            made = ""
        outbox = Path(made) / "trial.sqlite" if made else None
        errand = Errand(str(address), dial, tuple, will, (), lambda _: (), outbox)
        courier = Courier(errand)
        courier.start()
        stack.callback(courier.finish, 0.0)
        _connect(courier, address)
        for number in range(1, count + 1):
            _send(courier, number)
        version = "5" if courier.version_5 else "3.1.1"
        return Trial(address, version, courier.delay, courier.trouble if made else "no folder to save in")


def _connect(courier: Courier, address: BrokerAddress) -> None:
    deadline_s = time.monotonic() + _ANSWER_S
    while not courier.connected.wait(_TICK_S):
        if courier.failure or time.monotonic() > deadline_s:
            why = courier.failure.removesuffix("; trying again") or "no answer; check address and firewall"
            raise BrokerError(f"{address}: {why}")


def _send(courier: Courier, number: int) -> None:
    now_unix_s, deadline_s = time.time(), time.monotonic() + UNCONFIRMED_S
    id_ = f"doctor-{number}"
    letter = Letter(id_, TOPIC, encode({"id": id_}), False, True, now_unix_s, now_unix_s + _LIFETIME_S)
    courier.put(letter)
    pause = threading.Event()
    while courier.delay.count < number:
        if courier.failure or time.monotonic() > deadline_s:
            why = courier.failure or "takes messages without confirming them; allow QoS 1 there"
            raise BrokerError(f"{courier.broker}: {why}")
        pause.wait(_TICK_S)
