"""Waiting for what another thread does."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 20.0
"""How long anything is waited for: far longer than it takes, a loaded machine is no failure."""


def until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Return as soon as `true` says so; AssertionError after `patience_s`."""
    deadline = time.monotonic() + patience_s
    tick = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        tick.wait(0.01)
