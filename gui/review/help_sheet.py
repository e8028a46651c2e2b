"""The sheet behind ``?``: every key of the review window."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.panels import label
from gui.review.keys import KEYS
from gui.sheets import Sheet

_AROUND = 110
"""Pixels around the columns: margins of sheet and window."""


class KeySheet(Sheet):
    """Made from the table of keys, a column a group; the last stands below another where there is no room."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keys", parent)
        self._columns: list[QVBoxLayout] = []
        self._row = row = QHBoxLayout()
        row.setSpacing(24)
        for group in dict.fromkeys(key.group for key in KEYS):
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setVerticalSpacing(4)
            grid.addWidget(label(group, "overline"), 0, 0, 1, 2)
            for at, key in enumerate((k for k in KEYS if k.group == group), 1):
                grid.addWidget(label(" or ".join(key.keys)), at, 0)
                grid.addWidget(label(key.words, "soft"), at, 1)
            column = QVBoxLayout()
            column.addLayout(grid)
            column.addStretch(1)
            row.addLayout(column)
            self._columns.append(column)
        self.body.addLayout(row)
        self.body.addWidget(
            label("In the plots: drag to pan, turn the wheel to zoom, click to go there.", "small")
        )
        self.body.addStretch(1)

    def _place(self) -> None:
        while len(self._columns) > 1 and self._wanted().width() + _AROUND > self._around.width():
            last = self._columns.pop()
            while (item := last.takeAt(0)) is not None and item.layout() is not None:
                self._columns[-1].insertItem(self._columns[-1].count() - 1, item)
            self._row.invalidate()
            self.body.invalidate()
        super()._place()
