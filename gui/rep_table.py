"""The table of repetitions, newest first."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.plain_table import plain_table
from gui.style import Look, draw_level
from gui.view_state import RepRow

_Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Rep", "Set", "Time", "Tempo", "Range", "Tuck", "Flexion", "Noticed")
_ROOM_FOR_ALL = 560
"""Below this width, at 100 % text, set and time give way to what was noticed."""
_HINTS = (
    "Repetition, counted through the session",
    "Set",
    "Time of the turn in the session, min:s",
    "Lowering / lifting in s",
    "Largest minus smallest pelvic tilt",
    "How far the hips tucked under at the turn",
    "Largest lumbar flexion",
    "What differed",
)
_TEXT = 7
_WIDEST = ("000", "00", "00:00", "0.0 / 0.0", "000°", "000°", "000°")
_NO_PARENT = QModelIndex()


class RepModel(QAbstractTableModel):
    """Rows of text; grows at the top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[RepRow, ...] = ()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        """Return the number of rows; a cell has none below it."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, alignment and the whole remark as a tool tip."""
        row = self.row(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _cells(row)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == _TEXT:
            return row.noticed or None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != _TEXT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the column's name."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _HINTS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == _TEXT else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def row(self, at: int) -> RepRow | None:
        """Return the repetition in table row `at`, newest first."""
        return self._rows[len(self._rows) - 1 - at] if 0 <= at < len(self._rows) else None

    def show_rows(self, rows: tuple[RepRow, ...]) -> None:
        """Take the rows, oldest first."""
        if rows == self._rows:
            return
        added = len(rows) - len(self._rows)
        if added > 0 and rows[: len(self._rows)] == self._rows:
            self.beginInsertRows(QModelIndex(), 0, added - 1)
            self._rows = rows
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()


class _Remark(QStyledItemDelegate):
    """Draws the level's shape in front of what was noticed."""

    def __init__(self, table: RepTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = self._table.reps.row(index.row())
        size = self._table.look.sizes.small
        box = QRectF(option.rect)
        if row is not None and (row.level is not None or not row.complete):
            mark = QRectF(box.left() + 6, box.center().y() - size / 2, size, size)
            draw_level(painter, mark, row.level, self._table.look.level_colour(row.level))
        option.rect = option.rect.adjusted(size + 8, 0, 0, 0)
        super().paint(painter, option, index)


class RepTable(QTableView):
    """The view of it: no editing, whole rows, figures to the right."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.reps = RepModel(self)
        self.setModel(self.reps)
        self.setItemDelegateForColumn(_TEXT, _Remark(self))
        header = plain_table(self)
        header.setStretchLastSection(True)
        self.setAccessibleName("Repetitions")
        self.restyle(look)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the header and three rows."""
        return QSize(200, self.look.sizes.body * 8)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out columns where there is no room for all."""
        super().resizeEvent(event)
        narrow = self.width() < _ROOM_FOR_ALL * self.look.sizes.scale
        for name in ("Set", "Time"):
            self.setColumnHidden(COLUMNS.index(name), narrow)

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self.look = look
        self.verticalHeader().setDefaultSectionSize(round(look.sizes.body * 1.9))
        metrics = QFontMetrics(look.font(look.sizes.body))
        for column, (name, widest) in enumerate(zip(COLUMNS[:_TEXT], _WIDEST, strict=True)):
            heading = QFontMetrics(look.font(look.sizes.small, bold=True)).horizontalAdvance(name)
            self.setColumnWidth(column, max(heading, metrics.horizontalAdvance(widest)) + 24)
        self.viewport().update()

    def show_rows(self, rows: tuple[RepRow, ...], *, flexion: bool) -> None:
        """Show the repetitions; the flexion column only where something fills it."""
        column = COLUMNS.index("Flexion")
        if self.isColumnHidden(column) is flexion:
            self.setColumnHidden(column, not flexion)
        self.reps.show_rows(rows)


def _cells(row: RepRow) -> tuple[str, ...]:
    return (
        str(row.index),
        str(row.set_index),
        row.time,
        row.tempo,
        row.tilt_range,
        row.tuck,
        row.flexion,
        row.noticed,
    )
