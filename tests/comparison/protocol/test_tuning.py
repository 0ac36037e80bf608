from collections import Counter
from itertools import product

import pytest

from nlptrain.comparison.protocol.tuning import (
    choose_candidate,
    count_rates,
    draw_candidates,
    learning_rate_grid,
    tuned_optimizer,
    wider_rate,
)
from nlptrain.comparison.results import Candidate
from nlptrain.config.optimizer import AdamWSection


def choose_rate(trials, tuned_by):
    """Choose among all learning rates of the trials."""
    tried = [Candidate(rate) for rate in dict.fromkeys(trial.learning_rate for trial in trials)]
    return choose_candidate(tried, trials, tuned_by).learning_rate


@pytest.fixture
def tune(make_tuning_trial):
    """Make tuning trials from each learning rate's accuracies, one a seed; None: it diverged."""

    def make(accuracies, **changes):
        return [
            make_tuning_trial("sgd", seed, rate, accuracy or 0.0, diverged=accuracy is None, **own)
            for rate, row in accuracies.items()
            for seed, accuracy in enumerate(row)
            for own in [{key: values[rate] for key, values in changes.items()}]
        ]

    return make


@pytest.mark.parametrize(
    ("center", "points", "grid"),
    [
        (0.1, 7, (0.00316, 0.01, 0.0316, 0.1, 0.316, 1.0, 3.16)),
        (0.001, 3, (0.000316, 0.001, 0.00316)),
        (0.1, 4, (0.01, 0.0316, 0.1, 0.316)),
        (0.5, 2, (0.158, 0.5)),
        (0.3, 1, (0.3,)),
    ],
)
def test_grid_lies_around_its_center_two_points_a_power_of_ten(center, points, grid):
    assert learning_rate_grid(center, points) == grid


def test_best_mean_over_seeds_is_chosen_not_the_best_seed(tune):
    assert choose_rate(tune({0.1: [0.7, 0.7], 1.0: [0.95, 0.4]}), "accuracy") == 0.1


def test_rate_on_which_fewer_diverged_is_chosen_however_it_scored(tune):
    trials = tune({0.1: [0.99, None], 1.0: [0.6, 0.6], 10.0: [None, None]})
    assert choose_rate(trials, "accuracy") == 1.0


def test_diverged_trials_are_in_no_mean(tune):
    assert choose_rate(tune({0.1: [0.9, None], 1.0: [None, 0.8]}), "accuracy") == 0.1


def test_smallest_rate_is_chosen_where_all_diverged(tune):
    assert choose_rate(tune({0.1: [None], 0.01: [None]}), "accuracy") == 0.01


def test_lower_loss_breaks_a_tie_then_the_smaller_rate(tune):
    losses = {0.1: (0.5,), 1.0: (0.4,), 10.0: (0.4,)}
    accuracies = {0.1: [0.9], 10.0: [0.9], 1.0: [0.9]}
    assert choose_rate(tune(accuracies, validation_losses=losses), "accuracy") == 1.0


@pytest.mark.parametrize(
    ("tuned_by", "chosen"), [("accuracy", 0.1), ("macro_f1", 1.0), ("loss", 10.0)]
)
def test_score_that_the_config_names_decides(tune, tuned_by, chosen):
    trials = tune(
        {0.1: [0.9], 1.0: [0.8], 10.0: [0.7]},
        validation_macro_f1s={0.1: (0.5,), 1.0: (0.9,), 10.0: (0.5,)},
        validation_losses={0.1: (0.5,), 1.0: (0.5,), 10.0: (0.4,)},
    )
    assert choose_rate(trials, tuned_by) == chosen


@pytest.mark.parametrize(("best", "chosen"), [(0, 1.0), (1, 0.1)])
def test_trial_counts_with_its_best_evaluation(make_tuning_trial, best, chosen):
    rising = {"validation_accuracies": (0.2, 0.8), "validation_losses": (1.0, 0.5), "best": best}
    trials = [
        make_tuning_trial("sgd", 0, 0.1, 0.0, **rising),
        make_tuning_trial("sgd", 0, 1.0, 0.5),
    ]
    assert choose_rate(trials, "accuracy") == chosen


GRID = (0.01, 0.0316, 0.1)


@pytest.mark.parametrize(("chosen", "wider"), [(0.01, 0.00316), (0.1, 0.316), (0.0316, None)])
def test_grid_is_widened_where_the_best_stands_at_its_end(chosen, wider):
    assert wider_rate(GRID, GRID, chosen, 3) == wider


