"""What the command topic may say: checked to the last byte, and then said to the session."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from listener import Listener
from mosquitto import Mosquitto, mosquitto, needs_mosquitto
from motion import bending
from waiting import PATIENCE_S, until

from monitor.alerts.commands import MAX_BYTES, parse_command
from monitor.alerts.mqtt_sink import MqttSink
from monitor.model.errors import DecodeError
from monitor.model.exercise import EXERCISES
from monitor.model.red_flag import RedFlag
from monitor.model.session import Annotation, Delivery, Output, SessionInfo, SourceItem
from monitor.session import Session

__all__ = ["mosquitto"]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b'{"mark": " felt it "}', (("mark", "felt it"),)),
        ('{"mark": "Rücken"}'.encode(), (("mark", "Rücken"),)),
        (b'{"exercise": "Leg Press"}', (("exercise", "leg_press"),)),
        (b'{"load_kg": 82.5}', (("load_kg", 82.5),)),
        (b'{"snooze_s": 60}', (("snooze_s", 60.0),)),
        (b'{"snooze_s": 0}', (("snooze_s", 0.0),)),
        (b'{"pain": 10}', (("pain", 10.0),)),
        (b'{"load_kg": 60, "exercise": "squat"}', (("load_kg", 60.0), ("exercise", "squat"))),
    ],
)
def test_what_is_understood(payload: bytes, said: tuple[tuple[str, Any], ...]) -> None:
    assert parse_command(payload) == said


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"snooze",
        b"[]",
        b"{}",
        b"null",
        b'"mark"',
        b"[" * MAX_BYTES,
        b"x" * 1_000_000,
        b'{"mark": "' + b"x" * MAX_BYTES + b'"}',
        b'{"mark": ""}',
        b'{"mark": "  "}',
        b'{"mark": 5}',
        b'{"mark": "two\\nlines"}',
        b'{"mark": "\\u001b[2J"}',
        b'{"mark": "\\ud800"}',
        b'{"exercise": "juggling"}',
        b'{"exercise": null}',
        b'{"load_kg": "60"}',
        b'{"load_kg": -1}',
        b'{"load_kg": 1001}',
        b'{"load_kg": NaN}',
        b'{"load_kg": 1e999}',
        b'{"load_kg": ' + b"9" * 900 + b"}",
        b'{"snooze_s": 3601}',
        b'{"snooze_s": true}',
        b'{"snooze_s": Infinity}',
        b'{"pain": 11}',
        b'{"pain": [3]}',
        b'{"pain": 3, "pain": 4}',
        b'{"pain": 3, "reboot": true}',
        b'{"snooze": 60}',
    ],
)
def test_anything_else_is_refused_as_a_whole_in_one_line(payload: bytes) -> None:
    with pytest.raises(DecodeError) as refused:
        parse_command(payload)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))))
def test_no_bytes_do_any_harm(payload: bytes) -> None:
    try:
        said = parse_command(payload)
    except DecodeError:
        return
    assert said


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
commands = st.dictionaries(
    st.sampled_from(["mark", "exercise", "load_kg", "snooze_s", "pain", "red_flag", "other"]),
    json_values | st.sampled_from([*sorted(EXERCISES), *RedFlag]) | st.floats(0, 20),
    max_size=3,
)


@given(commands)
def test_whatever_is_taken_is_within_its_limits(command: dict[str, Any]) -> None:
    try:
        said = parse_command(json.dumps(command).encode())
    except DecodeError:
        return
    most = {"load_kg": 1000, "snooze_s": 3600, "pain": 10}
    assert [kind for kind, _ in said] == list(command)
    for kind, value in said:
        if kind in most:
            assert isinstance(value, float)
            assert math.isfinite(value)
            assert 0 <= value <= most[kind]
        else:
            assert isinstance(value, str)
            assert value.isprintable()
            assert kind != "exercise" or value in EXERCISES
            assert kind != "red_flag" or value in [*RedFlag]


@needs_mosquitto
@pytest.mark.broker
def test_valid_commands_reach_the_session_others_only_the_log(
    mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[tuple[str, str | float]] = []
    with Listener(mosquitto.port, "lumbar/#") as other:
        # A command left behind for good would be obeyed at every start.
        other.client.publish("lumbar/me/command", '{"pain": 9}', 1, retain=True)
        other.wait_for("command")
        sink = MqttSink(
            mosquitto.url,
            outbox_path=tmp_path / "o.sqlite",
            on_annotation=lambda kind, value: said.append((kind, value)),
        )
        sink.begin(SessionInfo())
        other.wait_for("availability")
        for payload in (
            b"\xff",
            b'{"reboot": 1}',
            b'{"load_kg": 80, "snooze_s": 30}',
            b"x" * 5000,
            b'{"mark": "' + b"x" * 1_000_000 + b'"}',
            b'{"load_kg": NaN}',
            b'{"pain": "three"}',
            b'{"mark": "here"}',
        ):
            other.client.publish("lumbar/me/command", payload, 1)
        until(lambda: len(said) >= 3)
        sink.end()
    assert said == [("load_kg", 80.0), ("snooze_s", 30.0), ("mark", "here")]
    assert "'reboot' is not known" in caplog.text
    assert "5000 bytes" in caplog.text
    refused = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    for words in (
        "command is not UTF-8 text",
        "command of 1000012 bytes: 1024 at most",
        "command holds NaN, which is not a number",
        "command pain: give a number from 0 to 10",
    ):
        assert f"{words} refused" in refused
    assert all(len(line) < 300 for line in refused), "a log is not flooded by what others send"


class Standing:
    """A lifter who stands still until `heard` is set."""

    info = SessionInfo()

    def __init__(self, heard: asyncio.Event) -> None:
        self._heard = heard

    async def stream(self) -> AsyncIterator[Sequence[SourceItem]]:
        block = bending(np.zeros(round(100 * PATIENCE_S)))
        for at in range(0, len(block), 10):
            if self._heard.is_set():
                return
            yield (Delivery(block[at : at + 10]),)
            await asyncio.sleep(0.01)


class Heard:
    """A sink that keeps what was said, until it was all."""

    name = "heard"

    def __init__(self, count: int, enough: asyncio.Event) -> None:
        self.said: list[tuple[str, str | float]] = []
        self._count, self._enough = count, enough
        self._batches_after = 0

    def begin(self, info: SessionInfo) -> None:
        """Nothing to begin."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:  # noqa: ARG002
        self.said += [(item.kind, item.value) for item in items if isinstance(item, Annotation)]
        # A state or two more, so that what was said shows there as well.
        self._batches_after += len(self.said) >= self._count
        if self._batches_after > 10:
            self._enough.set()

    def end(self) -> None:
        """Nothing to end."""


