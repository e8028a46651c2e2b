"""What is heard: cues told apart by ear, never in the way, and silence that says why."""

from __future__ import annotations

import io
import os
import queue
import sys
import threading
import time
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from waiting import PATIENCE_S, until

from monitor.alerts.players import AudioPlayer, BellPlayer, SoundError, Voice
from monitor.alerts.settings import SoundOutput, SoundSettings
from monitor.alerts.sound import SoundSink, open_player, sound_check
from monitor.alerts.tones import PATTERNS, RATE_HZ, Cue, length_s, wave
from monitor.model.errors import ConfigError
from monitor.model.events import Alert, Cause, Confidence, Level, Rep, RepMetrics
from monitor.model.samples import LOWER
from monitor.model.session import LinkStatus, Output, SessionInfo, SourceItem

if TYPE_CHECKING:
    from collections.abc import Callable


def alert(kind: str = "lift_off", level: Level = Level.ALERT, *, audible: bool = True) -> Alert:
    return Alert("a-1", 1.0, kind, Cause.UNCLEAR, Confidence.LOW, level, 1, "Keep your back flat.", audible)


def rep(index: int) -> Rep:
    return Rep(index, 1, 0.0, 1.0, 2.0, 2.0, RepMetrics(0, 0, 0, 0, None, None, 0, 0, None, None, 1))


class TestTones:
    @pytest.mark.parametrize("cue", list(Cue))
    def test_short_without_clicks_and_within_full_scale(self, cue: Cue) -> None:
        samples = wave(cue, 1.0)
        assert samples.dtype == np.int16
        assert len(samples) == pytest.approx(length_s(cue) * RATE_HZ, abs=5)
        assert length_s(cue) < 0.8
        assert abs(int(samples[0])) < 100
        assert abs(int(samples[-1])) < 100
        assert np.max(np.abs(np.diff(samples.astype(float)))) < 32767 * 0.75

    @pytest.mark.parametrize("cue", list(Cue))
    def test_energy_lies_where_it_carries_over_music(self, cue: Cue) -> None:
        power = np.abs(np.fft.rfft(wave(cue, 1.0).astype(float))) ** 2
        hz = np.fft.rfftfreq(len(wave(cue, 1.0)), 1 / RATE_HZ)
        share = power[(hz >= 500) & (hz <= 4500)].sum() / power.sum()
        assert share > 0.98
        assert power[(hz >= 500) & (hz <= 1500)].sum() / power.sum() > 0.4

    def test_every_two_cues_differ_in_rhythm_or_by_a_third_in_pitch(self) -> None:
        for one, other in combinations(Cue, 2):
            a, b = PATTERNS[one], PATTERNS[other]
            same_rhythm = len(a) == len(b) and all(
                abs(x.length_s - y.length_s) < 0.05 for x, y in zip(a, b, strict=True)
            )
            pitches = max(abs(np.log2(x.frequency_hz / y.frequency_hz)) for x, y in zip(a, b, strict=False))
            assert not same_rhythm or pitches > 3 / 12

    def test_volume_scales(self) -> None:
        assert np.max(wave(Cue.ALERT, 0.5)) == pytest.approx(np.max(wave(Cue.ALERT, 1.0)) / 2, abs=2)
        assert not wave(Cue.ALERT, 0.0).any()
        with pytest.raises(ConfigError, match=r"sound\.volume"):
            SoundSettings(volume=1.5)


class RecordingPlayer:
    """A player for tests: remembers cues; may be held up or break."""

    name = "test player"

    def __init__(self) -> None:
        self.played: queue.SimpleQueue[Cue] = queue.SimpleQueue()
        self.asked = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.broken = False
        self.closed = False

    def play(self, cue: Cue) -> None:
        self.asked.set()
        assert self.go.wait(PATIENCE_S)
        if self.broken:
            raise SoundError("no sound: the audio device went away")
        self.played.put(cue)

    def close(self) -> None:
        self.closed = True


