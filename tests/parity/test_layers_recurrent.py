"""Cells and recurrent layers by hand, over padded batches: torch, differences, paper."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nlptrain.numpy_nn.arrays import flat_positions
from nlptrain.numpy_nn.cells import CELLS
from nlptrain.numpy_nn.embedding import Embedded
from nlptrain.numpy_nn.recurrent import Recurrent, recurrent

VOCABULARY, WIDTH = 7, 4
LENGTHS = np.array([4, 6, 1, 6])
SIZES = [(6, 3, 4), (1, 1, 1), (1, 2, 3), (5, 1, 1)]
"""Steps, batch, hidden."""


def build_torch(cell, inputs, hidden, **kinds):
    """Make torch's layer, time first, in float64."""
    options = {} if cell in ("gru", "lstm") else {"nonlinearity": cell.removeprefix("rnn_")}
    layer = {"gru": nn.GRU, "lstm": nn.LSTM}.get(cell, nn.RNN)
    return layer(inputs, hidden, **kinds, **options).double()


def run_torch_cell(cell, hidden, x, weight_hh, bias_hh, *initial):
    """Run torch's layer on projected inputs: its own projection is the identity.

    The initial state is h_0, and for the LSTM h_0 and c_0; without it torch takes zeros.
    """
    rows = CELLS[cell].gates * hidden
    arrays = {
        "weight_ih_l0": torch.eye(rows, dtype=torch.float64),
        "bias_ih_l0": torch.zeros(rows, dtype=torch.float64),
        "weight_hh_l0": weight_hh,
        "bias_hh_l0": bias_hh,
    }
    start = [state[None] for state in initial]
    inputs = (x, *([tuple(start)] if cell == "lstm" and start else start))
    return functional_call(build_torch(cell, rows, hidden), arrays, inputs)[0]


def run_cell(cell, x, weight_hh, bias_hh, start=None):
    """Run a cell by hand, with a row for each position."""
    rows = flat_positions(x)
    ids = np.arange(rows.shape[-2]).reshape(x.shape[-3:-1])
    return CELLS[cell].forward(Embedded(ids, rows), weight_hh, bias_hh, start)


def run_cell_from(cell, x, weight_hh, bias_hh, initial, initial_cell=None):
    """Run a cell by hand from h_0, and the LSTM from c_0 too."""
    start = initial if initial_cell is None else (initial, initial_cell)
    return run_cell(cell, x, weight_hh, bias_hh, start)


def draw_from_a_state(draw, cell, steps, batch, hidden):
    """Draw inputs and parameters, and initial states that nobody takes for each other."""
    rows = CELLS[cell].gates * hidden
    arrays = {"weight_hh": draw(rows, hidden), "bias_hh": draw(rows)}
    arrays["initial"] = 1 + draw(batch, hidden)
    if cell == "lstm":
        arrays["initial_cell"] = draw(batch, hidden) - 2
    return draw(steps, batch, rows), arrays


@pytest.mark.crossed
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("steps", "batch", "hidden"), SIZES)
def test_cell_equals_torch(check_layer, draw, cell, steps, batch, hidden):
    rows = CELLS[cell].gates * hidden
    check_layer(
        lambda x, weight_hh, bias_hh: run_cell(cell, x, weight_hh, bias_hh),
        lambda x, weight_hh, bias_hh: run_torch_cell(cell, hidden, x, weight_hh, bias_hh),
        draw(steps, batch, rows),
        weight_hh=draw(rows, hidden),
        bias_hh=draw(rows),
    )


@pytest.mark.crossed
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("steps", "batch", "hidden"), SIZES)
def test_cell_from_an_initial_state_equals_torch(check_layer, draw, cell, steps, batch, hidden):
    x, arrays = draw_from_a_state(draw, cell, steps, batch, hidden)
    check_layer(
        lambda **at: run_cell_from(cell, **at),
        lambda *tensors: run_torch_cell(cell, hidden, *tensors),
        x,
        **arrays,
    )