@needs_mosquitto
@pytest.mark.broker
def test_commands_become_part_of_the_session(mosquitto: Mosquitto) -> None:
    commands = [
        ("mark", "felt it"),
        ("exercise", "leg_press"),
        ("load_kg", 90.0),
        ("snooze_s", 60.0),
        ("pain", 2.0),
        ("red_flag", "leg_weakness"),
    ]

    async def run(other: Listener) -> Heard:
        enough = asyncio.Event()
        heard = Heard(len(commands), enough)

        def say(kind: str, value: str | float) -> None:
            session.annotate(kind, value)

        session = Session(Standing(enough), None, [MqttSink(mosquitto.url, on_annotation=say), heard])
        running = asyncio.create_task(session.run(asyncio.Event()))
        await asyncio.to_thread(other.wait_for, "availability")
        for kind, value in commands:
            other.client.publish("lumbar/me/command", json.dumps({kind: value}), 1)
        await running
        return heard

    with Listener(mosquitto.port, "lumbar/#") as other:
        heard = asyncio.run(run(other))
        newest = other.wait(lambda h: any(m.topic.endswith("/state") and m.json["load_kg"] == 90 for m in h))
    assert heard.said == commands
    alerts = [h.json for h in newest if h.topic.endswith("/alert")]
    assert alerts[-1]["text"] == "Stop for today and see a health professional today."
    states = [h.json for h in newest if h.topic.endswith("/state")]
    assert states[-1]["exercise"] == "leg_press"


@needs_mosquitto
@pytest.mark.broker
def test_a_listener_that_fails_does_not_end_the_deliveries(mosquitto: Mosquitto) -> None:
    def fails(kind: str, value: str | float) -> None:
        raise RuntimeError(f"{kind} {value}")

    sink = MqttSink(mosquitto.url, on_annotation=fails)
    sink.begin(SessionInfo())
    assert sink.wait_connected(PATIENCE_S)
    with Listener(mosquitto.port, "lumbar/#") as other:
        other.client.publish("lumbar/me/command", b'{"mark": "x"}', 1)
        other.wait_for("command")
        sink.end()
        until(lambda: b"offline" in [h.payload for h in other.on("availability")])
    assert "stopped" not in sink.status()
