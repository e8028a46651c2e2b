"""A client of the broker that remembers what it was sent, for tests."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions
from waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it came in."""

    topic: str
    payload: bytes
    retained: bool
    qos: int
    properties: Any

    @property
    def json(self) -> Any:
        """The payload, decoded."""
        return json.loads(self.payload)


class Listener:
    """Listen to `topic` at the broker on `port` for as long as the context lasts."""

    def __init__(
        self,
        port: int,
        topic: str = "#",
        *,
        version_5: bool = True,
        durable_id: str = "",
        user: tuple[str, str] | None = None,
    ) -> None:
        self.heard: list[Heard] = []
        self._news = threading.Condition()
        self._ready = threading.Event()
        self._port = port
        self._topic = topic
        self._version_5 = version_5
        self._durable = bool(durable_id)
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, durable_id, protocol=paho.MQTTv5 if version_5 else paho.MQTTv311
        )
        if user is not None:
            self.client.username_pw_set(*user)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._on_message
        self.client.reconnect_delay_set(1, 1)

    def __enter__(self) -> Self:
        properties = None
        if self._durable:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 3600
        more = {"clean_start": not self._durable} if self._version_5 else {}
        self.client.connect("127.0.0.1", self._port, properties=properties, **more)
        self.client.loop_start()
        assert self._ready.wait(PATIENCE_S), "the listener could not subscribe"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def wait(self, enough: Callable[[list[Heard]], bool], patience_s: float = PATIENCE_S) -> list[Heard]:
        """Wait until `enough` says so of what was heard, and return that."""
        with self._news:
            assert self._news.wait_for(lambda: enough(self.heard), patience_s), (
                f"not heard in time; heard {[(h.topic, h.payload[:80]) for h in self.heard[-10:]]}"
            )
            return list(self.heard)

    def on(self, leaf: str) -> list[Heard]:
        """Return what was heard on topics that end in `leaf`."""
        return [h for h in self.heard if h.topic.endswith(f"/{leaf}")]

    def wait_for(self, leaf: str, count: int = 1) -> list[Heard]:
        """Wait until `count` messages came on topics that end in `leaf`, and return them."""
        self.wait(lambda _: len(self.on(leaf)) >= count)
        return self.on(leaf)

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        if self._version_5:
            client.subscribe(self._topic, options=SubscribeOptions(qos=1, retainAsPublished=True))
        else:
            client.subscribe(self._topic, 1)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        heard = Heard(
            message.topic,
            bytes(message.payload),
            bool(message.retain),
            message.qos,
            message.properties if self._version_5 else None,
        )
        with self._news:
            self.heard.append(heard)
            self._news.notify_all()