@pytest.mark.crossed
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("steps", [1, 5])
def test_initial_states_of_zero_change_nothing(draw, cell, steps):
    x, arrays = draw_from_a_state(draw, cell, steps, 2, 3)
    zeros = {name: 0 * arrays.pop(name) for name in list(arrays) if name.startswith("initial")}
    states, backward = run_cell_from(cell, x, **arrays, **zeros)
    expected, expected_backward = run_cell(cell, x, **arrays)
    np.testing.assert_array_equal(states, expected)
    pull = draw(*states.shape)
    (grad, grads), (expected_grad, expected_grads) = backward(pull), expected_backward(pull)
    np.testing.assert_array_equal(grad, expected_grad)
    assert sorted(grads) == sorted(expected_grads | zeros)
    for name, value in expected_grads.items():
        np.testing.assert_array_equal(grads[name], value, err_msg=name)


@pytest.mark.crossed
@pytest.mark.parametrize("cell", ["rnn_tanh", "rnn_relu", "gru"])
@pytest.mark.parametrize("cut", [1, 4])
def test_sequence_in_two_pieces_is_the_whole_one(draw, cell, cut):
    x, arrays = draw_from_a_state(draw, cell, 5, 2, 3)
    whole, _ = run_cell_from(cell, x, **arrays)
    first, _ = run_cell_from(cell, x[:cut], **arrays)
    np.testing.assert_array_equal(first, whole[:cut])
    arrays["initial"] = first[-1]
    np.testing.assert_allclose(run_cell_from(cell, x[cut:], **arrays)[0], whole[cut:], rtol=1e-12)


@pytest.mark.crossed
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("steps", [1, 5])
def test_cells_from_initial_states_stand_side_by_side(check_side_by_side, draw, cell, steps):
    x, arrays = draw_from_a_state(draw, cell, steps, 2, 3)
    check_side_by_side(lambda **at: run_cell_from(cell, **at), x, **arrays)


@pytest.mark.parametrize("cell", ["rnn_tanh", "gru", "lstm"])
def test_saturated_cell_equals_torch(check_layer, draw, cell):
    rows = CELLS[cell].gates * 2
    with np.errstate(over="ignore"):
        check_layer(
            lambda x, weight_hh, bias_hh: run_cell(cell, x, weight_hh, bias_hh),
            lambda x, weight_hh, bias_hh: run_torch_cell(cell, 2, x, weight_hh, bias_hh),
            1000 * np.sign(draw(5, 3, rows)),
            smooth=False,
            weight_hh=draw(rows, 2),
            bias_hh=draw(rows),
        )


@pytest.mark.parametrize("cell", CELLS)
def test_cells_stand_side_by_side(check_side_by_side, draw, cell):
    rows = CELLS[cell].gates * 3
    check_side_by_side(
        lambda x, weight_hh, bias_hh: run_cell(cell, x, weight_hh, bias_hh),
        draw(5, 2, rows),
        weight_hh=0.5 * draw(rows, 3),
        bias_hh=draw(rows),
    )


def test_elman_on_paper():
    x, weight, bias = np.array([[[1.0]], [[-1.5]], [[2.0]]]), np.array([[0.5]]), np.array([0.25])
    states, backward = run_cell("rnn_relu", x, weight, bias)
    # 1 + 0.25; max(−1.5 + 0.25 + 0.625, 0); 2 + 0.25 + 0
    np.testing.assert_array_equal(states.ravel(), [1.25, 0.0, 2.25])
    grad, grads = backward(np.array([[[1.0]], [[10.0]], [[100.0]]]))
    np.testing.assert_array_equal(grad.ravel(), [1.0, 0.0, 100.0])
    np.testing.assert_array_equal(grads["weight_hh"], [[0.0]])
    np.testing.assert_array_equal(grads["bias_hh"], [101.0])


def test_lstm_on_paper():
    half, quarter = 0.0, -np.log(3.0)  # σ gives 1/2 and 1/4
    x = np.array([[[half, quarter, np.arctanh(0.5), half]], [[quarter, quarter, 0.0, quarter]]])
    states, _ = run_cell("lstm", x, np.zeros((4, 1)), np.zeros(4))
    # c₁ = ½ · ½, c₂ = ¼ · c₁ + ¼ · 0; h = output · tanh(c)
    np.testing.assert_allclose(states.ravel(), [0.5 * np.tanh(0.25), 0.25 * np.tanh(1 / 16)])


