"""The examples in the notes on feedback nodes are what the monitor really sends and takes."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from pathlib import Path
from typing import Any

from alert_publisher import alert

from monitor.alerts.commands import MAX_BYTES, parse_command
from monitor.alerts.reporter import Reporter
from monitor.alerts.settings import MqttSettings
from monitor.alerts.tones import PATTERNS, Cue, length_s
from monitor.config import Config, config_from
from monitor.model.session import Output, SessionInfo

NOTES = (Path(__file__).parent.parent / "firmware_notes" / "feedback_nodes.md").read_text(encoding="utf-8")


def blocks() -> list[Any]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", NOTES, re.DOTALL)]


def test_the_alert_shown_has_the_keys_of_a_real_one() -> None:
    (letter,) = Reporter(SessionInfo(), MqttSettings()).report((), Output(events=(alert(1),)), 0.0)
    # The age is added on the way out.
    assert set(blocks()[0]) == set(json.loads(letter.payload)) | {"age_s"}


def test_the_flow_for_node_red_listens_to_our_alerts_and_is_wired_up() -> None:
    nodes = {node["id"]: node for node in blocks()[1]}
    assert nodes["lumbar_in"]["topic"] == "lumbar/+/alert"
    for node in nodes.values():
        assert all(target in nodes for wires in node.get("wires", []) for target in wires)


def test_every_setting_of_the_alerts_is_shown_with_its_default() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", NOTES, re.DOTALL)
    shown = tomllib.loads(text)
    assert config_from(shown, "notes") == Config()
    for section in ("alerts", "sound", "broker"):
        fields = {f.name for f in dataclasses.fields(getattr(Config(), section))}
        # TOML knows no "none": the one setting without a default stands there as a comment.
        assert set(shown[section]) == fields - {"ca_file"}
    assert "# ca_file = " in text


def test_every_command_shown_is_taken() -> None:
    shown = re.findall(r'`(\{"(?:mark|snooze_s|load_kg|exercise|pain)".*?\})`', NOTES)
    assert len(shown) >= 6
    for command in shown:
        assert parse_command(command.encode())
    assert f"{MAX_BYTES:,} bytes" in NOTES


def test_the_table_of_sounds_is_what_sounds() -> None:
    table = NOTES[NOTES.index("| cue | beeps |") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert {row[0].replace(" ", "_") for row in rows} == set(Cue)
    for name, _, hz, ms, pause_ms, strength, whole_ms in rows:
        cue = Cue(name.replace(" ", "_"))
        beeps = PATTERNS[cue]
        assert [float(value) for value in hz.split()] == [b.frequency_hz for b in beeps]
        assert [int(value) for value in ms.split()] == [round(1000 * b.length_s) for b in beeps]
        assert [round(1000 * b.gap_s) for b in beeps[:-1]] == [int(pause_ms or 0)] * (len(beeps) - 1)
        assert {float(strength)} == {b.strength for b in beeps}
        assert int(whole_ms) == round(1000 * length_s(cue))
