"""Configs so small that a training takes milliseconds."""

import pytest
import torch

from nlptrain.config.load import load_config

TINY = (
    "device=cpu",
    "data.sizes.train=40",
    "data.sizes.validation=12",
    "data.sizes.test=12",
    "text.min_count=1",
    "model.embedding.dim=4",
    "training.batch_size=8",
    "training.epochs=2",
    "training.checkpoint_every_seconds=null",
    "logging.every_steps=2",
)
ENCODERS = {
    "pooling": ("model.encoder.type=pooling",),
    "rnn": ("model.encoder.hidden_size=5",),
    "lstm": ("model.encoder.hidden_size=5", "model.encoder.cell=lstm"),
    "cnn": ("model.encoder.type=cnn", "model.encoder.channels=5"),
}


@pytest.fixture(scope="session", autouse=True)
def _single_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_config():
    """Load a packaged config, small, with more overrides."""

    def make(*overrides, source="rnn", encoder="rnn"):
        return load_config(source, [*TINY, *ENCODERS[encoder], *overrides]).config

    return make
