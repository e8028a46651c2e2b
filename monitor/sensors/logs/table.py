"""Tables as other programs write them: any delimiter, decimal comma, words beside numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from monitor.model.errors import SensorError
from monitor.model.samples import FloatArray

_DELIMITERS: Final = ("\t", ";", ",")
"""In this order: a decimal comma is no delimiter where one of the others stands."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a log.

    Parameters
    ----------
    where
        Its file, for messages.
    names
        The headers, without quotes and spaces around them.
    """

    where: str
    names: tuple[str, ...]
    _delimiter: str
    _body: str
    _first_line: int

    def column(self, *names: str) -> int | None:
        """Return the place of the first of these headers that is there, in any case."""
        folded = [name.casefold() for name in self.names]
        return next((folded.index(n.casefold()) for n in names if n.casefold() in folded), None)

    def numbers(self, columns: Sequence[int]) -> FloatArray:
        """Return (N, C) the numbers of some columns; NaN for an empty cell.

        Raises
        ------
        SensorError
            Names the line that holds none.
        """
        body = self._body if self._delimiter == "," else self._body.replace(",", ".")
        try:
            table = np.loadtxt(
                io.StringIO(body),
                delimiter=self._delimiter,
                usecols=tuple(columns),
                comments=None,
                quotechar='"',
                ndmin=2,
            )
        except ValueError:
            return self._slowly(columns)
        return np.asarray(table, dtype=np.float64)

    def words(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return [cells[column].strip() for _, cells in self._rows() if len(cells) > column]

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield line and cells of each row; a header that is repeated half way is left out."""
        rows = csv.reader(io.StringIO(self._body), delimiter=self._delimiter)
        try:
            for cells in rows:
                if cells and cells[0].strip().casefold() != self.names[0].casefold():
                    yield rows.line_num + self._first_line, cells
        except csv.Error as failure:
            at = f"{self.where} line {rows.line_num + self._first_line}"
            raise SensorError(f"{at} is no row of a table ({failure}): mend or delete it") from failure

    def _slowly(self, columns: Sequence[int]) -> FloatArray:
        # A row that is too short was cut off.
        made = [
            [self._number(cells[column], line) for column in columns]
            for line, cells in self._rows()
            if len(cells) > max(columns)
        ]
        return np.array(made, dtype=np.float64).reshape(-1, len(columns))

    def _number(self, cell: str, line: int) -> float:
        text = cell.strip() if self._delimiter == "," else cell.strip().replace(",", ".")
        if not text or text.casefold() in ("null", "nan"):
            return float("nan")
        try:
            return float(text)
        except ValueError:
            raise SensorError(
                f"{self.where} line {line}: {cell.strip()!r} is no number: mend or delete it"
            ) from None


def table(text: str, where: str, *, skip: int = 0) -> Table | None:
    """Return the table in `text`; None if there is no header.

    Parameters
    ----------
    skip
        Lines before the header.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", skip + 1)
    if len(lines) < skip + 2:
        return None
    delimiter = next((d for d in _DELIMITERS if d in lines[skip]), ",")
    try:
        names = tuple(name.strip() for name in next(csv.reader([lines[skip]], delimiter=delimiter), []))
    except csv.Error:
        return None
    if len(names) < 2:
        return None
    return Table(where, names, delimiter, lines[skip + 1], skip + 1)
