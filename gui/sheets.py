"""Sheets over the window, and those that tell: keys and link figures. None is modal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.ends import LinkLine, SideStatus
from gui.panels import Panel, label, scrolling
from gui.shortcuts import SHORTCUTS
from gui.words import LINK_STATE, MISSING, bytes_text, percent_text


class Sheet(Panel):
    """A card in the middle of its parent; it follows the parent's size and closes with Esc."""

    closed = Signal()

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(title)
        close = QPushButton("Close  Esc")
        close.clicked.connect(self.close)
        self._around = parent
        self._head = head = QHBoxLayout()
        head.addWidget(label(title, "title"), 1)
        head.addWidget(close)
        self.body = QVBoxLayout()
        self._inside = QWidget()
        self._inside.setLayout(self.body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 16)
        outer.addLayout(head)
        outer.addWidget(scrolling(self._inside), 1)
        self._placed_for = QSize()
        parent.installEventFilter(self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def open(self) -> None:
        """Show the sheet and take the keyboard."""
        self._place()
        self.show()
        self.raise_()
        self.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell that the sheet is gone."""
        super().closeEvent(event)
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the parent's size."""
        if watched is self.parent() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Take another size where what is inside wants one."""
        if self._wanted() != self._placed_for:
            self._place()

    def _wanted(self) -> QSize:
        inside = self._inside.sizeHint()
        width = max(inside.width(), self._inside.minimumWidth())
        tall = self.body.totalHeightForWidth(width) if self.body.hasHeightForWidth() else inside.height()
        return QSize(width, tall)

    def _place(self) -> None:
        around = self._around.rect()
        self._placed_for = inside = self._wanted()
        head = self._head.sizeHint()
        width = min(max(inside.width(), head.width()) + 70, around.width() - 40)
        height = min(inside.height() + head.height() + 48, around.height() - 40)
        self.setGeometry((around.width() - width) // 2, (around.height() - height) // 2, width, height)


class HelpSheet(Sheet):
    """Every key, from the table of shortcuts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keys", parent)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        at = 0
        for group in dict.fromkeys(s.group for s in SHORTCUTS):
            grid.addWidget(label(group, "overline"), at, 0, 1, 2)
            at += 1
            for shortcut in (s for s in SHORTCUTS if s.group == group):
                grid.addWidget(label(" or ".join(shortcut.keys)), at, 0)
                grid.addWidget(label(shortcut.words, "soft"), at, 1)
                at += 1
        self.body.addLayout(grid)
        self.body.addStretch(1)


class LinkSheet(Sheet):
    """Every figure of every link."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Sensors and links", parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(28)
        self._cells: dict[tuple[int, int], QLabel] = {}
        self.body.addLayout(self._grid)
        self.body.addStretch(1)

    def show_links(self, links: Sequence[LinkLine], side: SideStatus, latency_ms: float | None) -> None:
        """Show the figures of the moment."""
        columns: list[tuple[str, ...]] = [("", *_LINK_ROWS)]
        columns += [(f"{link.sensor.capitalize()} sensor", *_figures(link, latency_ms)) for link in links]
        for x, column in enumerate(columns):
            for y, text in enumerate(column):
                self._cell(x, y).setText(text)
        last = len(_LINK_ROWS) + 1
        size = MISSING if side.recording_bytes is None else bytes_text(side.recording_bytes)
        self._cell(0, last).setText("recording")
        self._cell(1, last).setText(f"{side.recording}, {size}" if side.recording else "off")
        ends = (("alert to broker", side.alert_to_broker), ("alert to sound player", side.alert_to_sound))
        for y, (name, text) in enumerate(ends, last + 1):
            self._cell(0, y).setText(name)
            self._cell(1, y).setText(text or "off")
        self.fit()

    def _cell(self, x: int, y: int) -> QLabel:
        if (x, y) not in self._cells:
            role = "soft" if x == 0 else ("overline" if y == 0 else "")
            self._cells[x, y] = label("", role, wrap=y == 1)
            # What is below the figures of the sensors belongs to none of them.
            across = -1 if x == 1 and y > len(_LINK_ROWS) else 1
            self._grid.addWidget(self._cells[x, y], y, x, 1, across)
        return self._cells[x, y]


_LINK_ROWS = (
    "device",
    "state",
    "rate now",
    "rate announced",
    "samples received",
    "samples lost",
    "gaps",
    "longest gap",
    "signal",
    "battery",
    "arrival to screen",
)


def _figures(link: LinkLine, latency_ms: float | None) -> tuple[str, ...]:
    return (
        link.device or MISSING,
        LINK_STATE.get(link.state, link.state),
        MISSING if link.rate_hz is None else f"{link.rate_hz:.1f} Hz",
        MISSING if link.announced_hz is None else f"{link.announced_hz:.1f} Hz",
        f"{link.received}",
        f"{link.lost} ({percent_text(link.lost_share, 2)})" if link.loss_counted else "not counted",
        f"{link.gaps}",
        f"{link.longest_gap_s:.1f} s" if link.gaps else MISSING,
        MISSING if link.rssi_dbm is None else f"{link.rssi_dbm:.0f} dBm",
        MISSING if link.battery is None else percent_text(link.battery),
        MISSING if latency_ms is None else f"{latency_ms:.0f} ms",
    )
