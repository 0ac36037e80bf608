"""The course's worked examples, with the numbers that its notes use."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.activation import sigmoid, sigmoid_layer
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.course.convolution_nd import convolution
from nlptrain.numpy_nn.course.output_loss import mean_squared_error, nll
from nlptrain.numpy_nn.course.pooling import max_pool, mean_pool
from nlptrain.numpy_nn.course.softmax import log_softmax_layer
from nlptrain.numpy_nn.dropout import dropout_layer
from nlptrain.numpy_nn.embedding import look_up
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.normalization import batch_norm, instance_norm, layer_norm
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.readout import maximum, mean
from nlptrain.numpy_nn.recurrent import Recurrent, recurrent
from nlptrain.numpy_nn.sgd import Sgd
from nlptrain.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary.from_characters("abcdef")
ONCE = {"stride": (1, 1), "dilation": (1, 1)}


def encode(*texts):
    """Encode strings at length 5: the first fills it, so that the others are padded to it."""
    return VOCABULARY.encode(["abcde", *texts], max_length=5).batch(np.arange(1 + len(texts)))[0]


def small_network():
    """Make the notes' network: a table of 8 × 5, mean pooling, one logit."""
    architecture = Architecture(8, 2, 5, Pooling(), output="sigmoid")
    return Classifier(architecture, initial_parameters(architecture, seed=1, dtype="float64"))


# A2, A3, A5: from a string to its class.


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("abcde", [1, 2, 3, 4, 5]),
        ("ddccb", [4, 4, 3, 3, 2]),
        ("fedaz", [6, 5, 4, 1, 7]),
        ("ddcc", [4, 4, 3, 3, 0]),
        ("abcdea", [1, 2, 3, 4, 5]),
        ("abc", [1, 2, 3, 0, 0]),
        ("你个扑该!", [7, 7, 7, 7, 7]),
    ],
)
def test_a2_string_becomes_token_ids(text, ids):
    np.testing.assert_array_equal(encode(text)[1], ids)


def test_a2_three_strings_become_three_by_five_by_five():
    ids = VOCABULARY.encode(["abcdea", "ddcc", "fedaz"], max_length=5).batch(np.arange(3))[0]
    np.testing.assert_array_equal(ids, [[1, 2, 3, 4, 5], [4, 4, 3, 3, 0], [6, 5, 4, 1, 7]])
    table = np.arange(40.0).reshape(8, 5)
    rows, _ = look_up(ids, table)
    assert rows.shape == (3, 5, 5)
    np.testing.assert_array_equal(rows[2, 4], [35, 36, 37, 38, 39])


def test_a3_table_of_eight_by_five_has_a_padding_row_without_gradient():
    network = small_network()
    assert network.arrays["embedding.weight"].shape == (len(VOCABULARY), 5) == (8, 5)
    np.testing.assert_array_equal(network.arrays["embedding.weight"][0], np.zeros(5))
    _, to_grads = network.forward(encode("ddcc", "fedaz"), np.array([5, 4, 5]), training=True)
    grad = to_grads(np.ones((3, 1)))["embedding.weight"]
    np.testing.assert_array_equal(grad[0], np.zeros(5))
    assert (grad[1:] != 0).all()


def test_a5_abcd_goes_through_the_whole_mapping_without_its_pad():
    network = small_network()
    table, weight, bias = (
        network.arrays[name] for name in ("embedding.weight", "head.0.weight", "head.0.bias")
    )
    vector = (table[1] + table[2] + table[3] + table[4]) / 4
    logit = network.logits(encode("abcd")[1:], np.array([4]))
    np.testing.assert_allclose(logit, [[weight[0] @ vector + bias[0]]], rtol=1e-14)
    assert sigmoid(logit).item() == pytest.approx(1 / (1 + np.exp(-logit.item())), rel=1e-14)


# A6, A8, A9, A10: the parts of a network.


