import pytest

from nlptrain.comparison.statistics.differences import pair_differences, say_difference

SIX = [0.80, 0.90, 0.85, 0.95, 0.70, 0.75]


def only(results):
    (difference,) = pair_differences(results)
    return difference


def plus(points, scores=SIX):
    return [score + more / 100 for score, more in zip(scores, points, strict=True)]


@pytest.fixture
def make_race(make_trial, make_results):
    """Make results of contestants that solve the task, from the evaluations that each took."""

    def make(**evaluations):
        return make_results(
            [
                make_trial(name, seed, [0.5] * (count - 1) + [1.0])
                for name, counts in evaluations.items()
                for seed, count in enumerate(counts)
            ]
        )

    return make


def test_difference_is_of_the_same_seeds(make_duel):
    # Unpaired, the spread between seeds (10 points) would drown 1 point.
    difference = only(make_duel(sgd=SIX, adam=plus([1.0, 0.8, 1.2, 1.1, 0.9, 1.0])))
    assert (difference.first, difference.second) == ("adam", "sgd")
    assert difference.mean.value == pytest.approx(0.01)
    # All six seeds speak for one side in 2 of 64 flips; the interval begins at the lowest seed.
    assert difference.p_value == difference.adjusted_p_value == 2 / 64
    assert (difference.mean.low, difference.mean.high) == pytest.approx((0.008, 0.012))
    assert (difference.verdict, difference.confidence) == ("better", 0.95)


def test_better_is_said_with_its_amount_and_p_value(make_duel):
    assert say_difference(only(make_duel(sgd=SIX, adam=plus([1.2] * 6)))) == (
        "adam is better than sgd: 1.20 points of accuracy [1.20, 1.20], p = 0.031"
    )


def test_significant_difference_that_is_negligible_makes_none_better(make_duel):
    difference = only(make_duel(sgd=SIX, adam=plus([0.3, 0.3, 0.3, 0.3, 0.4, 0.3])))
    assert (difference.p_value, difference.verdict) == (2 / 64, "equal")
    assert say_difference(difference).startswith("sgd and adam are practically equal: −0.32 points")
    wide = only(make_duel(sgd=SIX, adam=plus([0.2, 0.2, 0.3, 0.3, 0.4, 1.4])))
    assert (wide.p_value, wide.verdict) == (2 / 64, "small")
    assert say_difference(wide).startswith("sgd and adam differ, by an amount that may be neglig")


def test_negligible_is_what_the_protocol_says(make_duel, make_results):
    results = make_duel(sgd=SIX, adam=plus([0.3] * 6))
    strict = make_results(results.trials, negligible_accuracy=0.002)
    assert (only(results).verdict, only(strict).verdict) == ("equal", "better")


def test_interval_across_zero_is_no_difference(make_duel):
    difference = only(make_duel(sgd=SIX, adam=plus([2, -1, 2, -1, 0.5, -1])))
    assert difference.verdict == "not seen"
    assert say_difference(difference).startswith(
        "no difference between sgd and adam can be seen with 6 seeds: −0.25 points of accuracy [−"
    )


@pytest.mark.parametrize("count", [1, 2, 5])
def test_too_few_seeds_tell_nothing(make_duel, count):
    difference = only(make_duel(sgd=[0.5] * count, adam=[0.9] * count))
    assert difference.verdict == "too few"
    assert say_difference(difference) == (
        f"sgd and adam cannot be told apart with {count} seed{'s' * (count > 1)}: −40.00 points of "
        "accuracy"
    )


def test_number_of_pairs_raises_what_it_takes(make_duel):
    scores = {f"c{number}": [0.7] * 6 for number in range(3)}
    assert only(make_duel(sgd=[0.5] * 6, adam=[0.9] * 6)).verdict == "better"
    verdicts = {
        pair.verdict for pair in pair_differences(make_duel(**{**scores, "sgd": [0.5] * 6}))
    }
    assert verdicts == {"too few", "same"}


def test_diverged_trial_counts_against_its_contestant(make_trial, make_results):
    trials = [make_trial("even", seed, [0.5 + seed / 100]) for seed in range(6)]
    trials += [
        make_trial("sharp", seed, [0.6 + seed / 100], diverged=seed == 5) for seed in range(6)
    ]
    difference = only(make_results(trials))
    assert (difference.mean.count, difference.verdict) == (6, "not seen")
    assert difference.mean.value == pytest.approx((5 * -0.1 + 0.55) / 6)


def test_loss_ranks_none_that_the_config_does_not_ask_for(make_duel, make_results):
    losses = {"sgd": [0.5, 0.4] * 3, "adam": [0.3, 0.2] * 3}
    results = make_duel(losses=losses, sgd=SIX, adam=SIX)
    assert only(results).verdict == "same"
    by_loss = only(make_results(results.trials, rank_by="loss"))
    assert (by_loss.first, by_loss.measure, by_loss.verdict) == ("adam", "loss", "better")
    assert say_difference(by_loss) == (
        "adam is better than sgd: −0.200 in test loss [−0.200, −0.200], p = 0.031"
    )


def test_rounding_in_a_loss_is_no_difference(make_duel, make_results):
    losses = {"a": [0.1 + 0.2] * 6, "b": [0.3] * 6}
    results = make_duel(losses=losses, a=SIX, b=SIX)
    assert only(make_results(results.trials, rank_by="loss")).verdict == "same"


def test_two_that_solve_the_task_are_compared_by_the_ratio_of_their_steps(make_race):
    difference = only(make_race(slow=[4, 8, 6, 4, 8, 6], fast=[2, 4, 3, 2, 4, 3]))
    assert (difference.first, difference.measure) == ("fast", "steps")
    assert say_difference(difference) == (
        "fast is faster than slow: 0.50 times the steps to the target [0.50, 0.50], p = 0.031"
    )


def test_few_steps_more_are_practically_equal(make_race):
    difference = only(make_race(a=[20] * 6, b=[21] * 6))
    assert (difference.verdict, difference.mean.value) == ("equal", pytest.approx(20 / 21))


def test_equal_results_are_called_the_same(make_duel):
    difference = only(make_duel(adam=SIX, adam_by_hand=SIX))
    assert say_difference(difference) == "adam and adam_by_hand are the same on every seed"


def test_every_pair_is_compared_once_in_the_configs_order(make_duel):
    differences = pair_differences(make_duel(a=[0.7], b=[0.9], c=[0.8]))
    pairs = [(difference.first, difference.second) for difference in differences]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]
