"""What a live session asks of the interpreter: to answer within milliseconds, whoever else works."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_S = 0.0005
"""Python lets a busy thread go on for 5 ms; a window that draws would keep samples waiting so long,
once for each time the session gives way."""


@contextmanager
def prompt() -> Iterator[None]:
    """Let waiting threads have their turn soon, and collect garbage among new objects alone.

    What exists already (modules, the window) is looked through no more: a full collection among
    some hundred thousand objects takes tens of milliseconds, in which nothing else runs.
    """
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(min(before_s, _SWITCH_S))
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before_s)