def test_lstm_from_an_initial_state_on_paper():
    # All gates are σ(0) = ½, and g = tanh(h_0): c = ½ · 6 + ½ tanh(h_0), h = ½ tanh(c).
    weight = np.array([[0.0], [0.0], [1.0], [0.0]])
    start = np.array([[np.arctanh(0.5)]]), np.array([[6.0]])
    states, backward = run_cell("lstm", np.zeros((1, 1, 4)), weight, np.zeros(4), start)
    np.testing.assert_allclose(states, [[[0.5 * np.tanh(3.25)]]], rtol=1e-14)
    slope = 0.5 / np.cosh(3.25) ** 2  # dh / dc
    grads = backward(np.ones((1, 1, 1)))[1]
    np.testing.assert_allclose(grads["initial_cell"], [[0.5 * slope]], rtol=1e-12)
    np.testing.assert_allclose(grads["initial"], [[0.5 * 0.75 * slope]], rtol=1e-12)


def test_gru_on_paper():
    half, quarter = 0.0, -np.log(3.0)
    x = np.array([[[quarter, quarter, np.arctanh(0.5)]], [[half, quarter, np.arctanh(0.5)]]])
    weight, bias = np.array([[0.0], [0.0], [4.0]]), np.array([0.0, 0.0, 1.0])
    states, _ = run_cell("gru", x, weight, bias)
    # h' = (1 − z) n + z h, n = tanh(x + r (4 h + 1)): the bias stands inside the reset.
    first = 0.75 * np.tanh(np.arctanh(0.5) + 0.25)
    second = 0.75 * np.tanh(np.arctanh(0.5) + 0.5 * (4 * first + 1)) + 0.25 * first
    np.testing.assert_allclose(states.ravel(), [first, second])


def make_ids():
    """Draw token ids, time first, some repeated, with pads behind each string."""
    ids = np.random.default_rng(1).integers(1, VOCABULARY, (LENGTHS.max(), len(LENGTHS)))
    ids[1] = ids[0]
    ids[np.arange(len(ids))[:, None] >= LENGTHS] = 0
    return ids


ENCODERS = [
    Recurrent(cell, hidden, layers, both)
    for cell in CELLS
    for hidden, layers, both in [
        (3, 1, False),
        (3, 1, True),
        (2, 3, False),
        (3, 2, True),
        (1, 2, True),
    ]
]


def make_case(encoder, draw):
    """Draw the table and a recurrent layer's parameters, and a pull that leaves the pads alone."""
    layer = build_torch(
        encoder.cell,
        WIDTH,
        encoder.hidden_size,
        num_layers=encoder.num_layers,
        bidirectional=encoder.bidirectional,
    )
    arrays = {name: 0.5 * draw(*value.shape) for name, value in layer.named_parameters()}
    real = (np.arange(LENGTHS.max())[:, None] < LENGTHS)[..., None]
    width = encoder.output_size(WIDTH)
    pull = np.where(real, draw(LENGTHS.max(), len(LENGTHS), width), 0)
    return layer, {"table": draw(VOCABULARY, WIDTH), **arrays}, real, pull


def run(encoder, arrays):
    parameters = {name: array for name, array in arrays.items() if name != "table"}
    return recurrent(make_ids(), arrays["table"], LENGTHS, parameters, encoder)


def run_torch(layer, arrays):
    """Run torch's layer on a packed batch: it never sees a pad."""
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    embedded = tensors["table"][torch.from_numpy(make_ids())]
    packed = pack_padded_sequence(embedded, torch.from_numpy(LENGTHS), enforce_sorted=False)
    parameters = {name: value for name, value in tensors.items() if name != "table"}
    return pad_packed_sequence(functional_call(layer, parameters, (packed,))[0])[0], tensors


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_recurrent_layers_over_padded_strings_equal_torch(draw, encoder):
    layer, arrays, real, pull = make_case(encoder, draw)
    states, backward = run(encoder, arrays)
    expected, tensors = run_torch(layer, arrays)
    (expected * torch.from_numpy(pull)).sum().backward()
    np.testing.assert_allclose(np.where(real, states, 0), expected.detach().numpy(), atol=1e-12)
    grads = backward(pull)
    assert sorted(grads) == sorted(arrays)
    for name, tensor in tensors.items():
        np.testing.assert_allclose(
            grads[name], tensor.grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_recurrent_gradients_are_a_finite_difference(check_gradient, draw, encoder):
    _, arrays, _, pull = make_case(encoder, draw)
    grads = run(encoder, arrays)[1](pull)
    check_gradient(lambda at: (run(encoder, at)[0] * pull).sum(), arrays, grads)
