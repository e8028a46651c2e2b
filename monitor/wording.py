"""Small pieces of sentences, the same wherever they are said."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """Return such as ``"1 repetition"`` or ``"8 repetitions"``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def capital(text: str) -> str:
    """Return `text` with a capital; those it has stay."""
    return text[:1].upper() + text[1:]
