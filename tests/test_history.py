"""Trends: figures with errors, advice on the load, and silence about what is no change."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import record
from test_cli import fails, lumbar

from calibration.alignment import IDENTITY
from calibration.profile import Profile, WornSensor
from calibration.ranges import OwnRanges
from monitor.history import points, share, tempo_loss, trends
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER, PostureBlock, SensorInfo
from monitor.model.session import Annotation, SessionInfo
from monitor.progression import remarks
from monitor.recording.labels import Labels, RepEdit, write_labels
from monitor.reviewed import Reviewed, review
from monitor.sensors.simulated.scenario import leg_day, simulate


def session(
    day: int,
    *,
    exercise: str = "squat",
    load_kg: float | None = 80.0,
    tilt_deg: float = 30.0,
    causes: tuple[str, ...] = (),
    reps: int = 6,
    up_s: tuple[float, ...] = (),
    lifted: tuple[int, ...] = (),
    pain: float | None = None,
    coverage: float = 1.0,
) -> Reviewed:
    """Return a session of one set, given in figures."""
    up = up_s or (1.0,) * reps
    events: list[dict[str, Any]] = [{"type": "calibrated", "kind": "seat", "quality": "good"}]
    for index in range(1, reps + 1):
        made = {
            "index": index,
            "set": 1,
            "start_s": 4.0 * index,
            "turn_s": 4.0 * index + 1,
            "end_s": 4.0 * index + 2,
        }
        figures = {
            "tilt_range_deg": tilt_deg + 0.5 * (index % 2),
            "concentric_s": up[index - 1],
            "coverage": coverage,
        }
        events.append({"type": "rep", **made, **figures})
    events += [{"type": "lift_off", "rep": rep} for rep in lifted]
    events += [{"type": "finding", "cause": c, "set": 1} for c in causes]
    numbers = list(range(1, reps + 1))
    events.append({"type": "set", "index": 1, "exercise": exercise, "reps": numbers, "load_kg": load_kg})
    info = SessionInfo(
        EXERCISES[exercise], (SensorInfo(LOWER),), started_at=f"2026-03-{day:02d}T18:00:00+01:00"
    )
    said = () if pain is None else (Annotation(10.0, "pain", pain),)
    return Reviewed(f"s{day}", info, events, PostureBlock(), said, Labels(), (), as_told=True)


def advice(*sessions: Reviewed) -> list[str]:
    [trend] = trends(sessions)
    return remarks(trend.points)


def test_a_jump_in_load_with_findings_is_said() -> None:
    [line] = advice(session(1), session(8, load_kg=95.0, causes=("too_much_weight",)))
    assert "from 80 to 95 kg (+19 %)" in line
    assert "too much weight" in line
    assert advice(session(1), session(8, load_kg=95.0)) == [], "a jump alone is nobody's business"
    assert "10 % less" in advice(session(1), session(8, load_kg=85.0, causes=("too_much_weight",)))[0]
    assert advice(session(1), session(8, load_kg=85.0, causes=("improper_form",))) == []


def test_two_sessions_without_findings_leave_room() -> None:
    [line] = advice(session(1), session(8))
    assert "87.5 kg would be a step of 9 %" in line
    assert advice(session(1, causes=("improper_form",)), session(8)) == []
    assert advice(session(1, load_kg=None), session(8, load_kg=None)) == []
    assert advice(session(8), session(1)) == advice(session(1), session(8)), "the dates order them"


@pytest.mark.parametrize(("exercise", "least"), [("squat", 6.0), ("deadlift", 8.0)])
def test_a_lower_range_is_said_only_past_the_error(exercise: str, least: float) -> None:
    first = session(1, exercise=exercise, load_kg=None, tilt_deg=40.0)
    assert advice(first, session(2, exercise=exercise, load_kg=None, tilt_deg=40.2 - least)) == []
    [line] = advice(first, session(2, exercise=exercise, load_kg=None, tilt_deg=39.8 - least))
    assert line.startswith("range lower than last time")
    assert advice(first, session(2, exercise=exercise, load_kg=None, tilt_deg=60.0)) == []


def test_pain_is_repeated_in_the_agreed_words() -> None:
    assert "settles within a day" in advice(session(1, load_kg=None, pain=4))[0]
    assert "health professional" in advice(session(1, load_kg=None, pain=7))[0]
    assert advice(session(1, load_kg=None, pain=3)) == []


def test_figures_of_a_session() -> None:
    [point] = points(session(1, exercise="leg_press", reps=10, lifted=(3, 4)))
    assert (point.sets, point.reps, point.load_kg, point.volume_kg) == (1, 10, 80.0, 800.0)
    assert point.lift_off_share.value == pytest.approx(0.2)
    assert 0.2 < point.lift_off_share.error < 0.35
    assert not point.tempo_loss.known, "a sensor on a pad does not see the sled"
    assert point.bar("tilt_range_deg").error == pytest.approx(6.0 / math.sqrt(2))
    assert not point.flexion_share.known
    assert not points(session(1))[0].lift_off_share.known, "there is no pad in a squat"


def test_flexion_is_a_share_of_the_own_range_where_that_is_known() -> None:
    bent = session(1)
    for rep in bent.of("rep"):
        rep["peak_flexion_deg"] = 26.0
    [point] = points(bent, 52.0)
    assert point.flexion_share.value == pytest.approx(0.5)
    assert point.flexion_share.error == pytest.approx(6.0 / math.sqrt(2) / 52.0)
    assert not points(bent)[0].flexion_share.known
    [trend] = trends([bent], own_flexion_deg={"me": 52.0, "somebody else": 40.0})
    assert trend.points[0].flexion_share.value == pytest.approx(0.5)


def test_repetitions_hardly_received_are_counted_but_not_measured() -> None:
    [point] = points(session(1, coverage=0.5))
    assert point.reps == 6
    assert not point.bar("tilt_range_deg").known


@given(st.integers(1, 60), st.data())
def test_the_error_of_a_share_covers_its_interval(of: int, data: st.DataObject) -> None:
    some = data.draw(st.integers(0, of))
    made = share(some, of)
    assert 0 < made.error < 1
    assert made.error >= abs((some + 1.92) / (of + 3.84) - made.value)


@given(st.floats(0.5, 3.0), st.floats(-0.3, 0.6), st.integers(4, 12))
def test_tempo_loss_is_that_of_a_set_that_slows_evenly(first_s: float, loss: float, reps: int) -> None:
    up = [first_s * (1 - loss) ** -(i / (reps - 1)) for i in range(reps)]
    made = tempo_loss([[{"concentric_s": t} for t in up]])
    assert made.value == pytest.approx(loss)
    assert made.error == pytest.approx(0.0, abs=1e-6)
    assert not tempo_loss([[{"concentric_s": t} for t in up[:3]]]).known


def test_one_quick_repetition_makes_no_slow_end() -> None:
    up = [1.5, 1.5, 1.5, 1.0, 1.5, 1.5, 1.5, 1.5]
    made = tempo_loss([[{"concentric_s": t} for t in up]])
    assert abs(made.value) < made.error


def test_a_leg_day_is_a_point_in_two_trends(tmp_path: Path) -> None:
    path = record(tmp_path / "day.mcap", leg_day().source, pain=2)
    made = trends([review(path)])
    assert [(t.exercise, t.points[0].reps) for t in made] == [("leg_press", 5), ("squat", 5)]
    assert made[0].points[0].lift_off_share.value == pytest.approx(2 / 5)
    assert {t.points[0].pain for t in made} == {2.0}
    assert [t.exercise for t in trends([review(path)], exercise="squat")] == ["squat"]


def test_corrections_count(tmp_path: Path) -> None:
    path = record(tmp_path / "monday.mcap", simulate("squat", seed=1, reps=4).source, loads_kg=(60.0,))
    write_labels(path, Labels(loads_kg=(70.0,), reps=(RepEdit(2), RepEdit(None, 1.0, 2.0, 3.0))))
    [point] = points(review(path))
    assert (point.reps, point.load_kg) == (4, 70.0)


def test_history_on_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    for week, load in enumerate((60.0, 80.0), 1):
        source = simulate("leg_press", cause="lack_of_spinal_support", seed=week, reps=5).source
        date = f"2026-03-{week:02d}T18:00:00+01:00"
        record(folder / f"{week}.mcap", source, started_at=date, athlete="ada", loads_kg=(load,))
    record(folder / "other.mcap", simulate("squat", seed=1, reps=4).source, athlete="bob")
    (folder / "broken.mcap").write_bytes(b"nonsense")

    done = lumbar("history", "--folder", folder, "--athlete", "ada", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["schema"] == "lumbar.history/1"
    [trend] = made["trends"]
    assert (trend["athlete"], trend["exercise"]) == ("ada", "leg_press")
    assert [s["load_kg"] for s in trend["sessions"]] == [60.0, 80.0]
    assert trend["sessions"][0]["lift_off_share"]["error"] > 0
    assert "+33 %" in trend["remarks"][0]

    own = Profile(
        "2026-03-01T18:00:00+01:00",
        {"lower": WornSensor(IDENTITY)},
        OwnRanges(flexion_rad=0.9),
        athlete="ada",
    )
    (tmp_path / "ada.json").write_text(own.to_text(), encoding="utf-8")
    done = lumbar("history", "--folder", folder, "--profile", tmp_path / "ada.json", "--json")
    [mine] = [t for t in json.loads(done.stdout)["trends"] if t["athlete"] == "ada"]
    flexion_deg = mine["sessions"][0]["peak_flexion_deg"]["value"]
    assert mine["sessions"][0]["peak_flexion_share"]["value"] == pytest.approx(
        flexion_deg / math.degrees(0.9)
    )

    everyone = lumbar("history", "--folder", folder)
    assert everyone.returncode == 0
    assert "ada" in everyone.stdout
    assert "bob" in everyone.stdout
    assert "broken.mcap" in everyone.stderr
    assert "is no folder" in fails("history", "--folder", tmp_path / "nowhere")
    assert "no sets yet" in lumbar("history", "--folder", folder, "--exercise", "rdl").stdout
