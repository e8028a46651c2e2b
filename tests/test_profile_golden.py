"""Golden messages of every retail device: bytes made by hand, and what they are to say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from monitor.model.errors import DecodeError
from monitor.sensors.profiles import metamotion, movella, movesense, polar, witmotion
from monitor.sensors.profiles.base import (
    BATTERY_LEVEL,
    FIRMWARE_REVISION,
    MODEL_NUMBER,
    About,
    Answer,
    Battery,
    Command,
    Decoder,
    Reading,
    Reply,
    Samples,
)
from monitor.sensors.profiles.registry import profile_named

PATH = Path(__file__).parents[1] / "firmware_notes" / "devices" / "golden_packets.json"
GOLDEN = {
    name: told for name, told in json.loads(PATH.read_text(encoding="utf-8")).items() if name != "about"
}
COMMON = {"battery": BATTERY_LEVEL, "model": MODEL_NUMBER, "firmware": FIRMWARE_REVISION}
NAMED = {
    "movesense": {"notify": movesense.NOTIFY},
    "witmotion": {"notify": witmotion.NOTIFY},
    "metamotion": {"notify": metamotion.NOTIFY},
    "polar": {"control": polar.CONTROL, "data": polar.DATA},
    "movella": {
        "medium": movella.MEDIUM,
        "battery": movella.BATTERY,
        "device_control": movella.DEVICE_CONTROL,
        "device_info": movella.DEVICE_INFO,
    },
}


def hexes(commands: list[Command] | tuple[Command, ...]) -> list[str]:
    return [command.payload.hex() for command in commands]


def check(reading: Reading, told: dict) -> None:
    """Compare one reading with what the file tells of it."""
    ((kind, value),) = told.items()
    match kind, reading:
        case "samples", Samples():
            np.testing.assert_allclose(reading.acc_ms2, value["acc_ms2"], rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(np.degrees(reading.gyr_rads), value["gyr_dps"], rtol=1e-6, atol=1e-9)
            assert reading.acc_ms2.dtype == reading.gyr_rads.dtype == np.float64
            assert reading.lost_before == value.get("lost_before", 0)
            if "ticks_near" in value:
                # Sample times between two stamps are spread evenly: a microsecond is plenty.
                assert reading.ticks == pytest.approx(value["ticks_near"], abs=1000)
            else:
                assert reading.ticks == value.get("ticks")
        case "battery", Battery():
            assert reading.charge == pytest.approx(value)
        case "answer", Answer():
            assert reading.ok is value
            assert reading.text
        case "reply", Reply():
            assert hexes(reading.commands) == value
        case "firmware", About():
            assert reading.firmware == value
        case _:
            pytest.fail(f"{reading} is no {kind}")


def connection(name: str) -> tuple[Decoder, dict[str, str], dict]:
    told = GOLDEN[name]
    family = name.split(maxsplit=1)[0]
    return profile_named(family).decoder(told["rate_hz"]), {**COMMON, **NAMED[family]}, told


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_messages_say_what_they_say(name: str) -> None:
    decoder, uuids, told = connection(name)
    for message in told["messages"]:
        uuid, payload = uuids[message["from"]], bytes.fromhex(message["hex"])
        if "refused" in message:
            with pytest.raises(DecodeError, match=message["refused"]):
                decoder.decode(uuid, payload)
            continue
        readings = decoder.decode(uuid.upper(), payload)
        assert len(readings) == len(message["says"]), message["what"]
        for reading, says in zip(readings, message["says"], strict=True):
            check(reading, says)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_commands_are_those_we_send(name: str) -> None:
    decoder, uuids, told = connection(name)
    if name.startswith(("metamotion", "movella")):
        first = told["messages"][0]
        decoder.decode(uuids[first["from"]], bytes.fromhex(first["hex"]))
    assert hexes(decoder.start()) == told["start"]
    assert hexes(decoder.stop()) == told["stop"]
    assert hexes(decoder.ask_battery()) == told["ask_battery"]
    assert hexes(decoder.identify()) == told.get("identify", [])
    assert hexes(decoder.haptic(0.5, 0.25)) == told.get("haptic_half_250_ms", [])
