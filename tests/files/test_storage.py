import errno
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.files.storage import (
    check_format,
    read_json,
    remove_unfinished,
    sync_folder,
    write_atomic,
    write_json,
)


def fail(error):
    def raise_it(*_args, **_options):
        raise error

    return raise_it


@pytest.mark.parametrize("place", [(os, "fsync"), (Path, "replace")])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_failed_write_leaves_the_old_content_and_nothing_else(tmp_path, monkeypatch, place, error):
    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(*place, fail(error))
    with pytest.raises((RunFolderError, KeyboardInterrupt)):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_write_left_is_removed_and_nothing_else(tmp_path):
    for name in (".run.json.0a1b2c3d.part", ".lock", "notes.part", "run.json"):
        (tmp_path / name).write_bytes(b"")
    remove_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "notes.part", "run.json"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_disk_that_syncs_no_folders_is_taken_as_it_is(tmp_path, monkeypatch, number):
    monkeypatch.setattr(os, "fsync", fail(OSError(number, "not for folders")))
    sync_folder(tmp_path)


def test_folder_that_cannot_be_synced_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", fail(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(RunFolderError, match=f"{tmp_path.name}: cannot write: "):
        sync_folder(tmp_path)


def test_failed_write_names_the_file_and_the_reason(tmp_path):
    path = tmp_path / "missing" / "report.json"
    with pytest.raises(RunFolderError, match=r"report\.json: cannot write: "):
        write_atomic(path, b"new")


def test_write_replaces_the_old_content(tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(b"a longer old content")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_file_is_as_readable_as_any_new_file(tmp_path):
    write_atomic(tmp_path / "ours", b"")
    (tmp_path / "other").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("label", ["ñ €", "half a character: \ud800", '"\n'])
def test_json_gives_back_any_text(tmp_path, label):
    path = tmp_path / "report.json"
    write_json(path, {"label": label})
    assert read_json(path) == {"label": label}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b"\xff", b"[" * 100_000])
def test_json_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(RunFolderError, match=r"run\.json: "):
        read_json(path)


def test_json_that_is_a_folder_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match="cannot read: "):
        read_json(tmp_path)


ARRAYS = {
    "matrix": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "count": np.array(7, dtype=np.int64),
    "none": np.zeros((0, 4)),
}


def test_arrays_keep_shape_type_and_values(tmp_path):
    path = tmp_path / "model.safetensors"
    save_arrays(path, ARRAYS, {"labels": ["ä", "\ud800"]})
    arrays, metadata = load_arrays(path)
    assert metadata == {"labels": ["ä", "\ud800"]}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=True)


def test_arrays_can_be_read_without_nlptrain(tmp_path):
    path = tmp_path / "model.safetensors"
    save_arrays(path, ARRAYS, {})
    np.testing.assert_array_equal(load_file(path)["matrix"], ARRAYS["matrix"], strict=True)


def test_same_content_gives_the_same_bytes(tmp_path):
    paths = tmp_path / "a", tmp_path / "b"
    save_arrays(paths[0], ARRAYS, {"x": 1, "y": 2})
    save_arrays(paths[1], dict(reversed(ARRAYS.items())), {"y": 2, "x": 1})
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        (None, "not written by nlptrain"),
        ({"format": "pt"}, "not written by nlptrain"),
        ({"nlptrain": "{"}, "damaged"),
        ({"nlptrain": "[]"}, "not an object"),
    ],
)
def test_foreign_arrays_are_refused(tmp_path, metadata, problem):
    path = tmp_path / "model.safetensors"
    save_file({"x": np.zeros(2)}, path, metadata=metadata)
    with pytest.raises(RunFolderError, match=f"model.safetensors: .*{problem}"):
        load_arrays(path)


def test_known_format_is_read():
    check_format(Path("a"), "model", 3, 3)


@pytest.mark.parametrize("found", [2, 4, "3", 3.0, None, [3]])
def test_any_other_format_is_refused_with_both_versions(found):
    with pytest.raises(RunFolderError) as caught:
        check_format(Path("a"), "model", found, 3)
    start, _, end = str(caught.value).partition("; nlptrain ")
    assert start == f"a: model format {found!r}"
    assert end.endswith(" reads format 3; use the version that wrote the file, or a newer one")


def test_true_is_no_format():
    with pytest.raises(RunFolderError, match="model format True"):
        check_format(Path("a"), "model", True, 1)
