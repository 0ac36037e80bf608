import math

import pytest

from nlptrain.comparison.statistics.measure import has_solved, measure_of, scores_of


@pytest.fixture
def make_pair(make_trial, make_results):
    """Make two contestants: one that solves the task, and one of these trials."""

    def make(*others, **changes):
        trials = [make_trial("good", seed, [0.5, 1.0]) for seed in range(len(others))]
        trials += [
            make_trial("other", seed, accuracies, **own)
            for seed, (accuracies, own) in enumerate(others)
        ]
        return make_results(trials, **changes)

    return make


@pytest.mark.parametrize(
    ("accuracies", "changes", "solved"),
    [
        ([0.5, 0.5, 1.0], {}, True),
        ([0.995], {}, True),
        ([0.994], {}, False),
        ([0.5], {"test_accuracy": 1.0}, False),
        ([1.0], {"diverged": True}, False),
        ([], {}, False),
    ],
)
def test_task_is_solved_where_every_trial_is_as_good_as_perfect_and_reached_the_target(
    make_pair, accuracies, changes, solved
):
    results = make_pair(([1.0], {}), (accuracies, changes))
    assert has_solved(results, "good")
    assert has_solved(results, "other") == solved
    assert measure_of(results, "good", "other") == ("steps" if solved else "accuracy")


@pytest.mark.parametrize("rank_by", ["accuracy", "steps", "loss"])
def test_config_may_say_what_all_are_compared_by(make_pair, rank_by):
    for accuracy in (1.0, 0.5):
        results = make_pair(([accuracy], {}), rank_by=rank_by)
        assert measure_of(results, "good", "other") == rank_by


def test_diverged_trial_has_the_worst_score(make_pair):
    results = make_pair(([0.9], {"diverged": True}), ([0.8], {}), ([], {}))
    assert scores_of(results, "other", "accuracy").tolist() == [0.0, 0.8, 0.0]
    losses = scores_of(results, "other", "loss")
    assert losses.tolist() == pytest.approx([-0.4, -0.2, -0.4])


def test_missed_target_counts_as_twice_the_longest_training(make_pair):
    results = make_pair(([0.5, 0.9], {}), ([0.5] * 5, {}), ([0.9], {"diverged": True}))
    steps = scores_of(results, "other", "steps")
    assert steps.tolist() == pytest.approx([-math.log(each) for each in (20, 100, 100)])


def test_scores_stand_in_the_order_of_the_seeds(make_trial, make_results):
    trials = [make_trial("a", seed, [score]) for seed, score in ((3, 0.7), (1, 0.5), (2, 0.6))]
    assert scores_of(make_results(trials), "a", "accuracy").tolist() == [0.5, 0.6, 0.7]
