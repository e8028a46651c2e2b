"""When the monitor speaks: one alert an excursion, a budget of sounds, the same in any batch."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.policy import REQUEST_MARK, AlertPolicy, AlertSettings, SpeakMode
from monitor.model.errors import ConfigError
from monitor.model.events import (
    Alert,
    Approaching,
    Calibrated,
    Cause,
    Confidence,
    Event,
    Fault,
    FaultKind,
    Finding,
    Gap,
    Level,
    LiftOff,
    LiftOffStarted,
    Rep,
    RepMetrics,
    SetSummary,
)
from monitor.model.session import Annotation

CALIBRATED = Calibrated("auto", "good", 0.0)
REP_S = 4.0
METRICS = RepMetrics(0.5, 0.4, 0.4, 0.0, None, None, 0.0, 0.0, None, None, 1.0)
STATUS_KINDS = {"back_in_range", "sensor_lost", "not_calibrated"}


def rep(index: int) -> Rep:
    start_s = REP_S * index
    return Rep(index, 1, start_s, start_s + 2, start_s + REP_S, start_s + REP_S, METRICS)


def lift_off(start_s: float, length_s: float, index: int | None, level: Level = Level.ALERT) -> list[Event]:
    decided_s = start_s + 0.2
    return [
        LiftOffStarted(start_s, decided_s, 0.23, index, level),
        LiftOff(start_s, start_s + length_s, decided_s, 0.3, index, level),
    ]


def approaching(time_s: float, index: int | None = None) -> Approaching:
    return Approaching(time_s, time_s, 0.15, index)


def fault(
    kind: FaultKind, time_s: float, level: Level = Level.ALERT, value_rad: float | None = 0.21
) -> Fault:
    return Fault(kind, level, time_s, time_s + 0.1, value_rad)


def finding(time_s: float, *reps: int, cause: Cause = Cause.IMPROPER_FORM) -> Finding:
    return Finding(cause, Confidence.HIGH, Level.ALERT, reps, ("12 deg",), "Finish tall.", time_s, time_s)


def set_over(time_s: float) -> SetSummary:
    return SetSummary(1, REP_S, time_s - 5, time_s, (1, 2, 3), "squat", None, "3 repetitions")


def known_s(event: Event) -> float:
    return event.end_s if isinstance(event, LiftOff) else event.decided_s  # type: ignore[union-attr]


def run(events: list[Event], chosen: AlertSettings | None = None) -> list[Alert]:
    policy = AlertPolicy(chosen or AlertSettings(), "s1")
    return list(policy.update([CALIBRATED, *sorted(events, key=known_s)], 1e6))


def audible(alerts: list[Alert]) -> list[tuple[str, int | None]]:
    return [(a.kind, a.rep) for a in alerts if a.audible]


class TestWhatMakesAnAlert:
    def test_lift_off_speaks_when_it_is_decided_not_when_it_ends(self) -> None:
        (alert,) = run(lift_off(5.0, 0.8, 1))
        assert (alert.kind, alert.cause, alert.rep) == ("lift_off", Cause.LACK_OF_SPINAL_SUPPORT, 1)
        assert alert.time_s == pytest.approx(5.2)
        assert alert.id == "s1-lift_off-1"
        assert alert.audible

    def test_fault_says_what_was_seen_in_degrees_and_what_to_do(self) -> None:
        (alert,) = run([fault(FaultKind.TUCK, 6.0, value_rad=math.radians(12))])
        assert (alert.kind, alert.cause) == ("tuck", Cause.IMPROPER_FORM)
        assert (
            alert.text
            == "Your hips tucked 12 degrees at the bottom. Go only as deep as you can hold your arch."
        )

    def test_fault_belongs_to_the_repetition_it_fell_into(self) -> None:
        alerts = run([rep(1), rep(2), fault(FaultKind.TUCK, 12.5), rep(3), fault(FaultKind.TWIST, 15.9)])
        assert [(a.kind, a.rep) for a in alerts] == [("tuck", 3), ("twist", 3)]

    def test_slow_repetition_alone_names_no_cause(self) -> None:
        (alert,) = run([fault(FaultKind.SLOW_REP, 6.0, value_rad=None)])
        assert alert.cause is Cause.UNCLEAR

    def test_finding_carries_its_cause_confidence_and_cue(self) -> None:
        (alert,) = run([finding(9.0, 1, 2)])
        assert (alert.kind, alert.cause, alert.confidence) == (
            "finding",
            Cause.IMPROPER_FORM,
            Confidence.HIGH,
        )
        assert (alert.rep, alert.text) == (2, "Finish tall.")

    def test_clean_session_is_silent(self) -> None:
        assert run([rep(1), rep(2), rep(3), set_over(25.0)]) == []

    @pytest.mark.parametrize("kind", list(FaultKind))
    def test_no_text_uses_a_word_we_never_use(self, kind: FaultKind) -> None:
        (alert,) = run([fault(kind, 6.0)])
        for word in ("dangerous", "injury", "diagnos", "disc", "unsafe", "prevent"):
            assert word not in alert.text.lower()

    def test_ids_number_each_kind_on_its_own(self) -> None:
        alerts = run([*lift_off(5, 0.5, 1), finding(8.5, 1), *lift_off(9, 0.5, 2)])
        assert [a.id for a in alerts] == ["s1-lift_off-1", "s1-finding-1", "s1-lift_off-2"]


class TestOneExcursionOneAlert:
    def test_flapping_lift_off_is_one_alert(self) -> None:
        flapping = [e for k in range(10) for e in lift_off(5 + 0.4 * k, 0.3, 1)]
        assert len(run(flapping)) == 1

    def test_next_repetition_is_a_new_one_however_short_the_rest(self) -> None:
        alerts = run([*lift_off(7.0, 0.9, 1), rep(1), *lift_off(8.3, 0.5, 2)])
        assert [a.rep for a in alerts] == [1, 2]

    def test_back_at_rest_long_enough_is_a_new_one(self) -> None:
        assert len(run([*lift_off(4.5, 0.4, 1), *lift_off(6.5, 0.4, 1)])) == 2

    def test_fault_growing_from_caution_to_alert_is_told_once(self) -> None:
        growing = [fault(FaultKind.TUCK, 5.0, Level.CAUTION), fault(FaultKind.TUCK, 6.5, Level.ALERT)]
        assert len(run(growing)) == 1

    def test_finding_that_only_repeats_what_its_lift_off_said_is_no_second_alert(self) -> None:
        (said, *_) = alerts = run(lift_off(5.0, 0.5, 1))
        cause = Cause.LACK_OF_SPINAL_SUPPORT
        again = Finding(cause, Confidence.MEDIUM, Level.ALERT, (1,), ("13 deg",), said.text, 5.0, 5.2)
        assert run([*lift_off(5.0, 0.5, 1), again]) == alerts

    def test_lift_off_that_a_gap_cut_short_does_not_silence_the_next(self) -> None:
        started, _ = lift_off(5.0, 0.5, 1)
        events = [started, Gap("lower", 5.3, 8.0, 8.0), *lift_off(9.0, 0.5, 1)]
        assert [a.kind for a in run(events)] == ["lift_off", "sensor_lost", "lift_off"]


class TestBudget:
    def test_at_most_two_of_three_repetitions_sound_and_all_are_sent(self) -> None:
        events = [e for i in range(1, 7) for e in (*lift_off(REP_S * i + 1, 0.5, i), rep(i))]
        alerts = run(events)
        assert [a.rep for a in alerts] == [1, 2, 3, 4, 5, 6]
        assert audible(alerts) == [("lift_off", i) for i in (1, 2, 4, 5)]

    def test_finding_about_a_repetition_that_sounded_is_silent(self) -> None:
        alerts = run([*lift_off(5.0, 0.5, 1), rep(1), finding(8.0, 1)])
        assert audible(alerts) == [("lift_off", 1)]
        assert [a.kind for a in alerts] == ["lift_off", "finding"]

    def test_caution_may_be_made_silent(self) -> None:
        chosen = AlertSettings(caution_audible=False)
        assert audible(run(lift_off(5.0, 0.5, 1, Level.CAUTION), chosen)) == []

    def test_budget_of_none_is_silence(self) -> None:
        assert audible(run(lift_off(5.0, 0.5, 1), AlertSettings(cues_per_rep=0))) == []


class TestEarlyCue:
    ON = AlertSettings(early_cue=True)

    def test_it_is_off_unless_wanted(self) -> None:
        assert run([approaching(5.0, 1)]) == []

    def test_a_lift_off_ahead_is_told_as_a_caution_that_sounds(self) -> None:
        (alert,) = run([approaching(5.0, 1)], self.ON)
        assert (alert.id, alert.time_s, alert.rep) == ("s1-approaching-1", 5.0, 1)
        assert (alert.level, alert.confidence, alert.audible) == (Level.CAUTION, Confidence.LOW, True)
        assert alert.text == "Hips about to lift."

    def test_a_tuck_ahead_is_told_as_one_of_form(self) -> None:
        (alert,) = run([replace(approaching(5.0, 1), fault=FaultKind.TUCK)], self.ON)
        assert (alert.kind, alert.cause, alert.text) == (
            "approaching",
            Cause.IMPROPER_FORM,
            "Hips about to tuck.",
        )

    def test_the_lift_off_that_follows_is_sent_and_the_sound_was_the_early_one(self) -> None:
        alerts = run([approaching(4.9, 1), *lift_off(5.0, 0.5, 1), rep(1)], self.ON)
        assert [(a.kind, a.level, a.audible) for a in alerts] == [
            ("approaching", Level.CAUTION, True),
            ("lift_off", Level.ALERT, False),
        ]

    def test_both_sound_where_the_budget_has_room_for_both(self) -> None:
        chosen = AlertSettings(early_cue=True, cues_per_rep=2, cues_in_window=4)
        alerts = run([approaching(4.9, 1), *lift_off(5.0, 0.5, 1)], chosen)
        assert audible(alerts) == [("approaching", 1), ("lift_off", 1)]

    def test_where_the_early_one_found_no_room_neither_does_the_alert_but_both_are_sent(self) -> None:
        events = [e for i in (1, 2, 3) for e in (approaching(REP_S * i + 0.9, i), rep(i))]
        alerts = run([*events, *lift_off(REP_S * 3 + 1, 0.5, 3)], self.ON)
        assert audible(alerts) == [("approaching", 1), ("approaching", 2)]
        assert [(a.kind, a.rep) for a in alerts][-2:] == [("approaching", 3), ("lift_off", 3)]

    def test_wavering_below_the_limit_is_told_once_a_repetition(self) -> None:
        wavering = [approaching(4.2 + 0.3 * k, 1) for k in range(10)]
        assert len(run([*wavering, rep(1), approaching(9.5, 2)], self.ON)) == 2

    def test_nothing_is_ahead_of_a_lift_off_under_way(self) -> None:
        started, ended = lift_off(5.0, 1.0, 1)
        alerts = run([started, approaching(5.5, 1), ended, approaching(6.3, 1)], self.ON)
        assert [a.kind for a in alerts] == ["lift_off"]

    def test_it_is_of_no_use_later(self) -> None:
        chosen = AlertSettings(early_cue=True, mode=SpeakMode.AFTER_SET)
        alerts = run([approaching(5.0, 1), rep(1), set_over(20.0)], chosen)
        assert [(a.kind, a.audible) for a in alerts] == [("approaching", False)]


class TestModes:
    EVENTS = (
        *lift_off(5.0, 0.5, 1),
        rep(1),
        *lift_off(9.0, 0.5, 2),
        rep(2),
        finding(12.1, 2),
        rep(3),
        set_over(30.0),
    )

    def test_after_the_set_one_recap_sounds_then(self) -> None:
        alerts = run(list(self.EVENTS), AlertSettings(mode=SpeakMode.AFTER_SET))
        assert audible(alerts) == [("recap", 2)]
        assert alerts[-1].time_s == 30.0
        assert "off the pad" in alerts[-1].text  # the more frequent of the two

    def test_every_second_repetition(self) -> None:
        alerts = run(list(self.EVENTS), AlertSettings(mode=SpeakMode.EVERY_N, every_n=2))
        assert [(a.kind, a.time_s) for a in alerts if a.audible] == [("recap", 12.0)]

    def test_on_request_only(self) -> None:
        policy = AlertPolicy(AlertSettings(mode=SpeakMode.ON_REQUEST), "s1")
        before = policy.update([CALIBRATED, *sorted(self.EVENTS, key=known_s)], 31.0)
        assert audible(list(before)) == []
        policy.annotate(Annotation(31.0, "mark", REQUEST_MARK))
        (recap,) = policy.update([], 31.5)
        assert (recap.kind, recap.audible, recap.time_s) == ("recap", True, 31.0)
        policy.annotate(Annotation(32.0, "mark", REQUEST_MARK))
        assert policy.update([], 33.0) == ()

    def test_clean_set_needs_no_recap(self) -> None:
        assert run([rep(1), set_over(20.0)], AlertSettings(mode=SpeakMode.AFTER_SET)) == []


class TestSnooze:
    def test_alerts_are_sent_but_silent_until_it_is_over(self) -> None:
        policy = AlertPolicy(AlertSettings(), "s1")
        policy.annotate(Annotation(4.0, "snooze_s", 5.0))
        alerts = policy.update([*lift_off(5.0, 0.5, 1), rep(1), *lift_off(9.5, 0.5, 2)], 20.0)
        assert [(a.rep, a.audible) for a in alerts] == [(1, False), (2, True)]

    def test_zero_ends_it(self) -> None:
        policy = AlertPolicy(AlertSettings(), "s1")
        policy.annotate(Annotation(1.0, "snooze_s", 600.0))
        policy.annotate(Annotation(4.0, "snooze_s", 0.0))
        (alert,) = policy.update(lift_off(5.0, 0.5, 1), 5.5)
        assert alert.audible

    def test_other_annotations_change_nothing(self) -> None:
        policy = AlertPolicy(AlertSettings(), "s1")
        for kind, value in (
            ("mark", "hm"),
            ("note", "say"),
            ("load_kg", 60.0),
            ("exercise", "squat"),
            ("pain", 3.0),
        ):
            policy.annotate(Annotation(4.0, kind, value))
        (alert,) = policy.update(lift_off(5.0, 0.5, 1), 5.5)
        assert alert.audible


class TestEquipment:
    def test_back_in_range_is_told_where_wanted_once_the_back_rests(self) -> None:
        alerts = run(lift_off(5.0, 0.5, 1), AlertSettings(back_in_range=True))
        assert [(a.kind, a.audible) for a in alerts] == [("lift_off", True), ("back_in_range", True)]
        assert alerts[1].time_s == pytest.approx(6.5)

    def test_long_gap_is_told_a_short_one_not(self) -> None:
        alerts = run([Gap("lower", 5.0, 5.5, 5.5), Gap("upper", 7.0, 10.5, 10.5)])
        assert [(a.kind, a.text) for a in alerts] == [
            ("sensor_lost", "No data from the upper sensor for 3.5 s: nothing was judged meanwhile.")
        ]

    def test_repetitions_without_calibration_are_told_once(self) -> None:
        policy = AlertPolicy(AlertSettings(), "s1")
        alerts = policy.update([rep(i) for i in range(1, 12)], 60.0)
        assert [(a.kind, a.time_s) for a in alerts] == [("not_calibrated", 20.0)]

    def test_poor_calibration_is_told_a_declined_one_not(self) -> None:
        for kind, told in (("auto", ["not_calibrated"]), ("none", [])):
            policy = AlertPolicy(AlertSettings(), "s1")
            assert [a.kind for a in policy.update([Calibrated(kind, "poor", 3.0)], 4.0)] == told


@pytest.mark.parametrize(
    "wrong",
    [{"every_n": 0}, {"window_reps": 0}, {"refractory_s": -1.0}, {"lost_s": math.nan}, {"cues_per_rep": -1}],
)
def test_settings_without_sense_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        AlertSettings(**wrong)  # type: ignore[arg-type]


@st.composite
def sessions(draw: st.DrawFn, gaps: bool = True) -> list[Event]:
    """Return the events of a random session in order of decision: flapping, faults, findings, gaps."""
    events: list[Event] = [CALIBRATED] if draw(st.booleans()) else []
    for index in range(1, draw(st.integers(1, 12)) + 1):
        at_s = REP_S * index
        clock_s = at_s
        for _ in range(draw(st.integers(0, 4))):
            start_s = clock_s + draw(st.floats(0.0, 1.0))
            length_s = draw(st.floats(0.25, 1.0))
            number = draw(st.sampled_from([index, index, None]))
            if draw(st.booleans()):
                events.append(approaching(start_s - 0.1, number))
            events += lift_off(start_s, length_s, number, draw(st.sampled_from(Level)))
            clock_s = start_s + length_s
        for when in draw(st.lists(st.floats(0, 3.8), max_size=2)):
            events.append(approaching(at_s + when, draw(st.sampled_from([index, None]))))
        for kind, when in draw(
            st.lists(st.tuples(st.sampled_from(FaultKind), st.floats(0, 3.8)), max_size=5)
        ):
            events.append(fault(kind, at_s + when, draw(st.sampled_from(Level))))
        events.append(rep(index))
        if draw(st.booleans()):
            events.append(finding(at_s + REP_S, index, cause=draw(st.sampled_from(Cause))))
        if gaps and draw(st.integers(0, 5)) == 0:
            end_s = at_s + draw(st.floats(0.1, 3.0))
            events.append(Gap("lower", at_s, end_s, end_s))
    events.append(set_over(REP_S * 14))
    return sorted(events, key=known_s)


modes = st.builds(
    AlertSettings,
    mode=st.sampled_from(SpeakMode),
    every_n=st.integers(1, 4),
    cues_per_rep=st.integers(0, 2),
    cues_in_window=st.integers(0, 3),
    window_reps=st.integers(1, 4),
    refractory_s=st.floats(0.0, 3.0),
    back_in_range=st.booleans(),
    early_cue=st.booleans(),
)
snoozes = st.lists(st.tuples(st.floats(0, 50), st.floats(0, 20)), max_size=3).map(sorted)


def play(
    events: list[Event], chosen: AlertSettings, snoozed: list[tuple[float, float]], step_s: float
) -> list[Alert]:
    """Run a policy as a session does that reads `step_s` seconds at a time."""
    policy = AlertPolicy(chosen, "s")
    alerts: list[Alert] = []
    left, said = list(events), list(snoozed)
    now_s = 0.0
    while left or said or now_s < 70:
        now_s += step_s
        while said and said[0][0] <= now_s:
            at_s, length_s = said.pop(0)
            alerts += policy.update([e for e in left if known_s(e) <= at_s], at_s)
            left = [e for e in left if known_s(e) > at_s]
            policy.annotate(Annotation(at_s, "snooze_s", length_s))
            policy.annotate(Annotation(at_s, "mark", REQUEST_MARK))
        alerts += policy.update([e for e in left if known_s(e) <= now_s], now_s)
        left = [e for e in left if known_s(e) > now_s]
    return alerts


@settings(deadline=None, max_examples=60)
@given(sessions(), modes, snoozes, st.sampled_from([0.05, 0.31, 1.0, 7.0]))
def test_batches_do_not_change_a_single_alert(
    events: list[Event], chosen: AlertSettings, snoozed: list[tuple[float, float]], step_s: float
) -> None:
    assert play(events, chosen, snoozed, step_s) == play(events, chosen, snoozed, 1e4)


@settings(deadline=None, max_examples=100)
@given(sessions(), modes)
def test_sounds_stay_within_the_budget(events: list[Event], chosen: AlertSettings) -> None:
    policy = AlertPolicy(chosen, "s")
    alerts = policy.update(events, 1e6)
    cues = [a.rep for a in alerts if a.audible and a.kind not in STATUS_KINDS and a.rep is not None]
    for index in range(15):
        assert cues.count(index) <= chosen.cues_per_rep
        window = range(index, index + chosen.window_reps)
        assert sum(r in window for r in cues) <= chosen.cues_in_window


@settings(deadline=None, max_examples=100)
@given(sessions(gaps=False), modes)
def test_a_kind_is_not_repeated_within_its_refractory_time(
    events: list[Event], chosen: AlertSettings
) -> None:
    alerts = AlertPolicy(chosen, "s").update(events, 1e6)
    assert len({a.id for a in alerts}) == len(alerts)
    for kind in {a.kind for a in alerts} - {"finding", "recap"} - STATUS_KINDS:
        for earlier, later in pairwise([a for a in alerts if a.kind == kind]):
            same_rep = later.rep is None or earlier.rep is None or later.rep <= earlier.rep
            assert later.time_s - earlier.time_s >= chosen.refractory_s or not same_rep
            if kind != "lift_off":
                assert not same_rep


@settings(deadline=None, max_examples=50)
@given(sessions())
def test_every_mode_sends_the_same_alerts_and_only_sounds_differ(events: list[Event]) -> None:
    sent = [
        [
            (a.id, a.time_s, a.text)
            for a in AlertPolicy(AlertSettings(mode=mode), "s").update(events, 1e6)
            if a.kind != "recap"
        ]
        for mode in SpeakMode
    ]
    assert all(other == sent[0] for other in sent)


@settings(deadline=None, max_examples=100)
@given(sessions(), modes)
def test_early_cues_take_no_other_alert_away_from_the_broker(
    events: list[Event], chosen: AlertSettings
) -> None:
    def sent(*, early: bool) -> list[Alert]:
        alerts = AlertPolicy(replace(chosen, early_cue=early), "s").update(events, 1e6)
        # Equipment apart, what sounds is the budget's.
        return [a if a.kind in STATUS_KINDS - {"back_in_range"} else replace(a, audible=True) for a in alerts]

    with_early = sent(early=True)
    assert [a for a in with_early if a.kind != "approaching"] == sent(early=False)
    told = [a.rep for a in with_early if a.kind == "approaching"]
    assert len(told) == len(set(told)), "once a repetition"
