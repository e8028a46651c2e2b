"""Ways to make a sound: the audio device, the terminal's bell, the system's voice."""

from __future__ import annotations

import ctypes
import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from monitor.alerts.tones import PATTERNS, RATE_HZ, Cue, wave
from monitor.model.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import TextIO

    import numpy.typing as npt

_log = logging.getLogger(__name__)

_BUFFER_MS = 40
"""Audio asked for at a time: a cue starts within about twice this."""


class SoundError(MonitorError):
    """A way to make sounds that does not work here."""


class Player(Protocol):
    """Something that can sound a cue."""

    name: str
    """What a person would call it."""

    def play(self, cue: Cue) -> None:
        """Sound `cue`, cutting off one that still sounds; SoundError if it no longer works."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class AudioPlayer:
    """The system's audio device.

    It stays open, playing silence between cues: opening takes long, and wireless headphones fall
    asleep and swallow the first beep otherwise.

    Parameters
    ----------
    volume
        0 to 1.
    backends
        Audio systems to try, as miniaudio names them; None tries all real ones.

    Raises
    ------
    SoundError
        If the extra is missing or no device answers.
    """

    def __init__(self, volume: float, backends: Sequence[Any] | None = None) -> None:
        try:
            import miniaudio  # noqa: PLC0415 - optional extra
        except ImportError as missing:
            raise SoundError("no sound: pip install 'lumbar-monitor[audio]'") from missing
        _quiet_alsa()
        self._waves = {cue: wave(cue, volume) for cue in Cue}
        self._asked: queue.SimpleQueue[Callable[[], npt.NDArray[np.int16]]] = queue.SimpleQueue()
        # Without a list miniaudio falls back to a device that plays to nobody.
        real = [b for b in miniaudio.Backend if b not in {miniaudio.Backend.NULL, miniaudio.Backend.CUSTOM}]
        try:
            self._device = miniaudio.PlaybackDevice(
                nchannels=1,
                sample_rate=RATE_HZ,
                buffersize_msec=_BUFFER_MS,
                backends=list(backends or real),
                app_name="lumbar",
            )
            stream = self._stream()
            next(stream)
            self._device.start(stream)
        except miniaudio.MiniaudioError as failed:
            raise SoundError(
                "no sound: no audio device answers; connect one, or set sound.output to bell"
            ) from failed
        self.name = f"audio ({self._device.backend})"

    def play(self, cue: Cue) -> None:
        """Sound `cue`, cutting off one that still sounds."""
        if not self._device.running:
            raise SoundError("no sound: the audio device went away")
        self._asked.put(lambda: self._waves[cue])

    def start_s(self, patience_s: float = 1.0) -> float | None:
        """Return the time in s until the device fetches what is played now; None if it does not.

        Nothing is heard. The device's own buffer, `buffer_s` at most, comes on top.
        """
        fetched = threading.Event()
        begun_s = time.perf_counter()

        def silence() -> npt.NDArray[np.int16]:
            fetched.set()
            return np.empty(0, dtype=np.int16)

        self._asked.put(silence)
        return time.perf_counter() - begun_s if fetched.wait(patience_s) else None

    @property
    def buffer_s(self) -> float:
        """Length of the device's buffer in s."""
        return _BUFFER_MS / 1000

    def close(self) -> None:
        """Let go of the device."""
        self._device.close()

    def _stream(self) -> Generator[npt.NDArray[np.int16] | bytes, int, None]:
        """Give the device what it asks for: cues, else silence. Runs in the device's thread."""
        left = np.empty(0, dtype=np.int16)
        frames = yield b""
        while True:
            with suppress(queue.Empty):
                left = self._asked.get_nowait()()
            now, left = left[:frames], left[frames:]
            frames = yield np.pad(now, (0, frames - len(now)))


def _ignore(*_args: object) -> None:
    """Take an error of ALSA and do nothing with it."""


_ALSA_ERROR = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)(_ignore)
"""Kept here for good: ALSA holds on to it."""


def _quiet_alsa() -> None:
    """Keep ALSA from writing pages to the terminal where there is no sound card; we say it in a line."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # no ALSA, nothing to quieten
            ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ALSA_ERROR)


class BellPlayer:
    """The terminal's bell, in the rhythm of the cue.

    Raises
    ------
    SoundError
        If `stream` is no terminal.
    """

    name = "terminal bell"

    def __init__(self, stream: TextIO | None = None, pause: Callable[[float], object] | None = None) -> None:
        self._stream = stream if stream is not None else sys.__stderr__
        self._pause = pause or threading.Event().wait
        if self._stream is None or not self._stream.isatty():
            raise SoundError("no sound: there is no terminal to ring")

    def play(self, cue: Cue) -> None:
        """Ring once for every beep of `cue`."""
        if self._stream is None:
            return
        for beep in PATTERNS[cue]:
            try:
                self._stream.write("\a")
                self._stream.flush()
            except (OSError, ValueError) as failed:
                raise SoundError("no sound: the terminal went away") from failed
            self._pause(beep.length_s + beep.gap_s)

    def close(self) -> None:
        """Nothing to let go of."""


class Voice:
    """The system's speech, if it has one; silent otherwise.

    Parameters
    ----------
    find
        Returns the path of a program, or None.
    """

    def __init__(self, find: Callable[[str], str | None] = shutil.which) -> None:
        self._command = next((c for c in _VOICES if find(c[0]) is not None), None)
        self._speaking: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """The program that speaks; empty if there is none."""
        return self._command[0] if self._command is not None else ""

    def say(self, text: str, *, interrupt: bool) -> None:
        """Speak `text`; while something else is spoken, cut that off or else stay silent."""
        if self._command is None:
            return
        if self._speaking is not None and self._speaking.poll() is None:
            if not interrupt:
                return
            self.stop()
        words = [part.replace("{text}", text) for part in self._command]
        try:
            self._speaking = subprocess.Popen(  # noqa: S603 - our own command; the text is one argument of it
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, _SPOKEN_VARIABLE: text},
            )
        except OSError as failed:
            _log.warning("no speech: %s: %s", self._command[0], failed.strerror)
            self._command = None

    def finish(self, patience_s: float) -> None:
        """Wait for what is being spoken, `patience_s` at most; what takes longer ends by itself."""
        if self._speaking is not None:
            with suppress(subprocess.TimeoutExpired):
                self._speaking.wait(patience_s)

    def stop(self) -> None:
        """Fall silent."""
        if self._speaking is not None:
            self._speaking.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._speaking.wait(1)
            self._speaking = None


_SPOKEN_VARIABLE = "LUMBAR_SPOKEN"
"""Carries the text where a command line would have to be quoted."""

_SAPI = "Add-Type -AssemblyName System.Speech; (New-Object System.Speech.Synthesis.SpeechSynthesizer)"

_VOICES = (
    ("spd-say", "--wait", "--", "{text}"),
    ("say", "--", "{text}"),
    (
        "powershell",
        "-NoProfile",
        "-Command",
        f"{_SAPI}.Speak($env:{_SPOKEN_VARIABLE})",
    ),
)
"""Speech Dispatcher (Linux), macOS, Windows SAPI: the first that is there speaks."""