def test_a6_recurrent_network_of_256_and_128_has_49280_numbers_and_torchs_second_bias():
    encoder = Recurrent(hidden_size=128)
    shapes = Architecture(8, 2, 256, encoder).parameter_shapes()
    shapes = {name: shape for name, shape in shapes.items() if name.startswith("encoder.")}
    assert list(shapes.values()) == [(128, 256), (128, 128), (128,), (128,)]
    count = sum(int(np.prod(shape)) for shape in shapes.values())
    assert (count - 128, count) == (49_280, 49_408)
    assert count == sum(value.numel() for value in torch.nn.RNN(256, 128).parameters())


def test_a8_norms_differ_in_what_they_run_over():
    x = np.random.default_rng(0).normal(3, 5, (6, 4, 2))  # T, B, F
    lengths = np.full(4, 6)
    axes = {"batch": (0, 1), "layer": (2,), "instance": (0,)}
    outputs = {
        "batch": batch_norm(x, np.ones(2), np.zeros(2), lengths)[0],
        "layer": layer_norm(x, np.ones(2), np.zeros(2))[0],
        "instance": instance_norm(x, np.ones(2), np.zeros(2), lengths)[0],
    }
    for name, axis in axes.items():
        centered = x - x.mean(axis, keepdims=True)
        expected = centered / np.sqrt(x.var(axis, keepdims=True) + 1e-5)
        np.testing.assert_allclose(outputs[name], expected, rtol=1e-12)


def test_a9_half_of_one_to_six_may_become_four_and_twelve():
    mask = np.array([0, 1, 0, 0, 0, 1]) / (1 - 0.5)
    y, backward = dropout_layer(np.arange(1.0, 7.0), mask)
    np.testing.assert_array_equal(y, [0, 4, 0, 0, 0, 12])
    np.testing.assert_array_equal(backward(np.ones(6))[0], [0, 2, 0, 0, 0, 2])


def test_a9_survivors_of_one_to_nine_are_divided_by_six_tenths():
    y, _ = dropout_layer(np.arange(1.0, 10.0), np.ones(9) / (1 - 0.4))
    np.testing.assert_allclose(y[[0, -1]], [1.6667, 15], atol=5e-5)
    np.testing.assert_allclose(y, np.arange(1, 10) / 0.6, rtol=1e-15)


def test_a10_cross_entropy_is_log_softmax_and_nll():
    logits, classes = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]]), np.array([0, 2])
    by_hand = -np.log(np.exp(logits[[0, 1], classes]) / np.exp(logits).sum(axis=1)).mean()
    assert loss("cross_entropy", logits, classes)[0] == pytest.approx(by_hand, rel=1e-14)
    value, _ = nll(log_softmax_layer(logits)[0], classes)
    assert value == pytest.approx(by_hand, rel=1e-14)


def test_a10_losses_of_a_probability_are_the_notes_formulas():
    logits, classes = np.array([[0.3], [-1.2], [2.0]]), np.array([1, 0, 0])
    p, y = sigmoid(logits[:, 0]), classes
    assert loss("mse", logits, classes)[0] == pytest.approx(((p - y) ** 2).mean(), rel=1e-14)
    by_hand = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    assert loss("bce", logits, classes)[0] == pytest.approx(by_hand, rel=1e-14)


# B1: one linear layer without bias, a sigmoid and the mean squared error.

B1_X, B1_Y = np.array([[-0.5, 0.1]]), np.array([[0.1, 0.2]])


def take_b1_weight():
    """Take the 2 × 2 weight from torch's model."""
    torch.manual_seed(0)
    return torch.nn.Linear(2, 2, bias=False).double()


def compute_b1_gradient(weight):
    hidden, backward_linear = linear(B1_X, weight, np.zeros(2))
    outputs, backward_sigmoid = sigmoid_layer(hidden)
    value, grad = mean_squared_error(outputs, B1_Y)
    return value, backward_linear(backward_sigmoid(grad)[0])[1]["weight"]


