"""The review window: pages, keys, and the jobs behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget

from gui.preferences import SCALES, Preferences
from gui.review.frame import Frame
from gui.review.help_sheet import KeySheet
from gui.review.keys import KEYS, Do
from gui.review.librarian import Librarian, Trash
from gui.review.library_page import LibraryPage
from gui.review.look import review_style
from gui.review.review_page import ReviewPage
from gui.review.review_presenter import ReviewPresenter
from gui.review.session_data import Opened, open_session
from gui.review.studies import Studies
from gui.review.worker import Worker
from gui.sheets import Sheet
from gui.style import Look
from gui.theme import DARK, LIGHT, Sizes
from monitor.engine import EngineOptions
from monitor.model.errors import MonitorError
from monitor.recording import recovery
from monitor.recording.labels import write_labels
from monitor.recording.library import recordings_folder

SMALLEST = (900, 600)


class ReviewWindow(QMainWindow):
    """Library and the pages about one or more of its sessions.

    Parameters
    ----------
    folder
        Where the sessions are; None for the user's own.
    options
        How a session is judged where that has to be done here.
    preferences
        What is remembered of the last window.
    trash
        Takes what is deleted.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        options: EngineOptions | None = None,
        preferences: Preferences | None = None,
        trash: Trash = recovery.trash,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.preferences = preferences or Preferences()
        self.look = self.preferences.look()
        self.options = options or EngineOptions()
        self.folder = recordings_folder() if folder is None else folder
        self.librarian = Librarian(self.folder, trash, self)
        self.worker = Worker(self)
        self.library = LibraryPage(self.look)
        self.review = ReviewPage(self.look)
        self.studies = Studies(
            self.look,
            self.options,
            self.worker,
            self.librarian.sessions,
            self.librarian.path,
            self.tell,
            self,
        )
        self.pages: dict[Do, QWidget] = {
            Do.LIBRARY: self.library,
            Do.REVIEW: self.review,
            Do.COMPARE: self.studies.compare,
            Do.WHAT_IF: self.studies.what_if,
            Do.HISTORY: self.studies.history,
        }
        self.frame = Frame(self.pages, self.do)
        self._stack = self.frame.stack
        self._sheet: Sheet | None = None
        self._page_keys: list[QShortcut] = []
        self._build()
        self._connect()
        self.library.show_library(self.librarian.sessions)
        self.show_page(Do.LIBRARY)

    @property
    def busy(self) -> bool:
        """Whether something is under way behind the window."""
        return self.worker.busy or self.librarian.worker.busy

    # -- pages -----------------------------------------------------------------------------

    def show_page(self, page: Do) -> None:
        """Bring a page to the front."""
        self.frame.bring(page)
        for shortcut in self._page_keys:
            shortcut.setEnabled(page is Do.REVIEW)
        if page is Do.LIBRARY:
            self.library.table.setFocus()
            self.refresh_library()
        else:
            self._stack.setFocus()
        if page is Do.COMPARE:
            self.studies.show_compare()
        elif page is Do.HISTORY:
            self.studies.show_history()

    def page(self) -> Do:
        """Return which page is in front."""
        return next(do for do, page in self.pages.items() if page is self._stack.currentWidget())

    def tell(self, text: str, *, good: bool = False) -> None:
        """Show one line at the bottom; empty takes it away."""
        self.frame.tell(text, good=good)

    def do(self, action: Do) -> None:
        """Carry out an action."""
        if action in self.pages:
            self.show_page(action)
            return
        acts: dict[Do, Callable[[], Any]] = {
            Do.SEARCH: self._search,
            Do.THEME: self._other_theme,
            Do.LARGER: lambda: self._scale(1),
            Do.SMALLER: lambda: self._scale(-1),
            Do.FULL_SCREEN: lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen(),
            Do.HELP: self._help,
            Do.CLOSE_SHEET: self._close_sheet,
            Do.QUIT: self.close,
        }
        act = acts.get(action)
        if act is not None:
            act()
        elif self.page() is Do.REVIEW:
            self.review.do(action)

    def restyle(self, look: Look) -> None:
        """Take another theme or text size, now and for the next time."""
        self.look = look
        self.preferences.keep_look(look)
        self.setStyleSheet(review_style(look))
        for page in self.pages.values():
            page.restyle(look)  # type: ignore[attr-defined]

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """End the work behind the window first."""
        self.preferences.keep_geometry(self.saveGeometry())
        self.worker.close()
        self.librarian.close()
        super().closeEvent(event)

    # -- library ---------------------------------------------------------------------------

    def refresh_library(self) -> None:
        """Bring the index up to date with the folder, away from the screen."""
        self.librarian.refresh()

    def _library_changed(self, said: str) -> None:
        self.library.show_library(self.librarian.sessions)
        if self.page() is Do.LIBRARY and not isinstance(QApplication.focusWidget(), QLineEdit):
            self.library.table.setFocus()
        if said:
            self.tell(said, good=True)

    def _delete(self, name: str) -> None:
        held = self.review.presenter
        if held is not None and held.session.path == self.folder / name:
            self.review.close_session()
            self.studies.take_session(None)
            self.frame.session_name.say("")
        self.librarian.delete(name)

    # -- one session -----------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Open a recording and bring the review page to the front once it is there."""
        self.tell("")
        self.worker.start(
            "open",
            lambda progress: open_session(path, self.options, progress),
            self._opened,
            self.tell,
        )

    def _opened(self, opened: Opened) -> None:
        presenter = ReviewPresenter(opened, partial(write_labels, opened.session.path))
        self.review.show_session(presenter)
        self.studies.take_session(presenter)
        self._name_session()
        self.show_page(Do.REVIEW)

    def _judge_again(self, anew: bool) -> None:
        held = self.review.presenter
        if held is None:
            return
        path = held.session.path
        self.worker.start(
            "judge",
            lambda progress: open_session(path, self.options, progress, anew=anew),
            partial(self._judged, held),
            self.tell,
        )

    def _judged(self, held: ReviewPresenter, opened: Opened) -> None:
        if self.review.presenter is held:
            held.take(opened)
            self.review.show_session(held)
            if held.needs_judging:  # corrected again meanwhile
                self._judge_again(anew=False)
                return
            self.tell(f"Shown {opened.session.basis}.", good=True)

    def _name_session(self) -> None:
        held = self.review.presenter
        if held is not None:
            self.frame.session_name.say(f"{held.title}  \u00b7  {held.session.path.name}")

    # -- the window itself -----------------------------------------------------------------

    def _search(self) -> None:
        self.show_page(Do.LIBRARY)
        self.library.search.setFocus()
        self.library.search.selectAll()

    def _other_theme(self) -> None:
        self.restyle(replace(self.look, theme=LIGHT if self.look.theme is DARK else DARK))

    def _scale(self, steps: int) -> None:
        at = SCALES.index(self.look.sizes.scale) + steps
        if 0 <= at < len(SCALES):
            self.restyle(replace(self.look, sizes=Sizes(SCALES[at])))

    def _help(self) -> None:
        if self._sheet is not None:
            self._sheet.close()
            return
        self._sheet = sheet = KeySheet(self)
        sheet.closed.connect(self._sheet_closed)
        sheet.open()

    def _sheet_closed(self) -> None:
        self._sheet = None
        self._stack.setFocus()

    @property
    def sheet(self) -> Sheet | None:
        """The sheet that is open."""
        return self._sheet

    def _close_sheet(self) -> None:
        focused = QApplication.focusWidget()
        if self._sheet is not None:
            self._sheet.close()
        elif isinstance(focused, QLineEdit):
            focused.clearFocus()
            self._stack.setFocus()
        else:
            self.library.detail.strip.hide()
            self.tell("")

    def _progress(self, share: float, words: str) -> None:
        if not words and self.busy:
            return  # the other one still has something to do
        self.frame.show_progress(share, words)

    def _connect(self) -> None:
        self.worker.progressed.connect(self._progress)
        self.librarian.worker.progressed.connect(self._progress)
        self.librarian.changed.connect(self._library_changed)
        self.librarian.failed.connect(self.tell)
        self.library.opened.connect(lambda name: self._try(lambda: self.open(self.librarian.path(name))))
        self.library.again.connect(self.refresh_library)
        self.library.renamed.connect(self.librarian.rename)
        self.library.tagged.connect(self.librarian.tag)
        self.library.deleted.connect(self._delete)
        self.library.recovered.connect(self.librarian.recover)
        self.studies.what_if.went.connect(self._show_moment)
        self.studies.history.opened.connect(
            lambda name: self._try(lambda: self.open(self.librarian.path(f"{name}.mcap")))
        )
        self.review.told.connect(self._told_by_page)
        self.review.judge_again.connect(self._judge_again)
        for key in KEYS:
            for spelled in key.keys:
                made = QShortcut(QKeySequence(spelled), self)
                made.activated.connect(partial(self.do, key.do))
                if not key.everywhere:
                    self._page_keys.append(made)

    def _show_moment(self, time_s: float) -> None:
        self.show_page(Do.REVIEW)
        self.review.seek(time_s)

    def _told_by_page(self, text: str) -> None:
        self.tell(text)
        self._name_session()

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except MonitorError as failure:
            self.tell(str(failure))

    def _build(self) -> None:
        self.setCentralWidget(self.frame)
        self.setMinimumSize(*SMALLEST)
        self.setStyleSheet(review_style(self.look))
        geometry = self.preferences.geometry()
        if geometry is not None:
            self.restoreGeometry(geometry)
