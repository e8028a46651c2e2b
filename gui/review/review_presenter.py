"""What the review page shows and what a person may say on it. No Qt, no files but through `keep`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gui.review.cursor import Reading, pose_of, reading_at
from gui.review.lines import FindingLine, RepLine, SetLine, session_lines
from gui.review.session_data import Opened
from gui.review.transport import Transport
from gui.review.words import loads_of
from gui.view_state import ViewState
from gui.words import clock_text
from monitor.model.errors import MonitorError
from monitor.model.exercise import Exercise
from monitor.recording.labels import Edits, Labels, Note, RepEdit
from monitor.reviewed import Judged
from monitor.wording import capital

Json = dict[str, Any]
Keep = Callable[[Labels], None]

_MISSED_S = 3.0
"""Length of a repetition entered by hand until its borders are moved; a usual one lasts 2 to 5 s."""
_LEAST_PHASE_S = 0.05
_LOOP_ROOM_S = 0.3
"""A loop begins and ends this much outside the repetition, so that its borders can be seen."""


class ReviewPresenter:
    """One opened session: cursor, tables, and the labels with their undo.

    Parameters
    ----------
    opened
        The session.
    keep
        Told the labels after every change, to write them beside the recording; what it raises
        goes to the caller and the change is not made.
    """

    def __init__(self, opened: Opened, keep: Keep) -> None:
        self.opened = opened
        self.transport = Transport.over(opened.session.end_s)
        self.edits = Edits(opened.session.labels)
        self.selected_rep: int | None = None
        self.selected_finding: int | None = None
        self._keep = keep
        self._apply()

    # -- what is shown ---------------------------------------------------------------------

    @property
    def session(self) -> Judged:
        """What is open, without what was said of it since."""
        return self.opened.session

    @property
    def labels(self) -> Labels:
        """What was said so far."""
        return self.edits.now

    @property
    def exercise(self) -> Exercise:
        """What was done, as corrected."""
        return self.labels.header(self.session.info).exercise

    @property
    def title(self) -> str:
        """What the session is called."""
        return self.labels.title or capital(str(self.exercise))

    @property
    def rep(self) -> RepLine | None:
        """The repetition that is selected."""
        return next((rep for rep in self.reps if rep.index == self.selected_rep), None)

    @property
    def finding(self) -> FindingLine | None:
        """The finding that is selected."""
        at = self.selected_finding
        return self.findings[at] if at is not None and at < len(self.findings) else None

    @property
    def needs_judging(self) -> bool:
        """Whether exercise or loads were corrected since curves and events were made."""
        return not self.labels.judges_as(self.session.labels)

    def take(self, opened: Opened) -> None:
        """Take the same session judged anew; cursor, selection and undo stay."""
        self.opened = opened
        self._apply()

    def rep_at(self, time_s: float) -> RepLine | None:
        """Return the repetition at a time; None between them."""
        at = bisect_right(self._rep_starts, time_s) - 1
        return self.reps[at] if at >= 0 and time_s < self.reps[at].end_s else None

    def set_at(self, time_s: float) -> SetLine | None:
        """Return the set at a time; None between them."""
        return next((s for s in self.sets if s.start_s <= time_s < s.end_s), None)

    def reading(self, time_s: float | None = None) -> Reading:
        """Return the values under the cursor, or at another time."""
        return reading_at(self.opened.curves, self.transport.now_s if time_s is None else time_s)

    def pose(self) -> ViewState:
        """Return the side view under the cursor."""
        now_s = self.transport.now_s
        lifted = any(m.kind == "lift_off" and m.time_s <= now_s < m.end_s for m in self.moments)
        two = len(self.session.info.sensors) > 1
        return pose_of(self.reading(), now_s, self.exercise, lifted=lifted, thorax_measured=two)

    def limits_deg(self) -> tuple[float, float] | None:
        """Return caution and alert of the tilt on a machine's pad; None where none are drawn."""
        if not self.exercise.back_supported:
            return None
        limits = self.opened.in_force.pipeline
        return -limits.lift_off_caution_deg, -limits.lift_off_alert_deg

    # -- moving about ----------------------------------------------------------------------

    def choose_rep(self, index: int | None, *, jump: bool = True) -> None:
        """Select a repetition; jump to its start, and let a loop follow."""
        self.selected_rep = index
        rep = self.rep
        if rep is None:
            self.selected_rep = None
            return
        if self.transport.loop_s is not None:
            self.transport = self.transport.looped(self._loop_of(rep))
        if jump:
            self.transport = self.transport.sought(rep.start_s)

    def choose_neighbour(self, steps: int) -> None:
        """Select the repetition before or after the selected one, or after the cursor."""
        if not self.reps:
            return
        order = [rep.index for rep in self.reps]
        if self.selected_rep in order:
            at = order.index(self.selected_rep) + steps
        else:
            at = bisect_right(self._rep_starts, self.transport.now_s) - (1 if steps < 0 else 0)
        self.choose_rep(order[min(max(at, 0), len(order) - 1)])

    def choose_finding(self, at: int) -> None:
        """Select a finding and jump to the first repetition it rests on."""
        self.selected_finding = at
        found = self.finding
        if found is not None:
            self.transport = self.transport.sought(found.time_s)

    def toggle_loop(self) -> None:
        """Repeat the selected repetition, or the one at the cursor; or play on."""
        if self.transport.loop_s is not None:
            self.transport = self.transport.looped(None)
            return
        rep = self.rep or self.rep_at(self.transport.now_s)
        if rep is not None:
            self.choose_rep(rep.index)
            self.transport = self.transport.looped(self._loop_of(rep)).sought(rep.start_s)

    # -- what a person says ----------------------------------------------------------------

    def judge(self, *, confirmed: bool) -> None:
        """Confirm or reject the selected finding; the same word again takes it back."""
        found = self.finding
        if found is not None:
            said = None if found.confirmed is confirmed else confirmed
            self._do(self.labels.judged(found.cause.value, found.set_index, confirmed=said))

    def add_note(self, text: str, time_s: float | None) -> None:
        """Add a note at a time, or with None on the whole session."""
        if text.strip():
            self._do(replace(self.labels, notes=(*self.labels.notes, Note(text.strip(), time_s))))

    def remove_note(self, note: Note) -> None:
        """Take a note back."""
        self._do(replace(self.labels, notes=tuple(n for n in self.labels.notes if n != note)))

    def call(self, title: str) -> None:
        """Give the session a title."""
        self._do(replace(self.labels, title=title.strip()))

    def tag(self, text: str) -> None:
        """Give it these tags, separated by commas."""
        self._do(self.labels.tagged(text.split(",")))

    def correct_exercise(self, name: str) -> None:
        """Say what was really done."""
        recorded = self.session.info.exercise.name
        self._do(self.labels.done_as(None if name == recorded else name))

    def correct_loads(self, text: str) -> None:
        """Say what was really lifted: ``60, 80``, one a set; nothing is as recorded."""
        loads = loads_of(text)
        self._do(
            replace(self.labels, loads_kg=None if loads in (None, self.session.info.loads_kg) else loads)
        )

    def move_border(self, border: str, time_s: float) -> None:
        """Move ``"start"``, ``"turn"`` or ``"end"`` of the selected repetition; their order stays."""
        rep = self.rep
        if rep is None:
            raise MonitorError("no repetition is selected: choose one in the table first")
        times = {"start": rep.start_s, "turn": rep.turn_s, "end": rep.end_s}
        times[border] = min(max(0.0, time_s), self.session.end_s)
        if not times["start"] + _LEAST_PHASE_S <= times["turn"] <= times["end"] - _LEAST_PHASE_S:
            raise MonitorError(f"rep {rep.index} starts, turns and ends in this order: move the others first")
        self._correct(rep, RepEdit(None, times["start"], times["turn"], times["end"]))

    def remove_rep(self) -> None:
        """Say that the selected repetition was none."""
        rep = self.rep
        if rep is not None:
            self._correct(rep, None)

    def add_missed(self, time_s: float) -> None:
        """Enter a repetition that was not counted, turning at a time; its borders can be moved then."""
        half_s = _MISSED_S / 2
        turn_s = min(max(half_s, time_s), max(half_s, self.session.end_s - half_s))
        self._do(self.labels.corrected(RepEdit(None, turn_s - half_s, turn_s, turn_s + half_s)))
        self.selected_rep = max(rep.index for rep in self.reps)

    def undo(self) -> None:
        """Take the last change back."""
        self._take_edits(self.edits.undo())

    def redo(self) -> None:
        """Make the change again."""
        self._take_edits(self.edits.redo())

    # -- inside ----------------------------------------------------------------------------

    def _correct(self, rep: RepLine, edit: RepEdit | None) -> None:
        if rep.entered is None:
            made = RepEdit(rep.index) if edit is None else replace(edit, rep=rep.index)
            self._do(self.labels.corrected(made))
            return
        missed = [e for e in self.labels.reps if e.rep is None]
        others = [e for e in self.labels.reps if e.rep is not None]
        missed[rep.entered : rep.entered + 1] = [] if edit is None else [edit]
        self._do(replace(self.labels, reps=(*others, *missed)))

    def _do(self, labels: Labels) -> None:
        self._take_edits(self.edits.do(labels))

    def _take_edits(self, edits: Edits) -> None:
        if edits.now != self.edits.now:
            self._keep(edits.now)
        self.edits = edits
        self._apply()

    def _apply(self) -> None:
        """Make the tables anew from events and labels."""
        made = session_lines(self.opened, self.labels)
        self.sets, self.reps, self.findings, self.moments = made.sets, made.reps, made.findings, made.moments
        self._rep_starts = [rep.start_s for rep in self.reps]
        if self.rep is None:
            self.selected_rep = None
        if self.finding is None:
            self.selected_finding = None

    def _loop_of(self, rep: RepLine) -> tuple[float, float]:
        return max(0.0, rep.start_s - _LOOP_ROOM_S), min(self.session.end_s, rep.end_s + _LOOP_ROOM_S)


def place_text(presenter: ReviewPresenter) -> str:
    """Return where the cursor is, in words."""
    now_s = presenter.transport.now_s
    here = presenter.set_at(now_s)
    rep = presenter.rep_at(now_s)
    parts = [f"{clock_text(now_s)}.{int(now_s * 10) % 10} of {clock_text(presenter.session.end_s)}"]
    if here is not None:
        parts.append(f"set {here.index}")
    if rep is not None:
        parts.append(f"rep {rep.index}")
    return ", ".join(parts)