def test_b1_loss_and_gradient_equal_torch_and_the_chain_rule():
    model = take_b1_weight()
    weight = model.weight.detach().numpy()
    expected = F.mse_loss(torch.sigmoid(model(torch.from_numpy(B1_X))), torch.from_numpy(B1_Y))
    expected.backward()
    value, grad = compute_b1_gradient(weight)
    assert value == pytest.approx(expected.item(), rel=1e-14)
    np.testing.assert_allclose(grad, model.weight.grad.numpy(), rtol=1e-13)
    for out in range(2):
        a = 1 / (1 + np.exp(-(weight[out, 0] * -0.5 + weight[out, 1] * 0.1)))
        # dL/da = 2 (a − y) / 2; da/dz = a (1 − a); dz/dw = x
        slope = (a - B1_Y[0, out]) * a * (1 - a)
        np.testing.assert_allclose(grad[out], [slope * -0.5, slope * 0.1], rtol=1e-13)


@pytest.mark.parametrize(
    ("by_hand", "reference", "learning_rate"),
    [(Sgd, torch.optim.SGD, 0.1), (Adam, torch.optim.Adam, 1e-3)],
)
def test_b1_one_update_equals_torch(by_hand, reference, learning_rate):
    model = take_b1_weight()
    vector = ParameterVector({"weight": model.weight.detach().numpy()})
    _, grad = compute_b1_gradient(vector.views["weight"])
    by_hand(vector).step(grad.reshape(-1).copy(), learning_rate)
    optimizer = reference(model.parameters(), lr=learning_rate)
    F.mse_loss(torch.sigmoid(model(torch.from_numpy(B1_X))), torch.from_numpy(B1_Y)).backward()
    optimizer.step()
    np.testing.assert_allclose(
        vector.views["weight"], model.weight.detach().numpy(), rtol=1e-13, atol=1e-16
    )


def test_b1_updates_are_the_notes_formulas():
    start = take_b1_weight().weight.detach().numpy().copy()
    _, grad = compute_b1_gradient(start)
    by_sgd, by_adam = ParameterVector({"w": start}), ParameterVector({"w": start})
    Sgd(by_sgd).step(grad.reshape(-1).copy(), 0.1)
    Adam(by_adam).step(grad.reshape(-1).copy(), 1e-3)
    np.testing.assert_allclose(by_sgd.views["w"], start - 0.1 * grad, rtol=1e-14)
    m, v = 0.1 * grad / (1 - 0.9), 0.001 * grad**2 / (1 - 0.999)
    expected = start - 1e-3 * m / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(by_adam.views["w"], expected, rtol=1e-13)


# B2: an Elman network without biases.


def test_b2_all_outputs_and_the_last_state_equal_torch_and_the_formula():
    x = np.array([[1.0, 2, 3], [3, 4, 5], [5, 6, 7]])
    torch.manual_seed(0)
    layer = torch.nn.RNN(3, 4, bias=False, batch_first=True).double()
    with torch.no_grad():
        expected, last = layer(torch.from_numpy(x[None]))
    arrays = {name: value.detach().numpy() for name, value in layer.named_parameters()}
    arrays |= {"bias_ih_l0": np.zeros(4), "bias_hh_l0": np.zeros(4)}
    # The three inputs are the rows of a table, read in order.
    ids, lengths = np.arange(3)[:, None], np.array([3])
    states, _ = recurrent(ids, x, lengths, arrays, Recurrent(hidden_size=4))
    np.testing.assert_allclose(states[:, 0], expected[0].numpy(), rtol=1e-13)
    np.testing.assert_allclose(states[-1, 0], last[0, 0].numpy(), rtol=1e-13)
    h = np.zeros(4)
    for t in range(3):
        h = np.tanh(arrays["weight_ih_l0"] @ x[t] + arrays["weight_hh_l0"] @ h)
        np.testing.assert_allclose(states[t, 0], h, rtol=1e-13)


# B3, B4: convolution.

B3_X = np.array(
    [
        [0.1, 0.2, 0.3, 0.4],
        [-3, -4, -5, -6],
        [5.1, 6.2, 7.3, 8.4],
        [-0.7, -0.8, -0.9, -1],
    ]
)


def test_b3_three_kernels_of_two_by_two_give_three_by_three_by_three():
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(1, 3, 2, bias=False).double()
    weight = layer.weight.detach().numpy()
    y, _ = convolution(B3_X[None, None], weight, **ONCE)
    assert y[0].shape == (3, 3, 3)
    with torch.no_grad():
        expected = layer(torch.from_numpy(B3_X[None, None])).numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-14)
    for kernel, row, column in np.ndindex(3, 3, 3):
        window = B3_X[row : row + 2, column : column + 2]
        by_hand = (window * weight[kernel, 0]).sum()
        assert y[0, kernel, row, column] == pytest.approx(by_hand, rel=1e-12)


