import math

import pytest

from nlptrain.comparison.statistics.target import (
    performance_profile,
    profile_at,
    reach_of,
    seconds_to_target,
    steps_to_target,
)


def test_target_is_reached_at_the_first_evaluation_that_equals_it(make_trial):
    trial = make_trial("sgd", 0, [0.5, 0.9, 0.95], seconds=(0.5, 1.25, 2.0))
    assert (steps_to_target(trial, 0.9), seconds_to_target(trial, 0.9)) == (20, 1.25)


def test_target_counts_though_the_accuracy_falls_again(make_trial):
    assert steps_to_target(make_trial("sgd", 0, [0.95, 0.5]), 0.9) == 10


@pytest.mark.parametrize(
    ("accuracies", "diverged"), [([0.5, 0.89], False), ([], False), ([0.95], True)]
)
def test_trial_that_stays_below_or_diverges_misses_the_target(make_trial, accuracies, diverged):
    trial = make_trial("sgd", 0, accuracies, diverged=diverged)
    assert steps_to_target(trial, 0.9) is None
    assert seconds_to_target(trial, 0.9) is None


def test_median_is_among_those_that_reached(make_trial, make_results):
    trials = [make_trial("sgd", seed, [0.5] * seed + [0.95]) for seed in (0, 1, 5)]
    trials.append(make_trial("sgd", 7, [0.5] * 9))
    reach = reach_of(make_results(trials), "sgd")
    assert (reach.reached, reach.trials, reach.steps, reach.seconds) == (3, 4, 20, 2)


def test_nobody_reached_is_no_median(make_trial, make_results):
    reach = reach_of(make_results([make_trial("sgd", 0, [0.5])]), "sgd")
    assert (reach.reached, reach.trials, reach.steps, reach.seconds) == (0, 1, None, None)


@pytest.fixture
def three_seeds(make_trial, make_results):
    """Seed 0: 10 and 20 steps. Seed 1: missed and 20. Seed 2: both missed."""
    accuracies = {"fast": [[0.9], [0.5], [0.5]], "slow": [[0.5, 0.9], [0.5, 0.9], [0.5]]}
    return make_results(
        [
            make_trial(name, seed, scores)
            for name, seeds in accuracies.items()
            for seed, scores in enumerate(seeds)
        ]
    )


def test_profile_is_the_ratio_to_the_fastest_seed_by_seed(three_seeds):
    profiles = performance_profile(three_seeds)
    assert profiles["fast"].tolist() == [1, math.inf, math.inf]
    assert profiles["slow"].tolist() == [1, 2, math.inf]


def test_profile_counts_misses_as_never(three_seeds):
    slow = performance_profile(three_seeds)["slow"]
    shares = [profile_at(slow, tau) for tau in (1, 1.99, 2, math.inf)]
    assert shares == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3])
