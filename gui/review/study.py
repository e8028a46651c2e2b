"""The frame of a page that studies sessions: choices on top, below them the study or one line instead."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget


def lay_out(page: QWidget, bar: QHBoxLayout, body: QWidget, message: QLabel) -> None:
    """Lay out `page`; `body` is hidden until there is something to study."""
    message.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(10)
    column.addLayout(bar)
    column.addWidget(body, 1)
    column.addWidget(message, 1)
    body.hide()
