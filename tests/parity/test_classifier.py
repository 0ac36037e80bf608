"""The network by hand gives torch's logits, for every kind of network."""

import itertools

import numpy as np
import pytest
import torch

from every_kind import MORE_ENCODERS as ENCODERS
from every_kind import NORMALIZATIONS, READOUTS
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.torch_nn.classifier import Classifier as TorchClassifier

LENGTHS = np.array([4, 7, 0, 1, 7])


def build(**kinds) -> tuple[Classifier, TorchClassifier]:
    """Make both networks with the same arrays, all of them away from 0 and 1."""
    architecture = Architecture(vocabulary_size=9, num_classes=3, embedding_dim=4, **kinds)
    generator = np.random.default_rng(1)
    arrays = {
        name: array + generator.uniform(0.1, 0.5, array.shape) * (name != "embedding.weight")
        for name, array in initial_parameters(architecture, seed=3, dtype="float64").items()
    }
    network = TorchClassifier(architecture).double().eval()
    network.load_arrays(arrays)
    return Classifier(architecture, arrays), network


def make_batch(lengths=LENGTHS, seed=0):
    """Draw token ids with pads behind each string."""
    ids = np.random.default_rng(seed).integers(1, 9, (len(lengths), max(*lengths, 1)))
    ids[np.arange(ids.shape[1]) >= lengths[:, None]] = 0
    return ids, lengths


def torch_logits(network, ids, lengths, *, padded=True):
    with torch.no_grad():
        return network(torch.from_numpy(ids), torch.from_numpy(lengths), padded=padded).numpy()


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_logits_by_hand_equal_torch(encoder, normalization, readout):
    by_hand, network = build(
        encoder=encoder, normalization=normalization, readout=readout, activation="tanh"
    )
    ids, lengths = make_batch()
    expected = torch_logits(network, ids, lengths)
    np.testing.assert_allclose(by_hand.logits(ids, lengths), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_unpadded_batch_takes_torchs_short_way_to_the_same_logits(encoder):
    by_hand, network = build(encoder=encoder, normalization="instance", readout="last")
    ids, lengths = make_batch(np.array([6, 6, 6]))
    short, long = (torch_logits(network, ids, lengths, padded=padded) for padded in (False, True))
    np.testing.assert_allclose(short, long, rtol=0, atol=1e-12)
    np.testing.assert_allclose(by_hand.logits(ids, lengths), long, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("activation", "hidden", "output"),
    list(
        itertools.product(("none", "sigmoid", "relu"), ((), (4,), (6, 2)), ("sigmoid", "softmax"))
    ),
)
def test_head_and_activations_equal_torch(activation, hidden, output):
    by_hand, network = build(
        encoder=Pooling(), activation=activation, head_hidden_sizes=hidden, output=output
    )
    ids, lengths = make_batch()
    expected = torch_logits(network, ids, lengths)
    assert expected.shape == (5, 1 if output == "sigmoid" else 3)
    np.testing.assert_allclose(by_hand.logits(ids, lengths), expected, rtol=0, atol=1e-12)


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_pads_and_neighbours_never_change_a_result(encoder, normalization, readout):
    by_hand, network = build(encoder=encoder, normalization=normalization, readout=readout)
    ids, lengths = make_batch()
    together = torch_logits(network, ids, lengths)
    for row, length in enumerate(lengths):
        alone = ids[row : row + 1, : max(length, 1)]
        one = np.array([length])
        np.testing.assert_allclose(torch_logits(network, alone, one)[0], together[row], atol=1e-12)
        np.testing.assert_allclose(by_hand.logits(alone, one)[0], together[row], atol=1e-12)


def test_empty_string_reads_out_as_zeros():
    by_hand, network = build(encoder=Recurrent(hidden_size=5), readout="last")
    ids, lengths = np.zeros((1, 1), np.int64), np.array([0])
    bias = by_hand.arrays["head.0.bias"]
    np.testing.assert_array_equal(by_hand.logits(ids, lengths)[0], bias)
    np.testing.assert_array_equal(torch_logits(network, ids, lengths)[0], bias)


def test_torch_state_has_the_architectures_names_and_shapes():
    for encoder in ENCODERS:
        _, network = build(encoder=encoder, normalization="batch", head_hidden_sizes=(4,))
        architecture = network.architecture
        expected = architecture.parameter_shapes() | architecture.buffer_shapes()
        shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
        assert shapes == expected
