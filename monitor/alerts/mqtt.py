"""One connection to a broker, by paho. The only file that imports it."""

from __future__ import annotations

import logging
import socket
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from monitor.alerts.link import Acked, Connected, Inbound, Lost, OtherVersion
from monitor.model.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.reasoncodes import ReasonCode

    from monitor.alerts.address import BrokerAddress
    from monitor.alerts.link import LinkNote
    from monitor.alerts.messages import Message

_log = logging.getLogger(__name__)

KEEPALIVE_S = 20
"""A broker that fell silent is noticed, and our last will published, after 1.5 times this."""

_BACKOFF_S = (1, 8)
"""Shortest and longest pause between attempts: a set lasts less than a minute."""

_UNSUPPORTED_VERSION = 132
_WRONG_LOGIN = {134, 135}
"""MQTT 5 reason codes: bad user name or password, not authorized."""
_NO_QOS_1 = 155
"""MQTT 5 reason code: QoS not supported; here it is that of our last will."""


class PahoLink:
    """One paho client; its callbacks only put notes.

    Parameters
    ----------
    address
        The broker.
    client_id
        Our name there; unique, a broker drops the older of two with the same.
    will
        Published by the broker when we vanish.
    context
        TLS settings for ``mqtts``; None otherwise.
    version_5
        MQTT 5, else 3.1.1 without properties.
    report
        Takes the notes, from any thread.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        will: Message,
        context: ssl.SSLContext | None,
        version_5: bool,
        report: Callable[[LinkNote], None],
    ) -> None:
        self._report = report
        self._version_5 = version_5
        self._answered = False
        self._accepted = False
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            protocol=paho.MQTTv5 if version_5 else paho.MQTTv311,
        )
        # An exception in a callback would end the library's thread without a word.
        client.suppress_exceptions = True
        client.on_log = _on_log
        client.on_socket_open = _without_delay
        client.will_set(will.topic, will.payload, will.qos, will.retain)
        client.reconnect_delay_set(*_BACKOFF_S)
        if address.user is not None:
            client.username_pw_set(address.user, address.password)
        if context is not None:
            client.tls_set_context(context)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._client = client
        client.connect_async(address.host, address.port, KEEPALIVE_S)
        client.loop_start()

    def publish(self, message: Message, id_: str = "", expiry_s: int | None = None) -> int:
        """Send `message` and return the number its confirmation will bear."""
        properties = None
        if self._version_5 and (id_ or expiry_s is not None):
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if id_:
                properties.UserProperty = ("id", id_)
            if expiry_s is not None:
                properties.MessageExpiryInterval = expiry_s
        sent = self._client.publish(message.topic, message.payload, message.qos, message.retain, properties)
        return sent.mid

    def subscribe(self, topic: str) -> None:
        """Ask for messages on `topic`."""
        self._client.subscribe(topic, 1)

    def close(self) -> None:
        """Say goodbye and wait for the client's thread."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, _client: paho.Client, _data: Any, _flags: paho.ConnectFlags, reason: ReasonCode, _more: Any
    ) -> None:
        self._answered = True
        self._accepted = not reason.is_failure
        if self._accepted:
            self._report(Connected())
        elif reason.value == _UNSUPPORTED_VERSION:
            self._report(OtherVersion())
        elif reason.value in _WRONG_LOGIN:
            self._report(Lost("user or password refused"))
        elif reason.value == _NO_QOS_1:
            self._report(Lost("it takes no QoS 1, which alerts need; allow it there or use another broker"))
        else:
            self._report(Lost(f"refused: {reason}"))

    def _on_connect_fail(self, _client: paho.Client, _data: Any) -> None:
        self._answered = False
        # The library calls this while it handles the exception that says why.
        self._report(Lost(f"{_why(sys.exception())}; trying again"))

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, _flags: paho.DisconnectFlags, _reason: ReasonCode, _more: Any
    ) -> None:
        if self._accepted:
            self._report(Lost("connection lost; trying again"))
        elif not self._answered:
            self._report(OtherVersion())
        self._answered = self._accepted = False

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, reason: ReasonCode, _more: Any) -> None:
        self._report(Acked(mid, reason.value if self._version_5 else 0, str(reason)))

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self._report(Inbound(message.topic, bytes(message.payload), message.retain))


def _without_delay(_client: paho.Client, _data: Any, open_socket: Any) -> None:
    # Else a message that follows another is held back until the broker's system confirms that one,
    # which it does after 40 ms where there is nothing to answer: an alert behind a state.
    open_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _on_log(_client: paho.Client, _data: Any, level: int, text: str) -> None:
    # The library calls a connection that is not there yet an error; to us that is an ordinary state.
    caught = level == paho.MQTT_LOG_ERR and text.startswith("Caught exception")
    _log.log(logging.ERROR if caught else logging.DEBUG, "%s", text)


_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted, set the CA file"),
    (ssl.SSLError, "no TLS there, mqtts:// needs a TLS port"),
    # On the way in only a TLS handshake is more than the connection itself.
    (ConnectionResetError, "it hangs up, mqtts:// needs a TLS port"),
    (socket.gaierror, "no such host"),
    (ConnectionRefusedError, "nobody listens there"),
    (TimeoutError, "no answer"),
)


def _why(error: BaseException | None) -> str:
    """Return why a connection failed, as a person says it."""
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    return (error.strerror or "not reachable").lower() if isinstance(error, OSError) else "not reachable"


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return TLS settings that trust `ca_file`, or the system's CAs; ConfigError if it cannot be used."""
    try:
        return ssl.create_default_context(cafile=Path(ca_file).expanduser() if ca_file else None)
    except OSError as failed:
        reason = "not a certificate file" if isinstance(failed, ssl.SSLError) else failed.strerror
        raise ConfigError(f"CA file {ca_file}: {reason}; give a PEM file") from failed
