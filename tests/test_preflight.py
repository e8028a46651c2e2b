from __future__ import annotations

from dataclasses import replace

import pytest
from gui_scenes import leg_press_lift_off, squat_tuck

from gui.ends import SideStatus
from gui.preflight import Check, checks, is_ready
from gui.presenter import Presenter
from gui.view_state import Standing, ViewState
from monitor.model.exercise import EXERCISES
from monitor.model.samples import LOWER
from monitor.model.session import LinkStatus, Output, SessionInfo

RUNNING = SideStatus("legs.mcap", 1_000_000, broker="broker gym:1883: connected", free_bytes=40_000_000_000)


def named(view: ViewState, name: str, side: SideStatus = RUNNING) -> Check:
    return next(check for check in checks(view, side) if check.name == name)


def running() -> ViewState:
    scene = squat_tuck()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    return presenter.view()


def test_where_all_is_well_nothing_is_left_to_do() -> None:
    view = running()
    assert is_ready(view)
    assert [check.todo for check in checks(view, RUNNING) if check.todo] == []
    waits = [check for check in checks(view, RUNNING) if check.standing is not Standing.USUAL]
    assert [f"{check.name}: {check.state}" for check in waits] == [
        "Usual repetition: not yet: your first 5 repetitions show it"
    ]


def test_before_anything_the_sensor_is_the_first_thing_to_do() -> None:
    view = Presenter(SessionInfo()).view()
    first = checks(view, SideStatus())[0]
    assert not is_ready(view)
    assert first.name == "Lower sensor"
    assert "lumbar scan" in first.todo


def test_a_pad_asks_for_a_seat_reference() -> None:
    view = Presenter(SessionInfo(EXERCISES["leg_press"])).view()
    assert "back flat on the pad" in named(view, "Seat reference").todo
    scene = leg_press_lift_off()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    assert named(presenter.view(), "Seat reference").standing is Standing.USUAL


@pytest.mark.parametrize(
    ("change", "name", "standing"),
    [
        ({"battery": 0.1}, "Lower battery", Standing.CAUTION),
        ({"battery": None}, "Lower battery", Standing.UNKNOWN),
        ({"rssi_dbm": -92.0}, "Lower link", Standing.CAUTION),
        ({"lost": 500}, "Lower link", Standing.CAUTION),
        ({"state": "lost"}, "Lower sensor", Standing.ALERT),
    ],
)
def test_a_weak_link_is_named_with_what_to_do(
    change: dict[str, object], name: str, standing: Standing
) -> None:
    view = running()
    link = replace(view.links[0], **change)  # type: ignore[arg-type]
    found = named(replace(view, links=(link,)), name)
    assert found.standing is standing
    assert bool(found.todo) is (standing is not Standing.UNKNOWN)


@pytest.mark.parametrize(
    ("side", "name", "standing"),
    [
        (replace(RUNNING, recording_ok=False), "Recording", Standing.ALERT),
        (replace(RUNNING, free_bytes=1000), "Disk", Standing.CAUTION),
        (replace(RUNNING, broker_ok=False), "Broker", Standing.CAUTION),
        (SideStatus(), "Recording", Standing.UNKNOWN),
        (SideStatus(), "Broker", Standing.UNKNOWN),
    ],
)
def test_the_far_ends_are_looked_at_too(side: SideStatus, name: str, standing: Standing) -> None:
    assert named(running(), name, side).standing is standing


def test_a_sensor_that_is_lost_is_not_ready() -> None:
    scene = squat_tuck()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    presenter.take((LinkStatus(20.0, LOWER, "lost", "gone"),), Output())
    assert not is_ready(presenter.view())
