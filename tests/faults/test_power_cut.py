"""Power that fails: what was said to be saved is on the disk, whatever a disk may lose.

A cut keeps of a file what it had at its last fsync, and of a folder the names of its own last one;
or, the other way a disk may have it, all names and only the contents that were synced.
"""

import pytest

from nlptrain.runs.folder import RunFolder

pytestmark = pytest.mark.long

SETUP = "numpy-pooling"


@pytest.fixture
def cut_power(forks, unbroken, tmp_path):
    """Train until power fails at a place: what `resume` or `train` then says, and the folder."""
    (tmp_path / "runs").mkdir()

    def run(place, number, keep_names):
        fault = {"place": place, "number": number, "act": "power", "keep_names": keep_names}
        words = unbroken(SETUP).words
        assert forks.run(*words, folder=tmp_path, fault=fault).code == -9
        return tmp_path / "runs" / "rnn-001"

    return run


@pytest.mark.parametrize("keep_names", [True, False])
@pytest.mark.parametrize("number", [1, 5, 10])
def test_saved_checkpoint_is_gone_on_from(cut_power, forks, tmp_path, number, keep_names):
    cut_power("return Journal.save_checkpoint", number, keep_names)
    ended = forks.run("resume", "rnn-001", folder=tmp_path)
    assert ended.code == 0, ended.err
    assert f"resuming after step {number}\n" in ended.err


@pytest.mark.parametrize("keep_names", [True, False])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("return create_run_folder", "config.yaml"),
        ("return create_run_folder", "run.json"),
        ("return ModelFile.save", "model.safetensors"),
        ("return Journal.write_report", "report.json"),
    ],
)
def test_written_file_is_there_and_whole(cut_power, unbroken, place, name, keep_names):
    folder = cut_power(place, 1, keep_names)
    content = (folder / name).read_bytes()
    assert content
    if name in ("config.yaml", "report.json"):
        assert content == (unbroken(SETUP).folder.path / name).read_bytes()


@pytest.mark.parametrize("keep_names", [True, False])
def test_finished_run_is_finished_with_all_its_curves(
    cut_power, unbroken, assert_equal_runs, keep_names
):
    folder = cut_power("return Journal.write_record", 1, keep_names)
    # The lock's file is no content: it is made where it is missing.
    (folder / ".lock").touch()
    assert_equal_runs(RunFolder(folder), unbroken(SETUP).folder)
