"""A broker that takes everything and confirms no message of QoS 1, for tests."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

_CONNECT, _SUBSCRIBE, _PING = 1, 8, 12
_ACCEPTED = b"\x20\x03\x00\x00\x00"
"""CONNACK of MQTT 5 without properties."""


class DeafBroker:
    """Serve one client after the other for as long as the context lasts."""

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.url = f"mqtt://127.0.0.1:{self._server.getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        self._server.settimeout(0.1)
        while not self._stop.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            with client, suppress(OSError):
                client.settimeout(0.1)
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        data = b""
        while not self._stop.is_set():
            while (packet := _packet(data)) is not None:
                kind, body, data = packet
                if kind == _CONNECT:
                    client.sendall(_ACCEPTED)
                elif kind == _SUBSCRIBE:
                    client.sendall(b"\x90\x04" + body[:2] + b"\x00\x01")
                elif kind == _PING:
                    client.sendall(b"\xd0\x00")
            try:
                more = client.recv(65536)
            except TimeoutError:
                continue
            if not more:
                return
            data += more


def _packet(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Return kind and body of the first packet, and what follows; None if it is not all there."""
    length = 0
    for place in range(1, min(len(data), 5)):
        length |= (data[place] & 0x7F) << 7 * (place - 1)
        if not data[place] & 0x80:
            end = place + 1 + length
            return (data[0] >> 4, data[place + 1 : end], data[end:]) if len(data) >= end else None
    return None