class Heard:
    """A running sink with a player that remembers."""

    def __init__(
        self, settings: SoundSettings | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.player = RecordingPlayer()
        self.sink = SoundSink(settings or SoundSettings(), lambda _: self.player, clock)
        self.sink.begin(SessionInfo())

    def take(self, *events: Alert | Rep, items: tuple[SourceItem, ...] = ()) -> None:
        self.sink.take(items, Output(events=events))

    def all(self) -> list[Cue]:
        """End the session and return what sounded."""
        self.sink.end()
        cues = []
        while not self.player.played.empty():
            cues.append(self.player.played.get())
        return cues


class TestSink:
    def test_each_kind_has_its_sound(self) -> None:
        heard = Heard()
        for kind, level in (
            ("lift_off", Level.ALERT),
            ("tuck", Level.CAUTION),
            ("back_in_range", Level.CAUTION),
            ("not_calibrated", Level.CAUTION),
            ("approaching", Level.CAUTION),
            ("sensor_lost", Level.CAUTION),
        ):
            heard.take(alert(kind, level))
        assert heard.all() == [
            Cue.ALERT,
            Cue.CAUTION,
            Cue.BACK_IN_RANGE,
            Cue.NOT_CALIBRATED,
            Cue.APPROACHING,
            Cue.SENSOR_LOST,
        ]
        assert heard.player.closed

    def test_inaudible_alerts_and_other_events_are_silent(self) -> None:
        heard = Heard()
        heard.take(alert(audible=False), rep(1))
        assert heard.all() == []

    def test_of_two_at_once_the_more_urgent_sounds(self) -> None:
        heard = Heard()
        heard.take(alert(level=Level.CAUTION), alert())
        assert heard.all() == [Cue.ALERT]

    def test_a_lost_sensor_sounds_at_once_and_once(self) -> None:
        heard = Heard()
        lost, back = LinkStatus(1.0, LOWER, "lost"), LinkStatus(2.0, LOWER, "streaming")
        heard.take(items=(lost,))
        heard.take(items=(lost, LinkStatus(1.5, LOWER, "lost")))
        heard.take(items=(back, LinkStatus(3.0, LOWER, "lost")))
        assert heard.all() == [Cue.SENSOR_LOST, Cue.SENSOR_LOST]

    def test_a_player_that_hangs_holds_up_nobody_and_old_cues_are_dropped(self) -> None:
        now_s = [0.0]
        heard = Heard(clock=lambda: now_s[0])
        heard.player.go.clear()
        for _ in range(50):
            heard.take(alert())
        assert heard.player.asked.wait(PATIENCE_S)
        now_s[0] = 2.0
        heard.take(alert(level=Level.CAUTION))
        heard.player.go.set()
        assert heard.all() == [Cue.ALERT, Cue.CAUTION]

    def test_a_device_that_goes_away_is_said_and_the_session_goes_on(self) -> None:
        heard = Heard()
        heard.player.broken = True
        heard.take(alert())
        heard.take(alert())
        assert heard.all() == []
        assert heard.sink.status() == "no sound: the audio device went away"

    def test_no_way_to_sound_is_said_in_one_line(self) -> None:
        sink = SoundSink(SoundSettings(output=SoundOutput.NONE))
        sink.begin(SessionInfo())
        sink.take((), Output(events=(alert(),)))
        sink.end()
        assert sink.status() == "no sound: it is switched off"

    def test_it_can_be_opened_and_closed_again_and_again(self) -> None:
        for _ in range(4):
            heard = Heard()
            heard.take(alert())
            assert heard.all() == [Cue.ALERT]


class Terminal(io.StringIO):
    """A terminal that remembers what was written to it."""

    def isatty(self) -> bool:
        return True


class TestPlayers:
    def test_bell_rings_once_a_beep_in_the_rhythm_of_the_cue(self) -> None:
        terminal, pauses = Terminal(), list[float]()
        BellPlayer(terminal, pauses.append).play(Cue.ALERT)
        assert terminal.getvalue() == "\a" * 4
        assert sum(pauses) == pytest.approx(length_s(Cue.ALERT))

    def test_bell_needs_a_terminal(self) -> None:
        with pytest.raises(SoundError, match="no terminal"):
            BellPlayer(io.StringIO())

    def test_bell_of_a_closed_terminal(self) -> None:
        terminal = Terminal()
        bell = BellPlayer(terminal)
        terminal.close()
        with pytest.raises(SoundError, match="went away"):
            bell.play(Cue.ALERT)

    def test_audio_device_plays_the_whole_cue_then_silence(self) -> None:
        miniaudio = pytest.importorskip("miniaudio", reason="the extra 'audio' is not installed")
        player = AudioPlayer(0.7, [miniaudio.Backend.NULL])
        try:
            assert player.name == "audio (Null)"
            stream = player._stream()
            next(stream)
            player.play(Cue.CAUTION)
            # The device of the null backend may take the cue first; ask until one of them had it.
            made = np.concatenate([np.asarray(stream.send(441)) for _ in range(60)])
            assert len(made) == 60 * 441
            expected = wave(Cue.CAUTION, 0.7)
            assert not made.any() or np.array_equal(made[: len(expected)], expected)
        finally:
            player.close()
        with pytest.raises(SoundError, match="went away"):
            player.play(Cue.CAUTION)

    def test_an_audio_device_says_how_soon_a_cue_starts(self) -> None:
        miniaudio = pytest.importorskip("miniaudio", reason="the extra 'audio' is not installed")
        player = AudioPlayer(0.7, [miniaudio.Backend.NULL])
        start_s = player.start_s(patience_s=20.0)
        player.close()
        assert start_s is not None
        assert 0 < start_s < 20
        assert player.start_s(patience_s=0.0) is None

    def test_auto_falls_back_in_order_and_says_the_first_reason(self) -> None:
        try:
            player = open_player(SoundSettings())
        except SoundError as failed:
            reason = str(failed)
            assert reason.startswith("no sound: ")  # no device and no terminal: as on a build machine
        else:
            player.close()

    def test_without_sound_card_nothing_is_written_to_the_terminal(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        pytest.importorskip("miniaudio", reason="the extra 'audio' is not installed")
        with suppress(SoundError):
            AudioPlayer(0.0).close()
        assert "ALSA" not in capfd.readouterr().err


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A voice on the search path that writes down what it is asked to say."""
    if os.name != "posix":
        pytest.skip("the stand-in for a voice is a POSIX script")
    said = tmp_path / "said"
    program = tmp_path / "spd-say"
    program.write_text(
        f'#!{sys.executable}\nimport sys\nopen({str(said)!r}, "a").write(sys.argv[-1] + "\\n")\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    def lines() -> list[str]:
        return said.read_text().splitlines() if said.exists() else []

    return lines


class TestVoice:
    def test_speaks_text_as_one_argument_whatever_it_holds(self, spoken: Callable[[], list[str]]) -> None:
        voice = Voice()
        assert voice.name == "spd-say"
        voice.say("--help; $(reboot) `x` 'y'", interrupt=True)
        voice.finish(PATIENCE_S)
        assert spoken() == ["--help; $(reboot) `x` 'y'"]

    def test_counts_repetitions_and_speaks_cues_where_wanted(self, spoken: Callable[[], list[str]]) -> None:
        heard = Heard(SoundSettings(speak_cues=True, speak_reps=True))
        heard.take(rep(1))
        until(lambda: spoken() == ["1"])
        heard.take(alert(), rep(2))
        until(lambda: spoken()[-1] == "Keep your back flat.")
        assert heard.all() == [Cue.ALERT]

    def test_speech_is_off_unless_wanted(self, spoken: Callable[[], list[str]]) -> None:
        heard = Heard()
        heard.take(alert(), rep(1))
        heard.all()
        assert spoken() == []

    def test_no_voice_is_no_failure(self) -> None:
        voice = Voice(find=lambda _: None)
        voice.say("hello", interrupt=True)
        voice.stop()
        assert voice.name == ""


def test_sound_check_sounds_every_cue(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    assert sound_check(SoundSettings(output=SoundOutput.BELL), lambda _: None) == "terminal bell"
    assert terminal.getvalue().count("\a") == sum(len(beeps) for beeps in PATTERNS.values())
