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


def test_fewest_diverged_comes_first(make_trial, make_results):
    diverged = make_trial("sharp", 1, [1.0], diverged=True)
    trials = [make_trial("sharp", 0, [1.0]), diverged]
    trials += [make_trial("dull", seed, [0.5]) for seed in (0, 1)]
    assert ranks(make_results(trials)) == [(1, "dull"), (2, "sharp")]


def test_accuracy_comes_before_loss(make_duel):
    results = make_duel(losses={"high": [9.0], "low": [0.1]}, low=[0.8], high=[0.9])
    assert ranks(results) == [(1, "high"), (2, "low")]


def test_loss_decides_between_equal_accuracies(make_duel):
    results = make_duel(losses={"a": [0.3], "b": [0.2]}, a=[0.8], b=[0.8])
    assert ranks(results) == [(1, "b"), (2, "a")]


def test_equal_results_share_a_rank(make_duel):
    assert ranks(make_duel(c=[0.7], a=[0.8], b=[0.8])) == [(1, "a"), (1, "b"), (3, "c")]


def test_contestant_without_a_score_comes_last(make_trial, make_results):
    trials = [make_trial("lost", 0, [], diverged=True)]
    trials += [make_trial("bad", 0, [0.1], diverged=True), make_trial("good", 0, [0.5])]
    standings = rank_contestants(make_results(trials))
    assert [standing.contestant for standing in standings] == ["good", "lost", "bad"]
    assert math.isnan(standings[1].test_accuracy.value)


def test_interval_comes_from_the_seeds(make_duel):
    (standing,) = rank_contestants(make_duel(sgd=[0.5, 0.6, 0.7, 0.8, 0.9]))
    mean = standing.test_accuracy
    assert mean.value == pytest.approx(0.7)
    assert 0.5 <= mean.low < 0.56 < 0.84 < mean.high <= 0.9
