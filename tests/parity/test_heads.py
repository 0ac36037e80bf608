"""A head for every branch and one over all: both engines agree, and so does paper."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from every_kind import BESIDE, BESIDE_NGRAMS, LOSSES
from nlptrain.evaluation.decision import compute_probabilities
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.heads import Average, Part
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.layer import Context
from nlptrain.numpy_nn.loss import loss_of_heads, output_of
from nlptrain.numpy_nn.row_gradient import RowGradient
from nlptrain.torch_nn.classifier import Classifier as TorchClassifier
from nlptrain.torch_nn.loss import loss_of_heads as torch_loss_of_heads

LENGTHS = np.array([4, 7, 0, 1, 7])
IDS = np.where(np.arange(7) < LENGTHS[:, None], np.random.default_rng(0).integers(1, 9, (5, 7)), 0)
CLASSES = np.array([0, 1, 1, 1, 0])
WEIGHTS = np.array([0.5, 2.0])
NOTHING = Context(LENGTHS, training=True, dropout=None)
EVERY = pytest.mark.parametrize("kinds", [*BESIDE, *BESIDE_NGRAMS], ids=str)


def build(kind="cross_entropy", **kinds):
    architecture = Architecture(
        vocabulary_size=9, num_classes=2, embedding_dim=4, output=output_of(kind), **kinds
    )
    return architecture, initial_parameters(architecture, seed=3, dtype="float64")


def compute(architecture, arrays, kind="cross_entropy", mask=None):
    network = Classifier(architecture, arrays)
    logits, heads, to_grads = network.forward_heads(IDS, LENGTHS, training=True, dropout=mask)
    value, grads = loss_of_heads(kind, heads, CLASSES, WEIGHTS)
    found = {
        name: grad.to_dense(arrays[name].shape[-2]) if isinstance(grad, RowGradient) else grad
        for name, grad in to_grads(grads).items()
    }
    return value, found, logits


def draw_mask(architecture):
    shape = len(IDS), architecture.vector_size
    return np.random.default_rng(5).integers(0, 2, shape) * 2.0


def losses_in_torch(kind, logits):
    """Compute each string's loss by torch's own functions."""
    classes = torch.from_numpy(CLASSES)
    match kind:
        case "cross_entropy":
            return F.cross_entropy(logits, classes, reduction="none")
        case "bce":
            return F.binary_cross_entropy_with_logits(
                logits[:, 0], classes.double(), reduction="none"
            )
        case "mse":
            return F.mse_loss(torch.sigmoid(logits[:, 0]), classes.double(), reduction="none")


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("hidden", [(), (3,)], ids=str)
@EVERY
def test_both_engines_agree(check_gradient, kinds, hidden, kind):
    architecture, arrays = build(
        kind,
        **kinds,
        heads="each",
        dropout=0.5,
        head_hidden_sizes=hidden,
        head_activation="tanh",
        readout=("mean", "attention"),
        normalization="layer",
    )
    mask = draw_mask(architecture)
    value, grads, logits = compute(architecture, arrays, kind, mask)
    network = TorchClassifier(architecture).double()
    assert list(network.state_dict()) == list(architecture.parameters())
    network.load_arrays(arrays)
    arguments = torch.from_numpy(IDS), torch.from_numpy(LENGTHS)
    mean, heads = network.forward_heads(*arguments, padded=True, dropout=torch.from_numpy(mask))
    share = torch.from_numpy(WEIGHTS[CLASSES] / WEIGHTS[CLASSES].sum())
    expected = sum((losses_in_torch(kind, each) * share).sum() for each in heads)
    expected.backward()
    assert len(heads) == 1 + architecture.num_branches
    assert value == pytest.approx(expected.item(), abs=1e-12)
    np.testing.assert_allclose(logits, mean.detach().numpy(), rtol=0, atol=1e-12)
    by_engine = torch_loss_of_heads(
        kind, heads, torch.from_numpy(CLASSES), torch.from_numpy(WEIGHTS)
    )
    assert by_engine.item() == pytest.approx(expected.item(), abs=1e-12)
    assert sorted(grads) == sorted(arrays)
    for name, parameter in network.named_parameters():
        grad = parameter.grad.to_dense().numpy()
        np.testing.assert_allclose(grads[name], grad, rtol=0, atol=1e-12, err_msg=name)
    inner = {name: each for name, each in arrays.items() if name != "embedding.weight"}
    check_gradient(
        lambda at: float(compute(architecture, arrays | at, kind, mask)[0]), inner, grads
    )


@EVERY
def test_gradient_of_the_averaged_logits_is_torchs(kinds):
    architecture, arrays = build(**kinds, heads="each", head_hidden_sizes=(3,))
    pull = np.random.default_rng(1).standard_normal((5, 2))
    _, to_grads = Classifier(architecture, arrays).forward(IDS, LENGTHS, training=False)
    grads = to_grads(pull)
    network = TorchClassifier(architecture).double()
    network.load_arrays(arrays)
    logits = network(torch.from_numpy(IDS), torch.from_numpy(LENGTHS), padded=True)
    (logits * torch.from_numpy(pull)).sum().backward()
    for name, parameter in network.named_parameters():
        found = grads[name]
        if isinstance(found, RowGradient):
            found = found.to_dense(len(parameter))
        expected = parameter.grad.to_dense().numpy()
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12, err_msg=name)


@EVERY
def test_head_of_a_branch_reads_that_branch_alone(kinds):
    architecture, arrays = build(**kinds, heads="each")
    found = Classifier(architecture, arrays).outputs(IDS, LENGTHS, training=False)
    ends = [name for name in found if name.endswith(("readout", "ngrams"))]
    if architecture.encoder.type == "ngrams":
        ends.insert(0, "branches.0.encoder")
    heads = {f"heads.{number}.0": found[end] for number, end in enumerate(ends)}
    heads["head.0"] = np.concatenate([found[end] for end in ends], axis=1)
    expected = []
    for name, vector in heads.items():
        expected.append(vector @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"])
        np.testing.assert_allclose(found[name], expected[-1], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found["average"], np.mean(expected, axis=0), rtol=1e-12, atol=1e-14)


def test_losses_of_two_heads_on_paper():
    # σ(log 3) = 3/4 and σ(0) = 1/2; of class 1, then of class 0; the mean over two strings.
    heads = {"a": np.log([[3.0], [3.0]]), "b": np.zeros((2, 1))}
    value, grads = loss_of_heads("bce", heads, np.array([1, 0]))
    assert value == pytest.approx((np.log(4 / 3) + np.log(4)) / 2 + np.log(2))
    np.testing.assert_allclose(grads["a"], [[-1 / 8], [3 / 8]], rtol=1e-12)
    np.testing.assert_allclose(grads["b"], [[-1 / 4], [1 / 4]], rtol=1e-12)


def test_prediction_of_two_heads_on_paper():
    # p = 9/10 and 1/2: √(9/10 · 1/2) to √(1/10 · 1/2) is 3 to 1.
    y, _ = Average(2).forward((np.log([[9.0]]), np.zeros((1, 1))), {}, NOTHING)
    np.testing.assert_allclose(compute_probabilities(y), [[1 / 4, 3 / 4]], rtol=1e-12)
    # (1, 4, 4)/9 and (4, 1, 4)/9: the roots of the products are 2, 2 and 4 ninths.
    pair = np.log([[1.0, 4.0, 4.0]]), np.log([[4.0, 1.0, 4.0]]) + 7.0
    y, _ = Average(2).forward(pair, {}, NOTHING)
    np.testing.assert_allclose(compute_probabilities(y), [[1 / 4, 1 / 4, 1 / 2]], rtol=1e-12)


@pytest.mark.parametrize("size", [1, 3])
def test_prediction_is_the_renormalized_mean_of_log_probabilities(draw, size):
    heads = tuple(draw(4, 6, size) * 3)
    y, _ = Average(4).forward(heads, {}, NOTHING)
    probabilities = np.exp(np.mean([np.log(compute_probabilities(each)) for each in heads], axis=0))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(compute_probabilities(y), probabilities, rtol=1e-10)


@pytest.mark.parametrize(("start", "size"), [(0, 2), (2, 1), (1, 4)])
def test_part_equals_torch(check_layer, check_side_by_side, draw, start, size):
    def by_hand(x):
        return Part(start, size).forward(x, {}, NOTHING)

    check_layer(by_hand, lambda x: x[:, start : start + size], draw(3, 5))
    check_side_by_side(by_hand, draw(3, 5))


@pytest.mark.parametrize("kinds", BESIDE, ids=str)
def test_networks_side_by_side_are_those_alone(kinds):
    architecture, arrays = build(**kinds, heads="each", dropout=0.5)
    mask = draw_mask(architecture)
    other = {name: array * 0.7 for name, array in arrays.items()}
    stacked = {name: np.stack([array, other[name]]) for name, array in arrays.items()}
    values, together, logits = compute(architecture, stacked, mask=mask)
    for number, each in enumerate((arrays, other)):
        value, grads, alone = compute(architecture, each, mask=mask)
        assert values[number] == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(logits[number], alone, rtol=1e-12)
        for name, grad in grads.items():
            np.testing.assert_allclose(together[name][number], grad, rtol=1e-9, atol=1e-12)


@EVERY
def test_float32_stays_float32(kinds):
    architecture, arrays = build(**kinds, heads="each", dropout=0.5, head_hidden_sizes=(3,))
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    mask = draw_mask(architecture).astype(np.float32)
    value, grads, logits = compute(architecture, arrays, mask=mask)
    assert {each.dtype for each in (value, logits, *grads.values())} == {np.dtype("float32")}


@EVERY
def test_layers_up_to_the_head_over_all_begin_as_with_one_head(kinds):
    _, joint = build(**kinds)
    architecture, each = build(**kinds, heads="each")
    for name, array in joint.items():
        np.testing.assert_array_equal(each[name], array)
    own = {name.rpartition(".")[0] for name in each.keys() - joint.keys()}
    assert own == set(architecture.head_ends[1:])


@EVERY
def test_description_is_read_as_written(kinds):
    architecture, _ = build(**kinds, heads="each")
    assert Architecture.from_json(architecture.to_json()) == architecture
    assert "heads" not in build(**kinds)[0].to_json()


def test_no_last_layer_is_a_hidden_matrix():
    (kinds, *_) = BESIDE
    architecture, _ = build(**kinds, heads="each", head_hidden_sizes=(3,))
    found = {name for name in architecture.hidden_matrices() if "head" in name}
    assert found == {"head.0.weight", "heads.0.0.weight", "heads.1.0.weight"}
