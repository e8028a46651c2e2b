"""How many there are, in words."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """Return such as ``"1 repetition"`` or ``"8 repetitions"``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
