import numpy as np
import pytest
import torch

from every_kind import NORMALIZATIONS, READOUTS, WITH_EMBEDDING
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.torch_nn.classifier import Classifier
from nlptrain.torch_nn.loss import loss

IDS = torch.tensor([[1, 2, 3, 0, 0], [4, 5, 1, 1, 2], [0, 0, 0, 0, 0], [6, 0, 0, 0, 0]])
LENGTHS = torch.tensor([3, 5, 0, 1])
CLASSES = torch.tensor([0, 1, 2, 1])


def build(encoder, **kinds):
    """Build a network in training mode, with distinct values everywhere."""
    architecture = Architecture(7, 3, 4, encoder, **kinds)
    arrays = initial_parameters(architecture, seed=1, dtype="float64")
    network = Classifier(architecture).double().train()
    network.load_arrays(arrays)
    return network


def learn(network, ids, lengths, classes, **options):
    """Compute the logits and the gradients of the mean loss."""
    network.zero_grad()
    padded = bool((lengths < ids.shape[1]).any())
    logits = network(ids, lengths, padded=padded, **options)
    value = loss("cross_entropy", logits, classes, None)
    value.backward()
    gradients = {
        name: torch.zeros_like(each) if each.grad is None else each.grad
        for name, each in network.named_parameters()
    }
    assert torch.isfinite(value)
    return logits.detach(), gradients


def learn_one_by_one(network):
    """Learn from each string alone, without a pad where it has characters."""
    logits, total = [], {}
    for row, length in enumerate(LENGTHS.tolist()):
        one = slice(row, row + 1)
        ids = IDS[one, : max(length, 1)]
        row_logits, gradients = learn(network, ids, LENGTHS[one], CLASSES[one])
        logits.append(row_logits)
        total = {name: each / len(IDS) + total.get(name, 0) for name, each in gradients.items()}
    return torch.cat(logits), total


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", ["none", "layer", "instance"])
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_neighbours_change_no_logit_and_no_gradient(encoder, normalization, readout):
    network = build(encoder, normalization=normalization, readout=readout)
    together = learn(network, IDS, LENGTHS, CLASSES)
    alone = learn_one_by_one(network)
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_wider_pads_change_no_logit_and_no_gradient(encoder, normalization, readout):
    kinds = {"normalization": normalization, "readout": readout, "activation": "tanh"}
    narrow = learn(build(encoder, **kinds), IDS, LENGTHS, CLASSES)
    wide = torch.nn.functional.pad(IDS, (0, 4))
    wider = learn(build(encoder, **kinds), wide, LENGTHS, CLASSES)
    torch.testing.assert_close(wider, narrow, rtol=0, atol=1e-12)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_no_gradient_reaches_the_padding_row(encoder, normalization):
    network = build(encoder, normalization=normalization)
    _, gradients = learn(network, IDS, LENGTHS, CLASSES)
    assert torch.equal(gradients["embedding.weight"][0], torch.zeros(4, dtype=torch.float64))
    assert (gradients["embedding.weight"][1:] != 0).any(dim=1).sum() >= 2


@pytest.mark.crossed
@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_batch_of_empty_strings_gives_finite_loss_and_gradients(encoder, normalization, readout):
    network = build(encoder, normalization=normalization, readout=readout)
    nothing = torch.zeros(2, 1, dtype=torch.int64)
    logits, gradients = learn(network, nothing, nothing[:, 0], CLASSES[:2])
    bias = network.head[0].bias.detach()
    torch.testing.assert_close(logits, torch.stack([bias, bias]))
    assert all(torch.isfinite(each).all() for each in gradients.values())


def test_frozen_embedding_gets_no_gradient():
    network = build(Recurrent(hidden_size=3))
    network.embedding.weight.requires_grad_(False)
    learn(network, IDS, LENGTHS, CLASSES)
    assert network.embedding.weight.grad is None
    assert network.head[0].weight.grad is not None


def test_dropout_mask_scales_what_was_read_out():
    network = build(Pooling(), dropout=0.5)
    mask = torch.tensor([[0.0, 2.0, 2.0, 0.0]], dtype=torch.float64).expand(4, 4)
    logits, gradients = learn(network, IDS, LENGTHS, CLASSES, dropout=mask)
    read = torch.stack(
        [network.embedding(IDS[row, :n]).sum(0) / max(n, 1) for row, n in enumerate(LENGTHS)]
    )
    torch.testing.assert_close(logits, network.head(read * mask).detach())
    assert torch.equal(gradients["head.0.weight"][:, [0, 3]], torch.zeros(3, 2).double())


def test_padding_flag_is_only_a_short_cut():
    network = build(Recurrent("lstm", 3, bidirectional=True), normalization="instance")
    ids, lengths = IDS[1:2].repeat(3, 1), torch.full((3,), 5)
    short, long = (network(ids, lengths, padded=padded) for padded in (False, True))
    torch.testing.assert_close(short, long)


def test_arrays_of_another_network_are_refused():
    network = build(Pooling())
    with pytest.raises(RuntimeError, match="embedding"):
        network.load_arrays({"head.0.bias": np.zeros(3)})
