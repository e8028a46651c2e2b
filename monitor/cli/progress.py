"""A bar on a terminal that can redraw while something takes long; nothing anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, ProgressColumn


class Bar:
    """How far a job is."""

    def __init__(self, shown: Progress, doing: str, total: float | None) -> None:
        self._shown = shown
        self._doing = doing
        self._task = shown.add_task(doing, total=total)

    def at(self, done: float, total: float | None = None) -> None:
        """Show how much is done, and of how much where only now that is known."""
        self._shown.update(self._task, completed=done, total=total)

    def at_time(self, now_s: float) -> None:
        """Show the session time reached, in s."""
        self._shown.update(self._task, description=f"{self._doing}  {now_s:.0f} s")


@contextmanager
def progress(doing: str, total: float | None = None, *columns: ProgressColumn) -> Iterator[Bar]:
    """Show a bar on stderr while the block runs.

    Parameters
    ----------
    doing
        What is under way, one word.
    total
        What is all; None while it is not known.
    columns
        What is shown, where that is not the usual.
    """
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_interactive) as shown:
        yield Bar(shown, doing, total)
