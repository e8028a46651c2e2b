"""Compare, what-if and history: the pages that judge or lay together, and the jobs behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from gui.review.compare_page import NOTHING, ComparePage
from gui.review.compare_presenter import channels, ordered, overlay, sets_of
from gui.review.history_page import HistoryPage
from gui.review.review_presenter import ReviewPresenter
from gui.review.whatif_page import WhatIfPage
from gui.review.worker import Progress, Worker
from gui.style import Look
from monitor.analysis import with_header
from monitor.compare import SetOf
from monitor.engine import EngineOptions
from monitor.history import trends
from monitor.model.errors import MonitorError
from monitor.model.samples import PostureBlock
from monitor.recording.labels import labels_path
from monitor.recording.reader import open_recording
from monitor.recording.summary import Entry
from monitor.reviewed import Reviewed, review
from monitor.whatif import Difference, what_if

MOST_SESSIONS = 200
"""The newest ones of a lifter that trends and comparisons look at."""
_KEPT_WHOLE = 3
"""Sessions held with their angles for comparison; an hour is some 60 MB."""


class Studies(QObject):
    """Feeds three pages from the session that is open and from the library.

    Parameters
    ----------
    entries
        Returns the sessions of the library, newest first.
    path_of
        Returns the file of a session by its name.
    tell
        Shows one line.
    """

    def __init__(
        self,
        look: Look,
        options: EngineOptions,
        worker: Worker,
        entries: Callable[[], list[Entry]],
        path_of: Callable[[str], Path],
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.compare = ComparePage(look)
        self.what_if = WhatIfPage(look, options)
        self.history = HistoryPage(look)
        self._options, self._worker, self._tell = options, worker, tell
        self._entries, self._path_of = entries, path_of
        self._open: ReviewPresenter | None = None
        self._known: dict[str, tuple[tuple[int, ...], Reviewed]] = {}
        self._whole: dict[str, Reviewed] = {}
        self._sets: dict[tuple[str, int], SetOf] = {}
        self.compare.asked.connect(self.lay_over)
        self.what_if.asked.connect(self._judge)

    def take_session(self, presenter: ReviewPresenter | None) -> None:
        """Take the session that is open; None for none."""
        self._open = presenter
        self._whole.clear()
        if presenter is None:
            self.what_if.show_session("")
            self.compare.show_message(NOTHING)
        else:
            self.what_if.show_session(presenter.session.path.name, presenter.opened.in_force)

    def show_compare(self) -> None:
        """Bring the compare page up to date."""
        if self._open is None:
            self.compare.show_message(NOTHING)
            return
        self.lay_over()
        self._gather(lambda _: self.lay_over())

    def show_history(self) -> None:
        """Bring the history page up to date."""
        self._gather(self._show_trends)

    # -- compare ---------------------------------------------------------------------------

    def lay_over(self) -> None:
        """Show the sets that are chosen, as soon as their sessions are read."""
        if self._open is None:
            return
        here = self._open.session.reviewed(self._open.labels)
        mine = sets_of(here)
        if not mine:
            self.compare.offer([], [], [], here.name)
            self.compare.show_message("This session holds no set to compare.")
            return
        elsewhere = [
            s
            for name, (_, known) in self._known.items()
            if name != here.name and known.info.athlete == here.info.athlete
            for s in sets_of(known)
        ]
        chosen = self.compare.this.currentData()
        this = next((s for s in mine if (s.session, s.index) == chosen), mine[-1])
        others = ordered(this, [*mine, *elsewhere])
        self._sets = {(s.session, s.index): s for s in (*mine, *others)}
        self.compare.offer([this, *(s for s in mine if s is not this)], others, channels(here), here.name)
        other = self._sets.get(self.compare.other.currentData() or ("", 0))
        if other is None:
            return
        if other.session == here.name or other.session in self._whole:
            session = here if other.session == here.name else self._whole[other.session]
            channel = str(self.compare.channel.currentData())
            if channel not in channels(session):
                self.compare.show_message("That was not measured in the other session.")
                return
            self.compare.show_overlay(overlay((here, this), (session, other), channel, here.name))
            return
        path = self._path_of(f"{other.session}.mcap")
        self._worker.start("other", partial(self._read, path), self._take_whole, self._tell)

    def _read(self, path: Path, progress: Progress) -> Reviewed:
        progress(-1.0, f"reading {path.name}")
        return review(path, self._options, progress=lambda _: progress(-1.0, f"analysing {path.name}"))

    def _take_whole(self, session: Reviewed) -> None:
        while len(self._whole) >= _KEPT_WHOLE:
            del self._whole[next(iter(self._whole))]
        self._whole[session.name] = session
        self.lay_over()

    # -- what if ---------------------------------------------------------------------------

    def _judge(self, then: EngineOptions) -> None:
        if self._open is None:
            return
        path, labels, now = self._open.session.path, self._open.labels, self._open.opened.in_force
        end_s = max(self._open.session.end_s, 1.0)
        self.what_if.show_running()

        def work(progress: Progress) -> list[Difference]:
            progress(-1.0, "reading")
            recording = open_recording(path)
            source = with_header(recording, labels.header(recording.info))
            run, reached_s = 0, 0.0

            def told(now_s: float) -> None:
                nonlocal run, reached_s
                run, reached_s = run + (now_s < reached_s), now_s
                progress(min(1.0, (run + now_s / end_s) / 2), "judging twice")

            return what_if(source, now, then, progress=told)

        self._worker.start("what if", work, self.what_if.show_differences, self._tell)

    # -- history ---------------------------------------------------------------------------

    def _gather(self, done: Callable[[None], None]) -> None:
        """Read the events of a lifter's sessions that are not known yet, then `done`."""
        entries = self._entries()
        athlete = self._open.session.info.athlete if self._open else (entries[0].athlete if entries else "")
        wanted = [e.name for e in entries if e.athlete == athlete or self._open is None][:MOST_SESSIONS]
        options = self._options
        known = dict(self._known)

        def work(progress: Progress) -> dict[str, tuple[tuple[int, ...], Reviewed]]:
            made = {}
            for at, name in enumerate(wanted):
                try:
                    path = self._path_of(name)
                    stamp = _stamp(path)
                    held = known.get(path.stem)
                    if held is None or held[0] != stamp:
                        progress(at / len(wanted), f"reading session {at + 1} of {len(wanted)}")
                        # Without its angles a session is small: trends need only its events.
                        held = stamp, replace(review(path, options), posture=PostureBlock())
                    made[path.stem] = held
                except MonitorError:
                    continue  # the library says what is wrong with it
            return made

        def gathered(made: dict[str, tuple[tuple[int, ...], Reviewed]]) -> None:
            self._known = made
            done(None)

        self._worker.start("gather", work, gathered, self._tell)

    def _show_trends(self, _: None) -> None:
        made = trends(session for _, session in self._known.values())
        if self._open is None:
            self.history.show_trends(made)
        else:
            self.history.show_trends(made, self._open.session.info.athlete, self._open.exercise.name)


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a recording or its labels change."""
    made: list[int] = []
    for file in (path, labels_path(path)):
        try:
            status = file.stat()
        except OSError:
            made += [0, 0]
        else:
            made += [status.st_size, status.st_mtime_ns]
    return tuple(made)
