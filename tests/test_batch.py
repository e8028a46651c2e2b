"""Many recordings: the same tables from anywhere, whatever breaks on the way."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli import fails, lumbar

from monitor.analysis import analysis_json, analyze
from monitor.engine import EngineOptions
from monitor.pipeline.settings import PipelineSettings
from monitor.recording.labels import Labels, RepEdit, write_labels
from monitor.recording.reader import open_recording
from monitor.recording.writer import write_recording
from monitor.sensors.simulated.scenario import simulate

pytest.importorskip("distributed", reason="needs dask's distributed")
pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")

from distributed import Client, LocalCluster  # noqa: E402

from monitor.batch import cluster, run_batch  # noqa: E402
from monitor.batch_tables import FileRows, Store, analysed  # noqa: E402

TABLES = ("reps", "findings", "files")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of short sessions, some in a folder of their own."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "more").mkdir()
    for seed in range(9):
        exercise, cause = (
            ("squat", "improper_form"),
            ("leg_press", "lack_of_spinal_support"),
            ("rdl", None),
        )[seed % 3]
        source = simulate(exercise, cause=cause, seed=seed, reps=3).source
        place = folder / ("more" if seed % 2 else ".") / f"session{seed}.mcap"
        write_recording(place, source.info, source.items())
    return folder


@pytest.fixture
def folder(recordings: Path, tmp_path: Path) -> Path:
    """Return a folder of its own with the same recordings."""
    return Path(shutil.copytree(recordings, tmp_path / "in"))


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalCluster]:
    """Return a dask cluster of two worker processes on loopback."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


def tables(out: Path) -> dict[str, Any]:
    return {name: pq.read_table(out / f"{name}.parquet") for name in TABLES}


def without_stamp(made: dict[str, Any]) -> dict[str, Any]:
    return {**made, "files": made["files"].drop_columns("stamp")}


