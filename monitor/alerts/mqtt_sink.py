"""The broker as a sink of a session."""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING

from monitor.alerts.address import broker_address
from monitor.alerts.commands import parse_command
from monitor.alerts.courier import DRAIN_S, Courier
from monitor.alerts.delay import Delay
from monitor.alerts.errand import Errand
from monitor.alerts.home_assistant import STATUS_TOPIC, discovery
from monitor.alerts.mqtt import PahoLink, tls_context
from monitor.alerts.reporter import Reporter
from monitor.alerts.settings import MqttSettings
from monitor.model.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from monitor.alerts.link import Inbound, Link, LinkNote
    from monitor.alerts.messages import Message
    from monitor.model.session import Output, SessionInfo, SourceItem

_log = logging.getLogger(__name__)


class MqttSink:
    """Publish a session to a broker.

    A broker that is missing, refuses us or goes away never holds up the session: what must
    arrive waits in the outbox, `status` says what is wrong.

    Parameters
    ----------
    url
        ``mqtt(s)://[user[:password]@]host[:port]``; the password is better given in the
        environment variable `monitor.alerts.address.PASSWORD_VARIABLE`.
    settings
        How messages go out.
    outbox_path
        File for alerts that wait; None keeps them in memory only.
    on_annotation
        Called with kind and value of what somebody said on the command topic, already checked,
        from the delivery thread: it must not block.

    Raises
    ------
    ConfigError
        If the URL or the CA file cannot be used.
    """

    name = "broker"

    def __init__(
        self,
        url: str,
        settings: MqttSettings | None = None,
        *,
        outbox_path: Path | None = None,
        on_annotation: Callable[[str, str | float], None] | None = None,
    ) -> None:
        self._settings = settings or MqttSettings()
        self._on_annotation = on_annotation
        self._address = broker_address(url)
        self._context = tls_context(self._settings.ca_file) if self._address.tls else None
        self._outbox_path = outbox_path
        self._reporter: Reporter | None = None
        self._courier: Courier | None = None

    def status(self) -> str:
        """Return one line on the connection, for a screen."""
        return self._courier.status if self._courier is not None else f"broker {self._address}: not connected"

    @property
    def saved(self) -> int:
        """Messages of this session that have reached the outbox: what a killed process does not lose."""
        return self._courier.saved if self._courier is not None else 0

    @property
    def waiting(self) -> int:
        """Messages that the broker has not confirmed yet."""
        return self._courier.waiting if self._courier is not None else 0

    @property
    def delay(self) -> Delay:
        """How long alerts took from `take` to the broker's confirmation, saved on disk in between."""
        return self._courier.delay if self._courier is not None else Delay()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until there is a connection, `timeout_s` at most; return whether there is one."""
        return self._courier is not None and self._courier.connected.wait(timeout_s)

    def begin(self, info: SessionInfo) -> None:
        """Start connecting, in the background; ConfigError if the athlete's name fits no topic."""
        self._reporter = Reporter(info, self._settings)
        offline = self._reporter.availability(online=False)
        # Two sessions of the same athlete must not throw each other out.
        client_id = f"lumbar-{secrets.token_hex(6)}"

        def dial(version_5: bool, report: Callable[[LinkNote], None]) -> Link:
            return PahoLink(self._address, client_id, offline, self._context, version_5, report)

        greeting = (self._reporter.availability(online=True), *self._discovery(self._reporter))
        errand = Errand(
            broker=str(self._address),
            dial=dial,
            greeting=lambda: greeting,
            farewell=offline,
            subscriptions=self._subscriptions(self._reporter),
            received=self._received,
            outbox_path=self._outbox_path,
        )
        self._courier = Courier(errand)
        self._courier.start()

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Hand over what there is to tell; returns at once."""
        if self._courier is not None and self._reporter is not None:
            for note in self._reporter.report(items, output, time.time()):
                self._courier.put(note)

    def end(self) -> None:
        """Deliver what is on its way, at most `DRAIN_S` seconds, say that we are offline, and close."""
        if self._courier is not None:
            self._courier.finish(DRAIN_S)

    def _discovery(self, reporter: Reporter) -> tuple[Message, ...]:
        return (discovery(reporter.topics),) if self._settings.home_assistant else ()

    def _subscriptions(self, reporter: Reporter) -> list[str]:
        topics = [reporter.topics.command] if self._on_annotation is not None else []
        return [*topics, STATUS_TOPIC] if self._settings.home_assistant else topics

    def _received(self, inbound: Inbound) -> Sequence[Message]:
        if self._reporter is None:
            return ()
        if inbound.topic == STATUS_TOPIC:
            return self._discovery(self._reporter) if inbound.payload == b"online" else ()
        # A retained command would be obeyed again at every start.
        if inbound.topic == self._reporter.topics.command and not inbound.retained:
            try:
                said = parse_command(inbound.payload)
            except DecodeError as wrong:
                _log.warning("%s refused", wrong)
                return ()
            for kind, value in said:
                if self._on_annotation is not None:
                    self._on_annotation(kind, value)
        return ()
