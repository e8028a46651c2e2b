"""Time that runs faster than real time, the same for whoever shares it."""

from __future__ import annotations

import asyncio
import fcntl
import selectors
import struct
import termios
import time
from pathlib import Path


class FastClock:
    """Host time times `speed`."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._began_ns = time.monotonic_ns()

    def ns(self) -> int:
        """Return the time in ns."""
        return self._began_ns + round((time.monotonic_ns() - self._began_ns) * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this time."""
        await asyncio.sleep(seconds / self.speed)


class IdleLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while it waits, and then `speed` times faster.

    A computer with other work to do then slows a session down, instead of making its notifications late.

    Parameters
    ----------
    speed
        Seconds of its time in a second of waiting.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._waiting = _Waiting(speed)
        super().__init__(self._waiting)

    def time(self) -> float:
        """Return the time in s."""
        return self._waiting.passed_s

    def ns(self) -> int:
        """Return the time in ns."""
        return round(self._waiting.passed_s * 1e9)


class _Waiting(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Wait for a file or the next timer, and count how long."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.passed_s = 1.0
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready within `timeout` seconds of the loop's time."""
        real_s = None if timeout is None else timeout / self._speed
        began_s = time.monotonic()
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(real_s)
        waited_s = (time.monotonic() - began_s) * self._speed
        if timeout is None or (ready and waited_s < timeout):
            self.passed_s += waited_s
        elif timeout > 0:
            # The timer is due now, however late the computer was to say so.
            self.passed_s += timeout
        return ready


class BusLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while nobody has anything to do: it, a bus, a process.

    It then goes on to the next timer at once: a minute takes as long as its work, and what is
    sent arrives at the very time it was sent, on a busy computer as well.

    Parameters
    ----------
    daemon
        Process number of the one dbus-daemon that the loop's connections lead to.
    """

    def __init__(self, daemon: int) -> None:
        self._waiting = _BusWaiting(daemon)
        super().__init__(self._waiting)

    def time(self) -> float:
        """Return the time in s."""
        return self._waiting.passed_s


class _BusWaiting(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Wait for a file while something is on its way, else let time pass up to the next timer."""

    _LOOK_S = 0.0005

    def __init__(self, daemon: int) -> None:
        super().__init__()
        self.passed_s = 1.0
        self._daemon = str(daemon)
        # Another test's helper process may live on, and has nothing to do with this loop.
        self._others = _children() | {str(daemon)}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready within `timeout` seconds of the loop's time."""
        while True:
            # Asked in this order: what the daemon has read it has passed on before it sleeps again.
            still = not any(_unread(key.fd) for key in self.get_map().values()) and self._all_wait()
            ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
            if ready or timeout == 0:
                return ready
            if still and timeout is not None:
                self.passed_s += timeout
                return []
            ready = super().select(self._LOOK_S)
            if ready:
                return ready

    def _all_wait(self) -> bool:
        """Return whether the daemon sleeps and no other process was started that still runs."""
        if _children() - self._others:
            return False
        return Path(f"/proc/{self._daemon}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def _children() -> set[str]:
    """Return the process numbers of this process's children."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


def _unread(fd: int) -> int:
    """Return the bytes written to a socket that its other end has not taken yet."""
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4)))
    except OSError:
        return 0  # not a socket
    return int(count)
