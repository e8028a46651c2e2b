"""Sound as a sink of a session: eyes-free cues, never in the way of anything."""

from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.alerts import kinds
from monitor.alerts.delay import Delay, DelayBook
from monitor.alerts.players import AudioPlayer, BellPlayer, Player, SoundError, Voice
from monitor.alerts.settings import SoundOutput, SoundSettings
from monitor.alerts.tones import URGENCY, Cue, length_s
from monitor.model.events import Alert, Level, Rep
from monitor.model.session import LinkStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from monitor.model.session import Output, SessionInfo, SourceItem

_log = logging.getLogger(__name__)

STALE_S = 1.0
"""A cue that could not sound for so long is dropped: it would be about something else by then."""

_CUES = {
    kinds.APPROACHING: Cue.APPROACHING,
    kinds.BACK_IN_RANGE: Cue.BACK_IN_RANGE,
    kinds.SENSOR_LOST: Cue.SENSOR_LOST,
    kinds.NOT_CALIBRATED: Cue.NOT_CALIBRATED,
}
_BY_LEVEL = {Level.CAUTION: Cue.CAUTION, Level.ALERT: Cue.ALERT}


@dataclass(frozen=True, slots=True)
class _Order:
    """What to sound and say, and when it was asked for."""

    asked_s: float
    cue: Cue | None = None
    text: str = ""
    interrupt: bool = True


def cue_of(alert: Alert) -> Cue:
    """Return the sound that goes with `alert`."""
    return _CUES.get(alert.kind, _BY_LEVEL[alert.level])


def open_player(settings: SoundSettings) -> Player:
    """Return the best way to make sounds here.

    Raises
    ------
    SoundError
        If what `settings` ask for does not work, in one line.
    """
    makers: dict[SoundOutput, list[Callable[[], Player]]] = {
        SoundOutput.AUTO: [lambda: AudioPlayer(settings.volume), BellPlayer],
        SoundOutput.AUDIO: [lambda: AudioPlayer(settings.volume)],
        SoundOutput.BELL: [BellPlayer],
        SoundOutput.NONE: [],
    }
    first: SoundError | None = None
    for make in makers[settings.output]:
        try:
            return make()
        except SoundError as failed:
            first = first or failed
    raise first or SoundError("no sound: it is switched off")


class SoundSink:
    """Sound the audible alerts of a session, and a lost sensor the moment it is lost.

    Parameters
    ----------
    settings
        What is heard.
    open_with
        Opens the player, in the sink's own thread; SoundError leaves the session silent.
    clock
        Tells how old a cue is, in s.
    """

    name = "sound"

    def __init__(
        self,
        settings: SoundSettings | None = None,
        open_with: Callable[[SoundSettings], Player] = open_player,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings or SoundSettings()
        self._open_with = open_with
        self._clock = clock
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lost: set[str] = set()
        self._delays = DelayBook()
        self._status = "sound: not started"

    def status(self) -> str:
        """Return one line on how cues sound, for a screen."""
        return self._status

    @property
    def delay(self) -> Delay:
        """How long cues took from `take` until the player had them; a device adds its buffer."""
        return self._delays.figures

    def begin(self, info: SessionInfo) -> None:  # noqa: ARG002 - a sink takes the header
        """Start, in the background."""
        self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
        self._thread.start()

    def take(self, items: Sequence[SourceItem], output: Output) -> None:
        """Sound the most urgent cue of a batch; returns at once."""
        now_s = self._clock()
        alerts = [e for e in output.events if isinstance(e, Alert) and e.audible]
        chosen = self._most_urgent([*self._links(items), *((cue_of(a), a.text) for a in alerts)])
        if chosen is not None:
            cue, text = chosen
            self._orders.put(_Order(now_s, cue, text if self._settings.speak_cues else ""))
        elif self._settings.speak_reps:
            for rep in (e for e in output.events if isinstance(e, Rep)):
                self._orders.put(_Order(now_s, text=str(rep.index), interrupt=False))

    def end(self) -> None:
        """Let the last cue and the last words finish, a second each at most."""
        self._orders.put(None)
        if self._thread is not None:
            self._thread.join(2 * STALE_S + 0.5)

    def _links(self, items: Sequence[SourceItem]) -> Iterable[tuple[Cue, str]]:
        """Yield a cue for every sensor just lost; once until it is back."""
        for item in items:
            if not isinstance(item, LinkStatus):
                continue
            if item.state != "lost":
                self._lost.discard(item.sensor)
            elif item.sensor not in self._lost:
                self._lost.add(item.sensor)
                yield Cue.SENSOR_LOST, f"The {item.sensor} sensor is lost."

    def _most_urgent(self, asked: list[tuple[Cue, str]]) -> tuple[Cue, str] | None:
        return min(asked, key=lambda pair: URGENCY.index(pair[0])) if asked else None

    def _work(self) -> None:
        player: Player | None = None
        voice = Voice() if self._settings.speak_cues or self._settings.speak_reps else None
        try:
            player = self._open_with(self._settings)
            self._status = f"sound: {player.name}"
        except SoundError as failed:
            self._status = str(failed)
            _log.warning("%s", failed)
        quiet_s = 0.0
        while (order := self._orders.get()) is not None:
            if self._clock() - order.asked_s > STALE_S:
                continue
            if order.cue is not None and player is not None:
                begun_s = self._clock()
                try:
                    player.play(order.cue)
                    self._delays.add(begun_s - order.asked_s)
                    quiet_s = time.monotonic() + length_s(order.cue)
                except SoundError as failed:
                    self._status = str(failed)
                    _log.warning("%s", failed)
            if order.text and voice is not None:
                voice.say(order.text, interrupt=order.interrupt)
        self._close(player, quiet_s)
        if voice is not None:
            voice.finish(STALE_S)

    def _close(self, player: Player | None, quiet_s: float) -> None:
        """Let the last cue finish."""
        rest_s = quiet_s - time.monotonic()
        if player is not None:
            if rest_s > 0:
                threading.Event().wait(min(rest_s, STALE_S))
            player.close()


def sound_check(settings: SoundSettings | None = None, pause: Callable[[float], object] | None = None) -> str:
    """Sound every cue once, a pause between, and return what sounded them.

    Raises
    ------
    SoundError
        If no sound can be made here.
    """
    wait = pause or threading.Event().wait
    player = open_player(settings or SoundSettings())
    try:
        for cue in reversed(URGENCY):
            begun_s = time.monotonic()
            player.play(cue)
            # The bell is done by now, an audio device has only begun.
            wait(max(0.0, length_s(cue) - (time.monotonic() - begun_s)) + 0.4)
    finally:
        player.close()
    return player.name
