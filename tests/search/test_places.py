"""Trials elsewhere: on a Dask cluster of this machine, and with the study in a database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_workers_of_a_cluster_train_the_trials(cli):
    distributed = pytest.importorskip("distributed")
    program = "from nlptrain.cli.app import main; main()"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        command = [sys.executable, "-c", program, *COMMAND]
        done = subprocess.run(
            [*command, "--scheduler", cluster.scheduler_address],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    check_report()


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


def test_storage_that_cannot_be_is_one_message(cli):
    code, _, err = cli(*COMMAND, "--storage", "nonsense://nowhere")
    assert code == 1
    assert "--storage nonsense://nowhere: cannot be opened" in err
