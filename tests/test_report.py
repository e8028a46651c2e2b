"""The report: one valid file that needs nothing, says what was measured, and prints to two pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest
from recorded import record
from test_cli import fails, lumbar

from monitor.history import trends
from monitor.recording.labels import Labels, Note, write_labels
from monitor.report import report_html
from monitor.report.page import session_page
from monitor.reviewed import review
from monitor.sensors.simulated.scenario import leg_day, simulate
from monitor.sensors.simulated.source import Dropout

RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").glob("*.mcap"))
NEVER = re.compile(r"\b(dangerous|injur\w*|diagnos\w*|discs?|unsafe|prevents?)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a month of squats and a leg day, as recorded."""
    made = tmp_path_factory.mktemp("month")
    for week, (load, cause, seed) in enumerate(
        [(60.0, None, 1), (70.0, "improper_form", 2), (85.0, "too_much_weight", 8)], 1
    ):
        source = simulate("squat", cause=cause, seed=seed, athlete_seed=1, sets=2, reps=6, sensors=2).source
        date = f"2026-03-{7 * week:02d}T18:00:00+01:00"
        record(made / f"squat{week}.mcap", source, started_at=date, loads_kg=(load,), pain=week)
    record(made / "day.mcap", leg_day().source, started_at="2026-03-28T18:00:00+01:00")
    return made


@pytest.fixture(scope="module")
def worst(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a long session: more sets than fit, gaps, pain, notes."""
    source = simulate(
        "squat",
        cause="improper_form",
        seed=3,
        sets=16,
        reps=5,
        sensors=2,
        loss=0.02,
        dropouts=(Dropout(60, 70),),
    ).source
    path = tmp_path_factory.mktemp("worst") / "long.mcap"
    record(path, source, started_at="2026-04-01T18:00:00+01:00", loads_kg=tuple(range(60, 76)), pain=6)
    notes = tuple(Note("a remark of some length about how this set felt, and why " * 2) for _ in range(9))
    write_labels(path, Labels(title="A long day", notes=notes))
    return path


def page(*paths: Path, history: bool = True) -> str:
    sessions = [review(path) for path in paths]
    return report_html(sessions, trends(sessions) if history else ())


def checked(text: str) -> str:
    """Return the words of a document that is valid, self-contained, small and calm."""
    html5lib.HTMLParser(strict=True).parse(text)
    assert len(text.encode()) < 300_000
    assert not re.search(r"https?:|src=|@import|url\(|<script|<link", text)
    words = re.sub(r"<(style|svg)\b.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not NEVER.findall(words)
    return " ".join(words.split())


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_sample_recordings(path: Path) -> None:
    words = checked(page(path))
    assert "one sensor" in words.lower()
    assert "judged when this report was made" in words.lower()


def test_says_what_was_worn_measured_found_and_said(folder: Path) -> None:
    text = page(*sorted(folder.glob("squat*.mcap")))
    words = checked(text)
    for expected in (
        "3 sessions",
        "lower back, at the sacrum",
        "top of the lumbar spine (T12/L1)",
        "neutral is the first still second",
        "100.0 % of the time, without a gap",
        "a change counts from",
        "85 kg",
        "3 of 10",
        "Over the sessions",
        "7 March 2026",
        "Too much weight",
        "slower than the set&#39;s best",
        "Load went from 70 to 85 kg (+21 %)",
    ):
        assert expected in words
    assert text.count("<article>") == 4


def test_a_leg_day_has_both_exercises(folder: Path) -> None:
    words = checked(page(folder / "day.mcap"))
    assert "Squat, leg press" in words
    assert "2 of 5" in words
    assert "Lack of spinal support" in words
    assert "hips tucked at the turn in 2" in words
    assert "inferred from the pelvis" in words
    assert "Over the sessions" not in words, "one session is no history"


def test_an_exercise_keeps_its_capital_in_a_title(folder: Path) -> None:
    day = review(folder / "day.mcap")
    sets = [e if e["exercise"] == "squat" else {**e, "exercise": "rdl"} for e in day.of("set")]
    assert session_page(replace(day, events=sets)).title == "Squat, Romanian deadlift"


def test_what_a_person_wrote_stays_text(tmp_path: Path) -> None:
    path = record(
        tmp_path / "a.mcap", simulate("squat", seed=1, reps=4).source, athlete="<b>Zo\u00eb & co</b>"
    )
    write_labels(path, Labels(title='<script>alert("x")</script>', notes=(Note("a < b"),)))
    text = page(path)
    html5lib.HTMLParser(strict=True).parse(text)
    assert "<script" not in text
    assert "&lt;b&gt;Zo\u00eb &amp; co&lt;/b&gt;" in text
    assert "A &lt; b." in text


def test_a_session_without_anything_to_judge(tmp_path: Path) -> None:
    source = simulate("squat", seed=1, reps=1, dropouts=(Dropout(2, 60),)).source
    words = checked(page(record(tmp_path / "a.mcap", source)))
    assert "No repetition was found" in words
    assert "Nothing stood out" in words


def test_the_longest_session_is_cut_to_what_fits(worst: Path) -> None:
    words = checked(page(worst))
    assert "A long day" in words
    assert "4 more sets are not listed" in words
    assert words.count("a remark of some length") <= 10


def test_a_month_in_one_file_stays_small(folder: Path) -> None:
    sessions = [review(path) for path in sorted(folder.glob("*.mcap"))] * 3
    words = checked(report_html(sessions, trends(sessions)))
    assert words.startswith("12 sessions")


def test_report_on_the_command_line(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = lumbar("report", folder / "squat3.mcap", "-o", out)
    assert (done.returncode, done.stdout) == (0, f"wrote {out}: 1 session\n"), done.stderr
    assert "Over the sessions" in checked(out.read_text(encoding="utf-8")), "the folder gives the history"
    lumbar("report", folder / "squat3.mcap", "--no-history", "-o", out)
    assert "Over the sessions" not in out.read_text(encoding="utf-8")
    assert "nowhere" in fails("report", folder / "nowhere.mcap", "-o", out)
    assert "there is no folder" in fails("report", folder / "squat3.mcap", "-o", tmp_path / "no" / "r.html")
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ""] == ["report.html"]


def printed(text: str, tmp_path: Path) -> int:
    """Print to PDF as a browser without a network does; return the number of pages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs chromium on the path")
    source, out = tmp_path / "report.html", tmp_path / "report.pdf"
    source.write_text(text, encoding="utf-8")
    quiet = ["disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update"]
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            *(f"--{flag}" for flag in (*quiet, "disable-sync", "disable-quic", "no-pdf-header-footer")),
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--print-to-pdf={out}",
            source.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", out.read_bytes()))


def test_prints_to_two_pages_at_most(folder: Path, worst: Path, tmp_path: Path) -> None:
    month = sorted(folder.glob("*.mcap"))
    for paths, most in (
        ([worst], 2),
        ([month[-1]], 2),
        ([folder / "day.mcap"], 2),
        (month, 2 * len(month) + 1),
    ):
        pages = printed(page(*paths), tmp_path)
        assert 1 <= pages <= most, paths
