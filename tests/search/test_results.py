"""Which trial is taken, by hand."""

import pytest

from nlptrain.errors import TrainingError
from nlptrain.search.results import SearchTrial, choose_trial, find_front, rank_trials
from nlptrain.search.trial import TrialResult

TWO = "search.objective=[accuracy, parameters]"


def trial(number, accuracy, parameters=100, *, loss=0.5, state="finished", **changes):
    result = TrialResult(
        accuracy, accuracy, loss, 1, 1, 1.0, parameters, 4 * parameters, pruned=state == "pruned"
    )
    return SearchTrial(number, state, result=result, **changes)


def numbers(trials):
    return [each.number for each in trials]


def test_best_score_wins_then_the_lower_loss_then_the_smaller(load):
    trials = [
        trial(1, 0.8),
        trial(2, 0.9, loss=0.4),
        trial(3, 0.9, loss=0.3, parameters=200),
        trial(4, 0.9, loss=0.3),
    ]
    assert numbers(rank_trials(load(), trials)) == [4, 3, 2, 1]


def test_of_losses_the_lowest_wins(load):
    trials = [trial(1, 0.9, loss=0.4), trial(2, 0.8, loss=0.3)]
    assert choose_trial(load("search.objective=loss"), trials).number == 2


def test_objective_is_what_chooses_the_best_step_by_default(load):
    trials = [trial(1, 0.9, loss=0.4), trial(2, 0.8, loss=0.3)]
    assert choose_trial(load("training.best_by=loss"), trials).number == 2


def test_only_what_was_trained_to_its_end_is_taken(load):
    trials = [
        trial(1, 0.7),
        trial(2, 0.9, state="pruned"),
        trial(3, 0.9, state="diverged"),
        trial(4, 0.8, repeats=1),
        SearchTrial(5, "refused", reason="no config"),
    ]
    assert numbers(rank_trials(load(), trials)) == [1]
    with pytest.raises(TrainingError, match="no trial has finished"):
        choose_trial(load(), trials[1:])


def test_front_is_what_no_other_beats_in_both(load):
    trials = [
        trial(1, 0.95, 900),
        trial(2, 0.94, 950),
        trial(3, 0.94, 300),
        trial(4, 0.90, 300),
        trial(5, 0.80, 100),
        trial(6, 0.70, 100),
    ]
    assert numbers(find_front(load(TWO), trials)) == [1, 3, 5]
    assert numbers(find_front(load(), trials)) == [1]


@pytest.mark.parametrize(("tolerance", "taken"), [(0.005, 1), (0.02, 3), (0.2, 5)])
def test_smallest_within_the_tolerance_is_taken(load, tolerance, taken):
    trials = [trial(1, 0.95, 900), trial(3, 0.94, 300), trial(5, 0.80, 100)]
    config = load(TWO, "search.prefer=small", f"search.tolerance={tolerance}")
    assert choose_trial(config, trials).number == taken
    assert choose_trial(load(TWO), trials).number == 1


def test_smallest_of_losses_is_within_the_tolerance_above(load):
    trials = [trial(1, 0.9, 900, loss=0.20), trial(2, 0.9, 300, loss=0.21), trial(3, 0, 9, loss=1)]
    two = "search.objective=[loss, parameters]"
    config = load(two, "search.prefer=small", "search.tolerance=0.02")
    assert choose_trial(config, trials).number == 2
