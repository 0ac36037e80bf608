import pytest

from nlptrain.comparison.optimizers import Contestant
from nlptrain.comparison.summary import summarize
from nlptrain.comparison.trial import TrialResult


def result(accuracy, losses, *, diverged=False):
    steps = list(range(1, len(losses) + 1))
    return TrialResult(0, steps, losses, losses, losses, accuracy, 0.5, diverged)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([result(0.5, [0.7, 0.25])], ("0.5000", "0.25", "0 of 1")),
        # Deviations ±0.1 and ±0.02: √(2 · 0.01 / 1) and √(2 · 0.0004 / 1).
        (
            [result(0.9, [0.1]), result(0.7, [0.5, 0.14])],
            ("0.8000 ± 0.1414", "0.12 ± 0.02828", "0 of 2"),
        ),
        (
            [result(0.9, [0.1]), result(0.7, [], diverged=True)],
            ("0.8000 ± 0.1414", "nan ± nan", "1 of 2"),
        ),
    ],
)
def test_row_has_mean_and_spread_over_the_seeds(results, expected):
    contestant = Contestant("sgd", {"learning_rate": 0.1}, results)
    assert summarize([contestant]) == [("sgd", "0.1", *expected)]


def test_rows_stand_in_the_order_of_the_contestants():
    names = ["sgd", "adam", "adam_by_hand"]
    contestants = [Contestant(name, {"learning_rate": 1e-3}, [result(1, [0.1])]) for name in names]
    rows = summarize(contestants)
    assert [row[:2] for row in rows] == [(name, "0.001") for name in names]
