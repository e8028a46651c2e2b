"""The reference firmware on the host: its bytes against ours, its clock, the whole sketch."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.model.samples import LOWER, RawPacket
from monitor.sensors.assembler import Assembler
from monitor.sensors.profiles.base import Answer, Battery, Button, Reading, Samples
from monitor.sensors.profiles.open_profile import DATA, MAX_SAMPLES, OpenDecoder, encode_packet

HOST = Path(__file__).parent / "firmware_host"
SKETCH = Path(__file__).parents[1] / "firmware_notes" / "reference" / "lumbar_sensor"
CC = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
CXX = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
STRICT = ("-O1", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    if CC is None:
        pytest.skip("no C compiler on this machine: the firmware's encoder is not compared")
    built = tmp_path_factory.mktemp("firmware") / "host.so"
    options = ("-std=c99", *STRICT, "-shared", "-fPIC", "-I", str(SKETCH))
    subprocess.run([CC, *options, str(HOST / "host.c"), "-o", str(built)], check=True)
    made = ctypes.CDLL(str(built))
    made.host_encode.restype = ctypes.c_size_t
    made.host_encode.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint8,
        ctypes.c_uint16,
        ctypes.c_uint32,
        ctypes.c_uint16,
        ctypes.c_float,
        ctypes.c_float,
        ctypes.c_void_p,
        ctypes.c_uint8,
    ]
    return made


@pytest.fixture(scope="session")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if CXX is None:
        pytest.skip("no C++ compiler on this machine: the sketch is not run")
    built = tmp_path_factory.mktemp("sketch") / "sketch"
    options = ("-std=c++17", *STRICT, "-I", str(HOST), "-I", str(SKETCH))
    subprocess.run([CXX, *options, str(HOST / "main.cpp"), "-o", str(built)], check=True)
    return built


def c_encode(library: ctypes.CDLL, counts: np.ndarray, room: int = 200, **header: float) -> bytes:
    out, rows = ctypes.create_string_buffer(room + 1), np.ascontiguousarray(counts, dtype=np.int16)
    length = library.host_encode(
        out,
        room,
        int(header["restarted"]),
        header["sequence"],
        header["device_us"],
        header["period_us"],
        header["acc_scale"],
        header["gyr_scale"],
        rows.ctypes.data,
        len(rows),
    )
    return out.raw[:length]


@given(
    counts=arrays(np.int16, st.tuples(st.integers(1, MAX_SAMPLES), st.just(6))),
    header=st.fixed_dictionaries(
        {
            "restarted": st.booleans(),
            "sequence": st.integers(0, 2**16 - 1),
            "device_us": st.integers(0, 2**32 - 1),
            "period_us": st.integers(1, 2**16 - 1),
            "acc_scale": st.floats(2**-16, 2**-5, width=32),
            "gyr_scale": st.floats(2**-16, 2**-5, width=32),
        }
    ),
)
@settings(max_examples=200)
def test_firmware_and_python_write_the_same_bytes(library: ctypes.CDLL, counts, header) -> None:
    written = c_encode(library, counts, **header)
    assert written == encode_packet(counts[:, :3], counts[:, 3:], **header)
    (read,) = OpenDecoder().decode(DATA, written)
    assert isinstance(read, Samples)
    np.testing.assert_array_equal(read.acc_ms2, counts[:, :3] * header["acc_scale"])
    np.testing.assert_array_equal(read.gyr_rads, counts[:, 3:] * header["gyr_scale"])


def test_the_firmware_writes_nothing_it_has_no_room_or_samples_for(library: ctypes.CDLL) -> None:
    header = {
        "restarted": False,
        "sequence": 0,
        "device_us": 0,
        "period_us": 9615,
        "acc_scale": 0.002,
        "gyr_scale": 0.0006,
    }
    counts = np.zeros((MAX_SAMPLES + 1, 6), dtype=np.int16)
    assert c_encode(library, counts[:8], room=18 + 8 * 12, **header) != b""
    assert c_encode(library, counts[:8], room=18 + 8 * 12 - 1, **header) == b""
    assert c_encode(library, counts[:0], **header) == b""
    assert c_encode(library, counts, **header) == b""


@given(st.binary(max_size=9))
def test_the_firmware_reads_the_commands_we_send_and_no_others(library: ctypes.CDLL, other: bytes) -> None:
    to = (ctypes.c_uint16 * 4)()
    (start,) = OpenDecoder(208, samples_per_packet=12).start()
    assert library.host_start(start.payload, ctypes.c_size_t(len(start.payload)), to)
    assert list(to) == [208, 8, 1000, 12]
    (buzz,) = OpenDecoder().haptic(1.0, 0.3)
    assert library.host_haptic(buzz.payload, ctypes.c_size_t(len(buzz.payload)), to)
    assert list(to) == [255, 300, 1, 0]
    assert bool(library.host_start(other, ctypes.c_size_t(len(other)), to)) == (
        len(other) == 7 and other[0] == 1
    )


@pytest.mark.parametrize("true_hz", [101.0, 104.0, 107.0])
@pytest.mark.parametrize("start_us", [0, 2**32 - 20_000_000])
def test_the_firmware_knows_when_its_samples_were_taken(
    library: ctypes.CDLL, true_hz: float, start_us: int
) -> None:
    rng = np.random.default_rng(int(true_hz))
    now_us, taken, counts, found, newest = 0.0, 0, [], [], []
    while now_us < 120e6:
        # The loop turns every millisecond, is held up now and then, and once for two seconds.
        now_us += rng.uniform(300, 1500) + (rng.uniform(2000, 40_000) if rng.uniform() < 0.01 else 0)
        if 60e6 < now_us < 60.1e6:
            now_us += 2e6
        total = int(now_us * true_hz / 1e6)
        if total > taken:
            counts.append(total - taken)
            found.append((round(now_us) + start_us) % 2**32)
            newest.append(total / true_hz * 1e6)
            taken = total
    given_us, periods = np.zeros(len(found), np.uint32), np.zeros(len(found), np.uint16)
    finds = np.array(counts, np.uint16), np.array(found, np.uint32)
    library.host_clock(
        104,
        finds[0].ctypes.data_as(ctypes.c_void_p),
        finds[1].ctypes.data_as(ctypes.c_void_p),
        ctypes.c_size_t(len(found)),
        given_us.ctypes.data_as(ctypes.c_void_p),
        periods.ctypes.data_as(ctypes.c_void_p),
    )
    error = (given_us.astype(np.int64) - start_us - np.array(newest) + 2**31) % 2**32 - 2**31
    settled = np.array(newest) > 5e6
    assert np.max(np.abs(error[settled])) < 4000
    assert abs(np.mean(error[settled])) < 1500
    assert np.max(np.abs(periods[settled] * true_hz / 1e6 - 1)) < 0.01


def run(
    sketch: Path,
    *,
    start_us: int = 0,
    period_us: float = 9615.38,
    seconds: float = 20,
    block: tuple = (1e9, 0),
) -> list[tuple[int, str, bytes]]:
    arguments = [str(x) for x in (start_us, period_us, seconds, *block)]
    done = subprocess.run([str(sketch), *arguments], check=True, capture_output=True, text=True, timeout=60)
    rows = (line.split() for line in done.stdout.splitlines())
    return [(int(us), name.lower(), bytes.fromhex(data)) for us, name, data in rows]


def received(rows: list[tuple[int, str, bytes]]) -> tuple[list, list[Reading]]:
    assembler, blocks, readings = Assembler(OpenDecoder(), LOWER, rows[0][0] * 1000), [], []
    for at_us, name, payload in rows:
        if name == "motor":
            continue
        uuid = "00002a19-0000-1000-8000-00805f9b34fb" if name == "2a19" else name
        made = assembler.feed(RawPacket(at_us * 1000, LOWER, uuid, payload))
        blocks += [d.block for d in made.deliveries if len(d.block)]
        readings += made.readings
    return blocks, readings


@pytest.mark.parametrize("start_us", [0, 2**32 - 9_000_000])
def test_the_sketch_streams_what_we_decode(sketch: Path, start_us: int) -> None:
    rows = run(sketch, start_us=start_us, period_us=9500.0)
    blocks, readings = received(rows)
    number = np.rint(np.concatenate([b.acc_ms2[:, 0] for b in blocks]) / (0.244 * 9.80665e-3))
    assert len(number) > 2000
    np.testing.assert_array_equal(number, np.arange(len(number)))
    assert all(b.lost_before == 0 for b in blocks)
    first, second, *_ = (data for _, name, data in rows if name == DATA)
    assert (first[0], second[0]) == (0x11, 0x10)
    gyr = np.rint(np.degrees(blocks[0].gyr_rads[0]) / 0.035)
    np.testing.assert_array_equal(gyr, [1000, 1001, 1002])
    t_s = np.concatenate([b.t_s for b in blocks])
    assert np.median(np.diff(t_s)) == pytest.approx(9500e-6, rel=0.003)
    assert Answer(True, "command 0x01: done") in readings
    assert Answer(False, "command 0x77: unknown command") in readings
    assert [r for r in readings if isinstance(r, Button)] == [Button("press"), Button("hold")]
    (battery,) = (r for r in readings if isinstance(r, Battery))
    assert 0.7 < battery.charge < 0.8


def test_a_radio_that_blocks_for_3_s_costs_nothing_and_for_5_s_is_counted(sketch: Path) -> None:
    blocks, _ = received(run(sketch, block=(8, 3000)))
    assert all(b.lost_before == 0 for b in blocks)
    blocks, _ = received(run(sketch, block=(8, 5000)))
    lost = [b.lost_before for b in blocks if b.lost_before]
    assert sum(len(b) for b in blocks) + sum(lost) == pytest.approx(20 * 104, abs=12)
    assert sum(lost) == pytest.approx(5 * 104, abs=6)


def test_the_motor_buzzes_twice_as_told(sketch: Path) -> None:
    turns = [(us, data[0]) for us, name, data in run(sketch, seconds=2) if name == "motor"]
    on = [level for _, level in turns if level]
    assert on == [0x80, 0x80]
    starts = [us for us, level in turns if level]
    assert (starts[1] - starts[0]) / 1000 == pytest.approx(150, abs=15)
