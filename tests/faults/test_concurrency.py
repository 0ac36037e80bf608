"""Many processes in one runs folder: trainings, those who look on, and those who would resume."""

import json

import pytest

from nlptrain.runs.folder import RunFolder

pytestmark = pytest.mark.long

SETUP = "numpy-pooling"
TRAININGS = 20


@pytest.fixture
def words(unbroken):
    return unbroken(SETUP).words


@pytest.fixture
def killed(forks, words, tmp_path):
    """Work in a folder whose runs/ has one run, rnn-001, that was killed."""
    (tmp_path / "runs").mkdir()
    fault = {"place": "return Journal.save_checkpoint", "number": 4, "act": "kill"}
    assert forks.run(*words, folder=tmp_path, fault=fault).code == -9
    return tmp_path


def test_trainings_at_once_are_each_whole(forks, words, unbroken, assert_equal_runs, tmp_path):
    assert forks.run(*words, folder=tmp_path).code == 0
    started = [forks.start(*words, folder=tmp_path) for _ in range(TRAININGS)]
    for look in range(TRAININGS // 2):
        listed = forks.run("runs", "--json", folder=tmp_path)
        assert (listed.code, listed.err) == (0, "")
        assert {run["status"] for run in json.loads(listed.out)} <= {"running", "finished"}
        assert forks.run("predict", "abcd", folder=tmp_path).code == 0
        # A run that has no model yet says so, and nothing worse.
        one = forks.run("predict", "abcd", "--run", f"rnn-{look + 2:03}", folder=tmp_path)
        assert one.code == 0 or one.err.count("\n") == 1, one.err
    assert [forks.wait(child).code for child in started] == [0] * TRAININGS
    folders = sorted((tmp_path / "runs").iterdir())
    assert [path.name for path in folders] == [f"rnn-{n:03}" for n in range(1, TRAININGS + 2)]
    for path in folders:
        assert_equal_runs(RunFolder(path), unbroken(SETUP).folder)


def test_killed_run_is_never_called_running_however_many_ask(forks, killed):
    asking = [forks.start("runs", "--json", folder=killed) for _ in range(8)]
    answers = [json.loads(forks.wait(child).out) for child in asking]
    assert [run["status"] for (run,) in answers] == ["killed"] * 8


def test_run_resumed_by_several_at_once_is_trained_by_one_at_a_time(
    forks, killed, unbroken, find_whole_run, assert_equal_runs
):
    resuming = [forks.start("resume", "rnn-001", folder=killed) for _ in range(6)]
    ends = [forks.wait(child) for child in resuming]
    assert 0 in [end.code for end in ends]
    for end in ends:
        assert end.code == 0 or "another process is training this run" in end.err, end.err
    assert_equal_runs(find_whole_run(killed / "runs"), unbroken(SETUP).folder)
