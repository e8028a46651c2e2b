"""Where the commands print their tables."""

from __future__ import annotations

from rich.console import Console

WHOLE = 200
"""Columns where the output goes to no terminal: nothing is cut off then."""


def table_console() -> Console:
    """Return stdout: names stand as they are, with their brackets, and whole where it is no terminal."""
    console = Console(markup=False)
    return console if console.is_terminal else Console(markup=False, width=WHOLE)
