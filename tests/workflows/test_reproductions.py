"""The reproduction of parity in small: same settings, a quarter of the network, shorter strings."""

import pytest

from nlptrain.config.load import load_config
from nlptrain.training.run import start

SMALL = (
    "data.task.lengths=[1, 12]",
    "data.sizes={train: 320, validation: 100, test: 100}",
    "data.evaluate_lengths=[[13, 30], [31, 48]]",
    "model.embedding.dim=64",
    "model.encoder.hidden_size=64",
    "training.batch_size=64",
    "training.steps=300",
    "optimizer.learning_rate=2e-3",
    "logging.tensorboard=false",
)


@pytest.fixture
def train(tmp_path):
    """Train parity from a cell and a recurrent start, and judge it."""

    def train(cell, initialization):
        encoder = (f"model.encoder.cell={cell}", f"model.encoder.initialization={initialization}")
        config = load_config("reproductions/parity", [*SMALL, *encoder]).config
        return start(config, runs_dir=tmp_path, command="").verdict

    return train


def test_relu_from_a_normal_start_learns_parity_and_carries_it_on_to_longer_strings(train):
    verdict = train("rnn_relu", "normal")
    longer = [row.accuracy for row in verdict.by_length if not row.in_training]
    assert verdict.scores.accuracy == 1
    assert min(longer) >= 0.95
    assert verdict.by_length[-1].longest == 48


def test_tanh_from_torchs_start_is_at_chance_after_as_many_steps(train):
    assert train("rnn_tanh", "torch").scores.accuracy < 0.7
