"""What keys and buttons of the review page do to the session that is open."""

from __future__ import annotations

from collections.abc import Callable

from gui.review.keys import Do
from gui.review.review_presenter import ReviewPresenter
from gui.review.transport import STEPS_S

Act = Callable[[ReviewPresenter], None]


def acts(write_note: Callable[[], None]) -> dict[Do, Act]:
    """Return what each key and button does to the session; one is for the page itself."""

    def move(change: Callable[[ReviewPresenter], object]) -> Act:
        def act(p: ReviewPresenter) -> None:
            p.transport = change(p)  # type: ignore[assignment]

        return act

    return {
        Do.PLAY: move(lambda p: p.transport.toggled()),
        Do.BACK: move(lambda p: p.transport.stepped(-1)),
        Do.ON: move(lambda p: p.transport.stepped(1)),
        Do.PAGE_BACK: move(lambda p: p.transport.turned(-1)),
        Do.PAGE_ON: move(lambda p: p.transport.turned(1)),
        Do.LESS: move(lambda p: p.transport.widened(0.5)),
        Do.MORE: move(lambda p: p.transport.widened(2.0)),
        Do.BEGIN: move(lambda p: p.transport.sought(0.0)),
        Do.END: move(lambda p: p.transport.sought(p.transport.end_s)),
        Do.ALL: move(lambda p: p.transport.shown(0.0, p.transport.end_s)),
        Do.SLOWER: move(lambda p: p.transport.at_speed(-1)),
        Do.FASTER: move(lambda p: p.transport.at_speed(1)),
        Do.STEP: move(lambda p: p.transport.with_step(_after_in(STEPS_S, p.transport.step_s))),
        Do.REP_BACK: lambda p: p.choose_neighbour(-1),
        Do.REP_ON: lambda p: p.choose_neighbour(1),
        Do.LOOP: lambda p: p.toggle_loop(),
        Do.CONFIRM: lambda p: p.judge(confirmed=True),
        Do.REJECT: lambda p: p.judge(confirmed=False),
        Do.NOTE: lambda _: write_note(),
        Do.REP_START: lambda p: p.move_border("start", p.transport.now_s),
        Do.REP_TURN: lambda p: p.move_border("turn", p.transport.now_s),
        Do.REP_END: lambda p: p.move_border("end", p.transport.now_s),
        Do.REP_NONE: lambda p: p.remove_rep(),
        Do.REP_MISSED: lambda p: p.add_missed(p.transport.now_s),
        Do.UNDO: lambda p: p.undo(),
        Do.REDO: lambda p: p.redo(),
    }


def _after_in(values: tuple[float, ...], now: float) -> float:
    return values[(values.index(now) + 1) % len(values)] if now in values else values[0]
