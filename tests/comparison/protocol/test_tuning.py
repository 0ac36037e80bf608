import pytest

from nlptrain.comparison.protocol.tuning import choose_rate, learning_rate_grid, wider_rate


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
