"""What sensors over Bluetooth cost and how late they are: CPU of the client, latency to the output.

Run by hand:

    python tests/benchmarks/ble.py                     20 s, two sensors at 104 Hz
    python tests/benchmarks/ble.py --seconds 300       the long run
    python tests/benchmarks/ble.py --dashboard         with the window open, drawing off screen
    python tests/benchmarks/ble.py --machine           the same over a real kernel and bluetoothd

The devices, the bus and bluetoothd are other processes; the client is the unmodified BlueZ
backend of bleak, `BleSource` and the engine in this one. Latency is from bleak's callback to
the end of the engine's work on the batch.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rigs.bus import SYSTEM_BUS, Bus
from rigs.clock import FastClock
from rigs.fake_bluez import FakeBluez
from rigs.machine import Machine
from rigs.peer import Due, OpenPeer

from monitor.engine import Engine
from monitor.model.samples import ImuBlock
from monitor.model.session import Delivery, Output, SessionInfo, Sink, SourceItem
from monitor.sensors.ble import BleSource
from monitor.sensors.profiles.open_profile import MAX_SAMPLES, encode_packet
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.sensor import ACC_SCALE, GYR_SCALE
from monitor.session import Session

SETTLED_S = 5.0
ADDRESSES = {"lower": "C0:00:00:00:00:01", "upper": "C0:00:00:00:00:02"}


def plays(sensors: int, seconds: float, rate_hz: float) -> dict[str, list[Due]]:
    """Return what the sensors send: squats, set after set, in notifications of 174 bytes.

    Their clocks begin together, so that the difference of two sensors' times is that of the client.
    """
    sets = max(1, round(seconds / 45) + 1)
    made = simulate("squat", sensors=sensors, sets=sets, reps=8, rate_hz=rate_hz, seed=1).source
    blocks = [item.block for item in made.items() if isinstance(item, Delivery)]
    return {s.name: packed([b for b in blocks if b.sensor == s.name], rate_hz) for s in made.info.sensors}


def packed(blocks: Sequence[ImuBlock], rate_hz: float) -> list[Due]:
    """Return the samples of one sensor in the longest notifications of the open profile."""
    acc = np.rint(np.concatenate([b.acc_ms2 for b in blocks]) / ACC_SCALE).astype(np.int16)
    gyr = np.rint(np.concatenate([b.gyr_rads for b in blocks]) / GYR_SCALE).astype(np.int16)
    period_us, made = round(1e6 / rate_hz), []
    for first in range(0, len(acc) - MAX_SAMPLES + 1, MAX_SAMPLES):
        rows = slice(first, first + MAX_SAMPLES)
        payload = encode_packet(
            acc[rows],
            gyr[rows],
            sequence=first,
            device_us=first * period_us,
            period_us=period_us,
            acc_scale=ACC_SCALE,
            gyr_scale=GYR_SCALE,
        )
        made.append(Due((first + MAX_SAMPLES) * period_us * 1e-6, payload))
    return made


def skew_ms(offsets: Mapping[str, Sequence[tuple[float, float]]]) -> float:
    """Return the largest difference of the sensors' times in ms, once both clocks have settled."""
    if len(offsets) < 2:
        return 0.0
    (t_a, a), (t_b, b) = (np.array(rows).T for rows in offsets.values())
    at = np.arange(max(t_a[0], t_b[0]) + SETTLED_S, min(t_a[-1], t_b[-1]), 0.1)
    return float(1e3 * np.max(np.abs(np.interp(at, t_a, a) - np.interp(at, t_b, b))))


async def peers(args: argparse.Namespace) -> None:
    """Be the devices until killed: on a fake bluetoothd, or on the air of the virtual machine."""
    clock = FastClock()
    around = [
        OpenPeer(name, ADDRESSES[name], sent, clock)
        for name, sent in plays(args.sensors, args.seconds + 30, args.rate).items()
    ]
    if args.machine:
        from rigs.air import Air  # noqa: PLC0415 - needs bumble

        async with Air(around) as air:
            print(air.hci_port, flush=True)
            await asyncio.Event().wait()
    async with FakeBluez(args.peers, around):
        print(0, flush=True)
        await asyncio.Event().wait()


