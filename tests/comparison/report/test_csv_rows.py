import pytest

from nlptrain.comparison.report.csv_rows import RANKING_HEADER, ranking_csv


def rows_of(results):
    return [dict(zip(RANKING_HEADER, row, strict=True)) for row in ranking_csv(results)]


def test_means_and_their_ranges_are_numbers_of_their_own(make_duel):
    other, best = rows_of(make_duel(sgd=[0.5, 0.75, 0.25], adam=[1.0, 1.0, 1.0]))
    # Three seeds make nobody better.
    assert (other["rank"], best["rank"]) == (1, 1)
    assert (best["contestant"], best["test_accuracy_mean"]) == ("adam", 1.0)
    assert (best["test_accuracy_lowest"], best["test_accuracy_highest"]) == (1.0, 1.0)
    assert other["test_accuracy_mean"] == pytest.approx(0.5)
    assert other["test_loss_mean"] == pytest.approx(0.5)
    assert (other["test_accuracy_lowest"], other["test_accuracy_highest"]) == (0.25, 0.75)
    assert (best["reached_target"], best["median_steps_to_target"]) == (3, 10.0)
    assert (other["reached_target"], other["median_steps_to_target"]) == (0, None)


def test_one_seed_has_no_range_and_none_has_no_mean(make_trial, make_results):
    one = make_trial("one", 0, [0.75])
    none = make_trial("none", 0, [], diverged=True)
    one, none = rows_of(make_results([one, none]))
    assert (one["test_accuracy_mean"], one["test_accuracy_lowest"]) == (0.75, None)
    assert none["test_accuracy_mean"] is None
    assert (none["diverged"], none["trials"]) == (1, 1)
