"""A simulated session as a source: motion, sensor, radio, and back through the real decoder."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.model.samples import FloatArray, RawPacket
from monitor.model.session import Annotation, LinkStatus, SessionInfo, SourceItem
from monitor.sensors.assembler import Assembler
from monitor.sensors.profiles.open_profile import DATA, OpenDecoder, encode_packet
from monitor.sensors.simulated.lifter import Body
from monitor.sensors.simulated.sensor import ACC_SCALE, GYR_SCALE, SensorSpec, counts, mounting
from monitor.sensors.simulated.wearing import Worn

SAMPLES_PER_PACKET = 8
_INTERVAL_S = 0.030
"""Connection interval that Linux settles on; a packet waits for the next one."""
_RETRANSMITTED = 0.05
_RADIO_S = 0.0015
_LINK_LOST_S = 1.5
"""A dropout longer than this is shown as a lost link."""


@dataclass(frozen=True, slots=True)
class Dropout:
    """Packets that never arrive: those of `sensor`, or of all, within [start_s, end_s)."""

    start_s: float
    end_s: float
    sensor: str | None = None


@dataclass(frozen=True, slots=True)
class Radio:
    """How the packets fare: share lost at random, dropouts, share that arrives twice."""

    loss: float = 0.0
    dropouts: tuple[Dropout, ...] = ()
    repeated: float = 0.0

    def drops(self, rng: np.random.Generator, sensor: str, sent_s: float) -> bool:
        """Return whether a packet of `sensor` that ended at `sent_s` is lost."""
        unlucky = rng.uniform() < self.loss
        return unlucky or any(
            d.start_s <= sent_s < d.end_s and d.sensor in (None, sensor) for d in self.dropouts
        )


@dataclass(frozen=True, slots=True)
class SimulatedSource:
    """A `SampleSource` over packets that were made beforehand; it can be read again and again.

    Parameters
    ----------
    info
        Header of the session.
    packets
        Notifications of all sensors in order of arrival, stamped in ns of session time.
    annotations
        What the lifter says, in order of time.
    """

    info: SessionInfo
    packets: tuple[RawPacket, ...]
    annotations: tuple[Annotation, ...] = ()

    def items(self) -> Iterator[SourceItem]:
        """Yield everything in order of arrival, decoded as a radio's bytes would be."""
        assemblers = {s.name: Assembler(OpenDecoder(), s.name, 0) for s in self.info.sensors}
        latest_s = dict.fromkeys(assemblers, 0.0)
        said = list(self.annotations)
        for sensor in assemblers:
            yield LinkStatus(0.0, sensor, "streaming", "simulated sensor", battery=0.87)
        for packet in self.packets:
            arrived_s = packet.received_ns * 1e-9
            while said and said[0].time_s <= arrived_s:
                yield said.pop(0)
            if arrived_s - latest_s[packet.sensor] > _LINK_LOST_S:
                yield LinkStatus(latest_s[packet.sensor], packet.sensor, "lost", "nothing received")
                yield LinkStatus(latest_s[packet.sensor], packet.sensor, "streaming", "back again")
            for delivery in assemblers[packet.sensor].feed(packet).deliveries:
                if len(delivery.block):
                    latest_s[packet.sensor] = float(delivery.block.t_s[-1])
                yield delivery
        yield from said
        for sensor, time_s in latest_s.items():
            yield LinkStatus(time_s, sensor, "ended", "the simulation is over")


def transmit(
    body: Body,
    sensor: str,
    *,
    duration_s: float,
    rate_hz: float,
    spec: SensorSpec,
    radio: Radio,
    rng: np.random.Generator,
    upside_down: bool | None,
    worn: Worn | None = None,
) -> list[RawPacket]:
    """Return what a sensor on `body` sends in `duration_s`, as it arrives; `worn` says how it is worn."""
    true_hz = rate_hz * (1 + spec.rate_error * rng.uniform(-1, 1))
    ppm = spec.clock_ppm * rng.uniform(-1, 1)
    t_s = rng.uniform(0.001, 0.01) + np.arange(math.floor(duration_s * true_hz)) / true_hz
    if worn is None:
        worn = Worn(mounting(rng, spec, upside_down))
    acc, gyr = worn.feels(body, sensor, t_s)
    acc_counts, gyr_counts = counts(rng, spec, true_hz, acc, gyr)
    started_us = int(rng.integers(0, 1 << 32))
    stamps_us = started_us + np.rint(t_s * (1 + ppm * 1e-6) * 1e6).astype(np.int64)
    period_us = round(1e6 / true_hz)
    arrivals_s = _arrivals(rng, t_s)
    packets: list[RawPacket] = []
    for number, first in enumerate(range(0, len(t_s) - SAMPLES_PER_PACKET + 1, SAMPLES_PER_PACKET)):
        last = first + SAMPLES_PER_PACKET
        if radio.drops(rng, sensor, float(t_s[last - 1])):
            continue
        payload = encode_packet(
            acc_counts[first:last],
            gyr_counts[first:last],
            sequence=first,
            device_us=int(stamps_us[first]),
            period_us=period_us,
            acc_scale=ACC_SCALE,
            gyr_scale=GYR_SCALE,
            restarted=first == 0,
        )
        packet = RawPacket(round(arrivals_s[number] * 1e9), sensor, DATA, payload)
        packets += [packet] * (2 if rng.uniform() < radio.repeated else 1)
    return packets


def _arrivals(rng: np.random.Generator, t_s: FloatArray) -> list[float]:
    """Return when each packet arrives: with a connection event, now and then with a later one."""
    phase, arrivals, before = rng.uniform(0, _INTERVAL_S), [], 0.0
    for last in range(SAMPLES_PER_PACKET - 1, len(t_s), SAMPLES_PER_PACKET):
        ready_s = float(t_s[last]) + _RADIO_S
        events = math.ceil((ready_s - phase) / _INTERVAL_S)
        while rng.uniform() < _RETRANSMITTED:
            events += 1
        before = max(before + 1e-6, phase + events * _INTERVAL_S + rng.uniform(0, 0.001))
        arrivals.append(before)
    return arrivals