async def client(args: argparse.Namespace) -> None:
    """Listen for `seconds` and print the figures."""
    source = BleSource({name: ADDRESSES[name] for name in list(ADDRESSES)[: args.sensors]}, SessionInfo())
    late_ms: list[float] = []
    samples = lost = notifications = 0
    offsets: dict[str, list[tuple[float, float]]] = {}
    engine: Engine | None = None
    began_s = cpu_s = 0.0
    stream = source.stream()
    async for batch in stream:
        if engine is None and any(isinstance(i, Delivery) and len(i.block) for i in batch):
            engine, began_s, cpu_s = Engine(source.info), time.monotonic(), cpu()
        if engine is None:
            continue
        engine.feed(batch)
        done_ns = time.monotonic_ns()
        for item in batch:
            if isinstance(item, Delivery):
                samples += len(item.block)
                lost += item.block.lost_before
                notifications += len(item.packets)
                late_ms += [(done_ns - packet.received_ns) * 1e-6 for packet in item.packets]
                if len(item.block):
                    (device_us,) = struct.unpack_from("<I", item.packets[0].payload, 4)
                    at_s = float(item.block.t_s[0])
                    offsets.setdefault(item.block.sensor, []).append((at_s, at_s - device_us * 1e-6))
        if time.monotonic() - began_s > args.seconds:
            break
    took_s, used_s = time.monotonic() - began_s, cpu() - cpu_s
    await stream.aclose()
    p50, p99, most = np.percentile(late_ms, [50, 99, 100])
    print(
        f"{args.sensors} x {args.rate:g} Hz, {took_s:.1f} s: {samples} samples in "
        f"{notifications} notifications, {lost} lost, sensors up to {skew_ms(offsets):.2f} ms apart\n"
        f"client CPU {100 * used_s / took_s:.1f} % of one core; callback to output "
        f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, most {most:.2f} ms"
    )


class Latencies:
    """A sink that notes how long after bleak's callback the engine's work on a notification was done."""

    name = "latencies"

    def __init__(self, seconds: float, stop: Callable[[], None]) -> None:
        self.late_ms: list[float] = []
        self.samples = self.lost = 0
        self.began_s: float | None = None
        self._seconds, self._stop = seconds, stop

    def begin(self, info: SessionInfo) -> None:
        """Need nothing of it."""

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Note the age of what the output was made of."""
        del output
        done_ns = time.monotonic_ns()
        for item in items:
            if isinstance(item, Delivery):
                self.samples += len(item.block)
                self.lost += item.block.lost_before
                self.late_ms += [(done_ns - packet.received_ns) * 1e-6 for packet in item.packets]
        if self.samples and self.began_s is None:
            self.began_s = time.monotonic()
        if self.began_s is not None and time.monotonic() - self.began_s > self._seconds:
            self._stop()

    def end(self) -> None:
        """Need nothing more."""


def with_dashboard(args: argparse.Namespace) -> None:
    """Listen for `seconds` while the window draws, and print the figures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gui.app import run_window  # noqa: PLC0415 - Qt only where it is asked for
    from gui.behind import Behind  # noqa: PLC0415

    source = BleSource({name: ADDRESSES[name] for name in list(ADDRESSES)[: args.sensors]}, SessionInfo())
    kept: list[Latencies] = []

    async def run(screen: Sink, stop: asyncio.Event) -> None:
        clock = Latencies(args.seconds, stop.set)
        kept.append(clock)
        await Session(source, None, [clock, screen]).run(stop)

    run_window(Behind(run), info=source.info, title="latency", close_when_done=True)
    (clock,) = kept
    p50, p99, most = np.percentile(clock.late_ms, [50, 99, 100])
    print(
        f"{args.sensors} x {args.rate:g} Hz, {args.seconds:.0f} s, window open: {clock.samples} samples in "
        f"{len(clock.late_ms)} notifications, {clock.lost} lost\n"
        f"callback to output p50 {p50:.2f} ms, p99 {p99:.2f} ms, most {most:.2f} ms"
    )


def cpu() -> float:
    """Return the CPU time of this process in s."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def helper(args: argparse.Namespace, where: str) -> subprocess.Popen[str]:
    """Start this script again as the devices."""
    words = [sys.executable, __file__, "--peers", where, "--seconds", str(args.seconds)]
    words += ["--sensors", str(args.sensors), "--rate", str(args.rate)]
    words += ["--machine"] if args.machine else []
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Run the benchmark, or the devices for it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--sensors", type=int, choices=(1, 2), default=2)
    parser.add_argument("--rate", type=float, default=104.0)
    parser.add_argument("--machine", action="store_true")
    parser.add_argument("--dashboard", action="store_true", help="not together with --machine")
    parser.add_argument("--peers", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.dashboard and args.machine:
        parser.error("--dashboard and --machine do not go together")
    if args.peers:
        asyncio.run(peers(args))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.machine:
            with helper(args, "air") as devices:
                asyncio.run(on_machine(args, folder, devices))
                devices.kill()
            return
        with Bus(folder) as bus, helper(args, bus.address) as devices:
            devices.stdout.readline()
            os.environ[SYSTEM_BUS] = bus.address
            if args.dashboard:
                with_dashboard(args)
            else:
                asyncio.run(client(args))
            devices.kill()


async def on_machine(args: argparse.Namespace, folder: Path, devices: subprocess.Popen[str]) -> None:
    """Boot the machine for the client."""
    port = int(await asyncio.to_thread(devices.stdout.readline))
    async with Machine(folder, port) as machine:
        os.environ[SYSTEM_BUS] = machine.bus_address
        await client(args)


if __name__ == "__main__":
    main()
