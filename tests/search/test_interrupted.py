"""Searches that end anywhere and are gone on with."""

from contextlib import suppress

import pytest
from optuna.storages.journal import JournalFileBackend

from nlptrain.search import work as module
from nlptrain.search.work import work


class Died(BaseException):
    """Stands for a kill."""


def test_interrupted_anywhere_it_ends_as_if_it_had_not_been(
    begin, load, trials_of, timeless, monkeypatch
):
    whole = begin(load("search.trials=8"), "whole")
    work(whole)
    task, train, calls = begin(load("search.trials=8"), "broken"), module.train_trial, []

    def break_off(config, keep_on):
        calls.append(config)
        if len(calls) in (1, 3, 4, 8):
            raise KeyboardInterrupt
        return train(config, keep_on)

    monkeypatch.setattr(module, "train_trial", break_off)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            work(task)
    work(task)
    assert timeless(trials_of(task)) == timeless(trials_of(whole))


def test_scores_of_a_trial_that_was_given_up_end_no_other(
    begin, load, trials_of, timeless, monkeypatch
):
    whole = begin(load("search.trials=10"), "whole")
    work(whole)
    task, train = begin(load("search.trials=10"), "broken"), module.train_trial
    broken = []

    def break_off_late(config, keep_on):
        result = train(config, keep_on)
        if len(broken) < 5:
            broken.append(config)
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(module, "train_trial", break_off_late)
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            work(task)
    work(task)
    assert timeless(trials_of(task)) == timeless(trials_of(whole))


@pytest.fixture
def work_until(monkeypatch):
    """Work, and die before a number of writes to the study; None: to the end. Counts the writes."""
    append = JournalFileBackend.append_logs

    def work_and_die(task, most=None):
        written = []

        def write_or_die(self, logs):
            if len(written) == most:
                raise Died
            written.append(logs)
            append(self, logs)

        with monkeypatch.context() as patch:
            patch.setattr(JournalFileBackend, "append_logs", write_or_die)
            with suppress(Died):
                work(task)
        return len(written)

    return work_and_die


def test_died_before_any_write_it_comes_to_the_same(begin, load, trials_of, timeless, work_until):
    config = load("search.trials=4", "search.try_first=[{optimizer.learning_rate: 0.07}]")
    whole = begin(config, "whole")
    writes = work_until(whole)
    for most in range(1, writes):
        task = begin(config, f"died{most}")
        work_until(task, most)
        work_until(task, most % 7)  # Once more, at what is done for a trial that died.
        work_until(task)
        assert timeless(trials_of(task)) == timeless(trials_of(whole)), most
    assert writes > 30
