"""What stands around the pages of the review window: tabs, the session's name, a line, a bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from gui.panels import ShortLabel, label, set_role
from gui.review.keys import Do, key_of

_PAGES = {
    Do.LIBRARY: "Library",
    Do.REVIEW: "Review",
    Do.COMPARE: "Compare",
    Do.WHAT_IF: "What if",
    Do.HISTORY: "History",
}


class Frame(QWidget):
    """Holds the pages and says which is in front, what is open, what happened and what is under way.

    Parameters
    ----------
    pages
        The page of each tab.
    do
        Told what a tab or a button asks for.
    """

    def __init__(
        self, pages: Mapping[Do, QWidget], do: Callable[[Do], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._page_of = pages
        self.tabs = {page: QPushButton(_PAGES[page]) for page in pages}
        self.session_name = ShortLabel("", "soft")
        self.notice = label("", "small")
        self.stack = QStackedWidget()
        self._bar = QProgressBar()
        self._doing = label("", "small")
        self._build(do)

    def bring(self, page: Do) -> None:
        """Bring a page to the front."""
        self.stack.setCurrentWidget(self._page_of[page])
        self.tabs[page].setChecked(True)

    def tell(self, text: str, *, good: bool = False) -> None:
        """Show one line at the bottom; empty takes it away."""
        self.notice.setText(" ".join(text.split()))
        set_role(self.notice, "small" if good or not text else "caution")

    def show_progress(self, share: float, words: str) -> None:
        """Show how much of a job is done, 0 to 1, below 0 where that is not known; no words, no job."""
        self._bar.setVisible(bool(words))
        self._bar.setRange(0, 0 if share < 0 else 1000)
        if share >= 0:
            self._bar.setValue(round(share * 1000))
        self._doing.setText(words)

    def _build(self, act: Callable[[Do], None]) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        name = label("lumbar", "title")
        head.addWidget(name)
        head.addSpacing(16)
        for do, tab in self.tabs.items():
            tab.setProperty("role", "tab")
            tab.setCheckable(True)
            tab.setAutoExclusive(True)
            tab.setToolTip(f"{tab.text()}  ({key_of(do)})")
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tab.clicked.connect(partial(act, do))
            head.addWidget(tab)
        head.addSpacing(16)
        head.addWidget(self.session_name, 1)
        keys = QPushButton("Keys  ?")
        keys.setProperty("role", "small")
        keys.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keys.clicked.connect(partial(act, Do.HELP))
        head.addWidget(keys)
        foot = QHBoxLayout()
        foot.addWidget(self.notice, 1)
        foot.addWidget(self._doing)
        foot.addWidget(self._bar)
        self._bar.setFixedSize(160, 6)
        self._bar.setTextVisible(False)
        self._bar.hide()
        for page in self._page_of.values():
            self.stack.addWidget(page)
        self.stack.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)