def test_b3_kernel_of_ones_sums_each_window():
    y, _ = convolution(B3_X[None, None], np.ones((1, 1, 2, 2)), **ONCE)
    expected = [[-6.7, -8.5, -10.3], [4.3, 4.5, 4.7], [9.8, 11.8, 13.8]]
    np.testing.assert_allclose(y[0, 0], expected, rtol=1e-12)


def test_b4_each_output_channel_sums_over_the_input_channels():
    generator = np.random.default_rng(0)
    x, weight, bias = generator.random((1, 3, 5, 5)), generator.random((2, 3, 2, 2)), np.ones(2)
    y, _ = convolution(x, weight, bias, **ONCE)
    parts = [convolution(x[:, [i]], weight[:, [i]], **ONCE)[0] for i in range(3)]
    np.testing.assert_allclose(y, sum(parts) + 1, rtol=1e-13)


def test_b4_one_by_one_kernel_is_a_linear_layer_over_channels():
    generator = np.random.default_rng(0)
    x, weight, bias = generator.random((1, 3, 4, 4)), generator.random((2, 3)), np.ones(2)
    y, _ = convolution(x, weight[:, :, None, None], bias, **ONCE)
    expected, _ = linear(x[0].reshape(3, 16).T, weight, bias)
    np.testing.assert_allclose(y[0].reshape(2, 16).T, expected, rtol=1e-13)


@pytest.mark.parametrize(
    "options",
    [
        {"stride": 2},
        {"padding": 1},
        {"padding": (2, 1), "stride": (1, 2)},
        {"padding": 1, "padding_mode": "reflect"},
        {"padding": 2, "padding_mode": "replicate"},
        {"padding": 2, "padding_mode": "circular"},
        {"dilation": 2},
        {"bias": False},
        {"groups": 2},
    ],
    ids=str,
)
def test_b4_everything_that_conv2d_takes_equals_torchs_module(options):
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(2, 4, 2, **options).double()
    x = np.random.default_rng(0).random((2, 2, 5, 6))
    y, _ = convolution(
        x,
        layer.weight.detach().numpy(),
        None if layer.bias is None else layer.bias.detach().numpy(),
        stride=layer.stride,
        dilation=layer.dilation,
        padding=layer.padding,
        padding_mode=layer.padding_mode,
        groups=layer.groups,
    )
    expected = layer(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)


# B5: pooling, over time and over windows.


def test_b5_pooling_over_time_makes_three_by_five_of_three_by_four_by_five():
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    lengths = np.full(3, 4)
    for layer, expected in ((mean, x.mean(axis=1)), (maximum, x.max(axis=1))):
        y, _ = layer(x.swapaxes(0, 1), lengths)
        assert y.shape == (3, 5)
        np.testing.assert_allclose(y, expected, rtol=1e-14)


EDGES = np.ones((6, 8))
EDGES[:, 2:6] = 0


def test_b5_mean_of_two_by_two_on_the_edge_image():
    y, _ = mean_pool(EDGES, (2, 2), stride=(1, 1), padding=(0, 0))
    np.testing.assert_array_equal(y, [[1, 0.5, 0, 0, 0, 0.5, 1]] * 5)


def test_b5_maximum_of_three_by_three_on_the_edge_image():
    y, _ = max_pool(EDGES, (3, 3), stride=(2, 2), padding=(1, 1))
    np.testing.assert_array_equal(y, [[1, 1, 0, 1]] * 3)


def test_b5_a_channel_in_is_a_channel_out():
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 8))
    for pool in (mean_pool, max_pool):
        window = {"stride": (2, 1), "padding": (1, 1)}
        y, _ = pool(x, (3, 2), **window)
        assert y.shape == (2, 3, 3, 9)
        np.testing.assert_array_equal(y[1, 2], pool(x[1, 2], (3, 2), **window)[0])
