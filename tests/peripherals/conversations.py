"""What each device says over one connection, without a link: for tests of the decoders alone."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from peripherals import metamotion, movella, movesense, open_sensor, polar, witmotion
from peripherals.device import BATTERY_LEVEL, FIRMWARE_REVISION, MODEL_NUMBER, Packet
from peripherals.motion import Motion, swaying

from monitor.sensors.profiles import movesense as movesense_profile
from monitor.sensors.profiles import open_profile
from monitor.sensors.profiles.base import Profile
from monitor.sensors.profiles.movella import BATTERY, DEVICE_CONTROL, DEVICE_INFO
from monitor.sensors.profiles.polar import CONTROL
from monitor.sensors.profiles.registry import profile_named


@dataclass(frozen=True, repr=False)
class Conversation:
    """One connection.

    Parameters
    ----------
    name
        Of the variant.
    profile, rate_hz
        What decodes it, and the rate it was asked for.
    opening
        (characteristic, bytes) before the stream: values read, answers.
    stream
        The data notifications.
    samples
        How many samples the stream makes.
    others
        (characteristic, bytes) that may come at any time.
    """

    name: str
    profile: Profile
    rate_hz: int
    opening: tuple[tuple[str, bytes], ...]
    stream: tuple[Packet, ...]
    samples: int
    others: tuple[tuple[str, bytes], ...]

    def __repr__(self) -> str:
        return f"<{self.name}>"


def conversations(samples: int = 312, motion: Motion | None = None) -> list[Conversation]:
    """Return one connection of every family and variant, with `samples` samples each."""
    moved = motion or swaying(samples)
    whole_s = 100.0
    charge = ((BATTERY_LEVEL, b"\x4b"),)
    wit = witmotion.NOTIFY
    gsp = movesense_profile.NOTIFY
    polar_ns = polar.EPOCH_NS + 100 * 10**9
    made = [
        Conversation(
            "open",
            profile_named("open"),
            104,
            ((open_profile.INFO, bytes((1, 0, 1, 3, 13))),),
            tuple(open_sensor.packets(moved, 104, 8, 1000, 8, whole_s)),
            len(moved),
            (*charge, (open_profile.EVENT, b"\x02\x01\x00"), (open_profile.EVENT, b"\x01\x01abcd")),
        ),
        Conversation(
            "movesense",
            profile_named("movesense"),
            104,
            ((gsp, bytes.fromhex("0101c800")),),
            tuple(movesense.packets(moved, 104, 1, whole_s)),
            len(moved) // 8 * 8,
            ((gsp, bytes.fromhex("0102c80057")), (gsp, bytes.fromhex("0101ad01"))),
        ),
        Conversation(
            "witmotion",
            profile_named("witmotion"),
            100,
            ((wit, witmotion.register(3, 9)),),
            tuple(witmotion.packets(moved, 100)),
            len(moved),
            ((wit, witmotion.register(0x64, 380)), (wit, witmotion.register(3, 6))),
        ),
        Conversation(
            "movella",
            profile_named("movella"),
            60,
            ((DEVICE_INFO, movella.INFO), (DEVICE_CONTROL, movella.FACTORY)),
            tuple(movella.packets(moved, 60, whole_s)),
            len(moved),
            ((BATTERY, b"\x40\x01"),),
        ),
    ]
    for kind, board in (("270", metamotion.MMS), ("160", metamotion.MMR)):
        stream = tuple(metamotion.packets(moved, board, 100, 8, 1000))
        pairs = sum(packet.payload[0] == 0x13 for packet in stream)
        opening = ((MODEL_NUMBER, board.model.encode()), (FIRMWARE_REVISION, b"1.7.2"))
        made.append(
            Conversation(
                f"metamotion bmi{kind}", profile_named("metamotion"), 100, opening, stream, 3 * pairs, charge
            )
        )
    for rate_hz in (52, 104):
        opening = tuple(
            (CONTROL, bytes((0xF0, 2, kind, 0, 0, 5, 1)) + struct.pack("<f", polar.FACTORS[kind]))
            for kind in (polar.ACC, polar.GYR)
        )
        if rate_hz != 52:
            opening = ((CONTROL, bytes((0xF0, 2, 9, 0, 0))), *opening)
        made.append(
            Conversation(
                f"polar {rate_hz}",
                profile_named("polar"),
                rate_hz,
                opening,
                tuple(polar.packets(moved, rate_hz, polar_ns)),
                len(moved) - 1,
                (*charge, (CONTROL, b"\x0f\x6e\x02" + bytes(13)), (CONTROL, bytes((0xF0, 3, 2, 0, 0)))),
            )
        )
    return made
