"""Characters that a terminal cannot show, spelt otherwise instead of ending in an error."""

from __future__ import annotations

import codecs
import io
import sys
from typing import Final

_NAME: Final = "lumbar.spelling"
_OTHERWISE: Final = {
    "\N{PLUS-MINUS SIGN}": "+-",
    "\N{DEGREE SIGN}": " deg",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{MIDDLE DOT}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
}


def spell_out() -> None:
    """Let stdout and stderr spell what their encoding does not hold; a name with odd bytes is no error."""
    codecs.register_error(_NAME, _spelt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors=_NAME)


def _spelt(failure: UnicodeError) -> tuple[str, int]:
    if not isinstance(failure, UnicodeEncodeError):
        raise failure
    wrong = failure.object[failure.start : failure.end]
    return "".join(_OTHERWISE.get(char, "?") for char in wrong), failure.end
