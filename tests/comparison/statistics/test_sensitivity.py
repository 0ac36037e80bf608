import math

import pytest

from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.comparison.statistics.sensitivity import edge_of, sensitivity_of


@pytest.fixture
def make_grid(make_trial, make_tuning_trial, make_results):
    """Make results with two tuning trials at each of 0.01, 0.1 and 1."""

    def make(chosen, **changes):
        tuning = [
            make_tuning_trial("sgd", seed, rate, accuracy, diverged=accuracy == 0.25)
            for rate, pair in {1.0: (0.25, 0.5), 0.01: (0.5, 0.75), 0.1: (0.75, 1.0)}.items()
            for seed, accuracy in enumerate(pair)
        ]
        final = make_trial("sgd", 5, [0.9], learning_rate=chosen)
        return make_results([*tuning, final], {"sgd": chosen}, **changes)

    return make


def test_learning_rates_are_ascending_with_mean_and_band(make_grid):
    points = sensitivity_of(make_grid(0.1), "sgd")
    assert [point.learning_rate for point in points] == [0.01, 0.1, 1.0]
    assert points[0].score == Mean(0.625, 0.5, 0.75, 2)
    assert points[1].loss == Mean(0.125, 0.0, 0.25, 2)


def test_diverged_trial_is_counted_and_in_no_mean(make_grid):
    point = sensitivity_of(make_grid(0.1), "sgd")[2]
    assert (point.diverged, point.trials, point.score) == (1, 2, Mean(0.5, 0.5, 0.5, 1))


def test_score_is_the_one_that_decided(make_grid):
    results = make_grid(0.1, tuned_by="macro_f1")
    assert sensitivity_of(results, "sgd")[1].score.value == pytest.approx(0.875 - 0.01)


def test_learning_rate_at_which_all_diverged_has_no_mean(make_tuning_trial, make_results):
    results = make_results([make_tuning_trial("sgd", 0, 1.0, 0.5, diverged=True)])
    (point,) = sensitivity_of(results, "sgd")
    assert math.isnan(point.score.value)


@pytest.mark.parametrize(("tuned_by", "score"), [("accuracy", 0.8), ("loss", 0.2)])
def test_validation_score_is_of_the_best_evaluation(make_trial, tuned_by, score):
    trial = make_trial("sgd", 0, [0.5, 0.8, 0.7])
    assert trial.validation_score(tuned_by) == pytest.approx(score)


@pytest.mark.parametrize(("chosen", "edge"), [(0.01, "lower"), (0.1, None), (1.0, "upper")])
def test_chosen_learning_rate_at_an_end_of_those_tried_is_an_edge(make_grid, chosen, edge):
    assert edge_of(make_grid(chosen), "sgd") == edge


def test_rate_counts_with_the_best_of_the_other_settings_tried_at_it(make_tuned_results):
    points = sensitivity_of(make_tuned_results(), "adamw")
    assert [(point.learning_rate, point.score.value) for point in points] == [
        (0.01, 0.5),
        (0.1, 0.8),
        (1.0, 0.7),
    ]
    assert [point.trials for point in points] == [1, 1, 1]


def test_settings_on_which_fewer_diverged_are_the_best_of_a_rate(make_tuning_trial, make_results):
    trials = [
        make_tuning_trial("sgd", seed, 0.1, accuracy, diverged=diverged, settings={"momentum": own})
        for own, accuracy, diverged in [(0.5, 0.9, True), (0.9, 0.6, False)]
        for seed in (0, 1)
    ]
    (point,) = sensitivity_of(make_results(trials), "sgd")
    assert (point.score, point.diverged, point.trials) == (Mean(0.6, 0.6, 0.6, 2), 0, 2)


def test_without_tuning_there_is_no_curve_and_no_edge(make_duel):
    results = make_duel(sgd=[0.5])
    assert (sensitivity_of(results, "sgd"), edge_of(results, "sgd")) == ([], None)


def test_one_learning_rate_alone_is_no_edge(make_trial, make_tuning_trial, make_results):
    results = make_results([make_tuning_trial("sgd", 0, 0.1, 0.9), make_trial("sgd", 1, [0.9])])
    assert edge_of(results, "sgd") is None
