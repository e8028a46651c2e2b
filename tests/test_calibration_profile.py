"""The profile's file: it reads back as written, and anything else is one line of explanation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.alignment import Alignment
from calibration.errors import CalibrationError
from calibration.outcome import Quality
from calibration.profile import Profile, WornSensor
from calibration.ranges import LumbarShare, OwnRanges
from calibration.sensor import SensorCalibration
from monitor.calibrating import chosen_calibration, read_profile
from monitor.model.errors import ConfigError
from monitor.pipeline.own_limits import personal
from monitor.pipeline.settings import PipelineSettings

TURNED = Alignment(np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
FULL = Profile(
    "2026-01-01T10:00:00+01:00",
    {
        "lower": WornSensor(
            TURNED,
            "C0:FF:EE",
            "open",
            0.97,
            np.array([0.6, 0.0, 0.8]),
            SensorCalibration(
                np.array([1.01, 0.99, 1.0]), np.array([0.1, 0.0, -0.1]), np.array([0.01, 0.0, 0.0])
            ),
        ),
        "upper": WornSensor(TURNED),
    },
    OwnRanges(1.0, 0.2, 0.9, 0.3, 0.2, 0.15, 0.1, 0.25),
    LumbarShare(0.48, 0.05),
    Quality("fair", ("the bends differed by 6 deg",)),
    "ann",
    "leg_press",
)


def test_a_profile_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "me.json"
    path.write_text(FULL.to_text(), encoding="utf-8")
    again = read_profile(path)
    assert again.to_text() == FULL.to_text()
    assert again.ranges.bend_rad == pytest.approx(1.0)
    assert (again.athlete, again.machine, again.quality) == ("ann", "leg_press", FULL.quality)
    np.testing.assert_array_equal(again.sensors["lower"].neutral_up, [0.0, 0.0, 1.0])


def test_the_file_is_readable_and_in_degrees() -> None:
    made = json.loads(FULL.to_text())
    assert (made["format"], made["version"]) == ("lumbar.profile", 1)
    assert made["units"] == {"acceleration": "m/s2", "angular_rate": "rad/s", "angle": "deg"}
    assert made["ranges"]["bend_deg"] == pytest.approx(57.3, abs=0.1)
    assert made["sensors"]["lower"]["device"] == "C0:FF:EE"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), "x", "make one with lumbar calibrate"),
        (("version",), 2, "of version 2, this program reads 1"),
        (("units",), {"angle": "rad"}, "in other units"),
        (("sensors",), {"left": {}}, "has a sensor lower"),
        (("sensors", "lower", "sensor_to_segment"), [[1, 0, 0], [0, 1, 0], [0, 0, -1]], "is no rotation"),
        (("sensors", "lower", "sensor_to_segment"), [[1, 0], [0, 1]], "must be 3 x 3 numbers"),
        (("sensors", "lower", "neutral_up"), [1, 0, 0], "not the last row"),
        (("sensors", "lower", "axis_share"), 3, "axis_share is a share"),
        (("sensors", "lower", "seat_up"), [2, 0, 0], "seat_up is no direction"),
        (("sensors", "lower", "errors", "acc_unit"), "g", "must be in m/s2"),
        (("sensors", "lower", "device"), 7, "device of the calibration profile is no text"),
        (("ranges", "bend_deg"), 400, "range bend_deg is no angle"),
        (("ranges", "tuck_deg"), "12", "range tuck_deg is no angle"),
        (("lumbar_share", "share"), 1.5, "between 0 and 0.95"),
        (("quality", "level"), "superb", "quality of the calibration profile is one of good, fair"),
        (("made_at",), None, "made_at of the calibration profile is no text"),
    ],
)
def test_what_cannot_be_is_refused(path: tuple[str, ...], value: object, said: str) -> None:
    made = json.loads(FULL.to_text())
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(CalibrationError, match=said):
        Profile.from_text(json.dumps(made))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_KEYS = list(json.loads(FULL.to_text()))


@given(st.text(max_size=200))
def test_any_text_is_a_profile_or_explained(text: str) -> None:
    with pytest.raises(CalibrationError):
        Profile.from_text(text)


def explained(text: str) -> str:
    """Return why `text` is no profile; nothing if it is one."""
    try:
        Profile.from_text(text)
    except CalibrationError as why:
        return str(why)
    return ""


@given(key=st.sampled_from(_KEYS), value=_JSON)
def test_any_value_anywhere_is_taken_or_explained(key: str, value: object) -> None:
    text = json.dumps({**json.loads(FULL.to_text()), key: value})
    assert "\n" not in explained(text)


@given(key=st.sampled_from(list(json.loads(FULL.to_text())["sensors"]["lower"])), value=_JSON)
def test_any_value_in_a_sensor_is_taken_or_explained(key: str, value: object) -> None:
    made = json.loads(FULL.to_text())
    made["sensors"]["lower"][key] = value
    assert "\n" not in explained(json.dumps(made))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.json: No such file"):
        read_profile(tmp_path / "nowhere.json")
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="it is no text"):
        read_profile(binary)
    with pytest.raises(ConfigError, match="write recorded, auto, none or the file"):
        chosen_calibration("automatic")
    assert chosen_calibration("auto") == "auto"


def test_limits_are_degrees_or_the_share_of_the_own_range_whichever_is_greater() -> None:
    wide = personal(
        PipelineSettings(), OwnRanges(arch_rad=0.3, tuck_rad=0.4, seated_arch_rad=0.2, seated_tuck_rad=0.4)
    )
    assert wide.lift_off_alert_deg == pytest.approx(np.degrees(0.5 * 0.6))
    assert wide.lift_off_caution_deg == pytest.approx(np.degrees(0.3 * 0.6))
    assert wide.tuck_alert_deg == pytest.approx(np.degrees(0.5 * 0.7))
    assert wide.tuck_caution_deg == pytest.approx(np.degrees(0.35 * 0.7))
    stiff = personal(
        PipelineSettings(), OwnRanges(arch_rad=0.1, tuck_rad=0.1, seated_arch_rad=0.05, seated_tuck_rad=0.1)
    )
    assert stiff == PipelineSettings(), "noise alarms nobody"
    assert personal(PipelineSettings(), OwnRanges()) == PipelineSettings()
