"""Every gradient by hand equals torch's, for every kind of network, in training mode."""

import itertools

import numpy as np
import pytest
import torch

from every_kind import ACTIVATIONS, LOSSES, NORMALIZATIONS, READOUTS
from every_kind import MORE_ENCODERS as ENCODERS
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.embedding import look_up, mean_embedding
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.readout import mean
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.numpy_nn.row_gradient import RowGradient
from nlptrain.torch_nn.classifier import Classifier as TorchClassifier
from nlptrain.torch_nn.loss import loss as torch_loss

LENGTHS = np.array([4, 7, 0, 1, 7])


def build(**kinds):
    architecture = Architecture(vocabulary_size=9, num_classes=3, embedding_dim=4, **kinds)
    generator = np.random.default_rng(1)
    arrays = {
        name: array + generator.uniform(0.1, 0.5, array.shape) * (name != "embedding.weight")
        for name, array in initial_parameters(architecture, seed=3, dtype="float64").items()
    }
    network = TorchClassifier(architecture).double().train()
    network.load_arrays(arrays)
    return Classifier(architecture, arrays), network


def make_batch(lengths=LENGTHS, seed=0):
    generator = np.random.default_rng(seed)
    ids = generator.integers(1, 9, (len(lengths), max(*lengths, 1)))
    ids[np.arange(ids.shape[1]) >= lengths[:, None]] = 0
    return ids, lengths, generator.integers(0, 3, len(lengths))


def compare(by_hand, network, kind="cross_entropy", batch=None, weights=None, dropout=None):
    ids, lengths, classes = batch or make_batch()
    logits, to_grads = by_hand.forward(ids, lengths, training=True, dropout=dropout)
    value, grad = loss(kind, logits, classes, weights)
    grads = to_grads(grad)
    expected = network(
        torch.from_numpy(ids),
        torch.from_numpy(lengths),
        padded=bool(lengths.min() < ids.shape[1]),
        dropout=None if dropout is None else torch.from_numpy(dropout),
    )
    weight = None if weights is None else torch.from_numpy(weights)
    expected_loss = torch_loss(kind, expected, torch.from_numpy(classes), weight)
    expected_loss.backward()
    np.testing.assert_allclose(logits, expected.detach().numpy(), rtol=0, atol=1e-12)
    assert value == pytest.approx(expected_loss.item(), abs=1e-12)
    names = [name for name, _ in network.named_parameters()]
    assert sorted(grads) == sorted(names)
    for name, parameter in network.named_parameters():
        # torch has no gradient where a batch holds no window at all; by hand it is zero.
        grad = torch.zeros(parameter.shape) if parameter.grad is None else parameter.grad.to_dense()
        found = grads[name]
        if isinstance(found, RowGradient):
            found = found.to_dense(len(parameter))
        np.testing.assert_allclose(found, grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name)
    for name, buffer in network.named_buffers():
        np.testing.assert_allclose(by_hand.arrays[name], buffer.numpy(), rtol=1e-12, err_msg=name)


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_every_gradient_equals_torch(encoder, normalization, readout):
    compare(
        *build(encoder=encoder, normalization=normalization, readout=readout, activation="tanh")
    )


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_gradients_of_a_batch_without_pads_equal_torch(encoder):
    compare(*build(encoder=encoder, readout="last"), batch=make_batch(np.array([6, 6, 6])))


@pytest.mark.parametrize(
    ("activation", "hidden", "kind"),
    list(itertools.product(ACTIVATIONS, ((), (6, 2)), LOSSES)),
)
def test_gradients_of_heads_losses_weights_and_dropout_equal_torch(activation, hidden, kind):
    output = "softmax" if kind == "cross_entropy" else "sigmoid"
    by_hand, network = build(
        encoder=Recurrent(hidden_size=5),
        activation=activation,
        head_hidden_sizes=hidden,
        output=output,
        readout="max",
        dropout=0.5,
    )
    ids, lengths, classes = make_batch()
    batch = ids, lengths, classes % 2
    mask = np.random.default_rng(5).integers(0, 2, (5, 5)) * 2.0
    compare(by_hand, network, kind, batch, np.array([0.5, 2.0, 1.0]), mask)


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_float32_network_never_computes_in_float64(encoder, normalization, readout):
    by_hand, _ = build(encoder=encoder, normalization=normalization, readout=readout, dropout=0.3)
    arrays = {name: array.astype(np.float32) for name, array in by_hand.arrays.items()}
    ids, lengths, classes = make_batch()
    mask = np.ones((len(ids), by_hand.architecture.vector_size), np.float32)
    logits, to_grads = Classifier(by_hand.architecture, arrays).forward(
        ids, lengths, training=True, dropout=mask
    )
    value, grad = loss("cross_entropy", logits, classes, np.array([0.5, 2.0, 1.0]))
    results = {"logits": logits, "loss": value, "grad": grad, **to_grads(grad), **arrays}
    assert {name for name, each in results.items() if each.dtype != np.float32} == set()


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_of_float32_logits_are_float32(kind):
    logits = np.array([[0.5], [-2.0]], np.float32)
    value, grad = loss(kind, logits, np.array([0, 0]), np.array([1.0]))
    assert (value.dtype, grad.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("lengths", [LENGTHS, np.array([0]), np.array([6, 6])])
def test_mean_embedding_is_the_mean_of_looked_up_rows(lengths):
    ids, _, _ = make_batch(lengths)
    table = np.random.default_rng(2).normal(size=(9, 4))
    y, backward = mean_embedding(ids.T, table, lengths)
    rows, backward_rows = look_up(ids.T, table)
    expected, backward_mean = mean(rows, lengths)
    np.testing.assert_allclose(y, expected, atol=1e-14)
    grad = np.arange(y.size).reshape(y.shape) - 2.0
    expected_grad = backward_rows(backward_mean(grad)[0])
    np.testing.assert_allclose(backward(grad)[1:], expected_grad[1:], atol=1e-13)
