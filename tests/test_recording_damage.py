"""A session survives being killed, cut and scribbled on, up to what was really lost."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.errors import RecordingError
from monitor.model.samples import LOWER, UPPER, ImuBlock, RawPacket, SensorInfo
from monitor.model.session import Annotation, Delivery, Output, SessionInfo, SourceItem
from monitor.recording.reader import Recording, open_recording
from monitor.recording.writer import RecordingWriter, write_recording

INFO = SessionInfo(sensors=(SensorInfo(LOWER), SensorInfo(UPPER)))
BLOCK_S = 0.1

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_recording_damage import INFO, delivery
from monitor.model.session import Output
from monitor.recording.writer import RecordingWriter

writer = RecordingWriter(Path(sys.argv[1]))
writer.begin(INFO)
for index in range(10**9):
    writer.take([delivery(index)], Output())
    print(index, flush=True)
"""


def delivery(index: int) -> Delivery:
    """Return the two-sensor session's item `index`: a block of a tenth of a second and its notification."""
    sensor = (LOWER, UPPER)[index % 2]
    t_s = (index // 2) * BLOCK_S + np.arange(10) / 100
    acc = np.random.default_rng(index).normal(size=(10, 3))
    return Delivery(
        ImuBlock(t_s, acc, -acc, sensor, index % 3), (RawPacket(index, sensor, "6e400003", acc.tobytes()),)
    )


def write(path: Path, count: int = 200) -> bytes:
    write_recording(path, INFO, [delivery(index) for index in range(count)])
    return path.read_bytes()


def whole_items(recording: Recording) -> int:
    """Return how many items came back, after checking that they are the first ones, unchanged."""
    items = list(recording.items())
    for index, item in enumerate(items):
        assert isinstance(item, Delivery)
        meant = delivery(index)
        assert item.block.sensor == meant.block.sensor
        assert item.block.lost_before == meant.block.lost_before
        assert np.array_equal(item.block.t_s, meant.block.t_s)
        assert np.array_equal(item.block.acc_ms2, meant.block.acc_ms2)
        assert np.array_equal(item.block.gyr_rads, meant.block.gyr_rads)
        assert item.packets == meant.packets
    return len(items)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("seed", range(6))
def test_a_killed_session_loses_its_last_second_at_most(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.mcap"
    command = [sys.executable, "-c", WRITER, str(path), str(Path(__file__).parent)]
    until = random.Random(seed).randrange(50, 4000)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        taken = -1
        for line in child.stdout:
            taken = int(line)
            if taken == until:
                child.send_signal(signal.SIGKILL)
        taken = max(taken, until)
    recording = open_recording(path)
    kept = whole_items(recording)
    lost_s = (taken + 1 - kept) / 2 * BLOCK_S
    assert lost_s <= 1.0 + BLOCK_S
    (warning,) = recording.warnings
    assert "ends without its closing mark" in warning
    assert f"everything up to {recording.end_s:.1f} s is here" in warning


def test_a_file_cut_anywhere_gives_a_true_beginning(tmp_path: Path) -> None:
    data = write(tmp_path / "a.mcap")
    # Where any record begins matters most; the library's own reader is not asked where that is.
    places = {*range(0, 900, 7), *range(900, len(data), 211), len(data) - 1}
    counts = []
    for place in sorted(places):
        path = tmp_path / "cut.mcap"
        path.write_bytes(data[:place])
        try:
            recording = open_recording(path)
        except RecordingError as refused:
            assert place < 700, "once the header is there, so is a session"
            assert re.search(r"is empty|not a recording|cut off before anything|makes no sense", str(refused))  # noqa: PT017
            continue
        assert len(recording.warnings) == 1
        counts.append(whole_items(recording))
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == 200


@settings(max_examples=60, deadline=None)
@given(tail=st.binary(min_size=1, max_size=300), place=st.integers(1000, 20_000))
def test_a_garbage_tail_costs_no_more_than_the_tail(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, place: int
) -> None:
    path = tmp_path_factory.mktemp("tail") / "a.mcap"
    data = write(path, 60)
    place = min(place, len(data))
    path.write_bytes(data[:place])
    kept = whole_items(open_recording(path))
    path.write_bytes(data[:place] + tail)
    recording = open_recording(path)
    assert whole_items(recording) >= kept


def test_a_damaged_second_in_the_middle_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    data = bytearray(write(path))
    middle = len(data) // 2
    data[middle : middle + 4] = bytes(byte ^ 0xFF for byte in data[middle : middle + 4])
    path.write_bytes(bytes(data))
    recording = open_recording(path)
    (warning,) = recording.warnings
    assert re.fullmatch(r"the second up to \d+\.\d s is damaged and was left out", warning)
    orders = [item.packets[0].received_ns for item in recording.items() if isinstance(item, Delivery)]
    lost = sorted(set(range(200)) - set(orders))
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert 18 <= len(lost) <= 22


@settings(max_examples=100, deadline=None)
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=6))
def test_any_damage_is_read_around_or_explained(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[float, int]]
) -> None:
    path = tmp_path_factory.mktemp("flip") / "a.mcap"
    data = bytearray(write(path, 40))
    for share, flip in flips:
        data[min(int(share * len(data)), len(data) - 1)] ^= flip
    path.write_bytes(bytes(data))
    try:
        recording = open_recording(path)
        items: list[SourceItem] = list(recording.items())
        assert len(recording.events) == len(recording.posture) == 0
    except RecordingError as refused:
        assert "\n" not in str(refused)  # noqa: PT017
    else:
        assert len(items) <= 40


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"t_s,acc_x\n0,1\n", "is not a recording"),
        (b"\x89MCAP0\r\n", "cut off before anything was recorded"),
        (b"\x89MCAP1\r\n" + bytes(80), "is not a recording"),
    ],
)
def test_files_that_hold_no_session(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.mcap").write_bytes(data)
    with pytest.raises(RecordingError, match=words):
        open_recording(tmp_path / "a.mcap")


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        open_recording(tmp_path / "a.mcap")
    with pytest.raises(RecordingError, match="cannot be read"):
        open_recording(tmp_path)


def test_a_foreign_mcap_and_a_later_format_are_told_apart(tmp_path: Path) -> None:
    data = write(tmp_path / "a.mcap")
    later = tmp_path / "later.mcap"
    later.write_bytes(data.replace(b"lumbar.recording/1", b"lumbar.recording/2"))
    with pytest.raises(RecordingError, match=r"format version 2, this program reads 1: update"):
        open_recording(later)
    foreign = tmp_path / "foreign.mcap"
    foreign.write_bytes(data.replace(b"lumbar.recording/1", b"robots.recording/1"))
    with pytest.raises(RecordingError, match="not one that `lumbar` wrote"):
        open_recording(foreign)


def test_a_session_in_which_nothing_happened(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.mcap")
    writer.begin(INFO)
    assert list(open_recording(tmp_path / "a.mcap").items()) == []
    writer.end()
    recording = open_recording(tmp_path / "a.mcap")
    assert (recording.warnings, list(recording.items()), recording.events) == ((), [], [])
    assert len(recording.posture) == 0


def test_the_readme_reads_a_recording_without_this_program(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "recordings" / "squat.mcap")
    writer.path.parent.mkdir()
    writer.begin(INFO)
    writer.take([*map(delivery, range(40)), Annotation(1.0, "mark", "here")], Output())
    writer.end()
    readme = (Path(__file__).parents[1] / "recordings" / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert "monitor" not in snippet
    done = subprocess.run(
        [sys.executable, "-I", "-c", snippet], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "squat 2.0 s 200 samples 0 events\n", done.stderr
