"""Trials elsewhere: on a Dask cluster of this machine, and with the study in a database."""

import json
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest

from nlptrain.search.folder import SearchFolder

pytestmark = pytest.mark.long

COMMAND = (
    *("search", "rnn", "--trials", "6", "--seeds", "2", "-q", "--output", "s"),
    *("--set", "engine=numpy", "--set", "data.sizes={train: 60, validation: 20, test: 20}"),
    *("--set", "training.epochs=3", "--vary", "optimizer.learning_rate=1e-4..1e-1:log"),
)


def check_report():
    report = json.loads(Path("s/report.json").read_text())
    # Two workers at once may propose the same, which one of them then leaves to the other.
    assert sum(trial["state"] != "refused" for trial in report["trials"]) == 6
    assert report["final"]["seeds"] == [1, 2]


@pytest.fixture
def scheduler():
    """Start a cluster of two workers; return the address of its scheduler."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        yield cluster.scheduler_address


def test_workers_of_a_cluster_train_the_trials(cli, scheduler):
    program = "from nlptrain.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *COMMAND, "--scheduler", scheduler],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    check_report()


def test_cluster_is_given_more_trials_as_long_as_there_is_time(cli, scheduler, monkeypatch):
    monkeypatch.setattr("nlptrain.search.run.TRIALS", 2)
    command = [*COMMAND[:2], *COMMAND[4:], "--minutes", "0.2"]
    code, _, err = cli(*command, "--scheduler", scheduler)
    assert code == 0, err
    assert len(json.loads(Path("s/report.json").read_text())["trials"]) > 4


def test_study_in_a_database_goes_on_there(cli, monkeypatch):
    url = f"sqlite:///{Path.cwd() / 'study.db'}"
    code, out, err = cli(*COMMAND, "--storage", url)
    assert code == 0, err
    check_report()

    def refuse(*_):
        raise AssertionError("a config was trained")

    monkeypatch.setattr("nlptrain.search.work.train_trial", refuse)
    again = cli(*COMMAND, "--storage", url)
    assert (again.code, again.out) == (0, out)


@pytest.mark.parametrize("silent", [True, False])
def test_trial_of_another_machine_is_trained_again_where_it_is_silent(cli, monkeypatch, silent):
    from nlptrain.search import storage

    seen = []
    url = f"sqlite:///{Path.cwd() / 'study.db'}"
    enough = (*COMMAND, "--trials", "2")
    ask = optuna.Study.ask

    def ask_and_die(self):
        """What another machine leaves that has begun a trial and was switched off."""
        trial = ask(self)
        monkeypatch.setattr(optuna.Study, "ask", ask)
        study_storage = storage.open_storage(url, Path())
        study_storage.record_heartbeat(trial._trial_id)
        trial.suggest_float("optimizer.learning_rate", 1e-4, 1e-1, log=True)
        trial.set_user_attr("claim", {"worker": "elsewhere-1-a", "key": "0"})
        seen.append(trial.params)
        raise KeyboardInterrupt

    monkeypatch.setattr(optuna.Study, "ask", ask_and_die)
    cli(*enough, "--storage", url)
    monkeypatch.setattr(storage, "GRACE", 1 if silent else 600)
    time.sleep(2.1)
    code, _, err = cli(*enough, "--storage", url)
    assert code == 0, err
    assert ("other processes still train" in err) is not silent
    [name] = optuna.get_all_study_names(url)
    trials = optuna.load_study(study_name=name, storage=url).trials
    assert [trial.state.name for trial in trials] == (
        ["FAIL", "COMPLETE", "COMPLETE"] if silent else ["RUNNING", "COMPLETE"]
    )
    if silent:
        assert trials[1].params == seen[0]
        assert trials[1].user_attrs["given"]


def test_process_that_finds_another_finishing_leaves_it_to_that(cli):
    code, _, err = cli(*COMMAND, "--trials", "1")
    assert code == 0, err
    Path("s", "report.json").unlink()
    with SearchFolder(Path("s")).finishing():
        code, _, err = cli(*COMMAND, "--trials", "2")
    assert code == 0
    assert "another process trains the best of s again, and reports" in err
    assert not Path("s", "report.json").exists()


def test_result_that_comes_after_the_trial_was_given_up_is_left(cli, monkeypatch):
    from nlptrain.search import work

    url = f"sqlite:///{Path.cwd() / 'study.db'}"
    train, late = work.train_trial, []

    def train_slowly(config, keep_on):
        if not late:
            [name] = optuna.get_all_study_names(url)
            study = optuna.load_study(study_name=name, storage=url)
            late.append(study.trials[-1].number)
            study.tell(late[0], state=optuna.trial.TrialState.FAIL)
        return train(config, keep_on)

    monkeypatch.setattr(work, "train_trial", train_slowly)
    code, _, err = cli(*COMMAND, "--trials", "2", "--storage", url)
    assert code == 0, err
    [name] = optuna.get_all_study_names(url)
    trials = optuna.load_study(study_name=name, storage=url).trials
    assert [trial.state.name for trial in trials] == ["FAIL", "COMPLETE", "COMPLETE"]


def test_storage_that_cannot_be_is_one_message(cli):
    code, _, err = cli(*COMMAND, "--storage", "nonsense://nowhere")
    assert code == 1
    assert "--storage nonsense://nowhere: cannot be opened" in err
