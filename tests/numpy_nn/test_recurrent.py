import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.architecture import Architecture, Recurrent
from nlptrain.numpy_nn.recurrent import recurrent, reversed_positions, run_direction

CELLS = ("rnn_tanh", "rnn_relu", "gru", "lstm")
LENGTHS = np.array([4, 1, 6, 6])


def make_torch_layer(encoder, input_size):
    torch.manual_seed(1)
    kind = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}.get(encoder.cell, torch.nn.RNN)
    options = {"nonlinearity": encoder.cell[4:]} if kind is torch.nn.RNN else {}
    return kind(
        input_size,
        encoder.hidden_size,
        num_layers=encoder.num_layers,
        bidirectional=encoder.bidirectional,
        batch_first=True,
        dtype=torch.float64,
        **options,
    )


def run_torch(layer, x, lengths):
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.from_numpy(x), torch.from_numpy(lengths), batch_first=True, enforce_sorted=False
    )
    states, _ = torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)
    return states.detach().numpy()


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_states_at_real_positions_equal_torchs_packed_layer(cell, bidirectional, num_layers):
    encoder = Recurrent(cell, 5, num_layers, bidirectional)
    layer = make_torch_layer(encoder, 3)
    x = np.random.default_rng(0).normal(size=(4, 6, 3))
    parameters = {name: each.detach().numpy() for name, each in layer.named_parameters()}
    real = np.arange(6) < LENGTHS[:, None]
    expected = run_torch(layer, x, LENGTHS)[real]
    states = recurrent(x, LENGTHS, parameters, encoder)[real]
    np.testing.assert_allclose(states, expected, rtol=0, atol=1e-13)


def test_elman_network_by_hand():
    # One unit: h = tanh(2 x + 1 + 0.5 h − 1).
    arrays = (np.array([[2.0]]), np.array([[0.5]]), np.array([1.0]), np.array([-1.0]))
    states = run_direction(np.array([[[0.3], [-0.4]]]), *arrays, cell="rnn_tanh")
    first = np.tanh(0.6)
    np.testing.assert_allclose(states[0, :, 0], [first, np.tanh(-0.8 + 0.5 * first)], rtol=1e-15)


def test_lstm_with_open_gates_adds_up_its_inputs():
    # Gates i, f, o at σ(100) ≈ 1; g = tanh(x); so c = Σ tanh(x) and h = tanh(c).
    weight_ih = np.array([[0.0], [0.0], [1.0], [0.0]])
    bias = np.array([100.0, 100.0, 0.0, 100.0])
    x = np.array([[[0.2], [0.4], [-0.1]]])
    states = run_direction(x, weight_ih, np.zeros((4, 1)), bias, np.zeros(4), cell="lstm")
    np.testing.assert_allclose(states[0, :, 0], np.tanh(np.cumsum(np.tanh(x[0, :, 0]))))


def test_gru_with_half_an_update_gate_averages():
    # r = z = σ(0) = ½, n = tanh(x): h' = ½ n + ½ h.
    weight_ih = np.array([[0.0], [0.0], [1.0]])
    x = np.array([[[1.0], [-2.0]]])
    arrays = (weight_ih, np.zeros((3, 1)), np.zeros(3), np.zeros(3))
    states = run_direction(x, *arrays, cell="gru")
    first = np.tanh(1) / 2
    np.testing.assert_allclose(states[0, :, 0], [first, (np.tanh(-2) + first) / 2])


def test_course_example_has_49408_parameters():
    encoder = Recurrent(hidden_size=128)
    architecture = Architecture(
        vocabulary_size=3, num_classes=2, embedding_dim=256, encoder=encoder
    )
    shapes = architecture.parameter_shapes()
    sizes = [np.prod(shape) for name, shape in shapes.items() if name.startswith("encoder.")]
    assert sizes == [256 * 128, 128 * 128, 128, 128]
    assert sum(sizes) == 49_408


def test_course_example_gives_all_states_and_the_last_one():
    encoder = Recurrent(hidden_size=128)
    layer = make_torch_layer(encoder, 256)
    parameters = {name: each.detach().numpy() for name, each in layer.named_parameters()}
    x = np.random.default_rng(0).normal(size=(2, 7, 256))
    states = recurrent(x, np.array([7, 7]), parameters, encoder)
    outputs, last = layer(torch.from_numpy(x))
    np.testing.assert_allclose(states, outputs.detach().numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(states[:, -1], last[0].detach().numpy(), rtol=0, atol=1e-12)


def test_positions_are_reversed_within_each_string():
    expected = [[2, 1, 0, 3], [0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3]]
    np.testing.assert_array_equal(reversed_positions(np.array([3, 1, 4, 0]), 4), expected)
