"""A session written and read back is the same session, sample for sample."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model.as_json import event_json
from monitor.model.errors import RecordingError
from monitor.model.events import Alert, Calibrated, Cause, Confidence, Level, Notice, SetSummary
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, UPPER, ImuBlock, PostureBlock, RawPacket, SensorInfo
from monitor.model.session import Annotation, Delivery, LinkStatus, Output, SessionInfo, SourceItem
from monitor.recording.reader import open_recording
from monitor.recording.writer import RecordingWriter, write_recording

INFO = SessionInfo(
    exercise=EXERCISES["leg_press"],
    sensors=(
        SensorInfo(LOWER, device="open sensor", protocol="open/1", rate_hz=104.0, gyr_range_rads=34.9),
        SensorInfo(UPPER, device="upper.csv"),
    ),
    athlete="Łucja",
    loads_kg=(60.0, 80.0),
    started_at="2026-03-01T18:30:05+01:00",
    session_id="s-1",
)

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


def block(start_s: float, rows: int, *, sensor: str = LOWER, lost: int = 0, seed: int = 0) -> ImuBlock:
    rng = np.random.default_rng(seed)
    t_s = start_s + np.arange(rows) / 100
    return ImuBlock(t_s, rng.normal(size=(rows, 3)), rng.normal(size=(rows, 3)), sensor, lost)


def posture(start_s: float, rows: int, seed: int = 0) -> PostureBlock:
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(size=rows) for name in PostureBlock.__dataclass_fields__}
    vectors = {name: rng.normal(size=(rows, 3)) for name in ("lower_up", "upper_up")}
    columns["lumbar_flexion_rad"][:] = np.nan
    t_s = start_s + np.arange(rows) / 100
    return PostureBlock(**{**columns, **vectors, "t_s": t_s, "present": rng.random(rows) > 0.5})


def same(mine: object, theirs: object) -> bool:
    """Compare two values of any of our types bit for bit, NaN equal to NaN."""
    if isinstance(mine, np.ndarray) and isinstance(theirs, np.ndarray):
        return (
            mine.dtype == theirs.dtype and mine.shape == theirs.shape and mine.tobytes() == theirs.tobytes()
        )
    if isinstance(mine, tuple | list) and isinstance(theirs, tuple | list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if hasattr(mine, "__dataclass_fields__"):
        return type(mine) is type(theirs) and all(
            same(getattr(mine, name), getattr(theirs, name)) for name in mine.__dataclass_fields__
        )
    return mine == theirs


@st.composite
def sessions(draw: st.DrawFn) -> list[SourceItem]:
    """Any order of blocks of any size, with and without notifications, and what people say between."""
    clock_s = {LOWER: draw(st.floats(-1, 1000)), UPPER: draw(st.floats(-1, 1000))}
    items: list[SourceItem] = []
    for kind in draw(st.lists(st.sampled_from(["block", "block", "block", "link", "word"]), max_size=40)):
        sensor = draw(st.sampled_from([LOWER, UPPER]))
        now_s = max(clock_s.values())
        if kind == "block":
            rows = draw(st.integers(0, 150))
            lost = draw(st.integers(0, 2**32 - 1))
            made = block(clock_s[sensor], rows, sensor=sensor, lost=lost, seed=len(items))
            clock_s[sensor] += rows / 100 + draw(st.sampled_from([0.0, 0.03, 5.0]))
            packet = st.builds(
                RawPacket,
                st.integers(0, 2**62),
                st.just(sensor),
                st.text(max_size=36),
                st.binary(max_size=244),
            )
            items.append(Delivery(made, tuple(draw(st.lists(packet, max_size=3)))))
        elif kind == "link":
            state = draw(st.sampled_from(["connecting", "streaming", "lost", "ended"]))
            battery = draw(st.none() | st.floats(0, 1))
            items.append(LinkStatus(now_s, sensor, state, draw(st.text(max_size=9)), battery, -60.5))
        else:
            items.append(Annotation(now_s, "exercise", draw(st.text(max_size=9) | finite)))
    return items


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items=sessions(), batch=st.integers(1, 9))
def test_items_come_back_as_they_arrived(
    tmp_path_factory: pytest.TempPathFactory, items: list[SourceItem], batch: int
) -> None:
    path = tmp_path_factory.mktemp("session") / "a.mcap"
    writer = RecordingWriter(path)
    writer.begin(INFO)
    for at in range(0, len(items), batch):
        writer.take(items[at : at + batch], Output())
    writer.end()
    recording = open_recording(path)
    assert recording.info == INFO
    assert recording.warnings == ()
    assert same(list(recording.items()), items)
    assert same(list(recording.items()), items), "a recording can be read twice"


def test_posture_and_events_come_back(tmp_path: Path) -> None:
    events = (
        Calibrated("auto", "good", 1.5, {LOWER: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))}),
        Notice(2.0, "no seat reference: lift-off not judged"),
        SetSummary(1, 3.0, 40.0, 46.0, (1, 2), "leg_press", math.nan, "2 repetitions"),
        Alert("s-1-1", 5.0, "lift_off", Cause.UNCLEAR, Confidence.LOW, Level.ALERT, None, "hips"),
    )
    writer = RecordingWriter(tmp_path / "a.mcap", config={"alerts": {"volume": 0.5}})
    writer.begin(INFO)
    writer.take([Delivery(block(0.0, 100))], Output(posture(0.0, 90), events[:2]))
    writer.take([], Output(posture(0.9, 10, seed=1), events[2:]))
    writer.end()
    recording = open_recording(tmp_path / "a.mcap")
    assert [event["type"] for event in recording.events] == ["calibrated", "notice", "set", "alert"]
    assert recording.events[2]["load_kg"] is None, "JSON has no NaN"
    assert recording.events[3] == {"type": "alert", **event_json(events[3])}
    assert same(recording.posture.t_s, np.concatenate([posture(0.0, 90).t_s, posture(0.9, 10).t_s]))
    both = recording.posture
    for name in PostureBlock.__dataclass_fields__:
        first, second = getattr(posture(0.0, 90), name), getattr(posture(0.9, 10, seed=1), name)
        assert same(getattr(both, name), np.concatenate([first, second])), name
    assert recording.config == {"alerts": {"volume": 0.5}}


def test_arrays_read_back_can_be_used_as_any_other(tmp_path: Path) -> None:
    write_recording(tmp_path / "a.mcap", INFO, [Delivery(block(0.0, 7)), Delivery(block(0.1, 7))])
    for item in open_recording(tmp_path / "a.mcap").items():
        assert isinstance(item, Delivery)
        for array in (item.block.t_s, item.block.acc_ms2, item.block.gyr_rads):
            assert array.flags.c_contiguous
            assert array.flags.writeable


def test_what_a_person_said_is_on_disk_at_once(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.mcap")
    writer.begin(INFO)
    said = Annotation(0.1, "pain", 2.0)
    writer.take([Delivery(block(0.0, 10)), said], Output())
    assert list(open_recording(tmp_path / "a.mcap").items())[-1] == said
    writer.end()


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_text("mine")
    with pytest.raises(RecordingError, match=r"a\.mcap exists already: choose another name"):
        RecordingWriter(path).begin(INFO)
    with pytest.raises(RecordingError, match=r"a\.mcap exists already: choose another name"):
        write_recording(path, INFO, [])
    assert path.read_text() == "mine"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"there is no folder .*sessions"):
        RecordingWriter(tmp_path / "sessions" / "a.mcap").begin(INFO)


def test_a_full_disk_is_one_line_and_ends_the_recording_only() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")

    writer = RecordingWriter(_Anyway(full))
    with pytest.raises(RecordingError, match="no space left on device"):
        writer.begin(INFO)
    writer.take([Delivery(block(0.0, 500))], Output())
    writer.end()


class _Anyway(type(Path())):  # type: ignore[misc]
    """A path whose exclusive creation opens the device that is always full."""

    def open(self, mode: str = "r", *args: object, **kwargs: object) -> object:
        return super().open(mode.replace("x", "w"), *args, **kwargs)


def test_a_failing_import_leaves_nothing_behind(tmp_path: Path) -> None:
    def items() -> object:
        yield Delivery(block(0.0, 500))
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        write_recording(tmp_path / "a.mcap", INFO, items())
    with pytest.raises(RecordingError, match="no folder"):
        write_recording(tmp_path / "nowhere" / "a.mcap", INFO, items())
    assert list(tmp_path.iterdir()) == []
