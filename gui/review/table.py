"""A plain table of text rows: the look and the habits every table of the review window shares."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.plain_table import plain_table
from gui.style import Look, draw_level
from monitor.model.events import Level

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
Cells = tuple[str, ...]


_PADDING = 18
"""Pixels left and right of the text of a cell: the style sheet's, and what Qt adds."""


class TextModel(QAbstractTableModel):
    """Rows of text with a level each and, where they are greyed, a soft ink."""

    def __init__(self, columns: Cells, hints: Cells = (), figures: Sequence[int] = ()) -> None:
        super().__init__()
        self.columns = columns
        self._hints = hints
        self._figures = frozenset(figures)
        self.rows: tuple[Cells, ...] = ()
        self.levels: tuple[Level | None, ...] = ()
        self.greyed: frozenset[int] = frozenset()
        self.soft = QColor()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        """Return the number of rows; a cell has none below it."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return text, tool tip, ink and alignment."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self.rows[index.row()][index.column()]
            case Qt.ItemDataRole.ForegroundRole if index.row() in self.greyed:
                return self.soft
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(self._side(index.column()) | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the column's name and what it means."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.columns[section]
            case Qt.ItemDataRole.ToolTipRole if section < len(self._hints):
                return self._hints[section]
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(self._side(section) | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None

    def show_rows(
        self,
        rows: Sequence[Cells],
        levels: Sequence[Level | None] = (),
        greyed: Sequence[int] = (),
    ) -> bool:
        """Take the rows; False where they are as before."""
        made = (tuple(rows), tuple(levels), frozenset(greyed))
        if made == (self.rows, self.levels, self.greyed):
            return False
        self.beginResetModel()
        self.rows, self.levels, self.greyed = made
        self.endResetModel()
        return True

    def _side(self, column: int) -> Qt.AlignmentFlag:
        return Qt.AlignmentFlag.AlignRight if column in self._figures else Qt.AlignmentFlag.AlignLeft


class _Plain(QStyledItemDelegate):
    """Marks the row that is chosen, not the cell."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        # A wrapped text is measured in the whole cell and written inside the style sheet's padding.
        inside = QStyleOptionViewItem(option)
        inside.rect = option.rect.adjusted(0, 0, -_PADDING, 0)
        return super().sizeHint(inside, index)


class _Signed(_Plain):
    """Draws the level's shape in front of the text."""

    def __init__(self, table: TextTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        levels = self._table.texts.levels
        level = levels[index.row()] if index.row() < len(levels) else None
        size = self._table.look.sizes.small
        if level is not None:
            box = QRectF(option.rect)
            mark = QRectF(box.left() + 6, box.center().y() - size / 2, size, size)
            draw_level(painter, mark, level, self._table.look.level_colour(level))
            option.rect = option.rect.adjusted(size + 8, 0, 0, 0)
        super().paint(painter, option, index)


class TextTable(QTableView):
    """Whole rows are chosen; figures stand to the right; one column takes the room.

    Parameters
    ----------
    widest
        The widest text expected in each column but the one that takes the room.
    stretch
        The column that takes the room, where it is not the last.
    wraps
        Long texts go on in a second line instead of being cut.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(
        self,
        look: Look,
        columns: Cells,
        widest: Cells,
        *,
        hints: Cells = (),
        figures: Sequence[int] = (),
        signed: int | None = None,
        stretch: int | None = None,
        wraps: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.look = look
        self.texts = TextModel(columns, hints, figures)
        self._widest = widest
        self._stretch = len(columns) - 1 if stretch is None else stretch
        self.setModel(self.texts)
        self.setItemDelegate(_Plain(self))
        if signed is not None:
            self.setItemDelegateForColumn(signed, _Signed(self))
        header = plain_table(self)
        header.setSectionResizeMode(self._stretch, QHeaderView.ResizeMode.Stretch)
        if wraps:
            self.setWordWrap(True)
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.restyle(look)
        # Not currentRowChanged: choosing by the program must not come back as a choice.
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def restyle(self, look: Look) -> None:
        """Take colours and sizes."""
        self.look = look
        self.texts.soft = QColor(look.theme.soft)
        self.verticalHeader().setMinimumSectionSize(round(look.sizes.body * 1.9))
        self.verticalHeader().setDefaultSectionSize(round(look.sizes.body * 1.9))
        body = QFontMetrics(look.font(look.sizes.body))
        head = QFontMetrics(look.font(look.sizes.small, bold=True))
        for column, name in enumerate(self.texts.columns):
            if column != self._stretch:
                text = body.horizontalAdvance(self._widest[column])
                self.setColumnWidth(column, max(head.horizontalAdvance(name), text) + 18)
        self.viewport().update()

    def show_rows(
        self,
        rows: Sequence[Cells],
        levels: Sequence[Level | None] = (),
        greyed: Sequence[int] = (),
    ) -> None:
        """Show the rows; the chosen one stays chosen where it still is."""
        at = self.at()
        if self.texts.show_rows(rows, levels, greyed) and at is not None and at < len(rows):
            self.selectRow(at)

    def at(self) -> int | None:
        """Return the chosen row; None without one."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    def choose(self, row: int | None) -> None:
        """Mark a row as chosen and bring it into view, or none."""
        if row is None:
            self.clearSelection()
        elif row != self.at():
            self.selectRow(row)
            self.scrollTo(self.texts.index(row, 0))

    def shown_text(self) -> str:
        """Return what the table says, line by line."""
        return "\n".join("  ".join(row) for row in self.texts.rows)
