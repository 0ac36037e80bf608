"""A small grid of two tasks and two encoders, and configs of compare-encoders."""

import pytest

from nlptrain.comparison.encoders.entries import Grid, TaskRow, contestant_name
from nlptrain.config.load import load_config

SMALL = (
    "data.sizes={train: 200, validation: 50, test: 100}",
    "model={embedding: {dim: 8}}",
    "training={steps: 20, batch_size: 32}",
    "comparison.seeds=2",
    "comparison.trials=1",
    "comparison.encoders=[{name: mean pooling, encoder: {type: pooling}, readout: mean}, "
    "{name: RNN, encoder: {type: rnn, hidden_size: 4}}]",
    "comparison.tasks=[{data: {task: {type: sorted, lengths: [5, 8]}}}, "
    "{data: {task: {type: majority, lengths: [4, 9]}, evaluate_lengths: [[20, 30], [40, 40]]}, "
    "steps: 10, learning_rate: 0.01}]",
)


@pytest.fixture
def make_encoders_config():
    """Give a function that loads a small comparison of encoders."""

    def make(*overrides):
        return load_config("rnn", [*SMALL, *overrides]).config

    return make


@pytest.fixture
def grid():
    """Give two tasks of 2,000 strings, and pooling that cannot learn the first."""
    matched = TaskRow("sorted", "6–14, same letters", 2000, 0.5, (), 0)
    free = TaskRow("majority", "4–20", 2000, 0.5, ((41, 100), (201, 300)), None)
    return Grid((matched, free), ("pooling", "RNN"), frozenset({("sorted", "pooling")}))


@pytest.fixture
def make_matrix_results(make_trial, make_results):
    """Give a function that makes results from the accuracies of each cell, one a seed."""

    def make(cells, others=None, **changes):
        trials = []
        for (task, encoder), accuracies in cells.items():
            for seed, accuracy in enumerate(accuracies):
                own = {"other_accuracies": (others or {}).get((task, encoder), ())}
                if accuracy is None:
                    own = {"diverged": True, "test_accuracy": None, "test_loss": None}
                score = [0.5 if accuracy is None else accuracy]
                trials.append(make_trial(contestant_name(task, encoder), seed, score, **own))
        return make_results(trials, target_accuracy=0.99, **changes)

    return make


@pytest.fixture
def results(make_matrix_results):
    """Give results as they should be: the ceiling is exact, and most is learnt."""
    return make_matrix_results(
        {
            ("sorted", "pooling"): [0.5, 0.5],
            ("sorted", "RNN"): [1.0, 0.8],
            ("majority", "pooling"): [1.0, 0.995],
            ("majority", "RNN"): [0.9, None],
        },
        {("majority", "pooling"): (1.0, 0.98), ("majority", "RNN"): (0.7, 0.6)},
    )
