"""Networks side by side along a leading axis M compute what each computes alone."""

import numpy as np
import pytest

from every_kind import NORMALIZATIONS, READOUTS, WITH_EMBEDDING
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.loss import loss

LENGTHS = {
    "padded": np.array([[4, 7, 0, 1, 7], [1, 2, 7, 5, 3], [1, 0, 0, 0, 0]]),
    "unpadded": np.full((3, 5), 7),
}


def build(vocabulary_size=9, **kinds):
    """Make three networks with their own arrays, and the same three as one."""
    architecture = Architecture(
        vocabulary_size=vocabulary_size, num_classes=3, embedding_dim=4, dropout=0.5, **kinds
    )
    draws = [initial_parameters(architecture, seed=seed, dtype="float64") for seed in range(3)]
    stacked = {name: np.stack([each[name] for each in draws]) for name in draws[0]}
    return [Classifier(architecture, each) for each in draws], Classifier(architecture, stacked)


def run(network, ids, lengths, classes, dropout):
    logits, to_grads = network.forward(ids, lengths, training=True, dropout=dropout)
    value, grad = loss("cross_entropy", logits, classes, np.array([1.0, 2.0, 0.5]))
    return {"logits": logits, "loss": value, **to_grads(grad), **network.arrays}


def compare(alone, together, lengths, vocabulary_size=9):
    """Hold networks in one call against each alone, each with a batch of its own."""
    generator = np.random.default_rng(4)
    ids = generator.integers(1, vocabulary_size, (3, 5, 7))
    ids[np.arange(7) >= lengths[..., None]] = 0
    classes = generator.integers(0, 3, (3, 5))
    mask = generator.integers(0, 2, (3, 5, together.architecture.vector_size)) * 2.0
    batches = list(zip(ids, lengths, classes, mask, strict=True))
    hold_equal(run(together, ids, lengths, classes, mask), alone, batches)


def compare_sharing(alone, together, lengths, vocabulary_size=9):
    """Hold networks in one call against each alone, all with the same batch."""
    generator = np.random.default_rng(5)
    ids = generator.integers(1, vocabulary_size, (5, 7))
    ids[np.arange(7) >= lengths[:, None]] = 0
    mask = generator.integers(0, 2, (5, together.architecture.vector_size)) * 2.0
    batch = ids, lengths, generator.integers(0, 3, 5), mask
    hold_equal(run(together, *batch), alone, [batch] * 3)


def hold_equal(found, alone, batches):
    for index, (network, batch) in enumerate(zip(alone, batches, strict=True)):
        expected = run(network, *batch)
        assert sorted(found) == sorted(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name][index], values, atol=1e-13, err_msg=name)


@pytest.mark.crossed
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_networks_side_by_side_equal_each_alone(encoder, normalization, readout, lengths):
    kinds = {"encoder": encoder, "normalization": normalization, "readout": readout}
    compare(*build(activation="tanh", head_hidden_sizes=(4,), **kinds), LENGTHS[lengths])


@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_large_vocabularies_side_by_side_equal_each_alone(encoder):
    compare(*build(300, encoder=encoder), LENGTHS["padded"], 300)
    compare(*build(300, encoder=encoder, activation="relu"), LENGTHS["padded"], 300)


@pytest.mark.crossed
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", ["none", "batch", "instance"])
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_networks_that_share_a_batch_equal_each_alone(encoder, normalization, readout, lengths):
    kinds = {"encoder": encoder, "normalization": normalization, "readout": readout}
    compare_sharing(*build(head_hidden_sizes=(4,), **kinds), LENGTHS[lengths][0])


@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_large_vocabularies_sharing_a_batch_equal_each_alone(encoder):
    compare_sharing(*build(300, encoder=encoder), LENGTHS["padded"][0], 300)