def test_widening_goes_on_in_round_numbers_until_its_limit():
    tried = list(GRID)
    while rate := wider_rate(tried, GRID, max(tried), 3):
        tried.append(rate)
    assert tried == [*GRID, 0.316, 1.0, 3.16]


def test_each_end_has_a_limit_of_its_own():
    tried = (*GRID, 0.316, 1.0)
    assert wider_rate(tried, GRID, 1.0, 2) is None
    assert wider_rate(tried, GRID, 0.01, 2) == 0.00316
    assert wider_rate(GRID, GRID, 0.01, 0) is None


DECAYS, BETAS = [0.0, 0.01], [[0.9, 0.999], [0.9, 0.99]]
TUNE = {"weight_decay": DECAYS, "betas": BETAS}
RATES = learning_rate_grid(0.001, 7)


def test_other_settings_are_chosen_with_the_learning_rate(make_tuning_trial):
    accuracies = {(0.1, 0.0): 0.7, (0.1, 0.01): 0.8, (1.0, 0.0): 0.6, (1.0, 0.01): 0.7}
    tried = [Candidate(rate, {"weight_decay": decay}) for rate, decay in accuracies]
    trials = [
        make_tuning_trial("adamw", 0, each.learning_rate, accuracy, settings=each.settings)
        for each, accuracy in zip(tried, accuracies.values(), strict=True)
    ]
    assert choose_candidate(tried, trials, "accuracy") == Candidate(0.1, {"weight_decay": 0.01})
    assert choose_candidate(tried[2:], trials, "accuracy") == tried[3]


def test_of_equal_candidates_the_smallest_rate_is_chosen_then_the_first_tried(make_tuning_trial):
    tried = [Candidate(rate, {"eps": eps}) for rate in (1.0, 0.1) for eps in (0.5, 0.1)]
    trials = [
        make_tuning_trial("adam", 0, each.learning_rate, 0.5, settings=each.settings)
        for each in reversed(tried)
    ]
    assert choose_candidate(tried, trials, "accuracy") == Candidate(0.1, {"eps": 0.5})


@pytest.mark.parametrize(
    ("trials", "combinations", "rates"),
    [(7, 1, 7), (12, 1, 12), (7, 4, 7), (5, 4, 5), (28, 4, 7), (29, 4, 8), (14, 2, 7), (2, 1, 2)],
)
def test_more_trials_go_into_other_settings_before_more_rates(trials, combinations, rates):
    assert count_rates(trials, combinations) == rates
    assert rates * combinations >= trials


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("trials", [7, 12, 20])
def test_draw_tries_each_rate_and_value_about_equally_often_and_nothing_twice(trials, seed):
    drawn = draw_candidates(RATES, TUNE, trials, seed)
    keys = [(each.learning_rate, str(each.settings)) for each in drawn]
    assert len(set(keys)) == len(keys) == trials
    rates = Counter(each.learning_rate for each in drawn)
    assert set(rates) == set(RATES)
    assert max(rates.values()) - min(rates.values()) <= 1
    for name, values in TUNE.items():
        counts = Counter(values.index(each.settings[name]) for each in drawn)
        assert sorted(counts) == [0, 1]
        assert abs(counts[0] - counts[1]) <= 1 + (trials > 7)


def test_as_many_trials_as_combinations_try_them_all_in_their_order():
    expected = tuple(
        Candidate(rate, {"weight_decay": decay, "betas": betas})
        for rate, decay, betas in product(RATES, DECAYS, BETAS)
    )
    assert draw_candidates(RATES, TUNE, 28, 0) == expected


def test_every_value_is_tried_where_there_are_as_many_trials():
    values = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    drawn = draw_candidates(RATES, {"momentum": values, "nesterov": [False]}, 9, 3)
    assert sorted(each.settings["momentum"] for each in drawn) == values


def test_draw_depends_on_the_seed_alone():
    draws = [draw_candidates(RATES, TUNE, 7, seed) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_optimizer_gets_what_is_tried_and_keeps_the_rest():
    given = AdamWSection(learning_rate=0.5, eps=0.25)
    candidate = Candidate(0.1, {"betas": [0.5, 0.75], "weight_decay": 0.0})
    expected = AdamWSection(learning_rate=0.1, eps=0.25, betas=(0.5, 0.75), weight_decay=0.0)
    assert tuned_optimizer(given, candidate) == expected
    assert tuned_optimizer(given, Candidate(0.5)) == given
