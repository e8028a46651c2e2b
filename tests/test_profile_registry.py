"""What is recognised in a scan, and as what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from monitor.model.errors import ConfigError
from monitor.sensors import profiles
from monitor.sensors.profiles import metamotion, open_profile
from monitor.sensors.profiles.base import Advertisement
from monitor.sensors.profiles.registry import PROFILES, profile_named, recognise

HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        (Advertisement("Lumbar", services=frozenset({open_profile.SERVICE})), "open"),
        (Advertisement("Movesense 250230002214", services=frozenset({HEART_RATE})), "movesense"),
        (Advertisement("MetaWear", services=frozenset({metamotion.SERVICE})), "metamotion"),
        (Advertisement("left hip", services=frozenset({metamotion.SERVICE})), "metamotion"),
        (Advertisement("Xsens DOT"), "movella"),
        (Advertisement("Movella DOT"), "movella"),
        (Advertisement("Polar Sense B2F8B224", services=frozenset({HEART_RATE})), "polar"),
        (Advertisement("WT901BLE68"), "witmotion"),
        (Advertisement("WT9011DCL-BT50"), "witmotion"),
        (Advertisement("BWT901BLE5.0"), "witmotion"),
        (Advertisement("Polar H10 12345678", services=frozenset({HEART_RATE})), None),
        (Advertisement("NEWTON scale"), None),
        (Advertisement(""), None),
    ],
)
def test_devices_are_recognised_by_what_they_advertise(heard: Advertisement, name: str | None) -> None:
    found = recognise(heard)
    assert (found.name if found else None) == name


def test_every_family_is_found_by_its_name_and_a_wrong_one_by_the_nearest() -> None:
    assert [profile_named(profile.name) for profile in PROFILES] == list(PROFILES)
    assert profile_named(" Polar ").title == "Polar Verity Sense"
    with pytest.raises(ConfigError, match="did you mean movesense"):
        profile_named("movsense")
    with pytest.raises(ConfigError, match="choose one of open, movesense"):
        profile_named("???")


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_characteristics_are_lower_case_and_rates_are_settled_for(profile) -> None:
    for uuid in (*profile.notify, *profile.read):
        assert uuid == uuid.lower()
        assert len(uuid) == 36
    rates = [profile.decoder(wished).rate_hz for wished in (1, 50, 104, 5000)]
    assert rates == sorted(rates)
    for command in (*profile.decoder(104).stop(), *profile.decoder(104).ask_battery()):
        assert command.payload


def test_the_profiles_keep_clear_of_radios_clocks_and_files() -> None:
    room = Path(profiles.__file__).parent
    barred = {"asyncio", "bleak", "logging", "pathlib", "threading", "time"}
    for path in room.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not barred & {name.partition(".")[0] for name in names}, path.name


def test_every_retail_family_has_a_page() -> None:
    pages = Path(__file__).parents[1] / "firmware_notes" / "devices"
    for profile in PROFILES:
        if profile.name != "open":
            assert (pages / f"{profile.name}.md").is_file()
