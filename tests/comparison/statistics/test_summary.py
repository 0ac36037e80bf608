import math

import pytest

from nlptrain.comparison.statistics.summary import rank_contestants


def ranks(results):
    return [(standing.rank, standing.contestant) for standing in rank_contestants(results)]


def test_mean_is_over_the_final_trials_that_did_not_diverge(
    make_trial, make_tuning_trial, make_results
):
    trials = [
        make_tuning_trial("sgd", 9, 0.1, 0.1),
        make_trial("sgd", 0, [0.5, 0.75]),
        make_trial("sgd", 1, [1.0, 0.5]),
        make_trial("sgd", 2, [0.125], diverged=True),
    ]
    (standing,) = rank_contestants(make_results(trials))
    assert (standing.diverged, standing.trials, standing.test_accuracy.count) == (1, 3, 2)
    assert standing.test_accuracy.value == standing.validation_accuracy.value == 0.875
    assert standing.test_loss.value == standing.validation_loss.value == 0.125


def test_rank_counts_those_that_are_better(make_duel):
    scores = {"bad": 0.5, "good": 0.9, "worse": 0.4}
    results = make_duel(**{name: [score] * 8 for name, score in scores.items()})
    assert ranks(results) == [(1, "good"), (2, "bad"), (3, "worse")]


def test_those_that_share_a_rank_stand_in_the_configs_order(make_duel):
    up = [0.5, 0.6, 0.7, 0.8, 0.9, 0.5, 0.6, 0.7]
    results = make_duel(low=up, high=up[::-1], lost=[0.1] * 8)
    assert ranks(results) == [(1, "low"), (1, "high"), (3, "lost")]
    assert ranks(make_duel(a=[0.1], b=[0.9])) == [(1, "a"), (1, "b")]


def test_loss_ranks_nobody(make_duel):
    results = make_duel(losses={"a": [0.3] * 8, "b": [0.2] * 8}, a=[0.8] * 8, b=[0.8] * 8)
    assert ranks(results) == [(1, "a"), (1, "b")]


def test_contestant_without_a_score_comes_last(make_trial, make_results):
    trials = [make_trial("lost", seed, [], diverged=True) for seed in range(8)]
    trials += [make_trial("good", seed, [0.5]) for seed in range(8)]
    standings = rank_contestants(make_results(trials))
    assert [standing.contestant for standing in standings] == ["good", "lost"]
    assert math.isnan(standings[1].test_accuracy.value)


def test_range_comes_from_the_seeds(make_duel):
    (standing,) = rank_contestants(make_duel(sgd=[0.5, 0.6, 0.7, 0.8, 0.9]))
    mean = standing.test_accuracy
    assert mean.value == pytest.approx(0.7)
    assert (mean.low, mean.high) == (0.5, 0.9)
