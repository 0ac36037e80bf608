import pytest

from nlptrain.comparison.statistics.differences import pair_differences, say_difference

FIVE = [0.80, 0.90, 0.85, 0.95, 0.70]


def only(results):
    (difference,) = pair_differences(results)
    return difference


def plus(points, scores=FIVE):
    return [score + more / 100 for score, more in zip(scores, points, strict=True)]


def test_difference_is_of_the_same_seeds(make_duel):
    # Unpaired, the spread between seeds (10 points) would drown 1 point.
    difference = only(make_duel(sgd=FIVE, adam=plus([1.0, 0.8, 1.2, 1.1, 0.9])))
    assert (difference.first, difference.second) == ("adam", "sgd")
    assert difference.mean.value == pytest.approx(0.01)
    assert 0.008 <= difference.mean.low < difference.mean.high <= 0.012
    assert difference.verdict == "first better"


def test_better_is_said_with_its_amount(make_duel):
    sentence = say_difference(only(make_duel(sgd=FIVE, adam=plus([1.2] * 5))))
    assert sentence == "adam is better than sgd by 1.20 points of accuracy [1.20, 1.20]"


def test_lower_rank_may_be_better_where_neither_diverged(make_trial, make_results):
    trials = [make_trial("even", seed, [0.5 + seed / 100]) for seed in range(6)]
    trials += [
        make_trial("sharp", seed, [0.6 + seed / 100], diverged=seed == 5) for seed in range(6)
    ]
    difference = only(make_results(trials))
    assert (difference.first, difference.verdict) == ("even", "second better")
    assert (difference.mean.count, difference.left_out) == (5, 1)
    assert say_difference(difference) == (
        "sharp is better than even by 10.00 points of accuracy [10.00, 10.00], "
        "without 1 seed on which one of them diverged"
    )


def test_interval_across_zero_is_no_difference(make_duel):
    difference = only(make_duel(sgd=FIVE, adam=plus([2, -1, 2, -1, 0.5])))
    assert difference.verdict == "not seen"
    assert say_difference(difference).startswith(
        "no difference between adam and sgd can be seen with 5 seeds: +0.50 points of accuracy [−"
    )


@pytest.mark.parametrize("count", [1, 2, 4])
def test_fewer_than_five_seeds_tell_nothing(make_duel, count):
    difference = only(make_duel(sgd=[0.5] * count, adam=[0.9] * count))
    assert difference.verdict == "too few"
    assert "5 are needed" in say_difference(difference)


def test_loss_decides_where_accuracies_are_equal_on_every_seed(make_duel):
    losses = {"sgd": [0.5, 0.4, 0.5, 0.4, 0.5], "adam": [0.3, 0.2, 0.3, 0.2, 0.3]}
    difference = only(make_duel(losses=losses, sgd=FIVE, adam=FIVE))
    assert (difference.measure, difference.verdict) == ("loss", "first better")
    assert say_difference(difference) == (
        "adam is better than sgd by 0.200 in test loss [0.200, 0.200], at equal accuracy"
    )


def test_rounding_in_the_sums_is_no_difference(make_duel):
    losses = {"a": [0.1 + 0.2] * 5, "b": [0.3] * 5}
    assert only(make_duel(losses=losses, a=FIVE, b=FIVE)).verdict == "not seen"


def test_equal_results_are_called_the_same(make_duel):
    difference = only(make_duel(adam=FIVE, adam_by_hand=FIVE))
    assert say_difference(difference) == "adam and adam_by_hand score the same, with 5 seeds"


def test_no_common_seed_is_no_comparison(make_trial, make_results):
    trials = [make_trial("a", 0, [0.5]), make_trial("b", 0, [0.5], diverged=True)]
    difference = only(make_results(trials))
    assert difference.verdict == "none"
    assert "there is no seed on which neither diverged" in say_difference(difference)


def test_every_pair_is_compared_once(make_duel):
    differences = pair_differences(make_duel(a=[0.7], b=[0.9], c=[0.8]))
    pairs = [(difference.first, difference.second) for difference in differences]
    assert pairs == [("b", "c"), ("b", "a"), ("c", "a")]
