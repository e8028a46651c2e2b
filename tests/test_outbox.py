"""What waits for the broker survives the process; trouble with the disk costs no session."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.letter import Letter
from monitor.alerts.outbox import Outbox

NOW_S = 1_700_000_000.0


def letter(name: str, *, alert: bool = True, ttl_s: float = 600.0, topic: str = "lumbar/me/alert") -> Letter:
    return Letter(name, topic, f'{{"id":"{name}"}}'.encode(), False, alert, NOW_S, NOW_S + ttl_s)


def names(outbox: Outbox, count: int = 100) -> list[str]:
    return [waiting.id for waiting in outbox.waiting(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.sqlite"


def opened(path: Path | None, now_s: float = NOW_S, broker: str = "gym:1883", limit: int = 100) -> Outbox:
    return Outbox(path, broker, now_s, limit)


class TestWaiting:
    def test_in_order_until_removed(self) -> None:
        outbox = opened(None)
        outbox.put([letter("a"), letter("b"), letter("c")])
        first, second = outbox.waiting(2)
        assert (first.id, second.id) == ("a", "b")
        outbox.remove([first.number])
        assert [w.id for w in outbox.waiting(9, {second.number})] == ["c"]
        assert len(outbox) == 2

    def test_what_waits_already_is_not_taken_twice(self) -> None:
        outbox = opened(None)
        outbox.put([letter("a"), letter("a")])
        outbox.put([letter("a"), letter("a", topic="lumbar/me/rep")])
        assert len(outbox) == 2
        outbox.remove([1])
        outbox.put([letter("a")])
        assert len(outbox) == 2

    def test_expired_is_dropped_and_counted(self) -> None:
        outbox = opened(None)
        outbox.put([letter("old", ttl_s=5), letter("rep", alert=False, ttl_s=5), letter("new")])
        assert outbox.expire(NOW_S + 6) == 1
        assert names(outbox) == ["new"]


class TestNextStart:
    def test_takes_up_what_was_not_delivered(self, path: Path) -> None:
        before = opened(path)
        before.put([letter("a"), replace(letter("b"), retain=True), letter("c", alert=False)])
        before.remove([1])
        before.close()
        after = opened(path)
        assert [(w.id, w.payload, w.retain, w.alert) for w in after.waiting(9)] == [
            ("b", b'{"id":"b"}', True, True),
            ("c", b'{"id":"c"}', False, False),
        ]
        after.put([letter("d")])
        assert names(after) == ["b", "c", "d"]

    def test_but_not_what_expired_meanwhile(self, path: Path) -> None:
        before = opened(path)
        before.put([letter("a", ttl_s=60), letter("b", ttl_s=6000)])
        before.close()
        assert names(opened(path, NOW_S + 61)) == ["b"]

    def test_nor_what_was_meant_for_another_broker(self, path: Path) -> None:
        demo = opened(path, broker="127.0.0.1:40000")
        demo.put([letter("demo")])
        demo.close()
        gym = opened(path)
        assert names(gym) == []
        gym.put([letter("a")])
        gym.close()
        assert names(opened(path, broker="127.0.0.1:40000")) == ["demo"]

    def test_a_killed_process_loses_nothing_it_had_saved(self, path: Path) -> None:
        program = (
            "import os, signal, sys; sys.path[:0] = [sys.argv[2]]\n"
            "from pathlib import Path\n"
            "from test_outbox import letter, opened\n"
            "outbox = opened(Path(sys.argv[1]))\n"
            "outbox.put([letter(f'a{n}') for n in range(50)])\n"
            "outbox.remove([1, 2])\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        subprocess.run([sys.executable, "-c", program, str(path), str(Path(__file__).parent)], check=False)
        assert names(opened(path)) == [f"a{n}" for n in range(2, 50)]


class TestFull:
    def test_drops_the_oldest_that_is_no_alert_first(self) -> None:
        outbox = opened(None, limit=3)
        outbox.put([letter("rep1", alert=False), letter("a1"), letter("rep2", alert=False), letter("a2")])
        assert names(outbox) == ["a1", "rep2", "a2"]
        outbox.put([letter("a3")])
        assert names(outbox) == ["a1", "a2", "a3"]
        assert (outbox.dropped_others, outbox.dropped_alerts) == (2, 0)

    def test_an_alert_is_never_dropped_silently(self) -> None:
        outbox = opened(None, limit=2)
        outbox.put([letter("a1"), letter("a2"), letter("a3")])
        assert names(outbox) == ["a2", "a3"]
        assert outbox.dropped_alerts == 1


class TestTrouble:
    def test_unusable_folder_is_said_and_messages_still_wait(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        outbox = opened(tmp_path / "file" / "outbox.sqlite")
        outbox.put([letter("a")])
        assert names(outbox) == ["a"]
        assert "alerts are not saved" in outbox.trouble

    def test_read_only_file_is_said_and_messages_still_wait(self, path: Path) -> None:
        opened(path).close()
        outbox = opened(path)
        assert outbox.trouble == ""
        # As if the disk had been remounted; a permission would not stop the administrator.
        assert outbox._file is not None
        outbox._file._file.execute("PRAGMA query_only = ON")
        outbox.put([letter("a")])
        outbox.sync()
        assert names(outbox) == ["a"]
        assert "cannot be written" in outbox.trouble

    def test_full_disk_is_said_and_made_good_once_there_is_room(self, path: Path) -> None:
        opened(path).close()
        outbox = opened(path)
        assert outbox._file is not None
        (pages,) = outbox._file._file.execute("PRAGMA page_count").fetchone()
        outbox._file._file.execute(f"PRAGMA max_page_count = {pages}")
        big = [replace(letter(f"a{n}"), payload=b"x" * 4000) for n in range(8)]
        outbox.put(big)
        assert len(outbox) == 8
        assert "the disk is full" in outbox.trouble
        outbox._file._file.execute("PRAGMA max_page_count = 100000")
        outbox.put([letter("last")])
        assert outbox.trouble == ""
        outbox.close()
        assert names(opened(path)) == [*(f"a{n}" for n in range(8)), "last"]

    def test_limit_of_the_file_system_is_said(self, path: Path) -> None:
        opened(path).close()
        program = (
            "import resource, sys; sys.path[:0] = [sys.argv[2]]\n"
            "from pathlib import Path\n"
            "from dataclasses import replace\n"
            "from test_outbox import letter, opened\n"
            "outbox = opened(Path(sys.argv[1]))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
            "outbox.put([replace(letter(f'a{n}'), payload=b'x' * 4000) for n in range(20)])\n"
            "print(len(outbox), outbox.trouble)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(path), str(Path(__file__).parent)],
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stdout.startswith("20 alerts are not saved")

    def test_second_session_goes_on_without_the_file(self, path: Path) -> None:
        first = opened(path)
        first.put([letter("a")])
        second = opened(path)
        assert "another session uses it" in second.trouble
        second.put([letter("b")])
        assert names(second) == ["b"]
        first.close()
        assert names(opened(path)) == ["a"]

    def test_damaged_file_is_set_aside(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"this is no database, but long enough to look at" * 100)
        outbox = opened(path)
        assert outbox.trouble == ""
        outbox.put([letter("a")])
        outbox.close()
        assert names(opened(path)) == ["a"]
        assert path.with_name("outbox.sqlite.unreadable").exists()

    def test_file_of_a_newer_version_is_left_alone(self, path: Path) -> None:
        opened(path).close()
        with sqlite3.connect(path) as file:
            file.execute("PRAGMA user_version = 99")
        outbox = opened(path)
        assert "newer" in outbox.trouble
        assert path.exists()


actions = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 20), st.booleans(), st.integers(1, 100)),
        st.tuples(st.just("remove"), st.integers(0, 5), st.just(False), st.just(0)),
        st.tuples(st.just("sync"), st.just(0), st.just(False), st.just(0)),
        st.tuples(st.just("reopen"), st.just(0), st.just(False), st.just(0)),
        st.tuples(st.just("later"), st.integers(0, 30), st.just(False), st.just(0)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(actions)
def test_a_reopened_outbox_is_the_same_outbox(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, bool, int]]
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "o.sqlite"
    on_disk, in_memory = opened(path, limit=8), opened(None, limit=8)
    now_s = NOW_S
    for step, number, alert, ttl_s in steps:
        match step:
            case "put":
                for outbox in (on_disk, in_memory):
                    outbox.put([replace(letter(f"n{number}", alert=alert), expires_unix_s=now_s + ttl_s)])
            case "remove":
                for outbox in (on_disk, in_memory):
                    outbox.remove([w.number for w in outbox.waiting(number)[-1:]])
            case "later":
                now_s += number
                for outbox in (on_disk, in_memory):
                    outbox.expire(now_s)
            case "sync":
                on_disk.sync()
                assert on_disk.trouble == ""
            case _:
                on_disk.close()
                on_disk = opened(path, now_s, limit=8)
        assert names(on_disk) == names(in_memory)
    on_disk.close()
