"""A branch computed over blocks of positions gives torch's logits and gradients."""

import itertools

import numpy as np
import pytest
import torch

from every_kind import ACTIVATIONS, BESIDE, CELLS
from nlptrain.numpy_nn import branches_in_blocks, convolution_in_blocks, recurrent_in_blocks
from nlptrain.numpy_nn.activation import ACTIVATIONS as KINDS
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.branches_in_blocks import find_branches
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.torch_nn.classifier import Classifier as TorchClassifier

LENGTHS = np.array([4, 11, 0, 1, 11, 2])
CONVOLUTIONS = [
    Convolutional(3, (1, 2, 5)),
    Convolutional(3, (4, 3), dilation=2),
    Convolutional(3, (3,), stride=2, padding="valid"),
    Convolutional(2, (2,), stride=3),
    Convolutional(1, (9,), padding="valid"),
]
RECURRENT = [Recurrent(cell, 3, bidirectional=both) for cell in CELLS for both in (False, True)]
READOUTS = ["mean", "max", "last", ("max", "mean", "last")]
READINGS = [
    (activation, readout)
    for activation in ("none", *ACTIVATIONS)
    for readout in READOUTS
    if activation == "none" or KINDS[activation].is_nondecreasing or "max" not in readout
]


@pytest.fixture
def in_blocks(monkeypatch):
    """Compute every branch that can be in blocks, of few positions each."""
    monkeypatch.setattr(branches_in_blocks, "LONG", {"cnn": -1, "rnn": -1})

    def set_blocks(numbers):
        monkeypatch.setattr(convolution_in_blocks, "BLOCK", numbers)
        monkeypatch.setattr(recurrent_in_blocks, "BLOCK", numbers)

    set_blocks(150)
    return set_blocks


def build(vocabulary=9, **kinds):
    """Make both networks with the same arrays, all of them away from 0."""
    architecture = Architecture(vocabulary, num_classes=3, embedding_dim=4, **kinds)
    generator = np.random.default_rng(1)
    arrays = {
        name: array + generator.uniform(0.1, 0.5, array.shape) * (name != "embedding.weight")
        for name, array in initial_parameters(architecture, seed=3, dtype="float64").items()
    }
    network = TorchClassifier(architecture).double().train()
    network.load_arrays(arrays)
    return Classifier(architecture, arrays), network


def make_batch(vocabulary=9, lengths=LENGTHS):
    ids = np.random.default_rng(0).integers(1, vocabulary, (len(lengths), lengths.max()))
    ids[np.arange(ids.shape[1]) >= lengths[:, None]] = 0
    return ids, lengths


def compare(by_hand, network, batch):
    """Hold logits and every gradient against torch's."""
    assert find_branches(by_hand.architecture.steps)
    ids, lengths = batch
    logits, to_grads = by_hand.forward(ids, lengths, training=True)
    expected = network(*map(torch.from_numpy, batch), padded=True)
    pull = np.random.default_rng(3).standard_normal(logits.shape)
    (expected * torch.from_numpy(pull)).sum().backward()
    np.testing.assert_allclose(logits, expected.detach().numpy(), rtol=0, atol=1e-12)
    grads = to_grads(pull)
    assert sorted(grads) == sorted(name for name, _ in network.named_parameters())
    for name, parameter in network.named_parameters():
        expected_grad = torch.zeros(parameter.shape) if parameter.grad is None else parameter.grad
        np.testing.assert_allclose(
            grads[name], expected_grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name
        )


@pytest.mark.crossed
@pytest.mark.parametrize(("activation", "readout"), READINGS, ids=str)
@pytest.mark.parametrize("encoder", [*CONVOLUTIONS, *RECURRENT], ids=str)
def test_branch_in_blocks_equals_torch(in_blocks, encoder, activation, readout):
    networks = build(encoder=encoder, activation=activation, readout=readout)
    compare(*networks, make_batch())


@pytest.mark.parametrize("readout", READOUTS, ids=str)
def test_maximum_is_not_taken_before_an_activation_that_falls(monkeypatch, readout):
    steps = Architecture(9, 3, 4, CONVOLUTIONS[0], activation="tanh", readout=readout).steps
    assert find_branches(steps)
    monkeypatch.setitem(KINDS, "tanh", KINDS["tanh"]._replace(is_nondecreasing=False))
    assert bool(find_branches(steps)) == ("max" not in readout)


@pytest.mark.parametrize("encoder", [CONVOLUTIONS[0], RECURRENT[-1]], ids=str)
@pytest.mark.parametrize("vocabulary", [2, 9, 300])
@pytest.mark.parametrize("numbers", [1, 400, 1 << 20])
def test_any_blocks_and_vocabulary_equal_torch(in_blocks, encoder, vocabulary, numbers):
    in_blocks(numbers)
    networks = build(vocabulary, encoder=encoder, readout=("mean", "max"))
    compare(*networks, make_batch(vocabulary))


