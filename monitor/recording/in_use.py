"""Whether a recording is being written right now, by anyone on this machine."""

from __future__ import annotations

import contextlib
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

    def hold(stream: IO[bytes]) -> None:
        """Mark the open file as being written; the mark goes with the process, however it ends."""
        # Waits only for somebody who is asking; without locks on a file system there is no mark.
        with contextlib.suppress(OSError):
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)

    def is_held(path: Path) -> bool:
        """Return whether somebody is writing `path`."""
        try:
            with path.open("rb") as stream:
                fcntl.flock(stream.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

else:  # there an open file can be neither renamed nor removed, so nothing needs a mark

    def hold(stream: IO[bytes]) -> None:
        """Do nothing: the system itself keeps others away."""

    def is_held(path: Path) -> bool:
        """Return whether somebody is writing `path`."""
        try:
            with path.open("r+b"):
                return False
        except PermissionError:
            return True
        except OSError:
            return False
