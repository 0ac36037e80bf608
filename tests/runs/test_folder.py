import errno
import os

import pytest

from nlptrain.errors import RunFolderError
from nlptrain.files.storage import read_json, write_json
from nlptrain.runs.folder import RunFolder, create_run_folder, now
from nlptrain.runs.record import RunRecord

RECORD = RunRecord(
    name="rnn",
    status="running",
    command="nlptrain train rnn",
    started="2026-01-02T03:04:05.000006+00:00",
    seed=0,
    encoder="rnn_tanh",
    optimizer="adam",
    data_fingerprint="00",
)


@pytest.fixture
def folder(tmp_path):
    with create_run_folder(tmp_path / "runs", "rnn", "name: rnn\n", RECORD) as folder:
        return folder


def test_new_folder_has_its_config_and_its_record(folder):
    assert folder.path.name == "rnn-001"
    assert folder.config_path.read_text() == "name: rnn\n"
    assert folder.read_record().name == "rnn-001"
    assert folder.read_record().command == "nlptrain train rnn"


def test_full_disk_leaves_no_half_made_folder(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    new = create_run_folder(tmp_path, "rnn", "name: rnn\n", RECORD)
    with pytest.raises(RunFolderError, match=r"config\.yaml: cannot write: No space left"), new:
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", ["finished", "failed", "interrupted"])
def test_ended_run_has_the_status_of_its_record(folder, status):
    write_json(folder.record_path, read_json(folder.record_path) | {"status": status})
    assert folder.status() == status


def test_run_that_nobody_trains_was_killed(folder):
    assert folder.status() == "killed"
    with folder.lock():
        assert folder.status() == "running"
    assert folder.status() == "killed"


def test_second_lock_is_refused_and_the_first_stays(folder):
    with folder.lock():
        with (
            pytest.raises(RunFolderError, match="another process is training"),
            folder.lock(timeout=0),
        ):
            pass
        assert folder.status() == "running"


def test_new_folder_is_locked_before_it_has_a_record(tmp_path, monkeypatch):
    statuses = []

    def look(folder, record):
        write(folder, record)
        statuses.append(folder.status())

    write = RunFolder.write_record
    monkeypatch.setattr(RunFolder, "write_record", look)
    with create_run_folder(tmp_path, "rnn", "name: rnn\n", RECORD):
        pass
    assert statuses == ["running"]


def test_lock_that_cannot_be_taken_is_refused(folder):
    folder.lock_path.unlink()
    folder.lock_path.mkdir()
    with pytest.raises(RunFolderError, match="cannot write: Is a directory"), folder.lock():
        pass


@pytest.mark.parametrize(
    "change",
    [
        {"started": "yesterday"},
        {"started": None},
        {"ended": "x"},
        {"score": "high"},
        {"seconds": None},
        {"encoder": ["rnn"]},
        {"versions": []},
        {"status": 1},
    ],
)
def test_record_with_a_value_of_another_kind_is_damaged(folder, change):
    write_json(folder.record_path, read_json(folder.record_path) | change)
    with pytest.raises(RunFolderError, match=r"run\.json: damaged: "):
        folder.read_record()


def test_record_without_a_needed_entry_is_damaged(folder):
    values = read_json(folder.record_path)
    del values["started"]
    write_json(folder.record_path, values)
    with pytest.raises(RunFolderError, match=r"run\.json: damaged: .*started"):
        folder.read_record()


def test_record_of_a_later_version_may_say_more(folder):
    write_json(folder.record_path, read_json(folder.record_path) | {"mood": "good", "score": 1})
    assert folder.read_record().score == 1


def test_times_sort_as_text(monkeypatch):
    times = [now() for _ in range(50)]
    assert times == sorted(times)
    assert all(len(time) == len("2026-01-02T03:04:05.000006+00:00") for time in times)
