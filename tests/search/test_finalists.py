"""Which of the best trials is taken, when others than the lucky ones count."""

import math
import time
from dataclasses import replace

import pytest

from nlptrain.errors import RunFolderError
from nlptrain.reporting.audience import Audience
from nlptrain.search import finalists as module
from nlptrain.search.finalists import guess_seconds, pick_finalists, seeds_of, train_finalists
from nlptrain.search.folder import SearchFolder
from nlptrain.search.results import SearchTrial
from nlptrain.search.trial import TrialResult
from nlptrain.workers.execution import Workers

RATE = "optimizer.learning_rate"
SPACE = (f"{RATE}=1e-4..1e-1:log",)
RATES = (0.001, 0.002, 0.003, 0.004)


def result_of(accuracy, *, diverged=False):
    return TrialResult(accuracy, accuracy, 1 - accuracy, 9, 45, 1.5, 90, 400, diverged=diverged)


def trial(number, accuracy, **changes):
    values = {RATE: RATES[number - 1]}
    return SearchTrial(number, "finished", values, result_of(accuracy), **changes)


TRIALS = [trial(1, 0.80, given=True), trial(2, 0.90), trial(3, 0.88), trial(4, 0.86)]


@pytest.fixture
def train(load, tmp_path, monkeypatch):
    """Train finalists whose accuracies are given by learning rate; list what was trained."""
    trained, watched = [], []

    def train_given(accuracies, *overrides, trials=TRIALS, until=None):
        def train_trial(config, _):
            trained.append((config.optimizer.learning_rate, config.seed))
            accuracy = accuracies[config.optimizer.learning_rate]
            if callable(accuracy):
                accuracy = accuracy(config.seed)
            return result_of(0.99, diverged=True) if accuracy is None else result_of(accuracy)

        monkeypatch.setattr(module, "train_trial", train_trial)
        return train_finalists(
            load("search.finalists=2", *overrides, space=SPACE),
            trials,
            SearchFolder(tmp_path),
            workers=Workers(1),
            audience=Audience(watch_trials=lambda *where: watched.append(where)),
            until=until,
        )

    train_given.trained, train_given.watched = trained, watched
    return train_given


def numbers(finalists):
    return [finalist.trial.number for finalist in finalists]


def test_best_trials_and_the_config_as_given_are_finalists(load):
    def pick(*overrides):
        return [each.number for each in pick_finalists(load(*overrides, space=SPACE), TRIALS)]

    assert pick("search.finalists=2") == [2, 3, 1]
    assert pick("search.finalists=4") == [2, 3, 4, 1]
    assert pick("search.finalists=1") == []
    assert pick("search.objective=[accuracy, parameters]") == []
    assert pick_finalists(load(space=SPACE), TRIALS[:1]) == []
    ended_early = replace(TRIALS[0], state="pruned")
    found = pick_finalists(load("search.finalists=2", space=SPACE), [ended_early, *TRIALS[1:]])
    assert [each.number for each in found] == [2, 3, 1]


def test_lucky_trial_loses_on_other_seeds(train, load):
    found = train({0.001: 0.80, 0.002: 0.82, 0.003: 0.87})
    assert numbers(found) == [3, 2, 1]
    assert found[0].mean == pytest.approx(0.87)
    seeds = seeds_of(load(), found)
    assert sorted(train.trained) == [
        (rate, seed) for rate in RATES[:3] for seed in (1001, 1002, 1003)
    ]
    assert seeds == (1001, 1002, 1003)


def test_config_as_given_is_taken_where_none_is_better(train):
    assert numbers(train({0.001: 0.85, 0.002: 0.82, 0.003: 0.84}))[0] == 1


def test_mean_of_all_seeds_decides(train):
    swinging = {1001: 0.95, 1002: 0.70, 1003: 0.71}
    assert numbers(train({0.001: 0.80, 0.002: swinging.get, 0.003: 0.81})) == [3, 1, 2]


def test_of_losses_the_lowest_mean_is_taken(train):
    found = train({0.001: 0.80, 0.002: 0.82, 0.003: 0.87}, "search.objective=loss")
    assert numbers(found) == [3, 2, 1]
    assert found[0].mean == pytest.approx(0.13)


@pytest.mark.parametrize("objective", ["accuracy", "loss"])
def test_one_that_diverges_on_another_seed_is_never_taken(train, objective):
    def diverge(seed):
        return None if seed == 1003 else 0.99

    found = train({0.001: 0.80, 0.002: diverge, 0.003: 0.7}, f"search.objective={objective}")
    assert numbers(found) == [1, 3, 2]
    assert math.isinf(found[-1].mean)


def test_no_further_round_begins_after_the_time(train):
    found = train({0.001: 0.80, 0.002: 0.82, 0.003: 0.87}, until=time.time() - 1)
    assert [len(finalist.scores) for finalist in found] == [1, 1, 1]
    assert {seed for _, seed in train.trained} == {1001}
    assert train.watched == [*(("finalists", done, 24) for done in (1, 2, 3)), ("finalists", 3, 3)]


def test_where_a_time_is_given_there_are_more_rounds(train, load):
    found = train({0.001: 0.80, 0.002: 0.82, 0.003: 0.87}, until=time.time() + 600)
    assert seeds_of(load(), found) == tuple(range(1001, 1009))


def test_their_seconds_are_guessed_from_those_of_the_search(load):
    config = load("search.finalists=2", space=SPACE)
    running = SearchTrial(5, "running", {RATE: 0.004})
    # Three finalists, 1.5 s each, eight rounds.
    assert guess_seconds(config, [*TRIALS, running]) == pytest.approx(36)


def test_rounds_that_are_over_are_not_trained_again(train):
    accuracies = {0.001: 0.80, 0.002: 0.82, 0.003: 0.87}
    before = train(accuracies, until=time.time() - 1)
    train.trained.clear()
    found = train(accuracies)
    assert found[0].scores[:1] == before[0].scores
    assert {seed for _, seed in train.trained} == {1002, 1003}
    train.trained.clear()
    assert train(accuracies) == found
    assert train.trained == []


def test_finalist_that_comes_later_catches_up(train):
    accuracies = {0.001: 0.80, 0.002: 0.82, 0.003: 0.87, 0.004: 0.9}
    train(accuracies)
    train.trained.clear()
    found = train(accuracies, trials=[*TRIALS[:3], trial(4, 0.89)])
    assert numbers(found) == [4, 2, 1]
    assert train.trained == [(0.004, seed) for seed in (1001, 1002, 1003)]


def test_damaged_file_is_one_message(train, tmp_path):
    (tmp_path / module.FILE).write_text('{"one": [0.5]}')
    with pytest.raises(RunFolderError, match=r"finalists\.json: damaged: .*; delete it"):
        train({})
