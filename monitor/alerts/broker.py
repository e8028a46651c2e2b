"""A broker inside the product, for the demo and for people without one: this machine only.

It runs as a child process that ends with us, keeps nothing on disk, asks no password and
listens on the loopback address. It speaks MQTT 3.1.1, what most tools and small devices speak
unless told otherwise: beside a listener of version 5, a message with properties of that
version breaks the connection of every 3.1.1 subscriber (iotcore 0.4.0).
"""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

from monitor.model.errors import BrokerError

if TYPE_CHECKING:
    from types import TracebackType

    from iotcore import Broker

_log = logging.getLogger(__name__)

HOST = "127.0.0.1"
USUAL_PORT = 1883
"""IANA's port for MQTT: where tools look first."""
MAX_PAYLOAD = 262_144
"""Bytes of one message at most."""


class EmbeddedBroker:
    """A broker for as long as the context lasts.

    Parameters
    ----------
    port
        Port to listen on; None takes the usual one, or any free one where that is taken.
    """

    def __init__(self, port: int | None = None) -> None:
        self._wanted = port
        self._broker: Broker | None = None

    @property
    def running(self) -> bool:
        """Whether the broker's process is alive."""
        return self._broker is not None and bool(self._broker.is_running)

    def start(self) -> str:
        """Start listening and return the URL to connect to.

        Raises
        ------
        BrokerError
            If the extra is missing, the port is taken, or the broker does not come up.
        """
        try:
            from iotcore import Broker  # noqa: PLC0415 - optional extra
        except ImportError as missing:
            raise BrokerError(
                "the embedded broker is not installed: pip install 'lumbar-monitor[broker]', "
                "or use your own with --broker mqtt://HOST"
            ) from missing
        port = self._wanted if self._wanted is not None else _free_port()
        broker = Broker(port=port, listen=HOST, max_payload_size=MAX_PAYLOAD)
        try:
            broker.start()
        except OSError as taken:
            raise BrokerError(
                f"port {port} is taken: use the broker there with --broker mqtt://{HOST}:{port}, "
                "or choose another port"
            ) from taken
        except RuntimeError as failed:
            raise BrokerError(
                f"the embedded broker did not start ({failed}): use --broker none or your own broker"
            ) from failed
        self._broker = broker
        url = f"mqtt://{HOST}:{port}"
        _log.info("embedded broker at %s", url)
        return url

    def stop(self) -> None:
        """End the broker and free its port; harmless if it is not running."""
        if self._broker is not None:
            self._broker.stop()
            self._broker = None

    def __enter__(self) -> str:
        """Start and return the URL."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def _free_port() -> int:
    """Return the usual port if nobody listens there, else any free one."""
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            if os.name == "posix":  # elsewhere the option would share the port
                # As the broker does it: a connection that just closed there is no hindrance.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise BrokerError("no free port on this machine: close other programs and try again")