@pytest.mark.parametrize("cell", CELLS)
def test_recurrence_that_computes_each_block_again_equals_torch(in_blocks, monkeypatch, cell):
    monkeypatch.setattr(recurrent_in_blocks, "KEPT", 0)
    encoder = Recurrent(cell, 3, bidirectional=True)
    compare(*build(encoder=encoder, readout=("mean", "max")), make_batch())


@pytest.mark.parametrize("kinds", BESIDE, ids=str)
def test_branches_side_by_side_in_blocks_equal_torch(in_blocks, kinds):
    compare(*build(**kinds, activation="relu", readout=("mean", "max")), make_batch())


@pytest.mark.parametrize("encoder", [CONVOLUTIONS[1], RECURRENT[3]], ids=str)
@pytest.mark.parametrize("shared", [False, True])
def test_networks_side_by_side_in_blocks_equal_each_alone(in_blocks, encoder, shared):
    each = [build(encoder=encoder, readout=("last", "max"))[0] for _ in range(2)]
    for array in each[1].arrays.values():
        np.multiply(array, 0.7, out=array)
    stacked = {name: np.stack([one.arrays[name] for one in each]) for name in each[0].arrays}
    ids, lengths = make_batch()
    batches = [(ids, lengths)] * 2 if shared else [(ids, lengths), (ids[::-1], lengths[::-1])]
    batch = batches[0] if shared else [np.stack(parts) for parts in zip(*batches, strict=True)]
    together, to_grads = Classifier(each[0].architecture, stacked).forward(*batch, training=True)
    pull = np.random.default_rng(4).standard_normal(together.shape)
    grads = to_grads(pull)
    for index, (network, own) in enumerate(zip(each, batches, strict=True)):
        logits, to_own = network.forward(*own, training=True)
        np.testing.assert_array_equal(together[index], logits)
        for name, grad in to_own(pull[index]).items():
            np.testing.assert_array_equal(grads[name][index], grad, err_msg=name)


@pytest.mark.parametrize("encoder", [CONVOLUTIONS[0], RECURRENT[1]], ids=str)
def test_float32_network_in_blocks_never_computes_in_float64(in_blocks, encoder):
    by_hand, _ = build(encoder=encoder, activation="relu", readout=("mean", "max"))
    arrays = {name: array.astype(np.float32) for name, array in by_hand.arrays.items()}
    network = Classifier(by_hand.architecture, arrays)
    logits, to_grads = network.forward(*make_batch(), training=True)
    grads = to_grads(np.ones_like(logits))
    assert {logits.dtype, *(grad.dtype for grad in grads.values())} == {np.dtype("float32")}


def test_number_that_is_not_finite_shows_in_the_logits(in_blocks):
    for encoder, readout in itertools.product([CONVOLUTIONS[0], RECURRENT[0]], READOUTS):
        network, _ = build(encoder=encoder, readout=readout)
        network.arrays["embedding.weight"][1:] = np.nan
        assert np.isnan(network.logits(*make_batch())[0]).all()


@pytest.mark.parametrize(
    "kinds",
    [
        {"encoder": Recurrent(hidden_size=3, num_layers=2), "readout": "last"},
        {"encoder": Convolutional(3), "readout": "attention"},
        {"encoder": Convolutional(3), "readout": ("attention", "max")},
        {"encoder": Convolutional(3), "readout": "max", "normalization": "layer"},
    ],
    ids=str,
)
def test_branch_that_needs_all_positions_is_computed_at_once(kinds):
    assert not find_branches(Architecture(9, 3, 4, **kinds).steps)


def test_recurrence_computes_no_string_beyond_its_end(in_blocks, monkeypatch):
    in_blocks(1)  # One position in each block.
    computed, cell = [], recurrent_in_blocks.CELLS["gru"]

    def forward(projected, *rest):
        computed.append(projected.ids.shape)
        return cell.forward(projected, *rest)

    monkeypatch.setitem(recurrent_in_blocks.CELLS, "gru", cell._replace(forward=forward))
    network, _ = build(encoder=Recurrent("gru", 3), readout="mean")
    network.logits(*make_batch())
    assert computed == [(1, np.count_nonzero(place < LENGTHS)) for place in range(11)]


def test_short_batch_is_computed_at_once():
    branch = find_branches(Architecture(9, 3, 4, Convolutional(64), readout="max").steps)["encoder"]
    assert [branch.is_long(64 * length, 4) for length in (12, 160)] == [False, True]
