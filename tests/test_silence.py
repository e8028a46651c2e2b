"""Why nothing moves, and what is shown before the calibration."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from gui_scenes import calibrating, squat_tuck

from gui.angle_now import PROVISIONAL
from gui.preflight import angle_line, is_ready
from gui.presenter import Presenter
from gui.silence import CALIBRATING, GUIDED, OVER, WAITING, Silence
from gui.view_state import Standing, ViewState
from monitor.model.events import Calibrated
from monitor.model.samples import LOWER, PostureBlock
from monitor.model.session import GIVE_UP, Annotation, Guidance, LinkStatus, Output, SessionInfo


def rough(tilt_deg: float, sigma_deg: float = 5.0) -> PostureBlock:
    """Return a row that waits for the calibration."""
    one = np.zeros(1)
    unknown, vectors = np.full(1, np.nan), np.full((1, 3), np.nan)
    return PostureBlock(
        one + 3.0,
        one + math.radians(tilt_deg),
        one + math.radians(sigma_deg),
        unknown,
        unknown,
        unknown,
        unknown,
        vectors,
        vectors,
        unknown,
        np.ones(1, np.bool_),
    )


def waiting(tilt_deg: float = 12.0) -> Presenter:
    scene = calibrating()
    presenter = Presenter(scene.info)
    for items, _ in scene.batches():
        presenter.take(items, Output())
    presenter.take((), Output(provisional=rough(tilt_deg)))
    return presenter


def test_before_the_calibration_the_angle_is_provisional_has_no_sign_and_is_not_judged() -> None:
    view = waiting().view()
    now = view.headline
    assert now.provisional
    assert (now.title, now.reference) == ("Tilt so far", PROVISIONAL)
    assert (now.value_deg, now.sigma_deg) == pytest.approx((12.0, 5.0))
    assert now.standing is Standing.UNKNOWN
    assert now.zone.caution_deg is None
    assert now.zone.usual_deg is None
    assert angle_line(view) == "Tilt so far: 12° ± 5°, provisional"
    assert view.tilt_rad is None, "the figure does not lean in a direction nobody knows"
    assert not is_ready(view), "the page before the set stays until the angle is known"


def test_with_the_calibration_the_provisional_angle_is_gone() -> None:
    presenter = waiting()
    known = replace(rough(-12.0, 1.5))
    presenter.take((), Output(known, (Calibrated("auto", "good", 3.0),)))
    now = presenter.view().headline
    assert not now.provisional
    assert now.value_deg == pytest.approx(-12.0)
    assert now.title == "Pelvic tilt"


def test_a_lost_sensor_takes_the_provisional_angle_away_too() -> None:
    presenter = waiting()
    presenter.take((LinkStatus(4.0, LOWER, "lost", "no data"),), Output())
    assert presenter.view().headline.value_deg is None


def why(view: ViewState, newest_s: float | None, passed_s: float) -> str:
    silence = Silence(100.0)
    silence.message(newest_s, view, 100.0)
    return silence.message(newest_s, view, 100.0 + passed_s)


def test_every_silence_has_its_reason() -> None:
    fresh = Presenter(SessionInfo()).view()
    assert why(fresh, None, 0.5) == ""
    assert why(fresh, None, 1.5) == WAITING
    assert why(waiting().view(), 3.0, 0.1) == CALIBRATING
    scene = squat_tuck()
    presenter = Presenter(scene.info)
    for items, output in scene.batches():
        presenter.take(items, output)
    assert why(presenter.view(), 20.0, 0.5) == ""
    assert why(presenter.view(), 20.0, 3.2) == "No data for 3 s"
    presenter.take((Annotation(20.0, "calibrate", "2026-01-01T00:00:00+00:00"),), Output())
    assert why(presenter.view(), 20.0, 3.2) == GUIDED
    presenter.take((Annotation(20.0, "calibrate", GIVE_UP),), Output())
    assert presenter.view().guide is None
    presenter.take((LinkStatus(20.0, LOWER, "lost", "no data for 2 s"),), Output())
    assert why(presenter.view(), 20.0, 3.2) == "Lower sensor: no data for 2 s"
    presenter.take((LinkStatus(20.0, LOWER, "streaming"),), Output())
    presenter.end()
    assert why(presenter.view(), 20.0, 3.2) == OVER


def test_while_it_is_guided_no_angle_is_shown_and_refusals_stand_among_the_lines() -> None:
    presenter = waiting()
    told = (("prompt", "Stand"), ("refusal", "you moved: hold still"), ("count", "bend 1 of 3"))
    presenter.take((), Output(guidance=Guidance(1, 4, "Stand", "", 0.5, 0.1, told)))
    view = presenter.view()
    assert view.headline.value_deg is None
    assert view.guide is not None
    assert view.guide.said == (("you moved: hold still", True), ("bend 1 of 3", False))
    for _ in range(9):
        presenter.take((), Output(guidance=Guidance(2, 4, "Bend", "", 0.5, 0.4, (("count", "again"),))))
    assert len((presenter.view().guide or view.guide).said) == 5