def test_local_and_cluster_give_the_same_tables(folder: Path, tmp_path: Path, workers: LocalCluster) -> None:
    done = lumbar("batch", folder, "-o", tmp_path / "local", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "9 recordings analysed" in done.stdout
    done = lumbar("batch", folder, "-o", tmp_path / "far", "--scheduler", workers.scheduler_address)
    assert done.returncode == 0, done.stderr
    local, far = tables(tmp_path / "local"), tables(tmp_path / "far")
    for name in TABLES:
        assert local[name].equals(far[name]), name
    assert sorted(p.name for p in (tmp_path / "far").iterdir()) == sorted(
        f"{name}.parquet" for name in TABLES
    )


def test_the_rows_are_those_of_an_analysis(folder: Path, tmp_path: Path, workers: LocalCluster) -> None:
    path = folder / "more" / "session1.mcap"
    with Client(workers) as client:
        run_batch(folder, tmp_path / "out", client)
    made = analysis_json(analyze(open_recording(path)))
    reps = [r for r in tables(tmp_path / "out")["reps"].to_pylist() if r["recording"] == "more/session1.mcap"]
    assert [(r["index"], r["tilt_range_deg"], r["exercise"]) for r in reps] == [
        (r["index"], r["tilt_range_deg"], "leg_press") for r in made["reps"]
    ]
    lifted = {r["index"] for r in reps if r["lift_off_deg"] is not None}
    assert lifted == {lift["rep"] for lift in made["lift_offs"]}
    found = [
        f for f in tables(tmp_path / "out")["findings"].to_pylist() if f["recording"] == "more/session1.mcap"
    ]
    assert [f["cause"] for f in found] == [f["cause"] for f in made["findings"]]


def test_a_killed_worker_and_corrupt_files_are_survived_and_listed(
    folder: Path, tmp_path: Path, workers: LocalCluster
) -> None:
    with Client(workers) as client:
        run_batch(folder, tmp_path / "whole", client)
    (folder / "broken_empty.mcap").write_bytes(b"")
    (folder / "broken_noise.mcap").write_bytes(os.urandom(5000))
    whole = (folder / "session0.mcap").read_bytes()
    (folder / "more" / "broken_head.mcap").write_bytes(whole[:200])
    with Client(workers) as client:
        pids = client.run(os.getpid)
        killed: list[int] = []

        def kill_one(done: int, total: int) -> None:
            assert total == 12
            if done == 2 and not killed:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        made = run_batch(folder, tmp_path / "out", client, progress=kill_one)
    assert killed
    assert sorted(made.problems) == ["broken_empty.mcap", "broken_noise.mcap", "more/broken_head.mcap"]
    assert made.analysed == 9
    assert "nothing was recorded" in made.problems["broken_empty.mcap"]
    assert "not a recording" in made.problems["broken_noise.mcap"]
    listed = tables(tmp_path / "out")["files"].to_pylist()
    assert {row["recording"] for row in listed if row["problem"]} == set(made.problems)
    expected, found = tables(tmp_path / "whole"), tables(tmp_path / "out")
    assert found["reps"].equals(expected["reps"])
    assert found["findings"].equals(expected["findings"])


def fatal(path: str, recording: str, mark: str, options: EngineOptions) -> FileRows:
    if recording == "session0.mcap":
        os._exit(1)
    return analysed(path, recording, mark, options)


def test_a_recording_that_kills_every_worker_is_listed(folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(folder / "more")
    with cluster("local", 1) as client:
        made = run_batch(folder, tmp_path / "out", client, work=fatal)
    assert list(made.problems) == ["session0.mcap"]
    assert "its worker ended" in made.problems["session0.mcap"]
    assert len(tables(tmp_path / "out")["files"]) == 5


class Stopped(Exception):  # noqa: N818
    """Somebody pressed Ctrl+C."""


def test_goes_on_where_it_was_stopped(folder: Path, tmp_path: Path, workers: LocalCluster) -> None:
    out = tmp_path / "out"

    def stop(done: int, total: int) -> None:  # noqa: ARG001
        if done == 4:
            raise Stopped

    with Client(workers) as client:
        with pytest.raises(Stopped):
            run_batch(folder, out, client, progress=stop)
        assert not (out / "reps.parquet").exists(), "no half-written table"
        made = run_batch(folder, out, client)
        assert (made.analysed, made.kept) == (5, 4)
        fresh = run_batch(folder, tmp_path / "fresh", client)
        assert (fresh.analysed, fresh.kept) == (9, 0)
    for name in TABLES:
        assert tables(out)[name].equals(tables(tmp_path / "fresh")[name])


def test_only_what_changed_is_done_again(folder: Path, tmp_path: Path, workers: LocalCluster) -> None:
    out = tmp_path / "out"
    with Client(workers) as client:
        first = run_batch(folder, out, client)
        again = run_batch(folder, out, client)
        assert (again.analysed, again.kept, again.rows) == (0, 9, first.rows)
        write_labels(folder / "session2.mcap", Labels(reps=(RepEdit(1),)))
        (folder / "session4.mcap").unlink()
        changed = run_batch(folder, out, client)
        assert (changed.analysed, changed.kept) == (1, 7)
        reps = tables(out)["reps"].to_pylist()
        assert "session4.mcap" not in {r["recording"] for r in reps}
        assert [r["index"] for r in reps if r["recording"] == "session2.mcap"] == [2, 3]
        stricter = EngineOptions(pipeline=PipelineSettings(tuck_alert_deg=9.0))
        assert run_batch(folder, out, client, stricter).analysed == 8


def test_a_broken_table_is_made_again(folder: Path, tmp_path: Path, workers: LocalCluster) -> None:
    out = tmp_path / "out"
    with Client(workers) as client:
        first = run_batch(folder, out, client)
        (out / "reps.parquet").write_bytes(b"nonsense")
        again = run_batch(folder, out, client)
    assert (again.analysed, again.rows) == (9, first.rows)


def test_an_empty_store_has_empty_tables(tmp_path: Path) -> None:
    assert Store(tmp_path).finish([]) == dict.fromkeys(TABLES, 0)


def test_wrong_use_is_one_line(folder: Path, tmp_path: Path) -> None:
    assert "is no folder" in fails("batch", folder / "session0.mcap", "-o", tmp_path / "o")
    (tmp_path / "empty").mkdir()
    assert "holds no recording" in fails("batch", tmp_path / "empty", "-o", tmp_path / "o")
    line = fails("batch", folder, "-o", tmp_path / "o", "--scheduler", "tcp://127.0.0.1:9")
    assert "no dask scheduler answers at tcp://127.0.0.1:9" in line
    assert "has its own" in fails(
        "batch", folder, "-o", tmp_path / "o", "--scheduler", "tcp://x:1", "--workers", "2"
    )
