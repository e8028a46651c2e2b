"""Feed mangled notifications to every profile: they may be refused, and nothing else may happen.

    python tests/benchmarks/fuzz_profiles.py [--notifications 1000000] [--seed 1]

Prints, for each family and in all, the notifications fed, the samples that came out, the
notifications that held nothing (half of something, or no data), the DecodeErrors and all other
exceptions. Exits 1 if there was any other exception, samples that are not finite, or time that
ran back.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from peripherals.conversations import Conversation, conversations
from peripherals.mangled import WAYS

from monitor.model.errors import DecodeError
from monitor.model.samples import LOWER, RawPacket
from monitor.sensors.assembler import Assembler

CONNECTION = 200
"""Notifications until the decoder begins anew."""
GOOD = 0.4
"""Share of untouched notifications in between: a decoder keeps state."""


class Fuzzed:
    """One family under fire."""

    def __init__(self, conversation: Conversation, rng: random.Random) -> None:
        self.count: Counter[str] = Counter()
        self.failures: list[str] = []
        self._conversation, self._rng = conversation, rng
        data = [(packet.uuid, packet.payload) for packet in conversation.stream]
        self._good = [*data, *conversation.others * 4, *conversation.opening]
        self._known = [payload for _, payload in self._good if payload]
        self._uuids = [*{uuid for uuid, _ in self._good}, "0000beef-0000-1000-8000-00805f9b34fb"]

    def connection(self, notifications: int) -> None:
        """Feed one connection's notifications."""
        made = self._conversation
        assembler = Assembler(made.profile.decoder(made.rate_hz), LOWER, 0)
        received_ns, last_s, place = 0, -np.inf, self._rng.randrange(len(made.stream))
        for uuid, payload in made.opening:
            assembler.feed(RawPacket(received_ns, LOWER, uuid, payload))
        for _ in range(notifications):
            received_ns += self._rng.choice((1, 10_000_000, 77_000_000, 3_000_000_000))
            if self._rng.random() < GOOD:
                place = (place + 1) % len(made.stream)
                uuid, payload = made.stream[place].uuid, made.stream[place].payload
            else:
                uuid = self._rng.choice(self._uuids)
                payload = self._rng.choice(WAYS)(self._rng, self._known)
            last_s = self._feed(assembler, RawPacket(received_ns, LOWER, uuid, payload), last_s)

    def _feed(self, assembler: Assembler, packet: RawPacket, last_s: float) -> float:
        self.count["notifications"] += 1
        try:
            taken = assembler.feed(packet)
        except DecodeError:
            self.count["DecodeErrors"] += 1
            return last_s
        except Exception as failed:  # noqa: BLE001 - that there is none is what is measured
            self.count["other exceptions"] += 1
            self.failures.append(f"{packet.characteristic} {packet.payload.hex()}: {failed!r}")
            return last_s
        samples = 0
        for delivery in taken.deliveries:
            block = delivery.block
            samples += len(block)
            self.count["samples"] += len(block)
            self.count["lost samples"] += block.lost_before
            if not len(block):
                continue
            times = np.concatenate(([last_s], block.t_s))
            last_s = float(block.t_s[-1])
            sound = np.all(np.isfinite(block.acc_ms2)) and np.all(np.isfinite(block.gyr_rads))
            if not (sound and np.all(np.diff(times) > 0) and block.lost_before >= 0):
                self.count["bad blocks"] += 1
                self.failures.append(f"{packet.characteristic} {packet.payload.hex()}: a bad block")
        self.count["without samples"] += samples == 0
        return last_s


COLUMNS = (
    "notifications",
    "samples",
    "lost samples",
    "without samples",
    "DecodeErrors",
    "other exceptions",
    "bad blocks",
)


@click.command()
@click.option("--notifications", default=1_000_000, show_default=True, help="In all, over all families.")
@click.option("--seed", default=1, show_default=True)
def main(notifications: int, seed: int) -> None:
    """Run the fuzz and print the table."""
    began = time.perf_counter()
    rng = random.Random(seed)
    families = [Fuzzed(conversation, rng) for conversation in conversations()]
    left = notifications
    while left > 0:
        for family in families:
            now = min(CONNECTION, left)
            family.connection(now)
            left -= now
    total: Counter[str] = Counter()
    click.echo(f"{'':20}" + "".join(f"{column:>18}" for column in COLUMNS))
    for family, conversation in zip(families, conversations(), strict=True):
        total += family.count
        click.echo(f"{conversation.name:20}" + "".join(f"{family.count[c]:18,}" for c in COLUMNS))
    click.echo(f"{'all':20}" + "".join(f"{total[c]:18,}" for c in COLUMNS))
    click.echo(f"seed {seed}, {time.perf_counter() - began:.0f} s")
    for failure in [failure for family in families for failure in family.failures][:10]:
        click.echo(failure, err=True)
    sys.exit(1 if total["other exceptions"] or total["bad blocks"] else 0)


if __name__ == "__main__":
    main()
