"""A live session without a sensor: it says what to do, and goes on with the one that is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from test_session import Seen

from gui.bridge import ScreenSink, Took
from gui.ends import SideStatus
from gui.preflight import checks
from gui.presenter import TO_LEARN, Presenter
from gui.ring import PostureRing
from gui.view_state import Standing
from monitor.analysis import analyze
from monitor.baseline_text import DatedBaseline, baselines_text
from monitor.cli.waiting import NONE_YET, WaitingSource
from monitor.model.errors import SensorError
from monitor.model.events import Rep, SetSummary
from monitor.model.session import Delivery, LinkStatus, LiveSource, SessionInfo
from monitor.pipeline.baseline import baseline
from monitor.sensors.pacing import Paced
from monitor.sensors.simulated.scenario import simulate
from monitor.session import Session

Heard = Callable[[str, str], None]


def lifter(_: str) -> LiveSource:
    return Paced(simulate("squat", reps=3, seed=3).source, None)


async def nothing(seconds: float, heard: Heard) -> None:  # noqa: ARG001
    await asyncio.sleep(0)


def told(source: WaitingSource, until: Callable[[str], bool], act: Callable[[], None]) -> list[str]:
    """Return what was said until a line passes; then `act`, and one batch more."""

    async def watch() -> list[str]:
        lines = []
        async for batch in source.stream():
            lines += [item.text for item in batch if isinstance(item, LinkStatus)]
            if any(isinstance(item, Delivery) for item in batch):
                return lines
            if until(lines[-1]):
                act()
        return lines

    return asyncio.run(asyncio.wait_for(watch(), 20))


def test_it_waits_then_goes_on_with_the_sensor_that_was_chosen() -> None:
    source = WaitingSource(SessionInfo(), lifter, nothing, again_s=0.01)
    assert told(source, lambda line: line == NONE_YET, lambda: source.use("sim"))[0] == NONE_YET
    assert source.info.sensors[0].device == "sim:squat"


def test_what_is_heard_can_be_chosen_and_the_simulated_lifter_comes_last() -> None:
    async def listen(seconds: float, heard: Heard) -> None:  # noqa: ARG001
        heard("ble:AA:BB", "Movesense 1: Movesense, -60 dBm")

    source = WaitingSource(SessionInfo(), lifter, listen, again_s=0.01)
    told(source, lambda _: len(source.found()) > 1, lambda: source.use("ble:AA:BB"))
    assert [sensor for sensor, _ in source.found()] == ["ble:AA:BB", "sim"]


def test_what_does_not_work_is_said_and_another_can_be_chosen() -> None:
    tried = []

    def make(sensor: str) -> LiveSource:
        tried.append(sensor)
        if sensor == "ble:off":
            raise SensorError("ble:off does not answer:\nswitch it on")
        return lifter(sensor)

    async def no_radio(seconds: float, heard: Heard) -> None:  # noqa: ARG001
        raise SensorError("no Bluetooth adapter here")

    source = WaitingSource(SessionInfo(), make, no_radio, again_s=0.01)
    source.use("ble:off")
    lines = told(source, lambda line: line == "no Bluetooth adapter here", lambda: source.use("sim"))
    assert "ble:off does not answer: switch it on; choose again" in lines
    assert tried == ["ble:off", "sim"]


def test_a_session_over_it_counts_repetitions_as_any_other() -> None:
    source, seen = WaitingSource(SessionInfo(), lifter, nothing, again_s=0.01), Seen()
    source.use("sim")
    asyncio.run(Session(source, None, [seen]).run(asyncio.Event()))
    assert sum(isinstance(e, Rep) for e in seen.events) == 3


def test_what_was_said_before_a_sensor_was_chosen_holds_then() -> None:
    source, seen = WaitingSource(SessionInfo(), lifter, nothing, again_s=0.01), Seen()
    session = Session(source, None, [seen])
    session.annotate("load_kg", 80.0)
    source.use("sim")
    asyncio.run(session.run(asyncio.Event()))
    assert [e.load_kg for e in seen.events if isinstance(e, SetSummary)] == [80.0]


def test_the_screen_compares_with_what_is_usual_for_who_wears_the_sensor_that_was_chosen() -> None:
    reps = [e for e in analyze(simulate("squat", reps=6).source).events if isinstance(e, Rep)]
    usual = baselines_text("me", {"squat": DatedBaseline(baseline(reps), "2026-11-20T18:00+01:00")})
    person = SessionInfo(started_at="2026-11-22T18:00+01:00", baselines=usual)
    presenter = Presenter(person)
    [before] = [check for check in checks(presenter.view(), SideStatus()) if check.name == "Usual repetition"]
    assert (before.standing, before.state) == (Standing.USUAL, "known, of 2026-11-20, 2 days ago")
    sink = ScreenSink(PostureRing())
    source = WaitingSource(person, lifter, nothing, again_s=0.01)
    source.use("sim")
    asyncio.run(Session(source, None, [sink]).run(asyncio.Event()))
    for news in sink.drain():
        if isinstance(news, Took):
            presenter.take(news.items, news.output)
    view = presenter.view()
    assert view.usual == TO_LEARN, "a simulated lifter is not the person"
    assert view.links[0].device == "sim:squat"


def test_it_can_be_stopped_while_it_listens() -> None:
    begun = asyncio.Event()

    async def forever(seconds: float, heard: Heard) -> Awaitable[None]:  # noqa: ARG001
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def stopped() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(
            Session(WaitingSource(SessionInfo(), lifter, forever), None, []).run(stop)  # type: ignore[arg-type]
        )
        await begun.wait()
        stop.set()
        await asyncio.wait_for(running, 5)

    asyncio.run(stopped())
