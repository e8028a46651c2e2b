"""The sheet behind ``?``: every key of the review window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from gui.panels import label
from gui.review.keys import KEYS
from gui.sheets import Sheet


class KeySheet(Sheet):
    """Made from the table of keys, a column a group."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keys", parent)
        row = QHBoxLayout()
        row.setSpacing(24)
        for group in dict.fromkeys(key.group for key in KEYS):
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setVerticalSpacing(4)
            grid.addWidget(label(group, "overline"), 0, 0, 1, 2)
            for at, key in enumerate((k for k in KEYS if k.group == group), 1):
                grid.addWidget(label(" or ".join(key.keys)), at, 0)
                grid.addWidget(label(key.words, "soft"), at, 1)
            grid.setRowStretch(grid.rowCount(), 1)
            row.addLayout(grid)
            row.setAlignment(grid, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self.body.addWidget(
            label("In the plots: drag to pan, turn the wheel to zoom, click to go there.", "small")
        )
        self.body.addStretch(1)
