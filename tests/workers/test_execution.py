"""Work in processes: how they run changes nothing of what comes out."""

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace

import joblib
import pytest
from joblib.externals.loky.process_executor import BrokenProcessPool

from nlptrain.comparison.trials.trial import Trial, run_trials
from nlptrain.errors import DataError, MissingPackageError, NlptrainError, TrainingError
from nlptrain.workers import execution
from nlptrain.workers.execution import Workers

BY_HAND = pytest.mark.parametrize("engine", ["numpy"], indirect=True)


@pytest.fixture
def groups(make_config):
    """Give four groups, of one trial and of two."""
    config = make_config()
    trials = [Trial(f"one {place}", "final", config, seed=place // 2) for place in range(6)]
    return [trials[:2], trials[2:3], trials[3:4], trials[4:]]


def untimed(groups):
    records = [replace(record, seconds=()) for records in groups for record in records]
    return sorted(records, key=lambda record: record.contestant)


def test_processes_give_what_this_process_gives(groups, engine):
    groups = groups if engine == "numpy" else groups[1:3]
    alone = untimed(Workers(1).run(run_trials, groups))
    assert untimed(Workers(2).run(run_trials, groups)) == alone
    assert alone == untimed([[run_trials([trial])[0] for group in groups for trial in group]])


@BY_HAND
def test_group_alone_needs_no_process(groups, monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert len(list(Workers().run(run_trials, groups[:1]))) == 1
    assert len(list(Workers(1).run(run_trials, groups))) == 4
    assert list(Workers().run(run_trials, [])) == []


@BY_HAND
def test_each_process_computes_on_one_thread(groups, on_workers, tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    def measure(number, group, run):
        import numpy  # noqa: F401
        from threadpoolctl import threadpool_info

        threads = max(pool["num_threads"] for pool in threadpool_info())
        (tmp_path / str(number)).write_text(str(threads))
        return run(number, group)

    on_workers(measure)
    list(Workers(2).run(run_trials, groups))
    assert [(tmp_path / str(number)).read_text() for number in range(4)] == ["1"] * 4


@BY_HAND
def test_error_of_a_trial_comes_out_as_it_is(groups, on_workers):
    def refuse(number, group, run):
        return number, DataError("words.csv: gone") if number else run(number, group)[1]

    on_workers(refuse)
    with pytest.raises(DataError, match=r"^words.csv: gone$"):
        list(Workers(2).run(run_trials, groups))


@BY_HAND
def test_bug_in_a_trial_keeps_its_traceback(groups):
    broken = replace(groups[1][0], config=None)
    with pytest.raises(AttributeError) as error:
        list(Workers(2).run(run_trials, [[broken], [broken]]))
    assert "in run_trials" in "".join(error.value.__notes__)


@pytest.mark.long
@BY_HAND
def test_early_end_gives_up_what_runs_without_a_word(groups, on_workers, monkeypatch):
    given, delayed = [], joblib.delayed
    monkeypatch.setattr(joblib, "delayed", lambda task: given.append(task) or delayed(task))
    on_workers(lambda number, *rest: signal.pause() if number else rest[1](number, rest[0]))
    running = Workers(2).run(run_trials, groups * 9)
    assert len(next(running)) == 2
    # Were all given out at once, loky would now and then print a traceback at the end.
    assert len(given) <= 6
    running.close()


def test_processes_never_see_an_interruption():
    def blocked_signals(_):
        return signal.pthread_sigmask(signal.SIG_BLOCK, [])

    before = dict(os.environ)
    masks = list(Workers(2).run(blocked_signals, range(4)))
    assert all(signal.SIGINT in mask for mask in masks)
    assert signal.SIGINT not in blocked_signals(None)
    assert os.environ == before


@pytest.mark.long
@BY_HAND
def test_process_that_is_killed_loses_nothing(groups, on_workers, tmp_path):
    def die_once(number, group, run):
        try:
            (tmp_path / "died").touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
        except FileExistsError:
            pass
        return run(number, group)

    on_workers(die_once)
    assert untimed(Workers(2).run(run_trials, groups)) == untimed(
        Workers(1).run(run_trials, groups)
    )
    assert (tmp_path / "died").exists()


@pytest.mark.long
@BY_HAND
def test_processes_that_die_again_and_again_end_it(groups, on_workers, tmp_path):
    on_workers(lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(TrainingError, match="died 3 times in a row: memory may be too small"):
        list(Workers(2).run(run_trials, groups))


def test_deaths_between_which_something_finishes_are_forgiven(monkeypatch):
    rounds = iter([["a", None], [None], ["b", None], [None], ["c", None], ["d"]])
    left = []

    @contextmanager
    def start(task, groups, jobs):
        left.append("".join(groups))
        yield map(finish, range(len(groups)), next(rounds))

    def finish(number, outcome):
        if outcome is None:
            raise BrokenProcessPool
        return number, [outcome]

    monkeypatch.setattr(execution, "_start", start)
    assert list(execution._run_in_processes(None, "abcd", 2)) == [["a"], ["b"], ["c"], ["d"]]
    assert left == ["abcd", "bcd", "bcd", "cd", "cd", "d"]


@BY_HAND
def test_cluster_without_dask_is_one_message(groups, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'nlptrain\[cluster\]'$"):
        list(Workers(scheduler="tcp://127.0.0.1:1").run(run_trials, groups))


@BY_HAND
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "tcp://"])
def test_scheduler_that_is_not_there_is_one_message(groups, address, monkeypatch):
    monkeypatch.setattr("nlptrain.workers.cluster.CONNECTING", 0.5)
    with pytest.raises(NlptrainError) as error:
        list(Workers(scheduler=address).run(run_trials, groups))
    assert str(error.value).startswith(f"--scheduler {address}: no Dask scheduler answers there: ")
    assert "\n" not in str(error.value)
