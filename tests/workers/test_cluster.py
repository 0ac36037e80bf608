"""Trials on a real Dask cluster of processes of their own, some of which are killed."""

import os
import signal
from dataclasses import replace

import pytest

from dask_cluster import Cluster
from nlptrain.comparison.trials.trial import Trial, run_trials
from nlptrain.errors import DataError, TrainingError
from nlptrain.workers import cluster
from nlptrain.workers.execution import Workers

pytestmark = [pytest.mark.long, pytest.mark.parametrize("engine", ["numpy"], indirect=True)]


TUNED = "{type: adamw, schedule: {type: cosine}, tune: {betas: [[0.9, 0.99], [0.5, 0.9]]}}"


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("dask"))
    yield running
    running.close()


@pytest.fixture
def groups(make_config):
    """Give six trials, each alone."""
    return [[Trial("one", "final", make_config(), seed)] for seed in range(6)]


def untimed(results):
    return sorted((replace(trial, seconds=()) for trial in results), key=repr)


@pytest.mark.parametrize("entry", ["{type: muon}", "{type: schedule_free_sgd}", TUNED])
def test_comparison_on_a_cluster_is_that_of_this_process(dask, make_comparison, entry):
    dask.have_workers(2)
    settings = f"comparison.optimizers=[{entry}, {{type: adam}}]", "comparison.trials=3"
    cluster_results, folder = make_comparison(*settings, workers=Workers(scheduler=dask.address))
    results, own_folder = make_comparison(*settings, output="own")
    assert untimed(cluster_results.trials) == untimed(results.trials)
    first, second = (path / "comparison.json" for path in (folder, own_folder))
    assert first.read_bytes() == second.read_bytes()


def test_worker_killed_in_mid_run_loses_nothing(dask, make_comparison, on_workers, tmp_path):
    def die_once(number, group, run):
        try:
            (tmp_path / "died").touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
        except FileExistsError:
            pass
        return run(number, group)

    dask.have_workers(2)
    on_workers(die_once)
    _, folder = make_comparison(workers=Workers(scheduler=dask.address))
    _, own_folder = make_comparison(output="own")
    assert (tmp_path / "died").exists()
    first, second = (path / "comparison.json" for path in (folder, own_folder))
    assert first.read_bytes() == second.read_bytes()


def test_trials_run_on_one_thread_each_in_processes_of_the_cluster(
    dask, groups, on_workers, tmp_path
):
    def note(number, group, run):
        from threadpoolctl import threadpool_info

        outcome = run(number, group)
        threads = max(pool["num_threads"] for pool in threadpool_info())
        (tmp_path / str(number)).write_text(f"{os.getpid()} {threads}")
        return outcome

    dask.have_workers(2)
    on_workers(note)
    list(Workers(scheduler=dask.address).run(run_trials, groups))
    notes = [(tmp_path / str(number)).read_text().split() for number in range(6)]
    assert str(os.getpid()) not in {process for process, _ in notes}
    assert {threads for _, threads in notes} == {"1"}


def test_error_of_a_trial_on_a_cluster_comes_out_as_it_is(dask, groups, on_workers):
    dask.have_workers(1)
    on_workers(lambda number, *_: (number, DataError("words.csv: gone")))
    with pytest.raises(DataError, match=r"^words.csv: gone$"):
        list(Workers(scheduler=dask.address).run(run_trials, groups))


def test_workers_that_cannot_run_trials_are_one_message(dask, groups, on_workers):
    def lack(number, group, run):
        raise ModuleNotFoundError("No module named 'nlptrain'")

    dask.have_workers(1)
    on_workers(lack)
    with pytest.raises(TrainingError) as error:
        list(Workers(scheduler=dask.address).run(run_trials, groups))
    assert str(error.value) == (
        f"--scheduler {dask.address}: its workers cannot do it (ModuleNotFoundError: No "
        "module named 'nlptrain'); is the same nlptrain installed there?; what has finished is "
        "kept: the same command resumes"
    )


def test_trial_that_kills_every_worker_ends_it(dask, groups, on_workers):
    dask.have_workers(2)
    on_workers(lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(TrainingError, match=r"lost every worker .*what has finished is kept"):
        list(Workers(scheduler=dask.address).run(run_trials, groups[:1]))


def test_cluster_without_a_worker_ends_it(dask, groups, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    dask.have_workers(0)
    with pytest.raises(TrainingError, match="has had no worker for 1 seconds; what has finished"):
        list(Workers(scheduler=dask.address).run(run_trials, groups))


def test_cluster_of_one_worker_spares_this_process(dask, groups, on_workers, tmp_path):
    def note(number, group, run):
        (tmp_path / str(os.getpid())).touch()
        return run(number, group)

    dask.have_workers(1)
    on_workers(note)
    assert len(list(Workers(scheduler=dask.address).run(run_trials, groups))) == 6
    assert not (tmp_path / str(os.getpid())).exists()


def test_cluster_whose_last_worker_dies_ends_it(dask, groups, on_workers, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    dask.have_workers(1)
    on_workers(lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(TrainingError, match="has had no worker for 1 seconds; what has finished"):
        list(Workers(scheduler=dask.address).run(run_trials, groups))


def test_scheduler_that_dies_ends_it(dask, groups, on_workers, caplog):
    process = dask.scheduler.pid
    dask.have_workers(1)
    on_workers(lambda *_: os.kill(process, signal.SIGKILL))
    with pytest.raises(TrainingError, match="it has gone, or was restarted; what has finished is"):
        list(Workers(scheduler=dask.address).run(run_trials, groups))
    assert caplog.text == ""
