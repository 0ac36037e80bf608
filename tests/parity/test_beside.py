"""Encoders side by side: both engines agree, and each branch is what it is alone."""

import numpy as np
import pytest
import torch

from every_kind import BESIDE, BESIDE_NGRAMS, READOUTS
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.row_gradient import RowGradient
from nlptrain.torch_nn.classifier import Classifier as TorchClassifier

LENGTHS = np.array([4, 7, 0, 1, 7])
IDS = np.where(np.arange(7) < LENGTHS[:, None], np.random.default_rng(0).integers(1, 9, (5, 7)), 0)
CLASSES = np.array([0, 1, 2, 1, 0])
EVERY = pytest.mark.parametrize("kinds", BESIDE, ids=str)


def build(**kinds):
    architecture = Architecture(vocabulary_size=9, num_classes=3, embedding_dim=4, **kinds)
    return architecture, initial_parameters(architecture, seed=3, dtype="float64")


def loss_by_hand(architecture, arrays):
    network = Classifier(architecture, arrays)
    logits, to_grads = network.forward(IDS, LENGTHS, training=True)
    value, grad = loss("cross_entropy", logits, CLASSES)
    grads = {
        name: found.to_dense(len(arrays[name])) if isinstance(found, RowGradient) else found
        for name, found in to_grads(grad).items()
    }
    return value, grads, logits


@pytest.mark.parametrize("normalization", ["none", "layer"])
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("kinds", [*BESIDE, *BESIDE_NGRAMS], ids=str)
def test_both_engines_agree(check_gradient, kinds, readout, normalization):
    architecture, arrays = build(**kinds, readout=readout, normalization=normalization)
    _, grads, logits = loss_by_hand(architecture, arrays)
    network = TorchClassifier(architecture).double()
    assert list(network.state_dict()) == list(architecture.parameters())
    network.load_arrays(arrays)
    expected = network(torch.from_numpy(IDS), torch.from_numpy(LENGTHS), padded=True)
    torch.nn.functional.cross_entropy(expected, torch.from_numpy(CLASSES)).backward()
    np.testing.assert_allclose(logits, expected.detach().numpy(), rtol=0, atol=1e-12)
    for name, parameter in network.named_parameters():
        grad = parameter.grad.to_dense().numpy()
        np.testing.assert_allclose(grads[name], grad, rtol=0, atol=1e-12)
    if readout != "max" and "max" not in readout:
        inner = {name: each for name, each in arrays.items() if name != "embedding.weight"}
        check_gradient(
            lambda at: float(loss_by_hand(architecture, arrays | at)[0]),
            inner,
            grads,
        )


@EVERY
def test_each_branch_is_what_it_is_alone(kinds):
    architecture, arrays = build(**kinds, readout=("mean", "max"))
    together = Classifier(architecture, arrays).outputs(IDS, LENGTHS, training=False)
    parts = []
    for number, encoder in enumerate(architecture.encoders):
        alone, own = build(encoder=encoder, readout=("mean", "max"))
        start = f"branches.{number}."
        own |= {name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)}
        own["embedding.weight"] = arrays["embedding.weight"]
        parts.append(Classifier(alone, own).outputs(IDS, LENGTHS, training=False)["readout"])
    np.testing.assert_array_equal(together["join"], np.concatenate(parts, axis=1))


def test_ngrams_beside_are_what_they_are_alone():
    for kinds in BESIDE_NGRAMS:
        architecture, arrays = build(**kinds)
        found = Classifier(architecture, arrays).outputs(IDS, LENGTHS, training=False)["join"]
        (name,) = architecture.tables
        table = kinds.get("ngrams") or kinds["encoder"]
        alone, own = build(encoder=table)
        own |= {"encoder.weight": arrays[name]}
        vectors = Classifier(alone, own).outputs(IDS, LENGTHS, training=False)["encoder"]
        place = slice(0, table.dim) if name.startswith("branches.0") else slice(-table.dim, None)
        np.testing.assert_array_equal(found[:, place], vectors)


@EVERY
def test_networks_side_by_side_are_those_alone(kinds):
    architecture, arrays = build(**kinds)
    other = {name: array * 0.7 for name, array in arrays.items()}
    stacked = {name: np.stack([array, other[name]]) for name, array in arrays.items()}
    _, together, logits = loss_by_hand(architecture, stacked)
    for number, each in enumerate((arrays, other)):
        _, grads, alone = loss_by_hand(architecture, each)
        np.testing.assert_allclose(logits[number], alone, rtol=1e-12)
        for name, grad in grads.items():
            np.testing.assert_allclose(together[name][number], grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kinds", [*BESIDE, *BESIDE_NGRAMS], ids=str)
def test_description_is_read_as_written(kinds):
    architecture, _ = build(**kinds, readout=("mean", "last"))
    assert Architecture.from_json(architecture.to_json()) == architecture
    assert "beside" not in build(encoder=kinds["encoder"])[0].to_json()
