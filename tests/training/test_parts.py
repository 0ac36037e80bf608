"""A batch in parts: torch computes the whole batch at once, the network by hand in parts."""

import numpy as np
import pytest
import torch

from every_kind import BESIDE_NGRAMS, READOUTS, WITH_EMBEDDING
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.numpy_nn.row_gradient import RowGradient
from nlptrain.torch_nn.classifier import Classifier as TorchClassifier
from nlptrain.torch_nn.loss import loss as torch_loss
from nlptrain.training import parts
from nlptrain.training.learner import Batch, Objective
from nlptrain.training.numpy_learner import compute_gradients
from nlptrain.training.parts import FEW_POSITIONS, list_parts, most_positions

LENGTHS = np.array([4, 12, 0, 1, 11, 2])


@pytest.fixture
def small_parts(monkeypatch):
    """Let a part have 15 positions at most."""
    monkeypatch.setattr(parts, "FEW_POSITIONS", 0)
    monkeypatch.setattr(parts, "most_positions", lambda _: 15)


def make_batch():
    generator = np.random.default_rng(0)
    ids = generator.integers(1, 9, (len(LENGTHS), LENGTHS.max())).astype(np.int32)
    ids[np.arange(ids.shape[1]) >= LENGTHS[:, None]] = 0
    classes = generator.integers(0, 3, len(LENGTHS))
    return Batch(ids, LENGTHS, classes, generator.uniform(0, 2, len(LENGTHS)))


def compare(weights, **kinds):
    """Hold a network by hand in parts against torch's, with dropout."""
    architecture = Architecture(9, num_classes=3, embedding_dim=4, dropout=0.5, **kinds)
    arrays = initial_parameters(architecture, seed=3, dtype="float64")
    batch = make_batch()
    assert len(list_parts(architecture, batch.lengths)) > 2
    mask = np.random.default_rng(5).integers(0, 2, (6, architecture.vector_size)) * 2.0
    objective = Objective("cross_entropy", weights, None, 0, True)
    logits, value, grads = compute_gradients(
        Classifier(architecture, arrays), objective, batch, mask
    )
    network = TorchClassifier(architecture).double().train()
    network.load_arrays(arrays)
    expected = network(
        *map(torch.from_numpy, (batch.ids, batch.lengths)),
        padded=True,
        dropout=torch.from_numpy(mask),
    )
    classes = torch.from_numpy(batch.classes)
    weight = None if weights is None else torch.from_numpy(weights)
    own = torch.from_numpy(batch.weights)
    expected_loss = torch_loss("cross_entropy", expected, classes, weight, own)
    expected_loss.backward()
    np.testing.assert_allclose(logits, expected.detach().numpy(), rtol=0, atol=1e-12)
    assert float(value) == pytest.approx(expected_loss.item(), abs=1e-12)
    for name, parameter in network.named_parameters():
        found = grads[name]
        if isinstance(found, RowGradient):
            assert np.all(np.diff(found.rows) > 0)
            found = found.to_dense(len(parameter))
        np.testing.assert_allclose(
            found, parameter.grad.to_dense().numpy(), rtol=1e-9, atol=1e-12, err_msg=name
        )


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS, ids=str)
@pytest.mark.parametrize("normalization", ["none", "layer", "instance"])
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_batch_in_parts_has_torchs_gradients(small_parts, encoder, normalization, readout):
    compare(None, encoder=encoder, normalization=normalization, readout=readout)


@pytest.mark.parametrize("kinds", BESIDE_NGRAMS, ids=str)
@pytest.mark.parametrize("weights", [None, np.array([0.5, 2.0, 1.0])], ids=["alike", "weighted"])
def test_rows_of_a_table_and_class_weights_add_up_over_parts(small_parts, kinds, weights):
    compare(weights, **kinds)


def test_batch_normalization_sees_the_whole_batch():
    architecture = Architecture(9, 3, 4, Recurrent(hidden_size=3), normalization="batch")
    assert len(list_parts(architecture, np.full(64, 1_000_000))) == 1


def test_parts_are_of_like_length_and_hold_every_string_once():
    architecture = Architecture(9, 3, 4, Recurrent("gru", 64, num_layers=2), readout="last")
    lengths = np.random.default_rng(0).integers(0, 20_000, 64)
    found = list_parts(architecture, lengths)
    order = np.concatenate(found)
    assert sorted(order.tolist()) == list(range(64))
    assert np.all(np.diff(lengths[order]) >= 0)
    most = most_positions(architecture)
    # Two layers of three gates.
    assert most == parts.NUMBERS // (2 * 3 * 64)
    assert all(len(part) * lengths[part].max() <= most for part in found)
    assert len(found) > 1


@pytest.mark.parametrize("encoder", [Pooling(), Recurrent("lstm", 4096, num_layers=2)], ids=str)
def test_batch_of_few_positions_is_one_part(encoder):
    architecture = Architecture(9, 3, 4, encoder, readout="mean")
    assert len(list_parts(architecture, np.full(64, FEW_POSITIONS // 64))) == 1
