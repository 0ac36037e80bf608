import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from nlptrain.errors import RunFolderError
from nlptrain.runs.numbering import make_numbered_folder


def test_numbers_go_on_after_the_highest_of_the_name(tmp_path):
    for name in ("rnn-002", "rnn-009", "rnn-big-050", "rnn-x", "cnn-077", "rnn-0100"):
        (tmp_path / name).mkdir()
    assert make_numbered_folder(tmp_path, "rnn").name == "rnn-101"
    assert make_numbered_folder(tmp_path, "rnn-big").name == "rnn-big-051"
    assert make_numbered_folder(tmp_path, "new").name == "new-001"


def test_name_that_a_file_has_is_not_taken(tmp_path):
    (tmp_path / "rnn-001").write_bytes(b"")
    assert make_numbered_folder(tmp_path, "rnn").name == "rnn-002"


def test_folders_made_at_once_are_different(tmp_path):
    barrier = Barrier(8)

    def make(_):
        barrier.wait()
        return make_numbered_folder(tmp_path / "runs", "rnn")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 8


def test_number_that_another_process_took_first_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "scandir", lambda _: [])
    names = [make_numbered_folder(tmp_path, "rnn").name for _ in range(3)]
    assert names == ["rnn-001", "rnn-002", "rnn-003"]


def test_folder_that_may_not_be_made_is_one_message(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RunFolderError, match="cannot create a folder there: Permission denied"):
        make_numbered_folder(tmp_path, "rnn")


def test_runs_dir_that_is_a_file_is_one_message(tmp_path):
    (tmp_path / "runs").write_bytes(b"")
    with pytest.raises(RunFolderError, match="runs: cannot create a folder there"):
        make_numbered_folder(tmp_path / "runs", "rnn")
