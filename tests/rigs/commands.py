"""Run `lumbar` as a user does, while the rig goes on in this process."""

from __future__ import annotations

import asyncio
import sys
from typing import NamedTuple


class Ran(NamedTuple):
    """Exit status and what was printed."""

    status: int
    out: str
    err: str


async def lumbar(*words: str) -> Ran:
    """Return what `lumbar WORDS` does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "monitor", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())
