"""Strings that a small network learns in a moment, and how little it takes."""

import numpy as np
import pytest

SMALL = {
    "engine": "numpy",
    "text": {"min_count": 1},
    "model": {"embedding": {"dim": 8}, "encoder": {"type": "pooling"}, "readout": "mean"},
    "optimizer": {"type": "adam", "learning_rate": 0.05},
    "training": {"epochs": 6, "batch_size": 8},
}


@pytest.fixture
def config():
    """Describe a small network."""
    return SMALL


@pytest.fixture(scope="session")
def strings():
    """Draw strings of two letters, and of which there are more: X and y."""
    generator = np.random.default_rng(0)
    is_few = np.arange(120) % 2 == 1
    texts = []
    for few in is_few:
        letters = generator.choice(["a", "b"], generator.integers(4, 11), p=[0.1, 0.9])
        texts.append("".join(letters if few else np.where(letters == "a", "b", "a")))
    return texts, np.where(is_few, "few", "many")
