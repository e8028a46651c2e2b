"""What a lifter corrects after a set: kept as labels beside the recording, which stays as it is. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gui.presenter import Presenter
from gui.words import load_text
from monitor.model.errors import MonitorError
from monitor.model.exercise import exercise
from monitor.recording.labels import Edits, Labels, RepEdit

NOTHING = "nothing to correct: no set is over"
NOT_KEPT = "shown here only: nothing is recorded that it could be kept with"
OTHER_EXERCISE = (
    "the exercise was chosen during the session: only that of the beginning is corrected here, "
    "others in lumbar review"
)


class Corrections:
    """Edits of the set closed last, with undo.

    Parameters
    ----------
    presenter
        Shows the sets as corrected.
    keep
        Keeps the labels; None where there is no recording.
    """

    def __init__(self, presenter: Presenter, keep: Callable[[Labels], None] | None) -> None:
        self._presenter = presenter
        self._keep = keep
        self._edits = Edits()

    @property
    def labels(self) -> Labels:
        """What is corrected so far."""
        return self._edits.now

    @property
    def set_index(self) -> int | None:
        """Number of the set that can be corrected; None before the first is over."""
        last = self._presenter.sets.last_summary
        return None if last is None else last.index

    def take_back_rep(self) -> None:
        """Say that the last repetition of the set was none."""
        index = self.set_index
        reps = [] if index is None else self._presenter.sets.reps_of(index)
        if not reps:
            self._presenter.notice(NOTHING)
            return
        number = reps[-1].index
        self._do(self.labels.corrected(RepEdit(number)), f"rep {number} does not count any more")

    def exercise(self, name: str) -> bool:
        """Say what the set really was; False if that cannot be said here."""
        if self.set_index is None or not self._presenter.sets.of_header(self.set_index):
            self._presenter.notice(NOTHING if self.set_index is None else OTHER_EXERCISE)
            return False
        self._do(
            self.labels.done_as(name),
            f"the set was {exercise(name)}: its causes are judged anew in lumbar review",
        )
        return True

    def load(self, load_kg: float) -> None:
        """Say what was really lifted in the set."""
        index, sets = self.set_index, self._presenter.sets
        if index is None:
            self._presenter.notice(NOTHING)
            return
        # One load a set: where an earlier one is not known, it is taken to be this one.
        earlier = [sets.load_kg(number) for number in range(1, index)]
        loads = [load_kg if load is None else load for load in earlier]
        later = (self.labels.loads_kg or ())[index:]
        text = f"set {index} was done with {load_text(load_kg)}"
        if None in earlier:
            text += ", and so were the sets before it without a load"
        self._do(replace(self.labels, loads_kg=(*loads, load_kg, *later)), text)

    def undo(self) -> None:
        """Take the last correction back."""
        if not self._edits.past:
            self._presenter.notice("nothing was corrected")
            return
        self._show(self._edits.undo(), "the last correction is taken back")

    def _do(self, labels: Labels, said: str) -> None:
        self._show(self._edits.do(labels), said)

    def _show(self, edits: Edits, said: str) -> None:
        self._edits = edits
        self._presenter.sets.label(edits.now)
        if self._keep is None:
            said = f"{said}; {NOT_KEPT}"
        else:
            try:
                self._keep(edits.now)
            except MonitorError as failure:
                said = f"{said}; {failure}"
        self._presenter.notice(said)
