"""A calibration made in the window is used by itself the next time, and given up where it does not fit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from calibrated_day import SEED

from calibration.profile import Profile
from gui.ends import SideStatus
from gui.preflight import Check, checks
from gui.presenter import Presenter
from gui.view_state import ViewState
from monitor.age import made_words
from monitor.analysis import analyze, with_header
from monitor.calibrating import GuidedCalibration
from monitor.cli.kept_profile import KeptProfile, kept_profile
from monitor.engine import Engine
from monitor.model.events import Calibrated, Notice, Rep
from monitor.model.samples import LOWER, UPPER, SensorInfo
from monitor.model.session import Guidance, MadeProfile, Output, SampleSource, SessionInfo
from monitor.sensors.simulated.guided import calibrated_wearing, calibration
from monitor.sensors.simulated.scenario import simulate
from monitor.sensors.simulated.wearing import SAME_CHIP

MADE_AT = "2026-11-20T18:00:00+01:00"
TODAY = "2026-11-22T09:00:00+01:00"


@cache
def made() -> Profile:
    """Return the profile of a guided calibration, as a session keeps it."""
    source = calibration(SEED).source
    guided = GuidedCalibration(source.info)
    for item in source.items():
        guided.feed([item])
        if guided.done:
            break
    return guided.profile(MADE_AT, source.info)


def guidance_to(profile: Profile) -> Guidance:
    made_now = MadeProfile(profile.made_at, 60.0, profile.to_text())
    return Guidance(4, 4, "", "", 1.0, 1.0, made=made_now)


def keep(profile: Profile, folder: Path | None = None) -> Path:
    """Hand a profile to the sink that keeps it; return the file."""
    sink = KeptProfile(folder)
    sink.begin(SessionInfo(athlete=profile.athlete))
    sink.take((), Output(guidance=guidance_to(profile)))
    assert sink.path is not None
    return sink.path


def as_of(device: str, athlete: str = "me") -> Profile:
    sensors = {name: replace(worn, device=device) for name, worn in made().sensors.items()}
    return replace(made(), sensors=sensors, athlete=athlete)


def info_of(device: str = "", athlete: str = "me", names: tuple[str, ...] = (LOWER,)) -> SessionInfo:
    return SessionInfo(sensors=tuple(SensorInfo(name, device) for name in names), athlete=athlete)


def calibration_line(view: ViewState) -> Check:
    return next(check for check in checks(view, SideStatus()) if check.name == "Calibration")


def shown(source: SampleSource, until_s: float) -> Presenter:
    """Return what the window shows after some seconds."""
    engine, presenter = Engine(source.info), Presenter(source.info)
    for item in source.items():
        presenter.take((item,), engine.feed([item]))
        if presenter.view().now_s >= until_s:
            break
    return presenter


def squats(seed: int) -> SampleSource:
    """Return a set by a lifter who wears the sensor as in the calibration of `seed`."""
    worn = calibrated_wearing(seed)
    source = simulate("squat", reps=3, seed=SEED, spec=SAME_CHIP, wearing=worn).source
    return with_header(source, replace(source.info, profile=made().to_text(), started_at=TODAY))


def test_it_is_found_again_for_the_same_athlete_and_the_same_sensors(tmp_path: Path) -> None:
    keep(as_of("AA:BB", "anna k."), tmp_path)
    kept = kept_profile(info_of(athlete="anna k."), tmp_path)
    assert kept is not None
    assert kept.made_at == MADE_AT
    assert kept_profile(info_of(), tmp_path) is None
    assert kept_profile(info_of(athlete="anna-k"), tmp_path) is None, "another name with the same file"
    assert kept_profile(info_of(athlete="anna k.", names=(LOWER, UPPER)), tmp_path) is None


def test_a_simulated_lifters_never_stands_in_for_a_persons(tmp_path: Path) -> None:
    keep(as_of("sim:squat"), tmp_path)
    assert kept_profile(info_of("AA:BB"), tmp_path) is None
    assert kept_profile(info_of("sim:squat"), tmp_path) is not None


def test_a_file_that_is_none_is_said_and_does_not_stop_a_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "me.json").write_text("{}", encoding="utf-8")
    assert kept_profile(info_of(), tmp_path) is None
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("note: ")
    assert "calibrating from the session instead" in line


@pytest.mark.parametrize(
    ("now_at", "words"),
    [
        (TODAY, "made 2026-11-20, 2 days ago"),
        (MADE_AT, "made 2026-11-20, today"),
        ("2026-11-21T00:10:00+01:00", "made 2026-11-20, yesterday"),
        ("2026-11-19T00:10:00+01:00", "made 2026-11-20"),
        ("", "made some time ago"),
    ],
)
def test_its_age_is_counted_in_days(now_at: str, words: str) -> None:
    assert made_words(made(), now_at) == words


def test_before_the_set_its_age_is_shown_and_whether_it_still_holds_is_asked() -> None:
    presenter = shown(squats(SEED), 4.0)
    line = calibration_line(presenter.view())
    assert line.state == "Calibrated from your profile, good, made 2026-11-20, 2 days ago"
    assert line.todo == "Worn as then? Else press C."
    assert "Your calibration made 2026-11-20, 2 days ago. Worn as then? Else press C." in (
        presenter.view().notices
    )
    # A calibration of this session takes its place: nothing is left to ask.
    presenter.take((), Output(guidance=guidance_to(made())))
    presenter.take((), Output(events=(Calibrated("profile", "good", 60.0),)))
    assert calibration_line(presenter.view()).todo == ""


def test_where_the_sensor_sits_otherwise_it_is_given_up_and_the_session_calibrates_itself() -> None:
    session = analyze(squats(SEED + 2))
    assert any("clipped on" in notice.text for notice in session.of(Notice))
    last = session.of(Calibrated)[-1]
    assert (last.kind, last.quality) != ("profile", "good")
    assert len(session.of(Rep)) >= 2
