from itertools import product

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm, trim_mean

from nlptrain.comparison.several_tasks.aggregate import (
    collect_scores,
    expanded_tail,
    improvements,
    interquartile_mean,
    probability_of_improvement,
    profile_over_tasks,
    score_over_tasks,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("count", range(1, 14))
def test_interquartile_mean_is_scipys_trimmed_mean(count, rng):
    values = rng.normal(size=(5, count))
    expected = trim_mean(values, 0.25, axis=-1)
    np.testing.assert_allclose(interquartile_mean(values), expected)


def test_interquartile_mean_of_eight_by_hand():
    assert interquartile_mean(np.array([9.0, 1, 2, 100, 3, 4, 0, -5])) == (1 + 2 + 3 + 4) / 4


@pytest.mark.parametrize("tasks", [1, 3])
def test_probability_of_improvement_is_the_mean_of_mann_whitney_statistics(tasks, rng):
    first, second = rng.integers(0, 6, size=(2, tasks, 7)).astype(float)
    expected = [
        mannwhitneyu(own, other).statistic / 49 for own, other in zip(first, second, strict=True)
    ]
    mean = probability_of_improvement(first, second)
    assert mean.value == pytest.approx(np.mean(expected))
    assert 0 <= mean.low < mean.value < mean.high <= 1


def test_probabilities_of_both_directions_are_one_together(rng):
    scores = {name: rng.normal(size=(2, 5)) for name in "ab"}
    forth, back = improvements(scores)
    assert (forth.first, forth.second, back.first, back.second) == ("a", "b", "b", "a")
    assert forth.probability.value + back.probability.value == pytest.approx(1)
    assert forth.probability.low + back.probability.high == pytest.approx(1, abs=1e-3)


def test_seeds_that_pair_up_are_resampled_together():
    # One is better by as much at every seed, and both differ far more between the seeds.
    first = np.array([[0.1, 0.3, 0.5, 0.7, 0.9]])
    mean = probability_of_improvement(first, first - 0.01)
    assert mean.value == 15 / 25
    assert mean.low >= 0.5


def test_interval_reads_the_quantiles_of_hesterbergs_expanded_bootstrap(rng):
    # Of three scores a task nothing is trimmed where there is one task: the mean of resamples.
    scores = rng.normal(size=(1, 3))
    means = [np.mean(draw) for draw in product(scores[0], repeat=3)]
    own = score_over_tasks(scores)
    # All 27 draws are equally likely; of 10,000 resamples each end is the most extreme one.
    assert expanded_tail(1, 3) < 1 / 27
    assert (own.low, own.high) == pytest.approx((min(means), max(means)))


@pytest.mark.parametrize(
    ("tasks", "seeds", "quantile"),
    [(1, 3, 4.303), (2, 3, 2.776), (3, 5, 2.179), (10, 4, 2.042)],
)
def test_tail_is_expanded_by_the_quantile_in_printed_tables(tasks, seeds, quantile):
    # Student's t at 0.975 for 2, 4, 12 and 30 degrees of freedom (NIST/SEMATECH e-Handbook of
    # Statistical Methods, section 1.3.6.7.2).
    expected = norm.cdf(-np.sqrt(seeds / (seeds - 1)) * quantile)
    assert expanded_tail(tasks, seeds) == pytest.approx(expected, rel=3e-3, abs=0)


def test_one_seed_gives_no_interval():
    scores = np.array([[0.5], [0.7]])
    for mean in (score_over_tasks(scores), probability_of_improvement(scores, scores - 0.1)):
        assert not mean.has_interval
        assert mean.low == mean.value == mean.high


def test_interval_holds_the_truth_about_as_often_as_it_says(rng):
    truth = np.array([[0.0], [0.3], [0.6]])
    expected = 0.3  # of the interquartile mean, by symmetry
    means = [score_over_tasks(truth + rng.normal(size=(3, 5))) for _ in range(200)]
    share = np.mean([mean.low <= expected <= mean.high for mean in means])
    # Of 200, a share of 0.95 leaves these bounds once in some thousand runs.
    assert 0.90 <= share <= 0.99


def test_strata_are_resampled_apart():
    # Tasks differ by far, seeds hardly: the interval is as narrow as the seeds are.
    mean = score_over_tasks(np.array([[0.1, 0.11, 0.12, 0.13], [0.9, 0.91, 0.92, 0.93]]))
    assert mean.high - mean.low < 0.04


def test_diverged_trial_scores_as_the_most_frequent_class(make_tasks):
    tasks = make_tasks(
        {"sgd": [0.5, None], "adam": [0.9, 0.8]},
        {"sgd": [0.6, 0.7], "adam": [1.0, 0.3]},
        majority=0.25,
    )
    scores = collect_scores(tasks)
    assert scores["sgd"].tolist() == [[0.5, 0.25], [0.6, 0.7]]
    assert scores["adam"].tolist() == [[0.9, 0.8], [1.0, 0.3]]


def test_profile_has_the_ratios_of_all_tasks_and_seeds(make_trial, make_results):
    def task(steps):
        trials = [
            make_trial(name, seed, [0.95 if place == when else 0.1 for place in range(4)])
            for name, row in steps.items()
            for seed, when in enumerate(row)
        ]
        return make_results(trials)

    tasks = [task({"sgd": [0, 1], "adam": [1, 9]}), task({"sgd": [3, 2], "adam": [1, 2]})]
    profile = profile_over_tasks(tasks)
    assert profile["sgd"].tolist() == [1, 1, 1, 2]
    assert profile["adam"].tolist() == [1, 1, 2, np.inf]
