import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nlptrain.errors import RunFolderError
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord
from nlptrain.runs.search import find_model, find_run, list_runs

RECORD = RunRecord(
    name="",
    status="finished",
    command="",
    started="2026-01-01T00:00:00+00:00",
    seed=0,
    encoder="rnn",
    optimizer="adam",
    data_fingerprint="",
)


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make runs/NAME, started and ended at an hour of one day."""
    monkeypatch.chdir(tmp_path)

    def make_run(name, status="finished", started=0, ended=None):
        folder = RunFolder(tmp_path / "runs" / name)
        folder.path.mkdir(parents=True)
        times = [
            None if hour is None else f"2026-01-01T{hour:02}:00:00+00:00"
            for hour in (started, ended)
        ]
        folder.write_record(replace(RECORD, status=status, started=times[0], ended=times[1]))
        return folder

    return make_run


@pytest.fixture
def runs_dir(tmp_path):
    return tmp_path / "runs"


def test_absent_run_is_the_newest_by_its_end(make, runs_dir):
    make("rnn-001", started=1, ended=9)
    make("rnn-002", started=2, ended=3)
    assert find_run(None, runs_dir).path.name == "rnn-001"


@pytest.mark.parametrize("status", ["running", "failed", "interrupted"])
def test_absent_run_passes_over_unfinished_ones(make, runs_dir, status):
    make("rnn-001", started=1, ended=2)
    make("rnn-002", status, started=3, ended=4)
    assert find_run(None, runs_dir).path.name == "rnn-001"


def test_no_more_records_are_read_than_it_takes(make, runs_dir, monkeypatch):
    for hour in range(1, 21):
        path = make(f"rnn-{hour:03}", started=hour - 1, ended=hour).record_path
        moment = datetime(2026, 1, 1, hour, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))
    make("rnn-021", "interrupted", started=21)
    read, read_record = [], RunFolder.read_record
    monkeypatch.setattr(
        RunFolder, "read_record", lambda run: read.append(run.path.name) or read_record(run)
    )
    assert find_run(None, runs_dir).path.name == "rnn-020"
    assert read == ["rnn-021", "rnn-020"]


def test_where_only_an_unfinished_run_has_a_model_its_commands_are_named(make, runs_dir):
    make("rnn-001", "failed")
    folder = make("rnn-002", "interrupted")
    folder.model_path.write_bytes(b"")
    for run in (None, "rnn"):
        with pytest.raises(RunFolderError) as refusal:
            find_run(run, runs_dir)
        assert f'nlptrain predict "abcd" --run {folder.path}' in str(refusal.value)
        assert f"nlptrain resume {folder.path}" in str(refusal.value)


def test_run_is_found_by_name_and_by_folder(make, runs_dir):
    folder = make("rnn-001", "interrupted")
    assert find_run("rnn-001", runs_dir) == folder
    assert find_run(str(folder.path), runs_dir.parent / "elsewhere") == folder
    assert find_run("runs/rnn-001/", runs_dir.parent).path.samefile(folder.path)


def test_name_wins_over_a_folder_here_that_is_no_run(make, runs_dir, tmp_path):
    (tmp_path / "rnn-001").mkdir()
    folder = make("rnn-001")
    assert find_run("rnn-001", runs_dir) == folder


def test_config_name_is_its_newest_finished_run(make, runs_dir):
    make("rnn-001", ended=1)
    make("rnn-002", ended=5)
    make("rnn-003", "interrupted", ended=6)
    make("rnn-big-001", ended=9)
    assert find_run("rnn", runs_dir).path.name == "rnn-002"


def test_config_name_is_its_newest_unfinished_run_on_request(make, runs_dir):
    make("rnn-001", "interrupted", started=1)
    make("rnn-002", "failed", started=2)
    make("rnn-003", started=3)
    assert find_run("rnn", runs_dir, prefer_unfinished=True).path.name == "rnn-002"


def test_close_name_is_suggested(make, runs_dir):
    make("rnn-001")
    with pytest.raises(RunFolderError, match=r"rnn-01: no such run in .*; did you mean rnn-001"):
        find_run("rnn-01", runs_dir)


def test_other_names_are_listed(make, runs_dir):
    make("rnn-001")
    with pytest.raises(RunFolderError, match=r"zebra: no such run in .*; existing runs: rnn-001"):
        find_run("zebra", runs_dir)


@pytest.mark.parametrize("run", [None, "rnn", "rnn-001"])
def test_where_there_is_no_run_a_training_is_suggested(runs_dir, run):
    with pytest.raises(RunFolderError, match="train one first: nlptrain train "):
        find_run(run, runs_dir)


def test_folder_that_is_no_run_is_refused(tmp_path, runs_dir):
    with pytest.raises(RunFolderError, match=r"not a run, as it has no run\.json"):
        find_run(str(tmp_path), runs_dir)


@pytest.mark.parametrize("run", ["", "n" * 300, "a/b", "a\0b"])
def test_odd_name_is_refused_with_a_message(make, runs_dir, run):
    make("rnn-001")
    with pytest.raises(RunFolderError):
        find_run(run, runs_dir)


def test_runs_are_listed_by_their_start(make, runs_dir):
    for name, hour in (("b-001", 2), ("a-001", 3), ("c-001", 1)):
        make(name, started=hour)
    assert [folder.path.name for folder, _ in list_runs(runs_dir)] == ["c-001", "b-001", "a-001"]


def test_unreadable_record_is_named_and_passed_over(make, runs_dir):
    make("rnn-001")
    make("rnn-002").record_path.write_bytes(b"{")
    told = []
    assert [folder.path.name for folder, _ in list_runs(runs_dir, told.append)] == ["rnn-001"]
    assert len(told) == 1
    assert "rnn-002" in told[0]


def test_what_is_no_run_is_not_listed(make, runs_dir):
    make("rnn-001")
    (runs_dir / "compare-optimizers-001").mkdir()
    (runs_dir / ".gitkeep").write_bytes(b"")
    assert len(list_runs(runs_dir)) == 1


def test_no_runs_dir_has_no_runs(tmp_path):
    assert list_runs(tmp_path / "none") == []


def test_model_is_found_by_its_run_or_taken_as_a_file(make, runs_dir):
    folder = make("rnn-001")
    folder.model_path.write_bytes(b"")
    assert find_model("rnn-001", runs_dir) == folder.model_path
    assert find_model(str(folder.model_path), runs_dir) == folder.model_path


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("finished", r"nlptrain train \S*config\.yaml"),
        ("interrupted", r"nlptrain resume \S*rnn-001"),
    ],
)
def test_run_without_a_model_says_what_to_do(make, runs_dir, status, remedy):
    make("rnn-001", status)
    with pytest.raises(RunFolderError, match=f"no model file; .*{remedy}"):
        find_model("rnn-001", runs_dir)
